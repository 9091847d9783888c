"""From a directory of YAML to a `Catalog`, or to every problem that stands in the way.

A file that did not change since the last load is not parsed again, so that one edit of a large
catalogue costs one file. The store calls this; `banshi catalog check` calls it too.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path, PurePath
from typing import TypeVar

from pydantic import ValidationError

from service_catalog.calendar import HallCalendar
from service_catalog.catalog import Catalog
from service_catalog.errors import Problem, ProblemsFound
from service_catalog.files import read_document
from service_catalog.model import (
    CalendarNotes,
    Hall,
    Lexicon,
    Part,
    Place,
    Service,
)
from service_catalog.references import Entry, find_dangling
from service_catalog.schema_messages import problems_of
from service_catalog.search import SearchIndex

Model = TypeVar("Model", bound=Part)
Stamp = tuple[int, int, int]

_SINGLE: dict[str, type[Part]] = {
    "hall.yml": Hall,
    "calendar.yml": CalendarNotes,
    "lexicon.yml": Lexicon,
}
_OPTIONAL = frozenset({"calendar.yml", "lexicon.yml"})
_FOLDERS: dict[str, type[Part]] = {"places": Place, "services": Service}


class Loader:
    """Loads one directory again and again, parsing only what changed."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._parsed: dict[str, tuple[Stamp, Entry | tuple[Problem, ...]]] = {}

    def fingerprint(self) -> tuple[tuple[str, Stamp], ...]:
        """Names and stamps of the catalogue's files: differs after every edit, costs no reading."""
        return tuple(self._files())

    def load(self) -> Catalog:
        """Read the directory as it is now.

        Raises:
            ProblemsFound: With every problem of every file.
        """
        problems: list[Problem] = []
        entries: dict[str, Entry] = {}
        parsed: dict[str, tuple[Stamp, Entry | tuple[Problem, ...]]] = {}
        for name, stamp in self._files():
            known = self._parsed.get(name)
            result = known[1] if known and known[0] == stamp else self._parse(name)
            parsed[name] = (stamp, result)
            if isinstance(result, Entry):
                entries[name] = result
            else:
                problems.extend(result)
        self._parsed = parsed
        problems.extend(self._missing(parsed))
        faulty = [PurePath(name) for name in parsed.keys() - entries.keys()]
        places = {file.stem for file in faulty if file.parent.name == "places"}
        problems.extend(find_dangling(entries, places))
        if problems:
            raise ProblemsFound(problems)
        return _assemble(entries)

    def _missing(self, names: Collection[str]) -> Iterator[Problem]:
        if not self.directory.is_dir():
            yield Problem(
                str(self.directory),
                0,
                "",
                "没有这个目录",
                "检查路径，里面要有hall.yml、places和services",
            )
            return
        for name in _SINGLE.keys() - _OPTIONAL - set(names):
            yield Problem(name, 0, "", "缺少这个文件", "补上它")
        for folder in _FOLDERS:
            if not any(name.startswith(f"{folder}/") for name in names):
                yield Problem(folder, 0, "", "里面一个文件也没有", "至少要有一个.yml文件")

    def _files(self) -> Iterator[tuple[str, Stamp]]:
        found: list[tuple[str, Stamp]] = []
        for folder in ("", *_FOLDERS):
            try:
                scan = list(os.scandir(self.directory / folder))
            except (FileNotFoundError, NotADirectoryError):
                continue
            for file in scan:
                name = f"{folder}/{file.name}" if folder else file.name
                if _model_of(name) is None or not file.is_file():
                    continue
                with suppress(FileNotFoundError):  # removed since the folder was read
                    stat = file.stat()
                    found.append((name, (stat.st_mtime_ns, stat.st_size, stat.st_ino)))
        return iter(sorted(found))

    def _parse(self, name: str) -> Entry | tuple[Problem, ...]:
        document = read_document(self.directory / name, name)
        if isinstance(document, Problem):
            return (document,)
        model = _model_of(name)
        if model is None:  # _files offers only names that have one
            raise AssertionError(name)
        if not isinstance(document.data, dict):
            return (Problem(name, 1, "", "文件最外层不是“键: 值”", "照别的文件的样子写"),)
        try:
            value = model.parse_obj(document.data)
        except ValidationError as error:
            return tuple(problems_of(error, model, document))
        return Entry(document, value)


def _model_of(name: str) -> type[Part] | None:
    folder, _, file = name.rpartition("/")
    if not folder:
        return _SINGLE.get(file)
    if file.startswith(".") or not file.endswith((".yml", ".yaml")):
        return None
    return _FOLDERS[folder]


def values_of(entries: dict[str, Entry], model: type[Model]) -> list[Model]:
    """The values of one kind, in the order of their files."""
    return [entry.value for entry in entries.values() if isinstance(entry.value, model)]


def _assemble(entries: dict[str, Entry]) -> Catalog:
    services = values_of(entries, Service)
    lexicon = next(iter(values_of(entries, Lexicon)), Lexicon.parse_obj({}))
    notes = next(iter(values_of(entries, CalendarNotes)), CalendarNotes.parse_obj({}))
    digest = hashlib.sha256(
        "".join(e.document.digest for e in entries.values()).encode()
    ).hexdigest()
    return Catalog(
        hall=values_of(entries, Hall)[0],
        services={service.id: service for service in services},
        places={place.id: place for place in values_of(entries, Place)},
        calendar=HallCalendar(notes),
        index=SearchIndex(services, lexicon),
        version=digest[:16],
    )
