"""Everything that can go wrong with an appointment.

    BookingError
    ├── Refused              the backend said no: a code, a sentence for the citizen, free slots
    └── BackendUnavailable   no usable answer came: down, too slow, broken or misconfigured

Server and client share this module, so it imports neither Sanic nor SQLAlchemy. Every refusal has
one code of a closed list; the code carries its HTTP status and the sentence that a citizen reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from booking.values import Slot


class RefusalCode(str, Enum):
    """Why the backend says no.

    Attributes:
        status: The HTTP status of the answer.
        sentence: What the citizen reads: what is wrong and what to do. May hold `{figures}`.
    """

    status: int
    sentence: str

    def __new__(cls, code: str, status: int, sentence: str) -> RefusalCode:
        """Make the member that is the string `code` and carries the rest."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.status = status
        member.sentence = sentence
        return member

    PAST = ("PAST", 422, "这个时间已经过去了，请选择以后的时间。")
    TOO_SOON = (
        "TOO_SOON",
        422,
        "预约要至少提前{workdays}个工作日，最早可以约{day}，请换一个日期。",
    )
    TOO_FAR = (
        "TOO_FAR",
        422,
        "只能预约{workdays}个工作日以内的号，目前最晚可以约到{day}，请换一个日期。",
    )
    CLOSED_DAY = ("CLOSED_DAY", 422, "{day}不办公（{reason}），请换一个日期。")
    UNANNOUNCED = ("UNANNOUNCED", 422, "{day}还不能预约（{reason}），请选择更早的日期。")
    OUTSIDE_HOURS = (
        "OUTSIDE_HOURS",
        422,
        "这个时间没有可预约的号段，请从放号的时间里选一个。",
    )
    SLOT_FULL = ("SLOT_FULL", 409, "这个时段的号已经约满，请换一个时间。")
    ALREADY_BOOKED = (
        "ALREADY_BOOKED",
        409,
        "您已经预约了这个事项，不用再约；想换时间，改原来的预约就行。",
    )
    DAY_LIMIT = (
        "DAY_LIMIT",
        409,
        "每人每天最多预约{limit}次，您这一天的次数已经用完，请换一天。",
    )
    WEEK_LIMIT = (
        "WEEK_LIMIT",
        409,
        "每人每周最多预约{limit}次，您这一周的次数已经用完，请换到别的周。",
    )
    UNKNOWN_SERVICE = ("UNKNOWN_SERVICE", 404, "没有找到这个事项，请重新选择要办的事项。")
    NOT_BOOKABLE = (
        "NOT_BOOKABLE",
        422,
        "“{service}”目前不接受预约，请在办公时间直接到窗口取号办理。",
    )
    UNKNOWN_PLACE = ("UNKNOWN_PLACE", 404, "这个地点不受理该事项的预约，请换一个办理地点。")
    BAD_NAME = (
        "BAD_NAME",
        422,
        "姓名不对：请写证件上的姓名，2到30个汉字或字母，可以带间隔号“·”。",
    )
    BAD_PHONE = ("BAD_PHONE", 422, "手机号不对：请写11位的大陆手机号。")
    NOT_FOUND = ("NOT_FOUND", 404, "没有找到这个预约，请核对预约号。")
    TOO_LATE_TO_CANCEL = (
        "TOO_LATE_TO_CANCEL",
        409,
        "预约开始前{hours}小时内不能取消。确实来不了，请打大厅咨询电话说明。",
    )
    ALREADY_CANCELLED = ("ALREADY_CANCELLED", 409, "这个预约已经取消过了，不用再取消。")
    TOO_LATE_TO_MOVE = (
        "TOO_LATE_TO_MOVE",
        409,
        "预约开始前{hours}小时内不能改时间。确实来不了，请打大厅咨询电话说明。",
    )
    SAME_TIME = ("SAME_TIME", 409, "您本来约的就是这个时间，没有改动；想改期，请换一个时间。")
    HOME_VISIT_NOT_MOVABLE = (
        "HOME_VISIT_NOT_MOVABLE",
        409,
        "上门服务不能直接改时间。请先取消这次上门，再重新预约一次。",
    )
    UNKNOWN_HOME_VISIT = ("UNKNOWN_HOME_VISIT", 404, "没有找到这种上门服务，请重新选择。")
    HOME_VISIT_NOT_OFFERED = (
        "HOME_VISIT_NOT_OFFERED",
        422,
        "这个事项不能上门办。“{rule}”可以上门办的有：{services}。",
    )
    AGE_NEEDED = (
        "AGE_NEEDED",
        422,
        "“{rule}”要年满{age}周岁，请告诉我办事人的年龄。",
    )
    TOO_YOUNG = (
        "TOO_YOUNG",
        422,
        "“{rule}”要年满{age}周岁，年龄还不够，请到窗口办理，或换一种上门服务。",
    )
    NO_VISITS_THAT_DAY = (
        "NO_VISITS_THAT_DAY",
        422,
        "{day}不安排上门（{reason}），请换一个工作日。",
    )
    NO_VISITS_THAT_HALF = (
        "NO_VISITS_THAT_HALF",
        422,
        "{day}{half}不安排上门，请换一个时间。",
    )
    HOME_VISITS_FULL = ("HOME_VISITS_FULL", 409, "{day}的上门已经约满，请换一天。")
    HOME_VISIT_BOOKED = (
        "HOME_VISIT_BOOKED",
        409,
        "您已经约了这个事项的上门服务，不用再约；想改时间，请先取消原来的。",
    )
    BAD_ADDRESS = (
        "BAD_ADDRESS",
        422,
        "地址不对：请写上门的详细地址，5到100个字，写清镇街、村或小区、门牌号。",
    )
    NO_PLATES = (
        "NO_PLATES",
        422,
        "{place}停车不用登记车牌，按现场指引停车就行。",
    )
    BAD_PLATE = (
        "BAD_PLATE",
        422,
        "车牌号不对：请写完整的车牌号，如川A12345，新能源车如川AD12345；字母没有I和O。",
    )
    PLATE_TOO_FAR = (
        "PLATE_TOO_FAR",
        422,
        "车牌只能提前登记{workdays}个工作日以内的，目前最晚到{day}，请换一个日期。",
    )
    PLATE_TAKEN = (
        "PLATE_TAKEN",
        409,
        "这个车牌当天已经有人登记过了，不用再登记；如果号码写错了，请改好再发一次。",
    )
    PLATE_LIMIT = ("PLATE_LIMIT", 409, "每人每天最多登记{limit}个车牌，这一天已经登记满了。")
    PLATE_NOT_FOUND = ("PLATE_NOT_FOUND", 404, "您在{day}没有登记车牌，不用取消。")
    OPEN_APPOINTMENTS = (
        "OPEN_APPOINTMENTS",
        409,
        "您还有{count}个没到时间的预约，删除信息就要先取消它们。确定要删除，请确认一并取消。",
    )
    IDEMPOTENCY_CONFLICT = (
        "IDEMPOTENCY_CONFLICT",
        409,
        "这次提交和之前的内容不一致，没有办理，请重新预约一次。",
    )
    BAD_REQUEST = ("BAD_REQUEST", 400, "预约信息有误，没有办理，请重新预约一次。")
    BAD_KEY = ("BAD_KEY", 401, "预约系统暂时用不了，请稍后再试，或打大厅咨询电话预约。")


