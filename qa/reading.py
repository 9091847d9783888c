"""From files of YAML to cases, or to every fault that stands in the way.

The form is checked by the schema, then what the schema can't see: names that nobody defined,
patterns that are none, a check before any message. The values stay the text that was typed, as in
the catalogue, whose reader reads these files too; only slots that are set before a case get types.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from qa.cases import Case, Message, Setting, Turn, Vocabulary
from qa.checks import Check
from qa.faults import faults_of_form, field_name
from qa.reading_checks import CheckReader
from service_catalog.clock import CHINA
from service_catalog.errors import Problem, ProblemsFound
from service_catalog.files import Document, read_document

_SAID = ("user", "banshi_choose", "banshi_send")
Place = list[str | int]


def read(
    paths: Sequence[Path],
    vocabulary: Vocabulary | None = None,
    at: datetime | None = None,
) -> list[Case]:
    """The cases of files and folders, in the order of their names.

    Args:
        paths: Files; of folders, all `.yml` and `.yaml` files in them at any depth.
        vocabulary: The names that the assistant knows; without it names are not checked.
        at: The hall's time for cases that don't say one.

    Raises:
        ProblemsFound: At least one file is faulty; carries the faults of all of them.
    """
    cases: list[Case] = []
    problems: list[Problem] = []
    for path in _files(paths):
        if path.is_dir():
            what, mend = "文件夹里没有用例文件", "检查路径；用例文件的名字以 .yml 结尾"
            problems.append(Problem(str(path), 0, "", what, mend))
            continue
        document = read_document(path, str(path))
        if isinstance(document, Problem):
            problems.append(document)
            continue
        faults = list(faults_of_form(document))
        if not faults:
            reader = _Reader(document, vocabulary, at)
            cases += reader.cases()
            faults = sorted(reader.problems, key=lambda one: one.line)
        problems += faults
    if problems:
        raise ProblemsFound(problems)
    return cases


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files, and the folders in which there is none."""
    seen: set[Path] = set()
    for path in paths:
        inside = sorted(one for one in path.rglob("*") if one.suffix in {".yml", ".yaml"})
        for file in inside or [path]:
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file


@dataclass(frozen=True)
class _Shared:
    """What the cases of a file refer to by name."""

    metadata: Mapping[str, Mapping[str, Any]]
    fixtures: Mapping[str, Mapping[str, Any]]


class _Reader:
    """Reads one file whose form is right; gathers what else is wrong with it."""

    def __init__(
        self, document: Document, vocabulary: Vocabulary | None, at: datetime | None
    ) -> None:
        self._document = document
        self._at = at
        self._data: dict[str, Any] = document.data  # type: ignore[assignment]
        self._vocabulary = vocabulary
        self.problems: list[Problem] = []
        self._checks = CheckReader(document, vocabulary, self._fault)

    def cases(self) -> list[Case]:
        """All cases; when there are problems, they are not to be used."""
        shared = _Shared(_named(self._data.get("metadata")), self._fixtures())
        at = self._moment(["banshi_at"], self._data.get("banshi_at")) or self._at
        cases, names = [], set()
        for row, each in enumerate(self._data["test_cases"]):
            place: Place = ["test_cases", row]
            if each["test_case"] in names:
                self._fault([*place, "test_case"], "和前面的用例重名", "换一个名字")
            names.add(each["test_case"])
            cases.append(self._case(place, each, shared, at))
        return cases

    def _case(self, place: Place, data: dict[str, Any], shared: _Shared, at: Any) -> Case:  # noqa: ANN401
        metadata = self._referred([*place, "metadata"], data.get("metadata"), shared.metadata)
        overlay = data.get("banshi_catalog")
        own = self._moment([*place, "banshi_at"], data.get("banshi_at"))
        return Case(
            name=data["test_case"],
            file=self._document.name,
            line=self._document.line(place),
            topic=str(metadata.get("topic") or Path(self._document.name).stem),
            turns=self._turns([*place, "steps"], data),
            slots=self._referred([*place, "fixtures"], data.get("fixtures"), shared.fixtures),
            setting=Setting(
                own or at,
                json.dumps(overlay, ensure_ascii=False, sort_keys=True) if overlay else "",
            ),
            metadata=metadata,
        )

    def _turns(self, place: Place, data: dict[str, Any]) -> tuple[Turn, ...]:
        """Each message with the checks that follow it."""
        turns: list[tuple[int, dict[str, Any], Message, list[Check]]] = []
        for row, step in enumerate(data["steps"]):
            where = [*place, row]
            if any(key in step for key in _SAID):
                checks = self._checks.assertions([*where, "assertions"], step.get("assertions", ()))
                turns.append((self._document.line(where), step, _message(step), checks))
            elif turns:
                turns[-1][3].extend(self._checks.step(where, step))
            else:
                self._fault(where, "前面还没有市民的消息", "先写一步 user")
        every = data.get("banshi_within")
        return tuple(
            Turn(
                line,
                message,
                tuple(checks),
                _seconds(step.get("banshi_within", every)),
                step.get("assertion_order_enabled") in {True, "true"},
            )
            for line, step, message, checks in turns
        )

    def _fixtures(self) -> dict[str, dict[str, Any]]:
        """Slots by the name of their fixture, typed as YAML types them."""
        typed = yaml.load(self._document.text, Loader=yaml.CSafeLoader)
        found = {}
        for row, each in enumerate(typed.get("fixtures") or ()):
            for name, slots in each.items():
                place: Place = ["fixtures", row, name]
                found[name] = {slot: _plain(v) for one in slots for slot, v in one.items()}
                for slot in found[name]:
                    self._checks.known_slot(place, slot)
        return found

    def _referred(
        self, place: Place, names: str | list[str] | None, known: Mapping[str, Mapping[str, Any]]
    ) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for name in [names] if isinstance(names, str) else names or ():
            if name not in known:
                self._fault(place, f"“{name}”没有定义", f"在文件开头的 {place[-1]} 里写上它")
            merged.update(known.get(name, {}))
        return merged

    def _moment(self, place: Place, text: str | None) -> datetime | None:
        if text is None:
            return None
        try:
            return datetime.fromisoformat(text).replace(tzinfo=CHINA)
        except ValueError:
            self._fault(place, f"“{text}”不是一个时间", '写成 "2026-10-01 09:00" 这样')
            return None

    def _fault(self, place: Place, what: str, mend: str) -> None:
        line, field = self._document.line(place), field_name(self._document, place)
        self.problems.append(Problem(self._document.name, line, field, what, mend))


def _named(entries: Sequence[Mapping[str, Mapping[str, Any]]] | None) -> dict[str, Any]:
    return {name: value for each in entries or () for name, value in each.items()}


def _message(step: Mapping[str, Any]) -> Message:
    if "user" in step:
        return Message("text", step["user"])
    if "banshi_choose" in step:
        return Message("choose", step["banshi_choose"])
    ((kind, value),) = step["banshi_send"].items()
    if kind == "location":
        degrees = {name: float(value[name]) for name in ("latitude", "longitude")}
        return Message(kind, {**degrees, "label": value.get("label", "")})
    if kind == "link":
        value = {"url": value} if isinstance(value, str) else value
    return Message(kind, None if kind in {"follow", "image", "video"} else value)


def _seconds(text: str | None) -> float | None:
    return None if text is None else float(text)


def _plain(value: object) -> object:
    """A value that JSON knows."""
    return value.isoformat() if isinstance(value, date) else value
