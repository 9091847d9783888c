"""Progress of applications: the file as offices export it, checks, and guessing."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable
from datetime import date, timedelta
from pathlib import Path

import pytest
from desk_world import World
from structlog.testing import capture_logs

from desk.errors import DeskCode, DeskRefused
from desk.progress import FileProgress
from desk.values import Progress

HEAD = "办件编号,事项名称,当前环节,更新时间,下一步,是否办结,校验码\n"
ROWS = (
    "SL-2026-001,居民身份证换领,制证,2026-11-20 15:30,等待取证,否,\n"
    "SL2026002,普通护照签发,办结,2026/11/19,,是,567X\n"
)


def write(file: Path, text: str, encoding: str = "utf-8") -> None:
    file.write_bytes(text.encode(encoding))
    stat = file.stat()
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1_000_000))


async def refusal(call: Awaitable[object]) -> DeskCode:
    with pytest.raises(DeskRefused) as caught:
        await call
    return caught.value.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_rows_are_found_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "progress.csv"
    write(file, HEAD + ROWS, encoding)
    source = FileProgress(file)
    assert await source.find(" sl 2026 001 ", None) == Progress(
        "SL2026001", "居民身份证换领", "制证", date(2026, 11, 20), "等待取证", done=False
    )
    done = await source.find("ＳＬ2026002", "567x")
    assert (done.since, done.next_step, done.done) == (date(2026, 11, 19), None, True)


async def test_a_check_is_needed_and_must_match(tmp_path: Path) -> None:
    file = tmp_path / "progress.csv"
    source = FileProgress(file)
    assert await refusal(source.find("SL2026001", None)) is DeskCode.NO_PROGRESS_DATA
    write(file, HEAD + ROWS)
    assert await refusal(source.find("SL2026003", None)) is DeskCode.UNKNOWN_NUMBER
    assert await refusal(source.find("SL2026002", None)) is DeskCode.CHECK_NEEDED
    for check in ("5678", "", "密码"):
        assert await refusal(source.find("SL2026002", check)) is DeskCode.CHECK_WRONG


async def test_faulty_rows_are_named_without_what_stands_there(tmp_path: Path) -> None:
    file = tmp_path / "progress.csv"
    faulty = (
        "A1,事项,受理,昨天,,否,\n"
        "A2,,受理,2026-11-20,,否,\n"
        "A3,事项,受理,2026-11-20,,也许,\n"
        "A4,事项,受理,2026-11-20,,否,13812345678\n"
        "A5,事项,受理,2026-11-20\n"
        "\n"
        "SL2026001,事项,受理,2026-11-20,,否,\n"
    )
    write(file, HEAD + ROWS + faulty)
    source = FileProgress(file)
    with capture_logs() as logs:
        await source.find("SL2026001", None)
    refused = [one for one in logs if one["event"] == "desk.progress_row_refused"]
    assert [int(one["where"].rsplit(":", 1)[1]) for one in refused] == [4, 5, 6, 7, 8, 10]
    assert "13812345678" not in repr(logs) and "昨天" not in repr(logs)
    assert logs[-1] == {
        "event": "desk.progress_read",
        "log_level": "info",
        "rows": 2,
        "faulty": 6,
    }


async def test_the_file_is_read_anew_when_it_changes_and_the_last_good_one_goes_on(
    tmp_path: Path,
) -> None:
    file = tmp_path / "progress.csv"
    write(file, HEAD + ROWS)
    source = FileProgress(file)
    assert (await source.find("SL2026001", None)).stage == "制证"
    write(file, (HEAD + ROWS).replace("制证", "发证"))
    found = await asyncio.gather(*(source.find("SL2026001", None) for _ in range(5)))
    assert {one.stage for one in found} == {"发证"}
    for broken in ("别的,列\n", HEAD + '"没有完', "\xff\xfe".encode("latin-1").decode("latin-1")):
        write(file, broken, "latin-1" if broken[0] == "\xff" else "utf-8")
        assert (await source.find("SL2026001", None)).stage == "发证"
    file.unlink()
    assert await refusal(source.find("SL2026001", None)) is DeskCode.NO_PROGRESS_DATA


async def test_five_wrong_guesses_an_hour_even_at_once(world: World) -> None:
    write(world.desk.progress, HEAD + ROWS)

    async def guess(check: str | None, citizen: str = "citizen-1") -> DeskCode | None:
        try:
            await world.client.progress(citizen, "SL2026002", check)
        except DeskRefused as refused:
            return refused.code
        return None

    for _ in range(7):  # asking without the check, and right answers, are no guesses
        assert await guess(None) is DeskCode.CHECK_NEEDED
        assert await guess("567X") is None
    codes = await asyncio.gather(*(guess(f"{number:04}") for number in range(12)))
    assert codes.count(DeskCode.CHECK_WRONG) <= 5
    while await guess("0000") is DeskCode.CHECK_WRONG:
        pass
    assert await guess("567X") is DeskCode.TOO_MANY_TRIES
    assert await guess("567X", "citizen-2") is None
    world.now += timedelta(hours=1)
    assert await guess("567X") is None
