"""The terminal chat: a citizen's WeChat, without WeChat.

Talks to a running hall through the real webhook, signed and encrypted like a message of WeChat's.
Called by ``banshi chat``.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable

from prompt_toolkit import PromptSession

from wechat.account import Account
from wechat.errors import NobodyListens, ServiceUnavailable
from wechat.simulator import Citizen, Reply

ME = "我: "
HALL = "办事: "
FOLLOW = "/follow"
NO_REPLY = "（没有回复）"
UNAVAILABLE = "该公众号暂时无法提供服务，请稍后再试"  # WeChat's own words


async def chat(url: str, account: Account, openid: str) -> int:
    """Follows the account, then sends each line and prints the reply, until the input ends.

    Args:
        url: The webhook's address.
        account: The hall's account, which signs and encrypts.
        openid: Who the hall takes us for.

    Returns:
        The exit code: 0, or 1 when nobody listens at the address.
    """
    read = _prompt() if sys.stdin.isatty() else _read_line
    async with Citizen(url, account, openid) as citizen:
        try:
            await _show(citizen.follow())
            while (line := await read()) is not None:
                if line == FOLLOW:
                    await _show(citizen.follow())
                elif line:
                    await _show(citizen.say(line))
        except NobodyListens:
            print(f"连不上 {url}：先运行 make up", file=sys.stderr)
            return 1
    return 0


async def _show(reply: Awaitable[Reply | None]) -> None:
    try:
        shown = await reply
    except NobodyListens:
        raise
    except ServiceUnavailable as error:
        print(f"{HALL}{UNAVAILABLE} ({error})", flush=True)
        return
    print(HALL + (shown.text if shown else NO_REPLY), flush=True)


def _prompt() -> Callable[[], Awaitable[str | None]]:
    session: PromptSession[str] = PromptSession()

    async def read() -> str | None:
        try:
            return (await session.prompt_async(ME)).strip()
        except (EOFError, KeyboardInterrupt):
            return None

    return read


async def _read_line() -> str | None:
    read: str = await asyncio.to_thread(sys.stdin.readline)
    if not read:
        return None
    line = read.strip()
    if line:
        print(ME + line, flush=True)
    return line
