"""Joining again: exactly what was missed, or the state, and live events that follow without a seam."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from loadtest.client import Client, Event, Refused
from loadtest.fold import MESSAGES_KEPT, Snapshot, fold_session
from store import accounts, events, messages
from store.db import Database
from store.models import Principal
from tests.conftest import MakeWorld, World, hand_off, open_session
from tests.rules.wire import ACK, BOUND, EVENT, Packet, Wire, connected, event

Join = Callable[..., Awaitable[dict[str, Any]]]


async def post(client: Client, session_id: str, body: str = "Checked the cable") -> None:
    payload = {"session_id": session_id, "message_id": str(uuid4()), "kind": "note", "body": body}
    await client.command("message:post", payload)


async def write_elsewhere(db: Database, who: Principal, session_id: str, count: int) -> None:
    """Messages of another writer, of which nobody here is told."""
    await accounts.provision(db, who)
    for n in range(count):
        await messages.post(
            db, who, UUID(session_id), message_id=uuid4(), kind="note", body=f"elsewhere {n}", fencing_token=None
        )


async def state_now(client: Client, session_id: str) -> tuple[int, Snapshot]:
    """The room's state, and as of which number."""
    joined = await client.command("session:join", {"session_id": session_id})
    return joined["seq"], without_members(joined["snapshot"])


def without_members(state: Snapshot) -> Snapshot:
    return {part: value for part, value in state.items() if part != "members"}


async def test_resume_answers_exactly_the_missed_events(world: World) -> None:
    """[R5]"""
    away, stays = await world.client("engineer"), await world.client("engineer")
    session_id = await open_session(stays)
    view, seen = await away.join_session(session_id), await stays.join_session(session_id)
    await away.close()
    for n in range(7):
        await post(stays, session_id, str(n))
    await hand_off(stays, session_id)
    await seen.until_seq(9)
    await away.reconnect()
    assert view.recovered
    assert (view.reset_count, view.gaps, view.duplicates) == (0, 0, 0)
    assert view.events == seen.events
    await post(stays, session_id, "live")
    assert (await view.wait_for(lambda e: e.seq == 10)).data["message"]["body"] == "live"


async def test_resume_with_nothing_missed_answers_no_event(world: World) -> None:
    """[R5]"""
    member = await world.client("engineer")
    session_id = await open_session(member)
    joined = await member.command("session:join", {"session_id": session_id})
    cursor = {"after": joined["seq"], "epoch": joined["epoch"]}
    again = await member.command("session:join", {"session_id": session_id, **cursor})
    head = {"room": f"session:{session_id}", "epoch": joined["epoch"], "seq": 1}
    assert again == head | {"recovered": True, "events": []}
    assert joined.keys() == head.keys() | {"recovered", "snapshot"}


async def test_resume_of_the_queue_answers_all_its_events(world: World) -> None:
    """[R5] Those of one's own handoffs too, which the snapshot leaves out (Q1)."""
    engineer = await world.client("engineer")
    joined = await engineer.command("queue:join", {})
    assert (joined["seq"], joined["snapshot"]) == (0, {"handoffs": []})
    mine = await hand_off(engineer)
    theirs = await hand_off(await world.client("engineer"))
    again = await engineer.command("queue:join", {"after": 0, "epoch": joined["epoch"]})
    assert again["recovered"]
    assert [raw["data"]["handoff"]["id"] for raw in again["events"]] == [mine["id"], theirs["id"]]
    assert (again["seq"], [raw["seq"] for raw in again["events"]]) == (2, [1, 2])
    fresh = await engineer.command("queue:join", {})
    assert [handoff["id"] for handoff in fresh["snapshot"]["handoffs"]] == [theirs["id"]]


