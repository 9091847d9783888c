"""What a citizen is told in one answer, with all of its pages."""

from __future__ import annotations

from actions.reply.guide import SHOW_ALL
from wechat.messages import CONTINUE, LATE, MORE
from wechat.simulator import Citizen


async def whole(citizen: Citizen, text: str) -> str:
    """The reply with all of its pages."""
    reply = await citizen.say(text)
    told = reply.text if reply else ""
    while told == LATE:  # a busy machine: the answer comes with the next message
        late = await citizen.say(CONTINUE)
        told = late.text if late else ""
    while told.endswith(MORE):
        more = await citizen.say(CONTINUE)
        assert more is not None
        told = told.removesuffix(MORE) + "\n" + more.text
    return told


async def shown_all(citizen: Citizen, text: str) -> str:
    """The reply; when the citizen's situation is asked for, they want everything to be shown."""
    told = await whole(citizen, text)
    return await whole(citizen, SHOW_ALL) if SHOW_ALL in told else told
