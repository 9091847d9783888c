"""Tells the intent classifier what is known about a message beyond its words.

What the catalogue's search saw, whether a time is named, and signs of form (a number plate, a
mobile number, a name, an ordinal, a question) stand beside the words, so that the classifier also
understands what no training example says. In training the search and the times, which Rasa leaves
out there, are read from the catalogue's content.
"""

from __future__ import annotations

import re

from rasa.shared.nlu.constants import ENTITIES, ENTITY_ATTRIBUTE_TYPE, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu import services, when
from service_catalog.clock import now
from service_catalog.search import SearchIndex

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程"
    "苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝"
    "龚邵万钱严覃武戴莫孔向汤"
)
_NO_NAME = "吗呢不了的吧啊办证号点要行没有"
_PLACES = (
    "北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东"
    "|海南|四川|贵州|云南|陕西|甘肃|青海|内蒙古?|广西|西藏|宁夏|新疆|深圳|广州|杭州|南京|武汉|成都|西安"
    "|苏州|郑州|长沙|东莞|青岛|沈阳|宁波|昆明|大连|厦门|合肥|佛山|福州|哈尔滨|济南|温州|长春|石家庄|南宁"
    "|贵阳|太原|兰州|海口|三亚|东北"
)
_COUNTRIES = (
    "美国|日本|韩国|英国|法国|德国|加拿大|澳洲|澳大利亚|新加坡|泰国|俄罗斯|意大利|欧洲|马来西亚|越南"
    "|新西兰|申根|签证|绿卡|移民"
)
SIGNS: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "mobile": r"(?<!\d)1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)",
        "id_number": r"(?<!\d)\d{17}[\dx](?![\da-z])",
        "long_number": r"\d{12,}|(?<![a-z])[a-z]{2}\d{8,}",
        "plate": r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼] ?[a-z][·. ]?"
        r"(?:[a-z0-9] ?){4,5}[a-z0-9挂]",
        "ordinal": r"第[一二两三四五六七八九十\d]+[个项种条]?|[最倒]后[一那第]"
        r"|^选?[一二三四五六七八九十]$",
        "digits": r"^[\d.、。()（）①-⑩ ]{1,4}$",
        "introduces": r"(?:我叫|我是|姓名|名字|叫我|我姓|本人)",
        "name": rf"^[{_SURNAMES}][^{_NO_NAME}\W\da-z]{{1,2}}$",
        "address": r"[镇村组街巷路栋]\w{0,6}(?:\d|[一二三四五六七八九十])+(?:组|号|栋|单元|室|楼)?$"
        r"|[社区村镇组]$",
        "age": r"\d+ *(?:岁|周岁)|[一二三四五六七八九十]+岁",
        "question": r"[?？吗么嘛呢]|不$|没$|没有$|是不是|能不能|有没有|可不可以|要不要|用不用|多少"
        r"|几",
        "asks": r"怎么|怎样|咋|如何|什么|啥|哪|谁|多久|多大|多长|为何|为什么|凭",
        "wants": r"^(?:那|你好|请|麻烦)?[,，]?(?:我|俺|我们)?(?:想|要|想要|需要|准备|打算)",
        "asks_for": r"^(?:请|麻烦|帮我|给我|替我|帮|给)",
        "refuses": r"^(?:不|别|没|都不|算了)",
        "exclaims": r"[!！]|太|真|好[棒差慢快]|极了|死了",
        "elsewhere": _PLACES,
        "abroad": _COUNTRIES,
        "here": r"这里|这边|这儿|你们|本地|我们区|过来|转到|迁到|清禾|在这",
        "latin": r"^[\sa-z'?.!,]+$",
        "no_words": r"^[^\w]+$",
        "booked": r"(?:预约|约)(?:的|了|好)|我的(?:号|预约)|那个号|约过",
    }.items()
}
_BANDS = {
    "best": (0.15, 0.3, 0.45, 0.62, 0.8, 0.95),
    "outside": (0.1, 0.2, 0.3, 0.4, 0.55),
    "absent": (0.1, 0.2, 0.35, 0.5),
    "leaning": (-0.9, -0.6, -0.3, 0.0, 0.3, 0.6, 0.9),
}
_LENGTHS = (1, 2, 3, 5, 8, 12, 20, 35)
_CHOICES = ("none", "ask", "answer")


def _band(name: str, value: float, bounds: tuple[float, ...]) -> list[str]:
    """Every bound that the value reaches, so that near values share most of their features."""
    return [f"{name}>{bound}" for bound in bounds if value > bound]


def noted(text: str, search: dict[str, float], *, timed: bool) -> list[str]:
    """The names of the signs that a message has.

    Args:
        text: The message.
        search: What the search saw (`bot.nlu.services.look`).
        timed: Whether the message names a time.
    """
    short = text.strip()
    features = [name for name, pattern in SIGNS.items() if pattern.search(short)]
    features += [f"found_{_CHOICES[int(search['decided'])]}"]
    for name, bounds in _BANDS.items():
        features += _band(name, search[name], bounds)
    features += _band("length", len(short), tuple(map(float, _LENGTHS)))
    if timed:
        features.append("timed")
        features += ["timed_short"] if len(short) <= 8 else []
    if search["tells"]:
        features.append("tells")
    if "elsewhere" in features and "here" not in features:
        features.append("elsewhere_not_here")
    return features


def read(index: SearchIndex, text: str) -> frozenset[str]:
    """The signs of a text that no component has seen, as in training."""
    _, search = services.look(index, text)
    return frozenset(noted(text, search, timed=when.read_time(text, now()) is not None))


def known(message: Message) -> frozenset[str]:
    """The signs of a message, from what ServiceLinker and TimeExtractor have found.

    Raises:
        ValueError: The pipeline has no ServiceLinker before this.
    """
    search = message.get(services.SIGNS)
    if search is None:
        raise ValueError("config.yml: bot.nlu.services.ServiceLinker must stand before this.")
    kinds = {entity.get(ENTITY_ATTRIBUTE_TYPE) for entity in message.get(ENTITIES, [])}
    return frozenset(noted(message.get(TEXT) or "", search, timed=when.ENTITY in kinds))
