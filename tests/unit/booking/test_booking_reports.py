"""`banshi booking figures` and `export`, and what every command says when it can't be done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path

import aiohttp
import openpyxl
import pytest
from aiohttp import web
from booking_world import World, at
from command_line import SECRETS, Staff
from databases import Files


@pytest.fixture
def database(tmp_path: Path) -> str:
    """SQLite alone: what the commands say doesn't depend on the database."""
    return Files(tmp_path).opened()


@pytest.fixture
def staff(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Staff:
    return Staff(world, tmp_path, monkeypatch)


# --- figures and the workbook -------------------------------------------------------------------


async def a_morning(world: World) -> None:
    """Tuesday: one came and was called after two minutes, one cancelled, one missed, one is due."""
    world.rule(per_day=3)
    named = {**world.catalog.services}
    named["permit"] = named["permit"].copy(update={"name": "=1+1证明"})
    world.catalog = replace(world.catalog, services=named)
    came = await world.book(at(24, 9))
    cancelled = await world.book(at(24, 9), "citizen-2")
    await world.cancel(cancelled.code, "citizen-2")
    missed = await world.book(at(24, 9), "citizen-3")
    await world.book(at(24, 11), "citizen-5", service="permit")
    world.now = at(24, 9, 10)
    await world.staff.check_in(came.code)
    world.now = at(24, 9, 12)
    await world.staff.call(came.code, "1")
    await world.staff.no_show(missed.code)


async def test_figures_of_the_last_week_with_bars(world: World, staff: Staff) -> None:
    await a_morning(world)
    output = await staff.run("figures")
    assert "2026-11-18（周三） 到 2026-11-24（周二）" in output
    rows = [line.split() for line in output.splitlines()]
    hall = "区政务服务中心"
    assert [hall, "居民身份证换领", "2", "1", "1", "0", "1", "50.0%", "2.0"] in rows
    assert [hall, "=1+1证明", "1", "0", "0", "0", "0", "—", "—"] in rows
    assert ["合计", "3", "1", "1", "0", "1", "50.0%", "—"] in rows
    bars = [line for line in output.splitlines() if "#" in line or "x" in line]
    assert bars == [
        f"居民身份证换领  预约  {'#' * 40} 2",
        f"{' ' * 14}  爽约  {'x' * 20} 1",
        f"=1+1证明        预约  {'#' * 20} 1",
    ]
    assert "没有。" in await staff.run("figures", "--from", "2026-11-25", "--until", "2026-11-30")
    assert "3" in await staff.run("figures", "--from", "2026-11-24")


@pytest.mark.parametrize(
    ("span", "told"),
    [
        (("--from", "2026-11-25", "--until", "2026-11-24"), "晚于"),
        (("--from", "2025-11-24", "--until", "2026-11-25"), "最多366天"),
        (("--from", "11-24"), "不是日期"),
    ],
)
async def test_bad_spans(world: World, staff: Staff, span: tuple[str, ...], told: str) -> None:
    assert told in await staff.run("figures", *span, code=2)
    target = staff.directory / "out.xlsx"
    assert told in await staff.run("export", str(target), *span, code=2)
    assert not target.exists()


async def test_the_workbook_read_back(world: World, staff: Staff) -> None:
    await a_morning(world)
    visit = await world.visit(at(30, 9).date(), "citizen-6")
    target = staff.directory / "周报.xlsx"
    output = await staff.run("export", str(target), "--from", "2026-11-23", "--until", "2026-11-30")
    assert "5个预约和3行统计" in output
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == ["预约", "统计"]
    page = book["预约"]
    assert page.freeze_panes == "A2"
    head, *rows = page.iter_rows(values_only=True)
    lines = [dict(zip(head, row, strict=True)) for row in rows]
    called = next(line for line in lines if line["叫号窗口"])
    assert (called["日期"], called["开始"]) == (datetime(2026, 11, 24), time(9, 0))  # noqa: DTZ001
    assert called["报到"] == datetime(2026, 11, 24, 9, 10)  # noqa: DTZ001 - a cell has no zone
    assert (called["姓名"], called["电话"], called["状态"]) == ("张**", "138****5678", "已报到")
    states = sorted(line["状态"] for line in lines)
    assert states == sorted(["已报到", "已取消", "爽约", "已预约", "已预约"])
    home = next(line for line in lines if line["预约号"] == visit.code)
    assert (home["上门"], home["可办窗口"]) == ("是", None)
    assert not any(secret in repr(lines) for secret in SECRETS)
    cells = [cell for sheet in book for row in sheet for cell in row]
    assert {cell.data_type for cell in cells} == {"s", "n", "d"}  # no formula
    assert "=1+1证明" in {cell.value for cell in cells}
    assert page.column_dimensions["E"].width > 14

    figures = book["统计"]
    assert figures.freeze_panes == "A2"
    table = [row[:9] for row in figures.iter_rows(values_only=True)]
    hall = "区政务服务中心"
    assert (hall, "居民身份证换领", 2, 1, 1, 0, 1, 0.5, 2) in table
    assert ("合计", None, 4, 1, 1, 0, 1, 0.5, None) in table
    (chart,) = figures._charts
    first = table.index(("事项", "预约", "爽约", *[None] * 6)) + 1
    assert table[first][:3] == ("居民身份证换领", 3, 1)
    booked, no_shows = chart.series
    assert booked.val.numRef.f == f"'统计'!$B${first + 1}:$B${first + 2}"
    assert no_shows.val.numRef.f == f"'统计'!$C${first + 1}:$C${first + 2}"


async def test_where_a_workbook_may_be_written(world: World, staff: Staff) -> None:
    target = staff.directory / "out.xlsx"
    target.write_text("别人的", encoding="utf-8")
    assert "--force" in await staff.run("export", str(target), code=1)
    assert target.read_text(encoding="utf-8") == "别人的"
    assert "0个预约" in await staff.run("export", str(target), "--force")
    assert openpyxl.load_workbook(target).sheetnames == ["预约", "统计"]
    folder = staff.directory / "folder.xlsx"
    folder.mkdir()
    for path, told in (
        (folder, "是一个文件夹"),
        (staff.directory / "out.csv", "请用 .xlsx"),
        (staff.directory / "missing" / "out.xlsx", "没有"),
        (target / "out.xlsx", "没有"),
        (staff.directory / f"{'x' * 300}.xlsx", "写不进去"),
    ):
        assert told in await staff.run("export", str(path), code=1), path


# --- who calls, and a backend that doesn't answer -----------------------------------------------


async def test_nothing_without_a_name(world: World, staff: Staff) -> None:
    for name in (" ", "x" * 41, "王\n五"):
        assert "写您的姓名" in await staff.run("closures", name=name, code=2)


async def test_a_place_or_a_day_that_is_none(world: World, staff: Staff) -> None:
    assert "没有这个地点编号" in await staff.run("today", "--place", "nowhere", code=1)
    assert "不是日期" in await staff.run("today", "--day", "2026-11-31", code=2)


async def test_a_backend_that_is_down(world: World, staff: Staff, unused_tcp_port: int) -> None:
    staff.url = f"http://127.0.0.1:{unused_tcp_port}"
    output = await staff.run("today", code=1)
    assert "再试一次" in output and "banshi up" in output


@asynccontextmanager
async def losing_the_first_answer(url: str) -> AsyncIterator[str]:
    """A way to the backend on which the first answer is lost, though the backend did its part."""
    calls = 0

    async def forward(request: web.Request) -> web.Response:
        nonlocal calls
        calls += 1
        names = {name: request.headers[name] for name in ("Authorization", "X-Staff")}
        async with (
            aiohttp.ClientSession(headers=names) as session,
            session.post(url + request.path, data=await request.read()) as answer,
        ):
            status = 502 if calls == 1 else answer.status
            return web.Response(status=status, body=await answer.read())

    app = web.Application()
    app.router.add_post("/{path:.*}", forward)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


async def test_a_step_whose_answer_was_lost_may_have_been_done(world: World, staff: Staff) -> None:
    booked = await world.book(at(24, 9))
    world.now = at(24, 9)
    async with losing_the_first_answer(world.url) as staff.url:
        output = await staff.run("check-in", booked.code, code=1)
    assert "已报到" in output and "可能已经办成" in output
