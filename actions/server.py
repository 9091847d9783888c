"""The action server: Rasa's calls in, the actions' events and messages out.

Rasa SDK's own server listens everywhere, asks for no key, and sends the whole conversation back
when an action fails, from where it gets into logs. This one runs the SDK's `ActionExecutor` behind
a key, on the address it is told, and says no more of a failure than what failed.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import traceback
import zlib
from typing import Any

import structlog
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from actions import resources
from actions.settings import Settings

log = structlog.get_logger()

LARGEST_BODY = 16 * 1024 * 1024
"""A call carries the whole conversation so far and the domain."""


def create_app(settings: Settings) -> Sanic:
    """The server with all actions of this package."""
    app = Sanic("banshi_actions", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = LARGEST_BODY
    executor = ActionExecutor()
    executor.register_package("actions")

    @app.get("/health")
    async def health(_: Request) -> HTTPResponse:
        return json_response({"status": "ok"})

    @app.post("/webhook")
    async def webhook(request: Request) -> HTTPResponse:
        given = str(request.args.get("token", "")).encode()
        if not hmac.compare_digest(given, settings.key.encode()):
            log.warning("actions.refused", reason="wrong key")
            return json_response({"error": "wrong key"}, status=401)
        try:
            call = _read(request)
        except (ValueError, zlib.error):
            return json_response({"error": "the body is no action call"}, status=400)
        return await _run(executor, call)

    @app.before_server_start
    async def load(_app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
        await resources.warm()

    @app.after_server_stop
    async def close(_app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
        await resources.booking_client().close()
        await resources.desk_client().close_session()

    return app


def _read(request: Request) -> dict[str, Any]:
    """The call; Rasa may send it deflated."""
    body = request.body
    if request.headers.get("Content-Encoding") == "deflate":
        body = zlib.decompress(body)
    call = json.loads(body)
    if not isinstance(call, dict) or "next_action" not in call:
        raise ValueError("no action call")
    return call


async def _run(executor: ActionExecutor, call: dict[str, Any]) -> HTTPResponse:
    name = call["next_action"]
    try:
        return json_response(await executor.run(call))
    except ActionExecutionRejection as rejection:
        body = {"error": "rejected", "action_name": rejection.action_name}
        return json_response(body, status=400)
    except ActionNotFoundException:
        return json_response({"error": "no such action", "action_name": name}, status=404)
    except Exception as error:  # noqa: BLE001 - whatever fails in an action must not take the server
        frames = traceback.extract_tb(error.__traceback__)[-6:]
        log.error(
            "actions.failed",
            action=name,
            error=type(error).__name__,  # its message may quote the citizen
            at=[f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames],
        )
        return json_response({"error": "the action failed", "action_name": name}, status=500)
