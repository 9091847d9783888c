"""Ticket codes: what a citizen reads out at the hall and types into the chat."""

from __future__ import annotations

import secrets

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 characters that aren't mistaken for each other: no 0 and O, no 1 and I."""
_BITS = 5
LENGTH = 8
"""40 random bits: with a million appointments kept, a guess hits one in a million times."""


def new_code() -> str:
    """A fresh random code; the store makes sure that it is unique."""
    drawn = secrets.randbits(_BITS * LENGTH)  # at once: asking the system eight times takes longer
    return "".join(ALPHABET[drawn >> _BITS * place & 31] for place in range(LENGTH))


def read_code(text: str) -> str | None:
    """The code as it is kept, from what a citizen typed (any case, blanks, hyphens), or None."""
    code = "".join(text.split()).replace("-", "").upper()
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None
