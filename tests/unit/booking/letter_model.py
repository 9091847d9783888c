"""The model's outbox: what citizens must be told, when, and what becomes of each message."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta

from model_values import (
    BOOKED,
    CAME,
    CANCELLED,
    ITEMS,
    NO_SHOW,
    SERVED,
    TOLD_FOR,
    Letter,
    LetterKey,
    One,
    State,
    quiet_until,
)

from service_catalog.clock import CHINA

_STATUS = {
    **dict.fromkeys(("booked", "moved", "affected", "restored", "tomorrow", "soon"), BOOKED),
    **dict.fromkeys(("no_show", "warned", "suspended"), NO_SHOW),
    "cancelled": CANCELLED,
    "rate": SERVED,
}
_TIMED = {kind for kind, status in _STATUS.items() if status == BOOKED}


class Letters:
    """Writes, takes back and sends."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.state = State()

    def write(
        self, one: One, kind: str, about: str, due: datetime, expires: datetime | None = None
    ) -> None:
        """Put a message into the outbox; a later one of the same kind stands for the earlier."""
        if one.citizen is not None:
            expires = due + TOLD_FOR if expires is None else expires
            self.state.letters[one.code, kind, about] = Letter(due, expires, due)

    def news(self, one: One, kind: str) -> None:
        """Tell what has just happened."""
        expires = one.start if one.start > self.now else None
        self.write(one, kind, one.start.isoformat(), self.now, expires)

    def remind(self, one: One) -> None:
        """The reminders for which there is time left."""
        day = datetime.combine(one.start.date(), time(0), CHINA)
        soon = quiet_until(one.start - timedelta(hours=2))
        for kind, due, expires in (
            ("tomorrow", day - timedelta(hours=6), day),
            ("soon", soon, one.start),
        ):
            if self.now < due < expires:
                self.write(one, kind, one.start.isoformat(), due, expires)

    def take_back(self, code: str) -> None:
        """Nothing that waits is true any more."""
        for key, letter in self.state.letters.items():
            if key[0] == code and key[1] != "lifted" and letter.state == "waiting":
                letter.state = "dropped"

    def resend(self, code: str, kind: str, due: datetime) -> None:
        """Staff let a dead message be tried again."""
        (letter,) = (
            letter
            for key, letter in self.state.letters.items()
            if (*key[:2], letter.due, letter.state) == (code, kind, due, "dead")
        )
        letter.state, letter.tries = "waiting", 0
        letter.next, letter.expires = self.now, self.now + TOLD_FOR

    def send(self, *, seen: bool) -> Counter[str]:
        """What the messenger does until nothing is due; gives to whom how much was pushed."""
        pushed: Counter[str] = Counter()
        while due := [key for key, one in self.state.letters.items() if self._due(one)]:
            true = {key for key in due if self._true(key)}
            for key in due:
                pushed.update(self._send(key, key in true, seen=seen))
        return pushed

    def affected(self, slot: tuple[str, str, datetime]) -> set[str]:
        """Codes of a slot's appointments that can't be kept, as windows are shut now."""
        left = self.left(slot)
        inside = [one for one in self.state.all.values() if one.slot == slot]
        arrived = sum(one.status == CAME for one in inside)
        booked = sorted((one.made, one.code) for one in inside if one.status == BOOKED)
        kept = max(0, left - arrived)
        return set() if left == ITEMS[slot[0]].capacity else {code for _, code in booked[kept:]}

    def left(self, slot: tuple[str, str, datetime]) -> int:
        """How many places the open windows of a slot have."""
        item, (_, place, start) = ITEMS[slot[0]], slot
        shut = {
            span.window
            for span in self.state.shut.values()
            if place == "district-hall"
            and span.since < start + item.length
            and start < span.until
            and self.now < span.until
        }
        if None in shut:
            return 0
        still = len(set(item.windows) - shut)
        return -(-item.capacity * still // len(item.windows))

    def mark(self, one: One) -> bool:
        """Tell that it can't be kept, unless that was told."""
        if one.affected or one.status != BOOKED or one.citizen is None:
            return False
        one.affected = True
        self.news(one, "affected")
        return True

    def _due(self, letter: Letter) -> bool:
        return letter.state == "waiting" and letter.next <= self.now

    def _true(self, key: LetterKey) -> bool:
        code, kind, about = key
        one = self.state.all[code]
        if one.status != _STATUS.get(kind, one.status):
            return False
        if (kind, one.affected) in {("affected", False), ("restored", True)}:
            return False
        return kind not in _TIMED or about == one.start.isoformat()

    def _send(self, key: LetterKey, true: bool, *, seen: bool) -> list[str]:
        letter, one = self.state.letters[key], self.state.all[key[0]]
        if not true:
            letter.state = "dropped"
        elif letter.expires <= self.now:
            letter.state = "dead"
        elif quiet_until(self.now) > self.now:
            letter.next = quiet_until(self.now)
        elif key[1] in {"tomorrow", "soon"} and one.rule is None and self._called_off(one):
            letter.state = "dropped"
        else:
            rest = min(timedelta(seconds=30 * 2**letter.tries), timedelta(hours=1))
            letter.state = "sent" if seen else "waiting"
            letter.next = min(self.now + rest, letter.expires)
            letter.tries += not seen
            return [str(one.citizen)]
        return []

    def _called_off(self, one: One) -> bool:
        hit = one.code in self.affected(one.slot)
        if hit:
            self.mark(one)
        return hit
