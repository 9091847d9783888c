"""A bare server that opens WeChat's messages and echoes them sealed: the limit of any webhook.

One Sanic process with the very envelope of the channel, and nothing behind it.
"""

from __future__ import annotations

import os
import sys

from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json, text

from wechat.account import Account
from wechat.envelope import Webhook
from wechat.messages import TextMessage


def create_app(account: Account) -> Sanic:
    """The server."""
    app = Sanic("banshi_echo", configure_logging=False)
    webhook = Webhook(account)

    @app.get("/health")
    async def health(_: Request) -> HTTPResponse:
        return json({"status": "ok"})

    @app.post("/webhook")
    async def receive(request: Request) -> HTTPResponse:
        query = {name: values[0] for name, values in request.args.items()}
        webhook.verify(query)
        opened = webhook.open(query, request.body)
        said = opened.message
        return text(opened.reply(said.text if isinstance(said, TextMessage) else "-"))

    return app


def main() -> None:
    """Run the echo on the port given."""
    app = create_app(Account.from_env(os.environ))
    app.run("127.0.0.1", int(sys.argv[1]), access_log=False, motd=False)


if __name__ == "__main__":
    main()
