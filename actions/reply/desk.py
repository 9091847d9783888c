"""What the assistant says of people: hand-over, messages, ratings, progress, erasure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from actions.reply import hours
from booking.values import Erased as BookingErased
from desk.values import Case, CaseKind, CaseStatus, Erased, Progress, RatingLevel, Who
from service_catalog.calendar import WEEKDAYS
from service_catalog.catalog import Catalog

_STATUS = {
    CaseStatus.OPEN: "等待答复",
    CaseStatus.ANSWERED: "已答复",
    CaseStatus.CLOSED: "已办结",
}
_MOST = 5
_LONG = 40


def _day(one: date) -> str:
    return f"{one.month}月{one.day}日（{WEEKDAYS[one.weekday()]}）"


def backend_down(catalog: Catalog) -> str:
    """The desk gives no answer."""
    return (
        "人工服务系统暂时没有响应，没有确认收到，请过一会儿再试，"
        f"或拨打咨询电话{catalog.hall.phones.enquiry}。"
    )


def handed_over(case: Case, catalog: Catalog) -> str:
    """A person takes over."""
    return (
        f"已为您转接人工，编号{case.number}，前面的对话工作人员都能看到。"
        "请直接说您的问题，工作人员的答复会发到这里。\n"
        f"急的话请拨打{catalog.hall.phones.enquiry}。要回到自助问答，回复“结束人工”。"
    )


def nobody_there(catalog: Catalog) -> str:
    """Out of working hours: a message is taken, and when it will be answered."""
    place = catalog.place(catalog.hall.place)
    rules = catalog.hall.desk
    window = place.window(rules.window) if rules else None
    when = hours.weekly((window and window.hours) or place.hours)
    within = f"，{rules.message_workdays}个工作日内答复您" if rules else ""
    return (
        f"现在没有工作人员值班。人工服务时间：{when}\n"
        f"请把问题写下来，我转给工作人员{within}；不留言请回复“退出”。"
    )


def passed_on() -> str:
    """A message went to the desk."""
    return "已转给工作人员，答复会发到这里。要回到自助问答，回复“结束人工”。"


def person_left() -> str:
    """The citizen needs no person any more."""
    return "好的，已回到自助问答。还有要办的事，直接告诉我就行。"


def staff_ended() -> str:
    """Staff closed the case."""
    return "工作人员已办结这次人工服务，现在回到自助问答。您刚才的话请再说一遍，我来答。"


def person_later(catalog: Catalog) -> str:
    """A person is wanted in the middle of something."""
    return (
        f"可以拨打咨询电话{catalog.hall.phones.enquiry}；要在这里转人工，先回复“退出”，再说“人工”。"
    )


_ASK = {
    CaseKind.COMPLAINT: "请说说哪里不满意：什么时间、哪个窗口、经过怎样。",
    CaseKind.PRAISE: "谢谢您！请说说要表扬谁、为什么。",
    CaseKind.SUGGESTION: "请说说您的建议。",
}


def ask_text(kind: CaseKind) -> str:
    """What it is about."""
    return _ASK.get(kind, "请把要说的写下来，我转给工作人员。") + "不想说了回复“退出”。"


def say_it_here() -> str:
    """Only the errand was named once more."""
    return "好的，请直接把情况写在这里。"


def left(case: Case) -> str:
    """It is left with the staff: its number, and by when the answer comes."""
    by = f"，{_day(case.answer_by)}前答复您，答复会发到这里" if case.answer_by else ""
    if case.kind is CaseKind.PRAISE:
        return f"已转达，谢谢您的表扬！编号：{case.number}。"
    return f"{case.kind.label}已登记，编号：{case.number}{by}。想知道办得怎样，回复“我的反馈”。"


def cases(mine: Sequence[Case]) -> str:
    """The citizen's cases with the latest answers."""
    if not mine:
        return "您现在没有登记过的投诉、建议或留言。"
    return "\n".join(["您登记的：", *(_case(row, one) for row, one in enumerate(mine[:_MOST], 1))])


def _case(row: int, one: Case) -> str:
    text = one.text if len(one.text) <= _LONG else f"{one.text[:_LONG]}…"
    opened = one.opened_at.date()
    lines = [f"{row}. {one.kind.label} {one.number}（{_day(opened)}）：{_STATUS[one.status]}", text]
    if one.status is CaseStatus.OPEN and one.answer_by:
        lines.append(f"{_day(one.answer_by)}前答复")
    answers = [message.text for message in one.messages if message.who is Who.STAFF]
    return "\n   ".join([*lines, *(f"工作人员：{text}" for text in answers)])


