"""Presence of replicas that lose messages, hear nothing, stand still or die, on a clock that the test moves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random
from typing import Any
from uuid import UUID, uuid4

from server.fanout import Audience
from server.presence import Presence
from server.transport import Outgoing
from store.bus import REPLICAS, Signal
from store.models import Attention, Json, Principal, Room
from tests.rules.wires import Unwired

ACCOUNT = uuid4()
ROOM = Room.of_escalations(ACCOUNT)


class Guest(Unwired):
    """A connection without a wire."""

    def __init__(self, name: str, user_id: UUID | None = None) -> None:
        self.who = Principal(ACCOUNT, "Acme MSP", user_id or uuid4(), name, "senior")
        self.state: Attention = "viewing"
        self.looking_at: UUID | None = None
        self.told: list[dict[str, Any]] = []
        self.bytes = 0

    def write(self, out: Outgoing) -> bool:
        self.told.append(json.loads(out.texts[0].removeprefix("42"))[1])
        self.bytes += len(out.frames)
        return True

    @property
    def sees(self) -> list[str]:
        """The names it was told last."""
        return [one["name"] + ("" if one["state"] == "viewing" else "?") for one in self.told[-1]["members"]]

    @property
    def stale(self) -> bool:
        return bool(self.told[-1]["stale"])


def broadcast(audience: Audience[Any], out: Outgoing) -> None:
    for guest in audience:
        guest.socket.write(out)


class Replica:
    def __init__(self, air: Air) -> None:
        self.air = air
        self.hearing = True
        self.alive = True
        self.sent = 0
        self.presence = Presence(self._publish, lambda: self.hearing, broadcast, clock=lambda: air.now)

    async def _publish(self, messages: Sequence[Signal]) -> None:
        self.sent += len(messages)
        for message in messages:
            self.presence.hear(message.room, message.body)  # a bus hands a replica its own
        if self.hearing:
            self.air.flying += [(self, message) for message in messages]

    def join(self, *guests: Guest) -> None:
        for guest in guests:
            self.presence.enter(guest, ROOM)
            self.presence.admit(guest, ROOM)

    def resume(self) -> None:
        self.hearing = True
        self.presence.resumed()


class Air:
    """The bus between them, and the time."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.flying: list[tuple[Replica, Signal]] = []
        self.replicas: list[Replica] = []
        self.dice = Random(7)
        self.loses = 0.0
        self.shuffles = False

    def replica(self) -> Replica:
        self.replicas.append(Replica(self))
        return self.replicas[-1]

    async def passes(self, seconds: float) -> None:
        """So much time, in ticks."""
        for _ in range(round(seconds / 0.2)):
            self.now += 0.2
            for replica in self.replicas:
                if replica.alive:
                    await replica.presence.tick()
            self.deliver()

    def deliver(self) -> None:
        flying, self.flying = self.flying, []
        if self.shuffles:
            self.dice.shuffle(flying)
        for sender, message in flying:
            for replica in self.replicas:
                if replica is not sender and replica.alive and replica.hearing and self.dice.random() >= self.loses:
                    replica.presence.hear(message.room, message.body)


def pair() -> tuple[Air, Replica, Replica]:
    air = Air()
    return air, air.replica(), air.replica()


async def test_a_change_is_told_on_the_other_replica_within_two_seconds() -> None:
    """[P1] Coming, being away, going; of one who is on both, the better state counts."""
    air, a, b = pair()
    ann, bob = Guest("Ann"), Guest("Bob")
    a.join(ann)
    b.join(bob)
    await air.passes(2)
    assert (ann.sees, bob.sees) == (["Ann", "Bob"], ["Ann", "Bob"])
    bob.state = "away"
    b.presence.changed([ROOM])
    await air.passes(2)
    assert (ann.sees, bob.sees) == (["Ann", "Bob?"], ["Ann", "Bob?"])
    tab = Guest("Bob", bob.who.user_id)
    a.join(tab)
    await air.passes(2)
    assert (ann.sees, bob.sees) == (["Ann", "Bob"], ["Ann", "Bob"])
    a.presence.leave(tab, ROOM)
    b.presence.leave(bob, ROOM)
    await air.passes(2)
    assert ann.sees == ["Ann"]


