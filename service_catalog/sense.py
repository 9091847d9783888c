"""Whether what the catalogue says makes sense: one small function a rule, two tables of rules.

A contradiction can't be true whatever the day, so it stops the catalogue from loading. A doubt is
likely a mistake, or true only until some day; it never stops anything. The loader asks for the
contradictions, `service_catalog/check.py` for the doubts. Where a rule follows a standard, its
docstring names it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from service_catalog.errors import Problem
from service_catalog.files import Document, Entry
from service_catalog.model import (
    Bundle,
    Draft,
    GeneralQuestions,
    Hall,
    Handling,
    Helpers,
    HomeVisits,
    Kind,
    Lexicon,
    Only,
    Part,
    Place,
    Priority,
    Question,
    Service,
    Terminals,
    TimeLimit,
    Unit,
)
from service_catalog.schema_messages import field_name
from service_catalog.search import normalise
from service_catalog.situations import following

CHECK_EVERY = timedelta(days=365)
"""An entry that nobody checked for longer is no longer relied upon."""
SHORTEST_ALIAS = 2
"""One character alone names nothing: most are shared by unrelated words."""

_WAITING = re.compile(
    r"\d+\s*个?(?:工作日|日|天|月)内?[^，；。]*(?:审核|审批|审查|核准|办结|制证|发证|出证|领取|答复)"
    r"|等(?:待|候)?(?:审核|审批|制证|通知)|另行通知|公示\d+"
)
_RECEIPT = re.compile(r"受理(?:通知书|回执|凭证)|取件凭证|领证回执")

Value = TypeVar("Value", bound=Part)
Steps = Sequence[str | int]


@dataclass(frozen=True)
class Scene:
    """What the rules look at.

    Attributes:
        entries: The files that became values, by name.
        today: The day on which is judged.
        complete: Whether these are all files; what nobody uses can't be told otherwise.
    """

    entries: Mapping[str, Entry]
    today: date
    complete: bool = True

    def of(self, kind: type[Value]) -> Iterator[tuple[Value, Document]]:
        """The values of one kind with their files."""
        for entry in self.entries.values():
            if isinstance(entry.value, kind):
                yield entry.value, entry.document

    def offers(self) -> Iterator[tuple[Service | Bundle, Document]]:
        """What citizens can have done: services and bundles."""
        yield from self.of(Service)
        yield from self.of(Bundle)


Rule = Callable[[Scene], Iterator[Problem]]


def contradictions(entries: Mapping[str, Entry]) -> Iterator[Problem]:
    """What can't be true on any day."""
    scene = Scene(entries, date.max)
    for rule in CONTRADICTIONS.values():
        yield from rule(scene)


def doubts(
    entries: Mapping[str, Entry], today: date, *, complete: bool = True
) -> Iterator[Problem]:
    """What staff should look at again.

    Args:
        entries: The files that became values.
        today: The day on which is judged.
        complete: Whether every file did.
    """
    scene = Scene(entries, today, complete)
    for rule in DOUBTS.values():
        yield from rule(scene)


def _problem(value: Part, document: Document, path: Steps, what: str, mend: str) -> Problem:
    return Problem(document.name, document.line(path), field_name(type(value), path), what, mend)


def dates_in_order(scene: Scene) -> Iterator[Problem]:
    """What ends before it begins is never in force."""
    for offer, document in scene.offers():
        until = offer.effective_until
        if until is not None and until < offer.effective_from:
            what = f"{until}早于生效日期{offer.effective_from}"
            yield _problem(offer, document, ["effective_until"], what, "改好其中一个日期")


def on_the_spot_promises_nothing(scene: Scene) -> Iterator[Problem]:
    """即办件 is settled on the spot (GB/T 39554.1, 办件类型), so there is no time to promise."""
    for service, document in scene.of(Service):
        limit = service.promised_limit
        if service.handling is Handling.IMMEDIATE and limit is not None and limit.number:
            what = f"即办件当场办结，却承诺{_limit(limit)}"
            mend = "删掉承诺办结时限，或把办件类型改成承诺件"
            yield _problem(service, document, ["promised_limit"], what, mend)


