"""Which message is new, whose turn it is, and who still waits for an answer.

WeChat delivers a message up to three times and drops the connection after five seconds; a citizen
may write again before the first answer is there. The inbox turns that into: each message is worked
on once, one citizen's messages one after the other, different citizens at the same time, and the
work outlives the connection it came in on. Knows neither WeChat's formats nor Rasa, and of other
servers only that somebody tells whether a message is ours.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

import structlog

from bot.channels.tasks import Tasks

log = structlog.get_logger(__name__)

V = TypeVar("V")


class ShortMemory(Generic[V]):
    """A mapping that forgets: the oldest when it is full, and whatever is older than its time."""

    def __init__(
        self, *, size: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._size = size
        self._seconds = seconds
        self._clock = clock
        self._entries: OrderedDict[str, tuple[float, V]] = OrderedDict()  # oldest first

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: str) -> V | None:
        """Returns what is remembered under the key, if it is."""
        self._forget()
        entry = self._entries.get(key)
        return None if entry is None else entry[1]

    def put(self, key: str, value: V) -> None:
        """Remembers a value from now on."""
        self._entries.pop(key, None)
        self._entries[key] = (self._clock() + self._seconds, value)
        self._forget()

    def pop(self, key: str) -> V | None:
        """Returns what is remembered under the key, and forgets it."""
        value = self.get(key)
        self._entries.pop(key, None)
        return value

    def _forget(self) -> None:
        now = self._clock()
        while self._entries:
            expires, _ = next(iter(self._entries.values()))
            if expires > now and len(self._entries) <= self._size:
                return
            self._entries.popitem(last=False)


class Carrier(Protocol):
    """A connection, as far as the inbox has to know: whether it broke."""

    broke: bool


class Turn:
    """One message on its way to an answer, shared by its first delivery and all repeats.

    Attributes:
        carrier: The connection that waits for the answer, or has carried it.
        late: The connection was answered otherwise; the answer has to find another way.
        sends: That way is a customer-service message, as nothing else was promised.
        failed: What stands for the answer says that there is none.
        declined: The message is another server's; there is nothing to say here.
    """

    def __init__(self) -> None:
        self._answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.carrier: Carrier | None = None
        self.late = False
        self.sends = False
        self.failed = False
        self.declined = False

    @property
    def claimed(self) -> bool:
        """Whether a repeat has nothing to do: a connection waits, or has carried the answer."""
        return self.carrier is not None and not self.carrier.broke

    def answer(self, text: str) -> None:
        """Hands the answer to the connection that waits, or to the repeat that will come."""
        if not self._answer.done():
            self._answer.set_result(text)

    def decline(self) -> None:
        """Says that the message is another server's."""
        self.declined = True
        self.answer("")

    def give_up(self) -> None:
        """Lets a connection go that waits for an answer which will not come."""
        self._answer.cancel()

    async def wait(self, seconds: float, carrier: Carrier) -> str | None:
        """Waits for the answer; after that many seconds the turn is late and None is returned.

        When the connection is lost (the caller is cancelled), the claim is given back, so that the
        next repeat gets the answer.

        Raises:
            LookupError: There will be no answer.
        """
        self.carrier = carrier
        if self.late:
            return None
        try:
            await asyncio.wait({self._answer}, timeout=max(seconds, 0))
        except asyncio.CancelledError:
            self.carrier = None
            raise
        if not self._answer.done():
            self.late = True
            return None
        if self._answer.cancelled():
            raise LookupError("the work on this message was given up")
        return self._answer.result()


@dataclass
class _Lane:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class Lanes:
    """One queue for each citizen, there only while it is used."""

    def __init__(self) -> None:
        self._lanes: dict[str, _Lane] = {}

    def __len__(self) -> int:
        return len(self._lanes)

    def users(self, openid: str) -> int:
        """How many are in the citizen's lane."""
        lane = self._lanes.get(openid)
        return 0 if lane is None else lane.users

    @asynccontextmanager
    async def lane(self, openid: str) -> AsyncIterator[None]:
        """Waits until all that came before for this citizen is done."""
        lane = self._lanes.setdefault(openid, _Lane())
        lane.users += 1
        try:
            async with lane.lock:
                yield
        finally:
            lane.users -= 1
            if not lane.users:
                del self._lanes[openid]


class Inbox:
    """Starts the work on new messages and owns it until it is done."""

    def __init__(self, *, size: int, seconds: float = 300.0) -> None:
        self._turns: ShortMemory[Turn] = ShortMemory(size=size, seconds=seconds)
        self._lanes = Lanes()
        self._tasks = Tasks()
        self._claiming = Tasks()

    def __len__(self) -> int:
        """How many messages are being worked on or wait for that."""
        return len(self._tasks)

    def known(self, key: str) -> Turn | None:
        """Returns the turn of a message that was delivered before."""
        return self._turns.get(key)

    def waiting(self, openid: str) -> int:
        """How many messages of the citizen are being worked on or wait for that."""
        return self._lanes.users(openid)

    def begin(
        self,
        key: str,
        openid: str,
        work: Callable[[Turn], Awaitable[None]],
        claim: Callable[[], Awaitable[bool]] | None = None,
    ) -> Turn:
        """Queues the work on a new message behind the citizen's earlier ones.

        Args:
            key: The message's.
            openid: The citizen.
            work: Answers the turn.
            claim: Tells whether the message is ours, while it waits for those before it.
        """
        turn = Turn()
        self._turns.put(key, turn)
        ours = None if claim is None else self._claiming.begin(self._ours(turn, key, claim))
        self._tasks.begin(self._run(turn, openid, work, ours))
        return turn

    async def close(self, *, grace: float) -> None:
        """Lets the work in progress end; what isn't done in time is cancelled."""
        await self._tasks.close(grace=grace)
        await self._claiming.close(grace=0.0)

    async def _ours(self, turn: Turn, key: str, claim: Callable[[], Awaitable[bool]]) -> bool:
        """Asks whether the message is ours; one that isn't is forgotten, so that it may be later.

        The repeat of what another server answers waits for no lane. While it isn't known whose the
        message is, the citizen's next one waits for that, so that the order holds.
        """
        ours = await claim()
        if not ours:
            turn.decline()
            self._turns.pop(key)
        return ours

    async def _run(
        self,
        turn: Turn,
        openid: str,
        work: Callable[[Turn], Awaitable[None]],
        ours: asyncio.Task[bool] | None,
    ) -> None:
        try:
            async with self._lanes.lane(openid):
                if ours is None or await ours:
                    await work(turn)
        except Exception as error:  # noqa: BLE001  nobody awaits this task: log it, don't lose it
            log.error("wechat.work_failed", error=type(error).__name__)
        finally:
            turn.give_up()
