"""What the assistant says. Facts come in as catalogue values; only wording lives here."""

from __future__ import annotations

from collections.abc import Sequence


def buttons(titles: Sequence[str]) -> list[dict[str, str]]:
    """Choices in Rasa's form; tapping or typing one sends its title."""
    return [{"title": title, "payload": title} for title in titles]
