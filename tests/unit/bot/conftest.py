"""The channel in a server, and Rasa imported past the warnings of its old dependencies."""

from __future__ import annotations

import warnings

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # from TensorFlow 2.12 and SQLAlchemy 1.4, as Rasa uses them
    import rasa.core.agent  # noqa: F401

    import bot.channels.wechat
    import bot.policies.rules  # noqa: F401

from channel_world import running


@pytest.fixture
async def hall():
    """The channel in a real server, with a scripted bot behind it."""
    async with running() as hall:
        yield hall


@pytest.fixture
async def citizen(hall):
    """A citizen who writes to that server as WeChat does."""
    return hall.citizen()
