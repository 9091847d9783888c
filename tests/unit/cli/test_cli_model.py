"""When a model fits: its fingerprint covers what it is made from, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.model import fingerprint, ready_model
from cli.settings import ROOT, load


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small checkout."""
    for name in (
        *("config.yml", "domain.yml", "uv.lock", "README.md", "endpoints.yml"),
        *("data/nlu/ask.yml", "data/rules/guide.yml", "bot/nlu/when.py", "bot/nlu/deep/x.py"),
        *("actions/guide.py", "service_catalog/content/hall.yml", "data/nlu/notes.txt"),
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{name}\n", encoding="utf-8")
    return tmp_path


def write(name: str, text: str = "changed\n") -> Callable[[Path], object]:
    return lambda root: (root / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    "edit",
    [
        write("config.yml"),
        write("domain.yml"),
        write("uv.lock"),
        write("data/nlu/ask.yml"),
        write("data/rules/guide.yml"),
        write("data/nlu/new.yml"),
        write("bot/nlu/when.py"),
        write("bot/nlu/deep/x.py"),
        lambda root: (root / "data/nlu/ask.yml").unlink(),
        lambda root: (root / "data/nlu/ask.yml").rename(root / "data/nlu/asked.yml"),
        lambda root: (root / "data/nlu/ask.yml").rename(root / "data/ask.yml"),
    ],
    ids=[
        *("config", "domain", "lock", "data", "rules", "new data", "component", "deep component"),
        *("removed", "renamed", "moved"),
    ],
)
def test_an_edit_of_an_input_needs_a_new_model(root: Path, edit: Callable[[Path], object]) -> None:
    before = fingerprint(root)
    edit(root)
    assert fingerprint(root) != before


@pytest.mark.parametrize(
    "name",
    [
        *("service_catalog/content/hall.yml", "service_catalog/content/services/new.yml"),
        *("actions/guide.py", "README.md", "endpoints.yml", "data/nlu/notes.txt", ".env"),
    ],
)
def test_an_edit_of_anything_else_needs_none(root: Path, name: str) -> None:
    before = fingerprint(root)
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    write(name)(root)
    assert fingerprint(root) == before


def test_the_same_inputs_elsewhere_are_the_same_model(root: Path, tmp_path: Path) -> None:
    before = fingerprint(root)
    (root / "config.yml").touch()
    moved = root.rename(tmp_path.with_name("elsewhere"))
    assert fingerprint(moved) == before


def test_text_moved_from_one_file_to_the_next_is_another_model(root: Path) -> None:
    write("data/nlu/a.yml", "ab")(root)
    write("data/nlu/b.yml", "c")(root)
    before = fingerprint(root)
    write("data/nlu/a.yml", "a")(root)
    write("data/nlu/b.yml", "bc")(root)
    assert fingerprint(root) != before


def test_this_checkout_has_a_fingerprint() -> None:
    assert len(fingerprint(ROOT)) == 16


async def test_a_model_that_fits_is_taken_as_it_is(root: Path) -> None:
    model = root / "models" / f"banshi-{fingerprint(root)}.tar.gz"
    model.parent.mkdir()
    model.write_bytes(b"trained")
    told: list[str] = []
    assert await ready_model(load({}, root), told.append, root) == model
    assert told == []
