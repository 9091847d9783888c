"""Where the names of persons stand in a Chinese text.

Four kinds of evidence, from sure to likely: a middle dot between Chinese characters, a title after
the name, words before the name that introduce it, and jieba's opinion about a bare word. jieba
calls many words of an office a name (许可, 养老金, 安置费), so a bare word counts only when it
begins with a surname, has a name's length, ends in no character that official words end in, and is
no frequent word. `desk.masking` asks here.
"""

from __future__ import annotations

import logging
import re
import threading
import warnings
from collections.abc import Iterator
from functools import cache
from typing import Any

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏"
    "苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚"
    "邵万覃武钱戴严莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳"
    "甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶"
    "解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟"
    "邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
_RARE = "付向常康施文安齐易申欧关单成路游管华房解时农司车项连党费全应师和商明查古石温金任万方于卫边"
"""Surnames that are first of all everyday characters: a bare word of two is no name by them."""
_COMPOUND = (
    *("欧阳", "司马", "上官", "诸葛", "司徒", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐"),
    *("宇文", "长孙", "夏侯", "轩辕", "端木", "百里", "南宫", "独孤", "呼延"),
)
_SURNAME = f"(?:{'|'.join(_COMPOUND)}|[{SURNAMES}])"
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
_NO_GIVEN = (
    "的了是在有和与跟给到去来办要想问请您你我他她它们不没这那个些"
    "吗呢吧啊哪怎什么为被把从就都也还能会"
)
"""Characters that stand in no given name."""
_HAN_ONE = re.compile(rf"[{_HAN}]")
_GIVEN = rf"[{_HAN}](?<![{_NO_GIVEN}])"

_DOTTED = re.compile(rf"(?:{_GIVEN}){{1,8}}(?:[·•・‧](?:{_GIVEN}){{1,8}})+")
_TITLES = "阿姨|大爷|大妈|大叔|师傅|同志|老师"
_TITLED = re.compile(
    rf"{_SURNAME}(?:{_GIVEN}){{0,2}}(?=先生|女士|小姐)"
    rf"|[{SURNAMES}](?<![{_RARE}])(?={_TITLES})"
)
_SURE_CUE = re.compile(
    r"(?:我(?:的)?(?:名字|姓名)(?:叫|是)?|姓名(?:是|为|叫)?|名字(?:叫|是)?|名叫|我叫)[:： ]{0,2}"
)
_CUE = re.compile(
    r"(?:我是|本人是?|申请人|联系人|经办人|户主|法人|负责人"
    r"|(?:老公|老婆|儿子|女儿|父亲|母亲|爱人|孩子)叫)[:： ]{0,2}"
)
_NAME = re.compile(rf"(?:{'|'.join(_COMPOUND)})(?:{_GIVEN}){{1,2}}|[{SURNAMES}](?:{_GIVEN}){{1,3}}")
_STARTS_NO_NAME = re.compile(r"[号不了到车什谁啥人过错对写能可改的登填都里不有没要怎在和与上]")
_ENDS_NAME = re.compile(rf"[^{_HAN}]|$")

_OFFICIAL_ENDINGS = (
    "费证金卡法生户园院馆所厂路街村镇乡区县市省站局处科部委办厅校班室店场楼房车船人员工师医家族"
    "书表单册票款税险保补贴线桥河湖山江海岛湾池塔寺庙庄苑城府州国品料材物业务制度案件权利务章号码"
    "库网机器具板墙灯树木花草林田地土石沙水电气火油粮米面菜肉奶茶酒药病症"
)
"""Characters in which words of the office end and names seldom do."""
_WORDS = """
安全 安家 安心 安排 康养 康复 康宁 成功 成立 高一 高二 高三 高中 高考 万元 万一 万分之 方便 任何
常常 常住 时候 时间 明年 明天 明白 关于 关闭 关东煮 全部 全家 应该 应届 应聘 和谐 和平 和配偶
单位 单独 单亲 单身汉 管理 解除 解决 解释 连续 连锁 费用 申请 申报 申领 查询 查一查 付钱 付款
房东 房产 向阳 向北走 华为 古树 古树名 师范 农村 农民 农家乐 党员 车主 车辆 项目 路上 游客 石头
温泉 金额 余额 余下 钱款 周末 周一 周二 周三 周四 周五 周六 周日 周几 周边 周围 周岁 周转 程序
程度 方案 方式 毕业 毕竟 许可 许可证 许多 白天 白改黑 白鹭 白干 白搭 毛坯 马上 马路边 马拉松
黄牛 黄狗 夏天 夏令营 江湖 田里 田埂 田坎 施工 施工图 简单 简历 简易 阳光 宁可 包括 包含 包吃
包工 祝福 童年 景区 景点 麦田 米线 冷静 宗教 商品 商户 沙场 沙尘暴 荣誉 麻烦 麻精 迟到 迟迟 迟延
池塘 左右 左转 甘肃 牛羊 文昌 文昌阁 盛世 温馨 钟楼 张贴 张数 张榜 谢谢 谢谢您 多谢 卫健 卫健委
卫生巾 花名册 易地 曾用名 苗圃 龙舟赛 龙卷风 芦苇荡 梅花鹿 戴眼镜 戴帽子 艾滋 巩固率 郑重声明
蓝印 边立 钱全 钱少 钱比 钱太高 周大福
"""
_NO_NAMES = frozenset(_WORDS.split())
"""Words that jieba takes for names, gathered from the hall's sayings and official names."""
_PLACE_AFTER = re.compile(
    r"(?:大道|小区|社区|街道|公园|广场|大厦|大厅|中学|小学|医院|学校|公司|超市|商场|银行|酒店|饭店"
    r"|[路街巷村镇乡区县市省州桥站湖河山岛湾塔寺庙苑庄屯院])"
)
_RATHER_WORD = 60
"""A bare word of two that jieba has seen more often than this is a word, no name."""


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Where names stand, from left to right; they may overlap."""
    found = [
        *(match.span() for match in _DOTTED.finditer(text)),
        *(match.span() for match in _TITLED.finditer(text)),
        *_introduced(text),
        *_bare(text),
    ]
    return iter(sorted(found, key=lambda span: (span[0], -span[1])))


def tokenizer() -> Any:  # noqa: ANN401 - jieba is untyped
    """A segmenter of our own: jieba's global one belongs to whoever changes its dictionary."""
    with _loading:
        return _load()


@cache
def _load() -> Any:  # noqa: ANN401
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jieba still imports pkg_resources
        import jieba  # noqa: PLC0415 - a second, only where names are looked for
        import jieba.posseg  # noqa: PLC0415
    jieba.setLogLevel(logging.WARNING)
    segmenter = jieba.posseg.POSTokenizer(jieba.Tokenizer())
    segmenter.lcut("先读好词典")
    segmenter.known = frozenset(jieba.posseg.char_state_tab_P)
    return segmenter


_loading = threading.Lock()


def _introduced(text: str) -> Iterator[tuple[int, int]]:
    for cue in _SURE_CUE.finditer(text):
        stop = _sure_end(text, cue.end())
        if stop is not None:
            yield cue.end(), stop
    for cue in _CUE.finditer(text):
        name = _NAME.match(text, cue.end())
        if name is not None:
            stop = _as_cut(text, name.start(), name.end())
            if stop is not None:
                yield name.start(), stop


def _sure_end(text: str, start: int) -> int | None:
    """Where the name ends that begins at `start` after words that introduce one; None: no name."""
    if _STARTS_NO_NAME.match(text, start):
        return None
    name = _NAME.match(text, start)
    if name is None:
        (first, *_) = [*_cut(text[start : start + 8]), ("", "")]
        is_name = first[1].startswith("nr") and len(first[0]) > 1
        return start + len(first[0]) if is_name else None
    whole = name.end()
    if _ENDS_NAME.match(text, whole) and whole - start <= 3:
        return whole
    return _as_cut(text, start, whole) or min(whole, start + 3)


def _as_cut(text: str, start: int, longest: int) -> int | None:
    """Where a name that begins at `start` ends by jieba's cut; None when it sees a common word."""
    pieces = _cut(text[start : longest + 4])
    if not pieces:
        return None
    word, flag = pieces[0]
    if flag.startswith("nr") and 2 <= len(word) <= 4 and word not in _NO_NAMES:
        return start + len(word)
    if len(word) == 1 and len(pieces) > 1 and len(pieces[1][0]) <= 2:
        stop = start + 1 + len(pieces[1][0])
        given = text[start + 1 : stop]
        if stop <= longest and not set(given) & set(_NO_GIVEN):
            return stop if flag.startswith("nr") or _ENDS_NAME.match(text, stop) else None
    return None


def _bare(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for word, flag in _cut(text):
        stop = start + len(word)
        if flag.startswith("nr") and _is_name(word) and not _PLACE_AFTER.match(text, stop):
            yield start, stop
        start = stop


def _is_name(word: str) -> bool:
    """Whether a word that jieba takes for a name is one."""
    if word in _NO_NAMES or set(word) & set(_NO_GIVEN) or word[1:] in _TITLES.split("|"):
        return False
    if word.startswith(_COMPOUND):
        return 3 <= len(word) <= 4
    if len(word) not in (2, 3) or word[0] not in SURNAMES or word[-1] in _OFFICIAL_ENDINGS:
        return False
    seen: int = tokenizer().tokenizer.FREQ.get(word) or 0
    if len(word) == 2:
        return word[0] not in _RARE and seen <= _RATHER_WORD
    return seen <= _RATHER_WORD or word[0] not in _RARE


def _cut(text: str) -> list[tuple[str, str]]:
    """Words with their part of speech.

    A character that jieba has never seen could be anything, which costs it 30 times the time; it is
    taken for a comma.
    """
    segmenter = tokenizer()
    known = segmenter.known
    plain = "".join(one if one in known or not _HAN_ONE.match(one) else "，" for one in text)
    cut, start = [], 0
    for pair in segmenter.lcut(plain):
        stop = start + len(pair.word)
        cut.append((text[start:stop], str(pair.flag)))
        start = stop
    return cut
