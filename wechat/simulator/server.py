"""Tencent's whole side as one server on loopback: interface, citizens' phones, mishaps.

Run by `banshi wechat simulate`. The page is at /simulator; what it asks for, and what tests ask
for, is below that address; the interface is where Tencent has it. Nobody but this machine gets in:
who can reach it can write as any citizen.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from aiohttp import web

from wechat.account import Account
from wechat.simulator.api import LARGEST_REQUEST, TencentApi
from wechat.simulator.behaviour import DEFAULT_DELAY, Behaviour, Mishap
from wechat.simulator.citizen import PATIENCE, TRIES, Citizen
from wechat.simulator.codes import Refusal, refused
from wechat.simulator.contacts import Contacts
from wechat.simulator.phones import BadDeed, Item, Phone
from wechat.simulator.templates import Template
from wechat.simulator.values import Sent

PAGE = "/simulator"
HOST = "127.0.0.1"
_FILES = Path(__file__).parent / "page"
_STATIC = {"phone.css": "text/css", "phone.js": "text/javascript"}
_OPENID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
_HEARTBEAT = 15.0  # seconds
_SHUTDOWN = 2.0  # seconds
_POLICY = "default-src 'self'; img-src 'self' http: https: data:; base-uri 'none'"


class Simulator:
    """Plays Tencent for one account and one webhook; use it with ``async with``.

    Attributes:
        api: The interface, with the contacts, the material and the menu.
        behaviour: What is to go wrong.
        url: Where it listens, once started.
    """

    def __init__(
        self,
        account: Account,
        webhook: str,
        *,
        port: int = 0,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._account = account
        self._webhook = webhook
        self._port = port
        self._patience = patience
        self._phones: dict[str, Phone] = {}
        self.behaviour = Behaviour()
        self.api = TencentApi(
            account,
            webhook=webhook,
            contacts=Contacts(clock),
            behaviour=self.behaviour,
            clock=clock,
        )
        self.api.on_sent = self._show
        self.api.on_typing = self._show_typing
        self.url = ""

    async def __aenter__(self) -> Simulator:
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=_SHUTDOWN)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self._port).start()
        host, port = self._runner.addresses[0][:2]
        self.url = self.api.url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.gather(*(phone.close() for phone in self._phones.values()))
        await self._runner.cleanup()
        await self.api.reported()

    def phone(self, openid: str) -> Phone:
        """The phone of a citizen, who has one from the first time on."""
        if openid not in self._phones:
            citizen = Citizen(
                self._webhook,
                self._account,
                openid,
                patience=self._patience,
                tries=TRIES,
                contacts=self.api.contacts,
                behaviour=self.behaviour,
                knows_media=self._knows,
            )
            self._phones[openid] = Phone(citizen, self.api.contacts)
        return self._phones[openid]

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_REQUEST, middlewares=[_of_this_machine])
        self.api.add_routes(app)
        app.router.add_get("/health", _healthy)
        app.router.add_get(PAGE, _page)
        app.router.add_get(PAGE + "/{file:phone\\.(?:css|js)}", _static)
        app.router.add_get(f"{PAGE}/feed", self._feed)
        app.router.add_get(f"{PAGE}/menu", self._menu)
        app.router.add_get(PAGE + "/media/{media_id}", self._media)
        app.router.add_post(f"{PAGE}/do", self._do)
        app.router.add_post(f"{PAGE}/picture", self._picture)
        app.router.add_post(f"{PAGE}/templates", self._templates)
        app.router.add_get(f"{PAGE}/behaviour", self._behaviour_now)
        app.router.add_post(f"{PAGE}/behaviour", self._misbehave)
        app.router.add_delete(f"{PAGE}/behaviour", self._calm)
        return app

    def _knows(self, media_id: str) -> bool:
        try:
            self.api.media.get(media_id)
        except Refusal:
            return False
        return True

    def _show(self, message: Sent) -> None:
        self.phone(message.openid).got(message)

    def _show_typing(self, openid: str, on: bool) -> None:
        self.phone(openid).feed.typing(on=on)

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: the chat so far, or since the last one seen, and what follows."""
        phone = self.phone(_openid(request.query.get("openid")))
        seen = request.headers.get("Last-Event-ID", "")
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        state = {"anew": phone.feed.is_empty, "follows": self.api.contacts.follows(phone.openid)}
        await response.write(f"event: ready\ndata: {json.dumps(state)}\n\n".encode())
        after = int(seen) if seen.isdecimal() else 0
        with suppress(ConnectionError), phone.feed.followed(after) as queue:
            await _pass_on(queue, response)
        return response

    async def _do(self, request: web.Request) -> web.Response:
        deed = await _body(request)
        phone = self.phone(_openid(deed.get("openid")))
        try:
            phone.do(deed)
        except BadDeed as error:
            return _answer({"error": str(error)}, 400)
        return _answer({}, 202)

    async def _picture(self, request: web.Request) -> web.Response:
        """Sends a picture, which is the body itself: a form of another page can't do that."""
        phone = self.phone(_openid(request.query.get("openid")))
        if not request.content_type.startswith("image/"):
            return _answer({"error": "the body must be a picture"}, 415)
        try:
            media_id, _ = self.api.media.add("image", await request.read())
        except Refusal as refusal:
            return refused(refusal)
        phone.do(
            {"what": "picture", "url": f"{self.url}{PAGE}/media/{media_id}", "media_id": media_id}
        )
        return _answer({"media_id": media_id}, 202)

    async def _menu(self, _: web.Request) -> web.Response:
        return _answer({"button": self.api.menu})

    async def _media(self, request: web.Request) -> web.Response:
        try:
            media = self.api.media.get(request.match_info["media_id"])
        except Refusal as refusal:
            return refused(refusal)
        return web.Response(body=media.content, content_type=media.content_type)

    async def _templates(self, request: web.Request) -> web.Response:
        """Adds templates: {"ID": {"title": "预约提醒", "fields": {"thing1": "事项"}}}."""
        try:
            for template_id, made in (await _body(request)).items():
                self.api.templates[template_id] = Template(str(made["title"]), dict(made["fields"]))
        except (KeyError, TypeError, ValueError) as error:
            return _answer({"error": repr(error)}, 400)
        return _answer({"templates": sorted(self.api.templates)})

    async def _behaviour_now(self, _: web.Request) -> web.Response:
        return _answer({"left": self.behaviour.left(), "seconds": self.behaviour.delay})

    async def _misbehave(self, request: web.Request) -> web.Response:
        """Takes {"mishap": "slow", "times": 1, "seconds": 3}; the last for slow answers alone."""
        body = await _body(request)
        try:
            mishap, times = Mishap(body.get("mishap")), int(body.get("times", 1))
            self.behaviour.delay = float(body.get("seconds", DEFAULT_DELAY))
        except (TypeError, ValueError):
            known = ", ".join(one.value for one in Mishap)
            return _answer({"error": f"mishap must be one of {known}; times a number"}, 400)
        self.behaviour.expect(mishap, times)
        return await self._behaviour_now(request)

    async def _calm(self, request: web.Request) -> web.Response:
        self.behaviour.calm()
        return await self._behaviour_now(request)


