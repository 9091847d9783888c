"""Wrong queries and wrong ciphertexts."""

from __future__ import annotations

import base64
from collections.abc import Callable

from benchmarks.fuzz_kit import (
    ANY,
    CANARY,
    OTHER_KEY,
    REFUSED,
    Attempt,
    Kit,
    Pairs,
    encoded,
    encrypt,
    envelope,
    pad,
    post,
    sign,
)

FORBIDDEN = frozenset({403})
BAD = frozenset({400})
_NAMES = ("signature", "timestamp", "nonce", "msg_signature", "encrypt_type")
_STAMPS = (
    *("-1", "0", "1e9", "now", "", " ", "１７３２６３００００", "9" * 400, "0x66", "1.5", "NaN"),
    *("99999999999", "999999999999", "9999999999999", "\u0661\u0662", "1\n2", "None"),
)
_SIGNATURES = ("0" * 40, "签名" * 20, "f" * 39, "f" * 41, "'\"<>", "\ud800", "F" * 4_000)
_RAW = ("%00", "%zz", "%", "%C0%80", "%ED%A0%80", "%FF%FE", "é", "签", "\udcff", "\udc80\udcc0")


def forged(kit: Kit) -> tuple[str, str]:
    """The message and the ciphertext of somebody who must not be heard."""
    message = kit.message(kit.openid("oForged"), "text").xml
    return message, kit.seal(message)


def _sent(
    kit: Kit, name: str, query: Pairs | str, allowed: frozenset[int], ciphertext: str
) -> Attempt:
    return Attempt(f"query/{name}", (post(query, envelope(ciphertext)),), allowed)


def missing(kit: Kit) -> Attempt:
    """One parameter isn't there; `signature` and `encrypt_type` can be done without."""
    message = kit.message()
    ciphertext, name = kit.seal(message.xml), kit.rng.choice(_NAMES)
    query = [pair for pair in kit.query(ciphertext, openid=message.openid) if pair[0] != name]
    request = post(query, envelope(ciphertext))
    if name in {"signature", "encrypt_type"}:
        return message.attempt(f"query/no {name}", request)
    _, ciphertext = forged(kit)
    query = [pair for pair in kit.query(ciphertext) if pair[0] != name]
    return _sent(kit, f"no {name}", query, FORBIDDEN, ciphertext)


def signatures(kit: Kit) -> Attempt:
    """A signature that isn't one, or another's."""
    _, ciphertext = forged(kit)
    query = kit.query(ciphertext)
    right = dict(query)
    names = ("signature", "msg_signature")
    name = kit.rng.choice(names)
    stolen = sign("anotherToken", right["timestamp"], right["nonce"], ciphertext)
    other = [*_SIGNATURES, stolen, right[name].upper(), right[name][:-1], right[name] + " "]
    other += [right[names[name == "signature"]], kit.rng.randbytes(20).hex()]
    value = kit.rng.choice(other)
    changed = [(one, value if one == name else given) for one, given in query]
    return _sent(kit, f"wrong {name}", _surrogates(changed), FORBIDDEN, ciphertext)


def stamps(kit: Kit) -> Attempt:
    """A time stamp that is none, or of another time; rightly signed."""
    _, ciphertext = forged(kit)
    window = kit.account.replay_window
    offset = kit.rng.choice((-1, 1)) * kit.rng.choice((window + 30, 3_600, 10**6, 10**9))
    stamp = kit.rng.choice((*_STAMPS, *[str(kit.now + offset)] * 8))
    nonce = "7"
    query = [
        ("signature", sign(kit.account.token, stamp, nonce)),
        ("timestamp", stamp),
        ("nonce", nonce),
        ("encrypt_type", "aes"),
        ("msg_signature", sign(kit.account.token, stamp, nonce, ciphertext)),
    ]
    return _sent(kit, "time stamp", query, FORBIDDEN, ciphertext)


def duplicates(kit: Kit) -> Attempt:
    """A parameter twice: the first counts."""
    message = kit.message()
    ciphertext, name = kit.seal(message.xml), kit.rng.choice(_NAMES)
    wrong = (name, CANARY)
    if kit.rng.random() < 0.5:
        query = [*kit.query(ciphertext, openid=message.openid), wrong]
        return message.attempt(f"query/{name} twice", post(query, envelope(ciphertext)))
    _, ciphertext = forged(kit)
    query = [wrong, *kit.query(ciphertext)]
    return _sent(kit, f"wrong {name} before", query, REFUSED, ciphertext)


