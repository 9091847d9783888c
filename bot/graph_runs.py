"""Runs the model's graph as Rasa does, without planning anew for every run in which order to go.

Rasa hands its graph to Dask for each message and for each prediction, and Dask first finds out how
the nodes depend on each other, though they always do so in the same way: an eighth of the server's
time for a message. Here the order is kept. Rasa offers no other place for a runner of one's own;
only `DaskGraphRunner.run` is touched, and tests hold that it gives what Rasa's own gives. Whatever
isn't a plain run of a plain graph is left to Rasa's own.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphNode
from rasa.engine.runner.dask import DaskGraphRunner

_RASAS_OWN = DaskGraphRunner.run

Plan = list[tuple[str, GraphNode, tuple[str, ...]]]
"""The nodes in an order in which they can run, each with what it needs."""


def plan(runner: DaskGraphRunner, inputs: frozenset[str], targets: list[str]) -> Plan | None:
    """In which order to run what the targets need; None when it doesn't come out even."""
    waiting = dict(runner._graph_schema.minimal_graph_schema(targets).nodes)
    if not inputs.isdisjoint(waiting) or not set(targets) <= waiting.keys():
        return None
    order: Plan = []
    there = set(inputs)
    while waiting:
        ready = {name: node for name, node in waiting.items() if there >= {*node.needs.values()}}
        if not ready:
            return None
        for name, node in ready.items():
            order.append((name, runner._instantiated_nodes[name], tuple(node.needs.values())))
            del waiting[name]
        there |= ready.keys()
    return order


def install() -> None:
    """Let Rasa run its graphs by orders that are found once."""
    plans: WeakKeyDictionary[DaskGraphRunner, dict[Any, Plan | None]] = WeakKeyDictionary()

    def run(
        self: DaskGraphRunner,
        inputs: dict[str, Any] | None = None,
        targets: list[str] | None = None,
    ) -> dict[str, Any]:
        given = inputs or {}
        known = plans.setdefault(self, {})
        key = (frozenset(given), tuple(targets or ()))
        if key not in known:
            known[key] = plan(self, key[0], targets) if targets else None
        order = known[key]
        if order is None or any(isinstance(value, str) for value in given.values()):
            return dict(_RASAS_OWN(self, inputs, targets))
        results = {name: (name, value) for name, value in given.items()}
        try:
            for name, node, needs in order:
                results[name] = node(*[results[need] for need in needs])
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error
        return dict(results[target] for target in targets or ())

    DaskGraphRunner.run = run
