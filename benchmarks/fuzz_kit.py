"""What malformed requests are made with: an account, signatures, ciphertexts, HTTP as bytes.

Deliberately not `wechat.envelope` and `wechat.simulator`: they can only do it right.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from wechat.account import Account
from wechat.messages import render

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OTHER_KEY = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"
ACCOUNT = Account(
    token="fuzzTokenOfTheHall01",  # noqa: S106 - of nobody
    app_id="wx0123456789abcdef",
    aes_key=KEY,
    mode="compatible",
)
OFFICIAL = "gh_0123456789ab"
PATH = "/webhooks/wechat/webhook"
CANARY = "KANARI"
"""Stands in everything that a citizen could have written; no log may have it."""
GRACE = 0.5
"""Seconds until the server forgets a connection that was closed; five in a hall."""
SECRETS = (CANARY, ACCOUNT.token, KEY, "oControl", "oForged", "oOddity", "oShared")
"""What no log may hold: of openids it may show four letters."""
ANSWER = "答："
"""What stands before the bot's echo."""
FAILS = "!fail"
"""Whoever writes this makes the bot fail, with the citizen's words in its error."""
SILENT = "!silent"
"""Whoever writes this gets no answer from the bot."""
SOMETHING = "(something)"
"""Stands for any text: the channel's own words for what it can't read."""
CITIZENS = 400
ANY = frozenset(range(200, 500))
REFUSED = frozenset({400, 403})
_WORDS = "办身份证社保卡丢了怎么补要带什么材料几点开门在哪个窗口👌🏽𠮷 abc<>&\"']]>"

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Attempt:
    """One request, and what may become of it.

    Attributes:
        name: What is wrong with it.
        pieces: Its bytes, written one after the other.
        allowed: The statuses it may be answered with.
        says: With 200: the text that the citizen must read, "" when nothing; None when anything
            that is a proper answer will do.
        openid: Whom a reply must be for.
        sealed: A reply must be encrypted.
        echo: With 200 the body must be this, and no reply.
        may_close: The connection may be closed without an answer.
        pause: Seconds between the pieces.
        ends: The client's side of the connection is shut after the last piece.
        drops: The connection is dropped after the last piece, the answer not awaited.
        deliveries: So many connections bring it at the same moment; one gets the answer.
        then: What is sent on the same connection once this is answered.
    """

    name: str
    pieces: tuple[bytes, ...]
    allowed: frozenset[int]
    says: str | None = None
    openid: str = ""
    sealed: bool = True
    echo: bytes | None = None
    may_close: bool = False
    pause: float = 0.0
    ends: bool = False
    drops: bool = False
    deliveries: int = 1
    then: Attempt | None = None


