"""The cipher under which conversations are kept: of the store, and of whoever may read it."""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


@lru_cache(maxsize=2)
def conversation_cipher(secret: str) -> Fernet:
    """The cipher of a secret; making it costs half as much as opening an event."""
    key = HKDF(SHA256(), 32, salt=None, info=b"banshi conversations").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(key))
