"""Plays Tencent, for tests, for the terminal chat and for a phone in the browser.

Everything goes over real HTTP, correctly signed and encrypted, and is judged as WeChat judges it:
an answer after five seconds, a wrong signature or one field too few and the citizen would read
该公众号提供的服务出现故障. Imported by no code that runs in a hall. What is where:

- `citizen`: one citizen's side, what is written to the webhook and what comes back;
  `composing` writes the messages and events, `judging` reads the passive replies.
- `api`: Tencent's interface; `tokens`, `outgoing`, `templates`, `menus`, `media` judge what it is
  asked, `contacts` knows who follows and what may still be sent to whom.
- `behaviour`: what goes wrong on request.
"""

from wechat.simulator.api import TencentApi
from wechat.simulator.behaviour import Behaviour, Mishap
from wechat.simulator.citizen import PATIENCE, Citizen
from wechat.simulator.contacts import Contacts
from wechat.simulator.templates import Template
from wechat.simulator.values import Article, Reply, Sent

__all__ = [
    "PATIENCE",
    "Article",
    "Behaviour",
    "Citizen",
    "Contacts",
    "Mishap",
    "Reply",
    "Sent",
    "Template",
    "TencentApi",
]
