"""What the office answers over HTTP, as JSON schemas for its OpenAPI document."""

from __future__ import annotations

from typing import Any

from booking.errors import RefusalCode
from booking.message_values import MessageKind, MessageState
from booking.values import Half, Kind, Party, Status

COMPONENTS = "#/components/schemas/"
Json = dict[str, Any]


def ref(name: str) -> Json:
    """A reference to a schema."""
    return {"$ref": COMPONENTS + name}


def _object(**properties: Json) -> Json:
    """An object that has all of these, and nothing else."""
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }


def _list(name: str) -> Json:
    return {"type": "array", "items": ref(name)}


_TEXT: Json = {"type": "string"}
_MAYBE: Json = {"type": ["string", "null"]}
_COUNT: Json = {"type": "integer", "minimum": 0}
_DATE: Json = {"type": "string", "format": "date"}
_MOMENT: Json = {"type": "string", "format": "date-time"}
_MAYBE_MOMENT: Json = {"type": ["string", "null"], "format": "date-time"}


def _one_of(*values: str) -> Json:
    return {"type": "string", "enum": list(values)}


def answers() -> Json:
    """The schemas of all answers, by name."""
    slot = _object(place=_TEXT, start=_MOMENT, end=_MOMENT, free=_COUNT)
    return {
        "Health": _object(status={"const": "ok"}),
        "Document": {"type": "object", "required": ["openapi", "paths"]},
        "Slot": slot,
        "Slots": _object(slots=_list("Slot")),
        "Day": _object(
            place=_TEXT, day=_DATE, open={"type": "boolean"}, code=_MAYBE, reason=_MAYBE,
            slots=_list("Slot"),
        ),
        "Days": _object(days=_list("Day")),
        "Appointment": _object(
            code=_TEXT, service=_TEXT, service_name=_TEXT, place=_TEXT, place_name=_TEXT,
            start=_MOMENT, end=_MOMENT, status=_one_of(*(each.value for each in Status)),
            name=_TEXT, phone=_TEXT, kind=_one_of(*(each.value for each in Kind)), address=_MAYBE,
            party=_one_of(*(each.value for each in Party)), principal=_MAYBE, priority=_MAYBE,
            expires=_MAYBE_MOMENT, affected=_MAYBE, arrived=_MAYBE_MOMENT,
        ),
        "TicketFiles": _object(code=_TEXT, qr=_TEXT, calendar=_TEXT),
        "Appointments": _object(appointments=_list("Appointment")),
        "HomeVisitDay": _object(
            day=_DATE, free=_COUNT,
            halves={"type": "array", "items": _one_of(*(each.value for each in Half))},
        ),
        "HomeVisitDays": _object(days=_list("HomeVisitDay")),
        "Plate": _object(day=_DATE, plate=_TEXT, place=_TEXT, place_name=_TEXT),
        "Plates": _object(plates=_list("Plate")),
        "PlatesOfDay": _object(day=_DATE, plates={"type": "array", "items": _TEXT}),
        "Erased": _object(appointments=_COUNT, cancelled=_COUNT, plates=_COUNT),
        **_staff_answers(),
        "Problem": {
            "type": "object",
            "required": ["type", "title", "status", "code", "detail", "staff", "nearest"],
            "properties": {
                "type": {"type": "string", "format": "uri"},
                "title": _TEXT,
                "status": {"type": "integer", "minimum": 400, "maximum": 599},
                "code": _one_of(*(each.value for each in RefusalCode)),
                "detail": {**_TEXT, "description": "What the citizen reads, in Chinese."},
                "staff": {**_TEXT, "description": "What staff read, in Chinese."},
                "note": {**_TEXT, "description": "What a developer reads."},
                "nearest": _list("Slot"),
            },
            "additionalProperties": False,
        },
    }  # fmt: skip


def _staff_answers() -> Json:
    appointment, seconds = ref("Appointment"), {"type": ["number", "null"], "minimum": 0}
    closure = _object(
        id=_TEXT,
        place=_TEXT,
        window=_MAYBE,
        since=_MOMENT,
        until=_MOMENT,
        reason=_TEXT,
        staff=_TEXT,
    )
    hit = _object(
        appointment=appointment, reason=_TEXT, told={"type": "boolean"}, nearest=_list("Slot")
    )
    return {
        "Line": _object(
            appointment=appointment, windows={"type": "array", "items": _TEXT}, window=_MAYBE,
            called=_MAYBE_MOMENT, served=_MAYBE_MOMENT,
        ),
        "Lines": _object(appointments=_list("Line")),
        "Read": _object(
            line=ref("Line"), name=_TEXT, phone=_TEXT, principal=_MAYBE, id_number=_MAYBE,
            address=_MAYBE,
        ),
        "Closure": closure,
        "Closures": _object(closures=_list("Closure")),
        "Affected": hit,
        "AffectedOnes": _object(affected=_list("Affected")),
        "Shut": _object(closure=ref("Closure"), affected=_list("Affected")),
        "Told": _object(told=_COUNT, restored=_COUNT),
        "Suspension": _object(
            id=_TEXT, code=_TEXT, name=_TEXT, since=_MOMENT, until=_MOMENT, no_shows=_COUNT
        ),
        "Suspensions": _object(suspensions=_list("Suspension")),
        "Message": _object(
            id=_TEXT, code=_TEXT, kind=_one_of(*(each.value for each in MessageKind)),
            state=ref("MessageState"), due=_MOMENT, tries=_COUNT,
            why=_MAYBE,
        ),
        "MessageState": _one_of(*(each.value for each in MessageState)),
        "Messages": _object(messages=_list("Message")),
        "Again": _object(again={"const": True}),
        "Figure": _object(
            place=_TEXT, item=_TEXT, name=_TEXT, booked=_COUNT, cancelled=_COUNT, arrived=_COUNT,
            served=_COUNT, no_shows=_COUNT, waited=seconds,
        ),
        "Figures": _object(figures=_list("Figure")),
    }  # fmt: skip
