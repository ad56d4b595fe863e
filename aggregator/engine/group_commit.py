"""Group commit: what many visits want to write at once is written in one transaction.

A commit costs the same for one visit as for fifty (a sync, and with PostgreSQL the wait for the writers' lock).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Tx = TypeVar("Tx")
Item = TypeVar("Item")

WORKS_AT_ONCE = 50
# Work that is cheaper when more of it comes together waits so long for company.
GATHER_S = 0.02


@dataclass(frozen=True, slots=True)
class _Alone:
    work: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Together:
    work: Callable[[Any, Sequence[Any]], Sequence[Any]]
    item: Any


_Work = _Alone | _Together


class GroupCommit(Generic[Tx]):
    """Collects work while a transaction is under way; the next one takes all of it, in the order asked, but what goes
    together goes with the first of it.

    ``begin`` opens a transaction; ``in_thread`` runs blocking work elsewhere, one at a time.
    """

    def __init__(
        self, begin: Callable[[], AbstractContextManager[Tx]], in_thread: Callable[..., Awaitable[Any]]
    ) -> None:
        self._begin = begin
        self._in_thread = in_thread
        self._waiting: deque[tuple[_Work, asyncio.Future[Any]]] = deque()
        self._committer: asyncio.Task[None] | None = None

    async def run(self, work: Callable[[Tx], T]) -> T:
        """What ``work`` returns, once it is committed. Nothing of it is kept when it raises or the commit fails.

        It may be called twice: when a work in a group fails, the whole is undone and each is done in a
        transaction of its own, so that none suffers from another. Raises what the work raises, or the transaction.
        """
        outcome: T = await self._ask(_Alone(work))
        return outcome

    async def run_together(self, work: Callable[[Tx, Sequence[Item]], Sequence[T]], item: Item) -> T:
        """As run(), of work that is done at once for all items for which it is asked in one transaction.

        ``work`` returns what came of each, in their order.
        """
        outcome: T = await self._ask(_Together(work, item))
        return outcome

    async def _ask(self, work: _Work) -> Any:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, future))
        if self._committer is None or self._committer.done():
            self._committer = asyncio.create_task(self._commit_all())
        return await future

    async def _commit_all(self) -> None:
        while self._waiting:
            if all(isinstance(work, _Together) for work, _ in self._waiting):
                await asyncio.sleep(GATHER_S)
            group = [self._waiting.popleft() for _ in range(min(len(self._waiting), WORKS_AT_ONCE))]
            outcomes = await self._in_thread(self._commit, [work for work, _ in group])
            for (_, future), outcome in zip(group, outcomes, strict=True):
                if future.done():  # its task was cancelled meanwhile
                    continue
                if isinstance(outcome, Exception):
                    future.set_exception(outcome)
                else:
                    future.set_result(outcome)

    def _commit(self, works: Sequence[_Work]) -> list[Any]:
        """What each work returned or raised."""
        is_works_fault = False
        try:
            with self._begin() as tx:
                is_works_fault = True
                outcomes = _done(tx, works)
                is_works_fault = False
        except Exception as error:  # noqa: BLE001 - handed to whoever asked for this work
            if is_works_fault and len(works) > 1:
                return [self._commit([work])[0] for work in works]
            return [error] * len(works)
        return outcomes


def _done(tx: Any, works: Sequence[_Work]) -> list[Any]:
    """What each work returned."""
    outcomes: dict[int, Any] = {}
    for position, one in enumerate(works):
        if isinstance(one, _Alone):
            outcomes[position] = one.work(tx)
        elif position not in outcomes:
            items = {
                at: other.item
                for at, other in enumerate(works)
                if isinstance(other, _Together) and other.work is one.work
            }
            outcomes |= zip(items, one.work(tx, list(items.values())), strict=True)
    return [outcomes[position] for position in range(len(works))]
