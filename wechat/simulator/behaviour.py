"""What goes wrong on request: a slow interface, refused tokens, lost and repeated deliveries.

Set by tests and by the server's address for it; asked by `wechat.simulator.api` for calls to the
interface and by `wechat.simulator.citizen` for what WeChat posts to the webhook.
"""

from __future__ import annotations

from collections import Counter
from enum import Enum

DEFAULT_DELAY = 3.0  # seconds


class Mishap(Enum):
    """What can go wrong."""

    SLOW = "slow"
    """The interface answers a call late."""
    REFUSED_TOKEN = "40001"  # noqa: S105 - Tencent's code
    """The interface refuses a good token."""
    QUOTA = "45047"
    """The interface refuses a message of any kind, as if the citizen had had too many."""
    DROPPED = "dropped"
    """The interface does what it is asked, and the connection breaks before it answers."""
    LOST = "lost"
    """The connection to the webhook is reset while its answer arrives, so WeChat tries again."""
    REPEATED = "repeated"
    """WeChat posts a message again although it was answered."""
    OUT_OF_ORDER = "out_of_order"
    """WeChat posts a message only after the citizen's next one."""


class Behaviour:
    """How often which mishap is still to happen.

    Attributes:
        delay: How many seconds a slow answer takes.
    """

    def __init__(self) -> None:
        self._left: Counter[Mishap] = Counter()
        self.delay = DEFAULT_DELAY

    def expect(self, mishap: Mishap, times: int = 1) -> None:
        """Lets the mishap happen at the next so many occasions; 0 calls it off."""
        self._left[mishap] = times

    def happens(self, mishap: Mishap) -> bool:
        """Whether it happens now; counts it when it does."""
        if self._left[mishap] <= 0:
            return False
        self._left[mishap] -= 1
        return True

    def calm(self) -> None:
        """Calls everything off."""
        self._left.clear()
        self.delay = DEFAULT_DELAY

    def left(self) -> dict[str, int]:
        """What is still to happen, and how often."""
        return {mishap.value: times for mishap, times in self._left.items() if times > 0}
