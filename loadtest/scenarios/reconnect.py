"""All connections are lost at once, and everybody comes back and resumes while the rooms are being written to."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from loadtest.posting import Poster, Posters, open_sessions
from loadtest.returning import Regular
from loadtest.stage import Stage

BEFORE = 1.0
"""Seconds in which everybody is there and events come, before and after the storm."""


@dataclass(frozen=True)
class Reconnect:
    """`clients` in `rooms` rooms; `away` seconds pass before they come back; `rate` events a second meanwhile."""

    clients: int
    rooms: int
    rate: float
    away: float
    size: int

    async def run(self, stage: Stage) -> None:
        await open_sessions(stage, stage.share(self.rooms))
        await stage.together("connecting")
        people = [self._person(stage, number) for number in stage.share(self.clients)]
        await asyncio.gather(*(person.arrive() for person in people))
        writers = [await self._writer(stage, room) for room in stage.share(self.rooms)]
        posters = Posters(stage.ledger, writers, stage.counts)
        await stage.together("posting")
        writing = asyncio.create_task(posters.at_rate(self._share(stage), 3600))
        await asyncio.sleep(BEFORE)
        await stage.together("coming back")
        async with stage.measuring():
            began = time.monotonic_ns()
            for person in people:
                person.drop()
            await asyncio.sleep(self.away)
            await asyncio.gather(*(self._return(stage, person, began) for person in people))
            await stage.together("all back")
            stage.histogram("all back").record((time.monotonic_ns() - began) // 1000)
        await asyncio.sleep(BEFORE)
        posters.stop()
        await writing
        await stage.reconcile([person.seats for person in people])

    def _share(self, stage: Stage) -> float:
        return self.rate * len(stage.share(self.rooms)) / self.rooms

    def _person(self, stage: Stage, number: int) -> Regular:
        key = {"session_id": stage.people.made("session", number % self.rooms)}
        return Regular(stage, number, stage.people.token(0, number), [("session", key)])

    async def _writer(self, stage: Stage, room: int) -> Poster:
        connection = await stage.dial(room, stage.people.token(0, f"writer {room}"))
        session = stage.people.made("session", room)
        await connection.join("session", {"session_id": session})
        return Poster(connection, session, room, self.size)

    @staticmethod
    async def _return(stage: Stage, person: Regular, began: int) -> None:
        await person.arrive()
        stage.histogram("lost to resumed").record((time.monotonic_ns() - began) // 1000)
        stage.counts["resumed clients"] += 1
