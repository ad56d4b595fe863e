"""Full text search: what is typed, what is found of it on either database, and an index that cannot drift."""

from __future__ import annotations

import _sqlite3
import ctypes
import random
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, text
from sqlalchemy.exc import DatabaseError
from store_values import NOW, candidate, copy, new

from aggregator.errors import SchemaError, StoreError
from aggregator.model.entry import Candidate, Reread
from aggregator.model.listing import StoryQuery
from aggregator.model.reading import Facts
from aggregator.model.story import Decision, Verdict
from aggregator.store.engine import open_database
from aggregator.store.search import LONGEST_WORD, search_terms, stories_with
from aggregator.store.store import Store
from aggregator.store.writes import WriteTx


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("banjir jambi", (("banjir",), ("jambi",))),
        ("  banjir \t banjir\n", (("banjir",),)),
        ('"operasi pasar" beras', (("operasi", "pasar"), ("beras",))),
        ("“operasi pasar” «beras murah»", (("operasi", "pasar"), ("beras", "murah"))),
        ('"operasi pasar', (("operasi", "pasar"),)),
        ('banjir"rob pantura"surut', (("banjir",), ("rob", "pantura"), ("surut",))),
        ("anak-anak", (("anak", "anak"),)),
        ("kompas.com", (("kompas", "com"),)),
        ("gubern*", (("gubern*",),)),
        ("guber*nur", (("guber", "nur"),)),
        ('"wali kot*"', (("wali", "kot*"),)),
        ("banjir NEAR(a b) OR -kota AND NOT title:x ^y", None),
        ("Mbappé e\u0301", (("Mbappé",), ("é",))),
        ("दिल्ली ผู้ว่า مُحَمَّد", (("दिल्ली",), ("ผู้ว่า",), ("مُحَمَّد",))),  # marks are of their words
        ("x² ½ CO₂", (("x²",), ("½",), ("CO₂",))),
        ("❤\ufe0fhati 1\ufe0f\u20e3satu", (("hati",), ("1", "satu"))),
        ("का\u0903। \u0903", (("का\u0903",),)),
        ("'; DROP TABLE entries; --", (("DROP",), ("TABLE",), ("entries",))),
        ("4G 2024 5,5", (("4G",), ("2024",), ("5", "5"))),
        ("x" * 1000, (("x" * LONGEST_WORD + "*",),)),
        ("x" * 1000 + "*", (("x" * LONGEST_WORD + "*",),)),
        ("", ()),
        ('" * - : ( ) ^ + 🔥 …', ()),
        ("***", ()),
        ("__", ()),
    ],
)
def test_what_is_typed_becomes_words_that_must_all_occur(
    typed: str, terms: tuple[tuple[str, ...], ...] | None
) -> None:
    words = ["banjir", "NEAR", "a", "b", "OR", "kota", "AND", "NOT", "title", "x", "y"]
    expected = tuple((word,) for word in words) if terms is None else terms
    found = search_terms(typed)
    assert [word for term in found for word in term] == [word for term in expected for word in term]
    assert terms is None or found == terms


def article(name: str, title: str, body: str) -> Candidate:
    of = candidate(name, text=body)
    return replace(of, entry=replace(of.entry, title=title))


ARTICLES = {
    "market": article(
        "market", "Operasi Pasar di Jambi", "Beras dan/atau minyak dijual.\nIstri wali kota hadir."
    ),
    "flood": article(
        "flood", "Banjir Rob di Pantura", "Air naik kemarin.Polisi berjaga, anak-anak diungsikan."
    ),
    "others": article(
        "others",
        "दिल्ली समाचार",
        "मुख्यमंत्री ने हिंदी भाषा कहा। ผู้ว่า รัฐบาลไทย தமிழ் مُحَمَّد فِي جَاكَرْتَا، ½ persen, 3½ kilo, ⅓ lahan x² dan CO₂.\n"
        "❤\ufe0ftangan 1\ufe0f\u20e3jari",
    ),
    "goal": article("goal", "Dua gol Mbappé", "ÉCOLE, “tim tamu” unggul; sumber: kompas.com pasar 🔥taruhan"),
}


