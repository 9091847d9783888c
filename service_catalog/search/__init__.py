"""Search: from the citizen's words to the right service, or to what is asked of the hall."""

from service_catalog.search.hits import Decision, Found, Hit, ItemKind
from service_catalog.search.index import MAX_CHOICES, SearchIndex
from service_catalog.search.sayings import Sayings
from service_catalog.search.text import normalise
from service_catalog.search.topics import TOPIC_FROM, Topic, TopicIndex, TopicKind

__all__ = [
    "MAX_CHOICES",
    "TOPIC_FROM",
    "Decision",
    "Found",
    "Hit",
    "ItemKind",
    "Sayings",
    "SearchIndex",
    "Topic",
    "TopicIndex",
    "TopicKind",
    "normalise",
]
