"""Holds, arrivals, no-shows, priority, for whom; closures, suspensions, messages, audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

MOMENT = sa.DateTime(timezone=True)
_STATUS = (
    "status IN ('held', 'booked', 'checked_in', 'served', 'no_show',"
    " 'cancelled', 'expired', 'ended')"
)
_OPEN = "status IN ('held', 'booked', 'checked_in')"


def upgrade() -> None:
    """Widen the tables of appointments and make those that stand beside them."""
    op.add_column("citizens", sa.Column("openid_sealed", sa.Text))
    op.add_column("requests", sa.Column("status", sa.String(16)))
    op.add_column("requests", sa.Column("expires_at", MOMENT))
    op.drop_index("appointments_one_open_per_service", "appointments")
    # On SQLite checks can't be changed, so the tables are made anew there; what refers to
    # appointments has to be out of the way meanwhile.
    op.execute("CREATE TEMPORARY TABLE kept_requests AS SELECT * FROM requests")
    op.execute("DELETE FROM requests")
    with op.batch_alter_table("slots") as slots:
        slots.add_column(sa.Column("priority", sa.Integer, nullable=False, server_default="0"))
        slots.create_check_constraint(
            "slots_priority_among_booked", "priority >= 0 AND priority <= booked"
        )
    with op.batch_alter_table("appointments") as appointments:
        for column in _appointment_columns():
            appointments.add_column(column)
        appointments.drop_constraint("appointments_status_known", type_="check")
        appointments.create_check_constraint("appointments_status_known", _STATUS)
        appointments.create_check_constraint(
            "appointments_holds_expire", "(status = 'held') = (expires_at IS NOT NULL)"
        )
    op.execute("INSERT INTO requests SELECT * FROM kept_requests")
    op.execute("DROP TABLE kept_requests")
    _index_appointments()
    _make_tables()


def _appointment_columns() -> list[sa.Column]:
    return [
        sa.Column("expires_at", MOMENT),
        sa.Column("priority", sa.String(64)),
        sa.Column("party", sa.String(8), nullable=False, server_default="self"),
        sa.Column("principal", sa.String(64), nullable=False, server_default="self"),
        sa.Column("principal_sealed", sa.Text),
        sa.Column("id_sealed", sa.Text),
        sa.Column("id_hash", sa.String(64)),
        sa.Column("window", sa.String(32)),
        sa.Column("checked_in_at", MOMENT),
        sa.Column("called_at", MOMENT),
        sa.Column("served_at", MOMENT),
        sa.Column("affected_at", MOMENT),
        sa.Column("affected_reason", sa.Text),
    ]


def _index_appointments() -> None:
    _index(
        "appointments_one_open_per_service",
        ["citizen", "service", "kind", "principal"],
        _OPEN,
        unique=True,
    )
    op.create_index("appointments_by_start", "appointments", ["starts_at", "place"])
    _index("appointments_open_by_end", ["ends_at"], _OPEN)
    _index("appointments_to_erase", ["ends_at"], "citizen != 'nobody'")
    _index("appointments_held", ["expires_at"], "expires_at IS NOT NULL")
    _index("appointments_open_by_id_number", ["id_hash", "service"], _OPEN)


def _index(name: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(
        name,
        "appointments",
        columns,
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def _make_tables() -> None:
    op.create_table(
        "closures",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("place", sa.String(64), nullable=False),
        sa.Column("window", sa.String(32)),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("staff", sa.String(40), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("lifted_at", MOMENT),
        sa.CheckConstraint("since < until", name="closures_begin_before_they_end"),
    )
    op.create_index("closures_of_place", "closures", ["place", "until"])
    op.create_table(
        "suspensions",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("citizen", sa.String(64), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("no_shows", sa.Integer, nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("lifted_at", MOMENT),
        sa.Column("lifted_by", sa.String(40)),
    )
    op.create_index("suspensions_of_citizen", "suspensions", ["citizen", "until"])
    _make_messages()
    op.create_table(
        "booking_audit",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("staff", sa.String(40), nullable=False),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("about", sa.String(64), nullable=False),
        sa.Column("at", MOMENT, nullable=False, index=True),
    )


def _make_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("citizen", sa.String(64), sa.ForeignKey("citizens.citizen"), nullable=False),
        sa.Column("code", sa.String(16), sa.ForeignKey("appointments.code"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("about", sa.String(64), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("why", sa.String(64)),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
        sa.UniqueConstraint("code", "kind", "about", name="messages_once"),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'dropped', 'dead')", name="messages_state_known"
        ),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "messages_waiting",
        "messages",
        ["next_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index("messages_of_citizen", "messages", ["citizen"])
