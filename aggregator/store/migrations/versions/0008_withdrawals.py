"""Which stories the last documents of an output showed, and since when a published story is refused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Plain ADD COLUMN; the next publication fills in both."""
    op.add_column("outputs", sa.Column("shown", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("stories", sa.Column("refused_at", MOMENT))
