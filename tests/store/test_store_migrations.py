"""The schema: made from nothing, equal to tables.py, refused when it is not ours."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from stat import S_IMODE
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Integer, MetaData, Table, text
from store_values import HOUR, NOW, candidate

from aggregator.errors import SchemaError, StoreError
from aggregator.model.entry import Entry, Reread
from aggregator.model.listing import StoryQuery
from aggregator.model.reading import Facts
from aggregator.model.source import SourceDefinition
from aggregator.store import tables
from aggregator.store.engine import open_database
from aggregator.store.migrate import VERSION_TABLE
from aggregator.store.search import INDEX
from aggregator.store.store import Store
from aggregator.store.tables import SCHEMA_VERSION, metadata
from aggregator.store.types import JsonOf, UtcDateTime


def test_migrated_schema_is_what_the_code_expects(store: Store, database_url: str) -> None:
    with open_database(database_url).readers.connect() as connection:
        options = {"version_table": VERSION_TABLE, "compare_type": True, "include_name": is_not_of_search}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []


def is_not_of_search(name: str | None, *_: object) -> bool:
    """What answers searches is another thing on each kind of database, and no part of ``metadata``."""
    return name is None or not name.startswith(INDEX)


def test_the_newest_migration_is_the_version_that_the_code_names() -> None:
    migrations = Path(tables.__file__).parent / "migrations"
    assert ScriptDirectory(str(migrations)).get_heads() == [SCHEMA_VERSION]


@contextmanager
def at_version(version: str, database_url: str) -> Iterator[Connection]:
    """A new database as that version left it."""
    config = Config()
    config.set_main_option("script_location", str(Path(tables.__file__).parent / "migrations"))
    with open_database(database_url).writers.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        yield connection


def test_a_database_of_the_first_version_is_brought_up_with_what_it_holds(database_url: str) -> None:
    with at_version("0001", database_url) as connection:
        columns = (
            "source_id, url, partner_id, etag, last_modified, body_hash, feed_title, feed_site_url, feed_id"
        )
        more = "feed_language, failures_in_a_row, entries_in_feed, problem, notes"
        values = "'a', 'https://a.example/rss', 'p', '', '', 'h', '', '', '', '', 0, 3, '', '[]'"
        connection.execute(text(f"INSERT INTO sources ({columns}, {more}) VALUES ({values})"))
    store = Store(database_url)
    store.migrate()
    with store.write() as tx:
        state = tx.source_state("a")
        assert state is not None
        assert (state.body_hash, state.entries_in_feed, state.next_poll_at) == ("h", 3, None)
        tx.sync_sources([SourceDefinition("a", "https://a.example/rss", "p", 900.0)], NOW)
        assert tx.has_due_source(NOW)
    store.close()


def test_entries_of_the_fourth_version_are_still_read(database_url: str) -> None:
    """As the first release with a desk finds them: stories that were published, with what partners sent."""
    with at_version("0004", database_url) as connection:
        dialect = connection.dialect
        seen_at = UtcDateTime().process_bind_param(NOW, dialect)
        raw = JsonOf(Entry).process_bind_param(candidate("a").entry, dialect)
        published = {"published_at": seen_at, "settle_due_at": seen_at, "shown_entry_id": 1}
        held = {"title": "Judul", "text": "Isi.", "content_hash": "2:a.b.c", "raw": raw, "bands": "[1,2]"}
        known: dict[str, dict[str, Any]] = {
            "sources": {"source_id": "s"},
            "stories": {"story_id": 1, **published},
            "entries": {"entry_id": 1, "story_id": 1, "source_id": "s", "first_seen_at": seen_at, **held},
        }
        for name, values in known.items():
            _insert(connection, name, values)
        connection.execute(text("INSERT INTO bands (band, entry_id) VALUES (1, 1)"))
    store = Store(database_url)
    store.migrate()
    reread = Reread(1, "2:a.b.c", "Isi.", "3:a.b.c", (5, 6), None, Facts())
    with store.write() as tx:
        (story,) = tx.unsettled(NOW)
        assert (story.entries[0].text, story.entries[0].facts) == ("Isi.", Facts())
        assert tx.entries_of_other_version({"": "3"}, NOW - HOUR) == {"": (1,)}
        tx.keep_reread([reread])
        (found,) = tx.known("t", [candidate("x", marks=(6,))])
        assert found.marks == (5, 6)
    store.close()


def test_entries_of_the_fifth_version_are_found_and_change_as_any(database_url: str) -> None:
    with at_version("0005", database_url) as connection:
        dialect = connection.dialect
        seen_at = UtcDateTime().process_bind_param(NOW, dialect)
        raw = JsonOf(Entry).process_bind_param(candidate("a").entry, dialect)
        _insert(connection, "sources", {"source_id": "s"})
        for number, words in ((1, "banjir rob"), (2, "operasi pasar"), (3, "x" * 100_000)):
            _insert(connection, "stories", {"story_id": number, "settle_due_at": seen_at})
            read = {"title": "Judul", "text": words, "content_hash": f"3:{number}", "raw": raw}
            known = {"entry_id": number, "story_id": number, "source_id": "s", "first_seen_at": seen_at}
            _insert(connection, "entries", {**known, "key_digest": number, "held": False, **read})
    store = Store(database_url)
    store.migrate()
    with store.write() as tx:
        assert tx.list_stories(StoryQuery(search="judul"), 9).found == 3
        (found,) = tx.list_stories(StoryQuery(search='"operasi pasar"'), 9).stories
        (story,) = [one for one in tx.unsettled(NOW) if one.story_id == found.story_id]
        assert (story.entries[0].reason, story.override_title, story.facets) == ("", "", ())
        tx.keep_reread([Reread(2, "3:2", "gempa", "3:b", (), None, Facts())])
        assert tx.list_stories(StoryQuery(search="pasar"), 9).found == 0
        assert tx.list_stories(StoryQuery(search="gempa"), 9).stories[0].story_id == 2
    store.close()


def test_what_outputs_of_the_thirteenth_version_show_is_known_by_version(database_url: str) -> None:
    """So that an upgrade is not news, and what was changed but not printed yet still is."""
    before_at, printed_at, after_at = NOW - HOUR, NOW, NOW + HOUR
    with at_version("0013", database_url) as connection:
        moments = {
            name: UtcDateTime().process_bind_param(at, connection.dialect)
            for name, at in (("before", before_at), ("printed", printed_at), ("after", after_at))
        }
        for number, changed in ((1, "before"), (2, "printed"), (3, "after"), (4, None)):
            times = {"first_published_at": moments["before"], "published_at": moments["before"]}
            updated = {"updated_at": moments[changed] if changed else None}
            _insert(connection, "stories", {"story_id": number, **times, **updated})
        for output_id, shown, at in (("all", "[3,1,4,2,77]", "printed"), ("x", "[]", None)):
            values = {"output_id": output_id, "shown": shown, "updated_at": moments[at] if at else None}
            _insert(connection, "outputs", values)
        for number, name, tries in ((1, "waits", 0), (2, "given-up", 8)):
            follower: dict[str, Any] = {"follower_id": number, "callback": name, "is_hub": True}
            counts = {"wanted": 3, "sent": 2, "tries": tries, "since_at": moments["before"]}
            _insert(connection, "followers", follower | counts)
    store = Store(database_url)
    store.migrate()
    with store.read() as tx:
        assert [one[:2] for one in tx.shown("all").values()] == [
            (3, printed_at),  # another than its newest, which was not printed yet
            (1, before_at),
            (4, before_at),
            (2, printed_at),
            (77, printed_at),
        ]
        assert tx.shown("x") == {}
        assert tx.output_states()["all"].owed == ()
    with store.write() as tx:
        tx.let_deliver(NOW)
        due = {one.callback: one.due_at for one in tx.followers()}
    assert due == {"waits": NOW, "given-up": None}
    store.close()


def _insert(connection: Connection, name: str, values: dict[str, Any]) -> None:
    """A row with empty values for whatever else the table wants."""
    table = Table(name, MetaData(), autoload_with=connection)
    empty = {
        column.name: 0 if isinstance(column.type, Integer) else NOTHING.get(column.name, "")
        for column in table.columns
        if not column.nullable and column.server_default is None
    }
    connection.execute(table.insert().values({**empty, **values}))


NOTHING = {
    "marks": b"",
    "earlier": "[]",
    "categories": "[]",
    "authors": "[]",
    "notes": "[]",
    "backlog": False,
}


def test_migrating_again_changes_nothing(store: Store) -> None:
    with store.write() as tx:
        tx.set_meta("kept", "yes")
    store.migrate()
    with store.read() as tx:
        assert tx.meta("kept") == "yes"


def test_processes_that_start_at_once_migrate_once(database_url: str) -> None:
    stores = [Store(database_url) for _ in range(6)]
    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(Store.migrate, stores)) == [None] * 6
    with stores[0].read() as tx:
        assert tx.counts().stories == 0
    for store in stores:
        store.close()


def test_starting_at_once_on_a_new_file_is_waited_for(tmp_path: Path) -> None:
    """The switch to WAL is refused without a wait in about 1 of 30 starts (engine._write_ahead)."""
    with ThreadPoolExecutor(4) as threads:
        for attempt in range(12):
            stores = [Store(f"sqlite:///{tmp_path}/{attempt}.db") for _ in range(4)]
            assert list(threads.map(Store.migrate, stores)) == [None] * 4


def test_newer_database_is_refused(store: Store, database_url: str) -> None:
    with open_database(database_url).writers.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(SchemaError, match="newer version of aggregator"):
        store.migrate()


def test_database_of_another_program_is_refused(database_url: str) -> None:
    with open_database(database_url).writers.begin() as connection:
        connection.execute(text("CREATE TABLE stories (id INTEGER)"))
    with pytest.raises(SchemaError, match="not ours"):
        Store(database_url).migrate()


def test_failed_migration_leaves_nothing_behind(database_url: str) -> None:
    database = open_database(database_url)
    with database.writers.begin() as connection:
        connection.execute(text("CREATE TABLE elsewhere (id INTEGER)"))
        # The name of an index that the migration makes half-way.
        connection.execute(text("CREATE INDEX ix_stories_published_id ON elsewhere (id)"))
    with pytest.raises(StoreError, match="already exists"):
        Store(database_url).migrate()
    with database.writers.begin() as connection:
        connection.execute(text("DROP TABLE elsewhere"))
    Store(database_url).migrate()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("nonsense", "must be like sqlite"),
        ("mysql://root@localhost/x", "must be like sqlite"),
        ("sqlite://", "must be like sqlite"),
        ("sqlite:////proc/nowhere/x.db", "cannot be made"),
        ("postgres://user:geheim@127.0.0.1:1/x", "cannot be reached"),
    ],
)
def test_unusable_addresses_are_told_in_words(address: str, words: str) -> None:
    with pytest.raises(StoreError, match=words) as caught:
        Store(address).migrate()
    assert "geheim" not in str(caught.value)


def test_file_that_is_no_database_is_told_in_words(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreError, match="not an SQLite database"):
        Store(f"sqlite:///{path}").migrate()


def test_a_new_database_is_for_its_owners_eyes_only(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/data/a.db")
    store.migrate()
    with store.write() as tx:
        tx.set_meta("a", "b")
        files = list((tmp_path / "data").iterdir())
        assert {path.suffix for path in files} == {".db", ".db-wal", ".db-shm"}
        assert {S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    store.close()


def test_folder_without_permission_or_a_folder_as_file_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be made: Is a directory"):
        Store(f"sqlite:///{tmp_path}").migrate()
