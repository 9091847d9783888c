"""Home visits, moves and plates; repeated requests are answered as they were (booking's 2)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Widen appointments and requests; make the counters of home visits, and plates."""
    op.add_column(
        "appointments", sa.Column("kind", sa.String(8), server_default="hall", nullable=False)
    )
    op.add_column("appointments", sa.Column("rule", sa.String(64)))
    op.add_column("appointments", sa.Column("address_sealed", sa.Text))
    op.drop_index("appointments_one_open_per_service", "appointments")
    op.create_index(
        "appointments_one_open_per_service",
        "appointments",
        ["citizen", "service", "kind"],
        unique=True,
        sqlite_where=sa.text("status = 'booked'"),
        postgresql_where=sa.text("status = 'booked'"),
    )
    op.add_column("requests", sa.Column("place", sa.String(64)))
    op.add_column("requests", sa.Column("place_name", sa.Text))
    op.add_column("requests", sa.Column("starts_at", MOMENT))
    op.add_column("requests", sa.Column("ends_at", MOMENT))
    op.create_table(
        "home_days",
        sa.Column("rule", sa.String(64), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("booked", sa.Integer, nullable=False),
        sa.Column("capacity", sa.Integer, nullable=False),
        sa.CheckConstraint("booked >= 0 AND booked <= capacity", name="home_days_never_overbooked"),
    )
    op.create_table(
        "plates",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("plate_hash", sa.String(64), primary_key=True),
        sa.Column("citizen", sa.String(64), sa.ForeignKey("citizens.citizen"), nullable=False),
        sa.Column("plate_sealed", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_index("plates_of_citizen", "plates", ["citizen", "day"])
