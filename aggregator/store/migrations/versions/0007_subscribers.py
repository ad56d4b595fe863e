"""Subscribers' keys, and how much their feeds are used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Two small tables."""
    op.create_table(
        "subscriber_keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("subscriber_id", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT),
        sa.PrimaryKeyConstraint("key", name="pk_subscriber_keys"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "subscriber_usage",
        sa.Column("subscriber_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("fetched", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", "day", name="pk_subscriber_usage"),
        sqlite_with_rowid=False,
    )
