"""What is left to show to a citizen: the rest of an answer if asked for, what is owed anyway."""

from __future__ import annotations

import pytest
from hand_clock import Clock

from bot.channels.replies import HOUR, WEEK, Shelf, Taken
from wechat.messages import MORE


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def shelf(clock):
    return Shelf(size=10, clock=clock)


@pytest.mark.parametrize("said", ["继续", " 继续。", "繼續", "“继续”！"])
def test_the_rest_is_asked_for(shelf, said):
    shelf.leave("oA", "下文")
    assert shelf.take("oA", said) == Taken("下文", complete=True)


def test_a_rest_that_is_not_asked_for_is_dropped(shelf):
    shelf.leave("oA", "下文")
    assert shelf.take("oA", "谢谢") == Taken()
    assert shelf.take("oA", "继续") == Taken()


def test_all_that_is_owed_is_shown_page_after_page_whatever_is_said(shelf):
    """With the answers that come behind it; none of them is dropped for the next."""
    shelf.keep("oA", "信" * 1_500)
    shown, answers = [], ["甲" * 500, "乙" * 300, "丙", "丁"]
    for answer in answers:
        left = shelf.take("oA", "谢谢")
        shown.append(shelf.page("oA", left.text + answer, owed=left.owed))
    assert "".join(page.removesuffix(MORE) for page in shown) == "信" * 1_500 + "".join(answers)


def test_asking_gets_what_is_owed_and_the_rest_of_the_answer_before(shelf):
    shelf.leave("oA", "下文")
    shelf.keep("oA", "信")
    assert shelf.take("oA", "继续") == Taken("信\n\n下文", complete=True, owed=True)
    shelf.leave("oA", "下文")
    shelf.keep("oA", "信")
    assert shelf.take("oA", "谢谢") == Taken("信", owed=True)
    assert shelf.take("oA", "继续") == Taken("下文", complete=True)


def test_a_rest_is_kept_for_an_hour_what_is_owed_for_a_week(shelf, clock):
    shelf.leave("oA", "下文")
    shelf.keep("oB", "答案")
    clock.now = HOUR
    assert shelf.take("oA", "继续") == Taken()
    clock.now = WEEK - 1
    assert shelf.take("oB", "好的") == Taken("答案", owed=True)
