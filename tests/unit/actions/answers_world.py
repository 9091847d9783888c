"""The shipped catalogue, and what any answer must not look like."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

import service_catalog
from actions.aspects import Aspect
from service_catalog.loader import Loader

CATALOG = Loader(Path(service_catalog.__file__).parent / "content").load()
SERVICES = tuple(CATALOG.services.values())
BUNDLES = tuple(CATALOG.bundles.values())
MONDAY, HOLIDAY, FAR = date(2026, 11, 23), date(2026, 10, 1), date(2031, 5, 6)
DAYS = (MONDAY, HOLIDAY, FAR)

CODE = re.compile(r"None|Enum|Decimal|True|False|datetime|tuple|[{}<>\[\]]|E\+|\(\)|\d\.0\b")
"""What is left in a text when code forgot to put it into words."""
HALVES = re.compile(r"。。|：：|；；|、、|，，|。；|；。|？。|。，|（）|[：、，；]$", re.MULTILINE)
"""Punctuation that a person would not write."""

each_service = pytest.mark.parametrize("item", SERVICES, ids=lambda item: item.id)
each_bundle = pytest.mark.parametrize("item", BUNDLES, ids=lambda item: item.id)
each_aspect = pytest.mark.parametrize("aspect", list(Aspect), ids=lambda aspect: aspect.value)


def badly_punctuated(text: str) -> list[str]:
    """Lines that a person would have written otherwise; a heading ends with a colon."""
    lines = [line for line in text.split("\n") if line[:1] in {"▪", " "} or not line.endswith("：")]
    return [line for line in lines if HALVES.search(line)]