async def test_resume_from_elsewhere_answers_the_state(world: World) -> None:
    """[R5] Of another life of the log, or of a number it has not reached."""
    member = await world.client("engineer")
    session_id = await open_session(member)
    for _ in range(3):
        await post(member, session_id)
    fresh = await member.command("session:join", {"session_id": session_id})
    present, other = fresh["epoch"], str(uuid4())
    cursors: dict[str, dict[str, Any]] = {
        "no epoch": {"after": 2},
        "no epoch, at the head": {"after": 4},
        "another epoch": {"after": 2, "epoch": other},
        "another epoch, at the head": {"after": 4, "epoch": other},
        "no number": {"epoch": present},
        "ahead": {"after": 5, "epoch": present},
        "far ahead": {"after": 2**63 - 1, "epoch": present},
    }
    for name, cursor in cursors.items():
        again = await member.command("session:join", {"session_id": session_id, **cursor})
        assert (again["recovered"], again["seq"]) == (False, 4), name
        assert again["snapshot"] == fresh["snapshot"], name
        assert "events" not in again, name


async def test_resume_answers_a_thousand_events_and_the_state_beyond(world: World, db: Database) -> None:
    """[R5]"""
    member = await world.client("engineer")
    session_id = await open_session(member)
    epoch = (await member.command("session:join", {"session_id": session_id}))["epoch"]
    await member.command("session:leave", {"session_id": session_id})
    await write_elsewhere(db, world.person("engineer"), session_id, 1000)
    whole = await member.command("session:join", {"session_id": session_id, "after": 1, "epoch": epoch})
    assert whole["recovered"]
    assert [raw["seq"] for raw in whole["events"]] == list(range(2, 1002))
    beyond = await member.command("session:join", {"session_id": session_id, "after": 0, "epoch": epoch})
    assert (beyond["recovered"], beyond["seq"]) == (False, 1001)
    newest = beyond["snapshot"]["messages"]
    assert [message["seq"] for message in newest] == list(range(1002 - MESSAGES_KEPT, 1002))
    await post(member, session_id)
    assert member.strays[0].seq == 1002


async def test_resume_before_the_retained_log_answers_the_state(
    world: World, sql: asyncpg.Connection[asyncpg.Record]
) -> None:
    """[R5] Never a part of what was missed."""
    member = await world.client("engineer")
    session_id = await open_session(member)
    for _ in range(5):
        await post(member, session_id)
    joined = await member.command("session:join", {"session_id": session_id})
    await sql.execute("DELETE FROM events WHERE room = $1 AND seq <= 3", joined["room"])
    answers = [
        await member.command("session:join", {"session_id": session_id, "after": after, "epoch": joined["epoch"]})
        for after in (1, 2, 3, 4)
    ]
    assert [answer["recovered"] for answer in answers] == [False, False, True, True]
    assert [raw["seq"] for raw in answers[2]["events"]] == [4, 5, 6]


async def test_gap_makes_the_client_join_again(
    make_world: MakeWorld, db: Database, sql: asyncpg.Connection[asyncpg.Record]
) -> None:
    """[R6] What the log no longer holds is in the state that answers the join."""
    async with make_world(head_check=3600) as world:
        member = await world.client("engineer")
        session_id = await open_session(member)
        view = await member.join_session(session_id)
        await write_elsewhere(db, world.person("engineer"), session_id, 2)
        await sql.execute("DELETE FROM events WHERE room = $1 AND seq = 2", view.name)
        await post(member, session_id)
        await view.until_seq(4)
        assert (view.gaps, view.reset_count, view.recovered) == (1, 1, False)
        assert (4, without_members(view.folded())) == await state_now(member, session_id)


async def test_bumped_epoch_makes_clients_reload(world: World, db: Database) -> None:
    """[R8]"""
    away, stays = await world.client("engineer"), await world.client("engineer")
    session_id = await open_session(stays)
    view = await away.join_session(session_id)
    before = view.epoch
    await away.close()
    await post(stays, session_id)
    await events.bump_epoch(db)
    await away.reconnect()
    assert (view.recovered, view.reset_count, view.seq) == (False, 1, 2)
    assert view.epoch != before
    assert (2, without_members(view.folded())) == await state_now(stays, session_id)
    cursor = {"session_id": session_id, "after": 1, "epoch": str(view.epoch)}
    assert (await stays.command("session:join", cursor))["recovered"]


