"""What happens to a source during a visit, and under which address a hub was asked to push to us."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Columns, empty: subscriptions whose callback is not known are asked for anew."""
    op.add_column("sources", sa.Column("wanted", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("sources", sa.Column("pushed_at", MOMENT))
    op.add_column("subscriptions", sa.Column("callback_base", sa.Text(), nullable=False, server_default=""))