def filled(store: Store) -> None:
    with store.write() as tx:
        tx.apply("s", "p", [new(one) for one in ARTICLES.values()], NOW)


def found(store: Store, typed: str) -> set[str]:
    """The articles that a search finds, by name."""
    with store.read() as tx:
        listed = tx.list_stories(StoryQuery(search=typed), 50)
        stories = {story.story_id: story for story in tx.unsettled(NOW + timedelta(days=9))}
    assert listed.found == len(listed.stories)
    return {stories[one.story_id].entries[0].entry.guid for one in listed.stories}


SEARCHES = [
    ("jambi", {"market"}),
    ("JAMBI beras", {"market"}),
    ("jambi banjir", set()),
    ("pasar", {"market", "goal"}),
    ('"operasi pasar"', {"market"}),
    ('"pasar operasi"', set()),
    ("pasa", set()),
    ("pasa*", {"market", "goal"}),
    ('"operasi pas*"', {"market"}),
    ('"op* pasar"', set()),
    ("atau minyak", {"market"}),
    ("polisi", {"flood"}),
    ("anak-anak", {"flood"}),
    ("anak anak", {"flood"}),
    ('"anak anak diungsikan"', {"flood"}),
    ("mbappe", {"goal"}),
    ("MBAPPÉ", {"goal"}),
    ("mbappe\u0301", {"goal"}),
    ("ecole", {"goal"}),
    ('"tim tamu"', {"goal"}),
    ("kompas", {"goal"}),
    ("kompas.com", {"goal"}),
    ("taruhan", {"goal"}),
    ("di -jambi", {"market"}),
    ("polisi OR jambi", set()),
    ("title:jambi", set()),
    ("***", set()),
    ('"jambi beras"', set()),  # the end of a headline and the beginning of its text
    ('"di jambi"', {"market"}),
    ('"beras dan"', {"market"}),
    ("दिल्ली", {"others"}),
    ("मुख्यमंत्री", {"others"}),
    ('"हिंदी भाषा"', {"others"}),
    ("हिं*", {"others"}),
    ("कहा", {"others"}),
    ("ผู้ว่า", {"others"}),
    ("รัฐบาลไทย", {"others"}),
    ("தமிழ்", {"others"}),
    ("مُحَمَّد", {"others"}),
    ("جَاكَرْتَا", {"others"}),
    ("½", {"others"}),
    ('"3½ kilo"', {"others"}),
    ("⅓", {"others"}),
    ("x²", {"others"}),
    ("co₂", {"others"}),
    ("tangan", {"others"}),
    ("jari", {"others"}),
]


def test_what_is_found_of_it(store: Store) -> None:
    filled(store)
    assert {typed: found(store, typed) for typed, _ in SEARCHES} == dict(SEARCHES)


def test_every_entry_of_a_story_is_searched(store: Store) -> None:
    filled(store)
    with store.write() as tx:
        tx.apply("t", "q", [copy(article("late", "Gempa di Ambon", "Warga berlarian."), story_id=2)], NOW)
    assert found(store, "gempa ambon") == {"flood"}
    assert found(store, "gempa banjir") == set()  # each has one of them


SIGNS = st.sampled_from(("*", "NEAR(", "OR", "AND", "NOT", "-", *"\":()^'\\&|!{}", "<->", "title:"))
TYPED = st.lists(st.one_of(SIGNS, st.text(max_size=12), st.just("pasar"))).map(" ".join)
WORDS = st.sampled_from(
    ("operasi", "pasar", "jambi", "banjir", "polisi", "anak", "mbappe", "ecole", "kompas")
)


def test_nothing_that_is_typed_is_an_error(store: Store) -> None:
    filled(store)

    @given(typed=TYPED)
    def law(typed: str) -> None:
        names = found(store, typed)
        assert names == set() if typed and not search_terms(typed) else names <= ARTICLES.keys()

    law()


