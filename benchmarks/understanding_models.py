"""The models whose understanding is measured: ours, and Rasa's own pipeline on the same examples.

Ours is the one `banshi up` would serve. The other is the plain Chinese pipeline: jieba's words,
counted, and DIET for the intents, with the fallback that `rasa init` proposes. Runs of characters
and entities are left out of it: with them DIET trains for more than an hour on two cores over these
examples. It takes minutes all the same, so it is kept under a digest of all it is made of.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import portalocker
import yaml

from cli.model import ready_model
from cli.settings import ROOT, Settings, load

CACHE = ROOT / ".cache" / "understanding"
CLOCK = "2026-11-23T09:00:00+08:00"
"""A Monday without a holiday near: what is in force and what 周六 means don't change."""
TRAINING_SECONDS = 2 * 3600
"""Longer than any training takes, on a busy machine too."""
EPOCHS = int(os.environ.get("PLAIN_EPOCHS") or "6")
"""As many steps over these fourteen thousand examples as the usual 100 over some nine hundred; the
100 take more than an hour on two cores, and `PLAIN_EPOCHS=100` asks for them."""
PLAIN_PIPELINE: tuple[dict[str, Any], ...] = (
    {"name": "JiebaTokenizer"},
    {"name": "CountVectorsFeaturizer"},
    {
        "name": "DIETClassifier",
        "epochs": EPOCHS,
        "constrain_similarities": True,
        "entity_recognition": False,
    },
    {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
)

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Model:
    """A trained model.

    Attributes:
        path: Its archive.
        training_s: Seconds its training took, in this run or an earlier one; None when nobody saw.
        fresh: Whether it was trained in this run.
    """

    path: Path
    training_s: float | None
    fresh: bool


def settings_in(var: Path) -> Settings:
    """Settings of a copy of its own: no embedding model, no account, a fixed clock, no backend."""
    environ = {name: text for name, text in os.environ.items() if not name.startswith("BANSHI_")}
    values = dict(load({**environ, "BANSHI_VAR": str(var)}).values)
    return Settings(
        {
            **values,
            "BANSHI_CATALOG": str(ROOT / "service_catalog" / "content"),
            "BANSHI_CLOCK": CLOCK,
            "BANSHI_EMBEDDINGS": "",
            "BANSHI_BOOKING_URL": "http://127.0.0.1:9",
        }
    )


def our_model(settings: Settings, tell: Tell) -> Model:
    """The assistant's own model, trained when its inputs have changed."""
    known = {file: file.stat().st_mtime_ns for file in (ROOT / "models").glob("*.tar.gz")}
    start = time.perf_counter()
    path = asyncio.run(ready_model(settings, tell))
    seconds = time.perf_counter() - start
    fresh = path not in known
    if fresh:
        _remember(path, seconds)
    return Model(path, _remembered(path), fresh)


def plain_config(own: Mapping[str, Any]) -> dict[str, Any]:
    """Rasa's own pipeline, over the examples that `own`, our configuration, reads."""
    shared = {
        name: own[name]
        for name in ("recipe", "language", "assistant_id", "importers")
        if name in own
    }
    return {**shared, "pipeline": list(PLAIN_PIPELINE)}


def plain_model(settings: Settings, tell: Tell) -> Model:
    """The plain pipeline's model, trained when the examples, their labels or Rasa have changed.

    Raises:
        subprocess.CalledProcessError: Rasa could not train; the end of its output is told.
    """
    own = yaml.safe_load((ROOT / "config.yml").read_text("utf-8"))
    config = yaml.safe_dump(plain_config(own), allow_unicode=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / f"plain-{_digest(config)}.tar.gz"
    with portalocker.Lock(CACHE / ".lock", timeout=TRAINING_SECONDS, check_interval=1):
        fresh = not path.exists()
        if fresh:
            tell(
                f"plain pipeline: training DIET for {EPOCHS} epochs (some minutes on two cores) ..."
            )
            _train_plain(config, path, settings, tell)
    return Model(path, _remembered(path), fresh)


def examples_of(text: str) -> list[dict[str, Any]]:
    """What of a training file the plain pipeline learns from: no patterns, and no comments."""
    blocks: list[dict[str, Any]] = (yaml.safe_load(text) or {}).get("nlu") or []
    return [block for block in blocks if "intent" in block or "synonym" in block]


def _digest(config: str) -> str:
    """A digest of what the model depends on; a new rule, slot or pattern needs no new one."""
    domain = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
    files = sorted((ROOT / "data" / "nlu").rglob("*.yml"))
    made_of = [
        config,
        domain.get("intents"),
        domain.get("entities"),
        *(examples_of(file.read_text("utf-8")) for file in files),
    ]
    digest = hashlib.sha256(json.dumps(made_of, sort_keys=True).encode())
    digest.update((ROOT / "uv.lock").read_bytes())
    return digest.hexdigest()[:16]


def _train_plain(config: str, path: Path, settings: Settings, tell: Tell) -> None:
    with TemporaryDirectory(dir=path.parent) as place:
        file = Path(place) / "config.yml"
        file.write_text(config, encoding="utf-8")
        command = (
            *(sys.executable, "-m", "rasa", "train", "nlu", "--config", str(file)),
            *("--domain", "domain.yml", "--nlu", "data/nlu", "--out", place),
            *("--fixed-model-name", "plain"),
        )
        environment = {**settings.environment(), "TQDM_DISABLE": "1"}
        start = time.perf_counter()
        done = subprocess.run(  # noqa: S603 - our own command
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TRAINING_SECONDS,
            check=False,  # told below, with its output
        )
        if done.returncode:
            tell(done.stdout.decode("utf-8", "replace")[-3000:])
        done.check_returncode()
        _remember(path, time.perf_counter() - start)
        (Path(place) / "plain.tar.gz").replace(path)


def _remember(path: Path, seconds: float) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    (CACHE / f"{path.name}.seconds").write_text(json.dumps(round(seconds, 1)), encoding="utf-8")


def _remembered(path: Path) -> float | None:
    file = CACHE / f"{path.name}.seconds"
    return float(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else None
