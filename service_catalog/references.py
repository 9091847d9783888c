"""Checks across files: references that lead nowhere, names and ids that stand twice."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from service_catalog.errors import Problem
from service_catalog.files import Document, Entry
from service_catalog.links import find_broken_links
from service_catalog.model import Bundle, CalendarNotes, Draft, Hall, Place, Service, WindowChannel
from service_catalog.search import normalise


def find_dangling(entries: Mapping[str, Entry], faulty: Collection[str] = ()) -> Iterator[Problem]:
    """All problems that only show when the files are seen together.

    Args:
        entries: The files that became values.
        faulty: Ids whose files did not; what refers to them may well be right.
    """
    yield from _file_names(entries)
    yield from _shared_ids(entries)
    yield from _shared_words(entries)
    yield from _shared_codes(entries)
    yield from _shared_place_names(entries)
    places: dict[str, Place | None] = dict.fromkeys(faulty)
    places.update({e.value.id: e.value for e in entries.values() if isinstance(e.value, Place)})
    for entry in entries.values():
        value, document = entry.value, entry.document
        if isinstance(value, Service):
            yield from _service(value, document, places)
        elif isinstance(value, Bundle):
            yield from _booking_places(value, value.window, document)
        elif isinstance(value, Hall):
            yield from _hall(value, document, places)
        elif isinstance(value, CalendarNotes):
            for row, day in enumerate(value.days):
                for column, place in enumerate(day.places):
                    if place not in places:
                        path: list[str | int] = ["days", row, "places", column]
                        yield _no_place(document, path, f"特别日第{row + 1}项·场所", place)
        elif isinstance(value, Place):
            yield from _windows_twice(value, document)
    yield from find_broken_links(entries, faulty)


def _file_names(entries: Mapping[str, Entry]) -> Iterator[Problem]:
    owner: dict[tuple[str, str], str] = {}
    for name, entry in entries.items():
        value, stem = entry.value, PurePosixPath(name).stem
        if not isinstance(value, (Service, Draft, Place, Bundle)):
            continue
        first = owner.setdefault((type(value).__name__, value.id), name)
        if first != name:  # one ends in .yml, the other in .yaml
            yield Problem(
                name,
                entry.document.line(["id"]),
                "编号",
                f"编号“{value.id}”在{first}里已经有了",
                "一个编号只有一个文件，删掉一个",
            )
        if value.id != stem:
            yield Problem(
                name,
                entry.document.line(["id"]),
                "编号",
                f"编号“{value.id}”和文件名“{stem}”不一致",
                "改成一样的，一个编号只有一个文件",
            )


def _shared_ids(entries: Mapping[str, Entry]) -> Iterator[Problem]:
    """Search finds services, bundles and drafts by one id each, whatever folder they stand in.

    A draft that has become a service must not stay behind under the same id.
    """
    owner = {e.value.id: name for name, e in entries.items() if isinstance(e.value, Service)}
    bundles = {n: e.value for n, e in entries.items() if isinstance(e.value, Bundle)}
    for name, bundle in bundles.items():
        if owner.setdefault(bundle.id, name) != name:
            yield Problem(
                name,
                entries[name].document.line(["id"]),
                "套餐编号",
                f"“{bundle.id}”在{owner[bundle.id]}里已经是别的内容的编号",
                "给套餐换一个编号，文件名也一起改",
            )
    for name, entry in entries.items():
        if isinstance(entry.value, Draft) and entry.value.id in owner:
            what = "套餐" if owner[entry.value.id] in bundles else "正式事项"
            yield Problem(
                name,
                entry.document.line(["id"]),
                "事项编号",
                f"“{entry.value.id}”在{owner[entry.value.id]}里已经是{what}",
                "删掉这个草稿，或换一个编号",
            )


def _shared_words(entries: Mapping[str, Entry]) -> Iterator[Problem]:
    """A name or alias that two services or bundles share makes every answer a coin toss."""
    owner: dict[str, str] = {}
    for name, entry in entries.items():
        if not isinstance(entry.value, (Service, Bundle)):
            continue
        title = "事项名称" if isinstance(entry.value, Service) else "套餐名称"
        paths: list[tuple[str, Sequence[str | int], str]] = [(entry.value.name, ["name"], title)]
        for row, alias in enumerate(entry.value.aliases):
            paths.append((alias, ["aliases", row], f"日常用语第{row + 1}项"))
        for word, path, field in paths:
            first = owner.setdefault(normalise(word), name)
            if first != name or (path != ["name"] and normalise(word) == normalise(paths[0][0])):
                yield Problem(
                    name,
                    entry.document.line(path),
                    field,
                    f"“{word}”在{first}里已经有了",
                    "一个说法只给一个事项，改掉一处",
                )


def _shared_codes(entries: Mapping[str, Entry]) -> Iterator[Problem]:
    """实施编码 belongs to one item (GB/T 39554.1); several items may carry out one 基本编码."""
    owner: dict[str, str] = {}
    for name, entry in entries.items():
        code = entry.value.task_code if isinstance(entry.value, Service) else None
        if code is not None and owner.setdefault(code, name) != name:
            yield Problem(
                name,
                entry.document.line(["task_code"]),
                "实施编码",
                f"“{code}”在{owner[code]}里已经有了",
                "一个实施编码只给一个事项，改掉一处",
            )


def _shared_place_names(entries: Mapping[str, Entry]) -> Iterator[Problem]:
    """Two places of one name can't be told apart by a citizen."""
    owner: dict[str, str] = {}
    for name, entry in entries.items():
        if not isinstance(entry.value, Place):
            continue
        first = owner.setdefault(normalise(entry.value.name), name)
        if first != name:
            yield Problem(
                name,
                entry.document.line(["name"]),
                "场所名称",
                f"“{entry.value.name}”在{first}里已经有了",
                "改成不同的名称",
            )


