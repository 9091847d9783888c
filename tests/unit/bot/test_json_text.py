"""JSON as Rasa would have written it, whoever writes it."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.json_text import written

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
)  # fmt: skip


@given(JSON)
def test_a_body_says_what_rasa_would_have_written(value):
    assert json.loads(written(value)) == json.loads(json.dumps(value))


def test_infinity_is_null_for_json_knows_none():
    assert written({"score": math.inf}) == '{"score":null}'


@pytest.mark.parametrize("number", [np.float64(0.25), np.float32(0.25), np.int64(7)])
def test_numbers_of_numpy_are_numbers(number):
    assert json.loads(written({"confidence": number}))["confidence"] == number


def test_what_is_no_json_is_refused():
    with pytest.raises(TypeError):
        written({"at": object()})