def ask_level() -> str:
    """Which of five levels; it is free."""
    return "您对这次服务满意吗？评不评都自愿，不影响办事。"


def bad_level() -> str:
    """No level in the words."""
    return "请回复数字1到5；不想评回复“退出”。"


def ask_reason() -> str:
    """Why so low."""
    return "对不起，没让您满意。请说说哪里不好，我们会核实、答复您；不想说回复“跳过”。"


def no_reason() -> str:
    """No reason was given."""
    return "（没有说明原因）"


def rated(level: RatingLevel, case: Case | None) -> str:
    """The rating is kept; a low one has a number."""
    if case is None:
        return f"收到，您的评价是“{level.label}”，谢谢！"
    by = f"，{_day(case.answer_by)}前答复您" if case.answer_by else ""
    return f"收到，您的评价是“{level.label}”。已登记核实，编号：{case.number}{by}。"


def ask_number() -> str:
    """Which application."""
    return "请发办件编号（受理单或短信上有）。"


def bad_number() -> str:
    """No number in the words."""
    return "没认出办件编号，请照受理单上的字母和数字写。"


def where_the_number_is(catalog: Catalog) -> str:
    """The number isn't at hand."""
    phone = catalog.hall.phones.enquiry
    return f"办件编号印在受理单上，短信里也有。都找不到的，请拨打{phone}查询。"


def ask_check() -> str:
    """Proof that it is the citizen's own."""
    return "为了保护隐私，请再发申请人手机号或身份证号的后4位。"


def bad_check() -> str:
    """No four characters in the words."""
    return "请只发4位，例如1234；身份证末位是X的也写上。"


def progress(found: Progress) -> str:
    """How far it has come."""
    lines = [
        f"办件编号：{found.number}",
        f"事项：{found.service_name}",
        f"进度：{found.stage}（{found.since.year}年{found.since.month}月{found.since.day}日更新）",
        *([f"下一步：{found.next_step}"] if found.next_step else []),
        "已经办结。" if found.done else "还没有办结。",
    ]
    return "\n".join(lines)


def confirm_erase(appointments: int, catalog: Catalog) -> str:
    """What goes, what stays, and whether really."""
    cancels = f"还没到期的{appointments}个预约会一并取消；" if appointments else ""
    return (
        f"会删除：我们的对话、您的预约和上门申请里的姓名、手机号、地址，登记的车牌，留言和评价的身份信息。"
        f"{cancels}删了就找不回来。\n{_stays(catalog)}\n确定删除吗？"
    )


def _stays(catalog: Catalog) -> str:
    kept = catalog.hall.desk.kept_by_law if catalog.hall.desk else ()
    if not kept:
        return "没有依法必须保留的内容。"
    return "\n".join(["依法要保留的：", *(f"▪ {one}" for one in kept)])


def erase_yes_or_no() -> str:
    """Neither a yes nor a no."""
    return "请回复“确认”删除，或“取消”保留。"


def not_erased() -> str:
    """The citizen changed their mind."""
    return "好的，没有删除。"


def erase_failed(catalog: Catalog) -> str:
    """The backend gave no answer: nothing is certain."""
    return (
        "系统没有响应，还没有全部删除，请过一会儿再回复“删除我的信息”，"
        f"或拨打咨询电话{catalog.hall.phones.enquiry}。"
    )


def erased(booked: BookingErased, left_there: Erased, catalog: Catalog) -> str:
    """What was deleted, and what stays with its reason."""
    done = [
        *([f"取消预约{booked.cancelled}个"] if booked.cancelled else []),
        *([f"预约记录{booked.appointments}条"] if booked.appointments else []),
        *([f"车牌{booked.plates}个"] if booked.plates else []),
        *([f"留言等{sum(left_there.counts.values())}条"] if left_there.counts else []),
        "我们的对话",
    ]
    stays = [f"▪ {one.kind.label}{one.number}：{one.reason}" for one in left_there.kept]
    return "\n".join([f"已删除：{'、'.join(done)}。", *stays, _stays(catalog)])
