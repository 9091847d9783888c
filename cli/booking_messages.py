"""`banshi booking suspensions` and `messages`: who may not book, what reached no citizen."""

from __future__ import annotations

import re

import click

from cli.booking_calls import ask
from cli.booking_words import NONE
from cli.staff import staff_option
from cli.tables import print_table

STATES = {"dead": "没送到", "waiting": "待送", "sent": "已送到", "dropped": "不用送了"}
WHY = {
    "not seen in time": "到时限群众还没看到",
    "not seen yet": "群众还没看到",
    "no address": "没有群众的微信地址",
    "channel down": "对话服务没有运行",
}
"""What the messenger notes, as staff read it."""


@click.command()
@staff_option
def suspensions(staff: str | None) -> None:
    """暂停预约: who may not book, for no-shows."""
    print_table(
        ("编号", "末次预约号", "姓名", "爽约次数", "从", "到"),
        [
            (
                one.id,
                one.code,
                one.name or "（已清除）",
                str(one.no_shows),
                f"{one.since:%Y-%m-%d %H:%M}",
                f"{one.until:%Y-%m-%d %H:%M}",
            )
            for one in ask(staff, lambda client: client.suspensions())
        ],
    )


@click.command()
@click.argument("suspension")
@staff_option
def lift(suspension: str, staff: str | None) -> None:
    """恢复预约: end a suspension; the citizen is told."""
    lifted = ask(staff, lambda client: client.lift(suspension))
    click.echo(f"已恢复预约，会告诉本人：{lifted.name or '（已清除）'}（{lifted.code}）")


@click.command()
@click.option(
    "--state",
    type=click.Choice(list(STATES)),
    default="dead",
    show_default=True,
    help="dead 没送到, waiting 待送, sent 已送到, dropped 不用送了.",
)
@staff_option
def messages(state: str, staff: str | None) -> None:
    """消息: messages to citizens, 500 at most."""
    from booking.message_values import MessageState  # noqa: PLC0415

    found = ask(staff, lambda client: client.messages(MessageState(state)))
    print_table(
        ("编号", "预约号", "内容", "状态", "应送时间", "试过", "为什么"),
        [
            (
                one.id,
                one.code,
                one.kind.chinese,
                STATES[one.state.value],
                f"{one.due:%Y-%m-%d %H:%M}",
                f"{one.tries}次",
                _why(one.why),
            )
            for one in found
        ],
    )


@click.command()
@click.argument("message")
@staff_option
def resend(message: str, staff: str | None) -> None:
    """重发: try a message again that did not arrive."""
    ask(staff, lambda client: client.send_again(message))
    click.echo("这条消息会再试着送。")


def _why(why: str | None) -> str:
    if why is None:
        return NONE
    answered = re.fullmatch(r"the bot answered (\d+)", why)
    return f"对话服务答{answered[1]}" if answered else WHY.get(why, why)