def _service(
    service: Service, document: Document, places: Mapping[str, Place | None]
) -> Iterator[Problem]:
    for row, channel in enumerate(service.channels.window):
        path: list[str | int] = ["channels", "window", row]
        field = f"办理方式·窗口办理第{row + 1}项"
        if channel.place not in places:
            yield _no_place(document, [*path, "place"], f"{field}·办理场所", channel.place)
            continue
        place = places[channel.place]
        if place is None:
            continue
        for column, number in enumerate(channel.windows):
            if place.window(number) is None:
                at = [*path, "windows", column]
                yield _no_window(document, at, f"{field}·窗口编号", place, number)
    yield from _booking_places(service, service.channels.window, document)


def _booking_places(
    item: Service | Bundle, channels: Sequence[WindowChannel], document: Document
) -> Iterator[Problem]:
    """Appointments are for windows: a place without one for the item can't be booked."""
    offered = {channel.place for channel in channels}
    for column, place_id in enumerate(item.booking.places if item.booking else ()):
        if place_id not in offered:
            yield Problem(
                document.name,
                document.line(["booking", "places", column]),
                "预约·可预约场所",
                f"“{place_id}”不在窗口办理的场所里",
                "只写办理这个事项的场所",
            )


def _hall(hall: Hall, document: Document, places: Mapping[str, Place | None]) -> Iterator[Problem]:
    if hall.place not in places:
        yield _no_place(document, ["place"], "主场所", hall.place)
        return
    place = places[hall.place]
    if place and hall.desk and place.window(hall.desk.window) is None:
        yield _no_window(document, ["desk", "window"], "人工服务·人工窗口", place, hall.desk.window)


def _windows_twice(place: Place, document: Document) -> Iterator[Problem]:
    seen: set[str] = set()
    for row, window in enumerate(place.windows):
        if window.number in seen:
            yield Problem(
                document.name,
                document.line(["windows", row, "number"]),
                f"窗口第{row + 1}项·窗口号",
                f"窗口号“{window.number}”写了两次",
                "改成不同的窗口号",
            )
        seen.add(window.number)


def _no_place(document: Document, path: Sequence[str | int], field: str, place_id: str) -> Problem:
    return Problem(
        document.name,
        document.line(path),
        field,
        f"没有编号为“{place_id}”的场所",
        "改成places/里有的编号",
    )


def _no_window(
    document: Document, path: Sequence[str | int], field: str, place: Place, number: str
) -> Problem:
    return Problem(
        document.name,
        document.line(path),
        field,
        f"{place.name}没有“{number}”窗口",
        f"改成places/{place.id}.yml里有的窗口号",
    )
