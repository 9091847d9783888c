"""What citizens write isn't remembered beyond its answer just to look for 继续 in it."""

from __future__ import annotations

import uuid

import pytest

from bot.channels.replies import Shelf
from service_catalog.search.text import normalise


def test_words_are_not_kept():
    shelf = Shelf()
    before = normalise.cache_info().currsize
    for _ in range(50):
        shelf.take("oA", f"我的身份证丢了，想问一下怎么补办 {uuid.uuid4()}")
    assert normalise.cache_info().currsize == before


@pytest.mark.parametrize("said", ["继续", " 继续。", "繼續", "“继续”！"])
def test_the_rest_is_asked_for(said):
    shelf = Shelf()
    shelf.leave("oA", "下文")
    assert shelf.take("oA", said) == ("下文", True)
