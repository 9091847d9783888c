"""Tells of an answer that was written whether its connection broke afterwards.

Sanic 21.12 takes an answer for delivered when it has written it, and doesn't say how a connection
ended. A peer that closes in order has had the answer; a reset (RFC 9293, 3.5.2) says that it may
not have. WeChat then delivers the message again, and should get the answer then.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sanic.request import Request
from sanic.server import HttpProtocol


class Connection:
    """The way on which an answer goes.

    Attributes:
        broke: It was reset; what was written to it may not have arrived.
    """

    def __init__(self) -> None:
        self.broke = False


def connection_of(request: Request) -> Connection:
    """The connection that a request came in on; the same one for all its requests."""
    around: Any = request.conn_info.ctx if request.conn_info else SimpleNamespace()
    if not hasattr(around, "banshi"):
        around.banshi = Connection()
    found: Connection = around.banshi
    return found


_theirs = HttpProtocol.connection_lost


def install() -> None:
    """Let Sanic's connections note how they end; before a server starts."""
    HttpProtocol.connection_lost = _connection_lost  # type: ignore[assignment, method-assign]


def _connection_lost(protocol: HttpProtocol, error: Exception | None) -> None:
    around = protocol.ctx
    if error is not None and hasattr(around, "banshi"):
        around.banshi.broke = True
    _theirs(protocol, error)  # type: ignore[no-untyped-call]
