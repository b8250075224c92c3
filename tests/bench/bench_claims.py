"""Claims and messages a second through the server, beside pgbench with the same statement on the same PostgreSQL.

    python -m tests.bench.bench_claims [--repeat 3] [--fsync off] [--out bench-out]

Generator, server and PostgreSQL are processes of their own and share the machine's cores; so do pgbench and PostgreSQL.
The two sides take turns, each on rows of its own. A ratio is that of the medians.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import psutil
import uvloop

from server.auth import Tokens
from server.config import Settings
from store.embedded import embedded_postgres
from store.migrate import migrate
from store.models import Principal, Role
from tests.bench.baseline import OPTIONS as SESSION_OF_PGBENCH
from tests.bench.baseline import pgbench
from tests.bench.generator import Drive, Measured, Socket
from tests.bench.rows import (
    ACCOUNT,
    ENGINEER,
    FIRST,
    HANDOFF,
    OBSERVER,
    SESSION,
    USER,
    Run,
    Scenario,
    Sql,
    check,
    prepare,
)
from tests.conftest import SECRET
from tests.server.commandline import Running, started

AT_MOST = 420.0
"""Seconds for everything."""
UNLIMITED = "1e9"

SCENARIOS = (
    Scenario("1 client", lanes=1, each=300),
    Scenario("10 clients, one handoff", lanes=10, each=50, contended=True),
    Scenario("50 clients, one handoff", lanes=50, each=20, contended=True),
    Scenario("10 clients, each its own", lanes=10, each=60),
    Scenario("50 clients, each its own", lanes=50, each=16),
    Scenario("20 claims at a time, 200 accounts", lanes=20, each=120, accounts=200),
    Scenario("32 clients, each its own", lanes=32, each=40),
    Scenario("32 clients, a thousand accounts", lanes=32, each=96, accounts=1_000),
    Scenario("messages: 1 client", lanes=1, each=300, writes="messages"),
    Scenario("messages: 32 clients", lanes=32, each=60, writes="messages"),
    Scenario("messages: 32 clients, 1,000 accounts", lanes=32, each=96, accounts=1_000, writes="messages"),
)
WARM_UP = Scenario("warm-up", lanes=20, each=20, accounts=20)


@dataclass
class Result:
    """All runs of one scenario."""

    scenario: Scenario
    server: list[float] = field(default_factory=list)
    pgbench: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    """How long each run of the server took."""
    cpu: list[dict[str, float]] = field(default_factory=list)
    """Seconds of processor time that each process used meanwhile."""

    @property
    def ratio(self) -> float | None:
        return statistics.median(self.server) / statistics.median(self.pgbench) if self.pgbench else None

    def milliseconds(self, percent: int) -> float | None:
        """A percentile of the time from a claim to its event at another client."""
        return statistics.quantiles(self.latencies, n=100)[percent - 1] * 1000 if self.latencies else None

    def microseconds(self, who: str) -> float:
        """Processor time a write."""
        return statistics.median(run[who] for run in self.cpu) / self.scenario.total * 1e6

    def share(self, who: str) -> float:
        """Of one core."""
        return statistics.median(run[who] / took for run, took in zip(self.cpu, self.seconds, strict=True))


class Bench:
    """One PostgreSQL and one server, with everything at its default but the limits on how fast a client may go."""

    def __init__(self, sql: Sql, url: str, server: psutil.Process, postmaster: psutil.Process, address: str) -> None:
        self._sql = sql
        self._database_url = url
        self._server = server
        self._postmaster = postmaster
        self._address = address
        self._tokens = Tokens(Settings(jwt_secret=SECRET))
        self._runs = 0
        self.template = ""

    @classmethod
    @asynccontextmanager
    async def open(cls, *, fsync: bool) -> AsyncIterator[Bench]:
        async with AsyncExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="rf-bench-", ignore_cleanup_errors=True))
            os.chmod(folder, 0o755)  # noqa: S103, PTH101  # PostgreSQL runs as another user under root
            url = await stack.enter_async_context(embedded_postgres(Path(folder)))
            await migrate(url)
            sql = await asyncpg.connect(url)
            stack.push_async_callback(sql.close)
            if not fsync:
                await sql.execute("ALTER SYSTEM SET fsync = off")
                await sql.execute("SELECT pg_reload_conf()")
            serving: Running = await stack.enter_async_context(
                started(
                    "serve", RF_PORT="0", RF_DATABASE_URL=url, RF_DATA_DIR=folder, RF_JWT_SECRET=SECRET,
                    RF_COMMANDS_PER_SECOND=UNLIMITED, RF_COMMANDS_PER_SECOND_USER=UNLIMITED,
                )
            )  # fmt: skip
            postmaster = psutil.Process(await sql.fetchval("SELECT pg_backend_pid()")).parent()
            if postmaster is None:
                raise RuntimeError("PostgreSQL is gone")
            bench = cls(sql, url, psutil.Process(serving.process.pid), postmaster, await serving.url())
            bench.template = await bench._hand_off()
            yield bench

    async def _socket(self, account: int, user: int, role: Role) -> Socket:
        who = Principal(UUID(ACCOUNT + str(account)), "Account", UUID(USER + str(user)), role.title(), role)
        return await Socket.connect(self._address, self._tokens.issue(who)[0])

    async def _hand_off(self) -> str:
        """A handoff as the server makes it, after a little work: all measured ones are like it."""
        engineer = await self._socket(FIRST, FIRST + ENGINEER, "engineer")
        session = {"session_id": SESSION + str(FIRST)}
        about = {
            "title": "Printer queue stuck",
            "client_name": "Harbor Dental",
            "problem": "Nobody can print since 9:00",
        }
        await engineer.call("session:create", session | about)
        for number in range(4):
            told = {
                "message_id": SESSION + str(FIRST + 1 + number),
                "body": f"Looked at spooler {number}",
                "kind": "note",
            }
            await engineer.call("message:post", session | told)
            task = {"task_id": SESSION + str(FIRST + 1 + number), "title": f"Restart spooler {number}"}
            await engineer.call("task:add", session | task)
            done = {"task_id": task["task_id"], "version": 1, "state": "done", "result": "No change"}
            await engineer.call("task:update", session | done)
        handoff_id = HANDOFF + str(FIRST)
        why = {"severity": "high", "reason": "skill", "ask": "Take a look at the spooler"}
        await engineer.call("handoff:create", session | why | {"handoff_id": handoff_id})
        engineer.close()
        return handoff_id

    async def _run(self, scenario: Scenario) -> Run:
        self._runs += 1
        run = Run(scenario, self._runs)
        await prepare(self._sql, run, self.template)
        return run

    async def serve(self, scenario: Scenario, result: Result | None = None) -> None:
        run = await self._run(scenario)
        lanes = [
            [
                await self._socket(run.account(lane, index), run.user(lane), "senior")
                for index in range(scenario.accounts_of_lane)
            ]
            for lane in range(scenario.lanes)
        ]
        observer = None
        if scenario.accounts == 1 and scenario.writes == "claims":
            observer = await self._socket(run.base, run.base + OBSERVER, "viewer")
            await observer.call("queue:join", {})
        drive = Drive(run, lanes, observer)
        before, began = self._cpu(), time.perf_counter()
        measured: Measured = await drive()
        took = time.perf_counter() - began
        after = self._cpu()
        for socket in [*(socket for sockets in lanes for socket in sockets), *([observer] if observer else [])]:
            socket.close()
        await check(self._sql, run)
        if result is not None:
            result.server.append(measured.rate)
            result.latencies += measured.latencies
            result.seconds.append(took)
            result.cpu.append({who: after[who] - before[who] for who in before})

    async def pgbench(self, scenario: Scenario, result: Result | None = None) -> None:
        run = await self._run(scenario)
        rate = await pgbench(self._database_url, run)
        await check(self._sql, run)
        if result is not None:
            result.pgbench.append(rate)

    def _cpu(self) -> dict[str, float]:
        """Seconds of processor time used so far. What `pgbench` leaves behind is in nobody's account."""
        return {
            "generator": time.process_time(),
            "server": sum(self._server.cpu_times()[:2]),
            "postgres": sum(sum(process.cpu_times()[:2]) for process in self._postmaster.children()),
        }

    async def circumstances(self) -> dict[str, Any]:
        """What the figures depend on."""
        names = (
            "server_version",
            "fsync",
            "synchronous_commit",
            "full_page_writes",
            "wal_sync_method",
            "shared_buffers",
        )
        return {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": f"{_processor()}, {os.cpu_count()} cores, {psutil.virtual_memory().total >> 30} GiB",
            "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
            "load_before": os.getloadavg()[0],
            "postgresql": {name: await self._sql.fetchval(f"SHOW {name}") for name in names},
            "pgbench_session": SESSION_OF_PGBENCH,
        }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("ascii").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


