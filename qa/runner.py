"""Runs cases: each is a fresh citizen who talks to a running copy until an answer is wrong.

Cases are grouped by what they need around them; each group has a copy of its own or the one that
runs, and its cases are run some at a time. A group whose copy can't be had is told, the others run.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from datetime import datetime

import aiohttp

from qa.cases import Case, Channel, Message, Turn
from qa.checks import World, judged
from qa.lines import Line, NotAnswered, NotSayable, line_to
from qa.results import CaseResult, Judged, Outcome, Run, TurnResult
from qa.seen import Event, Seen, choices_in, slots_after
from qa.stacks import NoStack, Stack, Stacks, settings_of
from service_catalog.clock import CHINA
from wechat.messages import CONTINUE
from wechat.simulator import PATIENCE

LEAVE = "退出"
"""Said at the end, so that a form that is left open keeps no place for anybody."""
STACKS_AT_ONCE = 2
PARALLEL = 4

Done = Callable[[CaseResult], None]


@dataclass(frozen=True)
class Manner:
    """How to run.

    Attributes:
        through: The channel.
        parallel: How many cases at a time in each running copy.
    """

    through: Channel = Channel.WECHAT
    parallel: int = PARALLEL


async def run(cases: Sequence[Case], stacks: Stacks, manner: Manner, done: Done) -> Run:
    """Run all cases; `done` hears of each as soon as it has ended."""
    began, start = datetime.now(CHINA), time.monotonic()
    bench = _Bench(stacks, manner, done)
    groups = [[case for case in cases if case.setting == setting] for setting in settings_of(cases)]
    await asyncio.gather(*(bench.group(group) for group in groups))
    return Run(
        began=began.isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - start, 1),
        through=manner.through.value,
        models=tuple(sorted(bench.models)),
        cases=tuple(bench.results[case.key] for case in cases),
    )


class _Bench:
    """What one run shares."""

    def __init__(self, stacks: Stacks, manner: Manner, done: Done) -> None:
        self._stacks = stacks
        self._manner = manner
        self._done = done
        self._copies = asyncio.Semaphore(STACKS_AT_ONCE)
        self.models: set[str] = set()
        self.results: dict[str, CaseResult] = {}

    async def group(self, cases: Sequence[Case]) -> None:
        """Run the cases of one setting."""
        places = asyncio.Semaphore(self._manner.parallel)

        async def one(case: Case, stack: Stack) -> None:
            async with places:
                self._end(await run_case(case, stack, self._manner.through))

        async with self._copies:
            try:
                async with self._stacks.open(cases[0].setting) as stack:
                    self.models.add(stack.model)
                    await asyncio.gather(*(one(case, stack) for case in cases))
            except NoStack as error:
                for case in cases:
                    self._end(_without_turns(case, Outcome.BROKEN, str(error)))

    def _end(self, result: CaseResult) -> None:
        self.results[result.key] = result
        self._done(result)


async def run_case(case: Case, stack: Stack, through: Channel) -> CaseResult:
    """Have one conversation with a running copy."""
    sender = f"o{secrets.token_hex(14)}"
    async with AsyncExitStack() as leaving:
        session = None
        if through is Channel.REST:
            timeout = aiohttp.ClientTimeout(total=_patience(case))
            session = await leaving.enter_async_context(aiohttp.ClientSession(timeout=timeout))
        line, citizen = line_to(stack, sender, session, _patience(case))
        if citizen is not None:
            await leaving.enter_async_context(citizen)
        if case.slots:
            await stack.trackers.begin(sender, case.slots)
        conversation = _Conversation(case, stack, line, sender)
        try:
            return await conversation.have()
        except NotSayable as error:
            return _without_turns(case, Outcome.SKIPPED, str(error))
        finally:
            with suppress(NotAnswered):
                await line.send(Message("text", LEAVE), whole=False)


class _Conversation:
    """One case under way."""

    def __init__(self, case: Case, stack: Stack, line: Line, sender: str) -> None:
        self._case = case
        self._stack = stack
        self._line = line
        self._sender = sender
        self._events = 0
        self._last = Seen("", slots=dict(case.slots))

    async def have(self) -> CaseResult:
        """Turn by turn, until one fails."""
        began = time.monotonic()
        await self._new_events()
        results: list[TurnResult] = []
        for row, turn in enumerate(self._case.turns):
            following = (
                self._case.turns[row + 1].message if row + 1 < len(self._case.turns) else None
            )
            results.append(await self._turn(turn, following))
            if not results[-1].passed:
                break
        return replace(
            _without_turns(self._case, Outcome.PASSED if results[-1].passed else Outcome.FAILED),
            seconds=round(time.monotonic() - began, 3),
            turns=tuple(results),
            left=len(self._case.turns) - len(results),
        )

    async def _turn(self, turn: Turn, following: Message | None) -> TurnResult:
        message = turn.message
        if message.kind == "choose":
            if message.value not in self._last.choices:
                return self._no_such_choice(turn)
            message = Message("choose", str(self._last.choices.index(message.value) + 1))
        # whoever goes on to say 继续 wants to see the pages one by one
        whole = following is None or following.value != CONTINUE
        try:
            heard = await self._line.send(message, whole=whole)
        except NotAnswered as error:
            wrong = Judged(turn.line, False, "有回答", str(error))
            return TurnResult(turn.line, turn.message.shown, judged=(wrong,))
        events = await self._new_events()
        seen = Seen(
            heard.text,
            choices_in(heard.text),
            heard.seconds,
            tuple(events),
            slots_after(events, self._last.slots),
        )
        self._last = seen
        return self._judge(turn, seen)

    def _judge(self, turn: Turn, seen: Seen) -> TurnResult:
        world = World(self._stack.catalog, self._stack.show_all)
        verdicts = judged(turn.checks, seen, world, turn.in_order)
        found = [
            Judged(
                check.line,
                verdict.passed,
                verdict.expected,
                "" if verdict.passed else verdict.got,
                verdict.exact,
            )
            for check, verdict in zip(turn.checks, verdicts, strict=True)
        ]
        if not seen.text:
            found.insert(0, Judged(turn.line, False, "有回答", "没有回答"))
        if turn.within is not None and seen.seconds > turn.within:
            got = f"用了{seen.seconds:.1f}秒"
            found.append(Judged(turn.line, False, f"{turn.within:g}秒内回答", got))
        return TurnResult(
            line=turn.line,
            said=turn.message.shown,
            answer=seen.text,
            choices=seen.choices,
            seconds=round(seen.seconds, 3),
            judged=tuple(found),
            understood=seen.understood,
            slots=seen.slots,
            actions=seen.actions,
        )

    def _no_such_choice(self, turn: Turn) -> TurnResult:
        offered = "、".join(self._last.choices) or "没有选项"
        wrong = Judged(turn.line, False, f"上一个回答有选项“{turn.message.value}”", offered)
        return TurnResult(turn.line, turn.message.shown, judged=(wrong,))

    async def _new_events(self) -> list[Event]:
        """What came into the tracker since the last look; all of it after it was forgotten."""
        events = await self._stack.trackers.events(self._sender)
        new = events[self._events :] if len(events) >= self._events else events
        self._events = len(events)
        return new


def _patience(case: Case) -> float:
    """As long as WeChat's, or as the case allows, so that a slow answer is told with its time."""
    return max([PATIENCE, *(turn.within for turn in case.turns if turn.within is not None)])


def _without_turns(case: Case, outcome: Outcome, reason: str = "") -> CaseResult:
    return CaseResult(
        case.name, case.file, case.line, case.topic, outcome, left=len(case.turns), reason=reason
    )
