"""What a citizen is told of one entry, in the chat's own words, for `banshi catalog show`."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from datetime import date

from actions.aspects import Aspect
from actions.reply import bundle, place, service
from service_catalog.catalog import Catalog
from service_catalog.model import Bundle, Draft, Service
from service_catalog.situations import next_question, option_of, question_of

_NEAR = 5


class NotShown(Exception):
    """There is nothing to show; the message says why and what to try instead."""


def shown(catalog: Catalog, entry_id: str, day: date, situation: Sequence[str]) -> str:
    """What there is to say of `entry_id` on `day`.

    Args:
        catalog: The catalogue.
        entry_id: Id of a service, bundle, place, terminal, general question or draft.
        day: The day as on which is shown.
        situation: Answers to a service's questions, each as question=option.

    Raises:
        NotShown: The id or a part of the situation is unknown.
    """
    found = catalog.services.get(entry_id)
    if found is not None:
        return _service(found, catalog, day, _answers(found, situation))
    if situation:
        raise NotShown(
            f"“{entry_id}”不是有情形的事项：去掉 --situation。{_near(catalog, entry_id)}"
        )
    if entry_id in catalog.bundles:
        one = catalog.bundles[entry_id]
        return f"{_force(one, day)}\n\n{bundle.overview(one, catalog)}"
    if entry_id in catalog.places:
        return place.place(catalog.places[entry_id], catalog, (day,))
    for terminal in catalog.terminals:
        if terminal.id == entry_id:
            return place.terminal(terminal, catalog)
    for question in catalog.general:
        if question.id == entry_id:
            return f"【{question.question}】\n{place.general(question)}"
    if entry_id in catalog.drafts:
        return _draft(catalog.drafts[entry_id])
    raise NotShown(f"没有编号为“{entry_id}”的内容。{_near(catalog, entry_id)}")


def _service(found: Service, catalog: Catalog, day: date, answers: Mapping[str, str]) -> str:
    parts = [_force(found, day)]
    if answers:
        given = "；".join(_told(found, *answer) for answer in answers.items())
        parts.append(f"情形：{given}")
    still_open = next_question(found, answers)
    if still_open is not None:
        options = [f"  --situation {still_open.id}={o.id}  {o.label}" for o in still_open.options]
        parts.append("\n".join([f"还要问：{still_open.ask}（{still_open.why}）", *options]))
    parts.append(service.answer(service.about(found, catalog, (day,), answers), tuple(Aspect)))
    return "\n\n".join(parts)


def _answers(found: Service, situation: Sequence[str]) -> dict[str, str]:
    answers: dict[str, str] = {}
    for one in situation:
        question_id, _, option_id = one.partition("=")
        question = question_of(found, question_id)
        if question is None:
            known = "、".join(one.id for one in found.situations) or "没有情形"
            raise NotShown(f"“{found.id}”没有问题“{question_id}”，有的是：{known}")
        if option_of(question, option_id) is None:
            known = "、".join(f"{question_id}={option.id}" for option in question.options)
            raise NotShown(f"问题“{question_id}”没有选项“{option_id}”，有的是：{known}")
        answers[question_id] = option_id
    return answers


def _told(found: Service, question_id: str, option_id: str) -> str:
    question = question_of(found, question_id)
    option = question and option_of(question, option_id)
    return f"{question.ask}{option.label}" if question and option else ""


def _force(one: Service | Bundle, day: date) -> str:
    until = f"，{one.effective_until}后失效" if one.effective_until else ""
    state = "有效" if one.in_force(day) else "不在有效期内，不对外"
    return f"{day}：{state}（{one.effective_from}起生效{until}）"


def _draft(draft: Draft) -> str:
    phone = draft.phones.enquiry
    lines = [
        f"【{draft.name}】",
        "草稿：内容没有核对过，只对外说名称、部门和咨询电话。",
        f"实施主体：{draft.department}",
        *([f"咨询电话：{phone}"] if phone else []),
    ]
    return "\n".join(lines)


def _near(catalog: Catalog, entry_id: str) -> str:
    ids = [
        *(*catalog.services, *catalog.bundles, *catalog.places, *catalog.drafts),
        *(terminal.id for terminal in catalog.terminals),
        *(question.id for question in catalog.general),
    ]
    by_words = [hit.id for hit in catalog.index.search(entry_id).hits]
    near = dict.fromkeys([*difflib.get_close_matches(entry_id, ids, _NEAR), *by_words])
    if not near:
        return "用 banshi catalog search 按名称找编号。"
    return f"相近的编号：{'、'.join([*near][:_NEAR])}。"