@dataclass
class Kit:
    """Makes the parts of one request, the same ones for the same seed and index.

    Attributes:
        now: The time stamp that a right request has; all else follows from seed and index.
    """

    seed: int
    index: int
    now: int
    account: Account = ACCOUNT
    rng: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.rng = random.Random(f"{self.seed} {self.index}")  # noqa: S311 - repeatable
        self._message = 0

    def openid(self, kind: str = "oControl") -> str:
        """One of a fixed number of citizens: who does it right, or must never be heard."""
        return f"{kind}{self.rng.randrange(CITIZENS):0{28 - len(kind)}d}"

    def words(self) -> str:
        """Something to say."""
        some = "".join(self.rng.choices(_WORDS, k=self.rng.randrange(40)))
        return f"问{some}{CANARY}{self.rng.randrange(10**6)}"

    def number(self) -> int:
        """A message's number, or an event's second: used once in a run."""
        self._message += 1
        return 1_600_000_000 + self.index * 16 + self._message

    # --- messages ---

    def common(self, kind: str, openid: str) -> dict[str, str | int]:
        """The fields that every message has, in WeChat's order."""
        return {
            "ToUserName": OFFICIAL,
            "FromUserName": openid,
            "CreateTime": self.number(),
            "MsgType": kind,
        }

    def message(self, openid: str | None = None, kind: str | None = None) -> Right:
        """A right message of any type."""
        openid = openid or self.openid()
        kind = kind or self.rng.choices(list(KINDS), weights=list(KINDS.values()))[0]
        if kind[0].isupper() or kind.startswith("e:"):
            return self._event(openid, kind.removeprefix("e:"))
        words = self.words()
        picture = {"PicUrl": f"https://mmbiz.qpic.cn/{CANARY}", "MediaId": CANARY}
        video = {"MediaId": CANARY, "ThumbMediaId": CANARY}
        link = {"Title": words, "Description": words, "Url": f"https://example.com/?{CANARY}"}
        where: dict[str, str | int] = {
            "Location_X": "23.134521",
            "Location_Y": "113.358803",
            "Scale": 20,
        }
        place = '/located{"latitude": "23.137058", "longitude": "113.353323"}'  # in WGS 84
        fields: dict[str, tuple[Mapping[str, str | int], str]] = {
            "text": ({"Content": words}, ANSWER + words),
            "voice": ({"MediaId": "m", "Format": "amr"}, SOMETHING),
            "heard": ({"MediaId": "m", "Format": "amr", "Recognition": words}, ANSWER + words),
            "image": (picture, SOMETHING),
            "video": (video, SOMETHING),
            "shortvideo": (video, SOMETHING),
            "location": (where | {"Label": words}, ANSWER + place),
            "link": (link, SOMETHING),
        }
        values, says = fields[kind]
        common = self.common("voice" if kind == "heard" else kind, openid)
        return Right(openid, {**common, **values, "MsgId": self.number()}, says)

    def _event(self, openid: str, name: str) -> Right:
        key = f"{CANARY}.{self.rng.randrange(10**4)}"
        keys = {"subscribe": f"qrscene_{key}", "SCAN": key, "CLICK": f"问{key}"}
        says = {"SCAN": f'/scanned{{"scene": "{key}"}}', "CLICK": f"问{key}"}
        says["subscribe"] = says["SCAN"]
        answer = ANSWER + says[name] if name in says else ""
        values = {"Event": name, "EventKey": keys.get(name, "")}
        return Right(openid, {**self.common("event", openid), **values}, answer)

    # --- signatures and ciphertexts ---

    def query(self, ciphertext: str | None = None, *, openid: str = "", offset: int = 0) -> Pairs:
        """A right query; with a ciphertext, that of an encrypted message."""
        stamp, nonce = str(self.now + offset), str(self.rng.randrange(10**10))
        token = self.account.token
        found = [
            ("signature", sign(token, stamp, nonce)),
            ("timestamp", stamp),
            ("nonce", nonce),
            ("openid", openid or self.openid("oOddity")),
        ]
        if ciphertext is not None:
            signature = sign(token, stamp, nonce, ciphertext)
            found += [("encrypt_type", "aes"), ("msg_signature", signature)]
        return found

    def salted(
        self, message: bytes, *, app_id: bytes | None = None, length: bytes | None = None
    ) -> bytes:
        """What is encrypted, without its padding."""
        size = len(message).to_bytes(4, "big") if length is None else length
        tail = self.account.app_id.encode() if app_id is None else app_id
        return self.rng.randbytes(16) + size + message + tail

    def seal(self, message: str | bytes) -> str:
        """Encrypts as WeChat does."""
        raw = message.encode("utf-8", "surrogatepass") if isinstance(message, str) else message
        return encrypt(pad(self.salted(raw)))

    # --- requests ---

    def sealed(self, xml: str | bytes, allowed: frozenset[int], name: str) -> Attempt:
        """A right request whose encrypted message may be anything."""
        ciphertext = self.seal(xml)
        request = post(self.query(ciphertext), envelope(ciphertext))
        return Attempt(name, (request,), allowed)

    def plain(self, xml: str | bytes, allowed: frozenset[int], name: str) -> Attempt:
        """The same, not encrypted; refused whatever it is where that isn't allowed."""
        raw = xml.encode("utf-8", "surrogatepass") if isinstance(xml, str) else xml
        allowed = frozenset({403}) if self.account.mode == "secure" else allowed
        return Attempt(name + ", plain", (post(self.query(), raw),), allowed, sealed=False)

    def right(self, message: Right | None = None, name: str = "right") -> Attempt:
        """A request with nothing wrong."""
        message = message or self.message()
        ciphertext = self.seal(message.xml)
        request = post(self.query(ciphertext, openid=message.openid), envelope(ciphertext))
        return message.attempt(name, request)


