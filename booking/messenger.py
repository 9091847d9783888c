"""The messenger: brings the messages of the outbox to the citizens' chats.

A message is claimed for a minute before it is pushed, so that several backends don't push the same
one, and one whose backend died is pushed by another. Pushed at least once, under one id by which
the bot shows it once; pushed again, ever more seldom, until the bot says that the citizen saw it or
until there is no point in it any more. At night nothing is pushed. What could not be brought is
dead, and staff can see it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from booking.channel import Channel, ChannelDown, LetterRefused
from booking.errors import Refused
from booking.message_values import MessageKind, MessageState
from booking.office import Office
from booking.privacy import Vault
from booking.records import Waiting
from booking.reminders import TIMED, after_quiet
from booking.staff_office import StaffOffice
from booking.values import Kind, Slot
from booking.wording import notice, still_true, words
from service_catalog.catalog import Catalog

log = structlog.get_logger()

AT_ONCE = 50
CLAIM = timedelta(seconds=60)
FIRST_REST, LONGEST_REST = timedelta(seconds=30), timedelta(hours=1)
DOWN_REST = timedelta(seconds=20)
"""How long all rest when the bot takes nothing."""
MOST_REFUSALS = 5
LOOK_EVERY = 1.0
"""Seconds between two looks into the outbox, unless somebody wakes the messenger."""


class Outbox(Protocol):
    """Where messages wait."""

    async def claim(self, now: datetime, until: datetime, limit: int) -> tuple[Waiting, ...]:
        """The messages that are due, at most `limit`; nobody else gets them before `until`."""

    async def waits(self, message: str) -> bool:
        """Whether the message is still to be sent."""

    async def settle_message(
        self, message: str, state: MessageState, now: datetime, why: str | None = None
    ) -> None:
        """Note what became of a message that waited."""

    async def put_off(self, message: str, until: datetime, why: str | None, *, tried: bool) -> None:
        """Let a message wait until then; one that was tried counts it."""


class Messenger:
    """Sends what the outbox of one office holds."""

    def __init__(  # noqa: PLR0917 - the parts of one office
        self,
        office: Office,
        staff: StaffOffice,
        outbox: Outbox,
        vault: Vault,
        catalog: Callable[[], Awaitable[Catalog]],
        clock: Callable[[], datetime],
    ) -> None:
        self._office = office
        self._staff = staff
        self._outbox = outbox
        self._vault = vault
        self._catalog = catalog
        self._clock = clock
        self._down = False

    async def run(self, channel: Channel) -> None:
        """Send until cancelled."""
        async with channel:
            while True:
                sent = await self.round(channel)
                if sent < AT_ONCE:
                    await asyncio.sleep(LOOK_EVERY)

    async def round(self, channel: Channel) -> int:
        """Send what is due; gives how many messages that were."""
        now = self._clock()
        due = await self._outbox.claim(now, now + CLAIM, AT_ONCE)
        for number, message in enumerate(due):
            try:
                await self._send(channel, message)
            except ChannelDown as down:
                self._tell(str(down))
                for other in due[number:]:
                    await self._outbox.put_off(
                        other.id, self._clock() + DOWN_REST, "channel down", tried=False
                    )
                break
        return len(due)

    async def _send(self, channel: Channel, message: Waiting) -> None:
        now, catalog = self._clock(), await self._catalog()
        if not still_true(message):
            await self._end(message, MessageState.DROPPED)
            return
        if message.expires_at <= now:
            await self._end(message, MessageState.DEAD, "not seen in time")
            return
        if message.openid_sealed is None:
            await self._end(message, MessageState.DEAD, "no address")
            return
        quiet_until = after_quiet(now, catalog.hall.booking.reminders)
        if quiet_until > now:
            await self._outbox.put_off(message.id, quiet_until, None, tried=False)
            return
        if message.kind in TIMED and await self._staff.call_off(message.record):
            await self._end(message, MessageState.DROPPED)
            return
        text = words(message, catalog, await self._offers(message))
        if not await self._outbox.waits(message.id):
            return  # taken back since it was claimed
        openid = self._vault.open(message.openid_sealed)
        try:
            seen = await channel.push(message.id, openid, text, message.expires_at, notice(message))
        except LetterRefused as refused:
            await self._refused(message, str(refused))
            return
        self._tell(None)
        if seen:
            await self._end(message, MessageState.SENT)
        else:
            await self._rest(message, "not seen yet")

    async def _offers(self, message: Waiting) -> tuple[Slot, ...]:
        record = message.record
        if message.kind is not MessageKind.AFFECTED or record.kind is Kind.HOME:
            return ()
        try:
            return await self._office.nearest(
                record.service, record.starts_at, record.place, priority=record.priority
            )
        except Refused:  # the item or the place is gone
            return ()

    async def _refused(self, message: Waiting, status: str) -> None:
        why = f"the bot answered {status}"
        if message.tries + 1 >= MOST_REFUSALS:
            await self._end(message, MessageState.DEAD, why)
        else:
            await self._rest(message, why)

    async def _rest(self, message: Waiting, why: str) -> None:
        rest = min(FIRST_REST * 2 ** min(message.tries, 20), LONGEST_REST)
        until = min(self._clock() + rest, message.expires_at)
        await self._outbox.put_off(message.id, until, why, tried=True)

    async def _end(self, message: Waiting, state: MessageState, why: str | None = None) -> None:
        await self._outbox.settle_message(message.id, state, self._clock(), why)
        log.info("booking.message", message=message.id, kind=message.kind.value, state=state.value)

    def _tell(self, why: str | None) -> None:
        """Log once that the channel went down, and once that it is back."""
        if (why is not None) == self._down:
            return
        self._down = why is not None
        if why is None:
            log.info("booking.channel_back")
        else:
            log.warning("booking.channel_down", why=why)
