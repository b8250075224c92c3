"""What the server does by itself: expiry, nudges, and the ladder of those who wait. Time moves by ageing rows."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import asyncpg
import pytest

from loadtest.client import Client
from tests.conftest import MakeWorld, World, claim, hand_off, open_session
from tests.rules.scenes import Sql, age, new_id, refused


async def owned(world: World) -> tuple[Client, Client, str, str, int]:
    """An engineer, the owner, the session, the handoff and its fencing token."""
    engineer, senior = await world.client("engineer"), await world.client("senior")
    session_id = await open_session(engineer)
    handoff = await hand_off(engineer, session_id)
    won = await claim(senior, handoff["id"])
    return engineer, senior, session_id, handoff["id"], won["claim"]["fencing_token"]


async def test_expiry_is_told_by_the_sweeper(make_world: MakeWorld, sql: Sql) -> None:
    """[H6] Once, with the time it was due, and the queue does not list it any more."""
    async with make_world(background=True, head_check=0.05) as world:
        engineer, senior = await world.client("engineer"), await world.client("senior")
        queue = await senior.join_queue()
        handoff = await hand_off(engineer)
        await sql.execute("UPDATE handoffs SET expires_at = clock_timestamp() WHERE id = $1", handoff["id"])
        event = await queue.next("handoff:expired")
        assert event.actor is None
        assert event.data["handoff"]["status"] == "expired"
        assert (await senior.command("queue:get", {}))["handoffs"] == []
        assert await sql.fetchval("SELECT count(*) FROM events WHERE type = 'handoff:expired'") == 2


async def test_idle_owner_is_nudged_with_growing_pauses_and_five_times(make_world: MakeWorld, sql: Sql) -> None:
    """[H10] After 15, 45, 105, 225 and 465 minutes without a write; from the second nudge on the handoff is stale."""
    async with make_world(background=True, head_check=0.05) as world:
        _, senior, _, handoff_id, _ = await owned(world)
        queue = await senior.join_queue()
        for n, minutes in enumerate((15, 30, 60, 120, 240), 1):
            await age(sql, handoff_id, minutes)
            event = await queue.next("handoff:nudged")
            assert event.data["nudge"]["to"] == "owner"
            assert event.data["nudge"]["idle_s"] // 60 == 15 * (2**n - 1)
            assert event.data["handoff"]["stale"] == (n > 1)
        assert await sql.fetchval("SELECT due_at FROM handoffs WHERE id = $1", handoff_id) is None


async def test_owner_who_works_is_not_nudged(make_world: MakeWorld, sql: Sql) -> None:
    """[H10] The pause begins with the last write of the owner, not with the claim; another's does not count."""
    async with make_world(background=True, head_check=0.05) as world:
        engineer, senior, session_id, handoff_id, fence = await owned(world)
        queue = await senior.join_queue()
        await age(sql, handoff_id, 14)
        note = {"session_id": session_id, "kind": "note", "body": "Looking at the driver"}
        await senior.command("message:post", note | {"message_id": new_id(), "fencing_token": fence})
        await age(sql, handoff_id, 14)
        await engineer.command("message:post", note | {"message_id": new_id()})
        async with asyncio.timeout(5):
            while await sql.fetchval("SELECT nudge_at < now() FROM handoffs WHERE id = $1", handoff_id):
                pass
        await age(sql, handoff_id, 1)
        event = await queue.next("handoff:nudged")
        assert event.data["nudge"] == {"n": 1, "to": "owner", "idle_s": event.data["nudge"]["idle_s"]}
        assert event.data["nudge"]["idle_s"] // 60 == 15


@pytest.mark.parametrize("work", ["message:post", "task:add", "handoff:start"])
async def test_owner_of_a_stale_handoff_is_seen_to_be_back(make_world: MakeWorld, sql: Sql, work: str) -> None:
    """[H10] At once and for everyone; then the pauses begin anew."""
    async with make_world(background=True, head_check=0.05) as world:
        _, senior, session_id, handoff_id, fence = await owned(world)
        queue = await senior.join_queue()
        for minutes in (15, 30):
            await age(sql, handoff_id, minutes)
            await queue.next("handoff:nudged")
        payload = {
            "message:post": {"session_id": session_id, "message_id": new_id(), "kind": "note", "body": "Here again"},
            "task:add": {"session_id": session_id, "task_id": new_id(), "title": "Replace the driver"},
            "handoff:start": {"handoff_id": handoff_id, "mode": "own_thing"},
        }[work]
        await senior.command(work, payload | {"fencing_token": fence})
        event = await queue.next("handoff:resumed")
        assert (event.actor, event.data["handoff"]["stale"]) == (None, False)
        await age(sql, handoff_id, 15)
        event = await queue.next("handoff:nudged")
        assert event.data["nudge"]["n"] == 1


