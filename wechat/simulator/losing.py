"""A delivery whose connection is reset when the answer is on its way."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress

from yarl import URL

_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER, on and 0 seconds: closing sends a reset and throws away what has not been read."""


async def lose_answer(url: URL, body: bytes, *, patience: float = 5.0) -> None:
    """Posts a body and resets the connection as soon as the answer begins to arrive.

    Args:
        url: With its query; plain HTTP.
        body: In UTF-8.
        patience: Seconds until it is reset without an answer.

    Raises:
        OSError: Nobody listens there.
    """
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = (
        f"POST {url.raw_path_qs} HTTP/1.1\r\nHost: {url.raw_authority}\r\n"
        f"Content-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    with suppress(asyncio.TimeoutError, ConnectionError):
        await asyncio.wait_for(reader.read(1), patience)
    line: socket.socket = writer.get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
