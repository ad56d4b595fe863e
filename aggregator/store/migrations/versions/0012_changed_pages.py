"""Archive pages by when they changed: a service asks each second which ones another one made anew."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An index."""
    op.create_index("ix_archive_pages_changed_at", "archive_pages", ["changed_at"])
