"""Presence: who is in a room, seen by its members, whatever replica they are on, and whatever the bus does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from handlers.views import HandoffView
from loadtest.client import Client
from store.models import Principal
from tests.conftest import MakeWorld, World, claim, hand_off, open_session
from tests.redis_server import RedisServer
from tests.rules.checked import check
from tests.rules.scenes import Sql

BOUND = 2.0
"""Within which a change is told, in seconds (P1)."""

Members = list[dict[str, Any]]


def member(who: Principal, state: str = "viewing", handoff_id: str | None = None) -> dict[str, Any]:
    return {"id": str(who.user_id), "name": who.name, "state": state, "handoff_id": handoff_id}


async def told(client: Client, room: str, members: Members, *, stale: bool = False, within: float = BOUND) -> None:
    """Returns once the newest the client heard of the room is this."""
    await all_told(client, {room: members}, stale=stale, within=within)


async def all_told(client: Client, rooms: Mapping[str, Members], *, stale: bool = False, within: float = BOUND) -> None:
    """The same of several rooms. What was heard of other rooms meanwhile is gone."""
    expected = {
        room: {"room": room, "members": members, "count": len(members), "stale": stale}
        for room, members in rooms.items()
    }
    heard: dict[str, object] = {}
    try:
        async with asyncio.timeout(within):
            while heard != expected:
                signal = await client.signal("presence", within)
                if signal.data["room"] in rooms:
                    heard[signal.data["room"]] = signal.data
    except TimeoutError:
        raise AssertionError(f"expected {expected}, heard last {heard}") from None


async def test_members_see_each_other_come_and_go(world: World) -> None:
    """[P1] By name, from the moment of joining; also that one is away. Who left or closed is no longer there."""
    ann, bob = world.person("engineer", "Ann"), world.person("viewer", "Bob")
    first, second = await world.client(ann), await world.client(bob)
    session_id = await open_session(first)
    room = (await first.join_session(session_id)).name
    await told(first, room, [member(ann)])
    view = await second.join_session(session_id)
    assert view.snapshot is not None
    assert view.snapshot["members"] == [member(ann), member(bob)]
    for client in (first, second):
        await told(client, room, [member(ann), member(bob)])
    await second.command("presence:set", {"state": "away"})
    for client in (first, second):
        await told(client, room, [member(ann), member(bob, "away")])
    await view.leave()
    await told(first, room, [member(ann)])
    await second.join_session(session_id)
    await told(first, room, [member(ann), member(bob, "away")])
    await second.close()
    await told(first, room, [member(ann)])


async def test_who_resumes_is_told_who_is_there(world: World) -> None:
    """[P1] A resumed join has no snapshot, and nobody need have come or gone meanwhile."""
    ann = world.person("senior", "Ann")
    client, tab = await world.client(ann), await world.client(ann)
    session_id = await open_session(client)
    view = await client.join_session(session_id)
    await told(client, view.name, [member(ann)])
    resumed = {"session_id": session_id, "after": view.seq, "epoch": view.epoch}
    assert (await tab.command("session:join", resumed))["recovered"] is True
    await told(tab, view.name, [member(ann)])


async def test_queue_tells_who_looks_at_which_handoff(world: World) -> None:
    """[P1] In the queue alone; a person with two tabs is there once, viewing, until both are away."""
    ann, bob = world.person("senior", "Ann"), world.person("senior", "Bob")
    first, second, tab = await world.client(ann), await world.client(bob), await world.client(bob)
    handoff = await hand_off(await world.client("engineer"))
    queue = (await first.join_queue()).name
    await second.join_queue()
    await tab.join_queue()
    session = (await first.join_session(handoff["session_id"])).name
    await second.join_session(handoff["session_id"])
    await second.command("presence:set", {"state": "viewing", "handoff_id": handoff["id"]})
    looking = member(bob, handoff_id=handoff["id"])
    await all_told(first, {queue: [member(ann), looking], session: [member(ann), member(bob)]})
    await second.command("presence:set", {"state": "away"})
    await all_told(first, {queue: [member(ann), member(bob)], session: [member(ann), member(bob, "away")]})
    await tab.command("presence:set", {"state": "away", "handoff_id": None})
    await told(first, queue, [member(ann), member(bob, "away")])


async def test_evicted_member_is_gone(world: World, sql: Sql) -> None:
    """[P1] [R9] Whoever lost the right to the room is not in it."""
    ann, eve = world.person("senior", "Ann"), world.person("engineer", "Eve")
    stays, goes = await world.client(ann), await world.client(eve)
    room = (await stays.join_queue()).name
    await goes.join_queue()
    await told(stays, room, [member(ann), member(eve)])
    await sql.execute("UPDATE users SET disabled_at = now() WHERE id = $1", eve.user_id)
    await told(stays, room, [member(ann)], within=2 * BOUND)


async def test_other_accounts_see_nothing(world: World) -> None:
    """[A6] Not even in a session of the same id."""
    ours, theirs = world.person("engineer", "Ann"), world.person("engineer", "Tom", other_tenant=True)
    first, second = await world.client(ours), await world.client(theirs)
    session_id = await open_session(first)
    session = {"session_id": session_id, "title": "T", "client_name": "C", "problem": "P"}
    await second.command("session:create", session)
    await first.join_session(session_id)
    view = await second.join_session(session_id)
    assert view.snapshot is not None
    assert view.snapshot["members"] == [member(theirs)]
    await told(second, view.name, [member(theirs)])


async def test_members_on_two_replicas_see_each_other(make_world: MakeWorld, redis: RedisServer) -> None:
    """[P1] [P2] Wherever they are; the members of a replica that stops are gone at once."""
    async with make_world(redis_url=redis.url) as here:
        ann, bob = here.person("engineer", "Ann"), here.person("senior", "Bob")
        first = await here.client(ann)
        session_id = await open_session(first)
        room = (await first.join_session(session_id)).name
        async with make_world(redis_url=redis.url) as there:
            # Not closed before the replica stops: it has to say itself that they are gone.
            second = await here.stack.enter_async_context(Client.connect(there.url, there.token(bob)))
            elsewhere = await here.stack.enter_async_context(Client.connect(there.url, there.token(ann)))
            await second.join_session(session_id)
            for client in (first, second):
                await told(client, room, [member(ann), member(bob)])
            await second.command("presence:set", {"state": "away"})
            await told(first, room, [member(ann), member(bob, "away")])
            view = await elsewhere.join_session(session_id)
            assert view.snapshot is not None
            assert view.snapshot["members"] == [member(ann), member(bob, "away")]
        await told(first, room, [member(ann)])


async def test_without_redis_presence_is_stale_and_nobody_is_gone(make_world: MakeWorld, redis: RedisServer) -> None:
    """[P2] Who comes or goes on one's own replica is still told. Once Redis is back, all is told."""
    async with make_world(redis_url=redis.url) as here, make_world(redis_url=redis.url) as there:
        ann, bob, cid = (here.person("senior", name) for name in ("Ann", "Bob", "Cid"))
        first, second, third = await here.client(ann), await there.client(bob), await here.client(cid)
        room = (await first.join_queue()).name
        await second.join_queue()
        await told(first, room, [member(ann), member(bob)])
        await redis.kill()
        await told(first, room, [member(ann), member(bob)], stale=True, within=10)
        await second.command("presence:set", {"state": "away"})
        await third.join_queue()
        await told(first, room, [member(ann), member(bob), member(cid)], stale=True)
        await redis.start()
        await told(first, room, [member(ann), member(bob, "away"), member(cid)], within=10)
        await told(second, room, [member(ann), member(bob, "away"), member(cid)], within=10)


