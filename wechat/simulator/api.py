"""Tencent's interface (api.weixin.qq.com) over real HTTP, with its limits and return codes.

Holds what the account has at Tencent: token, menu, material, templates, and what was delivered.
Used by tests on a free port of its own, and by `wechat.simulator.server` as a part of the whole.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any

from aiohttp import BodyPartReader, web

from wechat.account import Account
from wechat.errors import ServiceUnavailable
from wechat.simulator.behaviour import Behaviour, Mishap
from wechat.simulator.citizen import TRIES, Citizen
from wechat.simulator.codes import Refusal, answered, given, read_json, refused
from wechat.simulator.contacts import Contacts
from wechat.simulator.media import MediaShelf
from wechat.simulator.menus import check_menu
from wechat.simulator.outgoing import read_message, read_openid
from wechat.simulator.templates import Template, check_template
from wechat.simulator.tokens import Tokens
from wechat.simulator.values import Sent

LARGEST_REQUEST = 12 * 1_048_576  # bytes: a picture of 10 MB and what is around it
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class TencentApi:
    """Plays api.weixin.qq.com on a free port of this machine; use it with ``async with``.

    Strict: wrong tokens, secrets and bodies get the codes that the real one gives. Without
    `contacts` every citizen follows and may be written to at any time.

    Attributes:
        url: Where it listens, once started.
        sent: The messages delivered so far.
        menu: The account's menu, as it was sent.
        contacts: Who follows, and what may still be sent to whom.
        media: What was uploaded.
        templates: The account's templates by their ids; tests and the server put them here.
        behaviour: What is to go wrong.
        on_sent: Called with each message that is delivered.
        on_typing: Called with a citizen's openid when 对方正在输入 appears or goes.
    """

    def __init__(
        self,
        account: Account,
        *,
        webhook: str | None = None,
        contacts: Contacts | None = None,
        templates: Mapping[str, Template] | None = None,
        behaviour: Behaviour | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._account = account
        self._webhook = webhook
        self._tokens = Tokens(account, clock)
        self._failures: list[int] = []
        self._arrived: asyncio.Queue[Sent] = asyncio.Queue()
        self._message_numbers = itertools.count(int(time.time()) * 1_000)
        self._reports: set[asyncio.Task[None]] = set()
        self._runner: web.AppRunner | None = None
        self.url = ""
        self.sent: list[Sent] = []
        self.menu: list[dict[str, Any]] = []
        self.contacts = contacts or Contacts(clock, everybody=True)
        self.media = MediaShelf(clock)
        self.templates = dict(templates or {})
        self.behaviour = behaviour or Behaviour()
        self.on_sent: Callable[[Sent], None] | None = None
        self.on_typing: Callable[[str, bool], None] | None = None

    async def __aenter__(self) -> TencentApi:
        app = web.Application(client_max_size=LARGEST_REQUEST)
        self.add_routes(app)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.reported()
        if self._runner is not None:
            await self._runner.cleanup()

    def add_routes(self, app: web.Application) -> None:
        """Adds Tencent's addresses to an application."""
        posts: Mapping[str, _Handler] = {
            "/cgi-bin/message/custom/send": self._send,
            "/cgi-bin/message/custom/typing": self._type,
            "/cgi-bin/message/template/send": self._send_template,
            "/cgi-bin/message/subscribe/bizsend": self._send_notice,
            "/cgi-bin/menu/create": self._create_menu,
            "/cgi-bin/media/upload": self._upload,
        }
        gets: Mapping[str, _Handler] = {
            "/cgi-bin/menu/get": self._get_menu,
            "/cgi-bin/menu/delete": self._delete_menu,
            "/cgi-bin/media/get": self._get_media,
        }
        app.router.add_post("/cgi-bin/stable_token", self._misbehaving(self._stable_token))
        for path, handler in posts.items():
            app.router.add_post(path, self._with_token(handler))
        for path, handler in gets.items():
            app.router.add_get(path, self._with_token(handler))

    @property
    def token_calls(self) -> int:
        """How often a token was asked for."""
        return self._tokens.calls

    def expire_token(self) -> None:
        """Makes the token given so far invalid, as another program's forced refresh does."""
        self._tokens.forget()

    def fail_next_send(self, code: int) -> None:
        """Answers the next message of any kind with an error code."""
        self._failures.append(code)

    async def next_message(self) -> Sent:
        """Waits for the next message that reaches a citizen."""
        return await self._arrived.get()

    async def reported(self) -> None:
        """Waits until the webhook has been told what became of template messages."""
        await asyncio.gather(*self._reports)

    def _with_token(self, handler: _Handler) -> _Handler:
        async def checked(request: web.Request) -> web.StreamResponse:
            self._tokens.check(request.query.get("access_token"))
            if self.behaviour.happens(Mishap.REFUSED_TOKEN):
                raise Refusal(40001)
            return await handler(request)

        return self._misbehaving(checked)

    def _misbehaving(self, handler: _Handler) -> _Handler:
        """Answers with the code of a refusal, late or not at all where that was asked for."""

        async def answer(request: web.Request) -> web.StreamResponse:
            if self.behaviour.happens(Mishap.SLOW):
                await asyncio.sleep(self.behaviour.delay)
            try:
                response = await handler(request)
            except Refusal as refusal:
                response = refused(refusal)
            if self.behaviour.happens(Mishap.DROPPED) and request.transport is not None:
                request.transport.abort()
            return response

        return answer

    async def _stable_token(self, request: web.Request) -> web.Response:
        return given(self._tokens.give(await read_json(request)))

    async def _send(self, request: web.Request) -> web.Response:
        self._fail()
        message = read_message(await read_json(request), self.media)
        self.contacts.check_window(message.openid)
        self.contacts.take(message.openid)
        self._deliver(message)
        return answered()

    async def _type(self, request: web.Request) -> web.Response:
        body = await read_json(request)
        openid, command = read_openid(body), body.get("command")
        if command not in ("Typing", "CancelTyping"):
            raise Refusal(45072)
        on = command == "Typing"
        self.contacts.type(openid, on=on)
        if self.on_typing is not None:
            self.on_typing(openid, on)
        return answered()

    async def _send_template(self, request: web.Request) -> web.Response:
        self._fail()
        body = await read_json(request)
        openid = read_openid(body)
        message = self._filled(openid, "template", body, str(body.get("url", "")))
        self.contacts.check_follows(openid)
        self._deliver(message)
        number = next(self._message_numbers)
        self._report(openid, lambda citizen: citizen.job_finished(number))
        return answered({"msgid": number})

    async def _send_notice(self, request: web.Request) -> web.Response:
        self._fail()
        body = await read_json(request)
        openid = read_openid(body)
        message = self._filled(openid, "subscribe", body, str(body.get("page", "")))
        self.contacts.use_subscription(openid, message.template_id)
        self._deliver(message)
        number = next(self._message_numbers)
        self._report(openid, lambda citizen: citizen.notified(message.template_id, number))
        return answered()

    async def _create_menu(self, request: web.Request) -> web.Response:
        self.menu = check_menu(await read_json(request))
        return answered()

    async def _get_menu(self, _: web.Request) -> web.Response:
        if not self.menu:
            raise Refusal(46003)
        return given({"menu": {"button": self.menu}})

    async def _delete_menu(self, _: web.Request) -> web.Response:
        self.menu = []
        return answered()

    async def _upload(self, request: web.Request) -> web.Response:
        content = None
        if request.content_type.startswith("multipart/"):
            async for part in await request.multipart():
                if isinstance(part, BodyPartReader) and part.name == "media" and part.filename:
                    content = bytes(await part.read())
        media_id, media = self.media.add(request.query.get("type", ""), content)
        return given({"type": media.kind, "media_id": media_id, "created_at": media.created})

    async def _get_media(self, request: web.Request) -> web.Response:
        media = self.media.get(request.query.get("media_id", ""))
        return web.Response(body=media.content, content_type=media.content_type)

    def _filled(self, openid: str, kind: str, body: Mapping[str, Any], url: str) -> Sent:
        template = check_template(self.templates, body)
        values = template.fill(body.get("data"))
        return Sent(
            openid,
            template.text(values),
            kind,
            template_id=body["template_id"],
            data=values,
            url=url,
        )

    def _fail(self) -> None:
        if self._failures:
            raise Refusal(self._failures.pop(0))
        if self.behaviour.happens(Mishap.QUOTA):
            raise Refusal(45047)

    def _deliver(self, message: Sent) -> None:
        self.sent.append(message)
        self._arrived.put_nowait(message)
        if self.on_sent is not None:
            self.on_sent(message)

    def _report(self, openid: str, compose: Callable[[Citizen], str]) -> None:
        """Tells the webhook, when there is one, what became of a message."""
        if self._webhook is None:
            return
        task = asyncio.create_task(self._tell_webhook(self._webhook, openid, compose))
        self._reports.add(task)
        task.add_done_callback(self._reports.discard)

    async def _tell_webhook(
        self, webhook: str, openid: str, compose: Callable[[Citizen], str]
    ) -> None:
        async with Citizen(webhook, self._account, openid, tries=TRIES) as citizen:
            with suppress(ServiceUnavailable):  # after the third try WeChat lets it be
                await citizen.send(compose(citizen))
