"""Followers of our hub, and what was asked of it and is not done yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Two tables, empty: nobody follows yet."""
    op.create_table(
        "followers",
        sa.Column("follower_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("path", "callback", "topic", "host")),
        sa.Column("is_hub", sa.Boolean(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("since_at", MOMENT, nullable=False),
        sa.Column("lease_until_at", MOMENT),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT),
        sa.Column("claimed_by", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("delivered_at", MOMENT),
        sa.Column("held_etag", sa.Text(), nullable=False),
        sa.Column("held_at", MOMENT),
        sa.PrimaryKeyConstraint("follower_id", name="pk_followers"),
        sa.UniqueConstraint("path", "callback", name="uq_followers_path_callback"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_followers_due_at", "followers", ["due_at"])
    op.create_table(
        "hub_requests",
        sa.Column("request_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("path", "callback", "topic", "host")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("mode", "secret", "reason")),
        sa.Column("lease_s", sa.Integer(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("request_id", name="pk_hub_requests"),
        sa.UniqueConstraint("path", "callback", name="uq_hub_requests_path_callback"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hub_requests_due_at", "hub_requests", ["due_at"])
