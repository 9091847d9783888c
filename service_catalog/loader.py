"""From a directory of YAML to a `Catalog`, or to every problem that stands in the way.

A file that did not change since the last load is not parsed again, so that one edit of a large
catalogue costs one file. The store calls this; `banshi catalog check` calls it too.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from functools import cache, partial
from pathlib import Path, PurePath
from typing import Any, TypeVar

from pydantic import ValidationError

from service_catalog.calendar import HallCalendar
from service_catalog.catalog import Catalog
from service_catalog.errors import Problem, ProblemsFound
from service_catalog.files import Entry, read_document
from service_catalog.model import (
    BookingRules,
    Bundle,
    CalendarNotes,
    Draft,
    GeneralQuestions,
    Hall,
    Helpers,
    HomeVisits,
    Lexicon,
    LexiconEntry,
    Part,
    Phones,
    Place,
    Priority,
    Service,
    Terminals,
)
from service_catalog.references import find_dangling
from service_catalog.schema_messages import problems_of
from service_catalog.search import Sayings, SearchIndex
from service_catalog.sense import contradictions

Model = TypeVar("Model", bound=Part)
Stamp = tuple[int, int, int]
Stamps = tuple[tuple[str, Stamp], ...]

CONTENT = Path(__file__).parent / "content"
"""The catalogue that comes with the project."""

_SINGLE: dict[str, type[Part]] = {
    "hall.yml": Hall,
    "calendar.yml": CalendarNotes,
    "lexicon.yml": Lexicon,
    "terminals.yml": Terminals,
    "priority.yml": Priority,
    "home_visits.yml": HomeVisits,
    "helpers.yml": Helpers,
    "general.yml": GeneralQuestions,
}
_FOLDERS: dict[str, type[Part]] = {
    "places": Place,
    "services": Service,
    "drafts": Draft,
    "bundles": Bundle,
    "lexicon": Lexicon,
}
_NEEDED = frozenset({"hall.yml", "places", "services"})
"""Without these there is no hall; everything else a hall may not have."""
_NO_HALL = Hall.construct(
    district="未填写",
    name="未填写",
    place="",
    phones=Phones.construct(enquiry="12345", complaint="12345"),
    booking=BookingRules.parse_obj(
        dict.fromkeys(("first_workday", "last_workday", "per_day", "per_week"), 1)
        | {"cancel_hours": 0, "bring": "未填写"}
    ),
)
"""Stands in for hall.yml while a directory holds drafts alone; 12345 answers everywhere."""


class Loader:
    """Loads one directory again and again, parsing only what changed."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._parsed: dict[str, tuple[Stamp, Entry | tuple[Problem, ...]]] = {}
        self._sayings: tuple[tuple[str, ...], Sayings] | None = None

    def entries(self) -> dict[str, Entry]:
        """The files that the last load read without fault, by name."""
        return {name: one for name, (_, one) in self._parsed.items() if isinstance(one, Entry)}

    def fingerprint(self) -> Stamps:
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
        faulty = {PurePath(name).stem for name in parsed.keys() - entries.keys()}
        problems.extend(find_dangling(entries, faulty))
        problems.extend(contradictions(entries))
        if problems:
            raise ProblemsFound(problems)
        return _assemble(entries, partial(self._heard, entries))

    def _heard(self, entries: dict[str, Entry]) -> Sayings:
        """The lexicon ready for searching, made anew only when one of its files changed."""
        files = [entry for entry in entries.values() if isinstance(entry.value, Lexicon)]
        if not files:
            return shipped_sayings()
        digests = tuple(entry.document.digest for entry in files)
        if self._sayings is None or self._sayings[0] != digests:
            before = self._sayings[1] if self._sayings else None
            self._sayings = digests, Sayings(joined(values_of(entries, Lexicon)), before)
        return self._sayings[1]

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
        folders = {name.partition("/")[0] for name in names if "/" in name}
        needed = _NEEDED
        if "drafts" in folders and "services" not in folders:  # enough to search
            needed = _NEEDED - {"services"} if "hall.yml" in names else frozenset()
        for name in (_SINGLE.keys() & needed) - set(names):
            yield Problem(name, 0, "", "缺少这个文件", "补上它")
        for folder in _FOLDERS.keys() & needed:
            if folder not in folders:
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


def _assemble(entries: dict[str, Entry], heard: Callable[[], Sayings]) -> Catalog:
    services = values_of(entries, Service)
    drafts = values_of(entries, Draft)
    bundles = values_of(entries, Bundle)
    digest = hashlib.sha256("".join(e.document.digest for e in entries.values()).encode())
    return Catalog(
        hall=next(iter(values_of(entries, Hall)), _NO_HALL),
        services={service.id: service for service in services},
        places={place.id: place for place in values_of(entries, Place)},
        bundles={bundle.id: bundle for bundle in bundles},
        terminals=tuple(t for file in values_of(entries, Terminals) for t in file.terminals),
        priority=tuple(g for file in values_of(entries, Priority) for g in file.groups),
        home_visits=tuple(r for file in values_of(entries, HomeVisits) for r in file.rules),
        helpers=tuple(h for file in values_of(entries, Helpers) for h in file.helpers),
        general=tuple(q for file in values_of(entries, GeneralQuestions) for q in file.questions),
        calendar=HallCalendar(_only(entries, CalendarNotes)),
        make_index=lambda: SearchIndex(services, heard(), drafts, bundles),
        version=digest.hexdigest()[:16],
        drafts={draft.id: draft for draft in drafts},
    )


def _only(entries: dict[str, Entry], model: type[Model]) -> Model:
    """The value of a file that there is one of, or an empty one."""
    return next(iter(values_of(entries, model)), None) or model.parse_obj({})


def joined(files: Sequence[Lexicon]) -> Lexicon:
    """All lexicon files as one: a hall may keep one file a topic."""
    together: dict[str, Any] = {
        field: tuple(value for file in files for value in getattr(file, field))
        for field in Lexicon.__fields__
    }
    said: dict[tuple[str, ...], list[str]] = {}
    for entry in together["entries"]:
        said.setdefault(entry.mean, []).extend(entry.say)
    together["entries"] = tuple(
        LexiconEntry.construct(say=tuple(say), mean=mean) for mean, say in said.items()
    )
    return Lexicon.construct(**together)


@cache
def shipped_sayings() -> Sayings:
    """The lexicon that comes with the project, for a catalogue that has none of its own."""
    loader = Loader(CONTENT)
    names = [name for name, _ in loader._files() if _model_of(name) is Lexicon]
    read = [loader._parse(name) for name in names]
    files = [entry.value for entry in read if isinstance(entry, Entry)]
    return Sayings(joined([file for file in files if isinstance(file, Lexicon)]))


def sayings_in(directory: Path) -> dict[str, str]:
    """File and line of each saying of a directory's lexicon, as far as its files can be read."""
    loader = Loader(directory)
    found: dict[str, str] = {}
    for name in [name for name, _ in loader._files() if _model_of(name) is Lexicon]:
        entry = loader._parse(name)
        if not isinstance(entry, Entry) or not isinstance(entry.value, Lexicon):
            continue
        for kind in ("entries", "outside"):
            for row, one in enumerate(getattr(entry.value, kind)):
                for column, said in enumerate(one.say):
                    line = entry.document.line([kind, row, "say", column])
                    found.setdefault(said, f"{name}:{line}")
    return found
