"""Imports Rasa once, past the one warning that an old dependency gives while it is imported."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.filterwarnings(
        "ignore",
        message="jax.xla_computation is deprecated",  # TensorFlow 2.12 asks for it
        category=DeprecationWarning,
    )
    import bot.nlu.when  # noqa: F401
