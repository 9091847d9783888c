"""One model in a process of its own: what it makes of each utterance, how fast, in what memory.

Called by `benchmarks.understanding` with a job in a JSON file; the result goes to another. The
model is loaded as Rasa's server loads it. For our own, messages are also handled as a whole, with
the actions called in this process instead of over HTTP: what the assistant does about a service
is decided there.
"""

from __future__ import annotations

import asyncio
import copy
import json
import re
import sys
import time
import traceback
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import structlog
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection

from benchmarks.understanding_sets import key
from bot import action_answers, graph_runs

FALLBACK, NO_INTENT = "nlu_fallback", "(none)"
TURNS = 5
"""So many messages one conversation has when whole messages are timed."""
WARMING = ("你好", "下周三上午办身份证要带什么", "附近哪里能办", "huzhao")
"""What is said first, so that dictionaries are loaded before anything is timed."""
_COMMAND = re.compile(r"^[\s/／]+")
"""What the channel takes away: to Rasa it would be the notation of an intent."""


@dataclass(frozen=True)
class Job:
    """What a process is to do.

    Attributes:
        model: The model's archive.
        texts: The utterances.
        whole: Numbers of the utterances that are handled as a whole; none for NLU alone.
        timed: How many utterances are timed as whole messages.
    """

    model: str
    texts: list[str]
    whole: list[int]
    timed: int = 0


@dataclass(frozen=True)
class Parsed:
    """What the NLU made of one utterance.

    Attributes:
        intent: The intent, which may be Rasa's fallback.
        best: The best intent beneath the fallback.
        confidence: How sure the classifier is.
        entities: Names of the entities, the services apart.
        services: Ids of the services it may mean, best first.
        decision: The search's decision about them: `answer`, `ask` or nothing.
        ms: How long it took.
    """

    intent: str
    best: str
    confidence: float
    entities: list[str]
    services: list[str]
    decision: str
    ms: float


@dataclass(frozen=True)
class Done:
    """What the assistant did about one utterance.

    Attributes:
        outcome: The outcome that was noted; empty when no action of ours noted one.
        service: The service that was answered for; empty when none was noted.
        text: Everything that was said.
        choices: The choices that were offered.
    """

    outcome: str
    service: str
    text: str
    choices: list[str]


class NoActions(EndpointConfig):
    """An action server that answers at once with nothing: what is left is Rasa's own time."""

    async def request(self, *_: Any, **__: Any) -> dict[str, Any]:  # noqa: ANN401 - Rasa's signature
        """No events and no messages."""
        return {"events": [], "responses": []}


class OurActions(EndpointConfig):
    """The project's actions, called in this process."""

    def __init__(self, failures: list[str]) -> None:
        super().__init__("in this process")
        self._failures = failures
        self._executor = ActionExecutor()
        self._executor.register_package("actions")

    async def request(self, *_: Any, **given: Any) -> Any:  # noqa: ANN401 - Rasa's signature
        """What the action server would answer; a failure is kept, for Rasa only logs it."""
        call = copy.deepcopy(given["json"])
        try:
            return await self._executor.run(call)
        except ActionExecutionRejection as rejection:
            told = json.dumps({"error": "rejected", "action_name": rejection.action_name})
            raise ClientResponseError(400, "rejected", told) from None
        except Exception as error:
            self._failures.append(f"{call['next_action']}: {_cause(error)}")
            raise


_noted: list[dict[str, Any]] = []


