"""Server CPU per delivery, memory, connects and latency, beside Node's Socket.IO, python-socketio and a C loop.

    python -m tests.bench.bench_peers [--quick] [--sizes 200 1000 5000] [--sides product node] [--parts room]

One generator, one payload. Each server in its turn has a core of its own; the generator, PostgreSQL and Redis have
the other. The sides take turns in every round; figures are medians over the rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
import orjson
import uvloop

from loadtest.stage import files, more_files
from store.embedded import embedded_postgres
from store.migrate import migrate
from tests.bench import peers_report as report
from tests.bench.crowd import Crowd
from tests.bench.sides import (
    FLOOR,
    NODE_TWO,
    NODEJS,
    OTHERS,
    PEERS,
    PRODUCT,
    PRODUCT_TWO,
    SERVERS,
    STOCK,
    STOCK_TWO,
    Backing,
    Side,
    compiled,
    workplace,
)
from tests.redis_server import redis_server

PARTS = ("room", "small", "two", "pairs")
"""One room; a hundred of 25; one room on two replicas; the product alone with more and more rooms of two."""
IN_FLIGHT = (1, 4, 16)
SIZES = (200, 1_000, 5_000)
FEW = 200
"""Connections before the memory of further ones is measured."""
ROOMS, OF_EACH = 100, 25
RATE, RATE_SIZE = 20.0, 1_000
"""Events a second, and sockets, where latency is measured."""
IDLE, REST = 26.0, 5.0
"""Seconds: longer than the 25 between two pings, on every side; and where only the product is looked at."""
HOW_MANY, BUSY, LONG = (10, 100, 1_000, 5_000, 9_000), 10, 5.0
"""Rooms of two, in how many of them something happens, and for how many seconds: much of the rest is periodic."""
SPARE_FILES = 500


class Plan:
    """How much is measured."""

    def __init__(self, options: argparse.Namespace) -> None:
        quick: bool = options.quick
        self.sizes: list[int] = options.sizes or ([RATE_SIZE] if quick else list(SIZES))
        self.rounds: int = options.rounds or (1 if quick else 3)
        self.seconds: float = options.seconds or (1.0 if quick else 2.0)
        self.rate_seconds = 5.0 if quick else 15.0
        self.only: set[str] = set(options.sides or ())
        self.parts: set[str] = set(options.parts or (PARTS[:1] if quick or options.sizes else PARTS))
        self.idle = not quick
        self.fsync: bool = options.fsync == "on"

    def sides(self, *sides: Side) -> list[Side]:
        return [side for side in sides if not self.only or side.name.partition("-")[0] in self.only]

    @property
    def largest(self) -> int:
        return max(self.sizes)


class Bench:
    def __init__(self, plan: Plan, backing: Backing, figures: report.Figures) -> None:
        self._plan, self._backing, self._figures = plan, backing, figures

    @classmethod
    @asynccontextmanager
    async def open(cls, plan: Plan, figures: report.Figures) -> AsyncIterator[Bench]:
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(workplace()))
            url = await stack.enter_async_context(embedded_postgres(folder))
            await migrate(url)
            if not plan.fsync:
                await _without_fsync(url)
            redis = await stack.enter_async_context(redis_server())
            yield cls(plan, Backing(url, redis.url, await compiled(folder), folder), figures)

    async def run(self) -> None:
        for number in range(self._plan.rounds):
            if "room" in self._plan.parts:
                for size in self._plan.sizes:
                    for side in self._plan.sides(NODEJS, PRODUCT, STOCK, FLOOR):
                        await self._visit(side, size, number)
            if "small" in self._plan.parts:
                for side in self._plan.sides(NODEJS, PRODUCT, STOCK):
                    await self._small_rooms(side, number)
            if "two" in self._plan.parts:
                for side in self._plan.sides(NODE_TWO, PRODUCT_TWO, STOCK_TWO):
                    await self._visit(side, RATE_SIZE, number)
            if "pairs" in self._plan.parts and not number:
                await self._rooms_of_two()

    async def _visit(self, side: Side, size: int, number: int) -> None:
        """One room of so many sockets."""
        if side is FLOOR and self._backing.floor is None:
            return
        note = self._figures.noting(side, size)
        self._say(f"round {number + 1}: {side.label}, a room of {size:,}")
        async with side.started(self._backing) as serving:
            crowd = Crowd(serving, uuid4().hex)
            began = time.monotonic()
            few = min(FEW, size // 2)
            await crowd.connect(few)
            session = await crowd.join(crowd.connections)
            await crowd.ready()
            memory = serving.memory()
            connected = await crowd.connect(size)
            await crowd.join(crowd.connections[few:], session)
            await crowd.ready()
            self._say(f"  connected and joined in {time.monotonic() - began:.0f} s, {crowd.turned_away} turned away")
            note("connect", connected.each)
            note("turned away", crowd.turned_away)
            if size > 2 * FEW:  # of fewer it is what the process had left over
                note("memory", (serving.memory() - memory) / (size - few) / 1024)
            if self._plan.idle and size == self._plan.largest and side.replicas == 1 and side is not FLOOR:
                note("idle", await crowd.idle(IDLE))
            for each in IN_FLIGHT:
                cost = await crowd.in_flight(each, self._plan.seconds)
                note(f"delivery/{each}", cost.each)
                note(f"generator/{each}", cost.generator_share)
                note(f"server/{each}", cost.server / cost.took)
                note(f"deliveries/{each}", cost.count / cost.took)
            if size == RATE_SIZE and side is not FLOOR:
                p50, p99 = await crowd.at_rate(RATE, self._plan.rate_seconds)
                note("p50", p50)
                note("p99", p99)
            self._judge(side, crowd, note)
            note("disconnect", (await crowd.hang_up()).each)
            if side is not FLOOR and side.replicas == 1:
                note("again", (await crowd.connect(size)).each)
                await crowd.hang_up()

    async def _small_rooms(self, side: Side, number: int) -> None:
        note = self._figures.noting(side, OF_EACH)
        self._say(f"round {number + 1}: {side.label}, {ROOMS} rooms of {OF_EACH}")
        async with side.started(self._backing) as serving:
            crowd = Crowd(serving, uuid4().hex)
            await crowd.connect(ROOMS * OF_EACH)
            for room in range(ROOMS):
                await crowd.join(crowd.connections[room * OF_EACH : (room + 1) * OF_EACH])
            await crowd.ready()
            cost = await crowd.in_flight(1, self._plan.seconds)
            note("rooms", cost.each)
            note("generator/rooms", cost.generator_share)
            self._judge(side, crowd, note)

    async def _rooms_of_two(self) -> None:
        """What an event costs the product as the number of rooms grows: always in ten of them."""
        note = self._figures.noting
        async with PRODUCT.started(self._backing) as serving:
            crowd = Crowd(serving, uuid4().hex)
            for rooms in HOW_MANY:
                if 2 * rooms + SPARE_FILES > files():
                    self._say(f"{rooms:,} rooms of two are left out: a process may open {files():,} files")
                    continue
                self._say(f"{PRODUCT.label}, {rooms:,} rooms of two")
                before = len(crowd.connections)
                await crowd.connect(2 * rooms)
                new = crowd.connections[before:]
                await crowd.pair(new)
                await crowd.ready()
                idle = await crowd.idle(REST)
                cost = await crowd.in_flight(1, LONG, rooms=BUSY)
                note(PRODUCT, rooms)("pairs idle", idle)
                note(PRODUCT, rooms)("pairs", cost.each)
                note(PRODUCT, rooms)("pairs net", (cost.server - idle * cost.took) / cost.count * 1e6)
            self._judge(PRODUCT, crowd, note(PRODUCT, BUSY))

    def _judge(self, side: Side, crowd: Crowd, note: Callable[[str, float], None]) -> None:
        """Raises RuntimeError unless the product's deliveries all came, once and in order; the others' are counted."""
        wrong = crowd.wrong()
        note("wrong", wrong)
        if wrong and side in (PRODUCT, PRODUCT_TWO):
            raise RuntimeError(f"{side.label}: {wrong} deliveries not as they should be, {crowd.ledger.tally}")

    @staticmethod
    def _say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)


async def _without_fsync(url: str) -> None:
    """The disk is the same for all sides and in nobody's processor time: it only makes the loops slower."""
    sql = await asyncpg.connect(url)
    await sql.execute("ALTER SYSTEM SET fsync = off")
    await sql.execute("SELECT pg_reload_conf()")
    await sql.close()


