"""What runs inside the Rasa server: WeChat channel, graph components, conversation store."""
