"""The API as its document describes it: every operation is called with what may be sent, and not.

schemathesis makes the requests from the document alone. In half of them known ids stand where a
citizen's request would have them, so that not every one ends at an unknown service.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import schemathesis
from booking_world import World, at
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from booking.app import create_app
from booking.errors import RefusalCode
from booking.intake import HomeVisitBody
from booking.openapi import OPERATIONS, document
from booking.testing import KEY, sample_catalog, sample_settings, write_catalog
from booking.values import read_moment

HEADERS = {"Authorization": f"Bearer {KEY}"}
KNOWN: dict[str, Any] = {
    "citizen": "citizen-1",
    "service": "id-card",
    "place": "district-hall",
    "rule": "elderly",
    "start": "2026-11-24T09:00:00+08:00",
    "wanted": "2026-11-24T09:00:00+08:00",
    "from": "2026-11-24",
    "until": "2026-11-27",
    "day": "2026-11-24",
    "name": "张三",
    "phone": "13812345678",
    "plate": "川A12345",
    "address": "清禾区龙潭镇上岭村3组12号",
    "age": 70,
}
EXAMPLES = 15
SPANS = {"availability", "figures", "shut"}
"""`until` depends on `from` or `since`, which a schema can't say."""


@pytest.fixture
def database(tmp_path: Path) -> str:
    """SQLite alone: what is read and written here is the same on both databases."""
    return f"sqlite+aiosqlite:///{tmp_path / 'booking.db'}"


def with_known(case: schemathesis.Case, names: set[str]) -> schemathesis.Case:
    """The request with these of its values put in by known ones."""
    for part in (case.query, case.body):
        if isinstance(part, dict):
            part.update({name: KNOWN[name] for name in names if name in part})
    return case


def calls() -> Iterator[Any]:
    """Each operation with what may be sent and, where something is read, with what may not."""
    for one in OPERATIONS:
        yield pytest.param(one.name, GenerationMode.POSITIVE, id=f"{one.name}-right")
        if one.query or one.body:
            yield pytest.param(one.name, GenerationMode.NEGATIVE, id=f"{one.name}-wrong")


@pytest.mark.parametrize(("name", "mode"), calls())
async def test_an_operation_keeps_to_its_document(world: World, name: str, mode: Any) -> None:
    schema = schemathesis.openapi.from_dict(document())
    operation = schema.find_operation_by_id(name)
    cases = operation.as_strategy(generation_mode=mode)
    positive = mode is GenerationMode.POSITIVE
    known = st.sets(st.sampled_from(sorted(KNOWN))) if positive else st.just(set())

    @seed(20261126)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, names=known)
    def check(case: schemathesis.Case, names: set[str]) -> None:
        case = with_known(case, names)
        # What may be sent may still be refused by a rule of the hall, but is never unreadable.
        answer = case.call_and_validate(
            base_url=world.url,
            headers=HEADERS,
            timeout=10,
            excluded_checks=[positive_data_acceptance],
        )
        unreadable = positive and answer.status_code == 400 and name not in SPANS
        assert not unreadable, f"{case.query} {case.body} {answer.text}"

    await asyncio.to_thread(check)


def test_each_route_has_its_operation(tmp_path: Path) -> None:
    write_catalog(sample_catalog(), tmp_path / "catalog")
    app = create_app(sample_settings(tmp_path))
    routes = {
        (method.lower(), "/" + re.sub(r"<(\w+)(?::\w+)?>", r"{\1}", route.path))
        for route in app.router.routes
        for method in route.methods
    }
    assert routes == {(one.method, one.path) for one in OPERATIONS}


async def test_the_document_is_served_with_the_key_alone(world: World) -> None:
    async with aiohttp.ClientSession(world.url) as session:
        async with session.get("/v1/openapi.json") as response:
            assert response.status == 401
        async with session.get("/v1/openapi.json", headers=HEADERS) as response:
            assert await response.json() == json.loads(json.dumps(document()))


async def test_a_refusal_speaks_to_citizens_and_to_staff(world: World) -> None:
    body = {name: KNOWN[name] for name in ("citizen", "service", "place", "name", "phone")}
    body["start"] = at(22, 9).isoformat()
    headers = {**HEADERS, "Idempotency-Key": "key-1"}
    async with (
        aiohttp.ClientSession(world.url) as session,
        session.post("/v1/appointments", json=body, headers=headers) as response,
    ):
        told = await response.json(content_type=None)
    assert (told["code"], told["detail"]) == ("PAST", RefusalCode.PAST.sentence)
    assert told["staff"] == "开始时间早于现在。"


@pytest.mark.parametrize("code", list(RefusalCode))
def test_each_refusal_has_a_sentence_for_staff(code: RefusalCode) -> None:
    assert re.fullmatch(r"[^{}]{5,60}。", code.staff)


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-24T01:00:00.5Z",
        "2026-11-24t09:00:00.500000000+08:00",
        "2026-11-24T01:00:00z",
        "2026-11-24T09:00+08:00",
    ],
)
def test_a_moment_may_be_written_in_every_way_of_the_standard(moment: str) -> None:
    assert read_moment(moment).replace(microsecond=0) == at(24, 9)


@pytest.mark.parametrize(
    "text", ["2026-11-24", "2026-11-24T09:00:00", "20261124T090000Z", "2026-W48-2T09:00:00Z", "", 5]
)
def test_what_is_no_moment(text: object) -> None:
    with pytest.raises(ValueError, match="a moment is"):
        read_moment(text)


def test_a_whole_number_may_be_written_with_a_point() -> None:
    body = {name: KNOWN[name] for name in ("citizen", "rule", "service", "day", "address")}
    body |= {"half": "morning", "name": "张三", "phone": "13812345678"}
    assert HomeVisitBody.parse_obj({**body, "age": 70.0}).age == 70
    with pytest.raises(ValueError, match="age"):
        HomeVisitBody.parse_obj({**body, "age": 70.5})
