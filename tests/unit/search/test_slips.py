"""Slips of the pen, the ear and the tongue still lead to the service that was meant."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from service_catalog.search import Decision, Found, SearchIndex

FILE = Path(__file__).with_name("slips.yml")
RIGHT, WRONGLY_ANSWERED = 0.92, 0.03
"""The least share of messages that must be right; the largest that may be answered wrongly."""


@dataclass(frozen=True)
class Slip:
    """A message, the services that may come first, and the decision, if only one is sensible."""

    kind: str
    say: str
    first: frozenset[str]
    decision: Decision | None

    def leads_right(self, found: Found) -> bool:
        first = found.hits[0].id if found.hits else None
        return first in self.first and self.decision in {None, found.decision}

    def answered_wrongly(self, found: Found) -> bool:
        return found.decision is Decision.ANSWER and found.hits[0].id not in self.first


def _slips(part: str) -> list[Slip]:
    return [
        Slip(
            kind=one["kind"],
            say=one["say"],
            first=frozenset([one["first"]] if isinstance(one["first"], str) else one["first"]),
            decision=Decision(one["decision"]) if "decision" in one else None,
        )
        for one in yaml.safe_load(FILE.read_text(encoding="utf-8"))[part]
    ]


SLIPS = _slips("cases") + _slips("known_failures")


@pytest.fixture(scope="session")
def outcomes(shipped: SearchIndex) -> list[tuple[Slip, Found]]:
    return [(slip, shipped.search(slip.say)) for slip in SLIPS]


def _told(slip: Slip, found: Found) -> str:
    nearest = "、".join(f"{hit.id} {hit.score:.2f}" for hit in found.nearest[:3])
    wanted = " / ".join(sorted(slip.first))
    return f"{slip.kind} {slip.say!r}: {found.decision.value} [{nearest}], wanted {wanted}"


def test_the_file_is_sound(shipped: SearchIndex) -> None:
    said = Counter(slip.say for slip in SLIPS)
    assert [say for say, times in said.items() if times > 1] == []
    known = {str(item.id) for item in shipped.items}
    assert {one for slip in SLIPS for one in slip.first} <= known
    assert len(SLIPS) >= 150


def test_most_slips_lead_to_what_was_meant(outcomes: list[tuple[Slip, Found]]) -> None:
    missed = [_told(slip, found) for slip, found in outcomes if not slip.leads_right(found)]
    assert len(missed) <= (1 - RIGHT) * len(outcomes), "\n".join(
        [f"{len(missed)} of {len(outcomes)} missed:", *missed]
    )


def test_hardly_a_slip_is_answered_with_another_service(
    outcomes: list[tuple[Slip, Found]],
) -> None:
    wrong = [_told(slip, found) for slip, found in outcomes if slip.answered_wrongly(found)]
    assert len(wrong) <= WRONGLY_ANSWERED * len(outcomes), "\n".join(wrong)
