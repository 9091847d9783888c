"""Finds the day and the time of day that a message speaks of: 下周三上午, 12月3号两点, 周五.

A Rasa graph component around JioNLP's `parse_time`. JioNLP reads Chinese dates well but knows no
offices: a bare 两点 comes out at night, a bare 周一 may lie in the past. Both are mended here for
people who speak of appointments: hours before 7 mean the afternoon, days mean the next such day.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import jionlp
from dateutil.relativedelta import relativedelta
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from service_catalog.clock import CHINA, now

ENTITY = "when"

_MAY_BE_TIME = re.compile(r"[年月日号天周点时午晚早后]|星期|礼拜|\d[:.]\d|半")
_MOBILE = re.compile(r"1[3-9]\d[- ]?\d{4}[- ]?\d{4}")
_PLATE = re.compile(r"[\u4e00-\u9fff] ?[A-Za-z][· .]?[A-Za-z0-9]{5,6}(?![A-Za-z0-9])")
_NO_TIME = re.compile(
    r"(?:早上|上午|中午|下午|晚上)好|一点(?=[都也儿不点])|有一?点|号窗|号线|号楼"
    r"|\d+ *岁|(?:有效期?|满|过了?|了) *\d+ *(?:年|个月)|^ *\d+ *年 *$"
)
"""Greetings, "a little", windows, ages and spans of years: words of time that name no time."""
_SPOKEN = (
    (re.compile(r"今儿个?"), "今天"),
    (re.compile(r"明儿个?"), "明天"),
    (re.compile(r"后儿个?"), "后天"),
    (re.compile(r"([今明后])早(?!上)"), r"\1天早上"),
    (re.compile(r"([今明])晚(?!上)"), r"\1天晚上"),
)
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
_DAY_NUMBER = re.compile(r"(\d+|[一二三四五六七八九十]+)[号日]")
_HOLIDAY = re.compile(r"元旦|春节|清明|五一|端午|中秋|国庆")
_SAYS_DAY = re.compile(
    r"[年月日号周天]|星期|礼拜|[今明后昨]|元旦|春节|清明|五一|端午|中秋|国庆|\d-\d"
)
_PAST = re.compile(r"昨|前天|去年|[上下这本][个]?(?:周|星期|礼拜|月)|年")
LAST_DAY = 31
_NIGHT = re.compile(r"凌晨|半夜|夜里|早|上午")
_OPENS = 7


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR,
    is_trainable=False,
)
class TimeExtractor(GraphComponent):
    """Adds the time a message speaks of as a `when` entity."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TimeExtractor:
        """Make the component; JioNLP reads its dictionaries now, not at the first message."""
        read_time("明天", now())
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entity to each message that speaks of a time."""
        for message in messages:
            text = message.get(TEXT) or ""
            span = read_time(text, now())
            if span is None:
                continue
            entity = {
                "entity": ENTITY,
                "value": span,
                "start": 0,
                "end": len(text),
                "extractor": type(self).__name__,
            }
            message.set(ENTITIES, [*message.get(ENTITIES, []), entity], add_to_output=True)
        return messages


def read_time(text: str, base: datetime) -> dict[str, str] | None:
    """The span of time that `text` speaks of, as seen from `base`.

    Returns:
        `{"start", "end", "day"}`, the ends as ISO 8601 with offset, in Asia/Shanghai, or None when
        the words name no point in time. `end` is the last second of the span; a span of under an
        hour and a half means that the citizen named the hour. `day` is "said", or "assumed" when
        only a time of day was named and today was taken.
    """
    text = _PLATE.sub(" ", _MOBILE.sub(" ", text))
    if not _MAY_BE_TIME.search(text) or any(
        int(day) > LAST_DAY for day in _DAY_NUMBER.findall(text) if day.isdigit()
    ):
        return None
    text = _NO_TIME.sub(" ", text)
    for spoken, written in _SPOKEN:
        text = spoken.sub(written, text)
    span = _parse(text, base)
    if span is None or span[1] < span[0]:
        return None
    start, end = _office_hours(*span, text)
    if "周末" in text:  # JioNLP means the Sunday alone
        start = end.replace(hour=0, minute=0, second=0) - timedelta(days=1)
    step = _until_next(text)
    if end < base and step is not None:
        start, end = start + step, end + step
    day = "said" if _SAYS_DAY.search(text) else "assumed"
    return {"start": start.isoformat(), "end": end.isoformat(), "day": day}


def _office_hours(start: datetime, end: datetime, text: str) -> tuple[datetime, datetime]:
    """两点 is in the afternoon: nobody visits an office between midnight and seven."""
    whole_hours = end - start < timedelta(hours=_OPENS)
    if start.hour == 0 or start.hour >= _OPENS or not whole_hours or _NIGHT.search(text):
        return start, end
    return start + timedelta(hours=12), end + timedelta(hours=12)


def _until_next(text: str) -> relativedelta | None:
    """How far the next such day lies after one in the past; None when the past was meant."""
    if _PAST.search(text):
        return None
    if _WEEKDAY.search(text):
        return relativedelta(days=7)
    if "月" in text or _HOLIDAY.search(text):
        return relativedelta(years=1)
    return relativedelta(months=1) if _DAY_NUMBER.search(text) else None


def _parse(text: str, base: datetime) -> tuple[datetime, datetime] | None:
    try:
        parsed: Mapping[str, Any] = jionlp.parse_time(text, time_base=_time_base(base))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        # parse_time raises ValueError for "no time here" and trips over odd input in other ways
        return None
    if parsed.get("type") not in {"time_point", "time_span"}:
        return None
    try:
        first, last = (datetime.fromisoformat(t) for t in parsed["time"])
    except (ValueError, TypeError):  # open spans such as "以后" have "inf"
        return None
    return first.replace(tzinfo=CHINA), last.replace(tzinfo=CHINA)


def _time_base(base: datetime) -> dict[str, int]:
    return {
        unit: getattr(base, unit) for unit in ("year", "month", "day", "hour", "minute", "second")
    }
