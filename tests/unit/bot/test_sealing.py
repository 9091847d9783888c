"""What conversations are sealed with, and what was sealed before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sealing import CannotOpen, ConversationCipher

CIPHER = ConversationCipher("k" * 32)
FIRST = (
    "gAAAAABrCPQ-ICDTDVljS2Qkr7wyeO5_Cj9Tf4crIumAzxb95vHf0PTyK7-8w6EzXGz56PGcfmcFBt9qMXJ_RnuIREe"
    "UjSQtvLE7XEBMJ71nOAhTMsVkPCA="
)
"""第一次办护照, as the first version sealed it under the same secret."""


@given(st.text())
def test_whatever_is_sealed_can_be_opened(text):
    sealed = CIPHER.seal(text)
    assert CIPHER.open(sealed) == text
    assert sealed != CIPHER.seal(text)
    assert len(text) < 4 or text not in sealed


def test_what_the_first_version_sealed_can_still_be_opened():
    assert CIPHER.open(FIRST) == "第一次办护照"


@pytest.mark.parametrize("sealed", [CIPHER.seal("第一次办护照"), FIRST], ids=["second", "first"])
@pytest.mark.parametrize("at", [4, 30, -9])
def test_what_was_changed_is_not_opened(sealed, at):
    other = "B" if sealed[at] == "A" else "A"
    with pytest.raises(CannotOpen) as error:
        CIPHER.open(sealed[:at] + other + sealed[at:][1:])
    assert "护照" not in str(error.value)


@pytest.mark.parametrize("sealed", ["", "2:", "2:AAAA", "2:x", "no ciphertext", "{}"])
def test_what_is_no_ciphertext_is_not_opened(sealed):
    with pytest.raises(CannotOpen):
        CIPHER.open(sealed)


def test_another_secret_opens_nothing():
    for sealed in (CIPHER.seal("甲"), FIRST):
        with pytest.raises(CannotOpen):
            ConversationCipher("j" * 32).open(sealed)
