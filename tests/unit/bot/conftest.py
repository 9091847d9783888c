"""Imports Rasa's server once, past the warnings that old dependencies give while it is imported."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # from TensorFlow 2.12 and SQLAlchemy 1.4, as Rasa uses them
    import rasa.core.agent  # noqa: F401

    import bot.channels.wechat
    import bot.policies.rules  # noqa: F401
