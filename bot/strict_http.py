"""Refuses HTTP that Sanic 21.12, which Rasa 3.6 is tied to, trips over.

Seen with `python -m benchmarks.fuzz_webhook`, before any of our code is asked:

- `Content-Length: -1` and one byte of a body: Sanic waits in a loop that never gives way, and the
  whole server answers nobody any more, until it is killed;
- a length that is no number, or a transfer coding other than `chunked`: answered with 500;
- both a length and chunks, or a name with a blank: read differently by different servers, which is
  how requests are smuggled past a proxy;
- an address that isn't one, or has bytes that no address has: an exception that nobody catches;
- a client that stops in the middle of its head: kept for a minute; up to 100 MB of a body that is
  refused anyway: read to the end; connections that were closed: in memory for 15 seconds more.

`install` gives one application a stricter class of requests and tighter limits. The one thing of
Sanic's own that is changed is how it makes the request that stands for one it couldn't read.
"""

from __future__ import annotations

import re
from typing import Any

from httptools import HttpParserInvalidURLError
from sanic import Sanic
from sanic.exceptions import InvalidUsage
from sanic.http import Http
from sanic.request import Request
from sanic.response import HTTPResponse, text

HEAD_SECONDS = 2
"""A client that sends nothing for so long is sent away; Sanic looks every half of it."""
LARGEST_REQUEST = 1 << 20
"""Bytes; what is larger is refused unread. Each door has its own, smaller limit."""
UNREAD = "NONE"
"""What Sanic gives for the method of a request whose head it couldn't read."""

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_LENGTH = re.compile(r"[0-9]{1,15}")


class StrictRequest(Request):
    """A request whose head says without doubt where its body ends."""

    def __init__(self, url_bytes: bytes, headers: Any, *args: Any, **more: Any) -> None:  # noqa: ANN401 - Sanic's signature
        try:
            super().__init__(url_bytes, headers, *args, **more)
        except HttpParserInvalidURLError:
            raise InvalidUsage("Bad Request") from None
        check_framing(self.headers)


def check_framing(headers: Any) -> None:  # noqa: ANN401 - a multidict of Sanic's
    """Checks the names of all headers, and those that tell the body's length (RFC 9112, 6).

    Raises:
        InvalidUsage: They contradict each other, or make no sense.
    """
    if not all(_NAME.fullmatch(name) for name in headers):
        raise InvalidUsage("Bad Request")
    lengths = headers.getall("content-length", [])
    codings = headers.getall("transfer-encoding", [])
    if len(lengths) + len(codings) > 1:
        raise InvalidUsage("Bad Request")
    if lengths and not _LENGTH.fullmatch(lengths[0]):
        raise InvalidUsage("Bad Request")
    if codings and codings[0] != "chunked":
        raise InvalidUsage("Bad Request")


def install(app: Sanic, *, grace: float) -> None:
    """Let an application refuse what it can't read; before it serves.

    Args:
        app: The application.
        grace: Seconds that the server gives open connections when it stops. Sanic keeps each
            connection that was closed in memory as long, 15 seconds if it isn't told otherwise.
    """
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = grace
    app.request_class = StrictRequest
    app.config.REQUEST_MAX_SIZE = LARGEST_REQUEST
    app.config.REQUEST_TIMEOUT = HEAD_SECONDS
    app.error_handler.add(UnicodeEncodeError, _unreadable)
    Http.create_empty_request = _create_empty_request  # type: ignore[assignment, method-assign]


def _unreadable(request: Request, error: UnicodeEncodeError) -> HTTPResponse:
    """Answers an address with bytes that can't be decoded; an error behind the doors stays one."""
    if request.method != UNREAD:
        raise error
    return text("", status=400)


_theirs = Http.create_empty_request


def _create_empty_request(http: Http) -> None:
    """Makes the request that stands for one which couldn't be read: without its address."""
    http.url = None
    _theirs(http)