async def test_idle_owner_loses_the_handoff_where_the_account_says_so(make_world: MakeWorld, sql: Sql) -> None:
    """[H8] Instead of becoming stale it is queued again, in its old place, and the late owner is refused."""
    async with make_world(background=True, head_check=0.05) as world:
        _, senior, session_id, handoff_id, fence = await owned(world)
        queue = await senior.join_queue()
        await sql.execute("UPDATE accounts SET release_idle = true")
        await age(sql, handoff_id, 15)
        await queue.next("handoff:nudged")
        await age(sql, handoff_id, 30)
        event = await queue.next("handoff:released")
        assert event.data["note"] == "Released for its owner: nothing was done for 45 minutes"
        assert (event.data["handoff"]["status"], event.data["handoff"]["claimed_by"]) == ("queued", None)
        late = {"session_id": session_id, "message_id": new_id(), "kind": "note", "body": "x", "fencing_token": fence}
        assert (await refused(senior.command("message:post", late))).code == "not_owner"
        assert (await claim(senior, handoff_id))["claim"]["fencing_token"] == fence + 1


async def test_unclaimed_handoff_is_told_again_to_seniors_then_to_admins(make_world: MakeWorld, sql: Sql) -> None:
    """[H10] At the target of its severity, and at twice that; then no more."""
    async with make_world(background=True, head_check=0.05) as world:
        engineer, senior = await world.client("engineer"), await world.client("senior")
        queue = await senior.join_queue()
        handoff = await hand_off(engineer, severity="critical")
        for n, to in ((1, "seniors"), (2, "admins")):
            await age(sql, handoff["id"], 15)
            event = await queue.next("handoff:nudged")
            assert (event.data["nudge"]["to"], event.data["nudge"]["idle_s"] // 60) == (to, 15 * n)
        assert await sql.fetchval("SELECT nudge_at FROM handoffs WHERE id = $1", handoff["id"]) is None
        assert (await claim(senior, handoff["id"]))["handoff"]["stale"] is False


async def test_three_sweepers_do_each_step_once(make_world: MakeWorld, sql: Sql) -> None:
    """[H10] However many replicas sweep at once: one event in each room for each step, and one raise of the version."""
    async with AsyncExitStack() as stack:
        worlds = [await stack.enter_async_context(make_world()) for _ in range(3)]
        engineer, senior = await worlds[0].client("engineer"), await worlds[0].client("senior")
        waiting = [await hand_off(engineer) for _ in range(20)]
        expiring = [await hand_off(engineer) for _ in range(20)]
        claimed = [await hand_off(engineer) for _ in range(20)]
        for handoff in claimed:
            await claim(senior, handoff["id"])
        await sql.execute(
            "UPDATE handoffs SET expires_at = now() WHERE id = ANY($1)", [handoff["id"] for handoff in expiring]
        )
        for handoff in waiting + claimed:
            await age(sql, handoff["id"], 31)
        await asyncio.gather(*(world.server.sweep() for world in worlds for _ in range(3)))
        counted = await sql.fetch(
            """SELECT type, count(*) AS events, count(DISTINCT (room, data -> 'handoff' ->> 'id')) AS told FROM events
               WHERE type IN ('handoff:expired', 'handoff:nudged') GROUP BY 1 ORDER BY 1"""
        )
        assert [tuple(row) for row in counted] == [("handoff:expired", 40, 40), ("handoff:nudged", 80, 80)]


async def test_owner_who_writes_while_the_sweeper_looks_is_not_nudged(
    world: World, sql: Sql, database_url: str
) -> None:
    """[H7] A write that is committed while a nudge waits for the row counts: nobody loses what they work on."""
    _, _, session_id, handoff_id, _ = await owned(world)
    await sql.execute("UPDATE accounts SET release_idle = true")
    await age(sql, handoff_id, 15)
    await world.server.sweep()
    await age(sql, handoff_id, 30)
    other = await asyncpg.connect(database_url)
    try:
        async with other.transaction():
            # What the owner's message does, up to its commit.
            await other.execute("SELECT FROM handoffs WHERE id = $1 FOR NO KEY UPDATE", handoff_id)
            await world.server.sweep()  # passes by: the row is held
            await other.execute(
                """WITH n AS (UPDATE rooms SET seq = seq + 1 WHERE name = 'session:' || $1::uuid RETURNING *)
                   INSERT INTO events SELECT n.account_id, n.name, n.seq, 'message:posted', now(), h.by, '{}'
                   FROM n, (SELECT person(claimed_by, claimed_by_name) AS by FROM handoffs WHERE id = $2) AS h""",
                session_id,
                handoff_id,
            )
    finally:
        await other.close()
    await world.server.sweep()
    assert await sql.fetchval("SELECT status FROM handoffs WHERE id = $1", handoff_id) == "claimed"


async def test_row_that_somebody_holds_stops_no_other_step(world: World, sql: Sql) -> None:
    """[H6] What is due behind it is done."""
    engineer = await world.client("engineer")
    held, free = await hand_off(engineer), await hand_off(engineer)
    for handoff, minutes in ((held, 2), (free, 1)):
        await sql.execute(
            "UPDATE handoffs SET expires_at = now() - make_interval(mins => $2) WHERE id = $1", handoff["id"], minutes
        )
    async with sql.transaction():
        await sql.execute("SELECT FROM handoffs WHERE id = $1 FOR UPDATE", held["id"])
        await world.server.sweep()
        assert await sql.fetchval("SELECT status FROM handoffs WHERE id = $1", free["id"]) == "expired"
    await world.server.sweep()
    assert await sql.fetchval("SELECT status FROM handoffs WHERE id = $1", held["id"]) == "expired"
