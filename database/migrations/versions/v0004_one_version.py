"""One version for all tables, Alembic's; the rooms' own version facts go, the data key's stays."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Drop what the rooms kept their versions in."""
    op.execute("DELETE FROM meta WHERE name = 'version'")
    op.drop_table("desk_meta")
