"""How many conversations are remembered, how long, and where the database must stand for it."""

from __future__ import annotations

import pytest
from rasa.shared.core.events import SessionStarted

from bot.recent import RecentConversations, Stamped, Standing

START = 1_790_000_000.0
STANDING = Standing(3, 9, START)
STARTED = Stamped(START, SessionStarted())


def kept(recent: RecentConversations, *senders: str) -> list[str]:
    return [sender for sender in senders if recent.recall(sender, STANDING) is not None]


def test_no_more_than_so_many_events_are_remembered():
    recent = RecentConversations(max_events=10)
    for sender in ("a", "b", "c"):
        recent.remember(sender, STANDING, [STARTED] * 3)
    recent.remember("a", STANDING, [STARTED] * 5)
    assert kept(recent, "a", "b", "c") == ["a", "c"]
    recent.remember("d", STANDING, [STARTED] * 11)
    assert kept(recent, "a", "b", "c", "d") == []
    recent.remember("a", STANDING, [STARTED] * 10)
    assert kept(recent, "a") == ["a"]


def test_what_nobody_wrote_to_for_long_is_not_remembered():
    now = 0.0
    recent = RecentConversations(idle=60, clock=lambda: now)
    recent.remember("a", STANDING, [STARTED])
    now = 30.0
    recent.remember("b", STANDING, [STARTED])
    now = 61.0
    recent.remember("c", STANDING, [STARTED])
    assert kept(recent, "a", "b", "c") == ["b", "c"]


@pytest.mark.parametrize(
    "other", [Standing(4, 9, START), Standing(3, 10, START), Standing(3, 9, START + 1)]
)
def test_where_the_database_stands_elsewhere_nothing_is_remembered(other):
    recent = RecentConversations()
    recent.remember("a", STANDING, [STARTED])
    assert recent.recall("a", other) is None
    assert recent.recall("a", STANDING) is None
