"""The desk as a whole: its offices, its database, and the two tasks that run behind them.

`build` puts the parts together; `open` and `close` frame their life, `start` and `stop` that of the
tasks. The backend process does it through `desk.web`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from booking.channel import NOWHERE, Channel
from booking.privacy import Vault
from booking.settings import Settings
from booking.tasks import Tasks
from desk import deadlines, masking
from desk.case_store import CaseStore
from desk.database import Database
from desk.letter_store import LetterStore
from desk.letters import Postman
from desk.office import Means, Office
from desk.progress import FileProgress, ProgressSource
from desk.records_store import RecordsStore
from desk.settings import DeskSettings
from desk.staff_office import StaffOffice
from service_catalog import clock
from service_catalog.catalog import Catalog

log = structlog.get_logger()

REST = timedelta(days=15)
"""An answered case whose citizen says no more is closed after so long."""
_DAY = 24 * 3600.0


class Room:
    """The desk's offices with what they need to run."""

    def __init__(
        self,
        settings: Settings,
        desk: DeskSettings,
        catalog: Callable[[], Awaitable[Catalog]],
        now: Callable[[], datetime] = clock.now,
        progress: ProgressSource | None = None,
    ) -> None:
        """Put the desk together.

        Args:
            settings: The backend's: its database and keys are the desk's too.
            desk: The desk's own.
            catalog: Gives the catalogue of the moment.
            now: Gives the time; tests set it.
            progress: Who knows how far applications have come; by default a CSV file.
        """
        self._database = Database(settings.database)
        self._vault = Vault(settings.data_key)
        self._now = now
        letters = LetterStore(self._database)
        self._means = Means(
            catalog, CaseStore(self._database), RecordsStore(self._database), self._vault, now
        )
        self._postman = Postman(
            letters, self._vault, Channel(settings.bot_url or NOWHERE, settings.key), now
        )
        self.office = Office(self._means, progress or FileProgress(desk.progress))
        self.staff = StaffOffice(self._means, letters, self._postman.wake)
        self._tasks = Tasks("desk")

    async def open(self) -> None:
        """Make the database ready.

        Raises:
            WrongDatabase: It can't be used; the message says why.
        """
        await self._database.open(self._vault.digest("check", "data key"))

    async def close(self) -> None:
        """Let running transactions end and close the database."""
        await self._database.close()

    def start(self) -> None:
        """Start the tasks behind the desk."""
        self._tasks.start("letters", self._postman.run)
        self._tasks.every(_DAY, "clean-up", self.clean_up)
        self._tasks.once(asyncio.to_thread(masking.warm))

    async def stop(self) -> None:
        """End the tasks and wait for them."""
        await self._tasks.stop()

    async def clean_up(self) -> None:
        """Delete what has been kept for long enough."""
        now, keep = self._now(), deadlines.keep(await self._means.catalog())
        closed, deleted = await self._means.cases.clean_up(now, REST, keep)
        await self._means.records.clean_up(now - keep)
        await self._database.forget_requests(now)
        log.info("desk.cleaned_up", closed=closed, deleted=deleted)
