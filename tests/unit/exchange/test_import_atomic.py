"""All of an import or none of it: whatever fails, the directory is as it was."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from exchange_world import ROWS, as_csv, files, run, shipped_copy

from service_catalog.exchange import importing, write
from service_catalog.exchange.faults import ChangedMeanwhile
from service_catalog.loader import Loader


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return shipped_copy(tmp_path)


def rows_for(directory: Path) -> list[dict[str, str]]:
    services = list(Loader(directory).load().services.values())[:3]
    changed = [
        {"实施主体": one.department, "事项名称": one.name, "咨询电话": f"0600-880099{n}"}
        for n, one in enumerate(services)
    ]
    return [*ROWS, *changed]


def fail_at(monkeypatch: pytest.MonkeyPatch, method: str, call: int, code: int) -> None:
    """The disk refuses the n-th call of a method of Path within the catalogue."""
    usual = getattr(Path, method)
    made = 0

    def refuse(self: Path, *arguments: object) -> object:
        nonlocal made
        if write.WORKSHOP in self.parts:
            made += 1
            if made == call:
                raise OSError(code, os.strerror(code))
        return usual(self, *arguments)

    monkeypatch.setattr(Path, method, refuse)


@pytest.mark.parametrize("call", [1, 4, 6])
@pytest.mark.parametrize(
    ("method", "code"), [("replace", errno.EIO), ("write_bytes", errno.ENOSPC)]
)
def test_a_disk_that_refuses_leaves_all_as_it_was(  # noqa: PLR0917
    tmp_path, directory, monkeypatch, method, code, call
):
    source = as_csv(tmp_path / "l.csv", rows_for(directory))
    before = files(directory)
    fail_at(monkeypatch, method, call, code)
    result = run("import", source, "--into", directory)
    assert result.exit_code == 1
    assert "一切照旧" in result.output
    assert files(directory) == before
    assert not (directory / "drafts").exists()


def test_a_new_directory_is_gone_again(tmp_path, monkeypatch):
    fail_at(monkeypatch, "replace", 2, errno.ENOSPC)
    run("import", as_csv(tmp_path / "l.csv", ROWS), "--into", tmp_path / "a" / "b")
    assert not (tmp_path / "a").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes into read-only directories too")
def test_a_read_only_directory(tmp_path, directory):
    source = as_csv(tmp_path / "l.csv", rows_for(directory))
    before = files(directory)
    directory.chmod(0o555)
    try:
        result = run("import", source, "--into", directory)
    finally:
        directory.chmod(0o755)
    assert result.exit_code == 1
    assert "写不进去" in result.output
    assert files(directory) == before


def test_a_killed_import_is_taken_back_by_the_next(tmp_path, directory, monkeypatch):
    source = as_csv(tmp_path / "l.csv", rows_for(directory))
    before = files(directory)

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(write, "_take_back", die)
    fail_at(monkeypatch, "replace", 4, errno.EIO)
    prepared = importing.prepare(source, directory)
    with pytest.raises(Killed):
        importing.carry_out(prepared)
    assert files(directory) != before
    monkeypatch.undo()
    (directory / write.WORKSHOP / "process").write_text("999999999", "ascii")
    assert write.recover(directory)
    assert files(directory) == before


def test_an_edit_in_between_is_not_overwritten(tmp_path, directory):
    prepared = importing.prepare(as_csv(tmp_path / "l.csv", rows_for(directory)), directory)
    file = directory / "hall.yml"
    file.write_text(file.read_text("utf-8") + "# 刚改过\n", "utf-8")
    before = files(directory)
    with pytest.raises(ChangedMeanwhile):
        importing.carry_out(prepared)
    assert files(directory) == before


def test_a_catalogue_with_faults_takes_nothing(tmp_path, directory):
    (directory / "services" / "id-card-first.yml").write_text("id: [", "utf-8")
    before = files(directory)
    result = run("import", as_csv(tmp_path / "l.csv", ROWS), "--into", directory)
    assert result.exit_code == 1
    assert "先改好再导入" in result.output
    assert "services/id-card-first.yml" in result.output
    assert files(directory) == before


def test_a_row_that_the_whole_catalogue_refuses(tmp_path, directory):
    """An everyday word that another service has already: only the whole shows it."""
    one, other, *_ = Loader(directory).load().services.values()
    row = {"实施主体": one.department, "事项名称": one.name, "日常用语": other.aliases[0]}
    before = files(directory)
    result = run("import", as_csv(tmp_path / "l.csv", [row]), "--into", directory)
    assert result.exit_code == 1
    assert other.aliases[0] in result.output
    assert files(directory) == before


def test_a_hall_to_fill_in_when_asked(tmp_path):
    new = tmp_path / "new"
    source = as_csv(tmp_path / "l.csv", ROWS)
    assert run("import", source, "--into", new, "--with-hall").exit_code == 0
    assert Loader(new).load().hall.name == "待填写"
    assert "没有要写的" in run("import", source, "--into", new, "--with-hall").output
