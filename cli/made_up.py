"""Personal data replaced by made-up data of the same kind, so that a conversation stays readable.

What is personal is found as the desk finds it (`desk.masking`), and by what the conversation's own
slots hold: a name that was given as a name is one, whatever it looks like. The same person, number
or place is replaced by the same thing everywhere in one conversation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from stdnum.cn import ric

from booking.privacy import mask_address
from desk.masking import NOTE, mask_personal
from qa.seen import Event

_NAMES = ("张晓明", "李秀英", "王建国", "陈丽华", "刘志强", "赵春梅", "周国平", "吴雪琴")
_OF_SLOTS = {
    "booking_name": "姓名",
    "visit_name": "姓名",
    "booking_phone": "手机号",
    "visit_phone": "手机号",
    "visit_address": "住址",
    "plate_number": "车牌号",
    "cancel_code": "预约号",
    "move_code": "预约号",
    "booking_hold": "预约号",
    "progress_number": "号码",
    "progress_check": "号码",
    "person_number": "号码",
}
_NUMERALS = str.maketrans("0123456789", "零一二三四五六七八九")


class MadeUp:
    """Replaces what is personal in the texts of one conversation."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._known: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        for event in events:
            kind = _OF_SLOTS.get(str(event.get("name"))) if event["event"] == "slot" else None
            value = event.get("value")
            if kind and isinstance(value, str) and len(value) > 1:
                self._instead(kind, value)

    def __call__(self, text: str) -> str:
        """The text with made-up data in place of the personal."""
        if not self._known:
            return self._found_in(text)
        longest_first = sorted(self._known, key=len, reverse=True)
        parts = re.split(f"({'|'.join(map(re.escape, longest_first))})", text)
        known = dict(self._known)  # what is found now was not split at
        return "".join(known.get(part) or self._found_in(part) for part in parts)

    def masked(self, text: str) -> str:
        """The text with made-up data where it is known, and notes in place of everything else."""
        return mask_personal(self(text))

    def _found_in(self, text: str) -> str:
        """A piece in which nothing is known: what masking finds in it is replaced."""
        masked = mask_personal(text)
        pieces, kinds = NOTE.split(masked), [note[1:-1] for note in NOTE.findall(masked)]
        if not kinds:
            return text
        pattern = "(.+?)".join(map(re.escape, pieces))
        originals = re.fullmatch(pattern, text, re.DOTALL)
        if originals is None:  # a note was in the text before: nothing stands behind it
            return masked
        made = [self._instead(*one) for one in zip(kinds, originals.groups(), strict=True)]
        return "".join(piece + one for piece, one in zip(pieces, [*made, ""], strict=True))

    def _instead(self, kind: str, original: str) -> str:
        if original not in self._known:
            self._counts[kind] = number = self._counts.get(kind, 0) + 1
            self._known[original] = _made_up(kind, original, number)
        return self._known[original]


def _made_up(kind: str, original: str, number: int) -> str:
    """The so-manieth made-up thing of a kind."""
    if kind == "姓名":
        return _NAMES[(number - 1) % len(_NAMES)]
    if kind == "手机号":
        phone = f"1380013{8000 + number:04d}"
        return phone if re.search(r"\d", original) else phone.translate(_NUMERALS)
    if kind == "身份证号":
        begin = f"11010119900307{number:03d}"
        return f"{begin}{ric.calc_check_digit(begin + '0')}"
    if kind == "住址":
        return mask_address(original).replace("****", f"幸福路{number}号")
    made = _FORMS.get(kind)
    if made:
        return made.format(number)
    digits = iter(f"{number:0{len(original)}d}"[-len(original) :])
    return "".join(next(digits, "0") if one.isdigit() else one for one in original)


_FORMS: Mapping[str, str] = {
    "邮箱": "citizen{}@example.com",
    "微信号": "oMadeUpCitizen{:014d}",
    "银行卡号": "622202000000{:04d}",
    "电话": "0600-88001{:02d}",
    "证件号": "E{:08d}",
    "车牌号": "京A{:05d}",
    "门牌号": "{}号",
    "预约号": "ABCD{:04d}",
}
