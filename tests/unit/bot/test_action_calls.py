"""Calls of actions go over connections that stay open, and are otherwise Rasa's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientConnectionError, web
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from sanic.config import DEFAULT_CONFIG

from bot import action_calls

RASAS_OWN = EndpointConfig.session


@pytest_asyncio.fixture(autouse=True)
async def installed() -> AsyncIterator[None]:
    action_calls.install()
    yield
    await action_calls.close()
    EndpointConfig.session = RASAS_OWN


@pytest.fixture
def with_rasas_own() -> Iterator[None]:
    ours = EndpointConfig.session
    EndpointConfig.session = RASAS_OWN
    yield
    EndpointConfig.session = ours


@dataclass
class Server:
    """An action server that notes what reaches it, and over which connections."""

    url: str = ""
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    peers: list[Any] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.peers.append(request.transport.get_extra_info("peername"))
        headers = {k: v for k, v in request.headers.items() if k not in {"Host", "Content-Length"}}
        body = await request.json()
        self.calls.append((dict(request.query), headers, body))
        if body.get("wait"):
            await asyncio.sleep(body["wait"])
        response = web.json_response(body.get("answer", {}), status=body.get("status", 200))
        response.set_cookie("last", "one")
        return response


@asynccontextmanager
async def serving(port: int = 0) -> AsyncIterator[Server]:
    server = Server()
    app = web.Application()
    app.router.add_post("/webhook", server.answer)
    runner = web.AppRunner(app, keepalive_timeout=5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhook"
    try:
        yield server
    finally:
        await runner.cleanup()


def endpoint(url: str, **more: Any) -> EndpointConfig:
    return EndpointConfig(url, token="secret", headers={"X-Hall": "1"}, **more)


async def test_one_connection_serves_all_calls():
    async with serving() as server:
        actions = endpoint(server.url)
        for number in range(5):
            assert await actions.request(json={"answer": {"n": number}}) == {"n": number}
        assert len(set(server.peers)) == 1


async def test_calls_at_once_have_a_connection_each_and_mix_nothing_up():
    async with serving() as server:
        actions = endpoint(server.url)
        bodies = [{"answer": {"n": number}, "wait": 0.02} for number in range(150)]
        answers = await asyncio.gather(*(actions.request(json=body) for body in bodies))
    assert answers == [{"n": number} for number in range(150)]


async def calls_and_ends(server: Server) -> list[Any]:
    """What several kinds of calls send, and how they end."""
    ends: list[Any] = []
    for actions in (
        endpoint(server.url),
        endpoint(server.url, basic_auth={"username": "a", "password": "b"}),
    ):
        for body in (
            {"answer": {"events": []}},
            {"answer": {"error": "no"}, "status": 400},
            {"answer": {}, "status": 500},
        ):
            try:
                ends.append(await actions.request(json=body, compress=True))
            except ClientResponseError as error:
                ends.append((error.status, error.text))
        try:
            ends.append(await actions.request(json={"wait": 1}, timeout=0.05))
        except asyncio.TimeoutError:
            ends.append("too late")
    return [*ends, *server.calls]


async def test_what_is_sent_and_how_calls_end_is_as_with_rasas_own(request):
    async with serving() as server:
        ours = await calls_and_ends(server)
    request.getfixturevalue("with_rasas_own")
    async with serving() as server:
        rasas = await calls_and_ends(server)
    assert ours == rasas
    assert len(rasas) == 16


async def test_a_server_that_was_started_anew_is_reached():
    async with serving() as server:
        actions = endpoint(server.url)
        await actions.request(json={})
        port = int(server.url.split(":")[2].split("/")[0])
    with pytest.raises(ClientConnectionError):
        await actions.request(json={})
    async with serving(port) as server:
        assert await actions.request(json={"answer": {"n": 1}}) == {"n": 1}


async def test_after_closing_a_call_makes_new_connections():
    async with serving() as server:
        actions = endpoint(server.url)
        await actions.request(json={})
        await action_calls.close()
        await actions.request(json={})
        assert len(set(server.peers)) == 2


def test_another_event_loop_has_its_own():
    async def call(actions: EndpointConfig) -> Any:
        async with serving() as server:
            actions.url = server.url
            found = await actions.request(json={"answer": {"n": 1}})
            await action_calls.close()
            return found

    actions = endpoint("")
    assert [asyncio.run(call(actions)) for _ in range(2)] == [{"n": 1}] * 2


def test_connections_rest_for_less_than_the_server_keeps_them():
    assert DEFAULT_CONFIG["KEEP_ALIVE_TIMEOUT"] / 2 > action_calls.RESTING
