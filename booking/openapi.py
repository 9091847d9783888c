"""The HTTP API of the appointment office as an OpenAPI 3.1 document.

Made from what the handlers read with (`booking.intake`) and from the closed list of refusals
(`booking.errors`); what they answer is described in `booking.openapi_answers`. Served at
GET /v1/openapi.json. Tests call every operation as the document describes it, and hold that each
route has its operation.
"""

from __future__ import annotations

import json
import re

from pydantic.schema import schema as schemas_of

from booking.intake import IDEMPOTENCY_KEY, YEARS
from booking.openapi_answers import COMPONENTS, Json, answers, ref
from booking.openapi_operations import OPERATIONS, Operation

VERSION = "1.1.0"
_PROBLEM = "application/problem+json"
_YEAR = "^({})-".format("|".join(str(year) for year in YEARS))


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
            "schemas": {**answers(), **_bodies()},
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
                "content": {"application/json": {"schema": ref(one.answer)}},
            },
            "default": {
                "description": "Refused; nothing was changed.",
                "content": {_PROBLEM: {"schema": ref("Problem")}},
            },
        },
    }
    if one.path == "/health":
        described["security"] = []
    if one.body is not None:
        schema = ref(one.body.__name__)
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
    if one.staff:
        described = "Who calls; a name of 1 to 40 characters, percent-encoded if it must be."
        parameters.append(
            {
                "name": "X-Staff",
                "in": "header",
                "required": True,
                "description": described,
                "schema": {"type": "string", "pattern": "^[!-~]{1,40}$"},
            }
        )
    if one.query is not None:
        read = _mended(one.query.schema(ref_template=COMPONENTS + "{model}"))
        parameters += [
            {
                "name": name,
                "in": "query",
                "required": name in read.get("required", ()),
                "schema": schema,
            }
            for name, schema in read["properties"].items()
        ]
    return parameters


def _bodies() -> Json:
    models = sorted({one.body for one in OPERATIONS if one.body}, key=lambda each: each.__name__)
    found: Json = schemas_of(models, ref_prefix=COMPONENTS)["definitions"]
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
