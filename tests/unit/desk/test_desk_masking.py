"""Masking: vectors, and what holds for every text."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.masking import mask_personal

VECTORS = json.loads((Path(__file__).parent / "masking_vectors.json").read_text("utf-8"))
PIECES = ("我叫", "张三丰", "想办", "身份证", "，", "12号", "路", "先生", "〔姓名〕", "·", "5", " ")
WORDS = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=8).map("".join)
DIGITS = st.text("0123456789", min_size=9, max_size=9)
BIRTHS = st.dates(date(1900, 1, 1), date(2099, 12, 31))
HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), max_size=6)


@pytest.mark.parametrize(("text", "masked"), VECTORS)
def test_vectors(text: str, masked: str) -> None:
    assert mask_personal(text) == masked


@given(WORDS)
@settings(max_examples=150, deadline=None)
def test_masking_twice_is_masking_once(text: str) -> None:
    masked = mask_personal(text)
    assert mask_personal(masked) == masked


@given(HAN, st.sampled_from("3456789"), DIGITS, st.sampled_from(["", " ", "-"]), HAN)
@settings(max_examples=100, deadline=None)
def test_no_mobile_number_is_left(
    before: str, second: str, rest: str, gap: str, after: str
) -> None:
    number = f"1{second}{rest}"
    written = gap.join((number[:3], number[3:7], number[7:]))
    masked = mask_personal(f"{before}{written}{after}")
    assert written not in masked and not any(part in masked for part in (number, number[3:]))


@given(
    HAN,
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.integers(100, 999),
    st.sampled_from("0123456789X"),
    HAN,
)
@settings(max_examples=100, deadline=None)
def test_no_identity_number_is_left(
    before: str, birth: date, order: int, check: str, after: str
) -> None:
    number = f"330106{birth:%Y%m%d}" + f"{order}{check}"
    masked = mask_personal(f"{before}{number}{after}")
    assert number not in masked and number[6:] not in masked
