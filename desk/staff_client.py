"""The staff's client: what the command line calls to read and answer what citizens left.

Every call names the staff member, whom the backend notes beside what was read or changed. A call
ends within the time-out in a value, `DeskRefused` or `DeskUnavailable`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import quote

from booking.transport import in_path
from desk.calls import Calls
from desk.staff_values import CaseLine, Figures, StaffCase
from desk.values import CaseKind, CaseStatus, QuestionGroup


class StaffClient(Calls):
    """Talks to one backend in the name of one staff member."""

    def __init__(self, base_url: str, key: str, staff: str, timeout_seconds: float = 10.0) -> None:
        super().__init__(base_url, key, timeout_seconds)
        self._name = {"X-Staff": quote(staff)}  # a header is ASCII, a name is not

    async def cases(
        self, status: CaseStatus | None = None, kind: CaseKind | None = None, limit: int = 50
    ) -> tuple[CaseLine, ...]:
        """The cases of this status and kind, the most urgent first; `limit` is 1 to 200."""
        body = {
            "status": status.value if status else None,
            "kind": kind.value if kind else None,
            "limit": limit,
        }
        return await self.call("staff/cases", body, _lines, self._name)

    async def read(self, number: str) -> StaffCase:
        """One case whole, in clear; that it was read is noted.

        Raises:
            DeskRefused: CASE_NOT_FOUND or BAD_REQUEST.
            DeskUnavailable: No usable answer came.
        """
        path = f"staff/cases/{in_path(number)}"
        return await self.call(path, {}, StaffCase.from_json, self._name)

    async def reply(self, number: str, text: str, *, idempotency_key: str) -> StaffCase:
        """Answer a case; the answer goes to the citizen's chat as a letter.

        Raises:
            DeskRefused: CASE_NOT_FOUND, CASE_CLOSED, IDEMPOTENCY_CONFLICT or BAD_REQUEST.
            DeskUnavailable: No usable answer came; repeat it with the same key.
        """
        return await self.call(
            f"staff/cases/{in_path(number)}/reply",
            {"text": text},
            StaffCase.from_json,
            {**self._name, "Idempotency-Key": idempotency_key},
        )

    async def close(self, number: str) -> StaffCase:
        """Close a case; one that is closed already stays so.

        Raises:
            DeskRefused: CASE_NOT_FOUND or BAD_REQUEST.
            DeskUnavailable: No usable answer came; repeating is safe.
        """
        path = f"staff/cases/{in_path(number)}/close"
        return await self.call(path, {}, StaffCase.from_json, self._name)

    async def questions(
        self, since: date | None = None, outcome: str | None = None
    ) -> tuple[QuestionGroup, ...]:
        """Questions without an answer that nobody has marked as done, most frequent first.

        Args:
            since: Only groups that were asked on or after this day.
            outcome: Only groups of which a question ended so.
        """
        body = {"since": since.isoformat() if since else None, "outcome": outcome}
        return await self.call("staff/questions", body, _groups, self._name)

    async def question_done(self, question: int) -> int:
        """Mark the group with this question as done; gives how many questions that were.

        Raises:
            DeskRefused: UNKNOWN_QUESTION or BAD_REQUEST.
            DeskUnavailable: No usable answer came.
        """
        path = f"staff/questions/{question}/done"
        return await self.call(path, {}, lambda data: int(data["done"]), self._name)

    async def figures(self) -> Figures:
        """How many cases wait, and how citizens rated."""
        return await self.call("staff/figures", {}, Figures.from_json, self._name)


def _lines(data: Mapping[str, Any]) -> tuple[CaseLine, ...]:
    return tuple(CaseLine.from_json(one) for one in data["cases"])


def _groups(data: Mapping[str, Any]) -> tuple[QuestionGroup, ...]:
    return tuple(QuestionGroup.from_json(one) for one in data["groups"])
