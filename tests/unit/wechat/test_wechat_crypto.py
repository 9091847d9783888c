"""Signatures and encryption: known answers, and wechatpy as an independent second opinion."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import PrpCrypto

from wechat.account import Account
from wechat.crypto import Cipher, check_signature, decrypt_with_any, signature
from wechat.envelope import Webhook
from wechat.errors import DecryptError, SignatureError
from wechat.messages import TextMessage

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OTHER_KEY = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"
APP_ID = "wx0123456789abcdef"

cipher = Cipher(KEY, APP_ID)
theirs = PrpCrypto(base64.b64decode(KEY + "="))

texts = st.text(st.characters(exclude_categories=["Cs"])) | st.text(
    "办事👌🏽𠮷<>&]]\n", max_size=200
)


def about(vector):
    return vector["about"]


def encrypted(data: bytes) -> str:
    """Encrypts bytes as they are, to make ciphertexts with something wrong inside."""
    key = base64.b64decode(KEY + "=")
    encryptor = BlockCipher(AES(key), CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(data) + encryptor.finalize()).decode()


def padded(data: bytes) -> bytes:
    size = 32 - len(data) % 32
    return data + bytes([size]) * size


@pytest.mark.parametrize("vector", VECTORS["signatures"], ids=about)
def test_signature_known_answers(vector):
    assert signature(*vector["parts"]) == vector["signature"]
    assert signature(*reversed(vector["parts"])) == vector["signature"]
    check_signature(vector["signature"], *vector["parts"])


@pytest.mark.parametrize(
    "given", ["", "0" * 40, "签名", "16120EC1B8DBB870F510D87CE6BC2463EAE6CA1A"]
)
def test_wrong_signatures_are_refused(given):
    with pytest.raises(SignatureError):
        check_signature(given, *VECTORS["signatures"][0]["parts"])


@pytest.mark.parametrize("vector", VECTORS["ciphertexts"], ids=about)
def test_encryption_known_answers(vector):
    ours = Cipher(vector["aes_key"], vector["app_id"])
    assert ours.encrypt(vector["text"], salt=vector["salt"].encode()) == vector["ciphertext"]
    assert ours.decrypt(vector["ciphertext"]) == vector["text"]


@pytest.mark.parametrize("vector", VECTORS["messages"], ids=about)
def test_a_third_partys_message_opens(vector):
    account = Account(
        token=vector["token"],
        app_id=vector["app_id"],
        aes_key=vector["aes_key"],
        mode="secure",
        replay_window=0,  # it was published years ago
    )
    query = {
        "signature": signature(vector["token"], vector["timestamp"], vector["nonce"]),
        "msg_signature": vector["signature"],
        "timestamp": vector["timestamp"],
        "nonce": vector["nonce"],
        "encrypt_type": "aes",
    }
    body = f"<xml><Encrypt><![CDATA[{vector['ciphertext']}]]></Encrypt></xml>"
    message = Webhook(account).open(query, body.encode()).message
    assert isinstance(message, TextMessage)
    assert message.text == vector["content"]


@given(texts)
def test_wechatpy_reads_what_we_encrypt(text):
    assert theirs.decrypt(cipher.encrypt(text), APP_ID) == text


@given(texts)
def test_we_read_what_wechatpy_encrypts(text):
    assert cipher.decrypt(theirs.encrypt(text, APP_ID).decode()) == text


@given(st.binary(max_size=200) | st.binary(max_size=6).map(lambda part: part * 32))
def test_any_bytes_decrypt_or_are_refused(data):
    for ciphertext in (base64.b64encode(data).decode(), encrypted(padded(data))):
        with pytest.raises(DecryptError):
            cipher.decrypt(ciphertext)


@given(st.text())
def test_any_text_is_refused(text):
    with pytest.raises(DecryptError):
        cipher.decrypt(text)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(padded(b"s" * 10), id="shorter than salt and length"),
        pytest.param(
            padded(b"s" * 16 + b"\xff\xff\xff\xff" + APP_ID.encode()), id="length too big"
        ),
        pytest.param(padded(b"s" * 16 + b"\0\0\0\1x" + b"wx9999999999999999"), id="another app"),
        pytest.param(padded(b"s" * 16 + b"\0\0\0\1x"), id="no app"),
        pytest.param(padded(b"s" * 16 + b"\0\0\0\1\xff" + APP_ID.encode()), id="not UTF-8"),
        pytest.param(padded(b"s" * 16 + b"\1\0\0\0x" + APP_ID.encode()), id="little-endian"),
        pytest.param(b"s" * 31 + b"\0", id="padding of 0"),
        pytest.param(b"s" * 31 + b"\x21", id="padding of 33"),
        pytest.param(b"s" * 31 + b"\2", id="padding not uniform"),
    ],
)
def test_wrong_contents_are_refused(data):
    with pytest.raises(DecryptError):
        cipher.decrypt(encrypted(data))


def test_the_previous_key_still_opens_and_says_which_it_was():
    previous = Cipher(OTHER_KEY, APP_ID)
    assert decrypt_with_any([cipher, previous], previous.encrypt("旧")) == ("旧", previous)
    assert decrypt_with_any([cipher, previous], cipher.encrypt("新")) == ("新", cipher)
    with pytest.raises(DecryptError):
        decrypt_with_any([cipher], previous.encrypt("旧"))


def test_the_same_text_never_encrypts_to_the_same_ciphertext():
    assert cipher.encrypt("办事") != cipher.encrypt("办事")
