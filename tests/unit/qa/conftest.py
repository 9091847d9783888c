"""Files of cases, answers that were seen, and a small catalogue's world."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qa.cases import Case, Vocabulary
from qa.checks import World
from qa.reading import read
from service_catalog.loader import CONTENT, Loader

VOCABULARY = Vocabulary(
    slots=frozenset({"service", "visit_name"}),
    actions=frozenset({"action_guide", "utter_goodbye"}),
    responses=frozenset({"utter_goodbye"}),
)


@pytest.fixture
def reading(tmp_path: Path) -> Callable[..., list[Case]]:
    """Reads texts as files a.yml, b.yml and so on."""

    def read_texts(*texts: str, **options: Any) -> list[Case]:
        files = []
        for letter, text in zip("abc", texts, strict=False):
            files.append(tmp_path / f"{letter}.yml")
            files[-1].write_text(text, encoding="utf-8")
        return read(files, VOCABULARY, **options)

    return read_texts


@pytest.fixture(scope="session")
def world() -> World:
    """The catalogue that comes with the project."""
    return World(Loader(CONTENT).load(), "不确定，都列出来")