def about(began: float) -> dict[str, object]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, servers on {SERVERS}, all else on {OTHERS}",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "load_before": os.getloadavg()[0],
        "seconds": round(time.monotonic() - began),
    }


async def measure(plan: Plan, figures: report.Figures) -> None:
    async with Bench.open(plan, figures) as bench:
        await bench.run()


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="make bench-peers", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="one round of one room of 1,000, about a minute")
    parser.add_argument("--sizes", type=int, nargs="+", help="sockets of the one room")
    parser.add_argument("--sides", nargs="+", choices=["product", "node", "stock", "floor"], help="these alone")
    parser.add_argument("--parts", nargs="+", choices=PARTS, help="these alone")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--fsync", choices=("on", "off"), default="off", help="PostgreSQL's (default off)")
    parser.add_argument("--seconds", type=float, help="of each closed loop")
    parser.add_argument("--out", type=Path, default=Path("bench-out"), help="folder of the JSON (default bench-out)")
    parser.add_argument("--plot", type=Path, help="an SVG, as docs/fanout.svg")
    options = parser.parse_args(argv)
    if not (PEERS / "node_modules" / "socket.io").is_dir():
        raise SystemExit("Node's packages are not installed: make bench-peers does it.")
    os.sched_setaffinity(0, OTHERS)
    more_files()
    began = time.monotonic()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is ended then too
    figures = report.Figures()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(measure(Plan(options), figures))
    except KeyboardInterrupt:
        print("Stopped. What there is so far:", file=sys.stderr)
    circumstances = about(began)
    print(report.table(circumstances, figures))
    options.out.mkdir(parents=True, exist_ok=True)
    file = options.out / f"peers-{str(circumstances['at']).replace(':', '')}.json"
    file.write_bytes(orjson.dumps(circumstances | {"figures": figures.plain()}, option=orjson.OPT_INDENT_2))
    print(f"\n{file}")
    if options.plot is not None:
        options.plot.write_text(report.plot(figures))
        print(options.plot)


if __name__ == "__main__":
    main()
