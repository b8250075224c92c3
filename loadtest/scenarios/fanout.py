"""Events to every socket of one big room, or of many small ones."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from loadtest.connection import Connection
from loadtest.posting import Poster, Posters, open_sessions
from loadtest.stage import Stage


@dataclass(frozen=True)
class Fanout:
    """`in_flight` events of each room are under way at any time, or `rate` a second in all rooms together.

    One room is spread over all workers, and an event counts as arrived when it reached the sockets of the worker that
    sent it; of several rooms each is one worker's.
    """

    rooms: int
    members: int
    in_flight: int
    seconds: float
    rate: float
    size: int

    async def run(self, stage: Stage) -> None:
        alone = self.rooms == 1
        mine = range(1) if alone else stage.share(self.rooms)
        await open_sessions(stage, [number for number in mine if not alone or stage.index == 0])
        await stage.together("connecting")
        members = stage.share(self.members) if alone else range(self.members)
        places = [(room, member) for room in mine for member in members]
        connections = await asyncio.gather(*(self._enter(stage, *place) for place in places))
        await stage.together("posting")
        own = len(stage.share(self.in_flight)) if alone else self.in_flight
        chosen: dict[int, list[Connection]] = {room: [] for room in mine}
        for (room, _), connection in zip(places, connections, strict=True):
            if len(chosen[room]) < own:
                chosen[room].append(connection)
        writers = [(stage.people.made("session", room), one) for room, each in chosen.items() for one in each]
        numbers = range(stage.index, len(writers) * stage.run.workers, stage.run.workers)  # each worker's are its own
        numbered = zip(numbers, writers, strict=True)
        made = [Poster(one, session, number, self.size) for number, (session, one) in numbered]
        posters = Posters(stage.ledger, made, stage.counts)
        share = own / self.in_flight if alone else len(mine) / self.rooms
        async with stage.measuring():
            if self.rate:
                await posters.at_rate(self.rate * share, self.seconds)
            else:
                await posters.in_flight(self.seconds)
        await stage.reconcile([connection.seats for connection in connections])

    async def _enter(self, stage: Stage, room: int, member: int) -> Connection:
        number = room * self.members + member
        connection = await stage.dial(number, stage.people.token(0, number))
        seat = await connection.join("session", {"session_id": stage.people.made("session", room)})
        seat.room.members += 1
        return connection
