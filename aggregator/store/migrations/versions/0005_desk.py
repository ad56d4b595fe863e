"""What the desk finds in a text, which stories are of one event, and marks of another kind."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NO_FACTS = (
    '{"city":"","agency":"","reporters":[],"editors":[],"image_credit":"","is_partial":false,'
    '"cuts":[],"doubts":[]}'
)


def upgrade() -> None:
    """The old bands are thrown away: stored entries are read anew by the first publish and get their marks."""
    op.drop_table("bands")
    op.drop_column("entries", "bands")
    # SQLite would keep a default of '' as text, which is no bytes.
    nothing = sa.text("x''" if op.get_bind().dialect.name == "sqlite" else "''")
    op.add_column("entries", sa.Column("marks", sa.LargeBinary(), nullable=False, server_default=nothing))
    op.add_column("entries", sa.Column("facts", sa.Text(), nullable=False, server_default=NO_FACTS))
    op.create_table(
        "marks",
        sa.Column("mark", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("entry_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("mark", "entry_id", name="pk_marks"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "relations",
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("story_id", "other_id", name="pk_relations"),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.story_id"], name="fk_relations_story_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["stories.story_id"], name="fk_relations_other_id", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_relations_other_id", "relations", ["other_id"])
