"""Checks of what refers to services (bundles, terminals, home visits) and of situations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from service_catalog.errors import Problem
from service_catalog.files import Document, Entry
from service_catalog.model import (
    END,
    Bundle,
    GeneralQuestions,
    Helpers,
    HomeVisits,
    Only,
    Place,
    Priority,
    Question,
    Service,
    Terminals,
)
from service_catalog.situations import MAX_QUESTIONS, following, option_of, question_of

Path = list[str | int]


def find_broken_links(
    entries: Mapping[str, Entry], faulty: Collection[str] = ()
) -> Iterator[Problem]:
    """Every reference to a service, place, question or option that leads nowhere.

    Args:
        entries: The files that became values.
        faulty: Ids of services and places whose files did not; references to them aren't judged.
    """
    services: dict[str, Service | None] = dict.fromkeys(faulty)
    places: dict[str, Place | None] = dict.fromkeys(faulty)
    values = [entry.value for entry in entries.values()]
    services.update({one.id: one for one in values if isinstance(one, Service)})
    places.update({one.id: one for one in values if isinstance(one, Place)})
    for entry in entries.values():
        value, document = entry.value, entry.document
        if isinstance(value, Service):
            yield from _situations(value, document)
        elif isinstance(value, Bundle):
            yield from _bundle(value, document, services, places)
        elif isinstance(value, Terminals):
            ids = [terminal.id for terminal in value.terminals]
            yield from _twice(document, "terminals", "自助终端", ids)
            yield from _terminals(value, document, services, places)
        elif isinstance(value, HomeVisits):
            yield from _twice(document, "rules", "上门服务", [rule.id for rule in value.rules])
            for row, rule in enumerate(value.rules):
                path: Path = ["rules", row, "services"]
                field = f"上门服务第{row + 1}项·可办事项"
                yield from _known(document, path, field, rule.services, services)
        elif isinstance(value, Priority):
            yield from _twice(document, "groups", "优先对象", [one.id for one in value.groups])
        elif isinstance(value, Helpers):
            yield from _twice(document, "helpers", "帮办代办", [one.id for one in value.helpers])
        elif isinstance(value, GeneralQuestions):
            ids = [one.id for one in value.questions]
            yield from _twice(document, "questions", "常见咨询", ids)


def _terminals(
    value: Terminals,
    document: Document,
    services: Mapping[str, Service | None],
    places: Mapping[str, Place | None],
) -> Iterator[Problem]:
    for row, terminal in enumerate(value.terminals):
        field = f"自助终端第{row + 1}项"
        path: Path = ["terminals", row, "services"]
        yield from _known(document, path, f"{field}·可办事项", terminal.services, services)
        if terminal.place is not None and terminal.place not in places:
            yield _nowhere(
                document, ["terminals", row, "place"], f"{field}·所在场所", terminal.place
            )


def _situations(service: Service, document: Document) -> Iterator[Problem]:
    ids = [question.id for question in service.situations]
    yield from _twice(document, "situations", "情形", ids)
    for row, question in enumerate(service.situations):
        field = f"情形第{row + 1}项"
        path: Path = ["situations", row, "options"]
        options = [option.id for option in question.options]
        yield from _twice(document, "options", f"{field}·选项", options, ["situations", row])
        for column, option in enumerate(question.options):
            if option.next not in (None, END) and question_of(service, option.next or "") is None:
                yield Problem(
                    document.name,
                    document.line([*path, column, "next"]),
                    f"{field}·选项第{column + 1}项·下一个问题",
                    f"没有编号为“{option.next}”的问题",
                    f"改成这个事项里有的问题编号，或写 {END}",
                )
    yield from _ways(service, document)
    for place, field, only in _dependents(service):
        yield from _only(service, document, place, field, only)


def _ways(service: Service, document: Document) -> Iterator[Problem]:
    """Each question is reached, and no way turns in a circle or goes on for too long."""
    if not service.situations:
        return
    circles, lengths = _walk(service)
    for row, question in enumerate(service.situations):
        line = document.line(["situations", row])
        if question.id not in lengths:
            what, mend = "走不到这个问题", "让前面某个选项的 next 指向它，或删掉"
        elif question.id in circles:
            what, mend = "选项绕回了前面的问题，没有尽头", f"把 next 改成后面的问题或 {END}"
        elif row == 0 and not circles and lengths[question.id] > MAX_QUESTIONS:
            what = f"开头的一条路要答{lengths[question.id]}个问题，超过{MAX_QUESTIONS}个"
            mend = f"去掉不必要的问题，或让选项早点到 {END}"
        else:
            continue
        yield Problem(document.name, line, f"情形第{row + 1}项", f"“{question.id}”{what}", mend)


def _walk(service: Service) -> tuple[set[str], dict[str, int]]:
    """The questions that lead back, and for each one reached the longest way from it on."""
    first = service.situations[0]
    circles: set[str] = set()
    lengths: dict[str, int] = {}
    after: dict[str, list[str]] = {one.id: _nexts(service, one) for one in service.situations}
    on_the_way: dict[str, Iterator[str]] = {first.id: iter(after[first.id])}
    while on_the_way:
        here, rest = next(reversed(on_the_way.items()))
        there = next(rest, None)
        if there is None:
            lengths[here] = 1 + max((lengths.get(one, 0) for one in after[here]), default=0)
            del on_the_way[here]
        elif there in on_the_way:
            circles.add(here)
        elif there not in lengths:
            on_the_way[there] = iter(after[there])
    return circles, lengths


def _nexts(service: Service, question: Question) -> list[str]:
    """Ids of the questions that the options lead to."""
    after = [following(service, question, option) for option in question.options]
    return [one.id for one in after if one is not None]


def _dependents(service: Service) -> Iterator[tuple[Path, str, Only]]:
    """Everything of a service that holds only in some situation."""
    for row, material in enumerate(service.materials):
        yield ["materials", row, "only"], f"申请材料第{row + 1}项", material.only
    for row, condition in enumerate(service.conditions):
        yield ["conditions", row, "only"], f"受理条件第{row + 1}项", condition.only
    for row, item in enumerate(service.fee.items):
        yield ["fee", "items", row, "only"], f"收费项目第{row + 1}项", item.only
    for row, channel in enumerate(service.channels.window):
        yield ["channels", "window", row, "only"], f"窗口办理第{row + 1}项", channel.only
    for row, case in enumerate(service.limit_cases):
        yield ["limit_cases", row, "only"], f"分情形时限第{row + 1}项", case.only


def _only(
    service: Service, document: Document, path: Path, field: str, only: Only
) -> Iterator[Problem]:
    for question_id, options in only.items():
        question = question_of(service, question_id)
        line = document.line([*path, question_id])
        if question is None:
            yield Problem(
                document.name,
                line,
                f"{field}·适用情形条件",
                f"没有编号为“{question_id}”的问题",
                "改成这个事项的情形里有的问题编号",
            )
            continue
        for option in options:
            if option_of(question, option) is None:
                yield Problem(
                    document.name,
                    line,
                    f"{field}·适用情形条件",
                    f"问题“{question_id}”没有选项“{option}”",
                    "改成这个问题里有的选项编号",
                )


def _bundle(
    bundle: Bundle,
    document: Document,
    services: Mapping[str, Service | None],
    places: Mapping[str, Place | None],
) -> Iterator[Problem]:
    yield from _twice(document, "parts", "包含事项", [part.service for part in bundle.parts])
    for row, part in enumerate(bundle.parts):
        field = f"包含事项第{row + 1}项"
        service = services.get(part.service)
        if part.service not in services:
            yield _unknown(document, ["parts", row, "service"], f"{field}·事项", part.service)
        if service is None:
            continue
        for question_id, option_id in part.answers.items():
            question = question_of(service, question_id)
            if question is None or option_of(question, option_id) is None:
                yield Problem(
                    document.name,
                    document.line(["parts", row, "answers", question_id]),
                    f"{field}·情形答案",
                    f"事项“{part.service}”没有问题“{question_id}”的选项“{option_id}”",
                    f"照services/{part.service}.yml里的情形改",
                )
    for row, channel in enumerate(bundle.window):
        place = places.get(channel.place)
        path: Path = ["window", row]
        if channel.place not in places:
            yield _nowhere(document, [*path, "place"], f"窗口办理第{row + 1}项", channel.place)
        if place is None:
            continue
        for number in channel.windows:
            if place.window(number) is None:
                yield Problem(
                    document.name,
                    document.line([*path, "windows"]),
                    f"窗口办理第{row + 1}项·窗口编号",
                    f"{place.name}没有“{number}”窗口",
                    f"改成places/{place.id}.yml里有的窗口号",
                )


def _known(
    document: Document,
    path: Path,
    field: str,
    ids: Sequence[str],
    services: Mapping[str, Service | None],
) -> Iterator[Problem]:
    for column, service_id in enumerate(ids):
        if service_id not in services:
            yield _unknown(document, [*path, column], field, service_id)


def _twice(
    document: Document, key: str, field: str, ids: Sequence[str], parent: Sequence[str | int] = ()
) -> Iterator[Problem]:
    for value, count in Counter(ids).items():
        if count > 1:
            last = len(ids) - 1 - list(reversed(ids)).index(value)
            yield Problem(
                document.name,
                document.line([*parent, key, last]),
                f"{field}第{last + 1}项",
                f"“{value}”写了{count}次",
                "改成不同的编号，或删掉重复的",
            )


def _unknown(document: Document, path: Path, field: str, service_id: str) -> Problem:
    return Problem(
        document.name,
        document.line(path),
        field,
        f"没有编号为“{service_id}”的事项",
        "改成services/里有的编号",
    )


def _nowhere(document: Document, path: Path, field: str, place_id: str) -> Problem:
    return Problem(
        document.name,
        document.line(path),
        field,
        f"没有编号为“{place_id}”的场所",
        "改成places/里有的编号",
    )
