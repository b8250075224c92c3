"""Writes of one kind that come while others are under way go together: one round trip, one commit.

Each is still decided for itself. What cannot be decided with the others, and all of them where their statement fails,
is run alone as if it had never been with them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import zip_longest
from typing import Final, TypeAlias
from uuid import UUID

import asyncpg
import structlog

from store.errors import Refusal

Item: TypeAlias = tuple[object, ...]
"""The parameters of one write. The first is its account."""
Rows: TypeAlias = list[asyncpg.Record]

LANES: Final = 2
"""Accounts share them out: what waits for one account holds up only part of the others."""
MOST: Final = 64
"""Writes that go together."""
PATIENCE: Final = 0.1
"""Seconds after which the next go while a statement is still held up."""
GATHER: Final = 0.002
"""Seconds after a statement in which those who were in it or waited behind it are expected with their next: they come
at about the same time, and then go together instead of in turns. Nobody waits longer for others.
"""
BRIEFLY: Final = "set_config('lock_timeout', '200ms', true)"
"""SQL that comes first in a statement of several writes: what holds one of them up is no burden on the others."""

log = structlog.get_logger()


def elements(*kinds: str) -> str:
    """SQL of a row for each element of the array parameters, which are of these types.

    Behind a SELECT the planner does not see how many they are, and so does not plan anew for each use.
    """
    return f"unnest({', '.join(f'(SELECT ${number}::{kind}[])' for number, kind in enumerate(kinds, 1))})"


def arrays(items: Sequence[Item]) -> list[list[object]]:
    """The parameters of a statement over `elements`: one array for each column."""
    return [list(column) for column in zip(*items, strict=True)]


class Lane:
    """One statement at a time, as long as it is not held up.

    `together` runs several writes and answers a row for each, or none where each is to be run alone. A refusal it
    raises is everybody's; any other error sends each on alone.
    """

    def __init__(
        self, together: Callable[[Sequence[Item]], Awaitable[Rows]], alone: Callable[[Item], Awaitable[asyncpg.Record]]
    ) -> None:
        self._together, self._alone = together, alone
        self._waiting: list[tuple[Item, asyncio.Future[asyncpg.Record]]] = []
        self._going: asyncio.Task[None] | None = None
        """What those who wait are behind, or go with if it has not begun."""
        self._began: float | None = None
        """When that began, if it has."""
        self._patience: asyncio.Handle | None = None
        """When it is looked whether that takes too long."""
        self._expected, self._until = 1, 0.0
        """How many may come together, judged by those of a moment ago, and how long they are waited for."""
        self._gathering: asyncio.Handle | None = None
        """When those who are there go without the others."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, item: Item) -> asyncpg.Record:
        done: asyncio.Future[asyncpg.Record] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._going is None and (self._gathering is None or len(self._waiting) == self._expected):
            self._next()
        return await done

    def _next(self) -> None:
        """Those who wait go, with whoever else comes in this turn, unless there is more to wait for."""
        loop = asyncio.get_running_loop()
        if self._gathering is not None:
            self._gathering.cancel()
            self._gathering = None
        self._going = None
        if not self._waiting:
            return
        if len(self._waiting) < self._expected and loop.time() < self._until:
            self._gathering = loop.call_at(self._until, self._next)
            return
        self._going, self._began = asyncio.create_task(self._go(), name="writes together"), None
        self._keep(self._going)
        if self._patience is None:
            self._patience = loop.call_later(PATIENCE, self._look)

    def _look(self) -> None:
        """No statement that takes long holds up those behind it."""
        loop, self._patience = asyncio.get_running_loop(), None
        if self._going is None:
            return
        left = PATIENCE if self._began is None else self._began + PATIENCE - loop.time()
        if left > 0:
            self._patience = loop.call_later(left, self._look)
        else:
            self._next()

    async def _go(self) -> None:
        self._began = asyncio.get_running_loop().time()
        batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        rows: Rows = []
        try:
            rows = await self._together([item for item, _ in batch])
        except Refusal as refusal:
            for _, done in batch:
                if not done.done():
                    done.set_exception(refusal)
            return
        except Exception as error:  # noqa: BLE001  # whose fault it is shows when each is alone
            log.info("writes go alone", count=len(batch), error=repr(error))
        finally:
            if asyncio.current_task() is self._going:
                self._expected = min(len(batch) + len(self._waiting), MOST)
                self._until = asyncio.get_running_loop().time() + GATHER
                self._next()
        for (item, done), row in zip_longest(batch, rows):
            if row is not None and row["verdict"] != "again":
                if not done.done():
                    done.set_result(row)
            else:
                self._keep(asyncio.create_task(self._settle(item, done), name="write alone"))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _settle(self, item: Item, done: asyncio.Future[asyncpg.Record]) -> None:
        try:
            row = await self._alone(item)
        except Exception as error:  # noqa: BLE001  # it is told whoever asked
            if not done.done():
                done.set_exception(error)
        else:
            if not done.done():
                done.set_result(row)


class Lanes:
    """The lanes of one kind of write."""

    def __init__(
        self, together: Callable[[Sequence[Item]], Awaitable[Rows]], alone: Callable[[Item], Awaitable[asyncpg.Record]]
    ) -> None:
        self._lanes = [Lane(together, alone) for _ in range(LANES)]

    async def run(self, item: Item) -> asyncpg.Record:
        """The row of this write. Raises what it raises when it runs alone."""
        account_id = item[0]
        if not isinstance(account_id, UUID):
            raise TypeError("a write begins with its account")
        return await self._lanes[account_id.int % LANES].run(item)
