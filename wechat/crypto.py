"""Signatures and encryption, byte for byte the way WeChat does them.

Used by `wechat.envelope`, which knows requests, and by the simulator. Knows no XML and no HTTP.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from wechat.errors import DecryptError, SignatureError

_SALT_BYTES = 16
_LENGTH_BYTES = 4
_PADDED_TO = 32  # WeChat pads to 32, twice AES's own block


def signature(*parts: str) -> str:
    """Signs the token, the timestamp, the nonce and, for an encrypted message, the ciphertext."""
    joined = "".join(sorted(parts)).encode("utf-8", "replace")
    return hashlib.sha1(joined).hexdigest()  # noqa: S324  WeChat asks for SHA-1


def check_signature(given: str, *parts: str) -> None:
    """Compares in constant time.

    Raises:
        SignatureError: The signature given is not that of the parts.
    """
    if not hmac.compare_digest(given.encode("utf-8", "replace"), signature(*parts).encode()):
        raise SignatureError


class Cipher:
    """Encrypts and decrypts for one account with one EncodingAESKey."""

    def __init__(self, aes_key: str, app_id: str) -> None:
        key = base64.b64decode(aes_key + "=")
        self._app_id = app_id.encode()
        self._block_cipher = BlockCipher(AES(key), CBC(key[:16]))

    def encrypt(self, text: str, *, salt: bytes | None = None) -> str:
        """Encrypts a text; the salt of 16 bytes is random unless a test needs a known one."""
        message = text.encode()
        data = b"".join(
            (
                salt or secrets.token_bytes(_SALT_BYTES),
                len(message).to_bytes(_LENGTH_BYTES, "big"),
                message,
                self._app_id,
            )
        )
        encryptor = self._block_cipher.encryptor()
        return base64.b64encode(encryptor.update(_pad(data)) + encryptor.finalize()).decode()

    def decrypt(self, ciphertext: str) -> str:
        """Decrypts a text that WeChat encrypted for this account.

        Raises:
            DecryptError: Whatever is wrong with the ciphertext.
        """
        data = _unpad(self._open(ciphertext))
        start = _SALT_BYTES + _LENGTH_BYTES
        if len(data) < start:
            raise DecryptError("too short")
        end = start + int.from_bytes(data[_SALT_BYTES:start], "big")
        if data[end:] != self._app_id:
            raise DecryptError("not for this account")
        try:
            return data[start:end].decode()
        except UnicodeDecodeError as error:
            raise DecryptError("not UTF-8") from error

    def _open(self, ciphertext: str) -> bytes:
        try:
            data = base64.b64decode(ciphertext.encode("ascii"), validate=True)
        except (UnicodeEncodeError, binascii.Error) as error:
            raise DecryptError("not base64") from error
        if not data or len(data) % _PADDED_TO:
            raise DecryptError("not whole blocks")
        decryptor = self._block_cipher.decryptor()
        return decryptor.update(data) + decryptor.finalize()


def decrypt_with_any(ciphers: Sequence[Cipher], ciphertext: str) -> tuple[str, Cipher]:
    """Tries each cipher in turn; returns the text and the cipher that opened it.

    Raises:
        DecryptError: None of them opened it.
    """
    for cipher in ciphers:
        try:
            return cipher.decrypt(ciphertext), cipher
        except DecryptError:
            continue
    raise DecryptError("no key opens it")


def _pad(data: bytes) -> bytes:
    size = _PADDED_TO - len(data) % _PADDED_TO
    return data + bytes([size]) * size


def _unpad(data: bytes) -> bytes:
    size = data[-1]
    if not 1 <= size <= _PADDED_TO or data[-size:] != bytes([size]) * size:
        raise DecryptError("wrong padding")
    return data[:-size]
