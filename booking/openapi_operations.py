"""What can be asked of the office over HTTP: one entry an operation, for its OpenAPI document."""

from __future__ import annotations

from dataclasses import dataclass

from booking.intake import (
    AvailabilityQuery,
    BookBody,
    CitizenBody,
    CitizenDayBody,
    ClosureBody,
    ConfirmBody,
    DayQuery,
    EraseBody,
    FiguresQuery,
    HoldBody,
    HomeVisitBody,
    Intake,
    MessagesQuery,
    MoveBody,
    NearestQuery,
    NothingBody,
    PlateBody,
    ReasonBody,
    RuleQuery,
    StaffDayQuery,
    WindowBody,
)


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked of the office.

    Attributes:
        method: The HTTP method in lower case.
        path: The path, with its parameters in braces.
        name: The operation's id.
        summary: What it does.
        answer: Name of the answer's schema.
        query: What is read from the query string.
        body: What is read from the body.
        status: The status of an answer that is no refusal.
        keyed: Whether it needs an Idempotency-Key.
        staff: Whether it names a staff member in X-Staff.
    """

    method: str
    path: str
    name: str
    summary: str
    answer: str
    query: type[Intake] | None = None
    body: type[Intake] | None = None
    status: int = 200
    keyed: bool = False
    staff: bool = False


_STAFF = "/v1/staff"
_ONE = f"{_STAFF}/appointments/{{code}}"
STAFF_OPERATIONS = (
    Operation(
        "get", f"{_STAFF}/appointments", "staffDay",
        "A day's appointments by time, masked, with the windows that take them.",
        "Lines", query=StaffDayQuery, staff=True,
    ),
    Operation(
        "post", f"{_ONE}/read", "staffRead", "One appointment in clear; noted in the audit.",
        "Read", body=NothingBody, staff=True,
    ),
    Operation(
        "post", f"{_ONE}/check-in", "staffCheckIn", "The citizen is there, late or early.",
        "Appointment", body=NothingBody, staff=True,
    ),
    Operation(
        "post", f"{_ONE}/call", "staffCall", "A window calls the citizen.",
        "Appointment", body=WindowBody, staff=True,
    ),
    Operation(
        "post", f"{_ONE}/serve", "staffServe", "The visit is over.",
        "Appointment", body=NothingBody, staff=True,
    ),
    Operation(
        "post", f"{_ONE}/no-show", "staffNoShow", "The citizen did not come.",
        "Appointment", body=NothingBody, staff=True,
    ),
    Operation(
        "post", f"{_ONE}/cancel", "staffCancel", "Cancel in the hall's name; the citizen is told.",
        "Appointment", body=ReasonBody, staff=True,
    ),
    Operation(
        "get", f"{_STAFF}/closures", "closures", "What is shut now or later.",
        "Closures", staff=True,
    ),
    Operation(
        "post", f"{_STAFF}/closures", "shut",
        "Shut a window or a place for a time; tells whom that hits, and tells nobody else.",
        "Shut", body=ClosureBody, status=201, keyed=True, staff=True,
    ),
    Operation(
        "post", f"{_STAFF}/closures/{{closure}}/open", "openAgain", "Lift a closure.",
        "Closure", body=NothingBody, staff=True,
    ),
    Operation(
        "get", f"{_STAFF}/affected", "affected",
        "The appointments that can't be kept as things stand now.", "AffectedOnes", staff=True,
    ),
    Operation(
        "post", f"{_STAFF}/affected/tell", "tellAffected",
        "Tell those citizens, and those whose time can be kept after all.",
        "Told", body=NothingBody, staff=True,
    ),
    Operation(
        "get", f"{_STAFF}/suspensions", "suspensions", "Who may not book now.",
        "Suspensions", staff=True,
    ),
    Operation(
        "post", f"{_STAFF}/suspensions/{{suspension}}/lift", "lift", "End a suspension.",
        "Suspension", body=NothingBody, staff=True,
    ),
    Operation(
        "get", f"{_STAFF}/messages", "messages", "Messages of one state, without their words.",
        "Messages", query=MessagesQuery, staff=True,
    ),
    Operation(
        "post", f"{_STAFF}/messages/{{message}}/again", "sendAgain",
        "Let a dead message be tried again.", "Again", body=NothingBody, staff=True,
    ),
    Operation(
        "get", f"{_STAFF}/figures", "figures", "Figures by place and item.",
        "Figures", query=FiguresQuery, staff=True,
    ),
)  # fmt: skip
OPERATIONS = (
    Operation("get", "/health", "health", "Whether the server is up; needs no key.", "Health"),
    Operation("get", "/v1/openapi.json", "document", "This document.", "Document"),
    Operation(
        "get", "/v1/availability", "availability",
        "The days of a service, at most 31, each with its slots or why it can't be booked.",
        "Days", query=AvailabilityQuery,
    ),
    Operation(
        "get", "/v1/nearest", "nearest", "Free slots near a moment, the nearest first.",
        "Slots", query=NearestQuery,
    ),
    Operation(
        "post", "/v1/appointments", "book", "Book a slot.",
        "Appointment", body=BookBody, status=201, keyed=True,
    ),
    Operation(
        "post", "/v1/appointments/search", "appointments",
        "A citizen's open appointments and home visits.", "Appointments", body=CitizenBody,
    ),
    Operation(
        "post", "/v1/appointments/{code}/cancel", "cancel",
        "Give an appointment, a hold or a home visit back.",
        "Appointment", body=CitizenBody, keyed=True,
    ),
    Operation(
        "post", "/v1/appointments/{code}/ticket", "ticket",
        "The ticket as a QR code (SVG) and as a calendar file (iCalendar).",
        "TicketFiles", body=CitizenBody,
    ),
    Operation(
        "post", "/v1/appointments/{code}/arrive", "arrive",
        "The citizen is there; again changes nothing.", "Appointment", body=CitizenBody,
    ),
    Operation(
        "post", "/v1/holds", "hold",
        "Keep a slot for some minutes; an earlier hold for the same item is given up.",
        "Appointment", body=HoldBody, status=201, keyed=True,
    ),
    Operation(
        "post", "/v1/holds/{code}/confirm", "confirm", "Make a hold an appointment.",
        "Appointment", body=ConfirmBody, keyed=True,
    ),
    Operation(
        "post", "/v1/appointments/{code}/move", "move",
        "Put an appointment on another slot, in one transaction.",
        "Appointment", body=MoveBody, keyed=True,
    ),
    Operation(
        "get", "/v1/home-visits/days", "homeVisitDays",
        "The days on which a home visit of a rule can be booked.", "HomeVisitDays",
        query=RuleQuery,
    ),
    Operation(
        "post", "/v1/home-visits", "bookHomeVisit", "Book a home visit.",
        "Appointment", body=HomeVisitBody, status=201, keyed=True,
    ),
    Operation(
        "post", "/v1/parking", "registerPlate", "Register a number plate for a day.",
        "Plate", body=PlateBody, status=201,
    ),
    Operation(
        "post", "/v1/parking/search", "plates", "A citizen's plates from today on.",
        "Plates", body=CitizenBody,
    ),
    Operation(
        "post", "/v1/parking/cancel", "cancelPlates", "Give a day's plates up.",
        "Plates", body=CitizenDayBody,
    ),
    Operation(
        "get", "/v1/parking/day", "platesOfDay", "The plates that may park on a day, in full.",
        "PlatesOfDay", query=DayQuery,
    ),
    Operation(
        "post", "/v1/citizens/erase", "erase", "Erase what is kept about a citizen.",
        "Erased", body=EraseBody,
    ),
    *STAFF_OPERATIONS,
)  # fmt: skip