async def _pass_on(queue: asyncio.Queue[Item | None], response: web.StreamResponse) -> None:
    while True:
        try:
            item = await asyncio.wait_for(queue.get(), _HEARTBEAT)
        except asyncio.TimeoutError:
            await response.write(b": still here\n\n")
            continue
        if item is None:
            return
        number = f"id: {item['id']}\n" if "id" in item else ""
        text = json.dumps(item, ensure_ascii=False)
        await response.write(f"{number}data: {text}\n\n".encode())


@web.middleware
async def _of_this_machine(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Refuses a name that leads here from elsewhere: a page of another site must not get in."""
    host = re.sub(r":\d+$", "", request.headers.get("Host", ""))
    if host not in _LOOPBACK:
        raise web.HTTPForbidden(text="for this machine alone")
    return await handler(request)


async def _healthy(_: web.Request) -> web.Response:
    return _answer({"status": "ok"})


async def _page(_: web.Request) -> web.Response:
    return _file("index.html", "text/html")


async def _static(request: web.Request) -> web.Response:
    name = request.match_info["file"]
    return _file(name, _STATIC[name])


def _file(name: str, content_type: str) -> web.Response:
    text = (_FILES / name).read_text(encoding="utf-8")
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"}
    return web.Response(text=text, content_type=content_type, charset="utf-8", headers=headers)


def _answer(found: dict[str, Any], status: int = 200) -> web.Response:
    text = json.dumps(found, ensure_ascii=False)
    return web.Response(text=text, status=status, content_type="application/json", charset="utf-8")


def _openid(given: object) -> str:
    if not isinstance(given, str) or not _OPENID.fullmatch(given):
        raise web.HTTPBadRequest(text="openid is missing, or is none")
    return given


async def _body(request: web.Request) -> dict[str, Any]:
    """A JSON object; its content type keeps forms of other pages out."""
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="send application/json")
    try:
        body = json.loads(await request.read())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="send a JSON object")
    return body
