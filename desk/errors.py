"""Everything that can go wrong at the desk.

    DeskError
    ├── DeskRefused          the desk said no: a code, and a sentence for the citizen
    └── DeskUnavailable      no usable answer came: down, too slow, broken or misconfigured

Server and client share this module, so it imports neither Sanic nor SQLAlchemy. Every refusal has
one code of a closed list; the code carries its HTTP status and the sentence that is read.
"""

from __future__ import annotations

from enum import Enum


class DeskCode(str, Enum):
    """Why the desk says no.

    Attributes:
        status: The HTTP status of the answer.
        sentence: What the citizen (or the staff member) reads: what is wrong and what to do.
    """

    status: int
    sentence: str

    def __new__(cls, code: str, status: int, sentence: str) -> DeskCode:
        """Make the member that is the string `code` and carries the rest."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.status = status
        member.sentence = sentence
        return member

    CASE_NOT_FOUND = ("CASE_NOT_FOUND", 404, "没有找到这个编号，请核对后再试。")
    CASE_CLOSED = ("CASE_CLOSED", 409, "这件事已经办结，不能再补充；还有话要说，请重新留言。")
    TOO_MANY_OPEN = (
        "TOO_MANY_OPEN",
        429,
        "您还有多件留言没有办结，请等工作人员答复后再提交新的，或打大厅咨询电话。",
    )
    NO_PROGRESS_DATA = (
        "NO_PROGRESS_DATA",
        404,
        "这里暂时查不到办件进度，请打大厅咨询电话查询。",
    )
    UNKNOWN_NUMBER = (
        "UNKNOWN_NUMBER",
        404,
        "没有查到这个办件编号，请对照受理单核对；刚受理的要等数据更新后才查得到。",
    )
    CHECK_NEEDED = (
        "CHECK_NEEDED",
        422,
        "查这个办件还要核对身份，请再发申请人手机号或身份证号的后4位。",
    )
    CHECK_WRONG = ("CHECK_WRONG", 422, "后4位对不上，请核对申请人的手机号或身份证号后再试。")
    TOO_MANY_TRIES = (
        "TOO_MANY_TRIES",
        429,
        "查错的次数太多，请过一个小时再试，或打大厅咨询电话查询。",
    )
    UNKNOWN_QUESTION = ("UNKNOWN_QUESTION", 404, "没有找到这个问题，可能已经处理过了。")
    IDEMPOTENCY_CONFLICT = (
        "IDEMPOTENCY_CONFLICT",
        409,
        "这次提交和之前的内容不一致，没有保存，请重新提交一次。",
    )
    BAD_REQUEST = ("BAD_REQUEST", 400, "提交的内容有误，没有保存，请重新提交一次。")
    BAD_KEY = ("BAD_KEY", 401, "人工服务暂时用不了，请稍后再试，或打大厅咨询电话。")


class DeskError(Exception):
    """Root of the desk's errors."""


class DeskRefused(DeskError):
    """The desk understood the wish and refuses it.

    Attributes:
        code: Why, from the closed list.
        sentence: What the citizen reads, in Chinese.
        note: What a developer or a log reads; never personal data.
    """

    def __init__(self, code: DeskCode, sentence: str | None = None, note: str = "") -> None:
        self.code = code
        self.sentence = code.sentence if sentence is None else sentence
        self.note = note
        super().__init__(f"{code.value}: {note}" if note else code.value)


class DeskUnavailable(DeskError):
    """The desk is down, too slow, broken, or answered something that is no answer."""

    sentence = "人工服务系统暂时没有响应，请稍后再试，或打大厅咨询电话。"
    """What the citizen reads."""
