"""What may still be sent to a citizen, against Tencent's two rules."""

from __future__ import annotations

import pytest
from hand_clock import Clock

from wechat.quota import Quota

HOUR = 3_600.0


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def quota(clock):
    return Quota(clock=clock, citizens=3)


def spend(quota: Quota, times: int) -> None:
    for _ in range(times):
        assert quota.may_send("oA")
        quota.spend("oA")


def test_of_a_stranger_nothing_is_known(quota):
    assert quota.left("oA") is None
    assert quota.may_send("oA")
    quota.spend("oA")
    assert quota.left("oA") is None


def test_five_within_48_hours_of_a_message(quota, clock):
    quota.note("oA")
    spend(quota, 3)
    clock.now = 47 * HOUR
    assert quota.left("oA") == 2
    clock.now = 48 * HOUR
    assert not quota.may_send("oA")


def test_after_five_there_is_an_end_until_the_next_message(quota):
    quota.note("oA")
    spend(quota, 5)
    assert not quota.may_send("oA")
    quota.note("oA")
    assert quota.left("oA") == 5


def test_three_within_a_minute_of_an_event(quota, clock):
    quota.note("oA", event=True)
    assert quota.left("oA") == 3
    spend(quota, 3)
    assert not quota.may_send("oA")


def test_what_a_message_before_the_first_event_allows_is_not_known(quota, clock):
    """It may have come before a restart: WeChat's refusal tells."""
    quota.note("oA", event=True)
    clock.now = 60.0
    assert quota.left("oA") is None
    assert quota.may_send("oA")
    quota.exhaust("oA")
    assert quota.left("oA") == 0


def test_an_event_opens_a_window_beside_that_of_the_message(quota, clock):
    quota.note("oA")
    spend(quota, 5)
    quota.note("oA", event=True)
    assert quota.left("oA") == 3
    quota.note("oA")
    assert quota.left("oA") == 8
    spend(quota, 4)  # those of the event first
    clock.now = 60.0
    assert quota.left("oA") == 4


def test_what_wechat_says_goes_before(quota):
    quota.note("oA")
    quota.exhaust("oA")
    assert not quota.may_send("oA")
    quota.note("oA")
    assert quota.may_send("oA")


def test_only_so_many_are_remembered_and_the_longest_silent_go_first(quota):
    for name in ("oA", "oB", "oC"):
        quota.note(name)
    quota.note("oA")
    quota.note("oD")
    assert [quota.left(name) for name in ("oA", "oB", "oC", "oD")] == [5, None, 5, 5]
