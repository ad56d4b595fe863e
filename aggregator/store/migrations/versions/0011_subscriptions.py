"""Our subscriptions at partners' hubs, and which hub a source's document offers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """A table, empty: what documents offer is learnt when they are read next."""
    for name in ("hub", "self_url"):
        op.add_column("sources", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    texts = ("token", "source_id", "hub", "self_url", "secret", "state", "problem")
    moments = (
        *("asked_at", "verified_at", "listens_from_at", "lease_until_at", "due_at"),
        *("pushed_at", "missed_at"),
    )
    op.create_table(
        "subscriptions",
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        *(sa.Column(name, MOMENT) for name in moments),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_subscriptions"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_subscriptions_source_id", "subscriptions", ["source_id"])
