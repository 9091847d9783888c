"""What an import would do, worked out without writing: new, changed, same, rejected.

Two kinds of files come in: lists of items with headings of any make (`items`), and workbooks that
the export made (`sheets`). Both end in the same plan, which the command shows and `write` carries
out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from pydantic import ValidationError

from service_catalog.errors import Problem, ProblemsFound
from service_catalog.exchange.faults import CatalogFaulty
from service_catalog.files import Document, Entry
from service_catalog.loader import Loader, Stamp
from service_catalog.model import Part
from service_catalog.schema_messages import problems_of


class Verdict(str, Enum):
    """What a row would do."""

    NEW = "新增"
    CHANGED = "修改"
    SAME = "不变"


@dataclass(frozen=True)
class Place:
    """Where a row stands: its table and its line there."""

    table: str
    row: int

    def __str__(self) -> str:
        return f"{self.table} 第{self.row}行"


@dataclass(frozen=True)
class Change:
    """What becomes of one file.

    Attributes:
        verdict: New, changed or the same.
        file: The file, relative to the catalogue.
        title: The entry's name.
        value: What the entry shall be.
        before: The file as it is, or None.
        fields: Titles of the fields that change.
        places: The rows that say so.
        replaces: A draft's file that goes because the item is complete now, or "".
    """

    verdict: Verdict
    file: str
    title: str
    value: Part
    before: Entry | None
    fields: tuple[str, ...]
    places: tuple[Place, ...]
    replaces: str = ""


@dataclass(frozen=True)
class Remark:
    """Something that staff should know of one row: why it was rejected, or what was left out."""

    place: Place
    text: str

    def __str__(self) -> str:
        return f"{self.place}：{self.text}"


@dataclass(frozen=True)
class Plan:
    """Everything an import would do.

    Attributes:
        directory: The catalogue it is for.
        stamps: What the directory looked like when the plan was made.
        changes: What becomes of each file, in the order of the rows.
        rejected: Rows that can't be taken, with the reason.
        remarks: Rows taken without something that could not be understood.
        general: Remarks on the file as a whole.
        merged: Rows that say the same as an earlier one.
    """

    directory: Path
    stamps: tuple[tuple[str, Stamp], ...]
    changes: tuple[Change, ...]
    rejected: tuple[Remark, ...] = ()
    remarks: tuple[Remark, ...] = ()
    general: tuple[str, ...] = ()
    merged: int = 0

    @property
    def counts(self) -> Mapping[Verdict, int]:
        """How many entries are new, changed, the same."""
        counted = Counter(change.verdict for change in self.changes)
        return {verdict: counted[verdict] for verdict in Verdict}

    @property
    def writes(self) -> tuple[Change, ...]:
        """The changes that touch the disk."""
        return tuple(one for one in self.changes if one.verdict is not Verdict.SAME or one.replaces)


def existing(directory: Path) -> tuple[Loader, dict[str, Entry]]:
    """The entries of a directory that may be new, empty or without a hall.

    Raises:
        CatalogFaulty: It has files that can't be read; what an import did to them nobody could say.
    """
    loader = Loader(directory)
    try:
        loader.load()
    except ProblemsFound as found:
        faulty = [one for one in found.problems if not _absent(one)]
        if faulty:
            first = "\n".join(str(one) for one in faulty[:10])
            raise CatalogFaulty(
                f"{directory}里已有{len(faulty)}个问题，先改好再导入：\n{first}"
            ) from None
    return loader, loader.entries()


def _absent(problem: Problem) -> bool:
    """Whether only a file or folder is missing, as in a directory that is just begun."""
    return problem.line == 0 and not problem.field and "读不出来" not in problem.what


def change(
    value: Part, file: str, before: Entry | None, places: Sequence[Place], replaces: str = ""
) -> Change:
    """The change that makes `file` say `value`."""
    title = str(getattr(value, "name", file))
    if before is None:
        return Change(Verdict.NEW, file, title, value, None, (), tuple(places), replaces)
    differing = tuple(
        str(field.field_info.title or key)
        for key, field in value.__fields__.items()
        if getattr(value, key) != getattr(before.value, key)
    )
    verdict = Verdict.CHANGED if differing else Verdict.SAME
    return Change(verdict, file, title, value, before, differing, tuple(places), replaces)


@dataclass(frozen=True)
class Finding:
    """One fault of an entry: where in it, and in the staff's words."""

    path: tuple[str | int, ...]
    text: str


def findings(error: ValidationError, model: type[Part], data: object) -> Iterator[Finding]:
    """Every finding of `error`, in the words in which the catalogue's check tells them."""
    document = Document("", data, "", "")
    for one, problem in zip(error.errors(), problems_of(error, model, document), strict=True):
        path = tuple(step for step in one["loc"] if step != "__root__")
        field = f"【{problem.field}】" if problem.field else ""
        yield Finding(path, f"{field}{problem.what}，{problem.mend}")
