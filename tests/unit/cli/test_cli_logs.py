"""The processes' output on disk."""

from __future__ import annotations

from pathlib import Path

from cli.logs import KEPT, MAX_BYTES, OutputLog


def test_lines_are_written_in_order_as_they_came(tmp_path: Path) -> None:
    log = OutputLog(tmp_path / "deep" / "bot.log")
    lines = ["第一行 😀", "100% %s %(name)s {x}", "", "  indented\ttab", "Traceback: \x1b[31mred"]
    for line in lines:
        log.line(line)
    log.close()
    assert (tmp_path / "deep" / "bot.log").read_text(encoding="utf-8").split("\n") == [*lines, ""]


def test_a_second_run_goes_on_in_the_same_file(tmp_path: Path) -> None:
    for line in ("yesterday", "today"):
        log = OutputLog(tmp_path / "bot.log")
        log.line(line)
        log.close()
    assert (tmp_path / "bot.log").read_text(encoding="utf-8") == "yesterday\ntoday\n"


def test_everything_is_on_disk_once_it_is_closed(tmp_path: Path) -> None:
    log = OutputLog(tmp_path / "bot.log")
    for number in range(2000):
        log.line(str(number))
    log.close()
    lines = (tmp_path / "bot.log").read_text(encoding="utf-8").splitlines()
    assert lines == [str(number) for number in range(2000)]


def test_full_files_are_kept_three_deep_and_no_deeper(tmp_path: Path) -> None:
    log = OutputLog(tmp_path / "bot.log")
    chunk = "x" * (MAX_BYTES // 2)
    for number in range(2 * (KEPT + 3)):
        log.line(f"{number} {chunk}")
    log.close()
    files = sorted(file.name for file in tmp_path.iterdir())
    assert files == ["bot.log", *(f"bot.log.{number}" for number in range(1, KEPT + 1))]
    assert all(file.stat().st_size <= MAX_BYTES + 100 for file in tmp_path.iterdir())
