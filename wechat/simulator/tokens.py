"""The access tokens of one account, as `stable_token` 稳定版接口调用凭据 gives them.

The same token for every caller until it expires; a forced refresh, 20 a day, makes it invalid.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from wechat.account import Account
from wechat.simulator.codes import Refusal

LIFETIME = 7_200  # seconds
FORCED_REFRESHES = 20  # a day
_DAY = 86_400
_CHINA = 8 * 3_600  # seconds that China's midnight is before that of UTC


class Tokens:
    """Gives tokens, and tells good ones from bad ones.

    Attributes:
        calls: How often one was asked for.
    """

    def __init__(self, account: Account, clock: Callable[[], float]) -> None:
        self._account = account
        self._clock = clock
        self._token = ""
        self._ends = 0.0
        self._expired = ""
        self._forced_on = 0
        self._forced = 0
        self.calls = 0

    def forget(self) -> None:
        """Makes the token given so far invalid, as another program's forced refresh does."""
        self._token = ""

    def give(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Answers one request for a token.

        Raises:
            Refusal: 40002, 40013, 40125, or 45009 at the 21st forced refresh of a day in China.
        """
        self.calls += 1
        if body.get("grant_type") != "client_credential":
            raise Refusal(40002)
        if body.get("appid") != self._account.app_id:
            raise Refusal(40013)
        if not self._account.app_secret or body.get("secret") != self._account.app_secret:
            raise Refusal(40125)
        now = self._clock()
        if body.get("force_refresh", False):
            self._count_forced(now)
            self._token = ""
        if not self._token or now >= self._ends:
            self._expired = self._token
            self._token = secrets.token_urlsafe(64)
            self._ends = now + LIFETIME
        return {"access_token": self._token, "expires_in": round(self._ends - now)}

    def check(self, token: str | None) -> None:
        """Looks at the token of a call.

        Raises:
            Refusal: 41001 missing, 42001 expired, 40001 any other that isn't the latest.
        """
        if not token:
            raise Refusal(41001)
        if token == self._expired or (token == self._token and self._clock() >= self._ends):
            raise Refusal(42001)
        if token != self._token:
            raise Refusal(40001)

    def _count_forced(self, now: float) -> None:
        day = int(now + _CHINA) // _DAY
        if day != self._forced_on:
            self._forced_on, self._forced = day, 0
        self._forced += 1
        if self._forced > FORCED_REFRESHES:
            raise Refusal(45009)
