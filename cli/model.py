"""The trained model: made when its inputs change, found again by their fingerprint."""

from __future__ import annotations

import asyncio
import hashlib
import re
import sys
import tempfile
from collections import deque
from collections.abc import Callable
from pathlib import Path

import portalocker

from cli.settings import ROOT, Settings

_INPUTS = ("config.yml", "domain.yml", "uv.lock")
_STEP = re.compile(r"^\S+ \S+ INFO +rasa\.\S+ +- (?=Starting to train|.*vocabulary items)")
_FOLDERS = (("data", "*.yml"), ("bot/nlu", "*.py"), ("bot/policies", "*.py"))


class TrainingFailed(Exception):
    """`rasa train` ended with an error; the message holds the end of its output."""


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


async def ready_model(settings: Settings, tell: Callable[[str], None], root: Path = ROOT) -> Path:
    """The model for the inputs as they are now, trained if it isn't there yet.

    Several copies may ask at once: one trains, the others wait for it. `tell` hears each step.

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
            tell("model: training (a minute or two on two cores) ...")
            await _train(model, settings, root, tell)
    return model


async def _train(model: Path, settings: Settings, root: Path, tell: Callable[[str], None]) -> None:
    with tempfile.TemporaryDirectory(dir=model.parent) as folder:
        command = (
            *(sys.executable, "-m", "rasa", "train", "--config", "config.yml"),
            *("--domain", "domain.yml", "--data", "data", "--out", folder),
            *("--fixed-model-name", model.stem.removesuffix(".tar")),
            "--force",  # Rasa caches trained components by their class alone, not its module
        )
        await _run(command, {**settings.environment(), "TQDM_DISABLE": "1"}, root, tell)
        (Path(folder) / model.name).replace(model)


async def _run(
    command: tuple[str, ...], environment: dict[str, str], root: Path, tell: Callable[[str], None]
) -> None:
    """Run Rasa's training; show its steps, keep its warnings for the case that it fails."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=root,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    last: deque[str] = deque(maxlen=30)
    try:
        while process.stdout is not None and (line := await process.stdout.readline()):
            text = line.decode("utf-8", "replace").rstrip()
            last.append(text)
            if _STEP.search(text):
                tell(f"  {_STEP.sub('', text).strip()}")
        code = await process.wait()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if code:
        raise TrainingFailed(f"rasa train ended with exit code {code}:\n" + "\n".join(last))
