"""The appointment office writes to citizens, who read it in their chat and move there."""

from __future__ import annotations

import asyncio
import re
import uuid

import pytest
from running_stack import Stack, at, talk, until

from booking.staff_client import BookingStaffClient
from wechat.simulator import Citizen

pytestmark = [pytest.mark.stack]

CODE = re.compile(r"预约号：([0-9A-Z]{8})")


def staff(stack: Stack) -> BookingStaffClient:
    return BookingStaffClient(
        stack.settings["BANSHI_BOOKING_URL"], stack.settings["BANSHI_BOOKING_KEY"], "王窗口"
    )


async def booked(citizen: Citizen, what: str, when: str) -> str:
    reply = await talk(citizen, f"预约{what}", when, "周到", "13512340000", "确认")
    found = CODE.search(reply)
    assert found, reply
    return found[1]


async def told(citizen: Citizen) -> str:
    """What stands before the next answer, once the letter has come to the bot."""

    async def look() -> str:
        reply = await talk(citizen, "谢谢")
        return reply if "很抱歉" in reply else ""

    return await until(look)


async def test_what_the_hall_cancels_is_told_with_the_reason(
    citizen: Citizen, stack: Stack
) -> None:
    code = await booked(citizen, "结婚登记", "12月1日上午九点")
    async with staff(stack) as client:
        await client.cancel(code, "婚姻登记系统升级")
    reply = await told(citizen)
    assert "婚姻登记系统升级" in reply and code in reply
    assert "没有预约" in await talk(citizen, "我的预约")


async def test_whom_a_shut_window_hits_moves_in_the_chat(citizen: Citizen, stack: Stack) -> None:
    await booked(citizen, "离婚登记", "12月2日上午十点")
    async with staff(stack) as client:
        service = stack.catalog.service("divorce-registration")
        windows = [n for one in service.channels.window for n in one.windows]
        shut = [
            await client.shut(
                "district-hall",
                window,
                at(12, 2, 9),
                at(12, 2, 12),
                reason="窗口设备检修",
                idempotency_key=uuid.uuid4().hex,
            )
            for window in windows
        ]
        hit = {one.appointment.service for _, found in shut for one in found}
        assert "divorce-registration" in hit
        await client.tell_affected()
        reply = await told(citizen)
        assert "窗口设备检修" in reply and "改期" in reply
        assert "这个时间办不了了" in await talk(citizen, "我的预约")
        assert "改期成功" in await talk(citizen, "改期", "12月3日上午十点", "确认")
        assert "办不了" not in await talk(citizen, "我的预约")
        await asyncio.gather(*(client.open_again(closure.id) for closure, _ in shut))
