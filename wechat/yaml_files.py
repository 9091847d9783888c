"""Reading the account's YAML files, the menu and the notices, with errors that say where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from wechat.errors import WeChatError


def read_yaml(file: Path, fault: type[WeChatError]) -> Any:  # noqa: ANN401 - whatever YAML holds
    """What stands in a file.

    Raises:
        WeChatError: Of the kind `fault`: it can't be read, or is no YAML; with the line.
    """
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise fault(f"{file} can't be read: {type(error).__name__}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark is not None else ""
        raise fault(f"{file}{where}: it is no YAML") from None
