"""What the latest message is known to say: services, aspects, a time, a choice.

Reads what the graph components found; decides nothing and words nothing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from actions.aspects import Aspect

_ASPECTS = {aspect.value for aspect in Aspect}
_DIGITS = "零一二三四五六七八九"
_LEAD = r"[我就那要想选择请点是回复约]*\s*"
_UNIT = "[个种号项条]"
_TAIL = r"[吧呀啊哦呢]?[.。、,!)\s]*(?:谢谢[你您]?)?[.。!]?"
_ORDINAL = re.compile(
    rf"{_LEAD}(?P<back>倒数)?(?P<nth>第)?\s*\(?(?P<n>\d{{1,2}}|[一二两三四五六七八九十]{{1,3}})\)?"
    rf"\s*(?P<unit>{_UNIT})?{_TAIL}"
)
_LAST = re.compile(
    rf"{_LEAD}(?:最后|最末|(?:后|末|最?后面|最?下面)(?=[一那]))[一那的]?{_UNIT}?{_TAIL}"
)
_FIRST = re.compile(
    rf"{_LEAD}(?:最前|最开头|(?:头|前|最?前面|最?上面)(?=[一那]))[一那的]?{_UNIT}?{_TAIL}"
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_ENGLISH_WORD = re.compile(r"[A-Za-z]{2,}")
_BARE_HOW = re.compile(r"^[那该要这个]*(?:怎么办|怎么弄|咋办|咋弄|如何办)[呢啊呀哦?？。]*$")
_TIME_WORDS = re.compile(
    r"(这|本|上|下)*个?(周|星期|礼拜)[一二三四五六日天末]?|[今明后当]天|大后天|上午|下午|早上|中午|晚上"
    r"|[0-9一二三四五六七八九十]+(年|个?月|日|号|点半?|分|天后)|那几天|这几天|期间|放假|放不放假|长假"
)


@dataclass(frozen=True)
class Candidate:
    """A service that the words may mean, and the name or saying that fitted best."""

    id: str
    score: float
    phrase: str = ""


@dataclass(frozen=True)
class Span:
    """A span of time that was spoken of; both ends with their offset.

    Attributes:
        start: Its first moment.
        end: Its last second.
        day_said: Whether the day was named; else only a time of day was, and today is assumed.
    """

    start: datetime
    end: datetime
    day_said: bool = True

    def on(self, day: date) -> Span:
        """The same time of day on another day."""
        shift = day - self.start.date()
        return Span(self.start + shift, self.end + shift)

    def as_json(self) -> dict[str, str]:
        """The span as a slot keeps it."""
        day = "said" if self.day_said else "assumed"
        return {"start": self.start.isoformat(), "end": self.end.isoformat(), "day": day}

    @classmethod
    def from_json(cls, value: dict[str, str]) -> Span:
        """Read an entity's or a slot's value."""
        start, end = (datetime.fromisoformat(value[key]) for key in ("start", "end"))
        return cls(start, end, value.get("day", "said") == "said")


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
        written: The message in the script in which it was written; the same as `text` unless
            that was traditional.
    """

    text: str
    rest: str
    intent: str
    confidence: float
    sure: bool
    candidates: tuple[Candidate, ...]
    aspects: tuple[Aspect, ...]
    when: Span | None
    written: str = ""

    @property
    def english(self) -> bool:
        """Whether the message is written in English."""
        return not _HAN.search(self.text) and len(_ENGLISH_WORD.findall(self.text)) > 1

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
    written = next((e["value"] for e in entities if e["entity"] == "written"), text)
    asking = [entity for entity in entities if entity["entity"] in _ASPECTS]
    if not named and _BARE_HOW.match(text):  # too few words for a classifier
        named, latest_message = (
            {Aspect.PROCESS.value},
            {**latest_message, "intent": {"name": "ask"}},
        )
    return Evidence(
        text=text.strip(),
        rest=_TIME_WORDS.sub("", _without(text, asking))
        if when or Aspect.HOURS.value in named
        else _without(text, asking),
        intent=(latest_message.get("intent") or {}).get("name") or "",
        confidence=(latest_message.get("intent") or {}).get("confidence") or 0.0,
        sure=bool(services) and services[0].get("decision") == "answer",
        candidates=tuple(
            Candidate(
                entity["value"], entity.get("confidence_entity", 0.0), entity.get("evidence") or ""
            )
            for entity in services
        ),
        aspects=tuple(aspect for aspect in Aspect if aspect.value in named),
        when=Span.from_json(when) if when else None,
        written=written.strip(),
    )


def _without(text: str, entities: list[dict[str, Any]]) -> str:
    covered = {place for e in entities for place in range(e["start"], e["end"])}
    return "".join(char for place, char in enumerate(text) if place not in covered)


def chosen(text: str, count: int) -> int | None:
    """Which of `count` numbered choices the text picks, from 0; None when it picks none.

    The whole text has to be a choice: 周一, 12月3号 and 我要2份 say something else.
    """
    text = unicodedata.normalize("NFKC", text).replace("\ufe0f", "").replace("\u20e3", "").strip()
    if _LAST.fullmatch(text):
        return count - 1 if count > 0 else None
    if _FIRST.fullmatch(text):
        return 0 if count > 0 else None
    match = _ORDINAL.fullmatch(text)
    if match is None or _is_quantity(match, text):
        return None
    number = _number(match["n"])
    if not 1 <= number <= count:
        return None
    return count - number if match["back"] else number - 1


def _is_quantity(match: re.Match[str], text: str) -> bool:
    """两个 and 要一个 say how many, 第二个 and 选2个 say which."""
    counted = match["unit"] not in {None, "号"}
    return counted and not (match["nth"] or match["back"] or "选" in text)


def _number(word: str) -> int:
    """A number up to 99 in Arabic or Chinese figures; 0 for what is none."""
    if word.isdigit():
        return int(word)
    tens, ten, ones = word.replace("两", "二").rpartition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in tens:
        return 0
    return (_DIGITS.index(tens or "一") * 10 if ten else 0) + _DIGITS.index(ones or "零")
