"""The simulated phone on the running stack, in a real browser: what a citizen sees."""

from __future__ import annotations

import re

import aiohttp
import pytest
from playwright.async_api import Page, expect
from running_stack import Stack, running

pytestmark = [pytest.mark.stack]

NUMBER = re.compile(r"编号[：:]?([0-9A-Z]{8})")


async def opened(stack: Stack, page: Page) -> None:
    """Open the phone where the backend leads to, and wait for the welcome."""
    await page.goto(f"{stack.settings.url('BANSHI_WEB_PORT')}/simulator")
    assert page.url == f"{stack.settings.simulator}/simulator"
    await expect(page.locator("li.hall")).to_have_count(1, timeout=15_000)


async def write(page: Page, text: str, answers: int = 1) -> str:
    """Write a text; gives the answer, or the last of so many."""
    before = await page.locator("li.hall").count()
    if await page.locator("#write").is_hidden():
        await page.get_by_role("button", name="菜单或键盘").click()
    await page.get_by_label("消息").fill(text)
    await page.get_by_role("button", name="发送").click()
    return await next_answer(page, before + answers - 1)


async def next_answer(page: Page, before: int) -> str:
    await expect(page.locator("li.hall")).to_have_count(before + 1, timeout=15_000)
    return await page.locator("li.hall").last.inner_text()


async def test_a_question_a_voice_and_the_menu(stack: Stack, page: Page) -> None:
    await opened(stack, page)
    assert "元" in await write(page, "办护照多少钱")
    await page.get_by_role("button", name="更多").click()
    await page.get_by_label("语音").fill("那要带什么材料")
    await page.get_by_role("button", name="说").click()
    assert "护照" in await next_answer(page, 2)
    await page.get_by_role("button", name="菜单或键盘").click()
    await page.get_by_role("button", name="≡ 预约").click()
    await page.get_by_role("button", name="我的预约").click()
    assert "没有预约" in await next_answer(page, 3)


@pytest.mark.parametrize("mishap", ["repeated", "lost"])
async def test_a_message_that_comes_twice_is_answered_once(
    stack: Stack, page: Page, mishap: str
) -> None:
    await opened(stack, page)
    url = f"{stack.settings.simulator}/simulator/behaviour"
    async with aiohttp.ClientSession() as session:
        async with session.post(url, json={"mishap": mishap}) as answer:
            assert answer.status == 200
        assert "工本费" in await write(page, "办护照多少钱")
        async with session.get(url) as answer:
            assert (await answer.json())["left"] == {}
    assert await page.locator("li.hall").count() == 2


async def test_staffs_answer_appears_by_itself(tmp_path, page: Page) -> None:
    with running(tmp_path, BANSHI_WECHAT_LATE="customer-service") as stack:
        await opened(stack, page)
        card = await write(page, "第一次办护照网上怎么办", answers=2)
        assert "网上办：普通护照" in card
        link = page.locator("li.hall").last.locator("a")
        assert await link.get_attribute("href") == "https://s.nia.gov.cn"
        found = NUMBER.search(await write(page, "转人工"))
        assert found
        await stack.banshi("desk", "reply", found[1], "请讲。")
        assert await next_answer(page, 4) == (f"工作人员回复了您的留言（编号{found[1]}）：请讲。")
        await page.goto("about:blank")  # before what it is connected to is gone
