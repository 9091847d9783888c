"""What may be sent to the desk: bodies and headers, read strictly.

As in `booking.intake`, a fault becomes one refusal, BAD_REQUEST, that names the fields for the
developer and never repeats what was in them. The HTTP handlers call this.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import date, datetime
from typing import Any, TypeVar

from pydantic import ConstrainedInt, ConstrainedList, ConstrainedStr, validator

from booking import intake
from booking.errors import Refused
from booking.intake import CitizenId, Intake
from booking.tickets import read_code
from booking.values import read_moment
from desk.errors import DeskCode, DeskRefused
from desk.values import MAX_TEXT, MAX_TRANSCRIPT, CaseKind, CaseStatus, RatingLevel, Who


class Said(ConstrainedStr):
    """Words of a person: not empty, whole characters, without blanks at the ends."""

    strict = True
    strip_whitespace = True
    min_length = 1
    max_length = MAX_TEXT

    @classmethod
    def __get_validators__(cls) -> Generator[Callable[..., Any], None, None]:
        """The base's checks, then that it can be written: half a character can't."""
        yield from super().__get_validators__()
        yield cls._whole

    @classmethod
    def _whole(cls, value: str) -> str:
        value.encode()  # its error is a ValueError, which pydantic takes as a fault
        return value


class ServiceId(ConstrainedStr):
    """An id of the catalogue's form; a service may be gone by now, so it needn't exist."""

    strict = True
    max_length = 64
    regex = r"^[a-z0-9]+(-[a-z0-9]+)*\Z"


class Outcome(ConstrainedStr):
    """How the chat ended a question: a code of the chat's own list."""

    strict = True
    regex = r"^[a-z_]{1,32}\Z"


class Short(ConstrainedStr):
    """A number as a citizen typed it."""

    strict = True
    strip_whitespace = True
    min_length = 1
    max_length = 64


class Level(ConstrainedInt):
    """1 to 5."""

    strict = True
    ge = int(min(RatingLevel))
    le = int(max(RatingLevel))


class Listed(ConstrainedInt):
    """How many cases to list."""

    strict = True
    ge = 1
    le = 200


class Line(Intake):
    """A message of the chat that is handed over."""

    who: Who
    at: datetime
    text: Said

    _at = validator("at", pre=True, allow_reuse=True)(read_moment)

    @validator("who")
    def _of_the_chat(cls, who: Who) -> Who:
        if who is Who.STAFF:
            raise ValueError("staff answer at the desk")
        return who


class Transcript(ConstrainedList):
    """The chat so far, oldest first."""

    item_type = Line
    __args__ = (Line,)
    max_items = MAX_TRANSCRIPT


class Nearest(ConstrainedList):
    """Ids of services, best first."""

    item_type = ServiceId
    __args__ = (ServiceId,)
    max_items = 10


class OpenBody(Intake):
    """POST /v1/desk/cases."""

    citizen: CitizenId
    kind: CaseKind
    text: Said
    transcript: Transcript = Transcript()
    service: ServiceId | None = None


class SaidBody(Intake):
    """POST /v1/desk/cases/{number}/messages."""

    citizen: CitizenId
    text: Said


class CitizenBody(Intake):
    """Searches, closing and erasure."""

    citizen: CitizenId


class About(Intake):
    """What is rated: a service, an appointment, or (neither) the hall."""

    service: ServiceId | None = None
    appointment: str | None = None

    @validator("appointment")
    def _code(cls, typed: str | None) -> str | None:
        code = None if typed is None else read_code(typed)
        if typed is not None and code is None:
            raise ValueError("no ticket code")
        return code


class RateBody(Intake):
    """POST /v1/desk/ratings."""

    citizen: CitizenId
    level: Level
    about: About = About()


class QuestionBody(Intake):
    """POST /v1/desk/questions."""

    text: Said
    outcome: Outcome
    nearest: Nearest = Nearest()


class ProgressBody(Intake):
    """POST /v1/desk/progress."""

    citizen: CitizenId
    number: Short
    check: Short | None = None


class NothingBody(Intake):
    """A staff call that needs no more than its path."""


class ListBody(Intake):
    """POST /v1/desk/staff/cases."""

    status: CaseStatus | None = None
    kind: CaseKind | None = None
    limit: Listed = Listed(50)


class ReplyBody(Intake):
    """POST /v1/desk/staff/cases/{number}/reply."""

    text: Said


class QuestionsBody(Intake):
    """POST /v1/desk/staff/questions."""

    since: date | None = None
    outcome: Outcome | None = None

    @validator("since", pre=True)
    def _day(cls, value: object) -> date | None:
        if value is None:
            return None
        if not isinstance(value, str):
            raise ValueError("not a date")
        return date.fromisoformat(value)


Model = TypeVar("Model", bound=Intake)


def read_body(model: type[Model], body: bytes) -> Model:
    """Read a JSON body.

    Raises:
        DeskRefused: BAD_REQUEST.
    """
    try:
        return intake.read_body(model, body)
    except Refused as refused:
        raise DeskRefused(DeskCode.BAD_REQUEST, note=refused.note) from None


def read_idempotency_key(value: str | None) -> str:
    """Read the Idempotency-Key header.

    Raises:
        DeskRefused: BAD_REQUEST.
    """
    try:
        return intake.read_idempotency_key(value)
    except Refused as refused:
        raise DeskRefused(DeskCode.BAD_REQUEST, note=refused.note) from None


def read_staff(value: str | None) -> str:
    """Read the X-Staff header, as `booking.intake` does.

    Raises:
        DeskRefused: BAD_REQUEST.
    """
    try:
        return intake.read_staff(value)
    except Refused as refused:
        raise DeskRefused(DeskCode.BAD_REQUEST, note=refused.note) from None
