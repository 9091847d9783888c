"""What guidance says around its answers: questions about the situation, hints, 常见问题."""

from __future__ import annotations

from actions.reply.about import situation, source
from service_catalog.model import Faq, HomeVisitRule, Question, Service
from service_catalog.situations import Answers

SHOW_ALL = "不确定，都列出来"


def situation_question(service: Service, question: Question, known: Answers) -> str:
    """One question about the situation; what is known already is said with it."""
    head = f"【{service.name}】{situation(service, known)}"
    mark = "" if question.ask.endswith(("？", "?")) else "？"
    return f"{head}\n情况不同，答案不一样，先问一句：{question.ask}{mark}"


def why(question: Question) -> str:
    """Why the question is asked."""
    return f"问这个是因为：{question.why}。"


def nothing_to_explain() -> str:
    """No question is on the table."""
    return "我现在没有在问您什么。要办什么事，直接告诉我就行。"


def nothing_before() -> str:
    """There is no step to go back to."""
    return "前面没有可以改的了。要办什么事，直接告诉我就行。"


def faq(service: Service, entry: Faq) -> str:
    """The answer to one of a service's frequent questions, with its source."""
    return f"【{service.name}】\n{entry.question}\n{entry.answer}\n\n{source(service)}"


def home_visit_hint(rule: HomeVisitRule) -> str:
    """Someone asks for an old person of the family: what the hall does for those."""
    return f"老人来不了大厅的，可以申请{rule.name}（{rule.who}），回复“预约上门”。"


def booking_hint(service: Service) -> str:
    """The question began as a booking does."""
    return f"要预约“{service.name}”，回复“预约”。"


def plainer() -> str:
    """Short sentences from now on."""
    return "好的，下面说得短一些。要看完整的，回复“详细点”。"


def fuller() -> str:
    """Full answers again."""
    return "好的，下面给您完整的内容。"


def nothing_to_repeat() -> str:
    """Nothing was said yet."""
    return "前面还没有说过什么。要办什么事，直接告诉我就行。"


_FORM_REASONS = {
    "booking_service": "知道办什么事，才知道约哪个窗口。",
    "booking_place": "同一件事可能有几个地方能办，约哪里由您定。",
    "booking_time": "每个时段的号数有限，要先定好时间。",
    "name": "到场时要核对证件，姓名要和证件上一样。",
    "phone": "有变动时，工作人员用它联系您。",
    "address": "工作人员要按地址上门。",
    "age": "有的上门服务只面向一定年龄以上的人。",
    "text": "说清楚情况，工作人员才好办理、答复您。",
    "plate_number": "登记了车牌，进出停车场才能按办事车辆免费。",
    "number": "凭办件编号才能查到是哪一件。",
    "check": "核对后几位，是防止别人查您的办件。",
    "reason": "知道哪里不好，大厅才好改；不想说也可以回复“跳过”。",
    "confirmed": "办之前再核对一遍，免得弄错。",
}


def why_the_form_asks(slot: str) -> str:
    """Why a form asks for a slot."""
    reason = _FORM_REASONS.get(slot) or _FORM_REASONS.get(slot.rpartition("_")[2])
    return reason or "办这件事要用到它；不想说可以回复“退出”。"
