"""The protocol beside wechatpy's: whole encrypted messages both ways, every type, our replies.

wechatpy 1.8 was written by others, from the same documents. Where it deviates on purpose, the tests
say so: it strips blanks around texts, and reads an empty text as none.
"""

from __future__ import annotations

import time
from xml.parsers.expat import ExpatError

import pytest
from hypothesis import given
from hypothesis import strategies as st
from message_world import KINDS, OFFICIAL, contents
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException
from wechatpy.replies import TextReply, deserialize_reply
from wechatpy.utils import WeChatSigner, check_signature

from wechat import crypto
from wechat.account import Account
from wechat.crypto import Cipher, signature
from wechat.envelope import Webhook, seal
from wechat.errors import DecryptError, Refused, SignatureError
from wechat.kinds import Event, EventKind, SentEvent, TextMessage
from wechat.messages import clean, fields, parse, text_reply

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APP_ID = "wx0123456789abcdef"
ACCOUNT = Account(token="token123", app_id=APP_ID, aes_key=KEY, mode="secure")
ASKED = TextMessage(to_user=OFFICIAL, from_user="oA-b_1", create_time=1, msg_id=7, text="?")
tokens = st.text("abcXYZ019", min_size=3, max_size=32)
nonces = st.text("0123456789abc", min_size=1, max_size=20)

webhook = Webhook(ACCOUNT)
theirs = WeChatCrypto(ACCOUNT.token, KEY, APP_ID)


def opened(sealed: str, **query: str):
    """Opens a message that wechatpy encrypted; its own envelope says how it is signed."""
    found = fields(sealed)
    usual = {
        "timestamp": found["TimeStamp"],
        "nonce": found["Nonce"],
        "encrypt_type": "aes",
        "msg_signature": found["MsgSignature"],
    }
    return webhook.open(usual | query, sealed.encode()).message


# --- signatures and encryption ------------------------------------------------------------------


@given(tokens, nonces, st.integers(0, 2**40).map(str))
def test_signatures_are_the_same(token, nonce, stamp):
    signer = WeChatSigner()
    signer.add_data(token, stamp, nonce)
    assert signature(token, stamp, nonce) == signer.signature
    check_signature(token, signature(token, stamp, nonce), stamp, nonce)
    crypto.check_signature(signer.signature, token, stamp, nonce)


@given(tokens, st.text("0123456789abcdef", max_size=40), nonces)
def test_what_they_refuse_we_refuse(token, given_signature, nonce):
    with pytest.raises(InvalidSignatureException):
        check_signature(token, given_signature, "1", nonce)
    with pytest.raises(SignatureError):
        crypto.check_signature(given_signature, token, "1", nonce)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_we_open_what_they_encrypt(kind, data):
    made, nonce = data.draw(KINDS[kind]), data.draw(nonces)
    sealed = theirs.encrypt_message(made.xml, nonce, str(int(time.time())))
    assert opened(sealed) == made.message


@given(contents)
def test_they_open_what_we_encrypt(text):
    now = int(time.time())
    xml = text_reply(ASKED, text, now=now)
    sealed = seal(xml, Cipher(KEY, APP_ID), ACCOUNT.token, now)
    found = fields(sealed)
    assert theirs.decrypt_message(sealed, found["MsgSignature"], str(now), found["Nonce"]) == xml


@given(nonces, st.sampled_from(["msg_signature", "nonce", "timestamp"]), st.integers(0, 9))
def test_both_refuse_what_was_changed(nonce, name, digit):
    now = str(int(time.time()))
    sealed = theirs.encrypt_message("<xml/>", nonce, now)
    right = {"msg_signature": fields(sealed)["MsgSignature"], "nonce": nonce, "timestamp": now}
    changed = right | {name: f"{digit}{right[name][1:]}x"}
    if name == "timestamp":  # still a number, and near
        changed["timestamp"] = str(int(now) - 1 - digit)
    with pytest.raises(SignatureError):
        opened(sealed, **changed)
    with pytest.raises(InvalidSignatureException):
        theirs.decrypt_message(
            sealed, changed["msg_signature"], changed["timestamp"], changed["nonce"]
        )


