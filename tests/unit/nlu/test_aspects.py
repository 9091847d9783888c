"""What is asked about a service: the patterns of data/nlu/aspects.yml against citizens' wording."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
import yaml

from actions.aspects import Aspect

ROOT = Path(__file__).resolve().parents[3]
NLU = ROOT / "data" / "nlu"

with Path(__file__).with_name("aspects.csv").open(encoding="utf-8", newline="") as lines:
    VECTORS = [(row["said"], set(row["aspects"].split())) for row in csv.DictReader(lines)]


def examples(block: dict) -> list[str]:
    return [line.removeprefix("- ") for line in block["examples"].splitlines()]


def blocks(file: str) -> list[dict]:
    return yaml.safe_load((NLU / file).read_text(encoding="utf-8"))["nlu"]


PATTERNS = {block["regex"]: examples(block) for block in blocks("aspects.yml")}
ASKING = [line for block in blocks("ask.yml") for line in examples(block)]


def plain(line: str) -> str:
    """An example without its annotations."""
    return re.sub(r"\[([^]]+)\]\(\w+\)", r"\1", line)


def asked(said: str) -> set[str]:
    """The aspects found the way Rasa's RegexEntityExtractor finds them."""
    return {
        name
        for name, patterns in PATTERNS.items()
        for pattern in patterns
        for match in re.finditer(pattern, said, flags=re.IGNORECASE)
        if match.group()
    }


@pytest.mark.parametrize(
    ("name", "pattern"), [(name, pattern) for name in PATTERNS for pattern in PATTERNS[name]]
)
def test_a_pattern_compiles_and_never_matches_nothing(name: str, pattern: str) -> None:
    assert re.compile(pattern).search("") is None


def test_the_patterns_are_those_of_the_aspects() -> None:
    assert set(PATTERNS) == {aspect.value for aspect in Aspect}
    assert len(blocks("aspects.yml")) == len(PATTERNS), "one block an aspect"


@pytest.mark.parametrize("aspect", list(Aspect), ids=lambda aspect: aspect.value)
def test_an_aspect_is_annotated_in_the_training_data(aspect: Aspect) -> None:
    """RegexEntityExtractor uses only patterns whose name is an entity of some example.

    What the patterns miss is left to the AspectClassifier, but most they have to find themselves.
    """
    marked = [plain(line) for line in ASKING if f"]({aspect.value})" in line]
    assert len(marked) >= 12
    missed = [line for line in marked if aspect.value not in asked(line)]
    assert len(missed) <= len(marked) * 0.15, missed


def test_each_aspect_has_vectors_enough() -> None:
    assert len(VECTORS) >= 200
    for aspect in Aspect:
        assert sum(aspect.value in aspects for _, aspects in VECTORS) >= 5


@pytest.mark.parametrize(("said", "aspects"), VECTORS, ids=[said for said, _ in VECTORS])
def test_vectors(said: str, aspects: set[str]) -> None:
    assert asked(said) == aspects
