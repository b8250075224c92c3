"""Many cheap connections in this process, and what one server does for them."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from uuid import uuid4

from loadtest.connection import Connection, Gone
from loadtest.ledger import Ledger
from loadtest.people import People
from loadtest.posting import Poster, Posters
from loadtest.waiting import settled
from tests.bench.sides import Serving, own_cpu
from tests.conftest import SECRET

AT_ONCE = 100
TRIES = 10
SIZE = 45
"""Characters of a message's body: the event is then about 550 bytes, on every side the same."""
WARM = 0.4
QUIET, STEADY = 0.03, 0.8
"""Of a core, and of what was used in the look before."""
LOOK, PATIENCE = 0.5, 15.0
SETTLING = 60.0
"""Seconds within which all has to have arrived, also from the slowest."""


@dataclass(frozen=True)
class Cost:
    """What so many of something cost the server and the generator, in seconds of processor time."""

    count: int
    server: float
    generator: float
    took: float

    @property
    def each(self) -> float:
        """Microseconds of the server for each."""
        return self.server / self.count * 1e6 if self.count else float("nan")

    @property
    def generator_share(self) -> float:
        return self.generator / self.took if self.took else 0.0


class Crowd:
    """Connections to one server, and their rooms."""

    def __init__(self, serving: Serving, seed: str) -> None:
        self.ledger = Ledger()
        self.connections: list[Connection] = []
        self.rooms: list[tuple[str, list[Connection]]] = []
        self._members: dict[str, list[Connection]] = {}
        self.turned_away = 0
        """Connects that were refused at first."""
        self._refused = 0
        self._serving = serving
        self._people = People(SECRET, seed)
        self._tokens: list[str] = []

    def _meter(self) -> tuple[float, float, float]:
        return self._serving.cpu(), own_cpu(), time.perf_counter()

    def _cost(self, number: int, before: tuple[float, float, float]) -> Cost:
        server, generator, took = (after - then for after, then in zip(self._meter(), before, strict=True))
        return Cost(number, server, generator, took)

    async def connect(self, total: int) -> Cost:
        """Up to `total` connections, all users of one account; the tokens are made before."""
        new = range(len(self.connections), total)
        self._tokens += [self._people.token(0, number) for number in range(len(self._tokens), total)]
        before, numbers = self._meter(), iter(new)
        urls = self._serving.urls

        async def dial() -> None:
            for number in numbers:
                self.connections.append(await self._dial(urls[number % len(urls)], self._tokens[number]))

        await asyncio.gather(*(dial() for _ in range(min(AT_ONCE, len(new)))))
        await self._quiet()
        return self._cost(len(new), before)

    async def _dial(self, url: str, token: str) -> Connection:
        """One that was turned away comes back a moment later; what that costs is part of it."""
        for attempt in count(1):
            try:
                return await Connection.open(self.ledger, url, token, within=60)
            except Gone:
                self.turned_away += 1
                if attempt == TRIES:
                    raise
            await asyncio.sleep(attempt * 0.2)
        raise AssertionError

    async def join(self, members: Sequence[Connection], session_id: str | None = None) -> str:
        """All of them in one room, a new one unless it is named."""
        session = session_id or str(uuid4())
        if session_id is None:
            about = {"title": "Load", "client_name": "Load", "problem": "Made by the benchmark"}
            await members[0].call("session:create", {"session_id": session, **about})
            self._members[session] = members_of = list[Connection]()
            self.rooms.append((session, members_of))
        waiting = iter(members)

        async def enter() -> None:
            for member in waiting:
                seat = await member.join("session", {"session_id": session}, within=60)
                seat.room.members += 1

        await asyncio.gather(*(enter() for _ in range(min(AT_ONCE, len(members)))))
        self._members[session].extend(members)
        return session

    async def pair(self, members: Sequence[Connection]) -> None:
        """Each two of them in a new room of their own."""
        pairs = iter([members[at : at + 2] for at in range(0, len(members), 2)])

        async def enter() -> None:
            for pair in pairs:
                await self.join(pair)

        await asyncio.gather(*(enter() for _ in range(AT_ONCE // 2)))

    async def ready(self) -> None:
        """All is still, and this process pauses for no garbage."""
        await self._quiet()
        gc.collect()
        gc.freeze()

    async def _quiet(self) -> None:
        """Returns when the server does nothing, or does what it does all the time."""
        last, steady = float("inf"), 0
        for _ in range(int(PATIENCE / LOOK)):
            before = self._serving.cpu()
            await asyncio.sleep(LOOK)
            used = self._serving.cpu() - before
            steady = steady + 1 if used >= last * STEADY else 0
            if used <= QUIET * LOOK or steady >= 2:
                return
            last = used

    def _posters(self, each: int, rooms: int | None = None) -> Posters:
        """So many in each room, or in each of the first rooms, all on the first replica."""
        numbers = count()
        first = [
            (session, [member for member in members if member.replica == self._serving.urls[0]][:each])
            for session, members in self.rooms[:rooms]
        ]
        return Posters(
            self.ledger,
            [Poster(member, session, next(numbers), SIZE) for session, chosen in first for member in chosen],
        )

    async def in_flight(self, each: int, seconds: float, rooms: int | None = None) -> Cost:
        """So many events of each room under way at any time: what a delivery costs, from the first to the last."""
        posters = self._posters(each, rooms)
        await posters.in_flight(WARM)
        await self._all_there(posters)
        before, delivered = self._meter(), self.ledger.tally.delivered
        await posters.in_flight(seconds)
        await self._all_delivered()
        cost = self._cost(self.ledger.tally.delivered - delivered, before)
        await self._all_there(posters)
        return cost

    async def at_rate(self, per_second: float, seconds: float) -> tuple[float, float]:
        """p50 and p99, in milliseconds, from the moment an event is true to its last socket."""
        posters = self._posters(4)
        await posters.at_rate(per_second, WARM)
        self.ledger.to_last.drain()
        await posters.at_rate(per_second, seconds)
        await self._all_there(posters)
        taken = self.ledger.to_last.drain()
        return (taken.percentile(50) or 0) / 1000, (taken.percentile(99) or 0) / 1000

    async def _all_delivered(self) -> bool:
        return await settled(lambda: all(not room.open for room in self.ledger.rooms.values()), SETTLING)

    async def _all_there(self, posters: Posters) -> None:
        await self._all_delivered()
        self._refused += sum(posters.refusals.values())
        posters.refusals.clear()

    def wrong(self) -> int:
        """Deliveries that were lost, came twice, out of order or where they did not belong; ended connections."""
        lost = sum(
            len(seat.holes) + max(0, room.head - seat.at)
            for connection in self.connections
            for room, seat in connection.seats.items()
        )
        return lost + self.ledger.tally.wrong + self.ledger.tally.cut + self._refused

    async def idle(self, seconds: float) -> float:
        """Cores that the server uses while nothing happens."""
        before = self._meter()
        await asyncio.sleep(seconds)
        return self._cost(1, before).server / seconds

    async def hang_up(self) -> Cost:
        """All at once, until the server is through with it."""
        before, number = self._meter(), len(self.connections)
        for connection in self.connections:
            connection.close()
        self.connections.clear()
        self.rooms.clear()
        self.ledger.rooms.clear()
        await self._quiet()
        return self._cost(number, before)