async def test_who_comes_later_is_told_who_was_there() -> None:
    """[P1] On the replica where the room has no member yet, long after the others said who they are."""
    air, a, b = pair()
    ann, bob = Guest("Ann"), Guest("Bob")
    a.join(ann)
    await air.passes(10)
    b.join(bob)
    await air.passes(2)
    assert bob.sees == ["Ann", "Bob"]


async def test_nothing_is_told_before_the_join_was_acked_or_when_nothing_changed() -> None:
    """[P1]"""
    air, a, b = pair()
    ann, bob = Guest("Ann"), Guest("Bob")
    a.presence.enter(ann, ROOM)
    b.join(bob)
    await air.passes(4)
    assert ann.told == []
    assert bob.sees == ["Ann", "Bob"]
    a.presence.admit(ann, ROOM)
    await air.passes(2)
    assert ann.sees == ["Ann", "Bob"]
    counts = len(ann.told), len(bob.told)
    await air.passes(200)
    assert (len(ann.told), len(bob.told)) == counts


async def test_lost_messages_heal_and_late_ones_change_nothing() -> None:
    """[P1] Half of all messages lost and the rest in any order: soon after it ends, all see the truth."""
    air, a, b = pair()
    c = air.replica()
    watchers = [Guest("Wa"), Guest("Wb"), Guest("Wc")]
    for replica, watcher in zip((a, b, c), watchers, strict=True):
        replica.join(watcher)
    air.loses, air.shuffles = 0.5, True
    for number in range(30):
        guest, replica = Guest(f"G{number}"), air.dice.choice(air.replicas)
        replica.join(guest)
        await air.passes(air.dice.choice([0.2, 1.0]))
        if number % 3:
            replica.presence.leave(guest, ROOM)
    air.loses = 0.0
    await air.passes(40)
    stayed = sorted(["Wa", "Wb", "Wc", *(f"G{number}" for number in range(0, 30, 3))])
    assert [watcher.sees for watcher in watchers] == [stayed] * 3


async def test_an_older_word_does_not_bring_back_who_left() -> None:
    """[P1] Also when the room has nobody left on that replica, and when the replica has stopped."""
    air, a, b = pair()
    ann, bob = Guest("Ann"), Guest("Bob")
    a.join(ann)
    b.join(bob)
    await air.passes(0.2)
    await b.presence.tick()
    a.presence.changed([ROOM])
    await air.passes(1)
    bob.state = "away"
    b.presence.changed([ROOM])
    air.now += 0.2
    await b.presence.tick()
    (late,) = [message for _, message in air.flying if message.room == ROOM]
    air.deliver()
    b.presence.leave(bob, ROOM)
    await air.passes(1)
    assert ann.sees == ["Ann"]
    a.presence.hear(ROOM, late.body)
    await air.passes(1)
    assert ann.sees == ["Ann"]
    b.join(bob)
    await air.passes(1)
    assert ann.sees == ["Ann", "Bob?"]
    await b.presence.stop()
    air.deliver()
    a.presence.hear(ROOM, late.body)
    await air.passes(1)
    assert ann.sees == ["Ann"]


async def test_killed_replica_s_members_are_gone_within_thirty_seconds() -> None:
    """[P2] And not before others would have been heard of a replica that is only slow."""
    air, a, b = pair()
    ann, bob = Guest("Ann"), Guest("Bob")
    a.join(ann)
    b.join(bob)
    await air.passes(60)
    b.alive = False
    await air.passes(15)
    assert ann.sees == ["Ann", "Bob"]
    await air.passes(15)
    assert ann.sees == ["Ann"]
    assert not ann.stale


