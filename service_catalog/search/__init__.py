"""Search: from the citizen's words to the right service."""

from service_catalog.search.index import MAX_CHOICES, Decision, Found, Hit, SearchIndex
from service_catalog.search.sayings import Sayings
from service_catalog.search.text import normalise

__all__ = ["MAX_CHOICES", "Decision", "Found", "Hit", "Sayings", "SearchIndex", "normalise"]
