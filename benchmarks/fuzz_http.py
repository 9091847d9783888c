"""What is wrong beneath the message: HTTP itself, connections that break, bodies without end."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace

from benchmarks.fuzz_kit import (
    ANY,
    CANARY,
    PATH,
    Attempt,
    Kit,
    Right,
    envelope,
    named,
    post,
)
from benchmarks.fuzz_seals import forged

TOO_LARGE = frozenset({413})
MEGABYTE = 1 << 20
_TYPES = (
    *("application/json", "multipart/form-data; boundary=x", "", "text/xml; charset=gbk"),
    *("application/x-www-form-urlencoded", "x" * 2_000, "text/plain", "multipart/form-data"),
    *("image/png", "*/*", "text/xml; charset=" + "x" * 200),
)
_METHODS = ("PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT", "post", "GÉT", "")
_PATHS = (
    *("/", PATH + "/", PATH.upper(), "//" + PATH, "/webhooks/wechat/../wechat/webhook", "*"),
    *("/webhooks/%2e%2e/%00", "http://other/" + CANARY, "/webhooks/wechat/counters", "/办"),
    *("/webhooks/wechat/letters", "/conversations/x/tracker", "/\udcff", "/" + "x" * 9_000, "x"),
)
_LENGTHS = ("abc", "-1", "-99999", "+5", "1e3", "", " ", "9" * 30, "0x10", "1_0", "5, 5", "٥")
_CODINGS = ("gzip", "chunked, gzip", "identity", "xchunked", "CHUNKED", "", "chunked\x0b")
_SIZES = (b"zz", b"-1", b"", b"0x5", b"7fffffffffffffff", b"1_0", b" 5", b"5;" + b"e" * 200)
_GARBAGE = (
    *(b"\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 80, b"\0" * 300),
    *(b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    *(b"POST / HTTP/1.1\r\nno colon\r\n\r\n", b"GET /\xff\xfe HTTP/1.1\r\n\r\n"),
    *(b"GET / HTTP/1.1\r\nX: \xff\xfe\0\r\n\r\n", b"GET / HTTP/1.1\nHost: x\n\r\n\r\n"),
)


def _right(kit: Kit) -> tuple[Right, bytes, str]:
    """A right message of a text or another type, its envelope and its ciphertext."""
    message = kit.message()
    ciphertext = kit.seal(message.xml)
    return message, envelope(ciphertext), ciphertext


def content_types(kit: Kit) -> Attempt:
    """The type of the body matters to nobody."""
    message, body, ciphertext = _right(kit)
    query = kit.query(ciphertext, openid=message.openid)
    kind = kit.rng.choice(_TYPES)
    request = post(query, body, f"Content-Type: {kind}")
    return message.attempt(f"http/content type {kind[:20]}", request)


def chunked(kit: Kit) -> Attempt:
    """A right message in chunks, of any size, maybe with extensions."""
    message, body, ciphertext = _right(kit)
    size = kit.rng.choice((1, 7, 100, 4_096))
    extension = kit.rng.choice((b"", b";a=b"))
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    sent = b"".join(b"%x%s\r\n%s\r\n" % (len(part), extension, part) for part in parts)
    query = kit.query(ciphertext, openid=message.openid)
    head = post(query, b"", "Transfer-Encoding: chunked")
    whole = head + sent + b"0\r\n\r\n"
    cut = kit.rng.randrange(len(whole))
    return replace(message.attempt("http/chunked", whole[:cut], whole[cut:]), pause=0.001)


def chunks_wrong(kit: Kit) -> Attempt:
    """Chunks whose sizes lie or are none."""
    _, ciphertext = forged(kit)
    body, size = envelope(ciphertext), kit.rng.choice(_SIZES)
    head = post(kit.query(ciphertext), b"", "Transfer-Encoding: chunked")
    sent = head + size + b"\r\n" + body[:50] + b"\r\n0\r\n\r\n"
    return Attempt(f"http/chunk size {size[:12]!r}", (sent,), ANY, may_close=True, ends=True)


def lengths(kit: Kit) -> Attempt:
    """A length that is none, or two of them, or a coding that nobody knows."""
    ciphertext = kit.seal(kit.message(kit.openid("oOddity")).xml)
    body = envelope(ciphertext)
    header = kit.rng.choice(
        (
            *[f"Content-Length: {one}" for one in _LENGTHS],
            *[f"Transfer-Encoding: {one}" for one in _CODINGS],
        )
    )
    more = [f"Content-Length: {len(body)}"] if kit.rng.random() < 0.2 else []
    request = post(kit.query(ciphertext), body, header, *more)
    name = f"http/{header[:40]!a}{' and another' if more else ''}"
    return Attempt(name, (request,), ANY, may_close=True, ends=True)


def both_lengths(kit: Kit) -> Attempt:
    """A length and chunks: a door for smuggling, so it must be refused."""
    _, ciphertext = forged(kit)
    body = envelope(ciphertext)
    request = post(
        kit.query(ciphertext),
        b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body),
        "Transfer-Encoding: chunked",
        f"Content-Length: {len(body)}",
    )
    return Attempt("http/two lengths", (request,), frozenset({400}), may_close=True)


def methods(kit: Kit) -> Attempt:
    """Another method, or another address."""
    if kit.rng.random() < 0.5:
        method = kit.rng.choice(_METHODS)
        request = post(kit.query(), b"<xml/>", method=method)
        return Attempt(f"http/method {method!a}", (request,), ANY, may_close=True)
    path = kit.rng.choice(_PATHS)
    query = kit.query()
    raw = post(query, b"<xml/>").replace(PATH.encode(), path.encode("utf-8", "surrogateescape"), 1)
    return Attempt(f"http/path {path[:30]!a}", (raw,), ANY, may_close=True)


def headers(kit: Kit) -> Attempt:
    """Headers that are too many, too long, or ask for something."""
    message, body, ciphertext = _right(kit)
    query = kit.query(ciphertext, openid=message.openid)
    kind = kit.rng.randrange(6)
    if kind == 0:
        return message.attempt("http/100-continue", post(query, body, "Expect: 100-continue"))
    if kind == 1:
        many = [f"X-{number}: {CANARY}" for number in range(150)]
        return message.attempt("http/many headers", post(query, body, *many))
    if kind == 2:
        request = post(query, body, "Connection: close")
        return message.attempt("http/connection: close", request)
    _, ciphertext = forged(kit)
    squeezed = gzip.compress(body, mtime=0)
    wrong = {
        "http/another expectation": post(query, body, f"Expect: {CANARY}"),
        "http/a long header": post(query, body, "X: " + "x" * 30_000),
        "http/gzip": post(kit.query(ciphertext), squeezed, "Content-Encoding: gzip"),
        "http/websocket": post(
            kit.query(), b"", "Upgrade: websocket", "Connection: Upgrade", method="GET"
        ),
        "http/bearer": post(
            kit.query(), b"", "Authorization: Bearer \udcff", path="/webhooks/wechat/counters"
        ),
    }
    name = kit.rng.choice(list(wrong))
    return Attempt(name, (wrong[name],), ANY, may_close=True)


def garbage(kit: Kit) -> Attempt:
    """No HTTP."""
    some = kit.rng.choice((*_GARBAGE, kit.rng.randbytes(kit.rng.randrange(1, 400))))
    return Attempt(f"http/garbage {some[:16]!r}", (some,), ANY, may_close=True, ends=True)


def shared(kit: Kit) -> Attempt:
    """A request that is refused, then a right one on the same connection."""
    _, ciphertext = forged(kit)
    kinds = {
        "refused before its body": post([], envelope(ciphertext)),
        "refused with chunks": post([], b"5\r\n<xml>\r\n0\r\n\r\n", "Transfer-Encoding: chunked"),
        "malformed": post(kit.query(ciphertext), envelope(ciphertext)[:-4]),
        "too long": post(kit.query(ciphertext), b"x" * 100_000),
        "elsewhere": post([], b"x" * 1_000, path="/nowhere"),
    }
    name = kit.rng.choice(list(kinds))
    then = replace(kit.right(kit.message(kit.openid("oShared"))), may_close=True)
    allowed = frozenset({400, 403, 404, 413})
    return Attempt(f"http/shared, {name}", (kinds[name],), allowed, then=then)


HTTP: tuple[Callable[[Kit], Attempt], ...] = (
    *(content_types, chunked, chunks_wrong, lengths, lengths, both_lengths, methods, methods),
    *(headers, headers, garbage, shared),
)


def http(kit: Kit) -> Attempt:
    """Something is wrong, or rare, with HTTP."""
    return kit.rng.choice(HTTP)(kit)


def large(kit: Kit) -> Attempt:
    """Ten megabytes, in one piece or in chunks, with a length that is known or not."""
    _, ciphertext = forged(kit)
    megabyte = CANARY.encode() * (MEGABYTE // len(CANARY))
    query = kit.query(ciphertext)
    if kit.rng.random() < 0.5:
        head = post(query, b"", f"Content-Length: {10 * len(megabyte)}")
        return Attempt("large", (head, *[megabyte] * 10), TOO_LARGE, may_close=True)
    head = post(query, b"", "Transfer-Encoding: chunked")
    chunk = b"%x\r\n%s\r\n" % (len(megabyte), megabyte)
    pieces = (head, *[chunk] * 10, b"0\r\n\r\n")
    return Attempt("large, chunked", pieces, TOO_LARGE, may_close=True)


def dropped(kit: Kit) -> Attempt:
    """A connection that is dropped in the head, in the body, or before the answer is there."""
    ciphertext = kit.seal(kit.message(kit.openid("oOddity")).xml)
    body = envelope(ciphertext)
    whole = post(kit.query(ciphertext), body)
    head = len(whole) - len(body)
    cuts = {
        "dropped in the head": kit.rng.randrange(1, head),
        "dropped in the body": kit.rng.randrange(head, len(whole) - 1),
        "dropped before the answer": len(whole),
    }
    name = kit.rng.choice(list(cuts))
    shuts = kit.rng.random() < 0.3
    return Attempt(
        f"connection/{name}{', in order' if shuts else ''}",
        (whole[: cuts[name]],),
        ANY,
        may_close=True,
        drops=not shuts,
        ends=shuts,
    )


def stalled(kit: Kit) -> Attempt:
    """A client that stops in the middle and waits: it must be sent away."""
    _, ciphertext = forged(kit)
    whole = post(list(kit.query(ciphertext)[1:]), envelope(ciphertext))
    head = whole.index(b"\r\n\r\n") + 4
    kinds = {
        "stalled in the head": (whole[: kit.rng.randrange(1, head)],),
        "stalled in the body": (whole[: kit.rng.randrange(head, len(whole) - 1)],),
        "stalled in a chunk": (
            post(kit.query(ciphertext)[1:], b"", "Transfer-Encoding: chunked") + b"99\r\n<xml>",
        ),
    }
    name = kit.rng.choice(list(kinds))
    return Attempt(f"connection/{name}", kinds[name], ANY, may_close=True)


def trickle(kit: Kit) -> Attempt:
    """A body that never ends, a byte at a time."""
    _, ciphertext = forged(kit)
    whole = post(kit.query(ciphertext), envelope(ciphertext))
    head = whole.index(b"\r\n\r\n") + 4
    pieces = (whole[:head], *(whole[at : at + 1] for at in range(head, head + 90)))
    return Attempt("connection/a trickle", pieces, ANY, may_close=True, pause=0.1)


def slow(kit: Kit) -> Attempt:
    """A right message that comes in pieces."""
    message, body, ciphertext = _right(kit)
    whole = post(kit.query(ciphertext, openid=message.openid), body)
    step = len(whole) // 8 + 1
    pieces = [whole[at : at + step] for at in range(0, len(whole), step)]
    return replace(message.attempt("connection/slow", *pieces), pause=0.02)


def repeated(kit: Kit) -> Attempt:
    """The same delivery on three connections at once: one gets the answer."""
    attempt = named(kit.right(kit.message(kind="text")), "repeats")
    return replace(attempt, deliveries=3)
