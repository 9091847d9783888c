"""What may be sent to the backend: bodies, queries and headers, read strictly.

A fault becomes one refusal, BAD_REQUEST, that names the fields for the developer and never repeats
what was in them. The HTTP handlers call this.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import unquote

from pydantic import (
    BaseModel,
    ConstrainedInt,
    ConstrainedStr,
    StrictBool,
    ValidationError,
    validator,
)

from booking.errors import RefusalCode, Refused
from booking.identity import Principal
from booking.message_values import MessageState
from booking.values import Half, Party, read_moment

MAX_DAYS = timedelta(days=31)
MAX_CLOSURE = timedelta(days=366)
MAX_FIGURES = timedelta(days=366)
STAFF_NAME = 40
"""Characters of a staff member's name."""
YEARS = range(2000, 2101)
IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,128}")


class CitizenId(ConstrainedStr):
    """A citizen's id in the channel, like a WeChat openid."""

    strict = True
    regex = r"^[\x21-\x7e]{1,128}\Z"


class Word(ConstrainedStr):
    """An id of the catalogue; whether it exists is the office's business."""

    strict = True
    min_length = 1
    max_length = 64


class Free(ConstrainedStr):
    """What a citizen typed; whether it is a name or a phone is the office's business."""

    strict = True
    max_length = 200


class Reason(ConstrainedStr):
    """Why the hall changes something, as citizens read it."""

    strict = True
    regex = (
        r"^(?! )[\u0020-\u007e\u00b7\u2010-\u2027\u3001-\u303f\u3400-\u4dbf\u4e00-\u9fff"
        r"\uff00-\uffef]{2,100}\Z"
    )


class Offers(ConstrainedInt):
    """How many free slots to offer."""

    ge = 1
    le = 20


class Age(ConstrainedInt):
    """How old someone is."""

    strict = True
    ge = 0
    le = 130


def _moment(value: object) -> datetime:
    moment = read_moment(value)
    if moment.year not in YEARS:
        raise ValueError("year out of range")
    return moment


def _day(value: object) -> date:
    day = date.fromisoformat(value) if isinstance(value, str) else None
    if day is None or day.year not in YEARS:
        raise ValueError("not a date, or its year is out of range")
    return day


class Intake(BaseModel):
    """Base of everything that is read: unknown fields are faults."""

    class Config:
        extra = "forbid"


class PrincipalBody(Intake):
    """For whom an appointment is, when it is not for the citizen."""

    party: Party
    name: Free
    number: Free | None = None


class HoldBody(Intake):
    """POST /v1/holds."""

    citizen: CitizenId
    service: Word
    place: Word
    start: datetime
    priority: Word | None = None
    principal: PrincipalBody | None = None

    _start = validator("start", pre=True, allow_reuse=True)(_moment)

    def wanted(self) -> dict[str, Any]:
        """The fields of a wish."""
        found = dict(self)
        if self.principal is not None:
            found["principal"] = Principal(**dict(self.principal))
        return found


class BookBody(HoldBody):
    """POST /v1/appointments."""

    name: Free
    phone: Free
    id_number: Free | None = None
    announce: StrictBool = False


class ConfirmBody(Intake):
    """POST /v1/holds/{code}/confirm."""

    citizen: CitizenId
    name: Free
    phone: Free
    id_number: Free | None = None
    announce: StrictBool = False


class MoveBody(Intake):
    """POST /v1/appointments/{code}/move."""

    citizen: CitizenId
    start: datetime
    place: Word | None = None
    announce: StrictBool = False

    _start = validator("start", pre=True, allow_reuse=True)(_moment)


class HomeVisitBody(Intake):
    """POST /v1/home-visits."""

    citizen: CitizenId
    rule: Word
    service: Word
    day: date
    half: Half
    age: Age | None = None
    address: Free
    name: Free
    phone: Free
    announce: StrictBool = False

    _day = validator("day", pre=True, allow_reuse=True)(_day)

    @validator("age", pre=True)
    def _whole(cls, age: object) -> object:
        """To JSON 70.0 is an integer."""
        return int(age) if isinstance(age, float) and age.is_integer() else age


class PlateBody(Intake):
    """POST /v1/parking."""

    citizen: CitizenId
    plate: Free
    day: date

    _day = validator("day", pre=True, allow_reuse=True)(_day)


class CitizenDayBody(Intake):
    """POST /v1/parking/cancel."""

    citizen: CitizenId
    day: date

    _day = validator("day", pre=True, allow_reuse=True)(_day)


class EraseBody(Intake):
    """POST /v1/citizens/erase."""

    citizen: CitizenId
    cancel_open: StrictBool = False


class CitizenBody(Intake):
    """What needs to know nothing but whose it is: lists, cancelling, arriving, the ticket."""

    citizen: CitizenId


