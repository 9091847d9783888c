"""Who follows the account, and what may still be sent to whom.

Fed with every message that a citizen sends (`heard`), asked by the interface before it delivers.
The limits are those of 客服消息 (下发额度): what a citizen does opens a window for so many messages
within so much time; a message is taken from the window that ends first.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from wechat.simulator.codes import Refusal

TYPING_WITHIN = 30.0  # seconds after the citizen's last message


@dataclass(frozen=True)
class Quota:
    """How many customer-service messages something a citizen does allows, and for how long (s)."""

    messages: int
    seconds: float


OF_A_MESSAGE = Quota(5, 48 * 3_600)
OF_A_TAP = Quota(3, 60)
"""A menu click, a follow, a scan, a tap on a choice."""
_TAPS = frozenset({"CLICK", "SUBSCRIBE", "SCAN"})


@dataclass
class _Window:
    ends: float
    left: int


@dataclass
class _Citizen:
    follows: bool = False
    windows: dict[Quota, _Window] = field(default_factory=dict)
    last_message: float | None = None
    typing: bool = False
    accepted: Counter[str] = field(default_factory=Counter)


class Contacts:
    """The citizens whom Tencent knows of one account.

    With `everybody`, all the world follows and there are no windows: for tests whose citizens write
    to the webhook past the simulator. Subscriptions count all the same.
    """

    def __init__(self, clock: Callable[[], float] = time.time, *, everybody: bool = False) -> None:
        self._clock = clock
        self._everybody = everybody
        self._citizens: dict[str, _Citizen] = {}

    def follows(self, openid: str) -> bool:
        """Whether the citizen follows the account."""
        return self._everybody or self._of(openid).follows

    def heard(self, openid: str, kind: str, event: str = "", *, tapped: bool = False) -> None:
        """Notes what a citizen did.

        Args:
            openid: The citizen.
            kind: The MsgType.
            event: Of an event, its name.
            tapped: A text came by a tap on a choice 菜单消息, which counts as a menu click.
        """
        citizen = self._of(openid)
        name = event.upper()
        if kind != "event":  # only who follows can write
            citizen.follows, citizen.last_message, citizen.typing = True, self._clock(), False
            self._open(citizen, OF_A_TAP if tapped else OF_A_MESSAGE)
        elif name == "UNSUBSCRIBE":
            citizen.follows = False
            citizen.windows.clear()
        elif name in _TAPS:
            citizen.follows = citizen.follows or name == "SUBSCRIBE"
            self._open(citizen, OF_A_TAP)

    def accept(self, openid: str, template_id: str) -> None:
        """The citizen allows one more subscription notice of this template."""
        self._of(openid).accepted[template_id] += 1

    def reject(self, openid: str, template_id: str) -> None:
        """The citizen wants no notices of this template any more."""
        self._of(openid).accepted.pop(template_id, None)

    def check_follows(self, openid: str) -> None:
        """Raises a `Refusal` (43004) for somebody who doesn't follow."""
        if not self.follows(openid):
            raise Refusal(43004)

    def check_window(self, openid: str) -> None:
        """Looks for a window that is open.

        Raises:
            Refusal: 43004, 45015 when no window is open, 45047 when what is open is used up.
        """
        self.check_follows(openid)
        if self._everybody:
            return
        windows = self._windows(openid)
        if not windows:
            raise Refusal(45015)
        if not any(window.left for window in windows):
            raise Refusal(45047)

    def take(self, openid: str) -> None:
        """Counts a customer-service message, for which `check_window` found a window."""
        self._of(openid).typing = False
        usable = [window for window in self._windows(openid) if window.left]
        if usable:
            min(usable, key=lambda window: window.ends).left -= 1

    def type(self, openid: str, *, on: bool) -> None:
        """Shows or hides 对方正在输入.

        Raises:
            Refusal: 43004, 45080 without a message in the last 30 s, 45081 when it is shown.
        """
        self.check_follows(openid)
        citizen = self._of(openid)
        if on and not self._everybody:
            last = citizen.last_message
            if last is None or self._clock() - last > TYPING_WITHIN:
                raise Refusal(45080)
            if citizen.typing:
                raise Refusal(45081)
        citizen.typing = on

    def is_typing(self, openid: str) -> bool:
        """Whether the citizen sees 对方正在输入."""
        return self._of(openid).typing

    def use_subscription(self, openid: str, template_id: str) -> None:
        """Takes one notice off what the citizen allowed; raises a `Refusal` (43101) at none."""
        accepted = self._of(openid).accepted
        if accepted[template_id] < 1:
            raise Refusal(43101)
        accepted[template_id] -= 1

    def quotas(self, openid: str) -> Mapping[float, int]:
        """When each open window ends, and how many messages are left in it."""
        return {window.ends: window.left for window in self._windows(openid)}

    def _of(self, openid: str) -> _Citizen:
        return self._citizens.setdefault(openid, _Citizen())

    def _open(self, citizen: _Citizen, quota: Quota) -> None:
        """A window replaces the one of its kind: what is left doesn't add up."""
        citizen.windows[quota] = _Window(self._clock() + quota.seconds, quota.messages)

    def _windows(self, openid: str) -> list[_Window]:
        now = self._clock()
        return [window for window in self._of(openid).windows.values() if window.ends > now]
