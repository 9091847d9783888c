"""Small catalogues and lexicons made by hand, and the search over the shipped catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

import service_catalog
from booking.testing import sample_service
from service_catalog.loader import Loader
from service_catalog.model import Draft, Lexicon, Service
from service_catalog.search import Found, Sayings, SearchIndex
from service_catalog.search.reading import Reader
from service_catalog.search.spelling import Spelling

SHIPPED = Path(service_catalog.__file__).parent / "content"

LEXICON: Mapping[str, Any] = {
    "words": [
        {"say": ["社保卡"], "mean": "社会保障卡"},
        {"say": ["身份证"], "mean": "居民身份证"},
        {"say": ["弄丢了", "不见了"], "mean": "丢了"},
    ],
    "entries": [
        {"mean": ["居民身份证丢失补领", "居民身份证到期换领"], "say": ["身份证被洗衣机洗坏了"]},
        {"mean": ["社会保障卡申领"], "say": ["看病刷的那张卡怎么办", "刚参加工作要办社保卡"]},
        {"mean": ["犬类准养证核发"], "say": ["给狗办个证", "养狗要登记吗"]},
    ],
    "outside": [
        {"name": "投诉", "say": ["办身份证的窗口态度恶劣", "排队排了半天没人管"]},
        {"name": "闲聊", "say": ["今天天气真好", "你是机器人吗"]},
    ],
    "operations": [
        {"name": "补办", "words": ["补领", "补办", "丢失", "丢了"], "needed": True},
        {"name": "换发", "words": ["换领", "换证", "到期"]},
        {"name": "注销", "words": ["注销"], "needed": True},
    ],
    "audiences": [{"name": "军人", "words": ["军人", "退伍"]}],
    "situations": [{"name": "临时", "words": ["临时"]}, {"name": "死亡", "words": ["去世"]}],
    "elsewhere": ["北京"],
    "fillers": ["我想", "请问", "怎么办", "一下", "吗", "的", "要", "办", "去", "会"],
}
"""A lexicon with one of everything."""


def service(service_id: str, name: str, *aliases: str) -> Service:
    """A service of which only its words matter."""
    return sample_service(service_id, name, None).copy(update={"aliases": aliases})


def draft(draft_id: str, name: str, *aliases: str) -> Draft:
    return Draft.parse_obj(
        {"id": draft_id, "name": name, "aliases": aliases, "department": "公安分局"}
    )


ITEMS = (
    service("id-renew", "居民身份证到期换领", "换身份证"),
    service("id-replace", "居民身份证丢失补领", "补身份证"),
    service("id-temporary", "临时居民身份证申领"),
    service("social-card", "社会保障卡申领"),
    service("marriage", "内地居民结婚登记", "领结婚证"),
    service("kindergarten", "民办幼儿园设立许可"),
)


def lexicon(**parts: object) -> Lexicon:
    return Lexicon.parse_obj(parts)


def index_of(
    items: Sequence[Service] = ITEMS, drafts: Sequence[Draft] = (), **parts: object
) -> SearchIndex:
    """The search over a few items with a lexicon of the test's own; without one, an empty one."""
    return SearchIndex(items, Sayings(lexicon(**parts)), drafts)


@cache
def small_index() -> SearchIndex:
    """The search over `ITEMS` with `LEXICON`."""
    return index_of(**LEXICON)


def reader_of(*texts: str, **parts: object) -> Reader:
    """A reader that takes the words of `texts` as well spelled."""
    return Reader(lexicon(**parts), Spelling(texts))


def ids(found: Found) -> list[str]:
    return [str(hit.id) for hit in found.hits]


@cache
def shipped_index() -> SearchIndex:
    """The search over the catalogue as it is shipped, made once: its lexicon takes a second."""
    return Loader(SHIPPED).load().index


WORDS = st.one_of(
    st.text(max_size=40),
    st.text(
        st.sampled_from("居民身份证到期换领丢失补社会保障卡结婚狗窗口态度北京注销的,😀a"),
        max_size=30,
    ),
)
"""Messages: any text, and texts of the characters that names and sayings are made of."""