def promise_within_the_law(scene: Scene) -> Iterator[Problem]:
    """承诺办结时限 is never longer than 法定办结时限 (GB/T 39554.1)."""
    for service, document in scene.of(Service):
        promises: list[tuple[Steps, TimeLimit | None, TimeLimit | None]] = [
            (["promised_limit"], service.promised_limit, service.legal_limit)
        ]
        for row, case in enumerate(service.limit_cases):
            legal = case.legal or service.legal_limit
            promises.append((["limit_cases", row, "promised"], case.promised, legal))
        for path, promised, legal in promises:
            if promised and legal and legal.number and _longer(promised, legal):
                what = f"{_limit(promised)}比法定的{_limit(legal)}还长"
                yield _problem(service, document, path, what, "改成不超过法定办结时限")


def whole_online_needs_no_visit(scene: Scene) -> Iterator[Problem]:
    """全程网办 is online from start to end: 到办事现场次数 is 0 (GB/T 39554.1, 网上办理深度)."""
    for service, document in scene.of(Service):
        for key in ("online", "app"):
            channel = getattr(service.channels, key)
            if channel is not None and channel.whole and service.visits.count:
                what = f"全程网办，到现场次数却是{service.visits.count}"
                mend = "把到现场次数改成0，或去掉 whole"
                yield _problem(service, document, ["channels", key, "whole"], what, mend)


def on_the_spot_waits_for_nothing(scene: Scene) -> Iterator[Problem]:
    """The steps of 即办件 hold no waiting, its results are no receipts (GB/T 39554.1, 办件类型)."""
    for service, document in scene.of(Service):
        if service.handling is not Handling.IMMEDIATE:
            continue
        mend = "改成当场能办完的写法，或把办件类型改成承诺件"
        for row, step in enumerate(service.process):
            if _WAITING.search(step):
                what = f"即办件当场办结，这一步却要等：“{step}”"
                yield _problem(service, document, ["process", row], what, mend)
        for row, result in enumerate(service.results):
            if _RECEIPT.search(result):
                what = f"即办件当场出结果，“{result}”只是凭证"
                yield _problem(service, document, ["results", row], what, mend)


def no_visit_has_another_way(scene: Scene) -> Iterator[Problem]:
    """Who need not come must be able to do it online, by post, at a terminal or at home."""
    for service, document in scene.of(Service):
        channels = service.channels
        others = (channels.online, channels.app, channels.post, channels.terminal)
        if not service.visits.count and not any((*others, channels.home_visit, channels.helper)):
            what = "不用到现场，却只有窗口办理"
            mend = "补上网上办等办理方式，或改到现场次数"
            yield _problem(service, document, ["visits", "count"], what, mend)


def fee_basis_belongs_to_a_fee(scene: Scene) -> Iterator[Problem]:
    """收费依据 comes with 收费项目 and 收费标准 (GB/T 39554.1, 收费信息)."""
    for service, document in scene.of(Service):
        if service.fee.basis and not service.fee.items and not service.fee.note:
            what = "有收费依据，却没有收费项目"
            mend = "补上 items；不收费的删掉依据，或在 note 里说明"
            yield _problem(service, document, ["fee", "basis"], what, mend)


def licence_answers_a_question(scene: Scene) -> Iterator[Problem]:
    """行政许可 gives at least one 常见问题 (GB/T 39554.1, 常见问题解答)."""
    for service, document in scene.of(Service):
        if service.kind is Kind.LICENCE and not service.faq:
            what = "行政许可没有常见问题"
            yield _problem(service, document, ["faq"], what, "至少补上一问一答")


def checked_within_a_year(scene: Scene) -> Iterator[Problem]:
    """Each guide is gone through again at least once a year."""
    for offer, document in scene.offers():
        if scene.today - offer.checked_on > CHECK_EVERY:
            yield _problem(offer, document, ["checked_on"], *_long_ago(offer.checked_on))
    for general, document in scene.of(GeneralQuestions):
        for row, question in enumerate(general.questions):
            if scene.today - question.checked_on > CHECK_EVERY:
                path: Steps = ["questions", row, "checked_on"]
                yield _problem(general, document, path, *_long_ago(question.checked_on))


def _long_ago(day: date) -> tuple[str, str]:
    return f"{day}核对，已经超过一年", "重新核对内容，再改核对日期和核对人"


def in_force_today(scene: Scene) -> Iterator[Problem]:
    """What isn't in force today is not told to anybody."""
    for offer, document in scene.offers():
        until = offer.effective_until
        if scene.today < offer.effective_from:
            what = f"{offer.effective_from}才生效，现在还不对外"
            yield _problem(offer, document, ["effective_from"], what, "到期自动生效，不用改")
        elif until is not None and until < scene.today:
            what = f"{until}已经失效，现在不对外"
            mend = "删掉这个文件，或改失效日期"
            yield _problem(offer, document, ["effective_until"], what, mend)


