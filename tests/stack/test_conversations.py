"""Citizens' conversations in everyday words, read from conversations.yml."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = [pytest.mark.stack]

CONVERSATIONS: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("conversations.yml").read_text(encoding="utf-8")
)
CHOICES = re.compile(r"^\d+\. .*(?:\n.*)*\n回复数字选择", re.MULTILINE)


def about(text: str, names: dict[str, str]) -> set[str]:
    """The services that a reply answers for, which is not the ones it offers to choose from."""
    said = CHOICES.sub("", text)
    return {service for service, name in names.items() if f"【{name}】" in said}


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda one: one["title"])
async def test_conversation(citizen, stack, conversation):
    names = {service.id: service.name for service in stack.catalog.services.values()}
    for turn in conversation["turns"]:
        reply = await citizen.say(turn["say"])
        text = reply.text if reply else ""
        said = f"{turn['say'][:40]!r} was answered:\n{text}"
        assert text, said
        if "service" in turn:
            assert names[turn["service"]] in text, said
            assert about(text, names) <= {turn["service"]}, said
        for wording in turn.get("says", ()):
            assert wording in text, said
        for wording in turn.get("not", ()):
            assert wording not in text, said


async def test_every_service_is_answered_under_its_everyday_word(new_citizen, stack):
    citizen = await new_citizen()
    missed = {}
    for service in stack.catalog.services.values():
        word = service.aliases[0] if service.aliases else service.name
        reply = await citizen.say(f"{word}要带什么材料")
        if f"【{service.name}】" not in reply.text:
            missed[word] = reply.text[:60]
    assert not missed


def test_titles_are_unique():
    titles = [one["title"] for one in CONVERSATIONS]
    assert len(titles) == len(set(titles))