async def test_presence_decides_nothing(world: World, sql: Sql) -> None:
    """[P3] Away, not in any room, seen to look at another's handoff or at none: a claim is what it was."""
    engineer = await world.client("engineer")
    attentions: list[Mapping[str, Any]] = [
        {"state": "away", "handoff_id": None},
        {"state": "viewing", "handoff_id": "00000000-0000-0000-0000-000000000000"},
        {"state": "away", "handoff_id": str(world.other_account_id)},
    ]
    for attention in attentions:
        senior, other = await world.client("senior"), await world.client("senior")
        handoff = await hand_off(engineer)
        await other.join_queue()
        await other.command("presence:set", {"state": "viewing", "handoff_id": handoff["id"]})
        assert await senior.command("presence:set", dict(attention)) == {}
        taken = (await claim(senior, handoff["id"]))["handoff"]
        check(HandoffView, taken)
        assert taken["status"] == "claimed"
    stored = "SELECT count(*) FROM information_schema.columns WHERE concat(table_name, column_name) LIKE '%presence%'"
    assert await sql.fetchval(stored) == 0


def test_presence_is_known_to_nothing_that_decides() -> None:
    """[P3] Neither the store nor a handler but its own imports it."""
    root = Path(__file__).parents[2]
    files = [*(root / "store").glob("*.py"), *(root / "handlers").glob("*.py")]
    knows = {f"{file.parent.name}/{file.name}" for file in files if "presence import" in file.read_text("utf-8")}
    tables = {f"{file.parent.name}/{file.name}" for file in files if "presence" in file.read_text("utf-8").lower()}
    assert knows == set()
    assert tables <= {
        "handlers/__init__.py",
        "handlers/presence.py",
        "handlers/refusals.py",
        "handlers/signals.py",
    }
