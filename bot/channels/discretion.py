"""What other people's code may write into the log of the Rasa server.

Our own events carry ids and codes alone. Rasa, Sanic and what they stand on quote in their warnings
what they were working on; seen in Rasa 3.6 at its default level:

- `rasa.core.processor`: "Circuit breaker tripped … for sender '<openid>'", and the traceback of a
  failed action, whose error quotes the action server's answer: slots, names, numbers;
- `rasa.shared.core.events`: an event that can't be read, with all its parameters;
- `rasa.core.tracker_store`: the database's error, in which SQLAlchemy quotes a statement's values
  (`bot.conversations` hides those besides);
- `rasa.core.nlg.interpolator`: an exception whose frames structlog prints with their variables;
- `sanic.error`: the address of a failed request, which WeChat gives the openid as `openid=…`;
- `asyncio`: the error of a task that nobody awaited;
- `py.warnings`: a slot's value that the domain doesn't know.

`Discretion` passes each of their records on with what could be a citizen's taken out. What is left
says which code complained, what about, and where an exception came from.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from collections.abc import Callable
from typing import Any

OURS = frozenset({"bot", "wechat", "service_catalog"})
"""The rooms whose records are passed on as they are."""

_GAP = "…"
_RULES = (
    (re.compile(r"\{.*\}|\{.*", re.DOTALL), "{…}"),  # dictionaries: events, slots, answers
    (re.compile(r"body='.*'", re.DOTALL), "body='…'"),  # Rasa's ClientResponseError
    (re.compile(r"((?:sender|[cC]onversation)(?:[ _]?(?:id|ID))?:? ?)(['\"]).*?\2"), r"\1'…'"),
    (re.compile(r"\?[^\s'\"?]*=[^\s'\"]*"), "?…"),  # the query of an address
    (re.compile(r"(?<![\w-])o[A-Za-z0-9_-]{27}(?![\w-])"), _GAP),  # an openid
    (re.compile(r"(?:[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]|\\u[0-9a-fA-F]{4})+"), _GAP),
    (re.compile(r"\d{5,}[xX]?"), _GAP),  # phone numbers, ID numbers, codes
)


def discreet(text: str) -> str:
    """Takes out of a text what could be a citizen's."""
    event = _structured(text)
    if event is not None:
        kept = {key: event[key] for key in ("event", "event_info", "level") if key in event}
        return discreet(" ".join(map(str, kept.values())))
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text


class Discretion:
    """Watches over all log records of the process between `begin` and `end`."""

    def __init__(self) -> None:
        self._before: Callable[..., logging.LogRecord] | None = None

    def begin(self) -> None:
        """From now on records of other people's code are discreet, whatever handler they reach."""
        if self._before is None:
            self._before = logging.getLogRecordFactory()
            logging.setLogRecordFactory(self._record)

    def end(self) -> None:
        """Lets records be as they were before."""
        if self._before is not None:
            logging.setLogRecordFactory(self._before)
            self._before = None

    def _record(self, *args: Any, **kwargs: Any) -> logging.LogRecord:  # noqa: ANN401 - logging's
        record = (self._before or logging.LogRecord)(*args, **kwargs)
        if record.name.partition(".")[0] in OURS:
            return record
        error = record.exc_info[1] if record.exc_info else None
        record.msg = discreet(_message(record)) + (_where(error) if error else "")
        record.args = ()
        record.exc_info = record.exc_text = record.stack_info = None
        return record


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):  # the arguments don't fit; logging would say so
        return str(record.msg)


def _structured(text: str) -> dict[str, Any] | None:
    if not text.startswith("{"):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "event" in found else None


def _where(error: BaseException) -> str:
    """The kinds of an error and its causes, and the lines they came from, without their texts."""
    parts: list[str] = []
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        frames = "".join(traceback.format_tb(cause.__traceback__))
        parts.append(f"\n{type(cause).__name__}, raised in:\n{frames}".rstrip())
        cause = cause.__cause__ or cause.__context__
    return "".join(parts)
