"""What is sent within a turn leaves together, to each in the order of the calls. [R4] [L2]"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server import fanout
from server.fanout import Fanout
from server.transport import Outgoing
from tests.rules.wires import Unwired

PEOPLE, ROOMS = 6, 3


@dataclass(eq=False)
class Receiver(Unwired):
    writes: list[tuple[str, ...]] = field(default_factory=list)

    def write(self, out: Outgoing) -> bool:
        assert out.frames == b"".join(Outgoing(text[1:]).frames for text in out.texts)
        self.writes.append(out.texts)
        return True

    @property
    def texts(self) -> list[str]:
        return [text[1:] for write in self.writes for text in write]


class Room:
    def __init__(self, *members: Receiver) -> None:
        self.members = dict.fromkeys(members)


async def turns(count: int = 2) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_events_of_a_turn_leave_in_one_write() -> None:
    """Whatever room they are of; an answer goes at once, and after them."""
    out, both, one = Fanout(), Receiver(), Receiver()
    first, second = Room(both, one), Room(both)
    for number in range(3):
        out.broadcast(first, Outgoing(f"a{number}"))
        out.broadcast(second, Outgoing(f"b{number}"))
    assert out.write(one, Outgoing("ack"))
    assert (one.writes, both.writes) == ([("4a0", "4a1", "4a2", "4ack")], [])
    out.broadcast(first, Outgoing("a3"))
    await turns()
    assert one.writes[1:] == [("4a3",)]
    assert both.writes == [("4a0", "4b0", "4a1", "4b1", "4a2", "4b2", "4a3")]


async def test_answer_does_not_wait_for_a_large_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Written in slices, between which others work; whoever is answered meanwhile has the event before."""
    monkeypatch.setattr(fanout, "SLICE", 10)
    out, crowd = Fanout(), [Receiver() for _ in range(100)]
    room = Room(*crowd)
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
    room, other = Room(before), Room(late)
    out.broadcast(room, Outgoing("old"))
    out.broadcast(other, Outgoing("mine"))
    out.flush(late)
    room.members[late] = None
    out.broadcast(room, Outgoing("new"))
    await turns()
    assert (before.writes, late.writes) == ([("4old", "4new")], [("4mine",), ("4new",)])


async def test_what_comes_faster_than_it_can_be_written_is_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    """[L2] However fast events come for a large room: what waits is one group and what came since, not a group each."""
    monkeypatch.setattr(fanout, "SLICE", 10)
    out, crowd = Fanout(), [Receiver() for _ in range(100)]
    room = Room(*crowd)
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
    large, small = Room(*crowd), Room(alone, both)
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
    for number, room in enumerate((Room(*crowd), Room(*crowd))):
        out.broadcast(room, Outgoing(f"{number}"))
    await turns()
    assert {one.writes[0] for one in crowd} == {("40", "41")}


Step = tuple[str, int, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(["event", "event", "event", "answer", "join", "leave", "turn"]),
        st.integers(0, PEOPLE - 1),
        st.integers(0, ROOMS - 1),
    ),
    max_size=60,
)


@given(steps, st.integers(1, 4))
@settings(max_examples=400, deadline=None)
def test_everybody_gets_what_is_theirs_once_and_in_order(steps: list[Step], slice_: int) -> None:
    """Against a list for each: who is a member at the end of the turn, or answered within it."""
    asyncio.run(_followed(steps, slice_))


async def _followed(steps: list[Step], slice_: int) -> None:
    standard, fanout.SLICE = fanout.SLICE, slice_  # type: ignore[misc]
    try:
        out, people = Fanout(), [Receiver() for _ in range(PEOPLE)]
        rooms = [Room(*people[number::2]) for number in range(ROOMS)]
        due: list[list[str]] = [[] for _ in people]

        def event(number: int, _: int, room: int) -> None:
            for at, one in enumerate(people):
                if one in rooms[room].members:
                    due[at].append(f"{number}")
            out.broadcast(rooms[room], Outgoing(f"{number}"))

        def answer(number: int, who: int, _: int) -> None:
            due[who].append(f"{number}")
            out.write(people[who], Outgoing(f"{number}"))

        def join(_: int, who: int, room: int) -> None:
            out.flush(people[who])
            rooms[room].members[people[who]] = None

        def leave(_: int, who: int, room: int) -> None:
            out.flush(people[who])
            rooms[room].members.pop(people[who], None)

        does: dict[str, Callable[[int, int, int], None]] = {
            "event": event, "answer": answer, "join": join, "leave": leave,
        }  # fmt: skip
        for number, (what, who, room) in enumerate(steps):
            if what == "turn":
                await asyncio.sleep(0)
            else:
                does[what](number, who, room)
        await turns(len(steps) * PEOPLE + 2)
        assert [one.texts for one in people] == due
    finally:
        fanout.SLICE = standard  # type: ignore[misc]