def oversized(kit: Kit) -> Attempt:
    """Too much, or much that nobody asked for."""
    message = kit.message()
    ciphertext = kit.seal(message.xml)
    query = kit.query(ciphertext, openid=message.openid)
    kind = kit.rng.randrange(4)
    if kind == 0:
        extra = [(f"p{number}", CANARY) for number in range(200)]
        return message.attempt("query/200 more", post(query + extra, envelope(ciphertext)))
    if kind == 1:
        extra = [("x" * 3_000, "y" * 3_000)]
        return message.attempt("query/a huge one", post(query + extra, envelope(ciphertext)))
    if kind == 2:
        extra = [(CANARY * 20, "z" * kit.rng.choice((20_000, 70_000)))]
        request = post(query + extra, envelope(ciphertext))
        return Attempt("query/beyond the limit", (request,), ANY, may_close=True)
    _, ciphertext = forged(kit)
    query = [(name.upper(), value) for name, value in kit.query(ciphertext)]
    return _sent(kit, "in capitals", query, FORBIDDEN, ciphertext)


def raw(kit: Kit) -> Attempt:
    """Bytes that no address has, in a value, a name, or in between."""
    _, ciphertext = forged(kit)
    some = kit.rng.choice(_RAW)
    query = kit.query(ciphertext)
    name = kit.rng.choice(_NAMES)
    text = encoded(query).replace(f"{name}=", kit.rng.choice((f"{name}={some}", f"{some}{name}=")))
    if name == "encrypt_type":
        text = encoded(query).replace("signature=", f"signature={some}", 1)
    attempt = _sent(kit, f"bytes {some!a}", text, REFUSED, ciphertext)
    return Attempt(attempt.name, attempt.pieces, REFUSED, may_close=True)


def kinds_of_encryption(kit: Kit) -> Attempt:
    """`encrypt_type` is something else: then what is encrypted is no message."""
    _, ciphertext = forged(kit)
    kind = kit.rng.choice(("raw", "AES", "aes ", "des", "aes,raw", "\u0430es", CANARY))
    query = [
        (name, kind if name == "encrypt_type" else value) for name, value in kit.query(ciphertext)
    ]
    return _sent(kit, "encrypt_type", query, REFUSED, ciphertext)


def handshake(kit: Kit) -> Attempt:
    """The console's check of the address, right and wrong."""
    echo = f"{kit.rng.randrange(10**19)}"
    query = [*kit.query(), ("echostr", echo)]
    if kit.rng.random() < 0.3:
        request = post(query, b"", method="GET")
        return Attempt("handshake", (request,), frozenset({200}), echo=echo.encode())
    name = kit.rng.choice(("signature", "timestamp", "nonce", "echostr"))
    value = kit.rng.choice(("", "0", CANARY, "签", "x" * 4_000))
    changed = [(one, value if one == name else given) for one, given in query]
    if name == "echostr":
        changed = [pair for pair in query if pair[0] != name]
    request = post(changed, b"", method="GET")
    return Attempt(f"handshake/wrong {name}", (request,), FORBIDDEN)


QUERIES: tuple[Callable[[Kit], Attempt], ...] = (
    *(missing, signatures, signatures, stamps, stamps, duplicates, oversized, raw),
    *(kinds_of_encryption, handshake),
)


def queries(kit: Kit) -> Attempt:
    """Something is wrong with the query."""
    return kit.rng.choice(QUERIES)(kit)


def ciphertexts(kit: Kit) -> Attempt:
    """A ciphertext that can't be opened, under a right signature."""
    message, right = forged(kit)
    name, ciphertext = kit.rng.choice((_contents, _blocks, _texts))(kit, message.encode(), right)
    request = post(kit.query(ciphertext), envelope(ciphertext))
    return Attempt(f"ciphertext/{name}", (request,), BAD)


def flipped(kit: Kit) -> Attempt:
    """One bit of a right ciphertext: most of them break it, those in the salt may not."""
    message = kit.message(kit.openid("oOddity"), "text").xml
    data = bytearray(base64.b64decode(kit.seal(message)))
    data[kit.rng.randrange(len(data))] ^= 1 << kit.rng.randrange(8)
    ciphertext = base64.b64encode(bytes(data)).decode()
    request = post(kit.query(ciphertext), envelope(ciphertext))
    return Attempt("ciphertext/a bit flipped", (request,), frozenset({200, 400}))


