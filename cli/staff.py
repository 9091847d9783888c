"""How the staff's commands call the running backend: in whose name, twice at most, and errors.

`banshi desk`, `banshi questions` and `banshi booking` build on it; what is called, and what a
refusal says to staff, is theirs.
"""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Generic, TypeVar

import click

from cli import settings as all_settings
from cli.settings import SettingsError

NAME = 40
"""Characters of a staff member's name that the backend takes."""
_TRIES = 2

Client = TypeVar("Client")
Refusal = TypeVar("Refusal", bound=Exception)
Value = TypeVar("Value")


def _name(_context: click.Context, _option: click.Parameter, given: str | None) -> str | None:
    if given is None:
        return None
    name = given.strip()
    if not 1 <= len(name) <= NAME or not name.isprintable():
        raise click.BadParameter(f"写您的姓名，1到{NAME}个字")
    return name


staff_option = click.option(
    "--staff", callback=_name, help="Your name, noted beside what you do (default: $USER)."
)


@dataclass(frozen=True)
class Room(Generic[Client, Refusal]):
    """One room of the backend, as its staff's commands call it.

    Attributes:
        client: Makes the client from the address, the key, the staff member's name and seconds.
        refused: What the client raises for a no.
        unavailable: What it raises when no usable answer came.
        sentence: What staff read of a no.
        seconds: How long an answer may take.
    """

    client: Callable[[str, str, str, float], AbstractAsyncContextManager[Client]]
    refused: type[Refusal]
    unavailable: type[Exception]
    sentence: Callable[[Refusal], str]
    seconds: float

    def ask(self, staff: str | None, call: Callable[[Client], Awaitable[Value]]) -> Value:
        """Call the backend in the name of `staff`; one that gives no answer is asked once more.

        Raises:
            click.ClickException: It refused or gave no answer, or the settings can't be used.
        """
        try:
            settings = all_settings.load()
        except SettingsError as error:
            raise click.ClickException(str(error)) from None
        where = settings["BANSHI_BOOKING_URL"], settings["BANSHI_BOOKING_KEY"]
        return asyncio.run(self._run(*where, staff or _user(), call))

    async def _run(
        self, address: str, key: str, staff: str, call: Callable[[Client], Awaitable[Value]]
    ) -> Value:
        async with self.client(address, key, staff, self.seconds) as client:
            for attempt in range(1, _TRIES + 1):
                try:
                    return await call(client)
                except self.refused as refused:
                    raise click.ClickException(self._no(refused, attempt)) from None
                except self.unavailable as error:
                    if attempt == _TRIES:
                        raise click.ClickException(_down(error)) from None
                    click.echo("后台没有应答，再试一次。", err=True)
                    await asyncio.sleep(0.2)
        raise AssertionError("every try ends above")

    def _no(self, refused: Refusal, attempt: int) -> str:
        """A step that was done although its answer was lost is refused when it is repeated."""
        late = "（第一次没有收到应答，可能已经办成，请核对。）" if attempt > 1 else ""
        return self.sentence(refused) + late


def _down(error: Exception) -> str:
    return f"后台没有应答（{error}）：先用banshi up启动，或检查BANSHI_BOOKING_URL"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise click.ClickException("不知道您是谁：请加上 --staff 姓名") from None
