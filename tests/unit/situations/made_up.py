"""Services and bundles made up by hypothesis: questions, dependents and materials of any shape."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from service_catalog.model import END, Bundle, Service

PHONES = {"enquiry": "0600-8800101", "complaint": "12345"}
DATES = {"effective_from": "2025-01-01", "checked_on": "2026-11-02", "checked_by": "x"}
OPTIONS = ("a", "b", "c")
NAMES = ("身份证", "户口簿", "照片", "申请表", "居民 户口簿", "委托书")


def service(service_id: str = "made-up", **parts: Any) -> Service:
    """A service of the least that one needs, and `parts`."""
    return Service.parse_obj(
        {
            "id": service_id,
            "name": service_id,
            "department": "x",
            "kind": "公共服务",
            "audience": ["自然人"],
            "basis": ["x"],
            "conditions": ["x"],
            "handling": "承诺件",
            "promised_limit": {"number": 5},
            "visits": {"count": 0},
            "fee": {},
            "process": ["x"],
            "channels": {"online": {"name": "x"}},
            "phones": PHONES,
            **DATES,
            **parts,
        }
    )


@st.composite
def questions(draw: st.DrawFn, *, forward: bool, least: int = 0) -> list[dict[str, Any]]:
    """Questions whose options lead on: only to later ones, or anywhere at all."""
    count = draw(st.integers(least, 4))
    ids = [f"q{number}" for number in range(count)]
    made = []
    for number, question in enumerate(ids):
        targets = [None, END, *(ids[number + 1 :] if forward else ids)]
        options = [
            {"id": option, "label": option, "next": draw(st.sampled_from(targets))}
            for option in OPTIONS[: draw(st.integers(2, 3))]
        ]
        made.append({"id": question, "ask": "?", "why": "x", "options": options})
    return made


@st.composite
def only(draw: st.DrawFn, asked: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Answers under which something holds, of the questions there are."""
    if not asked:
        return {}
    chosen = draw(st.lists(st.sampled_from(asked), max_size=2, unique_by=lambda one: one["id"]))
    return {
        one["id"]: draw(
            st.lists(st.sampled_from([o["id"] for o in one["options"]]), min_size=1, unique=True)
        )
        for one in chosen
    }


@st.composite
def materials(draw: st.DrawFn, asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Materials that may depend on the questions."""
    made = []
    for name in draw(st.lists(st.sampled_from(NAMES), max_size=5)):
        need = draw(st.sampled_from(["必要", "非必要", "按情形"]))
        made.append(
            {
                "name": name,
                "need": need,
                "original": draw(st.integers(0, 3)),
                "copies": draw(st.integers(0, 3)),
                "form": draw(st.sampled_from(["纸质", "电子", "纸质或电子"])),
                "deferrable": draw(st.booleans()),
                "licence_exempt": draw(st.booleans()),
                "note": draw(st.sampled_from([None, "近期的", "彩色"])),
                "fill_in": draw(st.sampled_from([None, "用黑笔"])),
                "only": draw(only(asked)),
                **(
                    {"when": draw(st.sampled_from(["代办的", "外地的"]))}
                    if need == "按情形"
                    else {}
                ),
            }
        )
    return made


@st.composite
def services(
    draw: st.DrawFn, service_id: str = "made-up", *, forward: bool = True, least: int = 0
) -> Service:
    """A service with situations."""
    asked = draw(questions(forward=forward, least=least))
    cases = draw(st.lists(only(asked), max_size=2))
    return service(
        service_id,
        situations=asked,
        materials=draw(materials(asked)),
        conditions=["x", {"text": "y", "only": draw(only(asked))}],
        limit_cases=[
            {"only": case, "promised": {"number": 10 + row}}
            for row, case in enumerate(cases)
            if case
        ],
    )


@st.composite
def bundles(draw: st.DrawFn) -> tuple[Bundle, dict[str, Service]]:
    """A bundle and its services, with answers for some of their questions."""
    ids = [f"part-{number}" for number in range(draw(st.integers(2, 4)))]
    known = {one: draw(services(one)) for one in ids}
    parts = []
    for one, found in known.items():
        answers = {
            question.id: draw(st.sampled_from([option.id for option in question.options]))
            for question in found.situations
            if draw(st.booleans())
        }
        parts.append({"service": one, "answers": answers, "optional": draw(st.booleans())})
    bundle = {
        "id": "made-up-bundle",
        "name": "x",
        "audience": ["自然人"],
        "summary": "x",
        "parts": parts,
        "form": "x",
        "promised_limit": {"number": 5},
        "visits": {"count": 0},
        "phones": PHONES,
        **DATES,
    }
    return Bundle.parse_obj(bundle), known