async def measure(repeat: int, *, fsync: bool) -> tuple[dict[str, Any], list[Result]]:
    results = [Result(scenario) for scenario in SCENARIOS]
    async with asyncio.timeout(AT_MOST), Bench.open(fsync=fsync) as bench:
        about = await bench.circumstances()
        await bench.serve(WARM_UP)
        for number in range(repeat):
            for result in results:
                sides = [bench.serve, bench.pgbench]
                for side in sides if number % 2 == 0 else reversed(sides):
                    if side == bench.serve or not result.scenario.contended:
                        await side(result.scenario, result)
    return about, results


COLUMNS = (
    ("writes/s", 10),
    ("pgbench", 9),
    ("ratio", 7),
    ("p50 ms", 9),
    ("p99 ms", 8),
    ("server us", 11),
    ("postgres us", 13),
    ("generator", 11),
)


def table(about: dict[str, Any], results: list[Result]) -> str:
    lines = [f"{name:>16}  {_plain(value)}" for name, value in about.items()]
    lines += ["", " " * 38 + "".join(f"{column:>{width}}" for column, width in COLUMNS)]
    for result in results:
        figures = [
            f"{statistics.median(result.server):.0f}",
            f"{statistics.median(result.pgbench):.0f}" if result.pgbench else "-",
            "-" if result.ratio is None else f"{result.ratio:.2f}",
            *("-" if ms is None else f"{ms:.1f}" for ms in (result.milliseconds(50), result.milliseconds(99))),
            *(f"{result.microseconds(who):.0f}" for who in ("server", "postgres")),
            f"{result.share('generator'):.0%}",
        ]
        cells = "".join(f"{figure:>{width}}" for figure, (_, width) in zip(figures, COLUMNS, strict=True))
        lines.append(f"{result.scenario.name:<38}{cells}")
    return "\n".join([*lines, "", LEGEND])


