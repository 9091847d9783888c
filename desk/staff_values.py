"""The values that only staff see, with their JSON form; read as strictly as `desk.values`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from booking.values import read_moment
from desk.values import (
    Case,
    CaseKind,
    CaseStatus,
    RatingLevel,
    case_kind,
    read_day,
    read_optional,
    read_text,
)


@dataclass(frozen=True)
class CaseLine:
    """A case as the list shows it, without what the citizen wrote.

    Attributes:
        number: Its number.
        kind: What sort of case it is.
        status: Whose turn it is.
        opened_at: When it was left.
        answer_by: The last day for the answer, if one was promised.
        overdue: Whether it is open past that day.
        service: Id of the service it is about.
        preview: The first characters of the text, personal data masked.
    """

    number: str
    kind: CaseKind
    status: CaseStatus
    opened_at: datetime
    answer_by: date | None
    overdue: bool
    service: str | None
    preview: str

    def as_json(self) -> dict[str, Any]:
        """The line as it goes over the wire."""
        return {
            **vars(self),
            "kind": self.kind.value,
            "status": self.status.value,
            "opened_at": self.opened_at.isoformat(),
            "answer_by": self.answer_by.isoformat() if self.answer_by else None,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> CaseLine:
        """Read a line from the wire."""
        return cls(
            number=read_text(data["number"]),
            kind=case_kind(data["kind"]),
            status=CaseStatus(data["status"]),
            opened_at=read_moment(data["opened_at"]),
            answer_by=read_day(data["answer_by"]),
            overdue=bool(data["overdue"]),
            service=read_optional(data["service"]),
            preview=read_text(data["preview"]),
        )


@dataclass(frozen=True)
class Letter:
    """What became of a reply on its way to the citizen's chat.

    Attributes:
        made_at: When the reply was written.
        delivered_at: When the citizen saw it.
        given_up_at: When the backend stopped trying.
    """

    made_at: datetime
    delivered_at: datetime | None = None
    given_up_at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """The letter as it goes over the wire."""
        return {name: at.isoformat() if at else None for name, at in vars(self).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Letter:
        """Read a letter from the wire."""
        return cls(
            made_at=read_moment(data["made_at"]),
            delivered_at=_moment_or_none(data["delivered_at"]),
            given_up_at=_moment_or_none(data["given_up_at"]),
        )


@dataclass(frozen=True)
class StaffCase:
    """A case as a staff member reads it: whole, and with its letters."""

    case: Case
    letters: tuple[Letter, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The case as it goes over the wire."""
        letters = [letter.as_json() for letter in self.letters]
        return {"case": self.case.as_json(), "letters": letters}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> StaffCase:
        """Read a case from the wire."""
        letters = tuple(Letter.from_json(letter) for letter in data["letters"])
        return cls(Case.from_json(data["case"]), letters)


@dataclass(frozen=True)
class CaseFigure:
    """How many cases of a kind have a status, and how many of them are overdue."""

    kind: CaseKind
    status: CaseStatus
    count: int
    overdue: int

    def as_json(self) -> dict[str, Any]:
        """The figure as it goes over the wire."""
        return {**vars(self), "kind": self.kind.value, "status": self.status.value}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> CaseFigure:
        """Read a figure from the wire."""
        return cls(
            kind=case_kind(data["kind"]),
            status=CaseStatus(data["status"]),
            count=int(data["count"]),
            overdue=int(data["overdue"]),
        )


@dataclass(frozen=True)
class RatingFigure:
    """How often a service (None: the hall, or an appointment alone) was rated on each level."""

    service: str | None
    counts: Mapping[RatingLevel, int]

    @property
    def total(self) -> int:
        """How many ratings there are."""
        return sum(self.counts.values())

    def as_json(self) -> dict[str, Any]:
        """The figure as it goes over the wire."""
        counts = {str(int(level)): count for level, count in self.counts.items()}
        return {"service": self.service, "counts": counts}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RatingFigure:
        """Read a figure from the wire."""
        counts = {RatingLevel(int(level)): int(n) for level, n in data["counts"].items()}
        return cls(read_optional(data["service"]), counts)


@dataclass(frozen=True)
class Figures:
    """What the desk has to do and what citizens think of it."""

    cases: tuple[CaseFigure, ...]
    ratings: tuple[RatingFigure, ...]

    def as_json(self) -> dict[str, Any]:
        """The figures as they go over the wire."""
        return {
            "cases": [one.as_json() for one in self.cases],
            "ratings": [one.as_json() for one in self.ratings],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Figures:
        """Read the figures from the wire."""
        return cls(
            cases=tuple(CaseFigure.from_json(one) for one in data["cases"]),
            ratings=tuple(RatingFigure.from_json(one) for one in data["ratings"]),
        )


def _moment_or_none(value: object) -> datetime | None:
    return None if value is None else read_moment(value)
