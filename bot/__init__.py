"""What runs inside the Rasa server: the WeChat channel, graph components, the conversation store."""
