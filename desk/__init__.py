"""The staffed desk behind the chat: what citizens leave for people, and what people answer."""
