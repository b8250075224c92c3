"""Those who ask for the same of a room at the same time are given one reading, and miss nothing by it."""

from __future__ import annotations

import asyncio
import json

from store.db import Database
from store.events import Reading, Recovered, Snapshot, read_session_room
from tests.rules.test_unreliable_hints import BOUND, CarelessBus, Reader, Scene, scene


class Held:
    """A reading that is done and not yet told, until it is let go."""

    def __init__(self, made: Scene) -> None:
        self._made = made
        self.count = 0
        self.done, self.go = asyncio.Event(), asyncio.Event()

    async def __call__(self) -> Recovered | Snapshot:
        self.count += 1
        state = await read_session_room(self._made.db, self._made.who.account_id, self._made.session_id)
        self.done.set()
        await self.go.wait()
        return state


def admit(made: Scene, reader: Reader, state: Recovered | Snapshot) -> None:
    assert isinstance(state, Snapshot)
    reader.seq, reader.state = state.seq, json.loads(state.state)
    made.delivery.admit(reader, made.room, state.seq)


async def test_many_who_join_alike_share_a_reading(db: Database) -> None:
    """[R4] [R5] And all that came meanwhile."""
    made = await scene(db, CarelessBus(0, lose=0.0, repeat=0.0))
    held, readers = Held(made), [Reader() for _ in range(20)]

    async def join(reader: Reader) -> None:
        admit(made, reader, await made.delivery.join(reader, made.room, Reading(held, "all")))

    joining = [asyncio.create_task(join(reader)) for reader in readers]
    await asyncio.wait_for(held.done.wait(), BOUND)
    await made.write(10)
    made.bus.let_go()
    held.go.set()
    await asyncio.gather(*joining)
    assert held.count == 2, "the first one's, and one for all who came while it was under way"
    await made.write(1)
    made.bus.let_go()
    for reader in readers:
        await reader.until(12)
        assert reader.seams == []


async def test_reading_of_before_the_join_is_not_shared(db: Database) -> None:
    """[R4] [R5] What was delivered between the reading and the join was kept for nobody: it is read anew."""
    made = await scene(db, CarelessBus(0, lose=0.0, repeat=0.0))
    member, gone, late = Reader(), Reader(), Reader()
    await made.join(member)
    held = Held(made)
    leaving = asyncio.create_task(made.delivery.join(gone, made.room, Reading(held, "all")))
    await asyncio.wait_for(held.done.wait(), BOUND)
    made.delivery.leave(gone, made.room)
    await made.write(5)
    made.bus.let_go()
    await member.until(6)
    joining = asyncio.create_task(made.delivery.join(late, made.room, Reading(held, "all")))
    await asyncio.sleep(0)
    held.go.set()
    state = await asyncio.wait_for(joining, BOUND)
    await leaving
    assert (state.seq, held.count) == (6, 2)
    admit(made, late, state)
    await made.write(1)
    made.bus.let_go()
    await late.until(7)
    assert late.seams == []


async def test_snapshot_is_not_shared_between_those_who_may_see_different_things(db: Database) -> None:
    """[Q1] Missed events are."""
    made = await scene(db, CarelessBus(0, lose=0.0, repeat=0.0))
    held, one, other = Held(made), Reader(), Reader()
    held.go.set()
    await made.delivery.join(Reader(), made.room, Reading(held, "open"))
    readings = [Reading(held, "all", reader="one"), Reading(held, "all", reader="other")]
    await asyncio.gather(
        *(
            made.delivery.join(reader, made.room, reading)
            for reader, reading in zip((one, other), readings, strict=True)
        )
    )
    assert held.count == 3
