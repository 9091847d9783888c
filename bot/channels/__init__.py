"""Rasa's doors: the input channels that this project adds to Rasa's own."""