def test_a_word_is_found_in_any_case_and_by_its_beginning(store: Store) -> None:
    filled(store)

    @given(word=WORDS, cut=st.integers(1, 9))
    def law(word: str, cut: int) -> None:
        names = found(store, word)
        assert names
        assert found(store, word.upper()) == names
        assert found(store, f"{word[:cut]}*") >= names

    law()


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        pytest.param("x" * 100_000, set(), id="one long word"),
        pytest.param(" ".join(f"kata{n}" for n in range(5_000)), set(), id="many words"),
        pytest.param("pasar " * 5_000 + "jambi", {"market"}, id="few words many times"),
        pytest.param('"' + "a b " * 5_000, set(), id="a long phrase"),
        pytest.param("\U0001d160" * 150, set(), id="letters that grow"),
        pytest.param("\x00 pasar \ud800 jambi", {"market"}, id="what no database takes"),
    ],
)
def test_a_search_of_any_size_is_answered(store: Store, typed: str, names: set[str]) -> None:
    filled(store)
    assert found(store, typed) == names


def test_a_long_word_is_found_by_its_beginning(store: Store) -> None:
    with store.write() as tx:
        tx.apply("s", "p", [new(article("long", "Gempa", "x" * 1_000))], NOW)
    assert found(store, "x" * 1_000) == found(store, "x" * LONGEST_WORD + "*") == {"long"}


# --- the index ---


def check_index(database_url: str) -> None:
    """That it says what the entries say (https://www.sqlite.org/fts5.html, "The 'integrity-check' Command")."""
    database = open_database(database_url)
    with database.writers.begin() as connection:
        if database.is_sqlite:
            connection.execute(
                text("INSERT INTO entry_words (entry_words, rank) VALUES ('integrity-check', 1)")
            )
            missing = (
                "SELECT count(*) FROM entries WHERE entry_id NOT IN (SELECT id FROM entry_words_docsize)"
            )
            assert connection.scalar(text(missing)) == 0
    database.writers.dispose()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_index_that_says_something_else_is_noticed(store: Store, database_url: str) -> None:
    filled(store)
    check_index(database_url)
    with open_database(database_url).writers.begin() as connection:
        connection.execute(text("DROP TRIGGER entry_words_changed"))
        connection.execute(text("UPDATE entries SET text = 'lain' WHERE entry_id = 1"))
    with pytest.raises(DatabaseError, match="malformed"):
        check_index(database_url)


def reread(tx: WriteTx, entry_id: int, of: Candidate) -> None:
    (raw,) = tx.raw_entries([entry_id])
    tx.keep_reread([Reread(entry_id, raw.content_hash, of.text, of.content_hash, (), None, Facts())])


def decided(verdict: Verdict, **parts: Any) -> Callable[[WriteTx, int, Candidate], None]:
    def change(tx: WriteTx, entry_id: int, of: Candidate) -> None:
        tx.apply(
            "s", "p", [Decision(verdict, of, entry_id=entry_id, identities=(of.identity,), **parts)], NOW
        )

    return change


# Ways in which an entry changes, and whether a headline and a text of that are what is found then.
CHANGES = (
    (decided(Verdict.REVISED), True, True),
    (decided(Verdict.REVISED, keeps_text=True), True, False),
    (decided(Verdict.ADOPTED), True, True),
    (decided(Verdict.NOTED), False, False),
    (decided(Verdict.SAME), False, False),
    (reread, False, True),
)