KINDS = {
    **{"text": 40, "heard": 5, "voice": 2, "image": 2, "video": 1, "shortvideo": 1, "link": 1},
    **{"location": 3, "e:subscribe": 2, "e:unsubscribe": 1, "SCAN": 2, "CLICK": 5, "VIEW": 1},
    **{"LOCATION": 2, "TEMPLATESENDJOBFINISH": 1, "e:subscribe_msg_popup_event": 1},
    **{"e:subscribe_msg_change_event": 1, "e:subscribe_msg_sent_event": 1},
}
"""The types of messages and how often they come; "heard" is a voice message that was recognised."""


@dataclass(frozen=True)
class Right:
    """A message as WeChat would send it, and what must be answered."""

    openid: str
    values: Mapping[str, str | int]
    says: str

    @property
    def xml(self) -> str:
        """Its text."""
        return render(self.values)

    def attempt(self, name: str, *pieces: bytes) -> Attempt:
        """A request that must be answered right."""
        return Attempt(name, pieces, frozenset({200}), says=self.says, openid=self.openid)


def sign(*parts: str) -> str:
    """SHA-1 over the sorted parts."""
    joined = "".join(sorted(parts)).encode("utf-8", "surrogatepass")
    return hashlib.sha1(joined).hexdigest()  # noqa: S324 - WeChat's


def pad(data: bytes) -> bytes:
    """PKCS#7 to 32 bytes."""
    size = 32 - len(data) % 32
    return data + bytes([size]) * size


def encrypt(data: bytes, key: str = KEY) -> str:
    """Encrypts whole blocks as they are."""
    raw = base64.b64decode(key + "=")
    encryptor = BlockCipher(AES(raw), CBC(raw[:16])).encryptor()
    return base64.b64encode(encryptor.update(data) + encryptor.finalize()).decode()


def envelope(ciphertext: str) -> bytes:
    """The outer XML of an encrypted message."""
    return render({"ToUserName": OFFICIAL, "Encrypt": ciphertext}).encode()


def encoded(pairs: Iterable[tuple[str, str]]) -> str:
    """A query's text."""
    return "&".join(
        f"{quote(name, safe='')}={quote(value, safe='', errors='surrogateescape')}"
        for name, value in pairs
    )


def post(
    query: Pairs | str | bytes, body: bytes, *headers: str, method: str = "POST", path: str = PATH
) -> bytes:
    """A request's bytes; a header that is given takes the place of the usual one."""
    if not isinstance(query, (str, bytes)):
        query = encoded(query)
    raw = query if isinstance(query, bytes) else query.encode("utf-8", "surrogateescape")
    usual = {"host": "Host: hall", "content-type": "Content-Type: text/xml"}
    usual["content-length"] = f"Content-Length: {len(body)}"
    for header in headers:
        name = header.partition(":")[0].lower()
        usual.pop("content-length" if name == "transfer-encoding" else name, None)
    lines = "\r\n".join((*usual.values(), *headers))
    start = method.encode() + b" " + path.encode() + b"?" + raw + b" HTTP/1.1\r\n"
    return start + lines.encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def named(attempt: Attempt, name: str) -> Attempt:
    """The same under another name."""
    return replace(attempt, name=name)


def account_json(account: Account) -> str:
    """The account for the server's process."""
    return json.dumps(vars(account))
