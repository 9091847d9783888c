"""Tables and bars line up where a Chinese character is two columns wide; sums of figures."""

from __future__ import annotations

import pytest

from booking.staff_values import Figure
from cli.booking_sums import by_item, shortened, total
from cli.tables import BAR, Bar, bar_lines, print_table, table_lines, width


def figure(item: str, booked: int, no_shows: int, place: str = "hall") -> Figure:
    return Figure(
        place=place,
        item=item,
        name=f"事项{item}",
        booked=booked,
        cancelled=1,
        arrived=booked - no_shows,
        served=0,
        no_shows=no_shows,
        waited=60.0,
    )


@pytest.mark.parametrize(
    ("text", "columns"), [("", 0), ("A01", 3), ("窗口", 4), ("（A）", 5), ("e\u0301", 1), ("ｱ", 1)]
)
def test_width(text: str, columns: int) -> None:
    assert width(text) == columns


def test_columns_line_up() -> None:
    lines = table_lines(("事项", "号"), [("居民身份证", "1"), ("id", "2")])
    assert lines == ["事项        号", "居民身份证  1", "id          2"]


def test_nothing_is_said_to_be_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("事项",), [])
    assert capsys.readouterr().out == "没有。\n"


def test_bars_follow_their_values() -> None:
    lines = bar_lines(
        [
            Bar("身份证", "预约", 400, "#"),
            Bar("", "爽约", 1, "x"),
            Bar("护照办理", "预约", 200, "#"),
            Bar("", "爽约", 0, "x"),
        ]
    )
    assert lines == [
        f"身份证    预约  {'#' * BAR} 400",
        "          爽约  x 1",
        f"护照办理  预约  {'#' * (BAR // 2)} 200",
        "          爽约  0",
    ]
    assert bar_lines([]) == []
    assert bar_lines([Bar("", "预约", 0, "#")]) == ["  预约  0"]


def test_sums() -> None:
    figures = [figure("a", 3, 1), figure("b", 9, 0), figure("a", 8, 1, "town")]
    whole = total(figures)
    assert (whole.booked, whole.cancelled, whole.arrived, whole.no_shows) == (20, 3, 18, 2)
    assert (whole.waited, whole.no_show_rate) == (None, 0.1)
    items = [(one.name, one.booked, one.no_shows) for one in by_item(figures)]
    assert items == [("事项a", 11, 2), ("事项b", 9, 0)]
    assert total([]).no_show_rate is None


def test_a_long_chart_ends_in_the_rest() -> None:
    items = by_item(figure(str(number), number, 1) for number in range(1, 31))
    short = shortened(items, 15)
    assert len(short) == 15
    assert (short[-1].name, short[-1].booked, short[-1].no_shows) == (
        "其余16个事项",
        sum(range(1, 17)),
        16,
    )
    assert shortened(items, 30) == items