async def test_stopping_replica_s_members_are_gone_at_once() -> None:
    """[P2]"""
    air, a, b = pair()
    ann, bob = Guest("Ann"), Guest("Bob")
    a.join(ann)
    b.join(bob)
    await air.passes(2)
    await b.presence.stop()
    await air.passes(0.4)
    assert ann.sees == ["Ann"]
    await air.passes(60)
    assert ann.sees == ["Ann"]


async def test_deaf_replicas_call_nobody_gone() -> None:
    """[P2] For ten minutes, and whoever hears again first waits for the other. What happened meanwhile is told then."""
    air, a, b = pair()
    ann, bob, cid, dan = Guest("Ann"), Guest("Bob"), Guest("Cid"), Guest("Dan")
    a.join(ann)
    b.join(bob, cid)
    await air.passes(60)
    a.hearing = b.hearing = False
    await air.passes(0.4)
    assert (ann.stale, bob.stale) == (True, True)
    b.presence.leave(cid, ROOM)
    b.join(dan)
    await air.passes(600)
    assert ann.sees == ["Ann", "Bob", "Cid"]
    assert bob.sees == ["Ann", "Bob", "Dan"]
    a.resume()
    await air.passes(10)
    assert (ann.sees, ann.stale) == (["Ann", "Bob", "Cid"], False)
    b.resume()
    await air.passes(2)
    assert (ann.sees, ann.stale) == (["Ann", "Bob", "Dan"], False)
    assert (bob.sees, bob.stale) == (["Ann", "Bob", "Dan"], False)
    assert not any(told["members"] == [] or told["count"] < 2 for told in ann.told[2:])


async def test_who_died_while_nobody_heard_is_gone_afterwards() -> None:
    """[P2] Within thirty seconds of hearing again; so is one whose replica has left the room meanwhile."""
    air, a, b = pair()
    c = air.replica()
    ann, bob, cid = Guest("Ann"), Guest("Bob"), Guest("Cid")
    for replica, guest in ((a, ann), (b, bob), (c, cid)):
        replica.join(guest)
    await air.passes(2)
    for replica in air.replicas:
        replica.hearing = False
    await air.passes(30)
    b.alive = False
    c.presence.leave(cid, ROOM)
    await air.passes(30)
    assert ann.sees == ["Ann", "Bob", "Cid"]
    a.resume()
    c.resume()
    await air.passes(30)
    assert ann.sees == ["Ann"]


async def test_replica_that_stood_still_takes_nobody_off_and_comes_back() -> None:
    """[P2] Stopped for half a minute: the others take its members off, itself nobody's; going on, all is as before."""
    air, a, b = pair()
    ann, bob = Guest("Ann"), Guest("Bob")
    a.join(ann)
    b.join(bob)
    await air.passes(10)
    b.alive = False
    await air.passes(30)
    assert ann.sees == ["Ann"]
    before = len(bob.told)
    b.alive = True
    await air.passes(2)
    assert (ann.sees, bob.sees) == (["Ann", "Bob"], ["Ann", "Bob"])
    assert all(told["count"] == 2 for told in bob.told[before:])


async def test_a_thousand_members_cost_a_bounded_number_of_signals() -> None:
    """[P1] A thousand come within two seconds: the first 200 are named, the rest counted, on each replica alike."""
    air, a, b = pair()
    first = Guest("000")
    a.join(first)
    await air.passes(1)
    sent = a.sent + b.sent
    guests = [Guest(f"{number:03}") for number in range(1, 1000)]
    for number, guest in enumerate(guests):
        (a, b)[number % 2].join(guest)
        if number % 100 == 99:
            await air.passes(0.2)
    await air.passes(2)
    for guest in (first, guests[0], guests[1], guests[-1]):
        assert guest.told[-1]["count"] == 1000
        assert guest.sees == [f"{number:03}" for number in range(200)]
    assert max(len(guest.told) for guest in (first, *guests)) <= 12
    assert a.sent + b.sent - sent <= 30
    guests[0].state = "away"
    b.presence.changed([ROOM])
    a.presence.changed([ROOM])
    counted = len(first.told)
    await air.passes(2)
    assert first.sees[1] == "001?"
    assert len(first.told) == counted + 1
    for _ in range(25):
        first.state = "away" if first.state == "viewing" else "viewing"
        a.presence.changed([ROOM])
        await air.passes(0.4)
    assert len(first.told) <= counted + 1 + 14


