"""Rooms: who may join, and that every member gets every event once and in order, whoever wrote it."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from loadtest.client import Client, ConnectRefused, Event, Refused, RoomView
from server.auth import hash_password
from store import accounts, messages
from store.db import Database
from tests.conftest import MakeWorld, World, hand_off, open_session
from tests.rules.wire import EVENT, connected

RFC_3339_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


async def post(client: Client, session_id: str, body: str = "Restarted the spooler") -> dict[str, Any]:
    payload = {"session_id": session_id, "message_id": str(uuid4()), "kind": "note", "body": body}
    return await client.command("message:post", payload)


async def log_of(client: Client, view: RoomView) -> list[Event]:
    """The room's whole log."""
    kind, subject = view.name.split(":")
    events: list[Event] = []
    after: int | None = 0
    while after is not None:
        page = await client.command("room:events", {"kind": kind, "id": subject, "after": after})
        events += [Event.parse(raw) for raw in page["events"]]
        after = page["next"]
    return events


async def test_join_answers_the_room_and_is_never_given_one(world: World) -> None:
    """[R1]"""
    member = await world.client("engineer")
    session_id = await open_session(member)
    joined = await member.command("session:join", {"session_id": session_id})
    assert joined["room"] == f"session:{session_id}"
    assert (await member.command("queue:join", {}))["room"] == f"escalations:{world.account_id}"
    named: list[tuple[str, dict[str, Any]]] = [
        ("session:join", {"session_id": session_id, "room": f"session:{session_id}"}),
        ("session:join", {"room": f"session:{session_id}"}),
        ("session:join", {"session_id": f"session:{session_id}"}),
        ("queue:join", {"room": f"escalations:{world.other_account_id}"}),
        ("queue:join", {"account": str(world.other_account_id)}),
        ("session:leave", {"room": f"session:{session_id}"}),
        ("queue:leave", {"room": f"escalations:{world.account_id}"}),
    ]
    for command, payload in named:
        with pytest.raises(Refused) as refused:
            await member.command(command, payload)
        assert refused.value.code == "invalid_payload", (command, payload)


async def test_join_refuses_a_cursor_that_is_none(world: World) -> None:
    """[R1]"""
    member = await world.client("engineer")
    session_id = await open_session(member)
    for cursor in ({"after": -1}, {"after": "1"}, {"after": 1.5}, {"after": True}, {"after": 2**63}, {"epoch": "new"}):
        with pytest.raises(Refused) as refused:
            await member.command("session:join", {"session_id": session_id, **cursor})
        assert refused.value.code == "invalid_payload", cursor


async def test_join_is_authorised_also_when_it_resumes(world: World) -> None:
    """[R1] A cursor of the room is no key to it."""
    member = await world.client("engineer")
    session_id = await open_session(member)
    joined = await member.command("session:join", {"session_id": session_id})
    stranger = await world.client(world.person("admin", other_tenant=True))
    for cursor in ({}, {"after": 0, "epoch": joined["epoch"]}, {"after": joined["seq"], "epoch": joined["epoch"]}):
        with pytest.raises(Refused) as refused:
            await stranger.command("session:join", {"session_id": session_id, **cursor})
        assert refused.value.code == "not_found"
    await post(member, session_id)
    await stranger.command("session:list", {})
    assert not stranger.strays


async def test_rooms_of_two_accounts_with_the_same_session_id_are_two(world: World) -> None:
    """[R1]"""
    ours = await world.client("engineer")
    theirs = await world.client(world.person("engineer", other_tenant=True))
    session_id = str(uuid4())
    for client in (ours, theirs):
        await client.command(
            "session:create", {"session_id": session_id, "title": "T", "client_name": "C", "problem": "P"}
        )
    our_view, their_view = await ours.join_session(session_id), await theirs.join_session(session_id)
    await post(ours, session_id, "ours")
    await post(theirs, session_id, "theirs")
    assert (await our_view.next()).data["message"]["body"] == "ours"
    assert (await their_view.next()).data["message"]["body"] == "theirs"
    assert (our_view.seq, their_view.seq) == (2, 2)


