"""The queue, through every way to read it."""

from __future__ import annotations

import pytest

from tests.conftest import World, claim, hand_off
from tests.rules.scenes import Actor, Data, Sql, act, imprint, set_scene

AGE = "UPDATE handoffs SET first_queued_at = '2026-01-01T08:00:00Z'::timestamptz + $2 * interval '1 min' WHERE id = $1"


async def read(actor: Actor) -> list[Data]:
    """The queue as the actor sees it: the same by `queue:join`, `queue:get` and HTTP."""
    joined = await actor.socket.command("queue:join", {})
    assert joined["recovered"] is False
    assert set(joined["snapshot"]) == {"handoffs"}
    handoffs: list[Data] = joined["snapshot"]["handoffs"]
    assert await actor.socket.command("queue:get", {}) == {"handoffs": handoffs}
    assert await actor.http.request("GET", "/api/queue") == {"handoffs": handoffs}
    return handoffs


async def test_queue_is_ordered_by_severity_then_age_then_id(world: World, sql: Sql) -> None:
    """[Q1] Whether queued or claimed, and in whatever order they came."""
    engineer, senior, reader = await world.client("engineer"), await world.client("senior"), await act(world, "viewer")
    made = [(severity, minute) for minute in (3, 1, 1, 2) for severity in ("low", "critical", "normal", "high")]
    expected = []
    for number, (severity, minute) in enumerate(made):
        handoff = await hand_off(engineer, severity=severity)
        await sql.execute(AGE, handoff["id"], minute)
        expected.append((("critical", "high", "normal", "low").index(severity), minute, handoff["id"]))
        if number % 3 == 0:
            await claim(senior, handoff["id"])
    expected.sort()
    assert [handoff["id"] for handoff in await read(reader)] == [handoff_id for _, _, handoff_id in expected]
    assert {handoff["status"] for handoff in await read(reader)} == {"queued", "claimed"}


async def test_queue_leaves_out_what_the_reader_handed_off(world: World) -> None:
    """[Q1] Queued or claimed, whatever the reader's role; everybody else sees it."""
    engineer, senior, admin = [await act(world, role) for role in ("engineer", "senior", "admin")]
    of_engineer, of_senior = await hand_off(engineer.socket), await hand_off(senior.socket)
    await claim(admin.socket, of_senior["id"])
    expected = {engineer: [of_senior], senior: [of_engineer], admin: [of_engineer, of_senior]}
    for reader, handoffs in expected.items():
        assert [handoff["id"] for handoff in await read(reader)] == [handoff["id"] for handoff in handoffs]


async def test_queue_view_drops_the_events_of_what_its_reader_handed_off(world: World) -> None:
    """[Q1] They are told to the originator too; the client's own fold leaves them out, so it stays as the snapshot."""
    senior, other = await act(world, "senior"), await act(world, "senior")
    mine, others = await senior.socket.join_queue(), await other.socket.join_queue()
    handoff = await hand_off(senior.socket)
    await claim(other.socket, handoff["id"])
    foreign = await hand_off(other.socket)
    for view in (mine, others):
        await view.until_seq(3)
    assert [handoff["id"] for handoff in mine.folded()["handoffs"]] == [foreign["id"]]
    assert mine.folded()["handoffs"] == await read(senior)
    assert [view["id"] for view in others.folded()["handoffs"]] == [handoff["id"]]
    assert others.folded()["handoffs"] == await read(other)


@pytest.mark.parametrize("ending", ["withdrawn", "resolved", "cancelled", "expired"])
async def test_queue_is_rid_of_what_has_ended(world: World, sql: Sql, ending: str) -> None:
    """[Q1] For a new reader and for one who follows it."""
    engineer, senior, reader = [await act(world, role) for role in ("engineer", "senior", "viewer")]
    stays = await hand_off(engineer.socket)
    scene = await set_scene(world, "queued", engineer, senior)
    view = await (await world.client("senior")).join_queue()
    at = {"handoff_id": scene.handoff_id}
    expected = [stays["id"]]
    match ending:
        case "withdrawn":
            await engineer.socket.command("handoff:withdraw", {**at, "reason": "mistake"})
        case "resolved":
            await claim(senior.socket, scene.handoff_id)
            resolve = {**at, "fencing_token": 1, "outcome": "no_fault_found", "note": "Works here"}
            await senior.socket.command("handoff:resolve", resolve)
        case "cancelled":
            close = {"session_id": scene.session_id, "resolution": "Solved"}
            await engineer.socket.command("session:close", close)
        case _:
            await sql.execute("UPDATE handoffs SET expires_at = now() WHERE id = $1", scene.handoff_id)
            expected.append((await hand_off(engineer.socket, scene.session_id))["id"])
    assert [handoff["id"] for handoff in await read(reader)] == expected
    ended = await view.wait_for(lambda event: event.type == f"handoff:{ending}")
    assert ended.data["handoff"]["id"] == scene.handoff_id
    await view.until_seq((await reader.socket.command("queue:join", {}))["seq"])
    assert [handoff["id"] for handoff in view.folded()["handoffs"]] == expected


async def test_reading_never_claims(world: World, sql: Sql) -> None:
    """[Q1] However one looks at it, as one who could claim: nothing is written, and it is still there for the next."""
    engineer, senior = await act(world, "engineer"), await act(world, "senior")
    scene = await set_scene(world, "queued", engineer, senior)
    session, handoff = {"session_id": scene.session_id}, {"handoff_id": scene.handoff_id}
    before = await imprint(sql)
    for _ in range(2):
        for reader in (senior, await act(world, "admin")):
            await read(reader)
            await reader.socket.command("session:join", session)
            for path in (f"sessions/{scene.session_id}", f"handoffs/{scene.handoff_id}", "sessions", "queue"):
                await reader.http.request("GET", f"/api/{path}")
            for name, payload in {
                "handoff:get": handoff,
                "session:get": session,
                "session:history": session,
                "session:list": {},
                "session:status_update": {**session, "context": "escalation"},
                "room:events": {"kind": "escalations", "id": str(world.account_id)},
                "session:leave": session,
                "queue:leave": {},
            }.items():
                await reader.socket.command(name, payload)
    assert await imprint(sql) == before
    assert not (await claim(await world.client("senior"), scene.handoff_id))["replayed"]


async def test_queue_of_nothing_is_empty(world: World) -> None:
    """[Q1] A list without a member, at number 0, and the first event to come is the first of the room."""
    engineer, senior = await world.client("engineer"), await world.client("senior")
    queue = await senior.join_queue()
    assert (queue.name, queue.seq, queue.snapshot) == (f"escalations:{world.account_id}", 0, {"handoffs": []})
    handoff = await hand_off(engineer)
    created = await queue.next()
    assert (created.seq, created.type, created.data["handoff"]) == (1, "handoff:created", handoff)