def bundle_parts_in_force(scene: Scene) -> Iterator[Problem]:
    """A bundle can only be done while each of its items can."""
    services = {service.id: service for service, _ in scene.of(Service)}
    for bundle, document in scene.of(Bundle):
        for row, part in enumerate(bundle.parts):
            service = services.get(part.service)
            if service is not None and not service.in_force(scene.today):
                what = f"事项“{service.name}”现在不在有效期内"
                mend = "换掉或去掉这个事项，或改它的有效期"
                yield _problem(bundle, document, ["parts", row, "service"], what, mend)


def terminals_are_told_of(scene: Scene) -> Iterator[Problem]:
    """What a terminal does is told among the service's own channels, or nobody goes there."""
    able: dict[str, str] = {}
    for file, _ in scene.of(Terminals):
        for terminal in file.terminals:
            able.update({one: terminal.name for one in terminal.services if one not in able})
    for service, document in scene.of(Service):
        if service.id in able and service.channels.terminal is None:
            what = f"“{able[service.id]}”能办这个事项，这里却没有自助办"
            mend = "补上 terminal，或在terminals.yml里去掉这个事项"
            yield _problem(service, document, ["channels"], what, mend)


def home_visits_are_told_of(scene: Scene) -> Iterator[Problem]:
    """What is done at home is told among the service's own channels."""
    able: dict[str, str] = {}
    for file, _ in scene.of(HomeVisits):
        for rule in file.rules:
            able.update({one: rule.name for one in rule.services if one not in able})
    for service, document in scene.of(Service):
        if service.id in able and service.channels.home_visit is None:
            what = f"“{able[service.id]}”能办这个事项，这里却没有上门办"
            mend = "补上 home_visit，或在home_visits.yml里去掉这个事项"
            yield _problem(service, document, ["channels"], what, mend)


def questions_decide_something(scene: Scene) -> Iterator[Problem]:
    """A question is asked only when its answers lead to different things."""
    for service, document in scene.of(Service):
        dependents = (
            *(one.only for one in service.materials),
            *(one.only for one in service.conditions),
            *(one.only for one in service.fee.items),
            *(one.only for one in service.channels.window),
            *(one.only for one in service.limit_cases),
        )
        for row, question in enumerate(service.situations):
            if not _decides(service, question, dependents):
                what = f"“{question.ask}”怎么答都一样"
                mend = "让材料、条件、收费、窗口或时限用 only 引用它，或删掉这个问题"
                yield _problem(service, document, ["situations", row], what, mend)


def _decides(service: Service, question: Question, dependents: Sequence[Only]) -> bool:
    options = {option.id for option in question.options}
    if any(options - set(only[question.id]) for only in dependents if question.id in only):
        return True
    after = [following(service, question, option) for option in question.options]
    return any(one != after[0] for one in after)


def windows_are_used(scene: Scene) -> Iterator[Problem]:
    """A window takes some service or bundle, or is named where help is described."""
    if not scene.complete:
        return
    used = {
        (channel.place, number)
        for service, _ in scene.of(Service)
        for channel in service.channels.window
        for number in channel.windows
    }
    used.update(
        (channel.place, number)
        for bundle, _ in scene.of(Bundle)
        for channel in bundle.window
        for number in channel.windows
    )
    used.update((hall.place, hall.desk.window) for hall, _ in scene.of(Hall) if hall.desk)
    help_texts = "\n".join(
        value.json(ensure_ascii=False)
        for kind in (Helpers, Priority, GeneralQuestions)
        for value, _ in scene.of(kind)
    )
    for place, document in scene.of(Place):
        for row, window in enumerate(place.windows):
            named = rf"(?<![0-9A-Za-z]){re.escape(window.number)}(?![0-9A-Za-z])"
            if (place.id, window.number) not in used and not re.search(named, help_texts):
                what = f"“{window.number}”窗口没有一个事项在用"
                mend = "在事项的 channels.window 里写上它，或删掉这个窗口"
                yield _problem(place, document, ["windows", row], what, mend)


