"""The connections that are kept at hand between two statements."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import TypeAlias

import asyncpg
import pytest

from store.db import KEPT, Database, PoolLimits
from store.errors import Refusal

Sql: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

SIZE = KEPT + 3
BACKENDS = """
SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'resolutionflow'
"""


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url, PoolLimits(size=SIZE)) as opened:
        yield opened


async def backend(db: Database) -> int:
    """The process that a statement ran in."""
    row = await db.row("SELECT pg_backend_pid() AS pid")
    assert row is not None
    pid: int = row["pid"]
    return pid


async def backends(sql: Sql) -> set[int]:
    """The processes of all its connections."""
    return {row["pid"] for row in await sql.fetch(BACKENDS)}


async def fill(db: Database) -> list[int]:
    """Use all connections at once. The backends of those that are then kept, the next in turn first."""
    for _ in range(2):  # the first time some are still being made while others are free, which then go back
        await asyncio.gather(*(db.rows("SELECT pg_sleep(0.02)") for _ in range(SIZE)))
    return [connection.get_server_pid() for connection in db._kept]


async def test_no_more_are_kept_than_that_and_each_has_its_turn(db: Database) -> None:
    """The rest goes back to the pool, which closes what is long idle; of those kept none is passed over."""
    kept = await fill(db)
    assert (len(kept), db._pool.get_idle_size()) == (KEPT, SIZE - KEPT)
    assert [await backend(db) for _ in range(2 * KEPT)] == kept * 2


async def test_whoever_waits_for_the_pool_is_not_left_waiting(database_url: str) -> None:
    """What becomes free while somebody waits is not kept."""
    async with Database.open(database_url, PoolLimits(size=1)) as db:
        await asyncio.gather(*(db.rows("SELECT pg_sleep(0.02)") for _ in range(3)))


async def test_connection_that_ended_while_it_was_kept_is_not_used(db: Database, sql: Sql) -> None:
    """The next statement does not have to be run twice."""
    kept, lost = await fill(db), asyncio.Queue[object]()
    for connection in db._kept:
        connection.add_termination_listener(lost.put_nowait)
    await sql.execute("SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid", kept)
    async with asyncio.timeout(10):
        for _ in kept:
            await lost.get()
    assert await backend(db) not in kept
    assert db.repeated == 0


async def test_after_one_broke_under_a_statement_no_other_that_was_open_is_used(db: Database, sql: Sql) -> None:
    """They go to the same server; the statement is run again on a connection made since."""
    kept, opened = await fill(db), await backends(sql)
    os.kill(kept[0], signal.SIGTERM)
    assert await backend(db) not in opened
    assert db.repeated == 1


async def test_after_one_did_not_answer_no_other_that_was_open_is_used(database_url: str, sql: Sql) -> None:
    """Or each in turn would make somebody wait for nothing."""
    async with Database.open(database_url, PoolLimits(size=SIZE, statement=0.2)) as db:
        kept, opened = await fill(db), await backends(sql)
        os.kill(kept[0], signal.SIGSTOP)
        try:
            with pytest.raises(Refusal):
                await backend(db)
            assert await backend(db) not in opened
        finally:
            os.kill(kept[0], signal.SIGCONT)


async def test_closed_database_leaves_no_backend_and_waits_for_what_is_under_way(database_url: str, sql: Sql) -> None:
    """Kept connections are none that somebody uses: it does not wait for them."""
    await sql.execute("SELECT pg_advisory_lock(1)")
    async with asyncio.timeout(10), AsyncExitStack() as opened:
        db = await opened.enter_async_context(Database.open(database_url, PoolLimits(size=SIZE, acquire=60)))
        await fill(db)
        under_way = asyncio.create_task(db.rows("SELECT pg_advisory_lock(1)"))
        while not await sql.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            pass
        closing = asyncio.create_task(opened.aclose())
        while len(await backends(sql)) == SIZE:
            pass
        await sql.execute("SELECT pg_advisory_unlock(1)")
        await under_way
        await closing
        while await backends(sql):
            pass


async def test_while_one_that_did_not_answer_is_given_back_no_other_is_used(database_url: str, sql: Sql) -> None:
    """That itself takes as long as the limit of a statement."""
    async with Database.open(database_url, PoolLimits(size=SIZE, statement=0.2)) as db:
        kept, opened = await fill(db), await backends(sql)
        for pid in kept:
            os.kill(pid, signal.SIGSTOP)
        try:
            lost = asyncio.create_task(backend(db))
            async with asyncio.timeout(10):
                while not db._pool._generation:  # type: ignore[attr-defined]  # noqa: ASYNC110  # nobody tells it
                    await asyncio.sleep(0)
            assert not lost.done()
            assert await backend(db) not in opened
            with pytest.raises(Refusal):
                await lost
        finally:
            for pid in kept:
                os.kill(pid, signal.SIGCONT)
