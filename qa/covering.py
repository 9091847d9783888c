"""Coverage without writing cases: the catalogue itself says what to ask and what must be answered.

A probe is one conversation that the catalogue suggests: a question of a service in one phrasing, a
walk to one end of its questions about the situation, a bundle's list, a place. Each is a fresh
citizen through the same line as a written case. `qa.coverage` says what was proven by it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from qa.cases import Message
from qa.catalogue_checks import Lists, listed
from qa.checks import World
from qa.facts import QUESTIONS, everyday, facts, lists
from qa.lines import Line, NotAnswered, line_to
from qa.seen import Seen, choices_in
from qa.stacks import Stack
from qa.walks import Walk, neutral_name
from service_catalog.catalog import Catalog
from service_catalog.model import Bundle, Place, Service
from service_catalog.situations import outcome, paths

WALKED_ASPECT = "要带什么材料"


@dataclass(frozen=True)
class Proof:
    """What one conversation was to prove, and whether it did.

    Attributes:
        kind: aspect, situation, bundle or place.
        item: The id of the service, bundle or place.
        detail: The aspect, or the options on the way to the end; else empty.
        said: What the citizen said, message by message.
        missing: What the answer lacks, in Chinese; empty when it is proven.
        turns: For each message the intent that was understood and the actions that ran.
    """

    kind: str
    item: str
    detail: str
    said: tuple[str, ...]
    missing: str = ""
    turns: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the answer had all that the catalogue knows."""
        return not self.missing


class NoSuchItem(Exception):
    """The catalogue has no service, bundle or place of this id; the message names it in Chinese."""


@dataclass(frozen=True)
class Wanted:
    """What is to be proven: all of a catalogue, or some of it."""

    services: tuple[Service, ...]
    bundles: tuple[Bundle, ...]
    places: tuple[Place, ...]

    @classmethod
    def of(cls, catalog: Catalog, only: Collection[str] = ()) -> Wanted:
        """The services, bundles and places with these ids; all when there are none.

        Raises:
            NoSuchItem: There is none of such an id.
        """
        known = {*catalog.services, *catalog.bundles, *catalog.places}
        if unknown := sorted(set(only) - known):
            raise NoSuchItem(f"目录里没有这样的事项、一件事或场所：{'、'.join(unknown)}")
        wanted = only or known
        return cls(
            tuple(one for one in catalog.services.values() if one.id in wanted),
            tuple(one for one in catalog.bundles.values() if one.id in wanted),
            tuple(one for one in catalog.places.values() if one.id in wanted),
        )

    def aspects(self, catalog: Catalog) -> Iterator[tuple[Service, str]]:
        """Each service with each aspect of which the catalogue knows something."""
        for service in self.services:
            for aspect in QUESTIONS:
                if facts(service, aspect, catalog):
                    yield service, aspect


@dataclass
class _Talk:
    """One conversation under way."""

    line: Line
    show_all: str
    said: list[str] = field(default_factory=list)

    async def say(self, text: str) -> str:
        """Say something; gives the whole answer."""
        self.said.append(text)
        return (await self.line.send(Message("text", text))).text

    async def shown_all(self, text: str, meant: str) -> str:
        """The same; whoever is asked which item, or for the situation, says what was meant."""
        told = await self.say(text)
        offered = choices_in(told)
        if meant in offered:
            told = await self.say(str(offered.index(meant) + 1))
        return await self.say(self.show_all) if self.show_all in told else told


Probe = Callable[[Stack], Awaitable[Sequence[Proof]]]


def probes(catalog: Catalog, wanted: Wanted, phrasings: int) -> Iterator[Probe]:
    """All that the catalogue suggests to ask.

    Args:
        catalog: Where the facts are.
        wanted: What is to be proven.
        phrasings: In how many wordings each aspect is asked, at most three.
    """
    for service, aspect in wanted.aspects(catalog):
        for wording in QUESTIONS[aspect][:phrasings]:
            yield _aspect(service, aspect, wording)
    for service in wanted.services:
        if service.situations:
            yield _situations(service)
    for bundle in wanted.bundles:
        yield _bundle(bundle)
    for place in wanted.places:
        yield _place(place)


async def cover(
    stack: Stack, wanted: Wanted, phrasings: int, parallel: int, done: Callable[[Proof], None]
) -> list[Proof]:
    """Ask everything, some at a time; `done` hears of each proof as soon as there is one."""
    found: list[Proof] = []
    waiting = iter(list(probes(stack.catalog, wanted, phrasings)))

    async def asker() -> None:
        for probe in waiting:
            for proof in await probe(stack):
                found.append(proof)
                done(proof)

    await asyncio.gather(*(asker() for _ in range(parallel)))
    return found


