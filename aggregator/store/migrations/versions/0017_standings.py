"""What stood in sources' documents when they were last read, so that only what is new in them is parsed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A table, empty: each document is read whole once more."""
    op.create_table(
        "standings",
        sa.Column(
            "source_id", sa.Text(), sa.ForeignKey("sources.source_id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("envelope", sa.Text(), nullable=False),
        sa.Column("entries", sa.LargeBinary(), nullable=False),
        sqlite_with_rowid=False,
    )
