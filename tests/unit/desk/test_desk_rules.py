"""The life of cases against a plain model of it, whatever citizens and staff do in which order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from databases import Databases
from desk_world import MONDAY, catalog_with
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from booking.testing import sample_settings
from desk.errors import DeskCode, DeskRefused
from desk.office import ON_FILE, Left
from desk.room import REST, Room
from desk.settings import DeskSettings
from desk.values import CaseKind, CaseStatus
from service_catalog.catalog import Catalog

CITIZENS = st.sampled_from(["citizen-1", "citizen-2"])
KEEP = timedelta(days=30)
NOWHERE = Path("/nowhere")


@dataclass
class Known:
    """What the model knows of a case."""

    citizen: str
    kind: CaseKind
    status: CaseStatus = CaseStatus.OPEN
    texts: list[str] = field(default_factory=list)
    changed: Any = None


class Cases(RuleBasedStateMachine):
    """One desk on a real database; `known` is what should be in it."""

    numbers = Bundle("numbers")

    def __init__(self, databases: Databases) -> None:
        super().__init__()
        self.databases = databases

    @initialize()
    def begin(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.known: dict[str, Known] = {}
        self.now, self.keys = MONDAY, 0
        catalog = catalog_with()

        async def current() -> Catalog:
            return catalog

        desk = DeskSettings(NOWHERE / "none.csv")
        settings = sample_settings(NOWHERE, self.databases.opened())
        self.room = Room(settings, desk, current, lambda: self.now)
        self.run(self.room.open())

    def teardown(self) -> None:
        self.run(self.room.close())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()

    def run(self, call: Awaitable[Any]) -> Any:
        """The value, or the code of the refusal."""
        try:
            return self.loop.run_until_complete(call)
        except DeskRefused as refused:
            return refused.code

    def key(self) -> str:
        self.keys += 1
        return f"key-{self.keys}"

    @rule(target=numbers, citizen=CITIZENS, kind=st.sampled_from(CaseKind))
    def leave(self, citizen: str, kind: CaseKind) -> str:
        case = self.run(self.room.office.open_case(citizen, Left(kind, "话"), self.key()))
        self.known[case.number] = Known(citizen, kind, changed=self.now)
        return str(case.number)

    @rule(number=numbers, citizen=CITIZENS)
    def add(self, number: str, citizen: str) -> None:
        text = self.key()
        got = self.run(self.room.office.add_message(citizen, number, text, text))
        self.said(number, citizen, text, CaseStatus.OPEN, got)

    @rule(number=numbers)
    def reply(self, number: str) -> None:
        text = self.key()
        got = self.run(self.room.staff.reply(number, text, "王", text))
        known = self.known.get(number)
        self.said(number, known.citizen if known else "", text, CaseStatus.ANSWERED, got)

    def said(self, number: str, citizen: str, text: str, status: CaseStatus, got: Any) -> None:
        known = self.known.get(number)
        if known is None or known.citizen != citizen:
            assert got is DeskCode.CASE_NOT_FOUND
        elif known.status is CaseStatus.CLOSED:
            assert got is DeskCode.CASE_CLOSED
        else:
            known.status, known.changed = status, self.now
            known.texts.append(text)

    @rule(number=numbers, citizen=CITIZENS)
    def close(self, number: str, citizen: str) -> None:
        got = self.run(self.room.office.close(citizen, number))
        known = self.known.get(number)
        if known is None or known.citizen != citizen:
            assert got is DeskCode.CASE_NOT_FOUND
        elif known.status is not CaseStatus.CLOSED:
            known.status, known.changed = CaseStatus.CLOSED, self.now

    @rule(days=st.integers(1, 20))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule()
    def clean_up(self) -> None:
        self.run(self.room.clean_up())
        for number, known in list(self.known.items()):
            if known.status is CaseStatus.ANSWERED and known.changed < self.now - REST:
                known.status, known.changed = CaseStatus.CLOSED, self.now
            elif known.status is CaseStatus.CLOSED and known.changed < self.now - KEEP:
                del self.known[number]

    @rule(citizen=CITIZENS)
    def erase(self, citizen: str) -> None:
        erased = self.run(self.room.office.erase(citizen))
        for number, known in list(self.known.items()):
            over = known.status is CaseStatus.CLOSED and known.changed + KEEP <= self.now
            if known.citizen == citizen and (known.kind not in ON_FILE or over):
                del self.known[number]
        mine = {number for number, known in self.known.items() if known.citizen == citizen}
        assert {one.number for one in erased.kept} == mine

    @rule(number=consumes(numbers))
    def staff_read(self, number: str) -> None:
        got = self.run(self.room.staff.read(number, "王"))
        assert (got is DeskCode.CASE_NOT_FOUND) == (number not in self.known)

    @invariant()
    def the_desk_knows_what_the_model_knows(self) -> None:
        for citizen in ("citizen-1", "citizen-2"):
            kept = self.run(self.room.office.cases(citizen))
            assert {
                one.number: (one.kind, one.status, [said.text for said in one.messages])
                for one in kept
            } == {
                number: (known.kind, known.status, known.texts)
                for number, known in self.known.items()
                if known.citizen == citizen
            }


def test_cases(databases: Databases) -> None:
    run_state_machine_as_test(
        lambda: Cases(databases),
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
