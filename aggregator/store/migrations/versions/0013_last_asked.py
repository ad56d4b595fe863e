"""When each subscriber's documents were last asked for, beside how often."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """A column, empty: of what was before this is not known."""
    op.add_column("subscriber_usage", sa.Column("last_asked_at", MOMENT))