@given(contents, st.sampled_from(["wx9999999999999999", "", "wx0123456789abcde"]))
def test_both_refuse_another_app(text, app_id):
    ciphertext = Cipher(KEY, app_id).encrypt(text)
    with pytest.raises(DecryptError):
        Cipher(KEY, APP_ID).decrypt(ciphertext)
    now = str(int(time.time()))
    signed = signature(ACCOUNT.token, now, "1", ciphertext)
    with pytest.raises(InvalidAppIdException):
        theirs.decrypt_message(f"<xml><Encrypt>{ciphertext}</Encrypt></xml>", signed, now, "1")


# --- messages -----------------------------------------------------------------------------------

TYPES = {
    "text": {"content": "Content"},
    "voice": {"recognition": "Recognition", "media_id": "MediaId", "format": "Format"},
    "image": {"image": "PicUrl", "media_id": "MediaId"},
    "video": {"media_id": "MediaId", "thumb_media_id": "ThumbMediaId"},
    "link": {"title": "Title", "description": "Description", "url": "Url"},
    "location": {"label": "Label"},
}
"""wechatpy's attributes, and the fields they come from."""


def stripped(text) -> str:
    return clean(text or "").strip()


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_the_same_is_read_in_a_message(kind, data):
    made = data.draw(KINDS[kind])
    ours, other = parse(made.xml), parse_message(made.xml)
    assert (other.source, other.target) == (ours.from_user, ours.to_user)
    assert (other.time or 0) == ours.create_time
    if ours.msg_id is not None:
        assert (other.id or 0) == ours.msg_id
    for attribute, name in TYPES.get(kind, {}).items():
        assert stripped(getattr(other, attribute)) == stripped(made.values.get(name))


@given(KINDS["text"])
def test_the_same_text_is_read(made):
    assert stripped(parse_message(made.xml).content) == parse(made.xml).text.strip()


@given(KINDS["voice"])
def test_the_same_words_are_heard(made):
    assert stripped(parse_message(made.xml).recognition) == (parse(made.xml).recognition or "")


@given(KINDS["location"])
def test_the_same_place_is_read(made):
    ours, other = parse(made.xml), parse_message(made.xml)
    assert tuple(map(float, other.location)) == (ours.latitude, ours.longitude)
    assert stripped(other.label) == ours.label


@given(KINDS["events"])
def test_the_same_event_is_read(made):
    ours, other = parse(made.xml), parse_message(made.xml)
    assert isinstance(ours, Event)
    known = {
        "subscribe": EventKind.SUBSCRIBE,
        "subscribe_scan": EventKind.SUBSCRIBE,
        "unsubscribe": EventKind.UNSUBSCRIBE,
        "scan": EventKind.SCAN,
        "click": EventKind.CLICK,
        "view": EventKind.VIEW,
    }
    assert known.get(other.event if hasattr(other, "event") else "", EventKind.OTHER) is ours.kind
    if ours.scene.strip():
        assert stripped(other.scene_id) == ours.scene.strip()
    elif ours.kind in {EventKind.CLICK, EventKind.VIEW}:
        key = other.key if ours.kind is EventKind.CLICK else other.url
        assert stripped(key) == ours.key.strip()


@given(KINDS["template result"])
def test_the_same_result_is_read(made):
    ours, other = parse(made.xml), parse_message(made.xml)
    assert isinstance(ours, SentEvent)
    (sending,) = ours.sendings
    assert ((other.id or 0), other.status) == (sending.number, sending.reason)


# --- replies ------------------------------------------------------------------------------------


@given(contents)
def test_they_read_our_replies(text):
    reply = deserialize_reply(text_reply(ASKED, text, now=7))
    assert isinstance(reply, TextReply)
    assert (reply.source, reply.target, reply.time) == (OFFICIAL, "oA-b_1", 7)
    assert stripped(reply.content) == stripped(text)


@given(contents)
def test_we_read_their_replies(text):
    text = clean(text).replace("]]>", "")  # theirs doesn't guard against the end of CDATA
    message = parse_message("<xml><MsgType>text</MsgType><FromUserName>oA</FromUserName></xml>")
    xml = TextReply(content=text, message=message).render()
    assert fields(xml)["Content"] == text


@given(st.text(max_size=200) | st.binary(max_size=100).map(lambda raw: raw.decode("latin-1")))
def test_what_is_no_xml_to_them_is_none_to_us(text):
    try:
        parse_message(text or "-")
    except (ExpatError, ValueError):  # also for entities, which neither takes
        with pytest.raises(Refused):
            parse(text)
    except (KeyError, TypeError, AttributeError):
        pass
