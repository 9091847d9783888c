"""The trained model: made when its inputs change, found again by their fingerprint."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
import tempfile
from pathlib import Path

import portalocker

from cli.settings import ROOT, Settings

_INPUTS = ("config.yml", "domain.yml", "uv.lock")
_FOLDERS = (("data", "*.yml"), ("bot/nlu", "*.py"))


class TrainingFailed(Exception):
    """`rasa train` ended with an error; its output says why."""


def fingerprint(root: Path = ROOT) -> str:
    """A digest of everything the model is made from: configuration, domain, data, components."""
    digest = hashlib.sha256()
    files = [root / name for name in _INPUTS]
    for folder, pattern in _FOLDERS:
        files.extend(sorted((root / folder).rglob(pattern)))
    for file in files:
        digest.update(f"{file.relative_to(root)}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


async def ready_model(settings: Settings, root: Path = ROOT) -> Path:
    """The model for the inputs as they are now, trained if it isn't there yet.

    Several copies may ask at once: one trains, the others wait for it.

    Raises:
        TrainingFailed: Rasa could not train.
    """
    models = root / "models"
    models.mkdir(exist_ok=True)
    model = models / f"banshi-{fingerprint(root)}.tar.gz"
    if model.exists():
        return model
    with portalocker.Lock(models / ".lock", timeout=600, check_interval=1):
        if not model.exists():
            await _train(model, settings, root)
    return model


async def _train(model: Path, settings: Settings, root: Path) -> None:
    with tempfile.TemporaryDirectory(dir=model.parent) as folder:
        command = (
            *(sys.executable, "-m", "rasa", "train", "--config", "config.yml"),
            *("--domain", "domain.yml", "--data", "data", "--out", folder),
            *("--fixed-model-name", model.stem.removesuffix(".tar")),
        )
        process = await asyncio.create_subprocess_exec(
            *command, cwd=root, env=settings.environment(), stdin=asyncio.subprocess.DEVNULL
        )
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            process.terminate()
            await process.wait()
            raise
        if code:
            raise TrainingFailed(f"rasa train ended with exit code {code}; its output is above")
        os.replace(Path(folder) / model.name, model)
