"""Archive pages: which stories stand in which, for good, and what is known of each page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Two tables, empty: archives begin with what the feeds show now, once that is settled anew."""
    op.create_table(
        "archived",
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("output_id", sa.Text(), nullable=False),
        sa.Column("page", sa.Integer()),
        sa.PrimaryKeyConstraint("story_id", "output_id", name="pk_archived"),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.story_id"], name="fk_archived_story_id", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_archived_output_id_page", "archived", ["output_id", "page"])
    op.create_table(
        "archive_pages",
        sa.Column("output_id", sa.Text(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("newest_at", MOMENT, nullable=False),
        sa.Column("touched", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT),
        sa.Column("page_key", sa.Text(), nullable=False),
        sa.Column("partners", sa.Text(), nullable=False),
        sa.Column("updated_at", MOMENT),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("changed_at", MOMENT),
        sa.PrimaryKeyConstraint("output_id", "page", name="pk_archive_pages"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_archive_pages_due_at", "archive_pages", ["due_at"])
    op.execute(sa.text("DELETE FROM meta WHERE key = 'settled_with'"))
