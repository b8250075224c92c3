"""The pool of PostgreSQL connections: every wait has a bound, and a restart of PostgreSQL is survived."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Final, TypeAlias

import asyncpg

from store.errors import DatabaseUnreachable, Refusal
from store.lanes import Item, Lanes, arrays

MIGHT_HAVE_COMMITTED = (
    asyncpg.PostgresConnectionError,
    asyncpg.InternalClientError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    ConnectionError,
)
"""The connection went away under a statement: it took effect, or it did not."""

DID_NOTHING = (
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.DeadlockDetectedError,
    asyncpg.ReadOnlySQLTransactionError,  # a primary that was demoted
    OSError,
)
"""The statement was not run, or was undone."""

HELD_UP = (asyncpg.QueryCanceledError, asyncpg.LockNotAvailableError)

TOOK_TOO_LONG = (*HELD_UP, TimeoutError)


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """`size` connections; all times in seconds."""

    size: int = 8
    acquire: float = 2.0
    statement: float = 5.0
    lock: float = 3.0
    recover: float = 5.0


class _Connection(asyncpg.Connection):
    def get_reset_query(self) -> str:
        """Nothing to reset: each use is one statement in its own transaction, and the reset is a round trip."""
        return ""


KEPT: Final = 4
"""Connections kept at hand: all but these go back to the pool, which closes what is long idle."""
_Taken: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"


class Database:
    """Runs single statements, each its own transaction at READ COMMITTED.

    A statement whose connection breaks is run again on another one until `limits.recover` has passed. It may then
    run twice: a command's write is recognised by its ids the second time and answered as the first was; of background
    work a repeat costs a try or a pause, never a second event.
    """

    def __init__(self, url: str, pool: asyncpg.Pool[asyncpg.Record], limits: PoolLimits) -> None:
        self.url = url
        self._pool = pool
        self._limits = limits
        self.observe_wait: Callable[[float], object] = lambda _: None
        """Told how many seconds each use waited for its connection."""
        self._kept: deque[_Taken] = deque()
        """Connections between two uses. To give one back to the pool and take it again costs as much as a use."""
        self._waiting = 0
        """How many wait for the pool."""
        self._is_closing = False
        self._lanes: dict[str, Lanes] = {}
        self.repeated = 0
        """How many times a statement was run again; its events may be in the log without anyone having been told."""

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, limits: PoolLimits) -> AsyncIterator[Database]:
        """Raises `DatabaseUnreachable` when the first connection cannot be made."""
        try:
            pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=limits.size,
                timeout=limits.acquire,
                command_timeout=limits.statement + 1,
                max_inactive_connection_lifetime=300,
                connection_class=_Connection,
                server_settings={
                    "application_name": "resolutionflow",
                    "timezone": "UTC",
                    "statement_timeout": _milliseconds(limits.statement),
                    "lock_timeout": _milliseconds(limits.lock),
                    "default_transaction_isolation": "read committed",
                    "jit": "off",
                },
            )
        except (OSError, asyncpg.PostgresError, TimeoutError, ValueError) as error:
            raise DatabaseUnreachable(str(error) or type(error).__name__) from error
        db = cls(url, pool, limits)
        try:
            yield db
        finally:
            db._is_closing = True
            db._terminate_kept()
            try:
                await asyncio.wait_for(pool.close(), limits.acquire)
            except TimeoutError:
                pool.terminate()

    async def answers(self) -> bool:
        """Whether PostgreSQL answers now, without waiting for it to come back."""
        try:
            async with asyncio.timeout(self._limits.acquire):
                return bool(await self._fetch("SELECT true", ()))
        except (*MIGHT_HAVE_COMMITTED, *DID_NOTHING, *TOOK_TOO_LONG, asyncpg.InterfaceError):
            return False

    async def row(self, sql: str, *args: object) -> asyncpg.Record | None:
        """The first row, or None. Raises `Refusal("unavailable")` when PostgreSQL did not answer in time."""
        rows = await self.rows(sql, *args)
        return rows[0] if rows else None

    async def rows(self, sql: str, *args: object) -> list[asyncpg.Record]:
        """All rows. Raises `Refusal("unavailable")` when PostgreSQL did not answer in time."""
        give_up = asyncio.get_running_loop().time() + self._limits.recover
        pause = 0.02
        while True:
            try:
                return await self._fetch(sql, args)
            except TOOK_TOO_LONG as error:
                raise Refusal("unavailable", "The database took too long. Try again.") from error
            except MIGHT_HAVE_COMMITTED as error:
                self.repeated += 1
                cause: Exception = error
            except DID_NOTHING as error:
                cause = error
            except asyncpg.InterfaceError as error:
                if not _is_broken_connection(error):
                    raise
                self.repeated += 1
                cause = error
            if asyncio.get_running_loop().time() + pause > give_up:
                raise Refusal("unavailable", "The database is not reachable. Try again.") from cause
            if not isinstance(cause, (asyncpg.DeadlockDetectedError, asyncpg.TooManyConnectionsError)):
                self._terminate_kept()
                await self._pool.expire_connections()
            await asyncio.sleep(random.uniform(pause / 2, pause))  # noqa: S311
            pause = min(pause * 2, 0.5)

    async def _fetch(self, sql: str, args: Sequence[object]) -> list[asyncpg.Record]:
        connection = self._take_kept() or await self._acquire()
        try:
            rows = await connection.fetch(sql, *args)
        except BaseException as error:
            if isinstance(error, TimeoutError):  # PostgreSQL's own comes first, so nobody is there: nor at the others
                self._terminate_kept()
                await self._pool.expire_connections()
            await self._pool.release(connection)
            raise
        if self._is_closing or self._waiting or len(self._kept) == KEPT:
            await self._pool.release(connection)
        else:
            self._kept.append(connection)
        return rows

    def _take_kept(self) -> _Taken | None:
        while self._kept:
            connection = self._kept.popleft()  # each has its turn, or a firewall would forget the last of them
            if not _is_lost(connection):
                self.observe_wait(0.0)
                return connection
        return None

    async def _acquire(self) -> _Taken:
        asked = monotonic()
        self._waiting += 1
        try:
            connection = await self._pool.acquire(timeout=self._limits.acquire)
        finally:
            self._waiting -= 1
        self.observe_wait(monotonic() - asked)
        return connection

    def _terminate_kept(self) -> None:
        while self._kept:
            connection = self._kept.pop()
            if not _is_lost(connection):
                connection.terminate()

    async def decide(self, sql: str, *args: object) -> asyncpg.Record:
        """Run a write that answers exactly one row with its `verdict`, on a snapshot that saw all it depends on.

        Whoever waits for a lock reads other rows as they were before the wait. Where that matters the statement
        trips over a unique constraint or says `again`: then it changed nothing and a fresh run sees what came between.
        """
        for _ in range(5):
            try:
                row = await self.row(sql, *args)
            except asyncpg.UniqueViolationError:
                continue
            if row is None:
                raise LookupError("a write answers exactly one row")
            if row["verdict"] != "again":
                return row
        raise Refusal("unavailable", "Too many changes at once. Try again.")

    async def decide_together(self, sql: str, together: str, item: Item, *, alone: bool = False) -> asyncpg.Record:
        """`decide` of a write whose parameters are arrays, in one statement with others of the kind that wait too.

        `sql` waits for locks; `together` answers what is locked with `again`. The counters of rooms, which every write
        locks last, it waits for.
        """
        if alone:
            return await self.decide(sql, *arrays([item]))
        lanes = self._lanes.get(together)
        if lanes is None:

            async def several(items: Sequence[Item]) -> list[asyncpg.Record]:
                try:
                    return await self.rows(together, *arrays(items))
                except Refusal as refusal:
                    if isinstance(refusal.__cause__, HELD_UP):
                        return []  # by one of them
                    raise

            lanes = self._lanes[together] = Lanes(several, lambda one: self.decide(sql, *arrays([one])))
        return await lanes.run(item)


def _is_lost(connection: _Taken) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:  # the pool has it back: it was lost
        return True


def _is_broken_connection(error: asyncpg.InterfaceError) -> bool:
    return not isinstance(error, asyncpg.DataError) and "closed" in str(error)


def _milliseconds(seconds: float) -> str:
    return str(int(seconds * 1000))
