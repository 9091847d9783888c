"""Personal data: how it is checked, masked, encrypted and hashed.

The database holds a citizen's WeChat id only as a keyed hash; names, phones, addresses and number
plates encrypted, with a keyed hash beside a phone and a plate. Both keys come from one secret by
HKDF, so whoever has the database file without the secret can neither read nor guess them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_LETTER = r"\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323afA-Za-z"
_NAME = re.compile(rf"(?=.{{2,30}}\Z)[{_LETTER}][{_LETTER}· ]*[{_LETTER}]")
_DOTS = str.maketrans(dict.fromkeys("•・‧∙", "·"))
_PHONE = re.compile(r"1[3-9][0-9]{9}")
_ADDRESS = range(5, 101)
_SECOND = "2:"
"""What is sealed begins with it; what the first version sealed doesn't."""
_NONCE = 12
_END = b"\x80"
_STEP = 32
"""Bytes: what is sealed is as long as a multiple of it, so that a name's length doesn't show."""
_PART = r"[^\W\d省市区县镇乡村路巷组号]{1,8}?"
# As far as the town or street; 小区, 社区 and the like are none: they name a spot.
_TOWN = re.compile(
    rf"(?:{_PART}(?:省|自治区))?(?:{_PART}(?:市|自治州))?"
    rf"(?:{_PART}(?:(?<![小社园片])区|县|市))?(?:{_PART}(?:街道|镇|乡))?"
)


def clean_name(text: str) -> str | None:
    """The name as it is kept, or None when it is none.

    2 to 30 Chinese characters and Latin letters; middle dots and blanks may part them.
    """
    name = " ".join(text.translate(_DOTS).split())
    return name if _NAME.fullmatch(name) else None


def clean_phone(text: str) -> str | None:
    """The mobile number without blanks and hyphens, or None when it is none."""
    phone = re.sub(r"[\s-]", "", text)
    return phone if _PHONE.fullmatch(phone) else None


def mask_name(name: str) -> str:
    """张三丰 becomes 张**."""
    return name[0] + "*" * (len(name) - 1)


def mask_phone(phone: str) -> str:
    """13812345678 becomes 138****5678."""
    return phone[:3] + "****" + phone[-4:]


def clean_address(text: str) -> str | None:
    """The address as it is kept, or None when it is none.

    5 to 100 characters, among them a letter; what can't be printed is no part of an address.
    """
    address = " ".join(text.split())
    fits = len(address) in _ADDRESS and address.isprintable()
    return address if fits and re.search(f"[{_LETTER}]", address) else None


def mask_address(address: str) -> str:
    """清禾区龙潭镇上岭村3组12号 becomes 清禾区龙潭镇****."""
    town = _TOWN.match(address)
    return f"{town.group() if town else ''}****"


class Vault:
    """Encrypts and hashes with the keys derived from one secret.

    What is sealed is AES-256-GCM under a random nonce (NIST SP 800-38D allows 2^32 of them a key;
    at ten thousand fields a day that is a thousand years). The first version sealed with Fernet,
    which takes eight times as long; that can still be opened.
    """

    def __init__(self, secret: str) -> None:
        self._cipher = AESGCM(_derive(secret, b"encryption 2"))
        self._first = Fernet(base64.urlsafe_b64encode(_derive(secret, b"encryption")))
        self._hash_key = _derive(secret, b"hashing")

    def seal(self, text: str) -> str:
        """Encrypt `text`; the same text gives another ciphertext every time."""
        nonce = os.urandom(_NONCE)
        kept = nonce + self._cipher.encrypt(nonce, _padded(text.encode()), None)
        return _SECOND + base64.b64encode(kept).decode()

    def open(self, sealed: str) -> str:
        """Decrypt what `seal` made.

        Raises:
            InvalidTag: It was changed, or sealed with another secret.
            InvalidToken: The same, of what the first version sealed.
        """
        if not sealed.startswith(_SECOND):
            return self._first.decrypt(sealed.encode()).decode()
        kept = base64.b64decode(sealed[len(_SECOND) :])
        padded = self._cipher.decrypt(kept[:_NONCE], kept[_NONCE:], None)
        return padded[: padded.rindex(_END)].decode()

    def digest(self, purpose: str, text: str) -> str:
        """A keyed hash by which equal texts are found; hashes of two purposes never match."""
        message = f"{purpose}\0{text}".encode()
        return hmac.new(self._hash_key, message, hashlib.sha256).hexdigest()


def _padded(text: bytes) -> bytes:
    """With one byte 80 and then zeros behind it, as in ISO/IEC 7816-4."""
    ended = text + _END
    return ended.ljust(-(-len(ended) // _STEP) * _STEP, b"\0")


def _derive(secret: str, purpose: bytes) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=b"banshi booking 1", info=purpose)
    return kdf.derive(secret.encode())
