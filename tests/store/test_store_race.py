"""Two partners' copies committed at the same instant become one story."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Barrier as ProcessBarrier
from pathlib import Path
from threading import Barrier

import pytest
from store_values import NOW, candidate

from aggregator.errors import StoreError
from aggregator.model.entry import Candidate, KnownEntry
from aggregator.model.story import Decision, Verdict
from aggregator.store import engine
from aggregator.store.reads import Counts
from aggregator.store.store import Store
from aggregator.store.writes import WriteTx

ROUNDS_OF_THREADS = 200
ROUNDS_OF_PROCESSES = 40


def decide_simply(of: Candidate, known: Sequence[KnownEntry]) -> Decision:
    """Whatever the store knows is the same article."""
    if known:
        return Decision(Verdict.COPY, of, story_id=known[0].story_id)
    return Decision(Verdict.NEW, of)


def article(number: int, partner: str) -> Candidate:
    """Every partner's copy has guid and text of its own; alike are, by turns, the address and two marks."""
    if number % 2:
        return candidate(f"{partner}-{number}", url=f"https://origin.example/{number}")
    own_mark = -1 if partner == "a" else -2
    return candidate(f"{partner}-{number}", marks=(own_mark * 10**6 - number, number, number + 10**6))


def commit(store: Store, number: int, partner: str) -> None:
    one = article(number, partner)
    with store.write() as tx:
        decision = decide_simply(one, tx.known(f"source-{partner}", [one]))
        tx.apply(f"source-{partner}", partner, [decision], NOW)


def commit_all(url: str, partner: str, rounds: int, barrier: Barrier | ProcessBarrier) -> None:
    store = Store(url)
    for number in range(rounds):
        barrier.wait(timeout=20)
        commit(store, number, partner)
    store.close()


def check(store: Store, rounds: int) -> None:
    with store.read() as tx:
        assert tx.counts() == Counts(
            entries=2 * rounds, stories=rounds, published=0, hidden=0, pending=rounds
        )
        stories = tx.unsettled(NOW)
    assert {tuple(sorted(entry.partner_id for entry in story.entries)) for story in stories} == {("a", "b")}


@pytest.mark.slow
def test_copies_committed_by_two_threads_are_one_story(store: Store, database_url: str) -> None:
    barrier = Barrier(2)
    with ThreadPoolExecutor(2) as threads:
        for done in [
            threads.submit(commit_all, database_url, partner, ROUNDS_OF_THREADS, barrier) for partner in "ab"
        ]:
            done.result()
    check(store, ROUNDS_OF_THREADS)


@pytest.mark.slow
def test_copies_committed_by_two_processes_are_one_story(store: Store, database_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    processes = [
        context.Process(
            target=commit_all, args=(database_url, partner, ROUNDS_OF_PROCESSES, barrier), daemon=True
        )
        for partner in "ab"
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=60)
    assert [process.exitcode for process in processes] == [0, 0]
    check(store, ROUNDS_OF_PROCESSES)


def test_reader_sees_one_state_while_others_write(store: Store) -> None:
    commit(store, 1, "a")
    with store.read() as tx:
        before = tx.counts()
        commit(store, 2, "a")
        assert tx.counts() == before
    with store.read() as tx:
        assert tx.counts() != before


def test_exception_undoes_the_whole_transaction(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        tx.apply("s", "p", [Decision(Verdict.NEW, article(1, "a"))], NOW)
        _ = 1 // 0
    with store.read() as tx:
        assert tx.counts().stories == 0
        assert tx.source_states() == {}


def test_writer_who_waits_too_long_is_told_in_words(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LOCK_WAIT_S", 0.1)
    impatient = Store(database_url)
    with store.write():
        with pytest.raises(StoreError, match="stayed locked by another process"), impatient.write():
            pass
        with impatient.read() as tx:
            assert tx.counts().stories == 0
    impatient.close()


def test_full_disk_is_told_in_words_and_undoes_the_transaction(tmp_path: Path) -> None:
    database = engine.open_database(f"sqlite:///{tmp_path}/full.db")
    store = Store(f"sqlite:///{tmp_path}/full.db")
    store.migrate()
    with (
        pytest.raises(StoreError, match="the disk is full"),
        engine.errors_in_words(database.name),
        database.writers.begin() as connection,
    ):
        connection.exec_driver_sql("PRAGMA max_page_count = 1")  # SQLite then acts as on a full disk
        WriteTx(connection).set_meta("large", "x" * 10**6)
    with store.read() as tx:
        assert tx.meta("large") is None
    store.close()
