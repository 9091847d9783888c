"""What runs in the action server: one module a topic. Rasa calls the actions by their names."""
