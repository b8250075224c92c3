"""The schema's versions: numbered SQL files, run in order by whichever process comes first."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import asyncpg
from alembic import command, op
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from store.errors import DatabaseUnreachable

MIGRATIONS = Path(__file__).parent / "migrations"
GIVES_WAY = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)
PATIENCE = 120.0
"""Seconds that a migration goes on trying to get its locks."""


def run_sql(file: str) -> None:
    """Run one SQL file, of any number of statements, in the migration's transaction."""
    sql = (MIGRATIONS / file).read_text("utf-8")
    adapted = op.get_bind().connection.dbapi_connection
    assert adapted is not None  # noqa: S101  # the pool handed it out
    adapted.run_async(lambda raw: raw.execute(sql))


async def migrate(url: str, to: str = "head") -> tuple[str | None, str]:
    """Bring the schema to this release's version, or that one, and return the versions before and after.

    Safe to run from any number of processes at once: they take turns under an advisory lock, and all but the
    first find nothing to do. All or nothing. A schema of a later release is left as it is.

    Raises:
        DatabaseUnreachable: no connection could be opened.
    """
    return await asyncio.to_thread(_migrate_alone, url, to)


_alembic = threading.Lock()
"""Alembic keeps the running migration in module globals: within a process one at a time, each in a thread."""


def _migrate_alone(url: str, to: str) -> tuple[str | None, str]:
    """A migration waits for no lock for long, or all would wait behind it: it gives way, and tries again."""
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            with _alembic:
                return asyncio.run(_migrate(url, to))
        except GIVES_WAY:
            if time.monotonic() > give_up:
                raise
            time.sleep(1)


async def _migrate(url: str, to: str) -> tuple[str | None, str]:
    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: _connect(url), poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_upgrade, to)
    finally:
        await engine.dispose()


async def _connect(url: str) -> asyncpg.Connection[asyncpg.Record]:
    try:
        return await asyncpg.connect(url, timeout=10)
    except (OSError, ValueError, asyncpg.PostgresError) as error:
        raise DatabaseUnreachable(str(error) or type(error).__name__) from error


def _upgrade(connection: Connection, to: str) -> tuple[str | None, str]:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    script = ScriptDirectory.from_config(config)
    head = script.get_current_head()
    assert head is not None  # noqa: S101  # there is a first migration
    present = MigrationContext.configure(connection).get_current_revision()
    connection.rollback()
    if present is not None and present not in {revision.revision for revision in script.walk_revisions()}:
        return present, present  # a later release was here: it leaves what this one needs
    command.upgrade(config, to)
    return config.attributes["before"], head
