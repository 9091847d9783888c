"""The rest of a long answer is asked for in some ways of writing 继续."""

from __future__ import annotations

import pytest

from bot.channels.replies import Shelf


@pytest.mark.parametrize("said", ["继续", " 继续。", "繼續", "“继续”！"])
def test_the_rest_is_asked_for(said):
    shelf = Shelf(size=10)
    shelf.leave("oA", "下文")
    assert shelf.take("oA", said) == ("下文", True)