LEGEND = """\
writes/s, pgbench: medians. ms: from sending the claim that won to its event at another client, all repetitions.
us: processor time a write, of the server and of its PostgreSQL connections. generator: its share of one core.
Where all claim one handoff there is no pgbench: it cannot hold its clients until the last one was answered."""


def _plain(value: object) -> str:
    return ", ".join(f"{name} {item}" for name, item in value.items()) if isinstance(value, dict) else str(value)


def report(about: dict[str, Any], results: list[Result]) -> dict[str, Any]:
    measured = [
        asdict(result)
        | {"ratio": result.ratio, "p50_ms": result.milliseconds(50), "p99_ms": result.milliseconds(99)}
        | {"latencies": len(result.latencies)}
        for result in results
    ]
    return about | {"results": measured}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--repeat", type=int, default=3, help="how often each side is measured (default 3)")
    parser.add_argument("--fsync", choices=("on", "off"), default="on", help="off: the disk is left out of it")
    parser.add_argument("--out", type=Path, default=Path("bench-out"), help="folder of the JSON (default bench-out)")
    options = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            about, results = runner.run(measure(options.repeat, fsync=options.fsync == "on"))
        except TimeoutError:
            raise SystemExit(f"Not done within {AT_MOST:.0f} s: the machine is too busy to measure anything.") from None
    print(table(about, results))
    options.out.mkdir(parents=True, exist_ok=True)
    file = options.out / f"claims-{about['at'].replace(':', '')}.json"
    file.write_bytes(orjson.dumps(report(about, results), option=orjson.OPT_INDENT_2))
    print(f"\n{file}")


if __name__ == "__main__":
    main()
