"""When sources are asked, what they have said of it, and what is wrong with them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
NO_HINTS = '{"fresh_s":0.0,"skip_hours":[],"skip_days":[]}'


def upgrade() -> None:
    """Plain ADD COLUMN, so that SQLite rebuilds no table."""
    op.add_column("sources", sa.Column("hints", sa.Text(), nullable=False, server_default=NO_HINTS))
    for name in ("moved_from", "moved_to", "planned_why"):
        op.add_column("sources", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name in (
        "moved_since_at",
        "asked_whole_at",
        "gone_at",
        "flooded_at",
        "lost_at",
        "newest_at",
        "quiet_at",
    ):
        op.add_column("sources", sa.Column(name, MOMENT))
    op.add_column("sources", sa.Column("gone_count", sa.Integer(), nullable=False, server_default="0"))
    for name in ("planned_s", "weekly"):
        op.add_column("sources", sa.Column(name, sa.Float(), nullable=False, server_default="0"))
    op.add_column("entries", sa.Column("held", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_entries_held",
        "entries",
        ["source_id"],
        sqlite_where=sa.text("held = 1"),
        postgresql_where=sa.text("held"),
    )
    op.create_table(
        "rhythms",
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("rhythm", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", name="pk_rhythms"),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.source_id"], name="fk_rhythms_source_id", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "hosts",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("rests_until_at", MOMENT),
        sa.Column("next_turn_at", MOMENT),
        sa.PrimaryKeyConstraint("host", name="pk_hosts"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "alerts",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("since_at", MOMENT, nullable=False),
        sa.Column("known_to", sa.Text(), nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.PrimaryKeyConstraint("subject", "kind", name="pk_alerts"),
        sqlite_with_rowid=False,
    )