def aliases_name_something(scene: Scene) -> Iterator[Problem]:
    """A search can't go by one character, nor by a word that it leaves out."""
    fillers = {normalise(word) for file, _ in scene.of(Lexicon) for word in file.fillers}
    for offer, document in scene.offers():
        for row, alias in enumerate(offer.aliases):
            word = normalise(alias)
            if len(word) < SHORTEST_ALIAS:
                what = f"“{alias}”太短，找不准"
            elif word in fillers:
                what = f"“{alias}”是词库里的虚词，找的时候会略去"
            else:
                continue
            yield _problem(offer, document, ["aliases", row], what, "换成说得出事情的话，或删掉")


def meanings_are_known(scene: Scene) -> Iterator[Problem]:
    """What an everyday word is replaced by must stand in some name or saying."""
    if not scene.complete:
        return
    known = "\n".join(
        normalise(text)
        for texts in (
            *((value.name, *value.aliases) for value, _ in scene.offers()),
            *((value.name, *value.aliases) for value, _ in scene.of(Draft)),
            *((*entry.mean, *entry.say) for file, _ in scene.of(Lexicon) for entry in file.entries),
        )
        for text in texts
    )
    for lexicon, document in scene.of(Lexicon):
        for row, synonym in enumerate(lexicon.words):
            for word in normalise(synonym.mean).split():
                if word not in known:
                    what = f"“{word}”在事项名称、日常用语和常问句里都没有"
                    mend = "改成事项名称里的词，或给事项补上这个日常用语"
                    yield _problem(lexicon, document, ["words", row, "mean"], what, mend)


def said_once(scene: Scene) -> Iterator[Problem]:
    """The same words mean one thing: said for two, they tell the two apart no more."""
    first: dict[str, str] = {}
    for lexicon, document in scene.of(Lexicon):
        for kind in ("words", "entries", "outside"):
            for row, entry in enumerate(getattr(lexicon, kind)):
                for column, said in enumerate(entry.say):
                    path: Steps = [kind, row, "say", column]
                    place = f"{document.name}:{document.line(path)}"
                    key = normalise(said) + (kind == "words") * " "  # replaced, not compared
                    before = first.setdefault(key, place)
                    if before != place:
                        what = f"“{said}”在{before}已经有了"
                        yield _problem(lexicon, document, path, what, "只留一处")


def _limit(limit: TimeLimit) -> str:
    return f"{limit.number}{'个' if limit.unit is Unit.WORKDAY else ''}{limit.unit.value}"


def _longer(one: TimeLimit, other: TimeLimit) -> bool:
    """Whether `one` is longer for sure, wherever weekends and holidays fall."""
    if one.unit is other.unit:
        return one.number > other.number
    return _days_at_least(one) > _days_at_most(other)


def _days_at_least(limit: TimeLimit) -> float:
    number = limit.number
    return {
        Unit.HOUR: number / 24,
        Unit.DAY: number,
        Unit.WORKDAY: number + (number - 1) // 5 * 2,
        Unit.MONTH: number * 28,
    }[limit.unit]


def _days_at_most(limit: TimeLimit) -> float:
    number, longest_holiday = limit.number, 9
    return {
        Unit.HOUR: number / 24,
        Unit.DAY: number,
        Unit.WORKDAY: number + (number + 4) // 5 * 2 + longest_holiday,
        Unit.MONTH: number * 31,
    }[limit.unit]


CONTRADICTIONS: dict[str, Rule] = {
    "dates-in-order": dates_in_order,
    "on-the-spot-promise": on_the_spot_promises_nothing,
    "promise-within-the-law": promise_within_the_law,
    "whole-online": whole_online_needs_no_visit,
}
"""What stops a catalogue, by the rule's name."""

DOUBTS: dict[str, Rule] = {
    "on-the-spot-waiting": on_the_spot_waits_for_nothing,
    "no-visit": no_visit_has_another_way,
    "fee-basis": fee_basis_belongs_to_a_fee,
    "licence-faq": licence_answers_a_question,
    "checked": checked_within_a_year,
    "in-force": in_force_today,
    "bundle-parts": bundle_parts_in_force,
    "terminals": terminals_are_told_of,
    "home-visits": home_visits_are_told_of,
    "questions": questions_decide_something,
    "windows": windows_are_used,
    "aliases": aliases_name_something,
    "meanings": meanings_are_known,
    "said-once": said_once,
}
"""What staff are warned of, by the rule's name."""
