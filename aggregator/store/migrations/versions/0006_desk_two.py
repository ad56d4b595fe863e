"""Why an entry joined its story, an editor's headline, facets, and a full text search over all entries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.errors import SchemaError

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# With a large buffer what is stored already is indexed in two thirds of the time; eight segments of one size are
# merged into one, not four, which costs a search little and adding an entry a tenth less.
FTS5 = (
    "CREATE VIRTUAL TABLE entry_words USING fts5(title, text, content='entries', content_rowid='entry_id', "
    "tokenize='unicode61 remove_diacritics 2')",
    "INSERT INTO entry_words (entry_words, rank) VALUES ('automerge', 8)",
    "INSERT INTO entry_words (entry_words, rank) VALUES ('hashsize', 33554432)",
    "INSERT INTO entry_words (entry_words) VALUES ('rebuild')",
    "INSERT INTO entry_words (entry_words, rank) VALUES ('hashsize', 1048576)",
    # An entry may be changed in the transaction that added it, before it is indexed.
    "CREATE TRIGGER entry_words_changed AFTER UPDATE OF title, text ON entries "
    "WHEN (old.title IS NOT new.title OR old.text IS NOT new.text) "
    "AND EXISTS (SELECT 1 FROM entry_words_docsize WHERE id = old.entry_id) BEGIN "
    "INSERT INTO entry_words (entry_words, rowid, title, text) "
    "VALUES ('delete', old.entry_id, old.title, old.text); "
    "INSERT INTO entry_words (rowid, title, text) VALUES (new.entry_id, new.title, new.text); END",
    "CREATE TRIGGER entry_words_deleted AFTER DELETE ON entries "
    "WHEN EXISTS (SELECT 1 FROM entry_words_docsize WHERE id = old.entry_id) BEGIN "
    "INSERT INTO entry_words (entry_words, rowid, title, text) "
    "VALUES ('delete', old.entry_id, old.title, old.text); END",
)
WORDS_OF_ENTRY = (
    r"ts_delete(to_tsvector('simple', regexp_replace(regexp_replace(normalize(left(title || ' endofheadline ' || text, "
    r"100000), NFD), '[\u0300-\u036f]+', '', 'g'), '[!-/:-@\[-`{-~\u00a0-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8"
    r"\u00bb\u00bf\u00d7\u00f7\u060c\u061b\u061f\u06d4\u0964\u0965\u2000-\u206f\u20d0-\u20ff\u2100-\u214f"
    r"\u2190-\u2bff\u3000-\u303f\ufe00-\ufe0f\U0001f000-\U0001faff]+', ' ', 'g')), 'endofheadline')"
)


def upgrade() -> None:
    """Plain ADD COLUMN; then all that is stored is read once for the index."""
    op.add_column("entries", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    for name in ("override_title", "overridden_title"):
        op.add_column("stories", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "story_facets",
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("story_id", "kind", "code", name="pk_story_facets"),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.story_id"], name="fk_story_facets_story_id", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.create_index("entry_words", "entries", [sa.literal_column(WORDS_OF_ENTRY)], postgresql_using="gin")
        return
    if not connection.scalar(sa.text("SELECT count(*) FROM pragma_module_list WHERE name = 'fts5'")):
        raise SchemaError("this SQLite has no full text search: install one that was built with FTS5")
    for statement in FTS5:
        connection.exec_driver_sql(statement)