def _collect(_: object, __: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Keep the outcomes that actions note, and print nothing."""
    if event.get("event") == "outcome":
        _noted.append(dict(event))
    raise structlog.DropEvent


def parsed(told: dict[str, Any], seconds: float) -> Parsed:
    """Rasa's parse result in few words."""
    entities = told.get("entities") or []
    services = [one for one in entities if one["entity"] == "service"]
    intent = told.get("intent") or {}
    ranking = [one["name"] for one in told.get("intent_ranking") or () if one["name"] != FALLBACK]
    return Parsed(
        intent=intent.get("name") or NO_INTENT,
        best=ranking[0] if ranking else intent.get("name") or NO_INTENT,
        confidence=round(intent.get("confidence") or 0.0, 4),
        entities=sorted({one["entity"] for one in entities} - {"service"}),
        services=[one["value"] for one in services],
        decision=services[0].get("decision", "") if services else "",
        ms=round(seconds * 1e3, 3),
    )


def done(outcomes: list[dict[str, Any]], messages: list[dict[str, Any]]) -> Done:
    """What was noted and said; an answer counts even when something else was noted after it."""
    answers = [one for one in outcomes if one.get("outcome") == "answered"]
    last: dict[str, Any] = (answers or outcomes or [{}])[-1]
    return Done(
        outcome=str(last.get("outcome") or ""),
        service=str(last.get("service") or ""),
        text="\n".join(one["text"] for one in messages if one.get("text")),
        choices=[button["title"] for one in messages for button in one.get("buttons") or ()],
    )


async def run(job: Job) -> dict[str, Any]:
    """Everything that is asked for, as JSON values."""
    action_answers.install()
    graph_runs.install()
    start = time.perf_counter()
    agent = Agent.load(job.model)
    load_s = time.perf_counter() - start
    texts = [_COMMAND.sub("", text) for text in job.texts]
    failures: list[str] = []
    for text in WARMING:
        await agent.parse_message(text)
    results = [await _parse(agent, text, failures) for text in texts]
    answer: dict[str, Any] = {
        "load_s": load_s,
        "memory_mb": resident_mb(),
        "parsed": [asdict(one) for one in results],
        "failures": failures,
    }
    if job.timed:
        answer["whole_ms"] = await _timed(agent, texts[:: max(1, len(texts) // job.timed)])
    if job.whole:
        answer["done"] = await _handled(agent, [texts[number] for number in job.whole], failures)
        answer["training"] = training_keys()
    return answer


async def _parse(agent: Agent, text: str, failures: list[str]) -> Parsed:
    """What a text says; one that can't be read is a failure and says nothing."""
    start = time.perf_counter()
    try:
        told = await agent.parse_message(text)
    except Exception as error:  # noqa: BLE001 - whatever fails is a wrong answer, told with its cause
        failures.append(f"reading: {_cause(error)}")
        told = {}
    return parsed(told, time.perf_counter() - start)


def _cause(error: BaseException) -> str:
    """The first error of a chain, where it happened, without what was written."""
    while (earlier := error.__cause__ or error.__context__) is not None:
        error = earlier
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(place.filename).name}:{place.lineno}"


async def _timed(agent: Agent, texts: list[str]) -> list[float]:
    """Milliseconds of each whole message: parse, rules, and a conversation kept in SQLite."""
    from bot.conversations import EncryptedTrackerStore  # noqa: PLC0415 - needs the settings

    times = []
    with TemporaryDirectory() as place:
        store = EncryptedTrackerStore(agent.domain, host=f"sqlite:///{place}/conversations.db")
        _serve(agent, store, NoActions("nowhere"))
        for number, text in enumerate([*texts[:TURNS], *texts]):
            message = UserMessage(text, CollectingOutputChannel(), f"timed-{number // TURNS}")
            start = time.perf_counter()
            with suppress(Exception):  # told when it was parsed
                await agent.handle_message(message)
            times.append(round((time.perf_counter() - start) * 1e3, 3))
        store.engine.dispose()
    return times[TURNS:]


async def _handled(agent: Agent, texts: list[str], failures: list[str]) -> list[dict[str, Any]]:
    """What the assistant does about each text, each the first of its conversation."""
    from actions.resources import booking_client  # noqa: PLC0415 - needs the settings

    _serve(agent, InMemoryTrackerStore(agent.domain), OurActions(failures))
    results = []
    for number, text in enumerate(texts):
        _noted.clear()
        channel = CollectingOutputChannel()
        with suppress(Exception):  # told when it was parsed
            await agent.handle_message(UserMessage(text, channel, f"whole-{number}"))
        results.append(asdict(done(list(_noted), channel.messages)))
    await booking_client().close()
    return results


def _serve(agent: Agent, store: Any, actions: EndpointConfig) -> None:  # noqa: ANN401 - Rasa's type
    """Let the loaded model keep conversations in `store` and call `actions`."""
    if agent.processor is None:
        raise RuntimeError("the model has no processor")
    agent.processor.tracker_store = store
    agent.processor.action_endpoint = actions


def training_keys() -> list[str]:
    """Every training example as `key` compares it, each as often as it stands there."""
    importer = TrainingDataImporter.load_from_config("config.yml", "domain.yml", ["data"])
    return [key(one.get("text") or "") for one in importer.get_nlu_data().training_examples]


def resident_mb() -> float:
    """Megabytes of memory this process holds at present (Linux)."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) / 1024, 1)
    raise RuntimeError("the kernel doesn't tell VmRSS")


def main(job: Path, result: Path) -> None:
    """Do the job that one file holds; write the result into the other."""
    structlog.configure(processors=[_collect], cache_logger_on_first_use=False)
    told = asyncio.run(run(Job(**json.loads(job.read_text("utf-8")))))
    result.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
