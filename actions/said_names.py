"""Which name and which mobile number a message gives; what is no name.

The forms that ask for a name share this. It reads evidence and decides nothing else.
"""

from __future__ import annotations

import re

from actions.aspects import Aspect
from actions.evidence import Evidence
from actions.slots import DIGRESSIONS, ERRANDS
from desk.names import SURNAMES

NO_NAMES = frozenset({"affirm", "deny", "choose", "greet", "thanks", "goodbye", "help", "human"})
"""Intents whose words are no names when the classifier is quite sure (好的, 没有)."""
_QUITE_SURE = 0.6
MOBILE = re.compile(r"(?<!\d)(?:\+?86)?[ -]?(1[3-9]\d)[ -]?(\d{4})[ -]?(\d{4})(?!\d)")
_NAME_PREFIX = re.compile(r"^(我叫|我是|我的名字是|名字是|名字叫|姓名是|姓名|叫我|叫)[:\uff1a\s]*")
_CORRECTED = re.compile(
    r"(?:姓名|名字).*?(?:应该是|改成|改为|换成|叫|是)\s*([\u4e00-\u9fff·]{2,15})$"
)
"""姓名写错了，叫诸葛明."""
_SHORT_NAME = re.compile(rf"^[{SURNAMES}][\u4e00-\u9fff]{{1,2}}$")
_CORRECTS_NAME = re.compile(
    r"^(?:不对|不是|错了|写错了|搞错了)[，,。\s]*(?:我叫|姓名是?|名字是?|叫)(.+)$"
)
SPEAKS_OF_NAME = re.compile(r"姓名|名字|^我?叫|^我是")
_PHONE_WORDS = re.compile(
    r"[\s,;、\uff0c\uff1b]*(?:联系)?(?:电话|手机号?|号码)(?:号码)?是?[:\uff1a\s]*$"
)
_BETWEEN_CHARACTERS = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
_NO_NAME = re.compile(
    r"^[我俺咱你您他她]|干嘛|^(?:本人|我?自己|好的?|是的?|可以|行|嗯+|对的?|确认|没错|没有)$|[吗呢吧么]$|的那个|哪|什么|怎么|不知道|写错|错了|到[了啦咯]|[报签]到|可以|预约|取消"
)
NAME = re.compile(
    r"^(?:[\u4e00-\u9fff]{2,15}"
    r"|[\u4e00-\u9fff]{1,14}(?:·[\u4e00-\u9fff]{1,14})+"
    r"|[A-Za-z][A-Za-z .·'-]{1,29})$"
)
_EDGES = re.compile(r"^[\s,;。、\uff0c\uff1b]+|[\s,;。、\uff0c\uff1b]+$")
ANY_TIME = re.compile(r"都行|随便|都可以|最早|最近|最快|越[快早]越好|尽快|哪个都")


def corrected_name(evidence: Evidence) -> str | None:
    """The name that a message puts in the place of another: 不对，我叫李贺; 姓名改成李贺."""
    other = _CORRECTS_NAME.match(evidence.written)
    if other and NAME.match(other[1].strip()):
        return other[1].strip()
    return said_name(evidence) if SPEAKS_OF_NAME.search(evidence.written) else None


def said_name(evidence: Evidence) -> str | None:
    """The name that a message gives, in the script in which it was written; or None."""
    text, mobiles = MOBILE.subn("", evidence.written)
    asks = set(evidence.aspects) - ({Aspect.PHONE} if mobiles else set())
    text = _EDGES.sub("", _PHONE_WORDS.sub("", text))
    corrected = _CORRECTED.search(text)
    text = corrected[1] if corrected else _EDGES.sub("", _NAME_PREFIX.sub("", text))
    text = _BETWEEN_CHARACTERS.sub("", text)
    no_names = NO_NAMES | ERRANDS | (DIGRESSIONS - {"ask", "arrive"})  # 周到 is a name
    courtesy = evidence.intent in no_names and evidence.confidence >= _QUITE_SURE
    no_name = _NO_NAME.search(text) or ANY_TIME.search(text)
    if not NAME.match(text) or courtesy or no_name:
        return None
    if (asks or evidence.sure) and not _SHORT_NAME.match(text):  # 钱多多 asks for no fee
        return None
    return text
