"""The values that travel between the desk and its client, with their JSON form.

Both sides import this module, so it knows neither Sanic nor SQLAlchemy. Reading is strict: a field
that is missing or of the wrong type raises `ValueError`, `KeyError` or `TypeError`, which the
client takes as a broken answer. What only staff see is in `desk.staff_values`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, IntEnum
from typing import Any

from booking.values import read_moment

MAX_TEXT = 2000
"""Characters of what a citizen or a staff member writes at once."""
MAX_TRANSCRIPT = 200
"""Messages of the chat that may be handed over with a case."""


class CaseKind(str, Enum):
    """What a citizen leaves for people.

    Attributes:
        label: Its Chinese name.
    """

    label: str

    def __new__(cls, kind: str, label: str) -> CaseKind:
        """Make the member that is the string `kind` and carries its name."""
        member = str.__new__(cls, kind)
        member._value_ = kind
        member.label = label
        return member

    HANDOVER = ("handover", "转人工")
    MESSAGE = ("message", "留言")
    COMPLAINT = ("complaint", "投诉")
    PRAISE = ("praise", "表扬")
    SUGGESTION = ("suggestion", "建议")
    LOW_RATING = ("low_rating", "差评")


class CaseStatus(str, Enum):
    """Whose turn it is: the staff's (open), the citizen's (answered), nobody's (closed)."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class Who(str, Enum):
    """Who said something in a case."""

    CITIZEN = "citizen"
    STAFF = "staff"
    ASSISTANT = "assistant"


class RatingLevel(IntEnum):
    """好差评: the five levels of 国办发〔2019〕51号; 2 and 1 are 差评."""

    VERY_BAD = 1
    BAD = 2
    FAIR = 3
    GOOD = 4
    VERY_GOOD = 5

    @property
    def label(self) -> str:
        """The level as the circular names it."""
        return ("非常不满意", "不满意", "基本满意", "满意", "非常满意")[self - 1]

    @property
    def is_low(self) -> bool:
        """Whether it is a 差评, which the hall has to follow up."""
        return self <= RatingLevel.BAD


@dataclass(frozen=True)
class Message:
    """Something that was said, by whom and when."""

    who: Who
    at: datetime
    text: str = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        """The message as it goes over the wire."""
        return {"who": self.who.value, "at": self.at.isoformat(), "text": self.text}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Message:
        """Read a message from the wire."""
        return cls(Who(data["who"]), read_moment(data["at"]), read_text(data["text"]))


