from __future__ import annotations

import pytest
from search_world import shipped_index, small_index

from service_catalog.search import SearchIndex
from service_catalog.search.spelling import is_word


@pytest.fixture(scope="session", autouse=True)
def _dictionary() -> None:
    """Have jieba read its dictionary, or the first example of a property takes too long."""
    is_word("身份证")


@pytest.fixture(scope="session")
def shipped() -> SearchIndex:
    """The search over the catalogue as it is shipped."""
    return shipped_index()


@pytest.fixture(scope="session")
def small() -> SearchIndex:
    """The search over a catalogue and a lexicon that fit on one page."""
    return small_index()
