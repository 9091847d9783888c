"""Everything that can go wrong between WeChat and us, in one tree.

::

    WeChatError
    ├── AccountError              a setting of the account is missing or wrong
    ├── MenuError                 the file of the account's menu is wrong
    ├── Refused                   a request to the webhook that must not be served
    │   ├── SignatureError          it isn't signed by WeChat
    │   ├── PlainMessageRefused     it isn't encrypted, and the account demands that
    │   ├── TooLarge                its body is larger than any message of WeChat's
    │   ├── TooSlow                 its body doesn't come
    │   ├── DecryptError            its ciphertext can't be opened
    │   └── MalformedMessage        its XML isn't a message
    ├── ApiError                  Tencent's interface said no; carries the code and its meaning
    │   └── ApiUnreachable          it didn't answer at all, or not in its own format
    └── ServiceUnavailable        (simulator) what makes WeChat show "该公众号暂时无法提供服务"
        └── NobodyListens           nobody listens at the webhook's address

A log gets the `reason` of a `Refused` and never its content. None of these texts is for citizens.
"""

from __future__ import annotations

from enum import Enum
from typing import ClassVar


class WeChatError(Exception):
    """The base of every error in this package."""


class AccountError(WeChatError):
    """A setting of the account is missing or wrong; the message names it and how to mend it."""

    def __init__(self, variable: str, problem: str, remedy: str) -> None:
        super().__init__(f"{variable} {problem}. {remedy}")
        self.variable = variable


class NoticesError(WeChatError):
    """The file of the notices can't be used; the message has a line for each fault."""


class MenuError(WeChatError):
    """The file of the menu is wrong; the message says where, what and how to mend it."""


class Refused(WeChatError):
    """A request to the webhook that must not be served; the base of the reasons for it."""

    reason: ClassVar[str] = "refused"
    status: ClassVar[int] = 400


class SignatureError(Refused):
    """The signature is missing, or isn't the one made with our token."""

    reason = "signature"
    status = 403


class PlainMessageRefused(Refused):
    """The message came unencrypted, but the account is in secure mode."""

    reason = "plain_in_secure_mode"
    status = 403


class TooLarge(Refused):
    """The body is larger than any message WeChat sends."""

    reason = "too_large"
    status = 413


class TooSlow(Refused):
    """The body isn't there in time."""

    reason = "too_slow"
    status = 408


class DecryptError(Refused):
    """The ciphertext is damaged, was made with another key, or is meant for another account."""

    reason = "decrypt"


class MalformedMessage(Refused):
    """The body is not XML, has a DTD, or lacks a field that its kind of message has."""

    reason = "malformed"


class Kind(Enum):
    """What an error code of Tencent's interface asks of the caller 返回码."""

    TOKEN = "access token"  # noqa: S105 - get another, then once more
    AGAIN = "again"  # WeChat is busy or couldn't be reached: once more, a little later
    NOT_NOW = "not now"  # nothing may be sent to this citizen until the citizen writes
    FORBIDDEN = "forbidden"  # the account hasn't the right; somebody must get it
    LIMIT = "limit"  # the account's calls of today are used up; somebody must know
    SETTINGS = "settings"  # the account's settings are at fault; somebody must mend them
    WRONG = "wrong"  # the request is at fault; somebody must mend it


WHOLE_ACCOUNT = frozenset({Kind.TOKEN, Kind.AGAIN, Kind.LIMIT, Kind.SETTINGS})
"""What the next call would meet too, whoever it is for."""
_KINDS = {
    **dict.fromkeys((40001, 40014, 42001), Kind.TOKEN),
    -1: Kind.AGAIN,
    **dict.fromkeys((43004, 43101, 45015, 45047, 48002), Kind.NOT_NOW),
    **dict.fromkeys((48001, 48004, 50002), Kind.FORBIDDEN),
    **dict.fromkeys((40013, 40125, 40164), Kind.SETTINGS),
    **dict.fromkeys((45009, 45011), Kind.LIMIT),
}


class ApiError(WeChatError):
    """Tencent's interface answered with an error code.

    Attributes:
        code: Tencent's.
        meaning: What it says, in words.
        kind: What is to be done about it.
    """

    def __init__(self, code: int, meaning: str) -> None:
        super().__init__(f"WeChat API error {code}: {meaning}")
        self.code = code
        self.meaning = meaning
        self.kind = _KINDS.get(code, Kind.WRONG)


class ApiUnreachable(ApiError):
    """Tencent's interface didn't answer in time, or not in its own format."""

    def __init__(self, meaning: str) -> None:
        super().__init__(-1, meaning)


class ServiceUnavailable(WeChatError):
    """The answer was late, malformed or an error: the citizen reads 该公众号暂时无法提供服务."""

    def __init__(self, problem: str, *, status: int | None = None) -> None:
        super().__init__(problem)
        self.status = status


class NobodyListens(ServiceUnavailable):
    """No connection to the webhook's address could be made."""
