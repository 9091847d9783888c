"""Questions without an answer, put into groups that ask nearly the same.

Grouping happens when staff look, so that a changed lexicon or another threshold holds for old
questions too. Two questions are near when the pairs of characters of what they mean (normalised,
without the lexicon's fillers) overlap enough; each joins the first group whose most frequent
wording is near.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise

from desk.masking import NOTE
from desk.values import QuestionGroup
from service_catalog.search import normalise

NEAR = 0.5
"""How much of the pairs of two questions must be shared (Jaccard) to be one group."""


@dataclass(frozen=True)
class Asked:
    """One question as it was kept, opened."""

    id: int
    text: str
    outcome: str
    nearest: tuple[str, ...]
    at: datetime


@dataclass
class _Cluster:
    pairs: frozenset[str]
    members: list[Asked] = field(default_factory=list)


@dataclass(frozen=True)
class Group:
    """A group for staff, with the ids of all its questions."""

    shown: QuestionGroup
    ids: tuple[int, ...]


def group(questions: Sequence[Asked], content: Callable[[str], str]) -> tuple[Group, ...]:
    """The groups, the most frequent first, then the newest.

    Args:
        questions: What was asked, oldest first.
        content: What is left of a text without fillers (`SearchIndex.content`).
    """
    same: dict[str, list[Asked]] = defaultdict(list)
    for question in questions:
        same[_key(question.text, content)].append(question)
    clusters: list[_Cluster] = []
    by_pair: dict[str, list[int]] = defaultdict(list)
    for key, members in sorted(same.items(), key=lambda one: (-len(one[1]), one[0])):
        pairs = _pairs(key)
        number = _nearest(pairs, clusters, by_pair)
        if number is None:
            number = len(clusters)
            clusters.append(_Cluster(pairs))
            for pair in pairs:
                by_pair[pair].append(number)
        clusters[number].members.extend(members)
    groups = [_group(cluster.members) for cluster in clusters]
    return tuple(
        sorted(groups, key=lambda one: (-one.shown.count, -one.shown.last_seen.timestamp()))
    )


def choose(
    groups: Iterable[Group], since: date | None, outcome: str | None
) -> tuple[QuestionGroup, ...]:
    """The groups asked on or after `since`, of which a question ended in `outcome`."""
    return tuple(
        one.shown
        for one in groups
        if (since is None or one.shown.last_seen.date() >= since)
        and (outcome is None or outcome in one.shown.outcomes)
    )


def _key(text: str, content: Callable[[str], str]) -> str:
    """What a question means; what was masked doesn't count, and a question of fillers does."""
    plain = NOTE.sub(" ", text)
    return content(plain) or normalise(plain).replace(" ", "") or text


def _pairs(key: str) -> frozenset[str]:
    return frozenset("".join(pair) for pair in pairwise(key)) or frozenset([key])


def _nearest(
    pairs: frozenset[str], clusters: Sequence[_Cluster], by_pair: dict[str, list[int]]
) -> int | None:
    """The cluster that shares most with `pairs`, if that is enough."""
    shared = Counter(number for pair in pairs for number in by_pair.get(pair, ()))
    best, number = 0.0, None
    for candidate, both in shared.items():
        likeness = both / (len(pairs) + len(clusters[candidate].pairs) - both)
        if likeness > best:
            best, number = likeness, candidate
    return number if best >= NEAR else None


def _group(members: Sequence[Asked]) -> Group:
    ordered = sorted(members, key=lambda one: one.id)
    wordings = Counter(one.text for one in ordered)
    nearest = Counter(service for one in ordered for service in one.nearest)
    times = [one.at for one in ordered]
    shown = QuestionGroup(
        id=ordered[0].id,
        text=wordings.most_common(1)[0][0],
        count=len(ordered),
        first_seen=min(times),
        last_seen=max(times),
        outcomes=dict(Counter(one.outcome for one in ordered).most_common()),
        nearest=tuple(service for service, _ in nearest.most_common(3)),
    )
    return Group(shown, tuple(one.id for one in ordered))
