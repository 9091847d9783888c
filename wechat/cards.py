"""A card with a link: what WeChat calls a news message 图文消息 with one article."""

from __future__ import annotations

from dataclasses import dataclass

TITLE_BYTES, DESCRIPTION_BYTES = 128, 512
"""Longer ones are refused (45003, 45004)."""


@dataclass(frozen=True)
class Card:
    """A headline, what stands below it, and the address that a tap opens."""

    title: str
    url: str
    description: str = ""

    def as_article(self) -> dict[str, str]:
        """As it stands in a customer-service message, short enough for WeChat."""
        return {
            "title": cut(self.title, TITLE_BYTES),
            "description": cut(self.description, DESCRIPTION_BYTES),
            "url": self.url,
        }


def cut(text: str, most: int) -> str:
    """The text, or as many whole characters of it as fit into so many bytes, with a mark."""
    if len(text.encode()) <= most:
        return text
    return text.encode()[: most - 3].decode(errors="ignore") + "…"