@pytest.mark.parametrize("bump", [True, False], ids=["bumped", "not bumped"])
async def test_log_that_went_back_reaches_connected_clients(
    make_world: MakeWorld, db: Database, sql: asyncpg.Connection[asyncpg.Record], *, bump: bool
) -> None:
    """[R8] [R4] Nobody goes on from a state that was undone: the room or the connection ends. Also where nobody bumped
    the epoch, as after a failover to a standby that lacks the last commits."""
    async with make_world(head_check=0.05) as world:
        member, other = await world.client("engineer"), await world.client("engineer")
        session_id = await open_session(other)
        view = await member.join_session(session_id)
        for n in range(5):
            await post(other, session_id, f"undone {n}")
        await view.until_seq(6)
        for table in ("events", "messages"):
            await sql.execute(f"DELETE FROM {table} WHERE seq > 3")
        await sql.execute("UPDATE rooms SET seq = 3")
        if bump:
            await events.bump_epoch(db)
        reloads = asyncio.create_task(member.closed.wait()), asyncio.create_task(member.signal("room:evicted"))
        done, waiting = await asyncio.wait(reloads, timeout=BOUND, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        assert done, "a connected client was not told"
        again = await world.client("engineer")
        live = await again.join_session(session_id)
        await post(await world.client("engineer"), session_id, "new")
        assert ((await live.next()).seq, live.gaps) == (4, 0)


class Follower:
    """A client that folds one session's room as it stands on the wire, and fails on any seam."""

    def __init__(self, wire: Wire, session_id: str) -> None:
        self.wire, self.session_id = wire, session_id
        self.state: Snapshot | None = None
        self.seq, self.epoch = 0, ""
        self.live = False
        self.recoveries = self.joins = 0
        self._sent = 0
        self._waiting: dict[int, tuple[str, int | None]] = {}

    async def send(self, name: str, **cursor: Any) -> None:
        self._sent += 1
        self._waiting[self._sent] = name, cursor.get("after")
        await self.wire.send(event(name, {"session_id": self.session_id, **cursor}, self._sent))

    async def follow(self, until: Callable[[], bool]) -> None:
        """Read until that is so."""
        while not until():
            packet = await self.wire.read()
            assert packet is not None
            self.take(packet)

    def take(self, packet: Packet) -> None:
        if packet.kind == EVENT:
            assert self.live, "an event before the join's ack, or after the leave's"
            self._apply(packet.data)
            return
        assert packet.kind == ACK
        assert packet.id is not None
        assert packet.data["ok"], packet.data
        name, after = self._waiting.pop(packet.id)
        self.live = name == "session:join"
        if self.live:
            self._joined(after, packet.data["data"])

    def _joined(self, after: int | None, answer: dict[str, Any]) -> None:
        self.joins += 1
        assert answer["seq"] >= self.seq
        assert answer["recovered"] == (after is not None)
        if after is not None:
            self.recoveries += 1
            assert [raw["seq"] for raw in answer["events"]] == list(range(after + 1, answer["seq"] + 1))
            for raw in answer["events"][self.seq - after :]:
                self._apply(raw)
        else:
            self.state, self.seq = answer["snapshot"], answer["seq"]
        self.epoch = answer["epoch"]

    def _apply(self, raw: dict[str, Any]) -> None:
        assert raw["seq"] == self.seq + 1
        assert self.state is not None
        self.state, self.seq = fold_session(self.state, Event.parse(raw)), raw["seq"]

    @property
    def idle(self) -> bool:
        return not self._waiting


async def test_joins_while_others_write_leave_no_seam(world: World, db: Database) -> None:
    """[R5] [R7] Ten clients leave and join again, with and without a cursor, one command behind the other."""
    writers = [await world.client("engineer") for _ in range(3)]
    session_id = await open_session(writers[0])
    last = 301 + 60

    async def write(client: Client) -> None:
        for n in range(100):
            await post(client, session_id)
            if n % 5 == 0:  # untold: the room is repaired while clients join it
                await write_elsewhere(db, outsider, session_id, 1)

    async def follow(number: int) -> Follower:
        dice = random.Random(number)
        async with connected(world.url, world.token(world.person("viewer"))) as wire:
            follower = Follower(wire, session_id)
            await follower.send("session:join")
            await follower.follow(lambda: follower.idle)
            while follower.seq < last:
                for _ in range(dice.randrange(1, 4)):
                    resumed = {"after": follower.seq, "epoch": follower.epoch} if dice.random() < 0.5 else {}
                    if dice.random() < 0.6:
                        await follower.send("session:leave")
                    await follower.send("session:join", **resumed)
                    if dice.random() < 0.5:
                        await follower.follow(lambda: follower.idle)
                await follower.follow(lambda: follower.idle)
                target = min(last, follower.seq + dice.randrange(1, 12))
                await follower.follow(lambda target=target: follower.seq >= target)  # type: ignore[misc]
            return follower

    outsider = world.person("engineer", "Elsewhere")
    results = await asyncio.gather(*(follow(n) for n in range(10)), *(write(client) for client in writers))
    followers = [result for result in results if isinstance(result, Follower)]
    fresh = await state_now(writers[0], session_id)
    assert fresh[0] == last
    for follower in followers:
        assert follower.state is not None
        assert without_members(follower.state) == fresh[1]
        assert follower.joins > 5
    assert sum(follower.recoveries for follower in followers) > 0


async def test_refused_join_leaves_the_member_where_it_was(
    make_world: MakeWorld, sql: asyncpg.Connection[asyncpg.Record]
) -> None:
    """[R5] A member whose further join was refused still gets each event once."""
    async with make_world(lock_timeout=0.2) as world:
        member, other = await world.client("engineer"), await world.client("engineer")
        session_id = await open_session(other)
        view = await member.join_session(session_id)
        async with sql.transaction():
            await sql.execute("LOCK log_epoch")
            with pytest.raises(Refused) as refused:
                await member.command("session:join", {"session_id": session_id})
            assert refused.value.code == "unavailable"
        await post(other, session_id)
        assert (await view.next("message:posted")).seq == 2
        await member.command("session:list", {})
        assert (view.gaps, view.duplicates) == (0, 0)


async def test_resuming_from_before_the_retained_log_answers_a_snapshot(
    make_world: MakeWorld, sql: asyncpg.Connection[asyncpg.Record]
) -> None:
    """[R5] Old events are forgotten in the background; what is left can be resumed from, and numbers go on."""
    async with make_world(log_retention=3600, log_trim=0.05) as world:
        writer, sleeper = await world.client("engineer"), await world.client("engineer")
        session_id = await open_session(writer)
        view = await sleeper.join_session(session_id)
        await sleeper.close()
        for number in range(6):
            message = {"session_id": session_id, "message_id": str(uuid4()), "kind": "note", "body": str(number)}
            await writer.command("message:post", message)
        await sql.execute("UPDATE events SET at = at - interval '2 hours' WHERE seq <= 4 AND room LIKE 'session:%'")
        async with asyncio.timeout(10):
            while await sql.fetchval("SELECT count(*) FROM events WHERE room LIKE 'session:%'") > 3:
                pass
        cursor = {"session_id": session_id, "epoch": view.epoch}
        asleep = await writer.command("session:join", {**cursor, "after": view.seq})
        assert (asleep["recovered"], asleep["seq"], len(asleep["snapshot"]["messages"])) == (False, 7, 6)
        awake = await writer.command("session:join", {**cursor, "after": 4})
        assert (awake["recovered"], [event["seq"] for event in awake["events"]]) == (True, [5, 6, 7])
        await sleeper.reconnect()
        assert (view.seq, view.reset_count) == (7, 1)
        await writer.command("message:post", {**message, "message_id": str(uuid4())})
        await view.until_seq(8)
