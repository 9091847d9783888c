"""A citizen in WeChat: what is written goes to the webhook, what comes back is judged.

Tencent's part in between is played here as well: encryption by the account's mode, five seconds of
patience, further tries of a delivery that was not answered.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from types import TracebackType

import aiohttp
from yarl import URL

from wechat.account import Account
from wechat.crypto import Cipher, signature
from wechat.errors import NobodyListens, Refused, ServiceUnavailable
from wechat.messages import fields, render
from wechat.simulator.behaviour import Behaviour, Mishap
from wechat.simulator.composing import Composer
from wechat.simulator.contacts import Contacts
from wechat.simulator.judging import Judge
from wechat.simulator.losing import lose_answer
from wechat.simulator.values import Reply

PATIENCE = 5.0  # seconds that WeChat waits for an answer
TRIES = 3
"""How often WeChat posts a message that nobody answers."""
OUT_OF_SERVICE = "该公众号提供的服务出现故障，请稍后再试"
"""What the citizen reads after the last try, or when the answer is malformed."""


class Citizen(Composer):
    """One citizen in WeChat, writing to one webhook; use it with ``async with``.

    Without `tries` a message is posted once, so that a test sees the first failure as it is.
    """

    def __init__(
        self,
        url: str,
        account: Account,
        openid: str = "oCitizen0000000000000000001",
        *,
        official_id: str = "gh_0123456789ab",
        patience: float = PATIENCE,
        tries: int = 1,
        contacts: Contacts | None = None,
        behaviour: Behaviour | None = None,
        knows_media: Callable[[str], bool] | None = None,
    ) -> None:
        super().__init__(openid, official_id)
        self._url = url
        self._account = account
        self._tries = tries
        self._contacts = contacts
        self._behaviour = behaviour or Behaviour()
        self._judge = Judge(account, openid, official_id, knows_media)
        self._held: list[asyncio.Event] = []
        self._patience = patience
        self._cipher = None
        if account.mode != "plain" and account.aes_key is not None:
            self._cipher = Cipher(account.aes_key, account.app_id)
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=patience))

    async def __aenter__(self) -> Citizen:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the HTTP session."""
        await self._session.close()

    async def handshake(self) -> None:
        """Does what saving the address in the WeChat console does.

        Raises:
            ServiceUnavailable: The webhook didn't give the `echostr` back.
        """
        echo = secrets.token_hex(10)
        async with self._session.get(self._url, params=self._query() | {"echostr": echo}) as answer:
            if answer.status != 200 or await answer.text() != echo:
                raise ServiceUnavailable("the handshake failed", status=answer.status)

    async def say(self, text: str) -> Reply | None:
        """Writes a text and waits for the reply, which is None when the hall says nothing."""
        return await self.send(self.text(text))

    async def follow(self) -> Reply | None:
        """Follows the account 关注."""
        return await self.send(self.event("subscribe"))

    async def send(self, xml: str) -> Reply | None:
        """Delivers a message and judges the answer the way WeChat does.

        Raises:
            NobodyListens: There is no server at the address.
            ServiceUnavailable: No try was answered in time and with status 200, or the answer is
                not a proper reply; the citizen reads `OUT_OF_SERVICE`.
        """
        found = fields(xml)
        if self._contacts is not None:
            self._contacts.heard(
                self.openid,
                found["MsgType"],
                found.get("Event", ""),
                tapped="bizmsgmenuid" in found,
            )
        if self._behaviour.happens(Mishap.OUT_OF_ORDER):
            await self._wait_for_the_next()
        body = await self._deliver(xml)
        if self._behaviour.happens(Mishap.REPEATED):
            await self._deliver(xml)
        while self._held:
            self._held.pop().set()
        try:
            return self._judge.read(body.decode(), found["MsgType"])
        except (Refused, ValueError, KeyError) as error:
            raise ServiceUnavailable(f"a malformed reply: {error!r}") from error

    def sealed(self, xml: str) -> tuple[dict[str, str], str]:
        """Signs a message and, if the account's mode is so, encrypts it: the query and the body."""
        query = self._query()
        if self._cipher is None:
            return query, xml
        ciphertext = self._cipher.encrypt(xml)
        query["encrypt_type"] = "aes"
        query["msg_signature"] = signature(
            self._account.token, query["timestamp"], query["nonce"], ciphertext
        )
        plain: dict[str, str] = fields(xml) if self._account.mode == "compatible" else {}
        return query, render({"ToUserName": self._official_id, **plain, "Encrypt": ciphertext})

    async def _deliver(self, xml: str) -> bytes:
        """Posts until there is an answer, each time signed anew, as often as WeChat does."""
        for left in range(self._tries - 1, -1, -1):
            try:
                return await self._post(xml)
            except ServiceUnavailable:
                if not left:
                    raise
        raise ValueError("a message is posted at least once")

    async def _post(self, xml: str) -> bytes:
        query, body = self.sealed(xml)
        if self._behaviour.happens(Mishap.LOST):
            try:
                await lose_answer(URL(self._url).with_query(query), body.encode())
            except OSError as error:
                raise NobodyListens(f"nobody listens at {self._url}") from error
            raise ServiceUnavailable("the connection broke: the answer was lost")
        try:
            async with self._session.post(self._url, params=query, data=body.encode()) as response:
                answer = await response.read()
        except aiohttp.ClientConnectorError as error:
            raise NobodyListens(f"nobody listens at {self._url}") from error
        except asyncio.TimeoutError as error:
            raise ServiceUnavailable("no answer in time") from error
        except aiohttp.ClientError as error:
            raise ServiceUnavailable(f"the connection broke: {error}") from error
        if response.status != 200:
            raise ServiceUnavailable(f"HTTP {response.status}", status=response.status)
        return answer

    async def _wait_for_the_next(self) -> None:
        """Holds a message back until the citizen's next one was answered, or WeChat gives up."""
        held = asyncio.Event()
        self._held.append(held)
        try:
            await asyncio.wait_for(held.wait(), self._patience)
        except asyncio.TimeoutError:
            if held in self._held:
                self._held.remove(held)

    def _query(self) -> dict[str, str]:
        timestamp, nonce = str(int(time.time())), str(secrets.randbelow(10**10))
        signed = signature(self._account.token, timestamp, nonce)
        return {
            "signature": signed,
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": self.openid,
        }
