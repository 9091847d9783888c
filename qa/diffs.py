"""Expected and got, line by line, for the terminal and the page alike."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import ndiff

from qa.results import Judged


def diff(one: Judged) -> Iterator[tuple[str, str]]:
    """Sign and line: "-" was expected, "+" came instead, " " is the same in both.

    What was expected and what came are compared line by line only where both are whole texts;
    else what was expected is a sentence about the text that came.
    """
    if one.exact:
        for line in ndiff(one.expected.splitlines(), one.got.splitlines()):
            if not line.startswith("?"):
                yield line[0], line[2:]
        return
    for sign, text in (("-", one.expected), ("+", one.got)):
        for line in text.splitlines():
            yield sign, line
