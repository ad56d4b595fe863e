"""How sources are read, what their guids are worth, and what entries were before they were revised."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Plain ADD COLUMN, so that SQLite rebuilds no table."""
    op.add_column("sources", sa.Column("way_url", sa.Text(), nullable=False, server_default=""))
    op.add_column("sources", sa.Column("way_kind", sa.Text(), nullable=False, server_default=""))
    op.add_column("sources", sa.Column("way_found_at", MOMENT))
    op.add_column("sources", sa.Column("sought_at", MOMENT))
    op.add_column("sources", sa.Column("guid_trouble", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("entries", sa.Column("feed_hash", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "revisions",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("replaced_at", MOMENT, nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("revision_id", name="pk_revisions"),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.entry_id"], name="fk_revisions_entry_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_revisions_entry_id_revision_id", "revisions", ["entry_id", "revision_id"])
