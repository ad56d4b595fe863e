"""The first tables. What the columns mean stands in aggregator/store/tables.py."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Make every table."""
    _sources()
    _stories()
    _entries()
    _outputs()


def _text(name: str, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _moment(name: str, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, MOMENT, nullable=nullable)


def _sources() -> None:
    op.create_table(
        "sources",
        _text("source_id"),
        _text("url"),
        _text("partner_id"),
        _moment("began_at"),
        _text("etag"),
        _text("last_modified"),
        _text("body_hash"),
        _text("feed_title"),
        _text("feed_site_url"),
        _text("feed_id"),
        _text("feed_language"),
        _moment("last_polled_at"),
        _moment("last_success_at"),
        _moment("last_new_at"),
        sa.Column("failures_in_a_row", sa.Integer(), nullable=False),
        sa.Column("entries_in_feed", sa.Integer(), nullable=False),
        _text("problem"),
        _text("notes"),
        _moment("retired_at"),
        sa.PrimaryKeyConstraint("source_id", name="pk_sources"),
    )


def _stories() -> None:
    op.create_table(
        "stories",
        sa.Column("story_id", sa.Integer(), nullable=False),
        _moment("settle_due_at"),
        _text("published_id", nullable=True),
        _text("published_url", nullable=True),
        _moment("published_at"),
        _moment("first_published_at"),
        sa.Column("shown_entry_id", sa.Integer()),
        _text("shown_hash"),
        _moment("shown_at"),
        _moment("updated_at"),
        _moment("visible_until"),
        _text("refusal"),
        _moment("hidden_at"),
        _text("hidden_reason"),
        sa.PrimaryKeyConstraint("story_id", name="pk_stories"),
        sqlite_autoincrement=True,
    )
    newest = ["first_published_at", "published_at", "story_id"]
    op.create_index("ix_stories_first_published_at_published_at_story_id", "stories", newest)
    op.create_index("ix_stories_published_id", "stories", ["published_id"])
    op.create_index("ix_stories_settle_due_at", "stories", ["settle_due_at"])
    op.create_table(
        "story_topics",
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        _text("topic"),
        sa.PrimaryKeyConstraint("story_id", "position", name="pk_story_topics"),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.story_id"], name="fk_story_topics_story_id", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )


def _entries() -> None:
    op.create_table(
        "entries",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.Integer(), nullable=False),
        _text("source_id"),
        _text("partner_id"),
        sa.Column("backlog", sa.Boolean(), nullable=False),
        _moment("first_seen_at", nullable=False),
        _moment("revised_at"),
        sa.Column("key_digest", sa.BigInteger(), nullable=False),
        _text("key"),
        _text("guid"),
        _text("article_id"),
        _text("canonical_url"),
        _text("content"),
        _text("earlier"),
        _text("content_hash"),
        _text("title"),
        _text("categories"),
        _text("authors"),
        _text("provenance", nullable=True),
        _text("bands"),
        _text("text"),
        _text("raw"),
        sa.PrimaryKeyConstraint("entry_id", name="pk_entries"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.source_id"], name="fk_entries_source_id"),
        sa.ForeignKeyConstraint(["story_id"], ["stories.story_id"], name="fk_entries_story_id"),
        sa.UniqueConstraint("source_id", "key_digest", name="uq_entries_source_id_key_digest"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_entries_story_id", "entries", ["story_id"])
    for table, mark in (("rungs", "rung"), ("bands", "band")):
        op.create_table(
            table,
            sa.Column(mark, sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column("entry_id", sa.Integer(), autoincrement=False, nullable=False),
            sa.PrimaryKeyConstraint(mark, "entry_id", name=f"pk_{table}"),
            sqlite_with_rowid=False,
        )


def _outputs() -> None:
    op.create_table(
        "outputs",
        _text("output_id"),
        sa.Column("touched", sa.Integer(), nullable=False),
        sa.Column("rendered", sa.Integer(), nullable=False),
        _text("render_key"),
        _moment("next_change_at"),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("output_id", name="pk_outputs"),
    )
    op.create_table(
        "documents",
        _text("path"),
        _text("media_type"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        _text("etag"),
        _moment("changed_at", nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_documents"),
    )
    op.create_table(
        "safe_html", _text("key"), _text("markup"), sa.PrimaryKeyConstraint("key", name="pk_safe_html")
    )
    op.create_table("meta", _text("key"), _text("value"), sa.PrimaryKeyConstraint("key", name="pk_meta"))
