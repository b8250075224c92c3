"""Delivery on a bus that keeps no promise but the bus's own: hints come late, twice, out of order, or never."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID, uuid4

import pytest

from loadtest.fold import Event as WireEvent
from loadtest.fold import fold_session
from server.delivery import Delivery
from server.fanout import Fanout
from server.telemetry import Telemetry
from server.transport import Outgoing
from store import accounts, events, messages, sessions, watch
from store.bus import Bus, Signal
from store.db import Database
from store.events import Reading, Recovered, read_session_room
from store.models import Event, Principal, Room
from store.watch import Positions, Seen
from tests.rules.scenes import Sql
from tests.rules.wires import Unwired

BOUND = 10.0


class CarelessBus:
    """Holds back what is published, and then hands it over mixed up: some of it twice, some not at all."""

    def __init__(self, seed: int, *, lose: float, repeat: float) -> None:
        self._dice = random.Random(seed)
        self._lose, self._repeat = lose, repeat
        self._held: list[Event | Signal] = []
        self.rooms: set[Room] = set()
        self._listener: Callable[[Event | Signal], None] = lambda _: None

    hearing = True

    def listen(self, listener: Callable[[Event | Signal], None], resumed: Callable[[], None]) -> None:  # noqa: ARG002
        self._listener = listener

    async def subscribe(self, room: Room) -> None:
        self.rooms.add(room)

    def unsubscribe(self, room: Room) -> None:
        self.rooms.discard(room)

    async def publish(self, published: Sequence[Event | Signal]) -> None:
        for message in published:
            if self._dice.random() >= self._lose:
                self._held.append(message)
            if self._dice.random() < self._repeat:
                self._held.append(message)
        if self._dice.random() < 0.3:
            self.let_go()

    def let_go(self) -> None:
        self._dice.shuffle(self._held)
        for message in self._held:
            self.tell(message)
        self._held.clear()

    def tell(self, message: Event | Signal) -> None:
        if message.room in self.rooms:
            self._listener(message)


@dataclass(eq=False)
class Reader(Unwired):
    """A member that knows the state that comes of what it is given; `seams` are the numbers that did not follow."""

    seq: int = 0
    seams: list[tuple[int, int]] = field(default_factory=list)
    state: dict[str, object] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def write(self, out: Outgoing) -> bool:
        for text in out.texts:
            event = WireEvent.parse(json.loads(text.removeprefix("42"))[1])
            if event.seq != self.seq + 1:
                self.seams.append((self.seq, event.seq))
            self.seq, self.state = event.seq, fold_session(self.state, event)
        self.changed.set()
        return True

    def end(self, reason: str) -> None:
        raise AssertionError(reason)

    async def until(self, seq: int) -> None:
        async with asyncio.timeout(BOUND):
            while self.seq < seq:
                self.changed.clear()
                await self.changed.wait()


@dataclass
class Scene:
    db: Database
    bus: CarelessBus
    delivery: Delivery
    who: Principal
    session_id: UUID
    epoch: UUID | None = None

    @property
    def room(self) -> Room:
        return Room.of_session(self.who.account_id, self.session_id)

    async def write(self, count: int) -> None:
        for _ in range(count):
            answer = await messages.post(
                self.db, self.who, self.session_id, message_id=uuid4(), kind="note", body="B", fencing_token=None
            )
            await self.bus.publish(answer.events)

    async def join(self, reader: Reader, *, resume: bool = False) -> None:
        cursor = (reader.seq, self.epoch) if resume else (None, None)
        read = partial(read_session_room, self.db, self.who.account_id, self.session_id, *cursor)
        state = await self.delivery.join(reader, self.room, Reading(read, cursor))
        if isinstance(state, Recovered):
            for body in state.events:
                self.delivery.fanout.write(reader, Outgoing(f'2["{json.loads(body)["type"]}",{body}]'))
            self.delivery.fanout.flush(reader)
        else:
            reader.seq, reader.state = state.seq, json.loads(state.state)
        assert reader.seq == state.seq
        self.epoch = state.epoch
        self.delivery.admit(reader, self.room, state.seq)

    async def state(self) -> object:
        state = await read_session_room(self.db, self.who.account_id, self.session_id)
        assert not isinstance(state, Recovered)
        return json.loads(state.state)


async def scene(db: Database, bus: CarelessBus) -> Scene:
    who = Principal(uuid4(), "Acme MSP", uuid4(), "Uma", "engineer")
    session_id = uuid4()
    await accounts.provision(db, who)
    await sessions.create(db, who, session_id, title="T", client_name="C", problem="P")
    typed: Bus = bus
    return Scene(db, bus, Delivery(db, typed, Telemetry(), Fanout(), gap_grace=0.001), who, session_id)


LOSSES = {
    "mixed up": (0.0, 0.0),
    "twice": (0.0, 0.5),
    "lost": (0.5, 0.0),
    "all at once": (0.3, 0.3),
    "deaf": (1.0, 0.0),
}


@pytest.mark.parametrize(("lose", "repeat"), LOSSES.values(), ids=LOSSES)
async def test_careless_hints_give_each_event_once_and_in_order(db: Database, lose: float, repeat: float) -> None:
    """[R4] To all members, those who join on the way among them."""
    for seed in range(4):
        made = await scene(db, CarelessBus(seed, lose=lose, repeat=repeat))
        readers = [Reader() for _ in range(4)]
        await made.join(readers[0])
        for reader in readers[1:]:
            await asyncio.gather(made.write(25), made.join(reader))
        leaver = readers[1]
        made.delivery.leave(leaver, made.room)
        left_at = leaver.seq
        await made.write(10)
        assert leaver.seq == left_at
        await asyncio.gather(made.write(10), made.join(leaver, resume=True))
        made.bus.let_go()
        async with asyncio.timeout(BOUND):
            while any(reader.seq < 96 for reader in readers):
                await made.delivery.check_heads()
        made.bus.let_go()
        state = await made.state()
        for reader in readers:
            assert reader.seams == []
            assert (reader.seq, reader.state) == (96, state)


async def test_hints_that_are_late_or_untrue_change_nothing(db: Database) -> None:
    """[R4] Late ones are dropped, and one of a number the log does not hold is no event."""
    made = await scene(db, CarelessBus(0, lose=1.0, repeat=0.0))
    reader = Reader()
    await made.join(reader)
    told: list[Event] = []
    for _ in range(3):
        answer = await messages.post(
            db, made.who, made.session_id, message_id=uuid4(), kind="note", body="B", fencing_token=None
        )
        told += answer.events
    await made.delivery.check_heads()
    await reader.until(4)
    for late in (*told, *reversed(told)):
        made.bus.tell(late)
    untrue = Event(made.room, 900, "message:posted", told[0].body)
    made.bus.tell(untrue)
    await made.write(2)
    async with asyncio.timeout(BOUND):
        while reader.seq < 6:
            await made.delivery.check_heads()
    assert (reader.seq, reader.seams) == (6, [])


async def test_each_look_is_at_rooms_as_they_are_by_then(
    db: Database, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[R4] One opened since the last look too, and one that was delivered to; not one that nobody is in any more."""
    asked: list[Positions] = []
    look = watch.look

    async def noted(db: Database, positions: Positions) -> Seen:
        asked.append(positions)
        return await look(db, positions)

    monkeypatch.setattr(watch, "look", noted)
    made = await scene(db, CarelessBus(0, lose=1.0, repeat=0.0))
    await made.delivery.check_heads()
    reader, other = Reader(), Reader()
    await made.join(reader)
    await made.write(1)
    await made.delivery.check_heads()
    await reader.until(2)
    await made.delivery.check_heads()
    await made.write(1)
    (event,) = await events.after(db, made.room, 2)
    made.bus.tell(event)
    await sql.execute("UPDATE rooms SET seq = 2")
    with pytest.raises(AssertionError, match="log restored"):
        await made.delivery.check_heads()
    await made.join(other)
    await made.delivery.check_heads()
    made.delivery.leave(other, made.room)
    await made.delivery.check_heads()
    assert [len(positions.columns[0]) > len("{}") for positions in asked] == [False, True, True, True, True, False]


async def test_members_that_left_hear_nothing_and_cost_nothing(db: Database) -> None:
    """[R1] [R4] The room is given up with its last member, and a new one begins where the log is."""
    made = await scene(db, CarelessBus(0, lose=0.0, repeat=0.0))
    reader = Reader()
    await made.join(reader)
    made.delivery.leave(reader, made.room)
    assert made.bus.rooms == set()
    await made.write(5)
    made.bus.let_go()
    assert reader.seq == 1
    fresh = Reader()
    await made.join(fresh)
    assert (fresh.seq, made.bus.rooms) == (6, {made.room})
    await made.write(1)
    made.bus.let_go()
    await fresh.until(7)
    assert (reader.seq, fresh.seq) == (1, 7)
