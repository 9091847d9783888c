"""What a message costs the Rasa server, beside what it would cost with Rasa's own store and rules.

Both answer the same utterances in turns, in one process, so that a busy machine is busy for both:
messages through NLU, rules and a conversation in SQLite, with an action server that answers at once
with nothing. The pipeline is the same; the one in the place of ours keeps conversations encrypted
as well, but reads each back event by event, and asks Rasa's RulePolicy.
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import structlog
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.policies.rule_policy import RulePolicy
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from benchmarks.understanding import SETS, known_ids
from benchmarks.understanding_models import our_model, settings_in
from benchmarks.understanding_run import TURNS, WARMING, NoActions, _serve
from benchmarks.understanding_sets import read_utterances
from bot import action_answers, graph_runs
from bot.conversations import EncryptedTrackerStore
from bot.policies.rules import QuickRules
from service_catalog.loader import CONTENT, Loader

SEED = 1
"""Of the choice of utterances."""


class RasasStore(EncryptedTrackerStore):
    """Rasa's own SQL store, encrypted: a conversation is read back for each message."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Rasa's signature
        super().__init__(*args, **kwargs)
        self.engine.dispose()
        self.engine = create_engine(self.engine.url)  # as Rasa makes it
        self.sessionmaker = sessionmaker(bind=self.engine)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """As Rasa does it."""
        await SQLTrackerStore.save(self, tracker)

    async def _retrieve(
        self, sender_id: str, fetch_events_from_all_sessions: bool
    ) -> DialogueStateTracker | None:
        return await SQLTrackerStore._retrieve(self, sender_id, fetch_events_from_all_sessions)


def ask_rasas_rules(agent: Agent) -> None:
    """Let the model ask Rasa's RulePolicy, with the rules that ours has learned.

    Raises:
        ValueError: The model doesn't have exactly one policy of ours.
    """
    nodes: Any = agent.processor and agent.processor.graph_runner
    found = [
        node
        for node in nodes._instantiated_nodes.values()
        if isinstance(node._component, QuickRules)
    ]
    if len(found) != 1:
        raise ValueError(f"{len(found)} nodes of the model are QuickRules")
    (node,) = found
    own = node._component
    node._component = RulePolicy(
        own.config,
        own._model_storage,
        own._resource,
        node._execution_context,
        featurizer=own.featurizer,
        lookup=own.lookup,
    )


async def measure(model: Path, texts: Sequence[str], rounds: int) -> list[list[list[float]]]:
    """Milliseconds of each text in each round, ours first; a first round isn't counted."""
    action_answers.install()
    graph_runs.install()
    agents = [Agent.load(str(model)) for _ in range(2)]
    ask_rasas_rules(agents[1])
    for agent in agents:
        for text in WARMING:
            await agent.parse_message(text)
    times: list[list[list[float]]] = [[[] for _ in texts] for _ in agents]
    with TemporaryDirectory() as place:
        stores = [
            kind(agent.domain, host=f"sqlite:///{place}/{number}.db")
            for number, (kind, agent) in enumerate(
                zip((EncryptedTrackerStore, RasasStore), agents, strict=True)
            )
        ]
        for agent, store in zip(agents, stores, strict=True):
            _serve(agent, store, NoActions("nowhere"))
        for turn in range(rounds + 1):
            for number, text in enumerate(texts):
                for which in (0, 1) if (turn + number) % 2 else (1, 0):
                    ms = await _timed(agents[which], text, f"{turn}-{number // TURNS}")
                    if turn:
                        times[which][number].append(ms)
        for store in stores:
            store.engine.dispose()
    return times


async def _timed(agent: Agent, text: str, sender: str) -> float:
    message = UserMessage(text, CollectingOutputChannel(), sender)
    start = time.perf_counter()
    with suppress(Exception):  # an utterance that can't be read costs what it costs
        await agent.handle_message(message)
    return (time.perf_counter() - start) * 1e3


def said(times: Sequence[Sequence[Sequence[float]]]) -> str:
    """The figures as a table, and how much of Rasa's time ours is, text by text."""
    lines = [f"{'ms a message':24}{'median':>8}{'mean':>8}{'p95':>8}"]
    for name, texts in zip(("banshi", "Rasa's store and rules"), times, strict=True):
        every = sorted(ms for one in texts for ms in one)
        figures = statistics.median(every), statistics.mean(every), every[int(0.95 * len(every))]
        lines.append(f"{name:24}" + "".join(f"{figure:8.2f}" for figure in figures))
    ours, rasas = ([statistics.median(one) for one in texts] for texts in times)
    ratio = statistics.median(one / other for one, other in zip(ours, rasas, strict=True))
    return "\n".join([*lines, f"{'ratio, median':24}{ratio:8.2f}"])


@click.command()
@click.option("--texts", "number", type=click.IntRange(TURNS), default=300, show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
def main(number: int, rounds: int) -> None:
    """Measure what a message costs."""
    texts = [one.text for one in read_utterances(SETS, known_ids(Loader(CONTENT).load()))]
    random.Random(SEED).shuffle(texts)  # noqa: S311 - a choice, no secret
    with TemporaryDirectory() as place:
        settings = settings_in(Path(place) / "var")
        model = our_model(settings, partial(click.echo, err=True))
        os.environ.update(settings.environment())
        structlog.configure(processors=[_drop], cache_logger_on_first_use=False)
        click.echo(said(asyncio.run(measure(model.path, texts[:number], rounds))))


def _drop(*_: object) -> Any:  # noqa: ANN401 - structlog's signature
    raise structlog.DropEvent


if __name__ == "__main__":
    main()
