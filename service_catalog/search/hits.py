"""What a search gives: the decision, and the items that fit, each with what it is and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from service_catalog.model import Bundle, Draft, Service


class Decision(str, Enum):
    """What to do with a search's results."""

    ANSWER = "answer"
    ASK = "ask"
    NONE = "none"


class ItemKind(str, Enum):
    """What an item is."""

    SERVICE = "service"
    DRAFT = "draft"
    BUNDLE = "bundle"


Item: TypeAlias = Service | Draft | Bundle


@dataclass(frozen=True)
class Hit:
    """One item that fits.

    Attributes:
        id: The service, draft or bundle.
        name: Its official name.
        score: How well it fits, 0 to 1.
        phrase: The name, alias or saying that fitted best: the evidence.
        kind: What it is. Of a draft only the name and where to ask may be told.
    """

    id: str
    name: str
    score: float
    phrase: str
    kind: ItemKind = ItemKind.SERVICE

    @property
    def draft(self) -> bool:
        """Whether it is a draft."""
        return self.kind is ItemKind.DRAFT


@dataclass(frozen=True)
class Found:
    """A search's outcome.

    Attributes:
        decision: What to do.
        hits: What may be offered, best first; empty with NONE.
        nearest: The best candidates whatever the decision: for reports, never for citizens.
    """

    decision: Decision
    hits: tuple[Hit, ...]
    nearest: tuple[Hit, ...] = ()


def kind_of(item: Item) -> ItemKind:
    """What an item is."""
    if isinstance(item, Bundle):
        return ItemKind.BUNDLE
    return ItemKind.DRAFT if isinstance(item, Draft) else ItemKind.SERVICE
