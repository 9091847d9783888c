"""From a webhook request to a message, and from an answer to a response body.

The one place that knows the order of things: verify, then parse, then decrypt, then parse again.
Called by the channel with nothing but the query and the body; knows no web framework.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from wechat.account import Account
from wechat.crypto import Cipher, check_signature, decrypt_with_any, signature
from wechat.errors import MalformedMessage, PlainMessageRefused, SignatureError
from wechat.messages import IncomingMessage, fields, parse, render, text_reply

_LONGEST_STAMP = 12
SUCCESS = "success"  # tells WeChat that we have the message and say nothing to it


@dataclass(frozen=True)
class Opened:
    """A message that was let in, and the way to answer it in the mode it came in."""

    message: IncomingMessage
    token: str = field(repr=False)
    cipher: Cipher | None = None

    def reply(self, text: str) -> str:
        """Writes the response body that answers with a text."""
        now = int(time.time())
        xml = text_reply(self.message, text, now=now)
        return xml if self.cipher is None else seal(xml, self.cipher, self.token, now)


class Webhook:
    """Opens what WeChat posts to one account's webhook."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._ciphers = [
            Cipher(key, account.app_id)
            for key in (account.aes_key, account.previous_aes_key)
            if key is not None and account.mode != "plain"
        ]

    def verify(self, query: Mapping[str, str]) -> None:
        """Checks that a request comes from WeChat, before its body is so much as read.

        An encrypted message that carries no `signature` is left to `open`: its `msg_signature`
        covers more, but can only be checked together with the ciphertext.

        Raises:
            SignatureError: It doesn't.
        """
        timestamp, nonce = _stamp(query)
        self._check_time(timestamp)
        if self._encrypted(query) and "signature" not in query:
            return
        check_signature(query.get("signature", ""), self._account.token, timestamp, nonce)

    def handshake(self, query: Mapping[str, str]) -> str:
        """Answers the request by which WeChat checks the address.

        Raises:
            SignatureError: It isn't signed with our token.
        """
        given, stamp = query.get("signature", ""), _stamp(query)
        self._check_time(stamp[0])
        check_signature(given, self._account.token, *stamp)
        if "echostr" not in query:
            raise SignatureError("no echostr")
        return query["echostr"]

    def open(self, query: Mapping[str, str], body: bytes) -> Opened:
        """Turns a request into a message.

        Raises:
            Refused: One of its kinds; the request must not be served.
        """
        self.verify(query)
        encrypted = self._encrypted(query)
        if not encrypted and self._account.mode == "secure":
            raise PlainMessageRefused
        xml = _decode(body)
        if not encrypted:
            return Opened(parse(xml), self._account.token)
        plain, cipher = self._decrypt(query, xml)
        return Opened(parse(plain), self._account.token, cipher)

    def _check_time(self, timestamp: str) -> None:
        """Against replay: what was sent long ago, or will be, is refused however well it is signed.

        Raises:
            SignatureError: The time stamp is none, or lies outside of the account's window.
        """
        window = self._account.replay_window
        if not window:
            return
        if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > _LONGEST_STAMP:
            raise SignatureError("the time stamp is no number")
        if abs(time.time() - int(timestamp)) > window:
            raise SignatureError("the time stamp is too far off: see that this clock is right")

    def _encrypted(self, query: Mapping[str, str]) -> bool:
        kind = query.get("encrypt_type", "aes" if "msg_signature" in query else "raw")
        return kind == "aes" and self._account.mode != "plain"

    def _decrypt(self, query: Mapping[str, str], xml: str) -> tuple[str, Cipher]:
        ciphertext = fields(xml).get("Encrypt", "")
        if not ciphertext:
            raise MalformedMessage("Encrypt is missing")
        given = query.get("msg_signature", "")
        check_signature(given, self._account.token, *_stamp(query), ciphertext)
        return decrypt_with_any(self._ciphers, ciphertext)


def seal(xml: str, cipher: Cipher, token: str, now: int) -> str:
    """Encrypts and signs a reply."""
    ciphertext, nonce = cipher.encrypt(xml), secrets.token_hex(8)
    return render(
        {
            "Encrypt": ciphertext,
            "MsgSignature": signature(token, str(now), nonce, ciphertext),
            "TimeStamp": now,
            "Nonce": nonce,
        }
    )


def _stamp(query: Mapping[str, str]) -> tuple[str, str]:
    timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    if not timestamp or not nonce:
        raise SignatureError("no timestamp or nonce")
    return timestamp, nonce


def _decode(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise MalformedMessage("not UTF-8") from error