def envelopes(kit: Kit) -> Attempt:
    """The outer XML is wrong; nothing in it is signed but the ciphertext."""
    _, ciphertext = forged(kit)
    whole = envelope(ciphertext)
    field = f"<Encrypt><![CDATA[{ciphertext}]]></Encrypt>".encode()
    wrong = {
        "no Encrypt": whole.replace(field, b""),
        "empty Encrypt": whole.replace(ciphertext.encode(), b""),
        "another Encrypt before": whole.replace(field, b"<Encrypt>AAAA</Encrypt>" + field),
        "Encrypt deeper": whole.replace(field, b"<a>" + field + b"</a>"),
        "DTD": b'<!DOCTYPE xml [<!ENTITY a "b">]>' + whole,
        "the bare ciphertext": ciphertext.encode(),
        "nothing": b"",
        "invalid UTF-8": whole.replace(b"gh_", b"\xff\xfe"),
        "cut off": whole[: kit.rng.randrange(len(whole) - 2)],
        "another root": whole.replace(b"xml>", b"html>"),
    }
    name = kit.rng.choice(list(wrong))
    return Attempt(f"envelope/{name}", (post(kit.query(ciphertext), wrong[name]),), REFUSED)


def _contents(kit: Kit, message: bytes, _: str) -> tuple[str, str]:
    size = len(message)
    lies = [size + 1, size - 1, 0, 2**32 - 1, 2**31, size * 256, size + len(kit.account.app_id)]
    lie = kit.rng.choice(lies).to_bytes(5, "big")[-4:]
    others = (b"", b"wx9999999999999999", kit.account.app_id.encode()[:-1], b"\xff" * 18)
    kinds = {
        "the length lies": pad(kit.salted(message, length=lie)),
        "little-endian": pad(kit.salted(message, length=size.to_bytes(4, "little"))),
        "another app": pad(kit.salted(message, app_id=kit.rng.choice(others))),
        "not UTF-8": pad(kit.salted(message.replace(CANARY.encode(), b"\xff\xfe"))),
        "salt alone": pad(kit.rng.randbytes(kit.rng.randrange(20))),
    }
    name = kit.rng.choice(list(kinds))
    return name, encrypt(kinds[name])


def _blocks(kit: Kit, message: bytes, right: str) -> tuple[str, str]:
    salted = kit.salted(message)
    whole = salted + bytes(-len(salted) % 32)
    size = kit.rng.choice((0, 33, 64, 255))
    data = base64.b64decode(right)
    kinds = {
        f"padding of {size}": encrypt(whole + bytes([size]) * 32),
        "padding not uniform": encrypt(whole + kit.rng.randbytes(31) + b"\x20"),
        "random blocks": base64.b64encode(
            kit.rng.randbytes(32 * kit.rng.randrange(1, 30))
        ).decode(),
        "blocks missing": base64.b64encode(data[: 32 * (len(data) // 64)]).decode(),
        "blocks swapped": base64.b64encode(data[32:] + data[:32]).decode(),
        "half a block": base64.b64encode(data[:-16]).decode(),
        "bytes missing": base64.b64encode(data[: -kit.rng.randrange(1, 16)]).decode(),
        "another key": encrypt(pad(salted), OTHER_KEY),
    }
    name = kit.rng.choice(list(kinds))
    return name, kinds[name]


def _texts(kit: Kit, _: bytes, right: str) -> tuple[str, str]:
    kinds = {
        "URL alphabet": "-" + right[1:],
        "no base64": CANARY + "!",
        "a missing character": right[:-1],
        "Chinese": "密" * kit.rng.randrange(1, 50),
        "blanks within": right[:20] + " \n" + right[20:],
        "more behind": right + "AAAA",
        "padding within": right[:8] + "=" + right[8:],
    }
    name = kit.rng.choice(list(kinds))
    return name, kinds[name]


def _surrogates(pairs: Pairs) -> str:
    """A query in which a lone surrogate is written as its three bytes."""
    return encoded(
        [
            (name, value.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape"))
            for name, value in pairs
        ]
    )
