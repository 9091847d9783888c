"""The outbox as it is kept: which letters wait, and what became of the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from desk.database import Database
from desk.schema import cases, letters, messages
from desk.staff_values import Letter
from desk.values import CaseKind, case_kind


@dataclass(frozen=True)
class WaitingLetter:
    """A letter that nobody has seen yet, with the case and the words it is about."""

    id: str
    number: str
    kind: CaseKind
    made_at: datetime
    openid_sealed: str = field(repr=False)
    text_sealed: str = field(repr=False)


_WAITING = and_(letters.c.delivered_at.is_(None), letters.c.given_up_at.is_(None))


class LetterStore:
    """Keeps letters in the desk's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def waiting(self) -> tuple[WaitingLetter, ...]:
        """The letters to push, oldest first."""
        wanted = (
            select(
                letters.c.id,
                letters.c.made_at,
                messages.c.text_sealed,
                cases.c.number,
                cases.c.kind,
                cases.c.openid_sealed,
            )
            .join_from(letters, messages)
            .join(cases)
            .where(_WAITING)
            .order_by(letters.c.made_at, letters.c.message)
        )

        async def work(connection: AsyncConnection) -> tuple[WaitingLetter, ...]:
            return tuple(
                WaitingLetter(
                    id=row.id,
                    number=row.number,
                    kind=case_kind(row.kind),
                    made_at=row.made_at,
                    openid_sealed=row.openid_sealed,
                    text_sealed=row.text_sealed,
                )
                for row in await connection.execute(wanted)
            )

        return await self._database.read(work)

    async def delivered(self, letter: str, now: datetime) -> None:
        """Note that the citizen has seen it."""
        seen = update(letters).where(letters.c.id == letter, _WAITING).values(delivered_at=now)
        await self._database.write(lambda connection: connection.execute(seen))

    async def give_up(self, before: datetime, now: datetime) -> int:
        """Stop pushing letters made before `before`; gives how many."""
        old = and_(_WAITING, letters.c.made_at < before)
        stopped = update(letters).where(old).values(given_up_at=now)

        async def work(connection: AsyncConnection) -> int:
            return int((await connection.execute(stopped)).rowcount)

        return await self._database.write(work)

    async def of_case(self, number: str) -> tuple[Letter, ...]:
        """What became of the letters of a case, oldest first."""
        wanted = (
            select(letters)
            .join(messages)
            .where(messages.c.number == number)
            .order_by(letters.c.message)
        )

        async def work(connection: AsyncConnection) -> tuple[Letter, ...]:
            return tuple(
                Letter(row.made_at, row.delivered_at, row.given_up_at)
                for row in await connection.execute(wanted)
            )

        return await self._database.read(work)
