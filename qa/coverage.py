"""What a run has proven, and what it has not: of the catalogue, and of the assistant.

Of the catalogue: every service in all its aspects, every end of its questions, every bundle and
place. Of the assistant: which intents were understood, which responses and actions were used, and
which rules were followed; a rule counts when in one turn its intent was understood and its actions
ran in its order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qa.covering import Proof, Wanted
from qa.results import Outcome, Run
from service_catalog.catalog import Catalog
from service_catalog.situations import paths

TITLES = {
    "services": "事项",
    "aspects": "事项的各个方面",
    "situations": "情形的结果",
    "bundles": "一件事",
    "places": "场所",
    "intents": "意图",
    "rules": "规则",
    "responses": "答复",
    "actions": "动作",
}
GATED = ("services", "situations")
"""What must be proven whole."""
_BEGINS = "action_session_start"
"""Runs before the first message of a conversation, in no rule."""
_INSIDE = ("action_ask_", "validate_")
"""What a form runs for itself; the conversation doesn't show it."""
Turns = Sequence[tuple[str, tuple[str, ...]]]


@dataclass(frozen=True)
class Assistant:
    """What there is to be proven of the assistant.

    Attributes:
        intents: Its intents.
        responses: Its responses (`utter_…`).
        actions: Its own actions and forms, as far as a conversation shows them.
        rules: Each rule's name, and its intents and actions in order.
    """

    intents: frozenset[str]
    responses: frozenset[str]
    actions: frozenset[str]
    rules: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Part:
    """One kind of what is to be proven.

    Attributes:
        proven: Each one that is, and the conversation that proves it.
        open: The others, and why; empty when nothing was asked.
    """

    proven: Mapping[str, str] = field(default_factory=dict)
    open: Mapping[str, str] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether nothing is left."""
        return not self.open


def of_catalog(catalog: Catalog, wanted: Wanted, proofs: Sequence[Proof]) -> dict[str, Part]:
    """What is to be proven of the catalogue, part by part.

    Args:
        catalog: Of the running copy.
        wanted: What of it.
        proofs: Of the conversations that it suggested.
    """
    by_key: dict[tuple[str, str, str], list[Proof]] = {}
    for proof in proofs:
        by_key.setdefault((proof.kind, proof.item, proof.detail), []).append(proof)
    asked = [("aspect", service.id, aspect) for service, aspect in wanted.aspects(catalog)]
    aspects = _part(by_key, asked)
    return {
        "services": _services(wanted, aspects),
        "aspects": aspects,
        "situations": _part(by_key, _ends(wanted)),
        "bundles": _part(by_key, [("bundle", one.id, "") for one in wanted.bundles]),
        "places": _part(by_key, [("place", one.id, "") for one in wanted.places]),
    }


def _ends(wanted: Wanted) -> list[tuple[str, str, str]]:
    return [
        ("situation", one.id, "，".join(f"{asked}={option}" for asked, option in path.items()))
        for one in wanted.services
        if one.situations
        for path in paths(one)
    ]


def _part(
    found: Mapping[tuple[str, str, str], Sequence[Proof]], wanted: Iterable[tuple[str, str, str]]
) -> Part:
    """Proven is what every conversation about it proves; one that fails is told."""
    proven, left = {}, {}
    for key in wanted:
        name = f"{key[1]} {key[2]}".strip()
        tried = found.get(key, ())
        failed = [one for one in tried if not one.passed]
        if failed:
            left[name] = f"“{' → '.join(failed[0].said)}”：{failed[0].missing}"
        elif tried:
            proven[name] = " → ".join(tried[0].said)
        else:
            left[name] = ""
    return Part(proven, left)


def _services(wanted: Wanted, aspects: Part) -> Part:
    """A service is proven when all its aspects are."""
    proven: dict[str, str] = {}
    left: dict[str, str] = {}
    for service in wanted.services:
        mine = [name for name in (*aspects.proven, *aspects.open) if name.split()[0] == service.id]
        lost = [name for name in mine if name in aspects.open]
        if lost or not mine:
            left[service.id] = "；".join(aspects.open[name] for name in lost)
        else:
            proven[service.id] = aspects.proven[mine[0]]
    return Part(proven, left)


def _spoken(proofs: Sequence[Proof]) -> list[tuple[str, Turns]]:
    return [(" → ".join(one.said), one.turns) for one in proofs if one.passed]


def _cased(cases: Run | None) -> list[tuple[str, Turns]]:
    passed = [one for one in cases.cases if one.outcome is Outcome.PASSED] if cases else []
    return [
        (one.key, tuple((turn.understood.intent, turn.actions) for turn in one.turns))
        for one in passed
    ]


def of_assistant(
    assistant: Assistant, proofs: Sequence[Proof], cases: Run | None = None
) -> dict[str, Part]:
    """What is to be proven of the assistant, part by part.

    Args:
        assistant: Its intents, rules, responses and actions.
        proofs: Of the conversations that the catalogue suggested.
        cases: Of the cases that were written by hand, when they were run as well.
    """
    conversations = [*_spoken(proofs), *_cased(cases)]
    intents: dict[str, str] = {}
    ran: dict[str, str] = {}
    rules: dict[str, str] = {}
    for name, turns in conversations:
        for intent, actions in turns:
            intents.setdefault(intent, name)
            for action in actions:
                ran.setdefault(action, name)
            for rule, steps in assistant.rules.items():
                if rule not in rules and _follows(steps, intent, actions):
                    rules[rule] = name
    return {
        "intents": _named(assistant.intents, intents),
        "rules": _named(assistant.rules, rules),
        "responses": _named(assistant.responses, ran),
        "actions": _named(assistant.actions, ran),
    }


def _follows(steps: Sequence[str], intent: str, actions: Sequence[str]) -> bool:
    """Whether a turn has a rule's steps, one after the other."""
    happened = [f"intent {intent}", *(one for one in actions if one != _BEGINS)]
    size = len(steps)
    starts = range(len(happened) - size + 1)
    return bool(size) and any(happened[at : at + size] == list(steps) for at in starts)


def _named(wanted: Iterable[str], proven: Mapping[str, str]) -> Part:
    names = sorted(wanted)
    return Part(
        {one: proven[one] for one in names if one in proven},
        {one: "" for one in names if one not in proven},
    )


def assistant_of(domain: Mapping[str, Any], rules: Iterable[Mapping[str, Any]]) -> Assistant:
    """What a domain and files of rules hold.

    Args:
        domain: As domain.yml has it.
        rules: The files of data/rules, each with its `rules`.
    """
    responses = frozenset(domain.get("responses") or {})
    intents = (next(iter(one)) if isinstance(one, dict) else one for one in domain["intents"])
    return Assistant(
        intents=frozenset(intents),
        responses=responses,
        actions=frozenset(
            one
            for one in (*domain["actions"], *(domain.get("forms") or {}))
            if one not in responses and not one.startswith(_INSIDE)
        ),
        rules={
            rule["rule"]: tuple(_steps(rule["steps"]))
            for file in rules
            for rule in file.get("rules") or ()
        },
    )


def _steps(steps: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for step in steps:
        if "intent" in step:
            yield f"intent {step['intent']}"
        elif "action" in step:
            yield step["action"]
