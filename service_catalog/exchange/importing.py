"""An import from beginning to end: read, plan, check the result; then write, if that was asked.

The command calls `prepare` and `carry_out`; a console would call the same two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from service_catalog.exchange import sheets, write
from service_catalog.exchange.faults import CatalogFaulty, UnknownHeadings
from service_catalog.exchange.headings import NO_MAPPING, HeadingMap, looks_like_items
from service_catalog.exchange.items import Importer
from service_catalog.exchange.layout import GUIDE_SHEET
from service_catalog.exchange.plan import Change, Plan, Remark, existing
from service_catalog.exchange.tables import Table, read_tables
from service_catalog.exchange.yaml_text import render
from service_catalog.files import Entry

_LEAST_HALL = {
    "hall.yml": render(
        {
            "district": "待填写",
            "name": "待填写",
            "place": "hall",
            "phones": {"enquiry": "12345", "complaint": "12388"},
            "booking": {
                "first_workday": 1,
                "last_workday": 5,
                "cancel_hours": 2,
                "per_day": 1,
                "per_week": 2,
                "bring": "待填写",
            },
        }
    ),
    "places/hall.yml": render(
        {
            "id": "hall",
            "name": "待填写",
            "level": "区级",
            "address": "待填写",
            "phone": "12345",
            "hours": {"workdays": ["09:00-17:00"], "note": "待填写"},
        }
    ),
}
"""A hall to fill in: loads, and says 待填写 wherever nothing is known."""


@dataclass(frozen=True)
class Prepared:
    """A plan that has been checked, with all that carrying it out needs.

    Attributes:
        plan: What would happen.
        contents: The files to write.
        tables: The tables as they were read, for the sheet of rejected rows.
        whole: Whether they are a workbook of the export's.
    """

    plan: Plan
    contents: Mapping[str, str | None]
    tables: tuple[Table, ...]
    whole: bool


def prepare(
    file: Path, directory: Path, mapping: HeadingMap = NO_MAPPING, *, with_hall: bool = False
) -> Prepared:
    """Work out what importing `file` into `directory` would do; writes nothing there.

    Raises:
        ExchangeError: The file, its headings, or the directory stand in the way as a whole.
    """
    tables = tuple(read_tables(file))
    write.recover(directory)
    loader, entries = existing(directory)
    whole = sheets.is_export(tables)
    plan = _planned(tables, directory, entries, mapping, whole=whole)
    plan = replace(plan, stamps=tuple(loader.fingerprint()))
    extra: dict[str, str | None] = {}
    if with_hall:
        names = {name for name, _ in plan.stamps} | {change.file for change in plan.changes}
        if "hall.yml" not in names:
            extra = {**_LEAST_HALL}
    plan, contents = _checked(plan, extra)
    return Prepared(plan, {**extra, **contents} if contents or extra else {}, tables, whole)


def carry_out(prepared: Prepared) -> None:
    """Write what was prepared.

    Raises:
        ChangedMeanwhile: The directory was edited since.
        WriteFailed: The disk refused; everything is as it was.
    """
    write.write(prepared.plan, prepared.contents)


def _planned(
    tables: Sequence[Table],
    directory: Path,
    entries: Mapping[str, Entry],
    mapping: HeadingMap,
    *,
    whole: bool,
) -> Plan:
    if whole:
        by_sheet = sheets.SheetImporter(entries)
        by_sheet.take(tables)
        return Plan(
            directory,
            (),
            tuple(by_sheet.changes),
            tuple(by_sheet.rejected),
            general=tuple(by_sheet.general),
        )
    importer = Importer(entries)
    wanted = [table for table in tables if table.headings and table.name != GUIDE_SHEET]
    fitting = [table for table in wanted if looks_like_items(table, mapping)] or wanted[:1]
    if not fitting:
        raise UnknownHeadings("文件里没有表头：第一行写上“事项名称”“实施主体”等")
    for table in wanted:
        if table in fitting:
            importer.take(table, mapping)
        else:
            importer.general.append(f"工作表“{table.name}”不是事项清单，没有导入")
    return Plan(
        directory,
        (),
        tuple(importer.changes),
        tuple(importer.rejected),
        tuple(importer.remarks),
        tuple(importer.general),
        importer.merged,
    )


def _checked(plan: Plan, extra: Mapping[str, str | None]) -> tuple[Plan, dict[str, str | None]]:
    """The plan without the changes that the catalogue as a whole refuses."""
    while True:
        contents = write.contents_of(plan)
        if not contents and not extra:
            return plan, contents
        problems = write.problems_after(plan, contents, extra)
        if not problems:
            return plan, contents
        by_file: dict[str, Change] = {change.file: change for change in plan.writes}
        refused = {one.file: one for one in reversed(problems) if one.file in by_file}
        if not refused:
            text = "\n".join(str(one) for one in problems[:10])
            raise CatalogFaulty(f"导入以后目录会有问题，什么也没有写：\n{text}")
        plan = replace(
            plan,
            changes=tuple(one for one in plan.changes if one.file not in refused),
            rejected=(
                *plan.rejected,
                *(
                    Remark(by_file[file].places[0], f"【{one.field}】{one.what}，{one.mend}")
                    for file, one in sorted(refused.items())
                ),
            ),
        )
