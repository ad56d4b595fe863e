"""Full text search: what a person types as a query of either database, and the index that answers it.

On PostgreSQL the index is one of ``entries``, on an expression. On SQLite it is the FTS5 table ``entry_words``, which
keeps no texts but reads those of ``entries``: triggers follow what is changed or deleted there, and ``index_added``
brings what was added. A migration that rebuilds ``entries`` must make those triggers anew.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from unicodedata import normalize

from sqlalchemy import ColumnElement, Connection, Select, column, func, literal_column, select, table

from aggregator.model.characters import HARMFUL
from aggregator.store import tables

# Words of a phrase; the last one ends with '*' where it is the beginning of a word.
Phrase = tuple[str, ...]

# The FTS5 table, and the beginning of its companions' names; PostgreSQL's index.
INDEX = "entry_words"
# In characters: longer ones are sought by their beginning, for no query of PostgreSQL's takes 2 kB. Its index leaves
# out words that are so long, SQLite's does not.
LONGEST_WORD = 150

_QUOTES = re.compile('["\u201c\u201d\u201e\u201f\u00ab\u00bb]')
# No letters, numbers or marks, of which Hindi or Thai words consist too; but for those that make a sign an emoji.
_SIGNS = (
    r"!-/:-@\[-`{-~\u00a0-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u060c\u061b\u061f\u06d4\u0964\u0965"
    r"\u2000-\u206f\u20d0-\u20ff\u2100-\u214f\u2190-\u2bff\u3000-\u303f\ufe00-\ufe0f\U0001f000-\U0001faff"
)
_WORD = re.compile(rf"[^\s{_SIGNS}]+")


def _without_accents(expression: str) -> str:
    return rf"regexp_replace(normalize({expression}, NFD), '[\u0300-\u036f]+', '', 'g')"


# What FTS5's unicode61 does: no accents, and every sign ends a word. PostgreSQL's own parser would take "dan/atau"
# for a path and "kemarin.Polisi" for a host, and not see the words in them; and it refuses more than 1 MB of words.
# A word that is taken out again leaves its place empty, which no phrase passes.
# An index answers only to its own expression: who changes this needs a migration.
_TEXT = _without_accents("left(title || ' endofheadline ' || text, 100000)")
_WORDS_OF_ENTRY = (
    f"ts_delete(to_tsvector('simple', regexp_replace({_TEXT}, '[{_SIGNS}]+', ' ', 'g')), 'endofheadline')"
)


def search_terms(text: str) -> tuple[Phrase, ...]:
    """What must all occur of what a person typed, in any order; () when there is no word in it.

    Words in quotation marks are one phrase, and so are words joined by other signs (``anak-anak``). ``*`` at the end of
    either seeks words that begin so. No other sign means anything.
    """
    terms = []
    for number, part in enumerate(_QUOTES.split(normalize("NFC", HARMFUL.sub(" ", text)))):
        for written in [part] if number % 2 else part.split():
            words = [_cut(word) for word in _WORD.findall(written) if any(map(str.isalnum, word))]
            if words and written.rstrip().endswith("*"):
                words[-1] = f"{words[-1].removesuffix('*')}*"
            if words:
                terms.append(tuple(words))
    return tuple(dict.fromkeys(terms))


def stories_with(connection: Connection, terms: Collection[Phrase]) -> Select[int]:
    """The stories of which some entry has all the terms, of which there is one at least."""
    entries = tables.entries.c
    if connection.dialect.name == "sqlite":
        words = table(INDEX, column("rowid"))
        found = literal_column(INDEX).op("MATCH")(_for_sqlite(terms))
        return (
            select(entries.story_id)
            .join_from(words, tables.entries, words.c.rowid == entries.entry_id)
            .where(found)
        )
    query: ColumnElement[str] = func.normalize(_for_postgresql(terms), literal_column("NFD"))
    query = func.to_tsquery("simple", func.regexp_replace(query, r"[\u0300-\u036f]+", "", "g"))
    return select(entries.story_id).where(literal_column(_WORDS_OF_ENTRY).op("@@")(query))


def index_added(connection: Connection) -> None:
    """Let entries that were added be found; of many at once each costs a third of what it costs alone."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            f"INSERT INTO {INDEX} (rowid, title, text) SELECT entry_id, title, text FROM entries "  # noqa: S608
            f"WHERE entry_id > (SELECT coalesce(max(id), 0) FROM {INDEX}_docsize)"
        )


def _cut(word: str) -> str:
    return word if len(word) <= LONGEST_WORD else f"{word[:LONGEST_WORD]}*"


def _for_sqlite(terms: Collection[Phrase]) -> str:
    """https://www.sqlite.org/fts5.html#full_text_query_syntax"""
    each = ((" ".join(words), words[-1].endswith("*")) for words in terms)
    return " AND ".join(f'"{words.rstrip("*")}"{"*" if is_prefix else ""}' for words, is_prefix in each)


def _for_postgresql(terms: Collection[Phrase]) -> str:
    """https://www.postgresql.org/docs/current/datatype-textsearch.html#DATATYPE-TSQUERY"""
    return " & ".join(" <-> ".join(map(_operand, words)) for words in terms)


def _operand(word: str) -> str:
    return f"'{word[:-1]}':*" if word.endswith("*") else f"'{word}'"
