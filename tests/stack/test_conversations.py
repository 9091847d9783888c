"""Citizens' conversations in everyday words, read from conversations/*.yml.

A turn: `say`, what the citizen writes; `service` or `bundle`, the id of what the reply must be
about, and nothing else; `asks`, the id of the question about the situation that the reply must put;
`lists`, the situation (question id to option id) whose materials the reply must list, all of them
and no other; `says` and `not`, wording that must and must not occur. Facts never stand in the
files: they are the catalogue's. Where a service stands alone, a question about the situation will
do. The tests' clock stands at Monday 2026-11-23 09:00; each booking takes a slot of its own.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from facts import listed, lists, whole

from actions.reply.guide import SHOW_ALL
from service_catalog.catalog import Catalog
from service_catalog.merging import merged_materials
from service_catalog.situations import question_of

pytestmark = [pytest.mark.stack]

FILES = sorted(Path(__file__).with_name("conversations").glob("*.yml"))
CONVERSATIONS: list[Any] = [
    pytest.param(one, id=f"{file.stem}: {one['title']}")
    for file in FILES
    for one in yaml.safe_load(file.read_text(encoding="utf-8"))
]
KEYS = {"say", "service", "bundle", "asks", "lists", "says", "not"}
CHOICES = re.compile(r"^\d+\. .*(?:\n.*)*\n回复数字选择", re.MULTILINE)
ASKERS, IN_A_ROW = 4, 7
"""Every service is asked for: so many citizens at the same time, so many services each."""


def about(text: str, names: dict[str, str]) -> set[str]:
    """What a reply answers for, which is not what it offers to choose from."""
    said = CHOICES.sub("", text)
    return {item for item, name in names.items() if f"【{name}】" in said}


def wrong_with(turn: dict[str, Any], text: str, catalog: Catalog) -> list[str]:
    """What is wrong with a reply."""
    names = {item.id: item.name for item in (*catalog.services.values(), *catalog.bundles.values())}
    meant = turn.get("service") or turn.get("bundle")
    wrong = [] if text else ["no answer"]
    if meant and names[meant] not in text:
        wrong.append(f"not about {meant}")
    if meant and not about(text, names) <= {meant}:
        wrong.append(f"about {about(text, names)}")
    if "bundle" in turn and f"【{names[turn['bundle']]}】" not in text:
        wrong.append("not for the bundle")
    if "asks" in turn:
        question = question_of(catalog.service(turn["service"]), turn["asks"])
        if question.ask not in text or SHOW_ALL not in text:
            wrong.append(f"does not ask {question.ask}")
        wrong += [f"no {one.label}" for one in question.options if one.label not in text]
    if "lists" in turn and not lists_what_it_must(turn, text, catalog):
        wrong.append(f"lists {listed(text)}")
    wrong += [f"no {wording}" for wording in turn.get("says", ()) if wording not in text]
    return wrong + [f"has {wording}" for wording in turn.get("not", ()) if wording in text]


def lists_what_it_must(turn: dict[str, Any], text: str, catalog: Catalog) -> bool:
    if "service" in turn:
        return lists(text, catalog.service(turn["service"]), turn["lists"])
    merged = merged_materials(catalog.bundles[turn["bundle"]], catalog.services)
    told = listed(text)
    return len(told) == len(merged) and all(
        one.material.name in line for one, line in zip(merged, told, strict=True)
    )


@pytest.mark.parametrize("conversation", CONVERSATIONS)
async def test_conversation(citizen, stack, conversation):
    for turn in conversation["turns"]:
        text = await whole(citizen, turn["say"])
        wrong = wrong_with(turn, text, stack.catalog)
        assert not wrong, f"{turn['say'][:40]!r}: {'; '.join(wrong)}; was answered:\n{text}"


async def test_every_service_is_answered_under_its_everyday_word(new_citizen, stack):
    """Each is asked for by a citizen who has asked for others before."""
    missed: dict[str, str] = {}

    async def ask(services):
        for row, service in enumerate(services):
            if row % IN_A_ROW == 0:
                citizen = await new_citizen()
            word = service.aliases[0] if service.aliases else service.name
            told = await whole(citizen, f"{word}要带什么材料")
            if f"【{service.name}】" not in told:
                missed[word] = told[:60]

    services = list(stack.catalog.services.values())
    await asyncio.gather(*(ask(services[first::ASKERS]) for first in range(ASKERS)))
    assert not missed


def test_titles_are_unique_and_turns_are_well_formed():
    titles = [one.id for one in CONVERSATIONS]
    assert len(titles) == len(set(titles))
    turns = [turn for one in CONVERSATIONS for turn in one.values[0]["turns"]]
    assert all(set(turn) <= KEYS and "say" in turn for turn in turns)
