"""Since when followers fail, and when they were given up: what ops are told of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Two columns, empty: who fails now is noted when they fail again."""
    op.add_column("followers", sa.Column("failing_since_at", MOMENT))
    op.add_column("followers", sa.Column("given_up_at", MOMENT))
