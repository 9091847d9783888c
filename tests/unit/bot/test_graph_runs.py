"""Graphs run in an order that is found once: what comes out is what Rasa's own runner gives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa.engine.exceptions import GraphComponentException, GraphRunError
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.exceptions import InvalidConfigException

from bot import graph_runs
from bot.channels.wechat import WeChatInput

RASAS_OWN = DaskGraphRunner.run
INPUTS = ("__message__", "__tracker__")


class Part(GraphComponent):
    """Tells what it was given; fails when it is told to."""

    ran: list[str]

    def __init__(self, name: str, fails: str) -> None:
        self._name = name
        self._fails = fails

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"name": "", "fails": ""}

    @classmethod
    def create(cls, config: dict[str, Any], *_: Any, **__: Any) -> Part:
        return cls(config["name"], config["fails"])

    def run(self, **given: Any) -> Any:
        Part.ran.append(self._name)
        if self._fails == "configuration":
            raise InvalidConfigException(self._name)
        if self._fails:
            raise RuntimeError(self._name)
        return [self._name, given]


@pytest.fixture
def ours() -> Iterator[Any]:
    """The run as `install` sets it; Rasa's own is put back."""
    graph_runs.install()
    yield DaskGraphRunner.run
    DaskGraphRunner.run = RASAS_OWN


@st.composite
def schemas(draw: st.DrawFn) -> GraphSchema:
    """Graphs of a few nodes; each needs some of those before it, of the inputs, or what isn't."""
    nodes: dict[str, SchemaNode] = {}
    failing = draw(st.integers(0, 12))  # one at most: with two, either may come first
    how = draw(st.sampled_from(["configuration", "while running"]))
    for number in range(draw(st.integers(1, 6))):
        known = [*nodes, *INPUTS] * 10 + ["missing"]
        needs = draw(st.lists(st.sampled_from(known), max_size=3))
        fails = how if number == failing else ""
        name = f"node {number}"
        nodes[name] = SchemaNode(
            needs={f"part_{place}": need for place, need in enumerate(needs)},
            uses=Part,
            constructor_name="create",
            fn="run",
            config={"name": name, "fails": fails},
            eager=True,
        )
    return GraphSchema(dict(draw(st.permutations(list(nodes.items())))))


def outcome(run: Any, runner: DaskGraphRunner, inputs: Any, targets: list[str]) -> Any:
    """What comes out, which nodes ran, or the error; twice, as the second run goes by the first."""
    told = []
    for _ in range(2):
        Part.ran = []
        try:
            told.append((run(runner, inputs, targets), sorted(Part.ran)))
        except Exception as error:  # noqa: BLE001 - any error must be the same
            told.append((type(error), str(error), type(error.__cause__)))
    return told


VALUES = st.lists(st.integers(), max_size=2)
WHOLE = st.fixed_dictionaries(dict.fromkeys(INPUTS, VALUES))
ODD = st.one_of(
    st.dictionaries(st.sampled_from(INPUTS), VALUES),
    st.fixed_dictionaries({**dict.fromkeys(INPUTS, VALUES), "node 0": VALUES}),
    st.fixed_dictionaries(dict.fromkeys(INPUTS, st.sampled_from(["a text", "node 0"]))),
)


@given(
    schema=schemas(),
    inputs=st.one_of(WHOLE, WHOLE, ODD),
    wanted=st.lists(st.integers(0, 5), min_size=1, max_size=2) | st.just([]),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_comes_out_is_what_rasas_own_gives(ours, tmp_path, schema, inputs, wanted):
    names = sorted(schema.nodes)
    targets = [names[number % len(names)] for number in wanted]
    runner = DaskGraphRunner.create(
        schema, LocalModelStorage(tmp_path), ExecutionContext(GraphSchema({}))
    )
    assert outcome(ours, runner, inputs, targets) == outcome(RASAS_OWN, runner, inputs, targets)


def line(tmp_path: Path, fails: str = "") -> DaskGraphRunner:
    """Two nodes, one after the other."""
    nodes = {
        name: SchemaNode(needs, Part, "create", "run", {"name": name, "fails": fails}, eager=True)
        for name, needs in (("last", {"part": "first"}), ("first", {"part": "__message__"}))
    }
    return DaskGraphRunner.create(
        GraphSchema(nodes), LocalModelStorage(tmp_path), ExecutionContext(GraphSchema({}))
    )


def test_the_order_is_found_once_and_dask_is_not_asked(ours, tmp_path, monkeypatch):
    planned = []
    plan = graph_runs.plan
    monkeypatch.setattr(graph_runs, "plan", lambda *given: planned.append(given) or plan(*given))
    monkeypatch.setattr(graph_runs, "_RASAS_OWN", None)
    runner = line(tmp_path)
    Part.ran = []
    for text in ("a", "b", "c"):
        told = ours(runner, {"__message__": [text]}, ["last"])
        assert told == {"last": ["last", {"part": ["first", {"part": [text]}]}]}
    assert len(planned) == 1
    assert Part.ran == ["first", "last"] * 3


def test_an_input_that_is_a_node_s_name_is_refused_as_by_rasa(ours, tmp_path):
    for run in (ours, RASAS_OWN):
        with pytest.raises(GraphRunError, match="clashes"):
            run(line(tmp_path), {"__message__": "first"}, ["last"])


def test_what_goes_wrong_in_a_node_is_told_as_rasa_does(ours, tmp_path):
    with pytest.raises(GraphComponentException, match="node first"):
        ours(line(tmp_path, "while running"), {"__message__": []}, ["last"])


def test_the_channel_installs_it(monkeypatch):
    installed = []
    monkeypatch.setattr(graph_runs, "install", lambda: installed.append(True))
    with suppress(InvalidConfigException):  # without settings there is no channel
        WeChatInput.from_credentials(None)
    assert installed
