"""Some sockets of a room stop reading: they are to be cut, and the others are not to notice."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from loadtest.connection import Connection
from loadtest.posting import Poster, Posters, open_sessions
from loadtest.stage import Stage

LOOK = 0.25


@dataclass(frozen=True)
class Slow:
    """`stopped` of `members` read nothing from `seconds` after the beginning on, for at most `patience` seconds."""

    members: int
    stopped: int
    rate: float
    size: int
    seconds: float
    patience: float

    async def run(self, stage: Stage) -> None:
        await open_sessions(stage, range(1) if stage.index == 0 else ())
        await stage.together("connecting")
        numbers = stage.share(self.members)
        connections = await asyncio.gather(*(self._enter(stage, number) for number in numbers))
        session = stage.people.made("session", 0)
        writer = await stage.dial(stage.index, stage.people.token(0, f"writer {stage.index}"))
        await writer.join("session", {"session_id": session})
        posters = Posters(stage.ledger, [Poster(writer, session, stage.index, self.size)], stage.counts)
        readers = [one for number, one in zip(numbers, connections, strict=True) if number >= self.stopped]
        asleep = [one for number, one in zip(numbers, connections, strict=True) if number < self.stopped]
        await stage.together("all read")
        writing = asyncio.create_task(posters.at_rate(self.rate / stage.run.workers, 3600))
        async with stage.measuring():
            await asyncio.sleep(self.seconds)
            stage.mark("all read")
            await stage.together("some read nothing")
            await self._until_cut(stage, asleep)
            await stage.together("some read nothing")
            stage.mark("some read nothing")
        posters.stop()
        await writing
        await stage.reconcile([connection.seats for connection in readers])

    async def _enter(self, stage: Stage, number: int) -> Connection:
        asleep = number < self.stopped
        connection = await stage.dial(number, stage.people.token(0, number))
        seat = await connection.join("session", {"session_id": stage.people.made("session", 0)})
        seat.room.members += not asleep
        connection.expected = asleep
        return connection

    async def _until_cut(self, stage: Stage, asleep: list[Connection]) -> None:
        for connection in asleep:
            connection.pause()
        began, left = time.monotonic(), list(asleep)
        took = stage.histogram("stopped to cut")
        while left and time.monotonic() - began < self.patience:
            await asyncio.sleep(LOOK)
            for connection in left:
                connection.nudge()
            await asyncio.sleep(0)
            for _ in range(len(left) - sum(not connection.lost for connection in left)):
                took.record(int((time.monotonic() - began) * 1e6))
            left = [connection for connection in left if not connection.lost]
        stage.counts["slow sockets cut"] += len(asleep) - len(left)
        stage.counts["slow sockets never cut"] += len(left)
