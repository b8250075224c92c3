"""Migrations: whoever comes first does the work, once, and all of it or none."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeAlias
from uuid import uuid4

import asyncpg
import pytest
from alembic.script import ScriptDirectory

from store.errors import DatabaseUnreachable
from store.migrate import MIGRATIONS, migrate
from tests.conftest import Postgres

Sql: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

HEAD = ScriptDirectory(str(MIGRATIONS)).get_current_head()
ADVISORY_LOCK = 0x5265736F
SCRIPT = "import asyncio, sys; from store.migrate import migrate; print(asyncio.run(migrate(sys.argv[1])))"
MIGRATE = (sys.executable, "-W", "error", "-c", SCRIPT)


@pytest.fixture
async def empty(postgres: Postgres) -> AsyncIterator[str]:
    """The address of a database without anything in it."""
    name = f"rf_{uuid4().hex}"
    await postgres.run(f"CREATE DATABASE {name}")
    yield postgres.database(name)
    await postgres.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def inside(empty: str) -> AsyncIterator[Sql]:
    connection = await asyncpg.connect(empty)
    yield connection
    await connection.close()


async def versions(sql: Sql) -> list[str]:
    return [row["version_num"] for row in await sql.fetch("SELECT version_num FROM alembic_version")]


async def objects(sql: Sql) -> list[str]:
    """Tables, types and functions, by name."""
    rows = await sql.fetch("""
        SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace
        ORDER BY 1
    """)
    return [row["name"] for row in rows]


@pytest.mark.parametrize("runs", [2, 8])
async def test_migrate_at_once_does_the_work_once(empty: str, inside: Sql, runs: int) -> None:
    """[H1] Within one process: one finds an empty database, the others a finished one."""
    found = Counter(await asyncio.gather(*(migrate(empty) for _ in range(runs))))
    assert found == {(None, HEAD): 1, (HEAD, HEAD): runs - 1}
    assert await versions(inside) == [HEAD]
    assert await inside.fetchval("SELECT count(*) FROM log_epoch") == 1


@pytest.mark.parametrize("runs", [2, 8])
async def test_migrate_from_processes_at_once_does_the_work_once(empty: str, inside: Sql, runs: int) -> None:
    """[H1] All stand at the lock before the first may pass; each ends well, and there is one schema."""
    await inside.execute("SELECT pg_advisory_lock($1)", ADVISORY_LOCK)
    processes: list[Process] = []
    try:
        for _ in range(runs):
            processes += [await asyncio.create_subprocess_exec(*MIGRATE, empty, stdout=PIPE, stderr=PIPE)]
        async with asyncio.timeout(90):
            while await inside.fetchval(WAITING, ADVISORY_LOCK) < runs:
                assert all(process.returncode is None for process in processes)
            await inside.execute("SELECT pg_advisory_unlock($1)", ADVISORY_LOCK)
            told = [await process.communicate() for process in processes]
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
                await process.wait()
    assert [error for _, error in told if error] == []
    assert {said.decode().strip() for said, _ in told} <= {str((None, HEAD)), str((HEAD, HEAD))}
    assert await versions(inside) == [HEAD]
    assert await inside.fetchval("SELECT count(*) FROM log_epoch") == 1


WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = $1::bigint::oid AND NOT granted"


async def test_migrate_again_changes_nothing(empty: str, inside: Sql) -> None:
    """[R8] The log's epoch, too, stays."""
    assert await migrate(empty) == (None, HEAD)
    epoch, made = await inside.fetchval("SELECT epoch FROM log_epoch"), await objects(inside)
    assert await migrate(empty) == (HEAD, HEAD)
    assert await inside.fetchval("SELECT epoch FROM log_epoch") == epoch
    assert await objects(inside) == made


async def test_migrate_that_fails_leaves_nothing(empty: str, inside: Sql) -> None:
    """[R8] Nor does it keep the next one from succeeding."""
    await inside.execute("CREATE TABLE events (mine text)")
    before = await objects(inside)
    with pytest.raises(Exception, match='relation "events" already exists'):
        await migrate(empty)
    assert await objects(inside) == before
    await inside.execute("DROP TABLE events")
    assert await migrate(empty) == (None, HEAD)


@pytest.mark.parametrize(
    "url",
    ["postgresql://127.0.0.1:1/nowhere", "postgresql:///nowhere?host={folder}", "no address at all"],
    ids=["no server", "no socket", "no address"],
)
async def test_migrate_says_that_it_cannot_reach_the_database(tmp_path: Path, url: str) -> None:
    """[A3] With one exception, whatever the reason."""
    with pytest.raises(DatabaseUnreachable):
        await migrate(url.format(folder=tmp_path))


async def test_migrate_says_that_there_is_no_such_database(postgres: Postgres) -> None:
    """[A3]"""
    with pytest.raises(DatabaseUnreachable, match="does not exist"):
        await migrate(postgres.database("rf_nowhere"))


async def test_schema_of_a_later_release_is_left_as_it_is(database_url: str, sql: Sql) -> None:
    """A replica of this release starts again beside replicas of the next one."""
    await sql.execute("UPDATE alembic_version SET version_num = '9999'")
    assert await migrate(database_url) == ("9999", "9999")


async def test_migrate_gives_way_to_those_who_work(empty: str, inside: Sql) -> None:
    """While a long transaction keeps it from its locks nobody waits behind it for long; then it goes through."""
    await migrate(empty, "0002")
    other = await asyncpg.connect(empty)
    try:
        async with other.transaction():
            await other.fetch("SELECT FROM handoffs")
            migrating = asyncio.create_task(migrate(empty))
            async with asyncio.timeout(10):
                while not await inside.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                    pass
                await inside.fetch("SELECT FROM handoffs")
            assert not migrating.done()
    finally:
        await other.close()
    assert await migrating == ("0002", HEAD)
