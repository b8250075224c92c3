"""The command line as an operator has it: real processes, each wait bounded."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "server.cli")
"""What the entry point `resolutionflow` runs, from this very tree."""
PATIENCE = 60.0

URL = re.compile(r"http://\S+")


@dataclass(frozen=True)
class Ended:
    """A process that is over."""

    code: int
    out: str
    err: str


@dataclass
class Running:
    """A process that goes on, and what it has said so far."""

    process: Process
    said: list[str] = field(default_factory=list)

    async def line(self, containing: str) -> str:
        """The next line of standard output with this in it."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while line := (await self.process.stdout.readline()).decode():
                self.said.append(line)
                if containing in line:
                    return line
        ended = await self.end()
        raise AssertionError(f"it ended with {ended.code} and never said {containing!r}: {ended.out}{ended.err}")

    async def url(self) -> str:
        """The address it listens at."""
        found = URL.search(await self.line("ResolutionFlow"))
        assert found is not None
        return found[0].rstrip("/")

    async def end(self) -> Ended:
        """Wait until it is over."""
        async with asyncio.timeout(PATIENCE):
            out, err = await self.process.communicate()
        assert self.process.returncode is not None
        return Ended(self.process.returncode, "".join(self.said) + out.decode(), err.decode())

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> Ended:
        """Send the signal, to the process alone, and wait until it is over."""
        self.process.send_signal(number)
        return await self.end()

    async def runs(self, program: str) -> None:
        """Wait until it runs this program."""

        def look() -> None:
            own = psutil.Process(self.process.pid)
            give_up = time.monotonic() + PATIENCE
            while all(child.name() != program for child in own.children()):
                assert time.monotonic() < give_up, f"it never ran {program}"

        await asyncio.to_thread(look)

    def press_ctrl_c(self) -> None:
        """As in a terminal: all processes that it started hear it as well."""
        os.killpg(self.process.pid, signal.SIGINT)


@asynccontextmanager
async def started(*args: str, **settings: str) -> AsyncIterator[Running]:
    """A process of the command line with these settings (`RF_*`) and no others; over when the context is left."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RF_")}
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *args, stdout=PIPE, stderr=PIPE, cwd=ROOT, env=environment | settings, start_new_session=True
    )
    running = Running(process)
    try:
        yield running
    finally:
        if process.returncode is None:
            try:
                await running.stop()
            except TimeoutError:
                process.kill()
                await process.wait()
                raise


async def ran(*args: str, **settings: str) -> Ended:
    """A process of the command line that ends by itself."""
    async with started(*args, **settings) as running:
        return await running.end()


@contextmanager
def folder() -> Iterator[Path]:
    """An empty folder that PostgreSQL can use, which runs as another user when the tests run as root.

    One that a failed test left running in it is stopped at the end.
    """
    with tempfile.TemporaryDirectory(prefix="rf-", ignore_cleanup_errors=True) as name:
        made = Path(name)
        made.chmod(0o755)
        yield made
        left = postgres_in(made)
        for process in left:
            with suppress(psutil.NoSuchProcess):  # over meanwhile
                if process.ppid() not in {other.pid for other in left}:
                    process.send_signal(signal.SIGINT)
        psutil.wait_procs(left, 10)


def postgres_in(data_dir: Path) -> list[psutil.Process]:
    """The processes of PostgreSQL that work in this folder."""
    found = []
    for process in psutil.process_iter(["name", "cwd"]):
        works_in = process.info["cwd"]
        if process.info["name"] == "postgres" and works_in and Path(works_in).is_relative_to(data_dir.resolve()):
            found.append(process)
    return found


async def gone(processes: list[psutil.Process]) -> bool:
    """Whether they are over, or soon are: `pg_ctl stop` returns a moment before its processes do."""
    _, alive = await asyncio.to_thread(psutil.wait_procs, processes, 10)
    return not alive
