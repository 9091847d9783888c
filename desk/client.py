"""The desk's client: what actions call to leave something for people and to hear of it again.

Every call ends within the time-out, in one of three ways: a value, `DeskRefused` (the desk's no,
with a sentence for the citizen) or `DeskUnavailable`. Every change takes an idempotency key and may
be repeated with the same key after `DeskUnavailable`: it is done once. It imports neither Sanic nor
SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from booking.transport import in_path
from desk.calls import Calls, encode
from desk.values import (
    MAX_TEXT,
    MAX_TRANSCRIPT,
    Case,
    CaseKind,
    Erased,
    Message,
    Progress,
    RatingLevel,
)

TRANSCRIPT_BYTES = 40 * 1024
"""How much of a chat is sent along: the newest messages that fit; the backend takes 64 KiB."""


class DeskClient(Calls):
    """Talks to one backend over one HTTP session, which opens on first use.

    Also an async context manager that closes itself.
    """

    def __init__(self, base_url: str, key: str, timeout_seconds: float = 2.0) -> None:
        super().__init__(base_url, key, timeout_seconds)

    async def open_case(
        self,
        citizen: str,
        kind: CaseKind,
        text: str,
        transcript: Sequence[Message] = (),
        service: str | None = None,
        *,
        idempotency_key: str,
    ) -> Case:
        """Leave something for people.

        Args:
            citizen: The citizen's id in the channel (a WeChat openid).
            kind: What it is.
            text: What the citizen wants to say, 1 to 2000 characters.
            transcript: The chat so far, oldest first; when it is too long its newest part is sent.
            service: Id of the service it is about.
            idempotency_key: 1 to 128 printable ASCII characters.

        Raises:
            DeskRefused: TOO_MANY_OPEN, IDEMPOTENCY_CONFLICT or BAD_REQUEST.
            DeskUnavailable: No usable answer came; it may have been left or not.
        """
        body = {
            "citizen": citizen,
            "kind": kind.value,
            "text": text,
            "transcript": _fitting(transcript),
            "service": service,
        }
        return await self.call("cases", body, Case.from_json, _keyed(idempotency_key))

    async def add_message(
        self, citizen: str, number: str, text: str, *, idempotency_key: str
    ) -> Case:
        """Add to the citizen's own case, which waits for the staff again.

        Raises:
            DeskRefused: CASE_NOT_FOUND, CASE_CLOSED, IDEMPOTENCY_CONFLICT or BAD_REQUEST.
            DeskUnavailable: No usable answer came; it may have been added or not.
        """
        return await self.call(
            f"cases/{in_path(number)}/messages",
            {"citizen": citizen, "text": text},
            Case.from_json,
            _keyed(idempotency_key),
        )

    async def cases(self, citizen: str) -> tuple[Case, ...]:
        """The citizen's cases, closed ones too, newest first; 50 at the most.

        Raises:
            DeskRefused: BAD_REQUEST or BAD_KEY.
            DeskUnavailable: No usable answer came.
        """
        return await self.call("cases/search", {"citizen": citizen}, _cases)

    async def close(self, citizen: str, number: str) -> Case:
        """Close the citizen's own case; one that is closed already stays so.

        Raises:
            DeskRefused: CASE_NOT_FOUND or BAD_REQUEST.
            DeskUnavailable: No usable answer came; repeating is safe.
        """
        path = f"cases/{in_path(number)}/close"
        return await self.call(path, {"citizen": citizen}, Case.from_json)

    async def rate(
        self,
        citizen: str,
        level: RatingLevel,
        service: str | None = None,
        appointment: str | None = None,
        *,
        idempotency_key: str,
    ) -> None:
        """Rate a service, an appointment, or (with neither) the hall.

        A second rating of the same on the same day replaces the first.

        Raises:
            DeskRefused: IDEMPOTENCY_CONFLICT or BAD_REQUEST.
            DeskUnavailable: No usable answer came; it may have been kept or not.
        """
        about = {"service": service, "appointment": appointment}
        body = {"citizen": citizen, "level": int(level), "about": about}
        await self.call("ratings", body, _nothing, _keyed(idempotency_key))

    async def note_question(
        self, text: str, outcome: str, nearest: Sequence[str] = (), *, idempotency_key: str
    ) -> None:
        """Keep a question that got no good answer, without who asked it.

        Args:
            text: The question, already masked (`desk.masking.mask_personal`).
            outcome: How the chat ended it, such as `unanswerable`.
            nearest: Ids of the services that came nearest, best first; 10 at the most.
            idempotency_key: 1 to 128 printable ASCII characters.

        Raises:
            DeskRefused: IDEMPOTENCY_CONFLICT or BAD_REQUEST.
            DeskUnavailable: No usable answer came; it may have been kept or not.
        """
        body = {"text": text[:MAX_TEXT], "outcome": outcome, "nearest": list(nearest[:10])}
        await self.call("questions", body, _nothing, _keyed(idempotency_key))

    async def progress(self, citizen: str, number: str, check: str | None = None) -> Progress:
        """How far an application has come.

        Args:
            citizen: Who asks; only to limit how often one guesses.
            number: 办件编号, as typed.
            check: Last 4 characters of the applicant's phone or ID number, when asked for.

        Raises:
            DeskRefused: NO_PROGRESS_DATA, UNKNOWN_NUMBER, CHECK_NEEDED, CHECK_WRONG,
                TOO_MANY_TRIES or BAD_REQUEST.
            DeskUnavailable: No usable answer came.
        """
        body = {"citizen": citizen, "number": number, "check": check}
        return await self.call("progress", body, Progress.from_json)

    async def erase(self, citizen: str) -> Erased:
        """Delete what the citizen left, as far as the law lets it be deleted.

        Raises:
            DeskRefused: BAD_REQUEST.
            DeskUnavailable: No usable answer came; repeating is safe.
        """
        return await self.call("erase", {"citizen": citizen}, Erased.from_json)


def _cases(data: Mapping[str, Any]) -> tuple[Case, ...]:
    return tuple(Case.from_json(case) for case in data["cases"])


def _nothing(data: Mapping[str, Any]) -> None:
    if data["kept"] is not True:
        raise ValueError("not kept")


def _keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


def _fitting(transcript: Sequence[Message]) -> list[dict[str, Any]]:
    """The newest messages that the backend takes, oldest first; long texts lose their end."""
    room, fitting = TRANSCRIPT_BYTES, []
    for message in reversed(transcript[-MAX_TRANSCRIPT:]):
        if not message.text.strip():
            continue
        data = {**message.as_json(), "text": message.text[:MAX_TEXT]}
        room -= len(encode(data)) + 2
        if room < 0:
            break
        fitting.append(data)
    return fitting[::-1]
