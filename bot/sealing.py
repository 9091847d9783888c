"""The cipher under which conversations are kept: of the store, and of whoever may read it."""

from __future__ import annotations

import base64
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_SECOND = "2:"
"""What the second version of the cipher sealed begins with; the first sealed with Fernet."""
_NONCE = 12


class CannotOpen(Exception):
    """What was sealed can't be opened; the message names the cipher's error, no content."""


class ConversationCipher:
    """Seals the events of conversations with AES-256-GCM under random nonces.

    NIST SP 800-38D allows 2^32 of them a key: ten years at a hundred thousand messages a day. The
    first version sealed with Fernet, which takes several times as long; that can still be opened.
    """

    def __init__(self, secret: str) -> None:
        self._cipher = AESGCM(_derive(secret, b"banshi conversations 2"))
        self._first = Fernet(base64.urlsafe_b64encode(_derive(secret, b"banshi conversations")))

    def seal(self, text: str) -> str:
        """Encrypt `text`; the same text gives another ciphertext every time."""
        nonce = os.urandom(_NONCE)
        kept = nonce + self._cipher.encrypt(nonce, text.encode(), None)
        return _SECOND + base64.b64encode(kept).decode()

    def open(self, sealed: str) -> str:
        """Decrypt what `seal` made.

        Raises:
            CannotOpen: It was changed, or sealed with another secret.
        """
        try:
            if not sealed.startswith(_SECOND):
                return self._first.decrypt(sealed.encode()).decode()
            kept = base64.b64decode(sealed[len(_SECOND) :])
            return self._cipher.decrypt(kept[:_NONCE], kept[_NONCE:], None).decode()
        except (InvalidTag, InvalidToken, ValueError) as error:
            raise CannotOpen(type(error).__name__) from None


@lru_cache(maxsize=2)
def conversation_cipher(secret: str) -> ConversationCipher:
    """The cipher of a secret; making it costs half as much as opening an event."""
    return ConversationCipher(secret)


def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=purpose).derive(secret.encode())
