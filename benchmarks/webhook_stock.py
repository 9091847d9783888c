"""The stock Chinese Rasa bot that stands beside the webhook: what `rasa init` and the manual give.

It learns some examples of each of our intents, as plain text, and answers each by one rule with one
custom action, which says a fixed sentence and looks nothing up. Everything else is Rasa's own: REST
channel, tracker and locks in memory, the SDK's action server. Few examples make its training short
and its vocabulary small, which makes it faster rather than slower.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import portalocker
import yaml

from benchmarks.understanding_models import CACHE as UNDERSTANDING
from benchmarks.understanding_models import TRAINING_SECONDS, Tell, examples_of
from cli.settings import ROOT
from cli.supervisor import Program

CACHE = UNDERSTANDING.with_name("webhook")
EXAMPLES = 20
"""Of each intent."""
ACTION = "action_answer"
MARK = "您问的事项"
"""What stands in every answer of the stock bot."""
CONFIG: dict[str, Any] = {
    "recipe": "default.v1",
    "language": "zh",
    "assistant_id": "stock",
    "pipeline": [
        {"name": "JiebaTokenizer"},
        {"name": "CountVectorsFeaturizer"},
        {
            "name": "CountVectorsFeaturizer",
            "analyzer": "char_wb",
            "min_ngram": 1,
            "max_ngram": 4,
        },
        {"name": "DIETClassifier", "epochs": 100, "constrain_similarities": True},
    ],
    "policies": [
        {"name": "MemoizationPolicy"},
        {"name": "RulePolicy"},
        {
            "name": "TEDPolicy",
            "max_history": 5,
            "epochs": 100,
            "constrain_similarities": True,
        },
    ],
}
_ACTIONS = f'''from rasa_sdk import Action


class Answer(Action):
    def name(self):
        return "{ACTION}"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text="{MARK}，请带身份证到一楼大厅办理。")
        return []
'''
_MARKED = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")


def files() -> dict[str, str]:
    """The bot's files by name, but for its ports."""
    learned = _learned()
    rules = [
        {"rule": intent, "steps": [{"intent": intent}, {"action": ACTION}]} for intent in learned
    ]
    first, second, *_ = learned
    turns = [
        step
        for intent in (first, second, first)
        for step in ({"intent": intent}, {"action": ACTION})
    ]
    domain = {"intents": list(learned), "actions": [ACTION]}
    nlu = [
        {"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)}
        for intent, texts in learned.items()
    ]
    return {
        "config.yml": _yaml(CONFIG),
        "domain.yml": _yaml({"version": "3.1", **domain}),
        "data/nlu.yml": _yaml({"version": "3.1", "nlu": nlu}),
        "data/rules.yml": _yaml({"version": "3.1", "rules": rules}),
        "data/stories.yml": _yaml({"version": "3.1", "stories": [{"story": "a", "steps": turns}]}),
        "stock_actions.py": _ACTIONS,
        "credentials.yml": _yaml({"rest": {}}),
    }


def trained(environment: Mapping[str, str], tell: Tell) -> Path:
    """The bot's folder with `stock.tar.gz` in it, made when its files or Rasa have changed.

    Raises:
        subprocess.CalledProcessError: Rasa could not train; the end of its output is told.
    """
    content = files()
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode())
    digest.update((ROOT / "uv.lock").read_bytes())
    folder = CACHE / f"stock-{digest.hexdigest()[:16]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with portalocker.Lock(CACHE / ".lock", timeout=TRAINING_SECONDS, check_interval=1):
        if not folder.exists():
            tell("stock bot: training DIET and TED (some minutes on two cores) ...")
            with TemporaryDirectory(dir=CACHE) as place:
                _train(Path(place) / "bot", content, environment, tell)
                (Path(place) / "bot").rename(folder)
    return folder


def programs(folder: Path, rasa: int, actions: int) -> Sequence[Program]:
    """The bot's two processes; they have to run in its folder."""
    endpoints = {"action_endpoint": {"url": f"http://127.0.0.1:{actions}/webhook"}}
    (folder / "endpoints.yml").write_text(_yaml(endpoints), encoding="utf-8")
    python = sys.executable
    return (
        Program(
            "stock actions",
            (python, "-m", "rasa_sdk", "--actions", "stock_actions", "--port", str(actions)),
            f"http://127.0.0.1:{actions}/health",
            actions,
            "none",
        ),
        Program(
            "stock bot",
            (
                *(python, "-m", "rasa", "run", "--interface", "127.0.0.1", "--port", str(rasa)),
                *("--model", "stock.tar.gz", "--endpoints", "endpoints.yml"),
                *("--credentials", "credentials.yml"),
            ),
            f"http://127.0.0.1:{rasa}/webhooks/rest/",
            rasa,
            "none",
        ),
    )


def _learned() -> dict[str, list[str]]:
    """The first examples of each intent, spread over its files, without their marks."""
    texts: dict[str, list[str]] = {}
    for file in sorted((ROOT / "data" / "nlu").rglob("*.yml")):
        for block in examples_of(file.read_text("utf-8")):
            if "intent" in block:
                texts.setdefault(block["intent"], []).extend(_texts(block["examples"]))
    return {
        intent: found[:: max(1, len(found) // EXAMPLES)][:EXAMPLES]
        for intent, found in sorted(texts.items())
        if len(found) >= EXAMPLES
    }


def _texts(examples: str) -> Iterator[str]:
    for line in examples.splitlines():
        text = _MARKED.sub(r"\1", line.removeprefix("- ").strip())
        if text and not text.startswith("/"):
            yield text


def _train(
    folder: Path, content: Mapping[str, str], environment: Mapping[str, str], tell: Tell
) -> None:
    for name, text in content.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    done = subprocess.run(
        (sys.executable, "-m", "rasa", "train", "--out", ".", "--fixed-model-name", "stock"),
        cwd=folder,
        env={**environment, "TQDM_DISABLE": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=TRAINING_SECONDS,
        check=False,  # told below, with its output
    )
    if done.returncode:
        tell(done.stdout.decode("utf-8", "replace")[-3000:])
    done.check_returncode()


def _yaml(content: object) -> str:
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
