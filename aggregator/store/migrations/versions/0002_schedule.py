"""When sources are polled next, who is at them, and what the last visits brought."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Plain ADD COLUMN, so that SQLite rebuilds no table."""
    op.add_column("sources", sa.Column("host", sa.Text(), nullable=False, server_default=""))
    op.add_column("sources", sa.Column("every_s", sa.Float(), nullable=False, server_default="0"))
    op.add_column("sources", sa.Column("next_poll_at", MOMENT))
    op.add_column("sources", sa.Column("leased_until", MOMENT))
    op.add_column("sources", sa.Column("lease_holder", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_sources_next_poll_at", "sources", ["next_poll_at"])
    op.create_index("ix_entries_first_seen_at", "entries", ["first_seen_at"])
    op.create_table(
        "visits",
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("visited_at", MOMENT, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("took_s", sa.Float(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("revised", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("visit_id", name="pk_visits"),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.source_id"], name="fk_visits_source_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_visits_source_id_visit_id", "visits", ["source_id", "visit_id"])
