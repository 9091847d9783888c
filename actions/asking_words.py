"""Words that only ask: what is left of a message without them names what is asked about.

The patterns that find an aspect tell where it stands in the message; the classifier does not. So
the words that commonly ask for the aspects that were found are taken out as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from actions.aspects import Aspect

_WORDS = {
    Aspect.CONDITIONS: "条件|资格|要求|够格|符合|岁|年龄|申请",
    Aspect.MATERIALS: "材料|资料|证件|东西|证明|手续|原件|复印件|照片|带|拿|准备|提供|提交",
    Aspect.FORMS: "申请表|表格|样表|表单|表|下载|填写|填|模板|样子|申请",
    Aspect.DEFERRABLE: "材料|不齐|缺|少|补|容缺|受理|后补|以后|先收",
    Aspect.WINDOW: "窗口|哪里|哪儿|地址|位置|楼|层|电梯|办理|地方|路|怎么走",
    Aspect.NEARBY: "附近|就近|最近|近|镇上|镇|街道|村里|村|社区|乡里|离家|家门口|便民",
    Aspect.TERMINAL: "自助机|自助终端|自助|终端|机器|机子|哪里",
    Aspect.PARKING: "停车场|停车|车位|车|免费|停",
    Aspect.HOURS: "上班|下班|开门|关门|营业|办公|开放|时间|几点|周末|节假日|放假|休息|中午",
    Aspect.FEE: "多少钱|费用|收费|钱|费|免费|工本费|交",
    Aspect.TIME_LIMIT: "多久|几天|多长时间|时间|加急|拿到|取|领|办好|办完|出证|天",
    Aspect.PROCESS: "流程|步骤|怎么办|怎么弄|手续|办理|申请",
    Aspect.ONLINE: "网上|线上|网|在线|申请|办理|全程",
    Aspect.APP: "手机上|手机|小程序|公众号|掌上|软件",
    Aspect.POST: "邮寄|快递|寄到家|寄|到家|家里|送",
    Aspect.AT_HOME: "上门|家里|来家|行动不便|来不了|老人",
    Aspect.HELPER: "帮办|代办|帮忙|帮|填表|填|工作人员|志愿者|教",
    Aspect.IN_PERSON: "本人|亲自|必须|代办|委托|别人|家属|跑|几趟|几次|趟|次|到场|现场|来",
    Aspect.SCOPE: "异地|外地|外省|跨省|全国|通办|户口|户籍|省外|本地",
    Aspect.APPOINTMENT: "预约|提前|取号|排队",
    Aspect.RESULT: "有效期|证|结果|拿到|发|管|年|办完|证件|什么",
    Aspect.BASIS: "依据|法律|政策|文件|规定|根据|凭什么|法",
    Aspect.PHONE: "电话|号码|联系|投诉|热线|咨询|打",
}
_ALWAYS = "在哪里|在哪儿|哪里|哪儿|什么|怎么|可不可以|能不能|可以|能|是不是|要不要"
_ENGLISH = re.compile(
    r"\b(what|which|documents?|papers?|do|does|i|we|need|how|much|many|is|it|the|where|when|open|"
    r"opening|office|hours?|fees?|costs?|long|takes?|to|bring|can|could|online|phone|number|for|an?|my|"
    r"of|are|you|your|and|in|on|at|me|must|should|have|hall|service|address|please|there|this|that)\b",
    re.IGNORECASE,
)


def without_asking(text: str, aspects: Iterable[Aspect]) -> str:
    """The text without the words that commonly ask for these aspects."""
    words = [word for one in (_ALWAYS, *(_WORDS[a] for a in aspects)) for word in one.split("|")]
    longest_first = "|".join(sorted(words, key=len, reverse=True))
    return re.sub(longest_first, "", _ENGLISH.sub("", text))
