"""One worker process of a run: what a scenario is given there, and what it tells its conductor."""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from loadtest.connection import Connection, Gone
from loadtest.histogram import Histogram
from loadtest.ledger import Ledger, Room, Seat, Tally
from loadtest.people import People
from loadtest.waiting import settled

BEAT = 0.5
"""Seconds between two reports."""
TRIES = 10
FILES = 65_536
DIALS = 128
"""Connections that one process opens at once, all processes together."""


@dataclass
class Beat:
    """What a worker has to say now and then: counts so far, and the latencies since the last one."""

    phase: str
    tally: Tally
    cpu: float
    connections: int
    latency: Histogram
    seconds: float
    """Since the measured part began; 0 before."""


@dataclass
class Together:
    """A worker has come to this point, and brings something for the others."""

    value: Any


@dataclass
class Done:
    """A worker's last word."""

    histograms: dict[str, Histogram]
    counts: Counter[str]
    measured: Measured
    notes: list[str]
    early: str = ""
    """Why it came before the scenario was through; empty if it did not, or if the conductor said `Stop`."""


@dataclass
class Stop:
    """The conductor's word to a worker: say what you have so far, and end."""


@dataclass
class Failed:
    """A worker's last word when it could not go on."""

    reason: str


@dataclass
class Measured:
    """The measured part of one worker."""

    seconds: float = 0.0
    cpu: float = 0.0
    tally: Tally = field(default_factory=Tally)


@dataclass(frozen=True)
class Run:
    """What all workers of a run are told."""

    urls: tuple[str, ...]
    people: People
    workers: int


class Ear(Protocol):
    """The conductor, as a worker has it."""

    def send(self, what: object) -> None: ...
    def recv(self) -> Any:  # noqa: ANN401
        """Raises EOFError when it is gone."""


class Scenario(Protocol):
    """One kind of load. Sent to every worker, which runs its share of it."""

    async def run(self, stage: Stage) -> None: ...


