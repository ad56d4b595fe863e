"""Many writes, few transactions, and none suffers from another."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from aggregator.engine.group_commit import GATHER_S, WORKS_AT_ONCE, GroupCommit
from aggregator.errors import StoreError
from aggregator.store.store import Store
from aggregator.store.writes import WriteTx


class Counted:
    """A real store whose transactions are counted, and whose commits fail when told."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.transactions = 0
        self.fails = False

    @contextmanager
    def begin(self) -> Iterator[WriteTx]:
        self.transactions += 1
        with self.store.write() as tx:
            yield tx
            if self.fails:
                raise StoreError("the disk is full")


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[Counted]:
    store = Store(f"sqlite:///{tmp_path}/a.db")
    store.migrate()
    yield Counted(store)
    store.close()


def commits_of(counted: Counted, thread: ThreadPoolExecutor) -> GroupCommit[WriteTx]:
    return GroupCommit(counted.begin, partial(asyncio.get_running_loop().run_in_executor, thread))


def put(name: str, tx: WriteTx) -> str:
    tx.set_meta(name, "kept")
    return name


def refuse(name: str, tx: WriteTx) -> str:
    tx.set_meta(name, "kept")
    raise ValueError(name)


def kept(counted: Counted, *names: str) -> list[str]:
    with counted.store.read() as tx:
        return [name for name in names if tx.meta(name)]


async def test_works_that_come_together_share_transactions(counted: Counted) -> None:
    names = [f"w{n}" for n in range(WORKS_AT_ONCE + 20)]
    with ThreadPoolExecutor(1) as thread:
        commits = commits_of(counted, thread)
        assert await asyncio.gather(*(commits.run(partial(put, name)) for name in names)) == names
    assert counted.transactions == 2
    assert kept(counted, *names) == names


async def test_a_work_that_fails_takes_nobody_along(counted: Counted) -> None:
    with ThreadPoolExecutor(1) as thread:
        commits = commits_of(counted, thread)
        works = [partial(put, "a"), partial(refuse, "b"), partial(put, "c")]
        outcomes = await asyncio.gather(*map(commits.run, works), return_exceptions=True)
    assert [str(outcome) for outcome in outcomes] == ["a", "b", "c"]
    assert isinstance(outcomes[1], ValueError)
    assert kept(counted, "a", "b", "c") == ["a", "c"]


async def test_a_commit_that_fails_is_told_to_everybody_and_the_next_one_works(counted: Counted) -> None:
    with ThreadPoolExecutor(1) as thread:
        commits = commits_of(counted, thread)
        counted.fails = True
        works = [partial(put, "a"), partial(put, "b")]
        outcomes = await asyncio.gather(*map(commits.run, works), return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [StoreError, StoreError]
        assert counted.transactions == 1, "a failing database is not asked again for each of them"
        assert kept(counted, "a", "b") == []
        counted.fails = False
        assert await commits.run(partial(put, "a")) == "a"


async def test_whoever_stops_waiting_disturbs_nobody(counted: Counted) -> None:
    with ThreadPoolExecutor(1) as thread:
        commits = commits_of(counted, thread)
        impatient = asyncio.create_task(commits.run(partial(put, "a")))
        patient = asyncio.create_task(commits.run(partial(put, "b")))
        await asyncio.sleep(0)
        impatient.cancel()
        assert await patient == "b"


def put_all(tx: WriteTx, names: Sequence[str]) -> list[str]:
    """What is done once for all: the size of the company is kept beside each name."""
    for name in names:
        if name == "bad":
            raise ValueError(name)
        tx.set_meta(name, str(len(names)))
    return [name.upper() for name in names]


async def test_what_goes_together_is_done_once_for_all(counted: Counted) -> None:
    with ThreadPoolExecutor(1) as thread:
        commits = commits_of(counted, thread)
        names = [f"n{number}" for number in range(10)]
        asked = [commits.run_together(put_all, name) for name in names]
        assert await asyncio.gather(*asked, commits.run(partial(put, "alone"))) == [
            *(name.upper() for name in names),
            "alone",
        ]
    with counted.store.read() as tx:
        assert {tx.meta(name) for name in names} == {"10"}
        assert tx.meta("alone") == "kept"
    assert counted.transactions == 1


async def test_what_comes_while_others_wait_for_company_joins_them(counted: Counted) -> None:
    with ThreadPoolExecutor(1) as thread:
        commits = commits_of(counted, thread)
        first = asyncio.create_task(commits.run_together(put_all, "first"))
        await asyncio.sleep(GATHER_S / 10)
        await asyncio.gather(first, commits.run_together(put_all, "second"))
    assert counted.transactions == 1


async def test_of_what_goes_together_none_suffers_from_another(counted: Counted) -> None:
    with ThreadPoolExecutor(1) as thread:
        commits = commits_of(counted, thread)
        asked = [commits.run_together(put_all, name) for name in ("a", "bad", "b")]
        found = await asyncio.gather(*asked, return_exceptions=True)
    assert [found[0], found[2]] == ["A", "B"]
    assert isinstance(found[1], ValueError)
    with counted.store.read() as tx:
        assert (tx.meta("a"), tx.meta("b"), tx.meta("bad")) == ("1", "1", None)