@dataclass(frozen=True)
class Case:
    """One thing that a citizen left for people.

    Attributes:
        number: By which citizen and staff speak of it.
        kind: What sort of thing it is.
        status: Whose turn it is.
        opened_at: When it was left.
        answer_by: The last day for the answer; None when the hall promises none or can't know it.
        text: What the citizen wrote when leaving it.
        service: Id of the service it is about.
        messages: The chat that was handed over, then what was said since.
    """

    number: str
    kind: CaseKind
    status: CaseStatus
    opened_at: datetime
    answer_by: date | None
    text: str = field(repr=False)
    service: str | None = None
    messages: tuple[Message, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The case as it goes over the wire."""
        return {
            "number": self.number,
            "kind": self.kind.value,
            "status": self.status.value,
            "opened_at": self.opened_at.isoformat(),
            "answer_by": self.answer_by.isoformat() if self.answer_by else None,
            "text": self.text,
            "service": self.service,
            "messages": [message.as_json() for message in self.messages],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Case:
        """Read a case from the wire."""
        return cls(
            number=read_text(data["number"]),
            kind=case_kind(data["kind"]),
            status=CaseStatus(data["status"]),
            opened_at=read_moment(data["opened_at"]),
            answer_by=read_day(data["answer_by"]),
            text=read_text(data["text"]),
            service=read_optional(data["service"]),
            messages=tuple(Message.from_json(one) for one in data["messages"]),
        )


@dataclass(frozen=True)
class Progress:
    """How far an application has come.

    Attributes:
        number: 办件编号.
        service_name: 事项名称.
        stage: 当前环节.
        since: The day since which it is there.
        next_step: What comes next, when the office says so.
        done: 是否办结.
    """

    number: str
    service_name: str
    stage: str
    since: date
    next_step: str | None
    done: bool

    def as_json(self) -> dict[str, Any]:
        """The progress as it goes over the wire."""
        return {**vars(self), "since": self.since.isoformat()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Progress:
        """Read a progress from the wire."""
        done = data["done"]
        if not isinstance(done, bool):
            raise TypeError("done is a boolean")
        return cls(
            number=read_text(data["number"]),
            service_name=read_text(data["service_name"]),
            stage=read_text(data["stage"]),
            since=date.fromisoformat(read_text(data["since"])),
            next_step=read_optional(data["next_step"]),
            done=done,
        )


COMPLAINT_ON_FILE = "complaint_on_file"
"""Why something stays: a complaint that is not closed, or not for as long as it has to be kept."""


@dataclass(frozen=True)
class Kept:
    """Something that stays although the citizen asked for erasure.

    Attributes:
        number: The case's number.
        kind: What sort of case it is.
        code: Why it stays, from a closed list: `COMPLAINT_ON_FILE`.
        reason: The same for the citizen, in Chinese.
    """

    number: str
    kind: CaseKind
    code: str
    reason: str

    def as_json(self) -> dict[str, Any]:
        """What is kept, as it goes over the wire."""
        return {**vars(self), "kind": self.kind.value}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Kept:
        """Read it from the wire."""
        return cls(
            number=read_text(data["number"]),
            kind=case_kind(data["kind"]),
            code=read_text(data["code"]),
            reason=read_text(data["reason"]),
        )


@dataclass(frozen=True)
class Erased:
    """What an erasure did.

    Attributes:
        counts: How many were deleted, by what: the kinds of cases and `letters`; `ratings` were
            not deleted but tell no more whose they are. What there was none of is not named.
        kept: What stays and why.
    """

    counts: Mapping[str, int]
    kept: tuple[Kept, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The outcome as it goes over the wire."""
        return {"counts": dict(self.counts), "kept": [one.as_json() for one in self.kept]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Erased:
        """Read it from the wire."""
        return cls(
            counts={read_text(what): int(count) for what, count in data["counts"].items()},
            kept=tuple(Kept.from_json(one) for one in data["kept"]),
        )


@dataclass(frozen=True)
class QuestionGroup:
    """Questions without an answer that ask nearly the same.

    Attributes:
        id: Of one question of the group; marking it as done marks the group.
        text: The most frequent wording, masked.
        count: How many questions there are.
        first_seen: When the first was asked.
        last_seen: When the last was asked.
        outcomes: How often the chat ended the question in which way.
        nearest: Ids of the services that came nearest, most frequent first.
    """

    id: int
    text: str
    count: int
    first_seen: datetime
    last_seen: datetime
    outcomes: Mapping[str, int]
    nearest: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The group as it goes over the wire."""
        return {
            **vars(self),
            "first_seen": self.first_seen.isoformat(),
            "last_seen": self.last_seen.isoformat(),
            "outcomes": dict(self.outcomes),
            "nearest": list(self.nearest),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> QuestionGroup:
        """Read a group from the wire."""
        return cls(
            id=int(data["id"]),
            text=read_text(data["text"]),
            count=int(data["count"]),
            first_seen=read_moment(data["first_seen"]),
            last_seen=read_moment(data["last_seen"]),
            outcomes={read_text(code): int(count) for code, count in data["outcomes"].items()},
            nearest=tuple(read_text(service) for service in data["nearest"]),
        )


def case_kind(value: object) -> CaseKind:
    """The kind of this value; CaseKind(value) works too, but mypy expects two arguments."""
    for kind in CaseKind:
        if kind.value == value:
            return kind
    raise ValueError("no kind of case")


def read_text(value: object) -> str:
    """A string.

    Raises:
        TypeError: It is none.
    """
    if not isinstance(value, str):
        raise TypeError(f"expected a string, got {type(value).__name__}")
    return value


def read_optional(value: object) -> str | None:
    """A string or nothing.

    Raises:
        TypeError: It is neither.
    """
    return None if value is None else read_text(value)


def read_day(value: object) -> date | None:
    """A date as ISO 8601, or nothing.

    Raises:
        TypeError: It is no string.
        ValueError: It is no date.
    """
    return None if value is None else date.fromisoformat(read_text(value))
