"""Processes of their own that watch one directory agree within a second of an edit."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from small_world import SmallWorld

WATCHERS = 3
EDITS = 6
AGREE_WITHIN = 1.0
START_WITHIN = 30.0


class Watcher:
    """One watching process and what it has told."""

    def __init__(self, directory: Path) -> None:
        script = Path(__file__).with_name("watcher.py")
        self._process = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-u", str(script), str(directory)], stdout=subprocess.PIPE, text=True
        )
        self._told: queue.Queue[list[str]] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._told.put(line.split())

    def next(self, timeout: float) -> list[str]:
        """Version, fee and whether the snapshot was of one piece, when it is told in time."""
        while True:
            words = self._told.get(timeout=timeout)
            if len(words) == 3:  # what the log says of loading is longer
                return words

    def refused(self, timeout: float) -> None:
        """Wait until the process has logged that it refuses an edit."""
        while "catalog.refused" not in self._told.get(timeout=timeout):
            pass

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        assert self._process.stdout
        self._process.stdout.close()


@contextmanager
def watching(directory: Path) -> Iterator[list[Watcher]]:
    watchers = [Watcher(directory) for _ in range(WATCHERS)]
    try:
        yield watchers
    finally:
        for watcher in watchers:
            watcher.stop()


def test_processes_agree_within_a_second_of_each_edit(world: SmallWorld) -> None:
    with watching(world.directory) as watchers:
        versions = {watcher.next(START_WITHIN)[0] for watcher in watchers}
        assert len(versions) == 1
        seen = set(versions)
        for number in range(EDITS):
            amount = 20 + number
            world.edit("services/card.yml", f"amount: {amount}", f"amount: {amount + 1}")
            until = time.monotonic() + AGREE_WITHIN
            told = [watcher.next(max(until - time.monotonic(), 0.001)) for watcher in watchers]
            assert [words[1:] for words in told] == [[str(amount + 1), "True"]] * WATCHERS
            versions = {words[0] for words in told}
            assert len(versions) == 1, "all tell the same version"
            assert not versions & seen, "and a new one"
            seen |= versions


def test_processes_keep_the_old_catalogue_through_a_faulty_edit(world: SmallWorld) -> None:
    with watching(world.directory) as watchers:
        before = {watcher.next(START_WITHIN)[0] for watcher in watchers}
        world.edit("services/card.yml", "kind: 行政确认", "kind: 确认")
        for watcher in watchers:
            watcher.refused(AGREE_WITHIN)
        world.edit("services/card.yml", "kind: 确认", "kind: 行政给付")
        told = [watcher.next(AGREE_WITHIN) for watcher in watchers]
        assert {words[2] for words in told} == {"True"}
        versions = {words[0] for words in told}
        assert len(versions) == 1, "none told anything between"
        assert versions != before
