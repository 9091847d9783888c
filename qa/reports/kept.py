"""The run as JSON, kept to be compared with another one."""

from __future__ import annotations

import json
from pathlib import Path

from qa.results import Run, as_json, from_json


def keep(run: Run, file: Path) -> None:
    """Write the run to `file`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(as_json(run), ensure_ascii=False, indent=1)
    file.write_text(text + "\n", encoding="utf-8")


def kept(file: Path) -> Run:
    """The run in `file`.

    Raises:
        ValueError: It holds no run; the message says so in Chinese.
    """
    try:
        return from_json(json.loads(file.read_text(encoding="utf-8")))
    except UnicodeDecodeError:
        raise ValueError("不是 banshi qa run --save 存的文件") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"不是完整的JSON（第{error.lineno}行）") from None
