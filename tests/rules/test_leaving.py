"""Members that go while they join: nobody else loses the room by it, and nothing of them stays."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from store.db import Database
from store.errors import Refusal
from store.events import Reading, Recovered, Snapshot, read_session_room
from tests.rules.test_unreliable_hints import BOUND, CarelessBus, Reader, Scene, scene


class SlowBus(CarelessBus):
    """Takes its time to subscribe, once told to."""

    def __init__(self) -> None:
        super().__init__(0, lose=0.0, repeat=0.0)
        self.may_subscribe = asyncio.Event()
        self.may_subscribe.set()

    async def subscribe(self, room: object) -> None:
        await self.may_subscribe.wait()
        await super().subscribe(room)  # type: ignore[arg-type]


async def read(made: Scene, reading: asyncio.Event, go: asyncio.Event, *, fails: bool = False) -> Recovered | Snapshot:
    """The room's state, once it is time; or a refusal."""
    reading.set()
    await go.wait()
    if fails:
        raise Refusal("unavailable", "Try again.")
    return await read_session_room(made.db, made.who.account_id, made.session_id)


async def test_late_leave_does_not_close_the_room_another_is_opening(db: Database) -> None:
    """[R4] One goes in the middle of its second join; the one who opens the room anew hears all of it."""
    bus = SlowBus()
    made = await scene(db, bus)
    gone, other = Reader(), Reader()
    await made.join(gone)
    reading, go = asyncio.Event(), asyncio.Event()
    again = asyncio.create_task(made.delivery.join(gone, made.room, Reading(partial(read, made, reading, go), 0)))
    await asyncio.wait_for(reading.wait(), BOUND)
    made.delivery.leave(gone, made.room)
    bus.may_subscribe.clear()
    opening = asyncio.create_task(made.join(other))
    await asyncio.sleep(0)
    made.delivery.leave(gone, made.room)
    bus.may_subscribe.set()
    await asyncio.wait_for(opening, BOUND)
    go.set()
    await asyncio.wait_for(again, BOUND)
    made.delivery.leave(gone, made.room)
    await made.write(5)
    await made.delivery.check_heads()
    await other.until(6)
    assert other.seams == []


async def test_failed_rejoin_of_one_who_left_leaves_nothing_behind(db: Database) -> None:
    """[R4] Neither the member nor the room."""
    made = await scene(db, CarelessBus(0, lose=0.0, repeat=0.0))
    reader = Reader()
    await made.join(reader)
    reading, go = asyncio.Event(), asyncio.Event()
    again = asyncio.create_task(
        made.delivery.join(reader, made.room, Reading(partial(read, made, reading, go, fails=True), 0))
    )
    await asyncio.wait_for(reading.wait(), BOUND)
    made.delivery.leave(reader, made.room)
    go.set()
    with pytest.raises(Refusal):
        await asyncio.wait_for(again, BOUND)
    assert made.delivery.members(made.room) == set()
    assert made.delivery._rooms == {}
