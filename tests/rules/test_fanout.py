"""What is sent within a turn leaves together, to each in the order of the calls. [R4] [L2]"""

from __future__ import annotations

import asyncio
from array import array
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server import fanout
from server.fanout import Audience, Fanout
from server.ring import Left
from server.transport import Outgoing, Socket
from tests.rules.wires import Unwired

PEOPLE, ROOMS = 6, 3


@dataclass(eq=False)
class Receiver(Unwired):
    written: list[Receiver] = field(default_factory=list)
    """Everybody, as often as something was written to them."""
    writes: list[tuple[str, ...]] = field(default_factory=list)

    def write(self, out: Outgoing) -> bool:
        self.written.append(self)
        assert out.frames == b"".join(Outgoing(text[1:]).frames for text in out.texts)
        self.writes.append(out.texts)
        return True

    @property
    def texts(self) -> list[str]:
        return [text[1:] for write in self.writes for text in write]


def room_of(*members: Receiver) -> Audience[Receiver]:
    return Audience(members)


async def turns(count: int = 2) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_events_of_a_turn_leave_in_one_write() -> None:
    """Whatever room they are of; an answer goes at once, or among them and before anybody is written to."""
    written: list[Receiver] = []
    out, both, one = Fanout(), Receiver(written), Receiver(written)
    first, second = room_of(both, one), room_of(both)
    out.write(one, Outgoing("ack"))
    assert one.writes == [("4ack",)]
    for number in range(3):
        out.broadcast(first, Outgoing(f"a{number}"))
        out.broadcast(second, Outgoing(f"b{number}"))
        out.write(one, Outgoing(f"ack{number}"))
    await turns()
    assert one.writes[1:] == [("4a0", "4ack0", "4a1", "4ack1", "4a2", "4ack2")]
    assert both.writes == [("4a0", "4b0", "4a1", "4b1", "4a2", "4b2")]
    assert written == [one, one, both]


async def test_answer_does_not_wait_for_a_large_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Written in slices, between which others work; whoever is answered meanwhile has the event before."""
    monkeypatch.setattr(fanout, "SLICE", 10)
    out, crowd = Fanout(), [Receiver() for _ in range(100)]
    room = room_of(*crowd)
    out.broadcast(room, Outgoing("event"))
    await turns(3)
    unwritten = [one for one in crowd if not one.writes]
    assert 0 < len(unwritten) < 100
    asked = unwritten[0]
    out.write(asked, Outgoing("ack"))
    assert asked.texts == ["event", "ack"]
    out.broadcast(room, Outgoing("next"))
    await turns(40)
    assert asked.texts == ["event", "ack", "next"]
    assert all(one.texts == ["event", "next"] for one in crowd if one is not asked)


async def test_who_comes_later_gets_nothing_older() -> None:
    """But all that was for it, of the rooms it is in."""
    out, before, late = Fanout(), Receiver(), Receiver()
    room, other = room_of(before), room_of(late)
    out.broadcast(room, Outgoing("old"))
    out.broadcast(other, Outgoing("mine"))
    out.flush(late)
    room.add(late)
    out.broadcast(room, Outgoing("new"))
    await turns()
    assert (before.writes, late.writes) == ([("4old", "4new")], [("4mine",), ("4new",)])
    room.add(latest := Receiver())
    out.broadcast(room, Outgoing("newer"))
    await turns()
    room.discard(before)
    out.broadcast(room, Outgoing("newest"))
    await turns()
    assert (before.texts[-1], latest.texts) == ("newer", ["newer", "newest"])


async def test_what_comes_faster_than_it_can_be_written_is_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    """[L2] However fast events come for a large room: what waits is one group and what came since, not a group each."""
    monkeypatch.setattr(fanout, "SLICE", 10)
    out, crowd = Fanout(), [Receiver() for _ in range(100)]
    room = room_of(*crowd)
    for number in range(50):
        out.broadcast(room, Outgoing(f"{number}"))
        await asyncio.sleep(0)
        assert len(out) <= 100
    await turns(40)
    assert len(out) == 0
    assert all(one.texts == [f"{number}" for number in range(50)] for one in crowd)
    assert all(len(one.writes) <= 7 for one in crowd)


async def test_small_room_does_not_wait_for_a_large_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long that takes; who is in both gets what is older first."""
    monkeypatch.setattr(fanout, "SLICE", 10)
    out, crowd, alone = Fanout(), [Receiver() for _ in range(1000)], Receiver()
    both = crowd[500]
    large, small = room_of(*crowd), room_of(alone, both)
    out.broadcast(large, Outgoing("large"))
    await turns(3)
    for number in range(3):
        out.broadcast(large, Outgoing(f"large {number}"))
        out.broadcast(small, Outgoing(f"small {number}"))
        await turns()
        assert alone.texts[number:] == [f"small {number}"]
        assert both.texts[-1] == f"small {number}"
    assert len(out) > 800
    assert both.texts == ["large", *(f"{room} {number}" for number in range(3) for room in ("large", "small"))]
    await turns(300)
    assert len(out) == 0
    assert all(one.texts == ["large", *(f"large {number}" for number in range(3))] for one in crowd if one is not both)
    assert both.texts[-1] == "small 2"


