"""How many customer-service messages 客服消息 may still be sent to whom.

Tencent's rules: five within 48 hours after a citizen's message, three within a minute after a menu
click, a follow or a scan. Whoever asks here first is not refused by WeChat (45015, 45047), and
knows before an answer is late whether it could be sent at all. What was allowed before a restart is
not known; then WeChat's own refusal tells. A tap on a choice of an answer 菜单消息 is a menu click.

Tencent, 客服消息介绍, 客服消息下发规则 (with its 特别说明 of taps).
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

AFTER_MESSAGE = (5, 48 * 3_600.0)
"""Messages, and within how many seconds, after a message of the citizen."""
AFTER_EVENT = (3, 60.0)
"""The same after a menu click, a follow or a scan."""
CITIZENS = 100_000
"""So many are remembered; whoever wrote longest ago is forgotten first."""


@dataclass(slots=True)
class _Allowance:
    left: int = 0
    until: float = 0.0


@dataclass(slots=True)
class _Allowances:
    """One for the latest message, one for the latest event: the one doesn't end the other.

    No message is known of a citizen who only clicked since the server was started; one may have
    been there before.
    """

    message: _Allowance | None = None
    event: _Allowance | None = None


class Quota:
    """What is left of each citizen's allowances."""

    def __init__(
        self, *, citizens: int = CITIZENS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._citizens = citizens
        self._clock = clock
        self._kept: OrderedDict[str, _Allowances] = OrderedDict()

    def note(self, openid: str, *, event: bool = False) -> None:
        """Note that the citizen wrote, or that something happened which allows to write, too."""
        kept = self._keep(openid)
        most, seconds = AFTER_EVENT if event else AFTER_MESSAGE
        fresh = _Allowance(most, self._clock() + seconds)
        if event:
            kept.event = fresh
        else:
            kept.message = fresh

    def left(self, openid: str) -> int | None:
        """How many messages may be sent now; None when that isn't known."""
        kept = self._kept.get(openid)
        if kept is None:
            return None
        open_ = self._open(kept)
        return sum(one.left for one in open_) if open_ or kept.message else None

    def may_send(self, openid: str) -> bool:
        """Whether there is a point in trying."""
        return self.left(openid) != 0

    def spend(self, openid: str) -> None:
        """Count a message that was sent, on the allowance that ends first."""
        kept = self._kept.get(openid)
        usable = [] if kept is None else [one for one in self._open(kept) if one.left]
        if usable:
            min(usable, key=lambda one: one.until).left -= 1

    def exhaust(self, openid: str) -> None:
        """WeChat says that nothing is left, until the citizen writes again."""
        kept = self._keep(openid)
        kept.message, kept.event = _Allowance(), None

    def _keep(self, openid: str) -> _Allowances:
        """What is known of the citizen, as the newest of all."""
        kept = self._kept.setdefault(openid, _Allowances())
        self._kept.move_to_end(openid)
        if len(self._kept) > self._citizens:
            self._kept.popitem(last=False)
        return kept

    def _open(self, kept: _Allowances) -> list[_Allowance]:
        moment = self._clock()
        return [one for one in (kept.message, kept.event) if one and one.until > moment]
