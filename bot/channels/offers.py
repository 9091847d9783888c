"""The choices 选项 of the last answer, which a citizen may tap as well as number.

A tapped link comes as a text with its number beside it (`bizmsgmenuid`): the title, mostly
in simplified characters, whichever the citizen writes. Knows neither Rasa nor HTTP.
"""

from __future__ import annotations

from bot.channels.inbox import ShortMemory
from service_catalog.search.text import normalise
from wechat.messages import IncomingMessage, TextMessage, tappable

SECONDS = 3_600.0
"""So long a choice can be tapped; what it says can be written at any time."""


class Offers:
    """What lies on the table of each citizen; for one event loop."""

    def __init__(self, size: int) -> None:
        """Begin with nothing; of so many citizens the choices are kept in mind."""
        self._tables: ShortMemory[tuple[str, ...]] = ShortMemory(size=size, seconds=SECONDS)

    def lay(self, openid: str, page: str, choices: tuple[str, ...]) -> str:
        """The page with its choices as links, which are on the table now in the place of others."""
        self.clear(openid)
        if choices:
            self._tables.put(openid, choices)
        return tappable(page, choices)

    def clear(self, openid: str) -> None:
        """Take all from the table: the talk has gone on, and its numbers mean something else."""
        self._tables.pop(openid)

    def taken(self, message: IncomingMessage, words: str) -> str:
        """The number of a choice that was tapped, if it is still on the table; else `words`.

        One of an answer further up is what it says: its number means something else by now.
        """
        if isinstance(message, TextMessage) and message.menu_id:
            table = self._tables.get(message.from_user) or ()
            offered = dict(zip(map(str, range(1, len(table) + 1)), table, strict=True))
            title = offered.get(message.menu_id)
            if title is not None and normalise(title) == normalise(message.text):
                return message.menu_id
        return words
