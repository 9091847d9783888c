"""Letters on their way: replies of the staff are pushed to the chat until their citizen saw them.

A background task of the backend. The channel answers true when the citizen has seen the letter, and
false when it keeps the letter for the citizen's next message; then it is pushed again later, for
only the answer true ends it. Each letter rests 1 second after its first try and twice as long after
each further one, 60 seconds at the most; a new letter is tried at once. What waits is kept in the
database, how often it was tried is not: after a restart every letter is tried at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

import structlog

from booking.channel import Channel, ChannelDown, LetterRefused
from booking.privacy import Vault
from desk.letter_store import LetterStore, WaitingLetter
from desk.values import CaseKind

log = structlog.get_logger()

FIRST_REST, LONGEST_REST = 1.0, 60.0
GIVE_UP = timedelta(days=30)
_CALLED = {
    CaseKind.HANDOVER: "留言",
    CaseKind.LOW_RATING: "评价",
}


@dataclass(frozen=True)
class _Rest:
    """How long a letter rests: until when (by the monotonic clock), and how long the next time."""

    until: float
    seconds: float

    def longer(self) -> _Rest:
        return _Rest(monotonic() + self.seconds, min(2 * self.seconds, LONGEST_REST))


class Postman:
    """Pushes the letters of the outbox to one channel."""

    def __init__(
        self,
        store: LetterStore,
        vault: Vault,
        channel: Channel,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._vault = vault
        self._channel = channel
        self._clock = clock
        self._woken = asyncio.Event()
        self._rests: dict[str, _Rest] = {}
        self._down = False

    def wake(self) -> None:
        """Look into the outbox at once: there is a new letter."""
        self._woken.set()

    async def run(self) -> None:
        """Push letters until cancelled."""
        async with self._channel:
            while True:
                self._woken.clear()
                pause = await self._round()
                try:
                    await asyncio.wait_for(self._woken.wait(), pause)
                except asyncio.TimeoutError:
                    continue

    async def _round(self) -> float:
        """Push what is due; gives after how many seconds to look again."""
        now = self._clock()
        stopped = await self._store.give_up(now - GIVE_UP, now)
        if stopped:
            log.warning("desk.letters_given_up", letters=stopped)
        waiting = await self._store.waiting()
        self._rests = {one.id: self._rests[one.id] for one in waiting if one.id in self._rests}
        due = [one for one in waiting if self._rest(one.id).until <= monotonic()]
        for number, letter in enumerate(due):
            try:
                if await self._push(letter):
                    await self._store.delivered(letter.id, self._clock())
                    self._rests.pop(letter.id, None)
                    log.info("desk.letter_delivered", letter=letter.id)
                    continue
            except ChannelDown as down:
                self._tell(str(down))
                for other in due[number:]:
                    self._rests[other.id] = self._rest(other.id).longer()
                break
            self._rests[letter.id] = self._rest(letter.id).longer()
        soonest = min((rest.until for rest in self._rests.values()), default=None)
        return LONGEST_REST if soonest is None else max(0.0, soonest - monotonic())

    def _rest(self, letter: str) -> _Rest:
        return self._rests.get(letter, _Rest(0.0, FIRST_REST))

    async def _push(self, letter: WaitingLetter) -> bool:
        """Whether the citizen has seen the letter.

        Raises:
            ChannelDown: No usable answer came; the next letter would get none either.
        """
        openid = self._vault.open(letter.openid_sealed)
        text = wording(letter.kind, letter.number, self._vault.open(letter.text_sealed))
        try:
            delivered = await self._channel.push(letter.id, openid, text)
        except LetterRefused as refused:
            log.warning("desk.letter_refused", letter=letter.id, status=int(str(refused)))
            return False
        self._tell(None)
        return delivered

    def _tell(self, why: str | None) -> None:
        """Log once that the channel went down, and once that it is back."""
        if (why is not None) == self._down:
            return
        self._down = why is not None
        if why is None:
            log.info("desk.channel_back")
        else:
            log.warning("desk.channel_down", why=why)


def wording(kind: CaseKind, number: str, text: str) -> str:
    """What the citizen reads in the chat."""
    return f"工作人员回复了您的{_CALLED.get(kind, kind.label)}（编号{number}）：{text}"