async def test_event_has_the_form_of_the_contract(world: World, sql: asyncpg.Connection[asyncpg.Record]) -> None:
    """[R2]"""
    who = world.person("engineer", "Uma")
    async with connected(world.url, world.token(who)) as wire:
        session_id = str(uuid4())
        await wire.call("session:create", {"session_id": session_id, "title": "T", "client_name": "C", "problem": "P"})
        await wire.call("session:join", {"session_id": session_id})
        message = {"session_id": session_id, "message_id": str(uuid4()), "kind": "note", "body": "B"}
        posted = await wire.call("message:post", message)
        (packet,) = wire.passed
    assert (packet.kind, packet.name) == (EVENT, "message:posted")
    assert packet.data.keys() == {"room", "seq", "type", "at", "actor", "data"}
    assert packet.data["room"] == f"session:{session_id}"
    assert packet.data["seq"] == 2
    assert packet.data["type"] == "message:posted"
    assert packet.data["actor"] == {"id": str(who.user_id), "name": "Uma"}
    assert packet.data["data"] == posted["data"]
    assert RFC_3339_UTC.fullmatch(packet.data["at"])
    row = await sql.fetchrow("SELECT at, at <= clock_timestamp() AS past FROM events WHERE type = 'message:posted'")
    assert row is not None
    assert datetime.fromisoformat(packet.data["at"]) == row["at"]
    assert row["past"]


async def test_event_that_nobody_caused_has_no_actor(world: World, sql: asyncpg.Connection[asyncpg.Record]) -> None:
    """[R2]"""
    engineer = await world.client("engineer")
    queue = await engineer.join_queue()
    await sql.execute("UPDATE accounts SET handoff_ttl = '0'")
    handoff = await hand_off(engineer)
    await hand_off(engineer, handoff["session_id"])
    assert (await queue.next("handoff:expired")).actor is None


async def test_numbers_are_contiguous_in_the_log_at_every_moment(
    world: World, sql: asyncpg.Connection[asyncpg.Record]
) -> None:
    """[R3] Whoever reads while others write finds no hole, and each event together with what it tells."""
    writers = [await world.client("engineer", f"Writer {n}") for n in range(10)]
    session_id = await open_session(writers[0])

    async def write(client: Client) -> None:
        for _ in range(10):
            await post(client, session_id)

    writing = asyncio.gather(*(write(client) for client in writers))
    reads = 0
    while not writing.done():
        row = await sql.fetchrow(
            """
            SELECT array_agg(e.seq ORDER BY e.seq) AS seqs,
                   array_agg(e.seq ORDER BY e.seq) FILTER (WHERE e.type = 'message:posted') AS told,
                   array_agg(e.seq ORDER BY e.at, e.seq) AS by_time,
                   (SELECT seq FROM rooms WHERE name = $1) AS head,
                   (SELECT array_agg(seq ORDER BY seq) FROM messages) AS written
            FROM events e WHERE e.room = $1
            """,
            f"session:{session_id}",
        )
        assert row is not None
        assert row["seqs"] == row["by_time"] == list(range(1, row["head"] + 1))
        assert row["told"] == row["written"]
        reads += 1
    await writing
    assert reads > 10


async def test_members_all_get_the_same_order_from_simultaneous_writers(world: World) -> None:
    """[R3] [R4] The writers too get their own events."""
    clients = [await world.client("engineer", f"Member {n}") for n in range(20)]
    session_id = await open_session(clients[0])
    views = [await client.join_session(session_id) for client in clients]

    async def write(client: Client, number: int) -> list[str]:
        return [(await post(client, session_id, f"{number}/{n}"))["message"]["id"] for n in range(20)]

    written = await asyncio.gather(*(write(client, number) for number, client in enumerate(clients)))
    for view in views:
        await view.until_seq(401)
    log = await log_of(clients[0], views[0])
    assert [event.seq for event in log] == list(range(1, 402))
    for view in views:
        assert view.events == log[1:]
        assert (view.gaps, view.duplicates) == (0, 0)
    order = [event.data["message"]["id"] for event in log[1:]]
    for ids in written:
        assert [message_id for message_id in order if message_id in ids] == ids


