"""How far an application has come, from the office that handles it.

A hall connects its own system by giving the desk another `ProgressSource`. The one here reads a CSV
file that such a system exports. It is read anew when it changes; a faulty row is named in the log
(never what stands in it) and left out, and while the file can't be read at all the last good rows
go on.
"""

from __future__ import annotations

import asyncio
import csv
import hmac
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

import structlog

from desk.errors import DeskCode, DeskRefused
from desk.values import Progress

log = structlog.get_logger()

COLUMNS = ("办件编号", "事项名称", "当前环节", "更新时间", "下一步", "是否办结")
CHECK = "校验码"
"""A column that need not be there: the last 4 of the applicant's phone or ID number."""
_NEEDED = COLUMNS[:4]
_CHECK = re.compile(r"[0-9]{3}[0-9X]")
_DONE = {"是": True, "已办结": True, "否": False, "": False}
_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d")
_TIMES = ("", " %H:%M", " %H:%M:%S", "T%H:%M:%S")
_NAMED = 20
"""How many faulty rows the log names one by one."""


class ProgressSource(Protocol):
    """Whoever knows how far applications have come."""

    async def find(self, number: str, check: str | None) -> Progress:
        """How far the application `number` has come.

        Raises:
            DeskRefused: NO_PROGRESS_DATA, UNKNOWN_NUMBER, CHECK_NEEDED or CHECK_WRONG.
        """


@dataclass(frozen=True)
class _Entry:
    progress: Progress
    check: str = field(repr=False)


@dataclass(frozen=True)
class _Fault:
    line: int
    what: str


_Stamp = tuple[int, int, int]


class FileProgress:
    """Implements `ProgressSource` on a CSV file in UTF-8 or GB18030."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = asyncio.Lock()
        self._seen: _Stamp | None = None
        self._entries: Mapping[str, _Entry] | None = None

    async def find(self, number: str, check: str | None) -> Progress:
        """See `ProgressSource`."""
        async with self._lock:  # one reads, the others wait for what it read
            entries = await self._fresh()
        if entries is None:
            raise DeskRefused(DeskCode.NO_PROGRESS_DATA)
        entry = entries.get(_plain(number))
        if entry is None:
            raise DeskRefused(DeskCode.UNKNOWN_NUMBER)
        if entry.check:
            if check is None:
                raise DeskRefused(DeskCode.CHECK_NEEDED)
            if not hmac.compare_digest(entry.check.encode(), _plain(check).encode()):
                raise DeskRefused(DeskCode.CHECK_WRONG)
        return entry.progress

    async def _fresh(self) -> Mapping[str, _Entry] | None:
        stamp = await asyncio.to_thread(self._stamp)
        if stamp is None:
            if self._seen is not None:
                log.warning("desk.progress_missing", file=str(self._file))
            self._seen, self._entries = None, None
        elif stamp != self._seen:
            self._seen = stamp
            try:
                entries, faults = await asyncio.to_thread(_read, self._file)
            except (OSError, ValueError, csv.Error) as error:
                log.error("desk.progress_refused", file=str(self._file), fault=_reason(error))
                return self._entries
            for fault in faults[:_NAMED]:
                where = f"{self._file}:{fault.line}"
                log.warning("desk.progress_row_refused", where=where, fault=fault.what)
            log.info("desk.progress_read", rows=len(entries), faulty=len(faults))
            self._entries = entries
        return self._entries

    def _stamp(self) -> _Stamp | None:
        try:
            stat = self._file.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _reason(error: Exception) -> str:
    """Why the file can't be read; an error of decoding would show a piece of it."""
    if isinstance(error, UnicodeError):
        return "it is neither UTF-8 nor GB18030"
    return str(error)


def _read(file: Path) -> tuple[dict[str, _Entry], list[_Fault]]:
    """The rows of the file by number, and its faulty rows.

    Raises:
        OSError: It can't be read.
        ValueError: It is in no known encoding, or lacks columns.
        csv.Error: It is no CSV.
    """
    rows = csv.reader(io.StringIO(_decode(file.read_bytes()), newline=""), strict=True)
    header = [name.strip() for name in next(rows, [])]
    missing = [name for name in _NEEDED if name not in header]
    if missing:
        raise ValueError(f"columns are missing: {'、'.join(missing)}")
    entries: dict[str, _Entry] = {}
    faults: list[_Fault] = []
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
        what = next(_faults(cells, row, header), None)
        number = _plain(cells.get("办件编号", ""))
        if what is None and number in entries:
            what = "办件编号 stands in an earlier row too"
        if what is not None:
            faults.append(_Fault(rows.line_num, what))
        else:
            entries[number] = _entry(number, cells)
    return entries, faults


def _faults(cells: Mapping[str, str], row: list[str], header: list[str]) -> Iterator[str]:
    """What is wrong with a row, by column, without what stands there."""
    if len(row) != len(header):
        yield f"{len(row)} cells instead of {len(header)}"
    for name in _NEEDED:
        if not cells.get(name):
            yield f"{name} is empty"
    if _day(cells.get("更新时间", "")) is None:
        yield "更新时间 is no date like 2026-11-23"
    if cells.get("是否办结", "") not in _DONE:
        yield "是否办结 is neither 是 nor 否"
    check = cells.get(CHECK, "")
    if check and not _CHECK.fullmatch(_plain(check)):
        yield f"{CHECK} is not the last 4 of a phone or ID number"


def _entry(number: str, cells: Mapping[str, str]) -> _Entry:
    since = _day(cells["更新时间"])
    if since is None:
        raise ValueError("the row was not checked")
    progress = Progress(
        number=number,
        service_name=cells["事项名称"],
        stage=cells["当前环节"],
        since=since,
        next_step=cells.get("下一步") or None,
        done=_DONE[cells.get("是否办结", "")],
    )
    return _Entry(progress, _plain(cells.get(CHECK, "")))


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def _plain(text: str) -> str:
    """A number as it is compared: one width, upper case, without blanks and hyphens."""
    return re.sub(r"[\s\-‐-―]", "", unicodedata.normalize("NFKC", text)).upper()


def _day(text: str) -> date | None:
    for day in _DAYS:
        for time in _TIMES:
            try:
                return datetime.strptime(text, day + time).date()  # noqa: DTZ007 - only the day
            except ValueError:
                continue
    return None
