"""Malformed messages in correctly signed, mostly correctly encrypted requests."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.fuzz_kit import CANARY, FAILS, SILENT, Attempt, Kit
from wechat.messages import render

BAD = frozenset({400})
EITHER = frozenset({200, 400})
_FIELDS = ("ToUserName", "FromUserName", "CreateTime", "MsgType", "Content", "MsgId")
_NUMBERS = (
    *("-1", "0x10", "1e9", "1.5", "１２３", "９" * 5, "", " ", "NaN", "1 2", "+1", "٣", "1_000"),
    *("9" * 21, "9" * 400, "0" * 30_000, "1\u200b", "½"),
)
_POSITIONS = ("nan", "inf", "-inf", "1e3", "91", "-90.1", "", "二十", "9" * 99, "1.", ".5", "1,5")
_OPENIDS = (
    *("", " ", "o a", "o" * 65, "../../etc/passwd", "o\nb", "o'--", "<o>", "o;DROP TABLE seen"),
    *("开放" * 5, "o%00", "${jndi:ldap://x}", "o" * 20_000),
)


def text(kit: Kit, **changes: str) -> str:
    """A text message of somebody who must not be heard, as XML with some fields replaced as is."""
    values = kit.message(kit.openid("oForged"), "text").values
    parts = {name: render({name: value}).splitlines() for name, value in values.items()}
    lines = {name: "\n".join(rest[1:-1]) for name, rest in parts.items()}
    return "<xml>" + "\n".join((lines | changes).values()) + "</xml>"


def cdata(name: str, value: str) -> str:
    """A field as WeChat writes it, whatever stands in it."""
    return f"<{name}><![CDATA[{value}]]></{name}>"


def _dtd(kit: Kit) -> tuple[str, str]:
    bomb = "".join(f'<!ENTITY x{n + 1} "{f"&x{n};" * 10}">' for n in range(12))
    inside = {
        "doctype": "",
        "entity": f'[<!ENTITY a "{CANARY}">]',
        "entity bomb": f'[<!ENTITY x0 "{CANARY}">{bomb}<!ENTITY a "&x12;">]',
        "quadratic bomb": f'[<!ENTITY a "{"A" * 20_000}">]',
        "external entity": '[<!ENTITY a SYSTEM "file:///etc/passwd">]',
        "parameter entity": '[<!ENTITY % b SYSTEM "http://127.0.0.1:9/">%b;]',
        "external DTD": 'SYSTEM "http://127.0.0.1:9/x.dtd"',
    }
    name = kit.rng.choice(list(inside))
    uses = "&a;" * 30 if "[" in inside[name] and "%" not in inside[name] else ""
    return name, f"<!DOCTYPE xml {inside[name]}>" + text(kit, Content=f"<Content>{uses}</Content>")


def _deep(kit: Kit) -> tuple[str, str]:
    depth = kit.rng.choice((1_000, 5_000, 9_000))
    many = " ".join(f"a{number}='1'" for number in range(depth // 2))
    kinds = {
        "deep nesting, open": "<xml>" + "<a>" * depth,
        "deep nesting, nothing in it": "<xml>" + "<a>" * 6_000 + "</a>" * 6_000 + "</xml>",
        "many siblings": "<xml>" + "<a/>" * depth + "</xml>",
        "many attributes": f"<xml {many}></xml>",
        "one attribute many times": '<xml a="1" a="2"></xml>',
        "a long name": f"<{'x' * 15_000}></{'x' * 15_000}>",
        "a long attribute": f'<xml a="{"&lt;" * 9_000}"></xml>',
    }
    name = kit.rng.choice(list(kinds))
    return name, kinds[name]


def _shape(kit: Kit) -> tuple[str, str]:
    whole = text(kit)
    kinds = {
        "empty": "",
        "no XML": CANARY,
        "JSON": f'{{"Content": "{CANARY}"}}',
        "another root": whole.replace("xml>", "XML>"),
        "a namespace": whole.replace("<xml>", '<xml xmlns="urn:x">'),
        "two roots": whole + whole,
        "text behind the root": whole + CANARY,
        "cut off": whole[: kit.rng.randrange(len(whole) - 1)],
        "open CDATA": whole.replace("]]>", "]]", 1),
        "an unknown entity": text(kit, Content="<Content>&nbsp;</Content>"),
        "a NUL": text(kit, Content="<Content>\0</Content>"),
        "a NUL as a reference": text(kit, Content="<Content>&#0;</Content>"),
        "a surrogate": text(kit, Content=cdata("Content", "\ud800")),
        "a surrogate as a reference": text(kit, Content="<Content>&#xD800;</Content>"),
        "beyond Unicode": text(kit, Content="<Content>&#x110000;</Content>"),
        "a control character": text(kit, Content=cdata("Content", "\x0b\x1b[31m")),
        "the end of CDATA": text(kit, Content=cdata("Content", "]]></Content><MsgId>7</MsgId>")),
        "XML declared late": " " + '<?xml version="1.0"?>' + whole,
    }
    name = kit.rng.choice(list(kinds))
    return name, kinds[name]


def _missing(kit: Kit) -> tuple[str, str]:
    name = kit.rng.choice(_FIELDS)
    return f"no {name}", text(kit, **{name: ""})


def _empty(kit: Kit) -> tuple[str, str]:
    name = kit.rng.choice([one for one in _FIELDS if one != "Content"])
    blank = kit.rng.choice(("", " ", "\n\t", "<!-- 1 -->", "<b>1</b>", "\u3000"))
    return f"empty {name}", text(kit, **{name: f"<{name}>{blank}</{name}>"})


def _numbers(kit: Kit) -> tuple[str, str]:
    name, value = kit.rng.choice(("CreateTime", "MsgId")), kit.rng.choice(_NUMBERS)
    return f"{name} {value[:20]!a}", text(kit, **{name: f"<{name}>{value}</{name}>"})


def _positions(kit: Kit) -> tuple[str, str]:
    right = {"Location_X": "23.1", "Location_Y": "113.3"}
    right[kit.rng.choice(list(right))] = value = kit.rng.choice(_POSITIONS)
    if value in {"91", "-90.1"}:  # an impossible latitude, but a longitude
        right = {"Location_X": value, "Location_Y": "113.3"}
    fields = "".join(cdata(name, number) for name, number in right.items())
    kind = cdata("MsgType", "location") + fields
    return f"position {value[:20]!a}", text(kit, MsgType=kind)


def _openids(kit: Kit) -> tuple[str, str]:
    value = kit.rng.choice(_OPENIDS)
    return f"openid {value[:20]!a}", text(kit, FromUserName=cdata("FromUserName", value))


def _events(kit: Kit) -> tuple[str, str]:
    kinds = {
        "event without a name": cdata("MsgType", "event"),
        "event with an empty name": cdata("MsgType", "event") + cdata("Event", " "),
    }
    name = kit.rng.choice(list(kinds))
    return name, text(kit, MsgType=kinds[name])


WRONG: tuple[Callable[[Kit], tuple[str, str]], ...] = (
    *(_dtd, _deep, _shape, _missing, _empty, _numbers, _positions, _openids, _events),
)
"""Each makes a message that must be refused."""


def wrong(kit: Kit) -> Attempt:
    """A message that must be refused, encrypted or not."""
    name, xml = kit.rng.choice(WRONG)(kit)
    make = kit.sealed if kit.rng.random() < 0.7 else kit.plain
    return make(xml, BAD, f"xml/{name}")


def encodings(kit: Kit) -> Attempt:
    """Bytes that are not what they should be."""
    whole = render(kit.message(kit.openid("oOddity"), "text").values)
    declared = kit.rng.choice(("gbk", "utf-16", "utf-7", "latin-1", "nonsense", "utf-8", "idna"))
    kinds = {
        "UTF-16": whole.encode("utf-16"),
        "GBK": text(kit, Content=cdata("Content", "办理身份证")).encode("gbk", "replace"),
        "UTF-8 cut": whole.encode().replace(CANARY.encode(), "办".encode()[:2]),
        "overlong": whole.encode().replace(CANARY.encode(), b"\xc0\xaf"),
        "invalid bytes": whole.encode().replace(CANARY.encode(), b"\xff\xfe\x80"),
        "random bytes": kit.rng.randbytes(kit.rng.randrange(3_000)),
        f"declared {declared}": f'<?xml version="1.0" encoding="{declared}"?>{whole}'.encode(),
    }
    name = kit.rng.choice(list(kinds))
    make = kit.sealed if kit.rng.random() < 0.7 else kit.plain
    return make(kinds[name], EITHER if "declared" in name else BAD, f"encoding/{name}")


def odd(kit: Kit) -> Attempt:
    """What WeChat would hardly send, but nothing forbids: answered or refused, never a fault."""
    openid = kit.openid("oOddity")
    values = dict(kit.message(openid, "text").values)
    anything = "".join(chr(kit.rng.randrange(1, 0xD800)) for _ in range(kit.rng.randrange(400)))
    name = kit.rng.choice(_FIELDS)
    kinds: dict[str, str] = {
        "any characters": render(values | {"Content": anything}),
        "empty": render(values | {"Content": ""}),
        "blank": render(values | {"Content": " \n\u3000\u200b"}),
        # The rest of the echo is kept for an hour: by few citizens.
        "long": render(values | {"Content": CANARY * 6_000, "FromUserName": openid[:-3] + "000"}),
        "a command": render(values | {"Content": f'/{CANARY}{{"a": "b"}}'}),
        "an unknown type": render(values | {"MsgType": f"{CANARY}办"}),
        "a huge MsgId": render(values | {"MsgId": 10**20 - 1}),
        "a duplicate": render(values).replace("</xml>", cdata(name, CANARY) + "</xml>"),
        "a duplicate before": render(values).replace("<xml>", "<xml>" + cdata(name, CANARY)),
        "elements within": render(values).replace("<Content>", "<Content><b>1</b>"),
        "comments within": render(values).replace("<Content>", f"<Content><!--{CANARY}-->"),
        "any event": render(values | {"MsgType": "event", "Event": anything[:50] or "x"}),
        "any scene": render(
            values | {"MsgType": "event", "Event": "SCAN", "EventKey": anything + CANARY}
        ),
        "any key": render(
            values | {"MsgType": "event", "Event": "CLICK", "EventKey": anything + CANARY}
        ),
        "the bot fails": render(values | {"Content": f"{FAILS} {CANARY} {openid}"}),
        "the bot is silent": render(values | {"Content": f"{SILENT} {CANARY}"}),
    }
    kind = kit.rng.choice(list(kinds))
    make = kit.sealed if kit.rng.random() < 0.7 else kit.plain
    return make(kinds[kind], EITHER, f"odd/{kind}")


def mutated(kit: Kit) -> Attempt:
    """A right message with some bytes changed, dropped, doubled or moved."""
    raw = bytearray(kit.message(kit.openid("oOddity")).xml.encode())
    for _ in range(kit.rng.randrange(1, 6)):
        at, other = kit.rng.randrange(len(raw)), kit.rng.randrange(len(raw))
        kind = kit.rng.randrange(4)
        if kind == 0:
            raw[at] = kit.rng.randrange(256)
        elif kind == 1:
            del raw[at : at + kit.rng.randrange(1, 20)]
        elif kind == 2:
            raw[at:at] = raw[other : other + kit.rng.randrange(1, 80)]
        else:
            raw[at], raw[other] = raw[other], raw[at]
        raw = raw or bytearray(b"<")
    make = kit.sealed if kit.rng.random() < 0.7 else kit.plain
    return make(bytes(raw), EITHER, "mutated message")