async def test_members_of_the_same_rooms_are_written_to_alike() -> None:
    """One group for all of them: an answer does not look through one for each."""
    out, crowd = Fanout(), [Receiver() for _ in range(100)]
    for number, room in enumerate((room_of(*crowd), room_of(*crowd))):
        out.broadcast(room, Outgoing(f"{number}"))
    await turns()
    assert {one.writes[0] for one in crowd} == {("40", "41")}


class Wired(Receiver):
    """Its own socket, with a number for a descriptor: nothing goes there while it is paused, or a part."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number, self.paused, self.full = number, False, False
        self.stream = b""

    @property
    def fd(self) -> int:  # type: ignore[override]
        return -1 if self.paused else self.number

    def write(self, out: Outgoing) -> bool:
        self.stream += out.frames
        return True

    def write_rest(self, out: Outgoing, written: int) -> None:
        self.stream += out.frames[written:]


Step = tuple[str, int, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(["event", "event", "event", "answer", "join", "leave", "pause", "full", "turn"]),
        st.integers(0, PEOPLE - 1),
        st.integers(0, ROOMS - 1),
    ),
    min_size=20,
    max_size=60,
)


class Scene:
    """Fan-out beside a stream for each of what it is to get."""

    def __init__(self) -> None:
        self.people = [Wired(number) for number in range(PEOPLE)]
        self.due = [b""] * PEOPLE
        self.out = Fanout(self._send)
        self._rooms = [room_of(*self.people[number::2]) for number in range(ROOMS)]

    def _send(self, descriptors: array[int], data: bytes) -> Left:
        left = []
        for place, number in enumerate(descriptors):
            written = 0 if number < 0 else len(data) // 2 if self.people[number].full else len(data)
            self.people[number].stream += data[:written]
            if written < len(data):
                left.append((place, written))
        return left

    def event(self, number: int, _: int, room: int) -> None:
        sent = Outgoing(f"{number}")
        for at, one in enumerate(self.people):
            if one in self._rooms[room]:
                self.due[at] += sent.frames
        self.out.broadcast(self._rooms[room], sent)

    def answer(self, number: int, who: int, _: int) -> None:
        sent = Outgoing(f"{number}")
        self.due[who] += sent.frames
        self.out.write(self.people[who], sent)

    def join(self, _: int, who: int, room: int) -> None:
        self.out.flush(self.people[who])
        self._rooms[room].add(self.people[who])

    def leave(self, _: int, who: int, room: int) -> None:
        self.out.flush(self.people[who])
        self._rooms[room].discard(self.people[who])

    def pause(self, _: int, who: int, __: int) -> None:
        self.people[who].paused = not self.people[who].paused
        Socket.changes += 1

    def full(self, _: int, who: int, __: int) -> None:
        self.people[who].full = not self.people[who].full


@given(steps, st.integers(1, 4))
@settings(max_examples=400, deadline=None)
def test_everybody_gets_what_is_theirs_once_and_in_order(steps: list[Step], slice_: int) -> None:
    """Who is a member at the end of the turn, or answered within it, and however much its socket takes."""
    asyncio.run(_followed(steps, slice_))


async def _followed(steps: list[Step], slice_: int) -> None:
    standard, fanout.SLICE = fanout.SLICE, slice_  # type: ignore[misc]
    try:
        scene = Scene()
        for number, (what, who, room) in enumerate(steps):
            if what == "turn":
                await asyncio.sleep(0)
            else:
                getattr(scene, what)(number, who, room)
        await turns(len(steps) * PEOPLE + 2)
        assert [one.stream for one in scene.people] == scene.due
    finally:
        fanout.SLICE = standard  # type: ignore[misc]


async def test_descriptor_of_a_closed_socket_is_not_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """[T3] The kernel gives its number to the next who comes, also while a large room is being written."""
    monkeypatch.setattr(fanout, "SLICE", 1)
    written: list[int] = []

    def send(descriptors: array[int], _: bytes) -> Left:
        written.extend(descriptors)
        return [(place, 0) for place, number in enumerate(descriptors) if number < 0]

    out, crowd = Fanout(send), [Wired(number) for number in range(3)]
    room = room_of(*crowd)
    for number in range(2):
        out.broadcast(room, Outgoing(f"{number}"))
        await turns(2)
        assert written == [*range(3)][: len(written)]
        crowd[2].paused = True
        Socket.changes += 1
        await turns(4)
        assert written == [0, 1, -1]
        written.clear()