def test_what_is_found_follows_whatever_becomes_of_entries(store: Store, database_url: str) -> None:
    """Several changes in one transaction, also of what the same one brought in."""
    rng = random.Random(7)
    now: list[list[str]] = []  # the word in each entry's headline, and the one in its text
    for _ in range(12):
        with store.write() as tx:
            for _ in range(rng.randint(1, 9)):
                word = f"kata{rng.randrange(20)}"
                number = rng.randrange(len(now) + 1)
                one = article(f"e{number}", word, word)
                one = replace(one, content_hash=f"1:{rng.random()}")
                if number == len(now):
                    tx.apply("s", "p", [new(one)], NOW)
                    now.append([word, word])
                    continue
                change, changes_title, changes_text = rng.choice(CHANGES)
                change(tx, number + 1, one)
                now[number] = [
                    word if changes_title else now[number][0],
                    word if changes_text else now[number][1],
                ]
        check_index(database_url)
        for word in {f"kata{n}" for n in range(20)}:
            assert found(store, word) == {f"e{number}" for number, words in enumerate(now) if word in words}
    with open_database(database_url).writers.begin() as connection:
        connection.execute(text("DELETE FROM entries WHERE entry_id % 2 = 0"))
    check_index(database_url)


def test_what_is_undone_is_not_found(store: Store, database_url: str) -> None:
    filled(store)
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        tx.apply("s", "p", [new(article("later", "Gempa", "Gempa di Ambon."))], NOW)
        decided(Verdict.REVISED)(tx, 1, article("market", "Gempa", "Gempa di Ambon."))
        raise ZeroDivisionError
    assert (found(store, "gempa"), found(store, "beras")) == (set(), {"market"})
    check_index(database_url)


HOSTILE = {
    "two megabytes": " ".join(f"kata{n}" for n in range(230_000)),
    "one long word": "x" * 100_000,
    "letters that grow": " ".join(map(chr, range(0x1D15E, 0x1D165))) * 20_000,
    "many letters": " ".join(map(chr, range(0x20000, 0x2A6D6))) * 3,
    "signs": "-/:@" * 300_000,
    "addresses": "a.id/b?c=d&e " * 100_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_no_text_is_too_much(store: Store, database_url: str, body: str) -> None:
    filled(store)
    with store.write() as tx:
        tx.apply("s", "p", [new(article("hostile", "Gempa di Ambon", body))], NOW)
        decided(Verdict.REVISED)(tx, 1, article("market", "Gempa di Seram", body))
    assert found(store, "gempa") == {"hostile", "market"}
    check_index(database_url)


def test_a_search_goes_by_its_index(store: Store, database_url: str) -> None:
    """PostgreSQL prefers to read a table this small from end to end, so that way is closed to it."""
    filled(store)
    database = open_database(database_url)
    with database.readers.connect() as connection:
        if not database.is_sqlite:
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        queries: list[tuple[str, Any]] = []
        event.listen(
            connection,
            "before_cursor_execute",
            lambda _c, _cursor, statement, parameters, *_: queries.append((statement, parameters)),
        )
        connection.execute(stories_with(connection, search_terms('"operasi pasar" jamb*')))
        statement, parameters = queries[-1]
        explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
        plan = "\n".join(str(row) for row in connection.exec_driver_sql(explain + statement, parameters))
    first = "SCAN entry_words VIRTUAL TABLE INDEX" if database.is_sqlite else "Index Scan on entry_words"
    assert first in plan


def test_an_sqlite_without_full_text_search_is_told_in_words(tmp_path: Path) -> None:
    """By taking the module away, which is all that such an SQLite lacks (https://www.sqlite.org/c3ref/drop_modules.html)."""
    store = Store(f"sqlite:///{tmp_path}/a.db")
    event.listen(store._database.writers, "connect", without_modules)
    with pytest.raises(SchemaError, match="FTS5"):
        store.migrate()
    event.remove(store._database.writers, "connect", without_modules)
    store.close()
    store.migrate()
    event.listen(store._database.writers, "connect", without_modules)
    store.close()
    with pytest.raises(StoreError, match="full text search"):
        filled(store)


def without_modules(connection: sqlite3.Connection, _: object) -> None:
    library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
    if not hasattr(library, "sqlite3_drop_modules"):
        pytest.skip("this Python keeps its SQLite to itself")
    # The first field of the object is SQLite's own connection.
    handle = ctypes.c_void_p.from_address(id(connection) + object.__basicsize__)
    assert library.sqlite3_drop_modules(handle, None) == 0
