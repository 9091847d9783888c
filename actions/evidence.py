"""What the latest message is known to say: services, aspects, a time, a choice.

Reads what the graph components found; decides nothing and words nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from actions.aspects import Aspect

_ASPECTS = {aspect.value for aspect in Aspect}
_DIGITS = "一二三四五六七八九十"
_ORDINAL = re.compile(
    r"^\D{0,4}?(?:第|选|要)?\s*(?P<n>\d{1,2}|[一二两三四五六七八九十])\s*(?:个|种|号|项|条)?[.。、吧)!\uff09\uff01]?$"
)
_TIME_WORDS = re.compile(
    r"(这|本|上|下)*个?(周|星期|礼拜)[一二三四五六日天末]?|[今明后当]天|大后天|上午|下午|早上|中午|晚上"
    r"|[0-9一二三四五六七八九十]+(年|个?月|日|号|点半?|分|天后)"
)
_LAST = re.compile(r"最后|末|后面那")
_FIRST = re.compile(r"头一|前面那")


@dataclass(frozen=True)
class Candidate:
    """A service that the words may mean."""

    id: str
    score: float


@dataclass(frozen=True)
class Span:
    """A span of time that was spoken of; both ends with their offset."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Evidence:
    """What is known of the latest message.

    Attributes:
        text: The message itself.
        rest: The message without the words that ask and the words for times.
        intent: Its intent.
        confidence: How sure the classifier is of the intent, 0 to 1.
        sure: Whether the first candidate is clearly meant.
        candidates: Services that may be meant, best first; empty when none is named.
        aspects: What is asked, in the order of answers.
        when: The time spoken of, or None.
    """

    text: str
    rest: str
    intent: str
    confidence: float
    sure: bool
    candidates: tuple[Candidate, ...]
    aspects: tuple[Aspect, ...]
    when: Span | None

    @property
    def service(self) -> str | None:
        """The service that is clearly meant, or None."""
        return self.candidates[0].id if self.sure else None

    @property
    def asks(self) -> bool:
        """Whether the message asks something that the catalogue may answer."""
        return bool(self.aspects or self.candidates)


def read(latest_message: dict[str, Any]) -> Evidence:
    """The evidence in a tracker's latest message."""
    entities = latest_message.get("entities") or []
    services = [entity for entity in entities if entity["entity"] == "service"]
    named = {entity["entity"] for entity in entities} & _ASPECTS
    when = next((entity["value"] for entity in entities if entity["entity"] == "when"), None)
    text = latest_message.get("text") or ""
    asking = [entity for entity in entities if entity["entity"] in _ASPECTS]
    return Evidence(
        text=text.strip(),
        rest=_TIME_WORDS.sub("", _without(text, asking)) if when else _without(text, asking),
        intent=(latest_message.get("intent") or {}).get("name") or "",
        confidence=(latest_message.get("intent") or {}).get("confidence") or 0.0,
        sure=bool(services) and services[0].get("decision") == "answer",
        candidates=tuple(
            Candidate(entity["value"], entity.get("confidence_entity", 0.0)) for entity in services
        ),
        aspects=tuple(aspect for aspect in Aspect if aspect.value in named),
        when=_span(when),
    )


def _without(text: str, entities: list[dict[str, Any]]) -> str:
    covered = {place for e in entities for place in range(e["start"], e["end"])}
    return "".join(char for place, char in enumerate(text) if place not in covered)


def _span(value: dict[str, str] | None) -> Span | None:
    if value is None:
        return None
    return Span(datetime.fromisoformat(value["start"]), datetime.fromisoformat(value["end"]))


def chosen(text: str, count: int) -> int | None:
    """Which of `count` numbered choices the text picks, from 0; None when it picks none."""
    text = text.strip()
    if _LAST.search(text):
        return count - 1
    if _FIRST.search(text):
        return 0
    match = _ORDINAL.match(text)
    if match is None:
        return None
    word = match["n"].replace("两", "二")
    number = int(word) if word.isdigit() else _DIGITS.index(word) + 1
    return number - 1 if 1 <= number <= count else None
