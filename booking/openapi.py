"""The HTTP API of the appointment office as an OpenAPI 3.1 document.

Made from what the handlers read with (`booking.intake`) and from the closed list of refusals
(`booking.errors`); what they answer is described here. Served at GET /v1/openapi.json. Tests call
every operation as the document describes it, and hold that each route has its operation.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from pydantic.schema import schema as schemas_of

from booking.errors import RefusalCode
from booking.intake import (
    IDEMPOTENCY_KEY,
    YEARS,
    AvailabilityQuery,
    BookBody,
    CitizenBody,
    CitizenDayBody,
    DayQuery,
    EraseBody,
    HomeVisitBody,
    Intake,
    MoveBody,
    NearestQuery,
    PlateBody,
    RuleQuery,
)
from booking.values import Half, Kind, Status

VERSION = "1.0.0"
_COMPONENTS = "#/components/schemas/"
_PROBLEM = "application/problem+json"
_YEAR = "^({})-".format("|".join(str(year) for year in YEARS))

Json = dict[str, Any]


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
        "Give an appointment or a home visit back.", "Appointment", body=CitizenBody,
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
)  # fmt: skip


def document() -> Json:
    """The document; a new one each time, so that callers may change it."""
    described = {
        "openapi": "3.1.0",
        "info": {
            "title": "banshi appointment office",
            "version": VERSION,
            "description": (
                "Between the hall's own processes. Moments are ISO 8601 with an offset and come"
                " back in Asia/Shanghai. A refusal is a problem (RFC 9457): `code` for programs,"
                " `detail` for the citizen, `staff` for the hall's staff, `note` for developers."
                " A request with an Idempotency-Key may be repeated: it is done once and answered"
                " alike."
            ),
        },
        "security": [{"key": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {**_answers(), **_bodies()},
        },
    }
    plain: Json = json.loads(json.dumps(described))  # without the types of defaults
    return plain


def _paths() -> Json:
    paths: Json = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method] = _operation(one)
    return paths


def _operation(one: Operation) -> Json:
    described: Json = {
        "operationId": one.name,
        "summary": one.summary,
        "parameters": _parameters(one),
        "responses": {
            str(one.status): {
                "description": "Done.",
                "content": {"application/json": {"schema": _ref(one.answer)}},
            },
            "default": {
                "description": "Refused; nothing was changed.",
                "content": {_PROBLEM: {"schema": _ref("Problem")}},
            },
        },
    }
    if one.path == "/health":
        described["security"] = []
    if one.body is not None:
        schema = _ref(one.body.__name__)
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    return described


def _parameters(one: Operation) -> list[Json]:
    parameters: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", one.path)
    ]
    if one.keyed:
        schema = {"type": "string", "pattern": _pattern(IDEMPOTENCY_KEY.pattern)}
        parameters.append(
            {"name": "Idempotency-Key", "in": "header", "required": True, "schema": schema}
        )
    if one.query is not None:
        read = _mended(one.query.schema())
        parameters += [
            {"name": name, "in": "query", "required": name in read["required"], "schema": schema}
            for name, schema in read["properties"].items()
        ]
    return parameters


def _bodies() -> Json:
    models = sorted({one.body for one in OPERATIONS if one.body}, key=lambda each: each.__name__)
    found: Json = schemas_of(models, ref_prefix=_COMPONENTS)["definitions"]
    return {name: _mended(schema) for name, schema in found.items()}


def _mended(schema: Json) -> Json:
    """Pydantic's schema in the words of JSON Schema, with the years that are read."""
    mended: Json = {}
    for key, value in schema.items():
        if key in ("title", "description"):
            continue
        mended[key] = _mended(value) if isinstance(value, dict) else value
        if key == "pattern":
            mended[key] = _pattern(value)
        elif key == "format" and value in ("date", "date-time"):
            mended["pattern"] = _YEAR
    return mended


def _pattern(python: str) -> str:
    """A pattern for the whole text; Python's own sign for the end is none of JSON Schema's."""
    return f"^{python.removeprefix('^').removesuffix(chr(92) + 'Z')}$"


def _ref(name: str) -> Json:
    return {"$ref": _COMPONENTS + name}


def _object(**properties: Json) -> Json:
    """An object that has all of these, and nothing else."""
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }


def _list(name: str) -> Json:
    return {"type": "array", "items": _ref(name)}


_TEXT: Json = {"type": "string"}
_MAYBE: Json = {"type": ["string", "null"]}
_COUNT: Json = {"type": "integer", "minimum": 0}
_DATE: Json = {"type": "string", "format": "date"}
_MOMENT: Json = {"type": "string", "format": "date-time"}


def _one_of(*values: str) -> Json:
    return {"type": "string", "enum": list(values)}


def _answers() -> Json:
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
        ),
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
