"""Appointments at the hall, their counters and the idempotency keys (booking's 1)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "meta",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.String(128), nullable=False),
    )
    op.create_table(
        "citizens",
        sa.Column("citizen", sa.String(64), primary_key=True),
        sa.Column("bookings", sa.Integer, nullable=False),
    )
    op.create_table(
        "slots",
        sa.Column("service", sa.String(64), primary_key=True),
        sa.Column("place", sa.String(64), primary_key=True),
        sa.Column("starts_at", MOMENT, primary_key=True),
        sa.Column("booked", sa.Integer, nullable=False),
        sa.Column("capacity", sa.Integer, nullable=False),
        sa.CheckConstraint("booked >= 0 AND booked <= capacity", name="slots_never_overbooked"),
    )
    op.create_table(
        "appointments",
        sa.Column("code", sa.String(16), primary_key=True),
        sa.Column("citizen", sa.String(64), sa.ForeignKey("citizens.citizen"), nullable=False),
        sa.Column("service", sa.String(64), nullable=False),
        sa.Column("service_name", sa.Text, nullable=False),
        sa.Column("place", sa.String(64), nullable=False),
        sa.Column("place_name", sa.Text, nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("name_sealed", sa.Text, nullable=False),
        sa.Column("phone_sealed", sa.Text, nullable=False),
        sa.Column("phone_hash", sa.String(64), nullable=False, index=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("cancelled_at", MOMENT),
        sa.CheckConstraint(
            "status IN ('booked', 'cancelled', 'ended')", name="appointments_status_known"
        ),
    )
    op.create_index(
        "appointments_one_open_per_service",
        "appointments",
        ["citizen", "service"],
        unique=True,
        sqlite_where=sa.text("status = 'booked'"),
        postgresql_where=sa.text("status = 'booked'"),
    )
    op.create_index("appointments_of_citizen", "appointments", ["citizen", "starts_at"])
    op.create_table(
        "requests",
        sa.Column("key_hash", sa.String(64), primary_key=True),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("code", sa.String(16), sa.ForeignKey("appointments.code"), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False, index=True),
    )
