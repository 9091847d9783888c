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
        staff: What staff read: which rule it was, and where it is set.
    """

    status: int
    sentence: str
    staff: str

    def __new__(cls, code: str, status: int, sentence: str, staff: str) -> RefusalCode:
        """Make the member that is the string `code` and carries the rest."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.status = status
        member.sentence = sentence
        member.staff = staff
        return member

    PAST = (
        "PAST",
        422,
        "这个时间已经过去了，请选择以后的时间。",
        "开始时间早于现在。",
    )
    TOO_SOON = (
        "TOO_SOON",
        422,
        "预约要至少提前{workdays}个工作日，最早可以约{day}，请换一个日期。",
        "早于提前天数，见hall.yml的booking。",
    )
    TOO_FAR = (
        "TOO_FAR",
        422,
        "只能预约{workdays}个工作日以内的号，目前最晚可以约到{day}，请换一个日期。",
        "超过可预约天数，见hall.yml的booking。",
    )
    CLOSED_DAY = (
        "CLOSED_DAY",
        422,
        "{day}不办公（{reason}），请换一个日期。",
        "当天不办公，见calendar.yml和该地点的开放时间。",
    )
    UNANNOUNCED = (
        "UNANNOUNCED",
        422,
        "{day}还不能预约（{reason}），请选择更早的日期。",
        "当年的放假安排还没录入calendar.yml。",
    )
    OUTSIDE_HOURS = (
        "OUTSIDE_HOURS",
        422,
        "这个时间没有可预约的号段，请从放号的时间里选一个。",
        "开始时间不是该地点放号的时间。",
    )
    SLOT_FULL = (
        "SLOT_FULL",
        409,
        "这个时段的号已经约满，请换一个时间。",
        "该时段已约满，名额见事项和地点的设置。",
    )
    ALREADY_BOOKED = (
        "ALREADY_BOOKED",
        409,
        "您已经预约了这个事项，不用再约；想换时间，改原来的预约就行。",
        "同一人同一事项只能有一个未办的预约。",
    )
    DAY_LIMIT = (
        "DAY_LIMIT",
        409,
        "每人每天最多预约{limit}次，您这一天的次数已经用完，请换一天。",
        "超过每人每天的次数，见hall.yml的booking。",
    )
    WEEK_LIMIT = (
        "WEEK_LIMIT",
        409,
        "每人每周最多预约{limit}次，您这一周的次数已经用完，请换到别的周。",
        "超过每人每周的次数，见hall.yml的booking。",
    )
    UNKNOWN_SERVICE = (
        "UNKNOWN_SERVICE",
        404,
        "没有找到这个事项，请重新选择要办的事项。",
        "目录里没有这个事项编号，或它今天不生效。",
    )
    NOT_BOOKABLE = (
        "NOT_BOOKABLE",
        422,
        "“{service}”目前不接受预约，请在办公时间直接到窗口取号办理。",
        "该事项在目录里没有开通预约。",
    )
    UNKNOWN_PLACE = (
        "UNKNOWN_PLACE",
        404,
        "这个地点不受理该事项的预约，请换一个办理地点。",
        "该地点不受理这个事项的预约。",
    )
    BAD_NAME = (
        "BAD_NAME",
        422,
        "姓名不对：请写证件上的姓名，2到30个汉字或字母，可以带间隔号“·”。",
        "姓名不符合格式。",
    )
    BAD_PHONE = (
        "BAD_PHONE",
        422,
        "手机号不对：请写11位的大陆手机号。",
        "手机号不符合格式。",
    )
    NOT_FOUND = (
        "NOT_FOUND",
        404,
        "没有找到这个预约，请核对预约号。",
        "没有这个预约号，或不是本人的预约。",
    )
    TOO_LATE_TO_CANCEL = (
        "TOO_LATE_TO_CANCEL",
        409,
        "预约开始前{hours}小时内不能取消。确实来不了，请打大厅咨询电话说明。",
        "已过可取消的时限，见hall.yml的booking。",
    )
    ALREADY_CANCELLED = (
        "ALREADY_CANCELLED",
        409,
        "这个预约已经取消过了，不用再取消。",
        "该预约此前已取消。",
    )
    TOO_LATE_TO_MOVE = (
        "TOO_LATE_TO_MOVE",
        409,
        "预约开始前{hours}小时内不能改时间。确实来不了，请打大厅咨询电话说明。",
        "已过可改期的时限，见hall.yml的booking。",
    )
    SAME_TIME = (
        "SAME_TIME",
        409,
        "您本来约的就是这个时间，没有改动；想改期，请换一个时间。",
        "改期的时间与原时间相同。",
    )
    HOME_VISIT_NOT_MOVABLE = (
        "HOME_VISIT_NOT_MOVABLE",
        409,
        "上门服务不能直接改时间。请先取消这次上门，再重新预约一次。",
        "上门服务不能改期，只能取消后重约。",
    )
    UNKNOWN_HOME_VISIT = (
        "UNKNOWN_HOME_VISIT",
        404,
        "没有找到这种上门服务，请重新选择。",
        "目录里没有这条上门规则。",
    )
    HOME_VISIT_NOT_OFFERED = (
        "HOME_VISIT_NOT_OFFERED",
        422,
        "这个事项不能上门办。“{rule}”可以上门办的有：{services}。",
        "这条上门规则不含该事项。",
    )
    AGE_NEEDED = (
        "AGE_NEEDED",
        422,
        "“{rule}”要年满{age}周岁，请告诉我办事人的年龄。",
        "这条上门规则限年龄，请求里没有年龄。",
    )
    TOO_YOUNG = (
        "TOO_YOUNG",
        422,
        "“{rule}”要年满{age}周岁，年龄还不够，请到窗口办理，或换一种上门服务。",
        "未达到这条上门规则的年龄。",
    )
    NO_VISITS_THAT_DAY = (
        "NO_VISITS_THAT_DAY",
        422,
        "{day}不安排上门（{reason}），请换一个工作日。",
        "当天不安排上门，见上门规则和calendar.yml。",
    )
    NO_VISITS_THAT_HALF = (
        "NO_VISITS_THAT_HALF",
        422,
        "{day}{half}不安排上门，请换一个时间。",
        "该半天不安排上门，见上门规则。",
    )
    HOME_VISITS_FULL = (
        "HOME_VISITS_FULL",
        409,
        "{day}的上门已经约满，请换一天。",
        "当天上门名额已满，见上门规则的每日上限。",
    )
    HOME_VISIT_BOOKED = (
        "HOME_VISIT_BOOKED",
        409,
        "您已经约了这个事项的上门服务，不用再约；想改时间，请先取消原来的。",
        "同一人同一事项只能有一个未办的上门。",
    )
    BAD_ADDRESS = (
        "BAD_ADDRESS",
        422,
        "地址不对：请写上门的详细地址，5到100个字，写清镇街、村或小区、门牌号。",
        "地址不符合格式。",
    )
    NO_PLATES = (
        "NO_PLATES",
        422,
        "{place}停车不用登记车牌，按现场指引停车就行。",
        "该地点没有开通车牌登记。",
    )
    BAD_PLATE = (
        "BAD_PLATE",
        422,
        "车牌号不对：请写完整的车牌号，如川A12345，新能源车如川AD12345；字母没有I和O。",
        "车牌号不符合格式。",
    )
    PLATE_TOO_FAR = (
        "PLATE_TOO_FAR",
        422,
        "车牌只能提前登记{workdays}个工作日以内的，目前最晚到{day}，请换一个日期。",
        "超过车牌可提前登记的天数。",
    )
    PLATE_TAKEN = (
        "PLATE_TAKEN",
        409,
        "这个车牌当天已经有人登记过了，不用再登记；如果号码写错了，请改好再发一次。",
        "该车牌当天已登记。",
    )
    PLATE_LIMIT = (
        "PLATE_LIMIT",
        409,
        "每人每天最多登记{limit}个车牌，这一天已经登记满了。",
        "超过每人每天的车牌数。",
    )
    PLATE_NOT_FOUND = (
        "PLATE_NOT_FOUND",
        404,
        "您在{day}没有登记车牌，不用取消。",
        "该人当天没有登记车牌。",
    )
    OPEN_APPOINTMENTS = (
        "OPEN_APPOINTMENTS",
        409,
        "您还有{count}个没到时间的预约，删除信息就要先取消它们。确定要删除，请确认一并取消。",
        "还有未办的预约，请求里没有说一并取消。",
    )
    MONTH_LIMIT = (
        "MONTH_LIMIT",
        409,
        "每人每月最多预约{limit}次，您这个月的次数已经用完，请换到别的月。",
        "超过每人每月的次数，见hall.yml的booking。",
    )
    OPEN_LIMIT = (
        "OPEN_LIMIT",
        409,
        "您还没办的预约已经有{limit}个，先办完或取消一个再约。",
        "一个微信号未办的预约太多，见hall.yml的booking。",
    )
    SUSPENDED = (
        "SUSPENDED",
        403,
        "您多次预约了没有来，{until}以前暂时不能网上预约，可以直接到大厅取号。有特殊情况请打咨询电话{phone}。",
        "爽约太多，暂停预约；情况属实可以用banshi booking lift恢复。",
    )
    WINDOW_CLOSED = (
        "WINDOW_CLOSED",
        409,
        "这个时段窗口临时停办（{reason}），请换一个时间。",
        "该时段窗口被工作人员停办，见banshi booking closures。",
    )
    UNKNOWN_PRIORITY = (
        "UNKNOWN_PRIORITY",
        404,
        "没有找到这类优先对象，请重新选择，或按普通号预约。",
        "priority.yml里没有这个优先对象。",
    )
    BAD_ID_NUMBER = (
        "BAD_ID_NUMBER",
        422,
        "身份证号码不对：18位，最后一位可能是X，请对照证件再写一遍。",
        "身份证号码不符合GB 11643。",
    )
    BAD_PRINCIPAL = (
        "BAD_PRINCIPAL",
        422,
        "替别人预约，请写那个人证件上的姓名；替单位预约，请写单位全称和18位统一社会信用代码。",
        "代办对象的姓名、单位名称或统一社会信用代码（GB 32100）不对。",
    )
    NOT_HELD = (
        "NOT_HELD",
        409,
        "这个号已经约好或取消了，不用再确认。",
        "该预约不是保留中的号。",
    )
    CONFIRM_FIRST = (
        "CONFIRM_FIRST",
        409,
        "这个号还没有确认，请先确认，或重新预约一次。",
        "该预约还是保留中的号，没有确认。",
    )
    TOO_EARLY_TO_ARRIVE = (
        "TOO_EARLY_TO_ARRIVE",
        409,
        "还没到报到时间，{time}起可以报到。",
        "早于可报到的时间，见hall.yml的booking。",
    )
    TOO_LATE_TO_ARRIVE = (
        "TOO_LATE_TO_ARRIVE",
        409,
        "已经过了预约的时间，请到咨询台，工作人员会帮您处理。",
        "已过市民自己报到的时间，工作人员可以代为报到。",
    )
    NOT_THAT_DAY = (
        "NOT_THAT_DAY",
        409,
        "这个预约是{day}的，不是今天。",
        "只能登记当天的预约。",
    )
    WRONG_STATE = (
        "WRONG_STATE",
        409,
        "这个预约现在是“{state}”，不能这样改。",
        "该预约的状态不允许这个操作。",
    )
    OUT_OF_AREA = (
        "OUT_OF_AREA",
        422,
        "“{rule}”只到{towns}上门，您写的地址不在范围里；写全镇街名再试一次，或打电话{phone}问问。",
        "地址里没有这条上门规则的镇街。",
    )
    UNKNOWN_WINDOW = (
        "UNKNOWN_WINDOW",
        404,
        "没有找到这个窗口。",
        "该地点没有这个窗口号。",
    )
    UNKNOWN_CLOSURE = (
        "UNKNOWN_CLOSURE",
        404,
        "没有找到这次停办。",
        "没有这个停办编号，或已经恢复。",
    )
    NOT_SUSPENDED = (
        "NOT_SUSPENDED",
        404,
        "没有找到这次暂停。",
        "没有这个暂停编号，或已经恢复、到期。",
    )
    UNKNOWN_MESSAGE = (
        "UNKNOWN_MESSAGE",
        404,
        "没有找到这条消息。",
        "没有这个消息编号，或它不是没送到的。",
    )
    IDEMPOTENCY_CONFLICT = (
        "IDEMPOTENCY_CONFLICT",
        409,
        "这次提交和之前的内容不一致，没有办理，请重新预约一次。",
        "同一个Idempotency-Key用在了不同的内容上。",
    )
    BAD_REQUEST = (
        "BAD_REQUEST",
        400,
        "预约信息有误，没有办理，请重新预约一次。",
        "请求不符合接口说明，见note。",
    )
    BAD_KEY = (
        "BAD_KEY",
        401,
        "预约系统暂时用不了，请稍后再试，或打大厅咨询电话预约。",
        "接口密钥不对，核对BANSHI_BOOKING_KEY。",
    )


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
