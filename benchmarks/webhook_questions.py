"""What citizens ask in the webhook benchmark, and how the answers are told from anything else.

The questions are made from the shipped catalogue: an everyday name of a service that the search
takes for that service alone, and a side of it that is asked. Names that would answer a question of
ours (首次办理 …, after "is it your first?") are left out. The order is the same every time.
"""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass

from service_catalog.catalog import Catalog
from service_catalog.search.hits import Decision
from service_catalog.situations import heard, plain_words

SEED = 3
NAMES = 2
"""Names of each service that are asked by."""
ASKED = (
    "{}要带什么材料",
    "{}在哪个窗口办",
    "{}要多少钱",
    "{}几天能办好",
    "{}什么时候能去办",
    "{}怎么办",
)


@dataclass(frozen=True)
class Question:
    """A message and how its answer is recognised.

    Attributes:
        text: What the citizen writes.
        mark: What stands in every answer to it.
    """

    text: str
    mark: str

    def as_json(self) -> dict[str, str]:
        """For another process."""
        return asdict(self)


def questions(catalog: Catalog) -> list[Question]:
    """The mix, in the order in which it is asked.

    Raises:
        ValueError: The catalogue has no service that can be asked by a name of its own.
    """
    found = [
        Question(form.format(name), f"【{service.name}】")
        for service in catalog.services.values()
        for name in _plain(catalog, service.id, service.aliases)
        for form in ASKED
    ]
    if not found:
        raise ValueError("no service of the catalogue is known by an everyday name of its own")
    random.Random(SEED).shuffle(found)  # noqa: S311 - a choice, no secret
    return found


def _plain(catalog: Catalog, service_id: str, aliases: tuple[str, ...]) -> list[str]:
    """The first names by which the service alone is meant, however it is asked for."""
    plain = []
    open_questions = [one for any_ in catalog.services.values() for one in any_.situations]
    for alias in aliases:
        if any(heard(one, plain_words(alias)) for one in open_questions):
            continue
        founds = [catalog.index.search(form.format(alias)) for form in ASKED]
        if all(one.decision is Decision.ANSWER and one.hits[0].id == service_id for one in founds):
            plain.append(alias)
        if len(plain) == NAMES:
            break
    return plain
