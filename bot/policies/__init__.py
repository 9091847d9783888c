"""Dialogue policies that this project adds to Rasa's own."""
