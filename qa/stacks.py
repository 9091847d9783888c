"""What the bench needs from outside: a running copy, and its conversations.

The command line fills these protocols in: it knows how a copy is started, which one runs already,
and with which key its conversations are read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from qa.cases import Setting
from qa.seen import Event
from service_catalog.catalog import Catalog
from wechat.account import Account

Tell = Callable[[str], None]


class Trackers(Protocol):
    """The stored conversations of one running copy."""

    async def events(self, sender: str) -> list[Event]:
        """All events of a citizen's conversation, oldest first."""

    async def begin(self, sender: str, slots: Mapping[str, Any]) -> None:
        """Begin a conversation with these slots set, before its first message."""


@dataclass(frozen=True)
class Stack:
    """One running copy.

    Attributes:
        webhook: The address of its WeChat webhook.
        rest: The address of Rasa's REST channel; "" when it is off.
        account: Its Official Account.
        catalog: The catalogue it answers from.
        trackers: Its conversations.
        show_all: How it offers to tell everything, whatever the situation.
        model: The name of its model; "" when unknown.
    """

    webhook: str
    rest: str
    account: Account
    catalog: Catalog
    trackers: Trackers
    show_all: str
    model: str = ""


class Stacks(Protocol):
    """Where running copies come from."""

    def open(self, setting: Setting) -> AbstractAsyncContextManager[Stack]:
        """A copy for cases with this setting, running until the context is left.

        Raises:
            NoStack: There is none to be had; the message says why, in Chinese.
        """


class NoStack(Exception):
    """No running copy could be had for some cases; the message says why, in Chinese."""


def settings_of(cases: Sequence[Any]) -> list[Setting]:
    """The different settings that cases need, in the order in which they come up."""
    return list(dict.fromkeys(case.setting for case in cases))