async def test_leave_ends_the_delivery(world: World) -> None:
    """[R1] Once it is acked nothing of the room comes any more; leaving twice is no error."""
    member, other = await world.client("engineer"), await world.client("engineer")
    session_id = await open_session(member)
    view, queue = await member.join_session(session_id), await member.join_queue()
    stays = await other.join_session(session_id)
    await view.leave()
    await queue.leave()
    assert await member.command("session:leave", {"session_id": session_id}) == {"room": view.name}
    assert await member.command("queue:leave", {}) == {"room": queue.name}
    await hand_off(other, session_id)
    await stays.next("handoff:created")
    await member.command("session:list", {})
    assert not member.strays
    assert (await member.join_session(session_id)).seq == stays.seq


async def test_events_of_another_writer_arrive_without_being_told(make_world: MakeWorld, db: Database) -> None:
    """[R4] Nothing is published on this process's bus: the look at the log's heads finds them."""
    async with make_world(head_check=0.05) as world:
        member = await world.client("engineer")
        session_id = await open_session(member)
        view = await member.join_session(session_id)
        elsewhere = world.person("engineer", "Elsewhere")
        await accounts.provision(db, elsewhere)
        for n in range(5):
            await messages.post(
                db, elsewhere, UUID(session_id), message_id=uuid4(), kind="note", body=str(n), fencing_token=None
            )
        assert [(await view.next()).data["message"]["body"] for _ in range(5)] == list("01234")
        assert (view.gaps, view.duplicates) == (0, 0)


async def test_events_of_another_writer_come_before_a_later_one_of_this_process(
    make_world: MakeWorld, db: Database
) -> None:
    """[R4] The gap shows with the next event, long before the heads are looked at."""
    async with make_world(head_check=3600) as world:
        member = await world.client("engineer")
        session_id = await open_session(member)
        view = await member.join_session(session_id)
        elsewhere = world.person("engineer", "Elsewhere")
        await accounts.provision(db, elsewhere)
        for _ in range(3):
            await messages.post(
                db, elsewhere, UUID(session_id), message_id=uuid4(), kind="note", body="untold", fencing_token=None
            )
        await post(member, session_id, "told")
        await view.until_seq(5)
        assert [event.data["message"]["body"] for event in view.events] == ["untold"] * 3 + ["told"]
        assert (view.gaps, view.duplicates) == (0, 0)


async def test_disabled_user_is_evicted_and_disconnected_everywhere(make_world: MakeWorld, db: Database) -> None:
    """[R9] Each room is named, the transport ends, and there is no way back in."""
    async with make_world(head_check=0.05) as world:
        who = world.person("senior", "Sam")
        await accounts.save_local_user(db, who, email="sam@acme.example", password_hash=hash_password("correct horse"))
        other = await world.client("engineer")
        session_id = await open_session(other)
        stays = await other.join_session(session_id)
        token = world.token(who)
        async with connected(world.url, token) as one, connected(world.url, token) as two:
            for wire in (one, two):
                await wire.call("session:join", {"session_id": session_id})
            await two.call("queue:join", {})
            assert await accounts.disable(db, "sam@acme.example")
            told = [[packet for packet in await wire.rest() if packet.name == "room:evicted"] for wire in (one, two)]
        rooms = [{packet.data["room"] for packet in packets} for packets in told]
        assert rooms == [{stays.name}, {stays.name, f"escalations:{world.account_id}"}]
        assert all(packet.data.keys() == {"room", "reason"} for packets in told for packet in packets)
        with pytest.raises(ConnectRefused) as refused:
            await world.client(who)
        assert refused.value.code == "unauthorized"
        await post(other, session_id)
        await stays.next("message:posted")