class AvailabilityQuery(Intake):
    """GET /v1/availability."""

    service: Word
    first: date
    until: date
    place: Word | None = None
    priority: Word | None = None

    class Config:
        fields = {"first": "from"}  # noqa: RUF012 - pydantic's way

    _days = validator("first", "until", pre=True, allow_reuse=True)(_day)

    @validator("until")
    def _span(cls, until: date, values: dict[str, date]) -> date:
        first = values.get("first")
        if first is not None and not first <= until < first + MAX_DAYS:
            raise ValueError("must be from 'from' to 30 days later")
        return until


class NearestQuery(Intake):
    """GET /v1/nearest."""

    service: Word
    wanted: datetime
    place: Word | None = None
    limit: Offers = Offers(3)
    priority: Word | None = None

    _wanted = validator("wanted", pre=True, allow_reuse=True)(_moment)


class NothingBody(Intake):
    """What needs no more than its path and who asks."""


class WindowBody(Intake):
    """POST /v1/staff/appointments/{code}/call: to which window."""

    window: Word


class ReasonBody(Intake):
    """POST /v1/staff/appointments/{code}/cancel: why, which the citizen reads."""

    reason: Reason


class ClosureBody(Intake):
    """POST /v1/staff/closures: a window, or a whole place when none is named."""

    place: Word
    window: Word | None = None
    since: datetime
    until: datetime
    reason: Reason

    _moments = validator("since", "until", pre=True, allow_reuse=True)(_moment)

    @validator("until")
    def _after(cls, until: datetime, values: dict[str, datetime]) -> datetime:
        since = values.get("since")
        if since is not None and not since < until <= since + MAX_CLOSURE:
            raise ValueError("must be after 'since', a year later at the most")
        return until


class StaffDayQuery(Intake):
    """GET /v1/staff/appointments."""

    day: date
    place: Word | None = None

    _day = validator("day", pre=True, allow_reuse=True)(_day)


class FiguresQuery(Intake):
    """GET /v1/staff/figures."""

    first: date
    until: date

    class Config:
        fields = {"first": "from"}  # noqa: RUF012 - pydantic's way

    _days = validator("first", "until", pre=True, allow_reuse=True)(_day)

    @validator("until")
    def _span(cls, until: date, values: dict[str, date]) -> date:
        first = values.get("first")
        if first is not None and not first <= until < first + MAX_FIGURES:
            raise ValueError("must be from 'from' to a year later")
        return until


class MessagesQuery(Intake):
    """GET /v1/staff/messages."""

    state: MessageState = MessageState.DEAD


class RuleQuery(Intake):
    """GET /v1/home-visits/days."""

    rule: Word


class DayQuery(Intake):
    """GET /v1/parking/day."""

    day: date

    _day = validator("day", pre=True, allow_reuse=True)(_day)


Model = TypeVar("Model", bound=Intake)


def read_body(model: type[Model], body: bytes) -> Model:
    """Read a JSON body.

    Raises:
        Refused: BAD_REQUEST.
    """
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise bad_request("the body is no JSON") from None
    if not isinstance(data, dict):
        raise bad_request("the body is no JSON object")
    return _read(model, data)


def read_query(model: type[Model], query: Mapping[str, Sequence[str]]) -> Model:
    """Read a query string, in which each parameter may stand once.

    Raises:
        Refused: BAD_REQUEST.
    """
    if any(len(values) != 1 for values in query.values()):
        raise bad_request("a parameter stands more than once")
    return _read(model, {name: values[0] for name, values in query.items()})


def read_idempotency_key(value: str | None) -> str:
    """Read the Idempotency-Key header.

    Raises:
        Refused: BAD_REQUEST.
    """
    if value is None or not IDEMPOTENCY_KEY.fullmatch(value):
        raise bad_request("header Idempotency-Key: 1 to 128 printable ASCII characters needed")
    return value


def read_staff(value: str | None) -> str:
    """Read the X-Staff header: a name of 1 to 40 characters, percent-encoded if it must be.

    Raises:
        Refused: BAD_REQUEST.
    """
    name = unquote(value or "").strip()
    if not 1 <= len(name) <= STAFF_NAME or not name.isprintable():
        raise bad_request("header X-Staff: the staff member's name of 1 to 40 characters needed")
    return name


def bad_request(note: str) -> Refused:
    """The refusal of a request that a correct client would not send."""
    return Refused(RefusalCode.BAD_REQUEST, note=note)


def _read(model: type[Model], data: Mapping[str, object]) -> Model:
    try:
        return model.parse_obj(data)
    except ValidationError as error:
        # Only our own fields are named; the name of an unknown one is the sender's text.
        faults = {
            str(fault["loc"][0]) if fault["type"] != "value_error.extra" else "unknown field"
            for fault in error.errors()
        }
        raise bad_request("faults in: " + ", ".join(sorted(faults))) from None
