"""The desk's tables, in the backend's database beside those of the appointments.

What people wrote is sealed, and so is the citizen's id, which letters need; a citizen is found by a
keyed hash. Moments are stored as UTC.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from database.moments import Moment
from desk.values import CaseKind, CaseStatus, Who

metadata = MetaData()


def _one_of(column: str, values: list[str], name: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=name)


cases = Table(
    "desk_cases",
    metadata,
    Column("number", String(16), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("citizen", String(64), nullable=False),
    Column("openid_sealed", Text, nullable=False),
    Column("service", String(64)),
    Column("text_sealed", Text, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("answer_by", Date),
    Column("changed_at", Moment, nullable=False),
    Column("closed_at", Moment),
    _one_of("kind", [kind.value for kind in CaseKind], "desk_cases_kind_known"),
    _one_of("status", [status.value for status in CaseStatus], "desk_cases_status_known"),
    CheckConstraint(
        "(status = 'closed') = (closed_at IS NOT NULL)", name="desk_cases_closed_has_its_time"
    ),
)
Index("desk_cases_of_citizen", cases.c.citizen, cases.c.opened_at)
Index("desk_cases_by_status", cases.c.status, cases.c.answer_by)

messages = Table(
    "desk_messages",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column(
        "number",
        String(16),
        ForeignKey("desk_cases.number", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("who", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    Column("text_sealed", Text, nullable=False),
    _one_of("who", [who.value for who in Who], "desk_messages_who_known"),
)
"""What was said in a case, in the order of the ids."""

letters = Table(
    "desk_letters",
    metadata,
    Column("id", String(32), primary_key=True),
    Column(
        "message",
        Integer,
        ForeignKey("desk_messages.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("made_at", Moment, nullable=False, index=True),
    Column("delivered_at", Moment),
    Column("given_up_at", Moment),
)
"""The outbox: replies on their way to the chat. A letter's words are those of its message."""

ratings = Table(
    "desk_ratings",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("citizen", String(64)),
    Column("about", String(96), nullable=False),
    Column("service", String(64)),
    Column("day", Date, nullable=False),
    Column("level", Integer, nullable=False),
    CheckConstraint("level BETWEEN 1 AND 5", name="desk_ratings_level_known"),
    UniqueConstraint("citizen", "about", "day", name="desk_ratings_one_a_day"),
)
"""好差评. An anonymised rating has no citizen, and no appointment by which to find one."""

questions = Table(
    "desk_questions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("text_sealed", Text, nullable=False),
    Column("outcome", String(32), nullable=False),
    Column("nearest", Text, nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Column("done_at", Moment),
)
"""Questions without an answer, masked and sealed, with nothing that tells whose they are."""

wrong_checks = Table(
    "desk_wrong_checks",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("citizen", String(64), nullable=False, index=True),
    Column("at", Moment, nullable=False),
)
"""Failed looks at the progress of an application, to limit guessing."""

audit = Table(
    "desk_audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("staff", String(40), nullable=False),
    Column("what", String(32), nullable=False),
    Column("about", String(32), nullable=False),
    Column("at", Moment, nullable=False),
)
"""Which staff member read or changed what, and when; it outlives what was read."""

requests = Table(
    "desk_requests",
    metadata,
    Column("key_hash", String(64), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("result", String(32), nullable=False),
    Column("at", Moment, nullable=False, index=True),
)
"""Idempotency keys and what they led to; a refused request changes nothing and has none."""