async def test_a_crowd_is_not_told_of_each_newcomer_it_does_not_name() -> None:
    """[P1] Newcomers are told at once; all are when who is named changes, or the number by a twentieth."""
    air, a, _ = pair()
    crowd = [Guest(f"Name {number:04}") for number in range(400)]
    a.join(*crowd)
    await air.passes(2)
    told = len(crowd[0].told)
    late = Guest("Zoe")
    a.join(late)
    await air.passes(2)
    assert (len(crowd[0].told), late.told[-1]["count"]) == (told, 401)
    first = Guest("Ada")
    a.join(first)
    await air.passes(2)
    assert (len(crowd[0].told), crowd[0].sees[0], crowd[0].told[-1]["count"]) == (told + 1, "Ada", 402)
    a.join(*(Guest(f"Zoe {number}") for number in range(25)))
    await air.passes(2)
    assert (len(crowd[0].told), crowd[0].told[-1]["count"]) == (told + 2, 427)


async def test_a_crowd_is_told_of_a_twentieth_however_slowly_it_grew_or_shrank() -> None:
    """[P1] It counts from what all were told last, not from what newcomers were."""
    air, a, _ = pair()
    crowd, late = ([Guest(f"{kind} {number:03}") for number in range(400)] for kind in ("Crowd", "Late"))
    a.join(*crowd)
    await air.passes(2)
    told = len(crowd[0].told)
    for guest in late[:22]:
        a.join(guest)
        await air.passes(0.4)
    for guest in late[:21]:
        a.presence.leave(guest, ROOM)
        await air.passes(0.4)
    assert [one["count"] for one in crowd[0].told[told:]] == [422, 401]


async def test_a_crowd_is_told_what_no_number_says() -> None:
    """[P1] [P2] That others are not heard; and of whoever goes when all who are left are named."""
    air, a, _ = pair()
    crowd = [Guest(f"{number:03}") for number in range(201)]
    a.join(*crowd)
    await air.passes(2)
    told = len(crowd[0].told)
    a.hearing = False
    await air.passes(2)
    a.presence.leave(crowd[-1], ROOM)
    await air.passes(2)
    assert [(one["count"], one["stale"]) for one in crowd[0].told[told:]] == [(201, True), (200, True)]


async def test_rooms_without_members_keep_nothing() -> None:
    """[P1] Neither of this replica nor of others: memory is bounded by who is here."""
    air, a, b = pair()
    ann, bob = Guest("Ann"), Guest("Bob")
    a.join(ann)
    b.join(bob)
    await air.passes(2)
    a.presence.leave(ann, ROOM)
    await air.passes(2)
    assert a.presence._rooms == {}
    assert a.presence._due == {}
    assert a.presence.members(ROOM) == (0, [])
    assert bob.sees == ["Bob"]


async def test_what_cannot_be_read_is_passed_over() -> None:
    """[P1] A message of another version is no word about anybody."""
    air, a, _ = pair()
    ann = Guest("Ann")
    a.join(ann)
    await air.passes(1)
    for body in ("", "null", '{"origin":"x"}', '{"origin":"x","number":1,"asks":false,"count":-1,"members":[]}'):
        a.presence.hear(ROOM, Json(body))
        a.presence.hear(REPLICAS, Json(body))
    future = {"origin": "n1", "number": 1, "asks": False, "count": 1, "mood": "new"}
    bob = {"id": str(uuid4()), "name": "Bob", "state": "viewing", "handoff_id": None, "typing": True}
    a.presence.hear(ROOM, Json(json.dumps({**future, "members": [bob]})))
    await air.passes(1)
    assert ann.sees == ["Ann", "Bob"]