@asynccontextmanager
async def _talking(stack: Stack) -> AsyncIterator[tuple[_Talk, str]]:
    sender = f"o{secrets.token_hex(14)}"
    async with AsyncExitStack() as leaving:
        line, citizen = line_to(stack, sender, None)
        if citizen is not None:
            await leaving.enter_async_context(citizen)
        yield _Talk(line, stack.show_all), sender


async def _asked(
    stack: Stack, what: tuple[str, str, str], ask: Callable[[_Talk], Awaitable[str]]
) -> Proof:
    """One conversation that proves one thing; `ask` gives what its answer lacks."""
    async with _talking(stack) as (talk, sender):
        try:
            missing = await ask(talk)
        except NotAnswered as error:
            missing = str(error)
        turns = _turns(await stack.trackers.events(sender))
        return Proof(*what, tuple(talk.said), missing, turns)


def _turns(events: Sequence[Mapping[str, object]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The conversation as intents and the actions that followed each."""
    cuts = [row for row, event in enumerate(events) if event["event"] == "user"]
    parts = [
        Seen("", events=tuple(events[start:end]))
        for start, end in zip(cuts, [*cuts[1:], len(events)], strict=True)
    ]
    return tuple((part.understood.intent, part.actions) for part in parts)


def _aspect(service: Service, aspect: str, wording: str) -> Probe:
    async def probe(stack: Stack) -> Sequence[Proof]:
        async def ask(talk: _Talk) -> str:
            told = await talk.shown_all(neutral_name(service) + wording, service.name)
            lost = [one for one in facts(service, aspect, stack.catalog) if one not in told]
            if f"【{service.name}】" not in told:
                return f"答的不是“{service.name}”：{told[:60]}"
            if any(one.answer in told for one in service.faq):
                return ""  # a frequent question has an answer of its own
            return f"缺少：{'、'.join(lost)}" if lost else ""

        return [await _asked(stack, ("aspect", service.id, aspect), ask)]

    return probe


def _situations(service: Service) -> Probe:
    async def probe(stack: Stack) -> Sequence[Proof]:
        found: list[Proof] = []
        walked: list[tuple[Walk, Proof, str]] = []
        for number, path in enumerate(paths(service)):
            before = next((done for done in walked if done[0].fits(path)), None)
            if before is None:
                before = await _walk(stack, Walk(service, path, by_number=bool(number % 2)))
                walked.append(before)
            _, conversation, told = before
            missing = conversation.missing or _wrong_end(told, service, path)
            detail = "，".join(f"{question}={option}" for question, option in path.items())
            proof = Proof("situation", service.id, detail, conversation.said, missing)
            found.append(Proof(**{**vars(proof), "turns": conversation.turns}))
        return found

    return probe


async def _walk(stack: Stack, walk: Walk) -> tuple[Walk, Proof, str]:
    """Walk to one end; gives the conversation, and what was told there."""
    told = ""

    async def ask(talk: _Talk) -> str:
        nonlocal told
        told = await talk.say(f"{neutral_name(walk.service)}{WALKED_ASPECT}")
        while question := walk.asked(told, stack.show_all):
            told = await talk.say(walk.answer(question))
        return ""

    proof = await _asked(stack, ("situation", walk.service.id, ""), ask)
    return walk, proof, told


def _wrong_end(told: str, service: Service, path: Mapping[str, str]) -> str:
    if lists(told, service, path):
        return ""
    wanted = "、".join(one.name for one in outcome(service, path).materials) or "没有材料"
    return f"应列：{wanted}；列出的：{'、'.join(listed(told)) or told[:60]}"


def _bundle(bundle: Bundle) -> Probe:
    async def probe(stack: Stack) -> Sequence[Proof]:
        async def ask(talk: _Talk) -> str:
            told = await talk.shown_all(everyday(bundle) + WALKED_ASPECT, bundle.name)
            world = World(stack.catalog, stack.show_all)
            verdict = Lists(0, bundle.id).judge(Seen(told, choices_in(told)), world)
            return "" if verdict.passed else f"{verdict.expected}；{verdict.got}"

        return [await _asked(stack, ("bundle", bundle.id, ""), ask)]

    return probe


def _place(place: Place) -> Probe:
    async def probe(stack: Stack) -> Sequence[Proof]:
        async def ask(talk: _Talk) -> str:
            told = await talk.say(f"{place.name}在哪里")
            lost = [word for word in (place.name, place.address) if word not in told]
            return f"缺少：{'、'.join(lost)}；答的是：{told[:60]}" if lost else ""

        return [await _asked(stack, ("place", place.id, ""), ask)]

    return probe