class BookingError(Exception):
    """Root of the booking errors."""


class Refused(BookingError):
    """The backend understood the wish and refuses it.

    Attributes:
        code: Why, from the closed list.
        sentence: What the citizen reads, in Chinese.
        nearest: Free slots near the wanted time, nearest first; often empty.
        note: What a developer or a log reads; never personal data.
    """

    def __init__(
        self,
        code: RefusalCode,
        sentence: str | None = None,
        nearest: Sequence[Slot] = (),
        note: str = "",
    ) -> None:
        self.code = code
        self.sentence = code.sentence if sentence is None else sentence
        self.nearest = tuple(nearest)
        self.note = note
        super().__init__(f"{code.value}: {note}" if note else code.value)

    @classmethod
    def because(cls, code: RefusalCode, nearest: Sequence[Slot] = (), **figures: object) -> Refused:
        """A refusal whose sentence has its figures filled in."""
        return cls(code, code.sentence.format(**figures), nearest)

    def near(self, slots: Sequence[Slot]) -> Refused:
        """The same refusal, offering `slots` instead."""
        return Refused(self.code, self.sentence, slots, self.note)


class BackendUnavailable(BookingError):
    """The backend is down, too slow, broken, or answered something that is no answer."""

    sentence = "预约系统暂时没有响应，请稍后再试，或打大厅咨询电话预约。"
    """What the citizen reads."""