class Stage:
    """A worker's view of the run."""

    def __init__(self, run: Run, index: int, conductor: Ear) -> None:
        self.run, self.index = run, index
        self.people = run.people
        self.ledger = Ledger()
        self.connections: list[Connection] = []
        self.histograms: dict[str, Histogram] = {}
        self.counts: Counter[str] = Counter()
        """What a scenario counts beside the ledger."""
        self.notes: list[str] = []
        self.phase = "starting"
        self.measured = Measured()
        self._stretch, self._unsaid = Histogram(), Histogram()
        self._began = 0.0
        self._conductor = conductor
        self._told: asyncio.Queue[list[Any]] = asyncio.Queue()
        self._playing: asyncio.Task[None] | None = None
        self._early = ""
        self._dialling = asyncio.Semaphore(max(1, DIALS // run.workers))

    def histogram(self, name: str) -> Histogram:
        return self.histograms.setdefault(name, Histogram())

    def share(self, total: int) -> range:
        """The numbers below `total` that are this worker's."""
        return range(self.index, total, self.run.workers)

    def url(self, number: int) -> str:
        return self.run.urls[number % len(self.run.urls)]

    async def dial(self, number: int, token: str) -> Connection:
        """A connection to one of the addresses, in the order of `number`.

        One that is turned away for now comes back a few times, which is counted. Raises Gone.
        """
        for attempt in itertools.count(1):
            try:
                async with self._dialling:
                    made = await Connection.open(self.ledger, self.url(number), token)
            except Gone as gone:
                if gone.code not in ("unavailable", "overloaded") or attempt == TRIES:
                    raise
                self.counts["connects turned away"] += 1
                await asyncio.sleep(attempt * random.uniform(0.1, 0.3))  # noqa: S311
            else:
                break
        self.connections.append(made)
        return made

    async def together(self, phase: str, value: Any = None) -> list[Any]:  # noqa: ANN401
        """Returns when all workers have come here, with what each brought, in their order."""
        self._conductor.send(Together(value))
        said = await self._told.get()
        self.phase = phase
        return said

    @asynccontextmanager
    async def measuring(self) -> AsyncIterator[None]:
        """What happens within is what rates and shares are of."""
        gc.collect()
        gc.freeze()
        self._collect()
        self._stretch = Histogram()
        before, cpu, self._began = replace(self.ledger.tally), time.process_time(), time.perf_counter()
        try:
            yield
        finally:
            self._collect()
            self.measured = Measured(
                time.perf_counter() - self._began,
                time.process_time() - cpu,
                difference(self.ledger.tally, before),
            )

    def mark(self, name: str) -> None:
        """The latencies since the measured part began or was marked last are those of `name`."""
        self._collect()
        self.histograms[name], self._stretch = self._stretch, Histogram()

    def _collect(self) -> None:
        taken = self.ledger.latency.drain()
        self._stretch.merge(taken)
        self._unsaid.merge(taken)

    def beat(self) -> None:
        alive = sum(1 for connection in self.connections if not connection.lost)
        seconds = time.perf_counter() - self._began if self._began else 0.0
        self._collect()
        latency, self._unsaid = self._unsaid, Histogram()
        self._conductor.send(Beat(self.phase, self.ledger.tally, time.process_time(), alive, latency, seconds))

    async def reconcile(self, members: Sequence[dict[Room, Seat]]) -> None:
        """Wait for the last events, then count as lost what did not come. To be called by all workers."""
        heads: dict[str, int] = {}
        for said in await self.together("settling", {name: room.head for name, room in self.ledger.rooms.items()}):
            for name, head in said.items():
                heads[name] = max(heads.get(name, 0), head)
        await settled(
            lambda: all(
                not seat.holes and seat.at >= heads[room.name] for seats in members for room, seat in seats.items()
            )
        )
        for seats in members:
            self.ledger.close(seats, heads)
        await self.together("done")

    async def play(self, scenario: Scenario) -> None:
        """The whole of this worker's part. What was measured is said also when it ends before its time."""
        self._playing = asyncio.create_task(scenario.run(self), name="scenario")
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._listen, args=(loop,), name="conductor").start()
        beating = asyncio.create_task(self._beating(), name="beat")
        try:
            await self._playing
        except asyncio.CancelledError:
            pass  # by `Stop`, or because nobody is left
        except Gone as gone:
            if not (self._began and (self.ledger.tally.cut or self.ledger.tally.unanswered)):
                raise
            self._early = str(gone)
        finally:
            beating.cancel()
            for connection in self.connections:
                connection.close()
        self.beat()
        self._conductor.send(Done(self.histograms, self.counts, self.measured, self.notes, self._early))

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hear the conductor out, in a thread of its own. Where it is gone, this process ends, whatever it does."""
        try:
            while True:
                said = self._conductor.recv()
                with suppress(RuntimeError):  # the loop is closed: all was said
                    loop.call_soon_threadsafe(self._hear, said)
        finally:
            os._exit(0)

    def _hear(self, said: list[Any] | Stop) -> None:
        if not isinstance(said, Stop):
            self._told.put_nowait(said)
        elif self._playing is not None:
            self._playing.cancel()

    async def _beating(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            self.beat()
            deserted = self.connections and all(connection.lost for connection in self.connections)
            if self._began and self.ledger.tally.cut and deserted and self._playing is not None:
                self._early = "all connections of a worker had ended"
                self._playing.cancel()
                return


def difference(after: Tally, before: Tally) -> Tally:
    return Tally(*(getattr(after, name) - getattr(before, name) for name in Tally.__slots__))


def more_files() -> None:
    """As many open files as this process may have: more than its limit says, if it may raise that."""
    if sys.platform == "win32":
        return  # which has no such limit
    import resource  # noqa: PLC0415

    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    for limit in (max(FILES, most), most):
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
            return


def files() -> int:
    """How many open files this process may have."""
    if sys.platform == "win32":
        return FILES
    import resource  # noqa: PLC0415

    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """That of uvloop, where there is one."""
    try:
        import uvloop  # noqa: PLC0415
    except ImportError:
        return None
    made: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return made
