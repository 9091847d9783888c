"""Carrying out a plan: all of it, or nothing.

First the result is put together beside the catalogue and loaded as the chat would load it. Then
every new text is on the disk before the first file is exchanged; when one exchange fails, those
before it are taken back. What a crash leaves behind, the next import takes back.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from service_catalog.errors import Problem, ProblemsFound
from service_catalog.exchange.faults import ChangedMeanwhile, WriteFailed
from service_catalog.exchange.plan import Change, Plan
from service_catalog.exchange.yaml_text import edited, plain, render
from service_catalog.loader import Loader

WORKSHOP = ".import"
"""Where new and old texts lie while files are exchanged; the loader doesn't look there."""
_JOURNAL = "journal.json"

Contents = Mapping[str, str | None]
"""Text by file; None for a file that goes."""


def contents_of(plan: Plan) -> dict[str, str | None]:
    """The files that the plan writes, as they shall be."""
    contents: dict[str, str | None] = {}
    for change in plan.writes:
        contents[change.file] = _text(plan.directory, change)
        if change.replaces:
            contents[change.replaces] = None
    return contents


def _text(directory: Path, change: Change) -> str:
    new = plain(change.value)
    if change.before is None:
        return render(new)
    raw = (directory / change.file).read_bytes().decode("utf-8")
    mark = "\ufeff" if raw.startswith("\ufeff") else ""
    return mark + edited(
        raw.removeprefix(mark), change.before.document.node, plain(change.before.value), new
    )


def problems_after(
    plan: Plan, contents: dict[str, str | None], extra: Contents
) -> tuple[Problem, ...]:
    """What would be wrong with the catalogue once the plan is carried out; () when nothing.

    An edit that would not read back as what it should say is replaced by the whole entry anew.
    """
    with tempfile.TemporaryDirectory(prefix="banshi-import-") as temporary:
        beside = Path(temporary)
        for name, _ in plan.stamps:
            _folder(beside / name)
            shutil.copyfile(plan.directory / name, beside / name)
        for name, text in {**extra, **contents}.items():
            _put(beside / name, text)
        loader = Loader(beside)
        problems: tuple[Problem, ...] = ()
        try:
            loader.load()
        except ProblemsFound as found:
            problems = found.problems
        entries = loader.entries()
        for change in plan.writes:
            entry = entries.get(change.file)
            if change.before is not None and (entry is None or entry.value != change.value):
                contents[change.file] = render(plain(change.value))
        return problems


def write(plan: Plan, contents: Contents) -> None:
    """Exchange the files.

    Raises:
        ChangedMeanwhile: Somebody edited the catalogue since the plan was made.
        WriteFailed: A file could not be written; all are as they were.
    """
    if tuple(Loader(plan.directory).fingerprint()) != plan.stamps:
        raise ChangedMeanwhile(f"{plan.directory}刚才有别的改动，什么也没有写：请再导入一次")
    if not contents:
        return
    made = _missing_folders(plan.directory, contents)
    workshop = plan.directory / WORKSHOP
    try:
        plan.directory.mkdir(parents=True, exist_ok=True)
        workshop.mkdir()
    except FileExistsError:
        raise WriteFailed(f"{workshop}还在：另一个导入正在进行，或先删掉它") from None
    except OSError as error:
        _remove(made)
        raise WriteFailed(f"{plan.directory}写不进去（{error.strerror}），一切照旧") from None
    try:
        _lay_ready(plan.directory, workshop, contents)
        _exchange(plan.directory, workshop, contents)
    except OSError as error:
        _take_back(plan.directory, workshop)
        shutil.rmtree(workshop, ignore_errors=True)
        _remove(made)
        raise WriteFailed(f"写文件失败（{error.strerror or error}），一切照旧") from None
    except BaseException:  # Ctrl-C between two files
        _take_back(plan.directory, workshop)
        shutil.rmtree(workshop, ignore_errors=True)
        _remove(made)
        raise
    shutil.rmtree(workshop, ignore_errors=True)


def recover(directory: Path) -> bool:
    """Take back what an import left half done when its process was killed."""
    workshop = directory / WORKSHOP
    if not workshop.is_dir() or _alive(workshop):
        return False
    _take_back(directory, workshop)
    shutil.rmtree(workshop, ignore_errors=True)
    return True


def _alive(workshop: Path) -> bool:
    try:
        process = int((workshop / "process").read_text(encoding="ascii"))
        os.kill(process, 0)
    except (OSError, ValueError):
        return False
    return process != os.getpid()


def _lay_ready(directory: Path, workshop: Path, contents: Contents) -> None:
    """Write every new text and keep every old one, before anything is exchanged."""
    (workshop / "process").write_text(str(os.getpid()), encoding="ascii")
    for name, text in contents.items():
        if (directory / name).exists():
            _folder(workshop / "old" / name)
            shutil.copy2(directory / name, workshop / "old" / name)
        if text is not None:
            _put(workshop / "new" / name, text)
            if (directory / name).exists():
                shutil.copymode(directory / name, workshop / "new" / name)
    (workshop / _JOURNAL).write_text(json.dumps(list(contents)), encoding="utf-8")


def _exchange(directory: Path, workshop: Path, contents: Contents) -> None:
    """New and changed files first, so that no reader meets a reference to a file not there yet."""
    for name, text in sorted(contents.items(), key=lambda one: one[1] is None):
        if text is None:
            (directory / name).unlink()
        else:
            _folder(directory / name)
            (workshop / "new" / name).replace(directory / name)


def _take_back(directory: Path, workshop: Path) -> None:
    try:
        names: list[str] = json.loads((workshop / _JOURNAL).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return  # nothing had been exchanged yet
    for name in names:
        old = workshop / "old" / name
        if old.exists():
            if not _same(old, directory / name):
                shutil.copy2(old, directory / name)
        else:
            (directory / name).unlink(missing_ok=True)


def _same(one: Path, other: Path) -> bool:
    return other.exists() and one.read_bytes() == other.read_bytes()


def _put(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink(missing_ok=True)
        return
    _folder(path)
    path.write_bytes(text.encode("utf-8"))


def _folder(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)


def _missing_folders(directory: Path, contents: Contents) -> list[Path]:
    """Folders that the writing will make, the deepest first."""
    wanted = {(directory / name).parent for name in contents} | {directory}
    missing = {one for path in wanted for one in (path, *path.parents) if not one.exists()}
    return sorted(missing, key=lambda path: len(path.parts), reverse=True)


def _remove(folders: Sequence[Path]) -> None:
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()
