"""The staffed desk: cases, messages, letters, ratings, questions, audit (the desk's 1)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the desk's tables."""
    op.create_table(
        "desk_meta",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.String(128), nullable=False),
    )
    _make_cases()
    op.create_table(
        "desk_ratings",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("citizen", sa.String(64)),
        sa.Column("about", sa.String(96), nullable=False),
        sa.Column("service", sa.String(64)),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name="desk_ratings_level_known"),
        sa.UniqueConstraint("citizen", "about", "day", name="desk_ratings_one_a_day"),
    )
    op.create_table(
        "desk_questions",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("text_sealed", sa.Text, nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("nearest", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False, index=True),
        sa.Column("done_at", MOMENT),
    )
    op.create_table(
        "desk_wrong_checks",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("citizen", sa.String(64), nullable=False, index=True),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_table(
        "desk_audit",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("staff", sa.String(40), nullable=False),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("about", sa.String(32), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_table(
        "desk_requests",
        sa.Column("key_hash", sa.String(64), primary_key=True),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("result", sa.String(32), nullable=False),
        sa.Column("at", MOMENT, nullable=False, index=True),
    )


def _make_cases() -> None:
    op.create_table(
        "desk_cases",
        sa.Column("number", sa.String(16), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("citizen", sa.String(64), nullable=False),
        sa.Column("openid_sealed", sa.Text, nullable=False),
        sa.Column("service", sa.String(64)),
        sa.Column("text_sealed", sa.Text, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("answer_by", sa.Date),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.CheckConstraint(
            "kind IN ('handover', 'message', 'complaint', 'praise', 'suggestion', 'low_rating')",
            name="desk_cases_kind_known",
        ),
        sa.CheckConstraint(
            "status IN ('open', 'answered', 'closed')", name="desk_cases_status_known"
        ),
        sa.CheckConstraint(
            "(status = 'closed') = (closed_at IS NOT NULL)", name="desk_cases_closed_has_its_time"
        ),
    )
    op.create_index("desk_cases_of_citizen", "desk_cases", ["citizen", "opened_at"])
    op.create_index("desk_cases_by_status", "desk_cases", ["status", "answer_by"])
    op.create_table(
        "desk_messages",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column(
            "number",
            sa.String(16),
            sa.ForeignKey("desk_cases.number", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("who", sa.String(16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("text_sealed", sa.Text, nullable=False),
        sa.CheckConstraint(
            "who IN ('citizen', 'staff', 'assistant')", name="desk_messages_who_known"
        ),
    )
    op.create_table(
        "desk_letters",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column(
            "message",
            sa.Integer,
            sa.ForeignKey("desk_messages.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("made_at", MOMENT, nullable=False, index=True),
        sa.Column("delivered_at", MOMENT),
        sa.Column("given_up_at", MOMENT),
    )
