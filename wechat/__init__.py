"""The Official Account protocol: signatures, encryption, messages, the API client, a simulator.

Free of Rasa and of the rest of the project, so that any process can speak to WeChat with it: the
channel in the Rasa server, the appointment backend with its reminders, tests, the terminal chat.
"""
