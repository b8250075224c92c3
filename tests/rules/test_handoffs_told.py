"""How a handoff's changes are told, and what its view holds, each rule through real sockets."""

from __future__ import annotations

from datetime import datetime

import pytest

from loadtest.client import Client, RoomView
from tests.conftest import World, claim, hand_off, open_session
from tests.rules.scenes import Data, Sql, act, imprint, new_id, refused, set_scene

VIEW = {
    "id",
    "session_id",
    "status",
    "version",
    "fencing_token",
    "severity",
    "reason",
    "ask",
    "handed_off_by",
    "handed_off_by_name",
    "claimed_by",
    "claimed_by_name",
    "claimed_at",
    "first_queued_at",
    "created_at",
    "expires_at",
    "summary_prose",
    "what_we_know",
    "confidence",
    "package",
    "package_rev",
    "package_state",
    "has_task_lane",
    "tags",
    "claim_by",
    "stale",
    "parent_id",
    "attempt_no",
    "outcome",
    "outcome_note",
    "closed_by",
    "closed_at",
}


async def close(client: Client, session_id: str, **fields: object) -> Data:
    payload = {"session_id": session_id, "resolution": "Solved by a restart", **fields}
    session: Data = (await client.command("session:close", payload))["session"]
    return session


async def test_close_cancels_the_queued_handoff_in_the_same_transaction(world: World, sql: Sql) -> None:
    """[H9] First the cancellation, then the close, by the same actor; the queue is rid of it."""
    engineer, closer = await world.client("engineer"), await world.client("engineer", "Cleo")
    handoff = await hand_off(engineer)
    room, queue = await closer.join_session(handoff["session_id"]), await closer.join_queue()
    session = await close(closer, handoff["session_id"])
    by = {"id": closer.hello.user.id, "name": "Cleo"}
    cancelled, closed = await room.next(), await room.next()
    assert (cancelled.type, cancelled.actor) == ("handoff:cancelled", by)
    assert (closed.type, closed.actor, closed.data) == ("session:closed", by, {"session": session})
    view = cancelled.data["handoff"]
    assert (view["status"], view["closed_by"], view["closed_at"]) == ("cancelled", by, cancelled.at)
    assert (view["version"], view["expires_at"]) == (2, None)
    assert (await queue.next()).data == cancelled.data
    assert queue.folded() == {"handoffs": []}
    written = "SELECT count(*) AS rows, count(DISTINCT xmin::text) AS transactions FROM events WHERE type = ANY ($1)"
    assert tuple(await sql.fetchrow(written, ["handoff:cancelled", "session:closed"]) or ()) == (3, 1)


@pytest.mark.parametrize("role", ["engineer", "senior", "admin"])
async def test_close_is_refused_while_the_handoff_is_claimed(world: World, sql: Sql, role: str) -> None:
    """[H9] Whoever asks, the owner too, as long as it is not forced; the refusal says who has it."""
    engineer, owner = await act(world, "engineer"), await act(world, "senior", "Ada")
    other = await world.client(world.person(role))  # type: ignore[arg-type]  # one of the roles
    scene = await set_scene(world, "claimed", engineer, owner)
    handoff = (await other.command("handoff:get", {"handoff_id": scene.handoff_id}))["handoff"]
    before = await imprint(sql)
    for client in (engineer.socket, owner.socket, other):
        told = await refused(close(client, scene.session_id))
        assert told.code == "already_claimed"
        assert told.details == {
            "handoff_id": scene.handoff_id,
            "claimed_by": {"id": str(owner.who.user_id), "name": "Ada"},
            "claimed_at": handoff["claimed_at"],
        }
    assert await imprint(sql) == before


async def test_close_is_forced_by_an_admin_alone(world: World, sql: Sql) -> None:
    """[H9] Then the claimed handoff is cancelled with the session; its owner hears it and holds nothing."""
    engineer, owner = await act(world, "engineer"), await act(world, "senior")
    admin = await world.client("admin", "Root")
    scene = await set_scene(world, "claimed", engineer, owner)
    before = await imprint(sql)
    for client in (engineer.socket, owner.socket):
        assert (await refused(close(client, scene.session_id, force=True))).code == "already_claimed"
    assert await imprint(sql) == before
    room = await owner.socket.join_session(scene.session_id)
    assert (await close(admin, scene.session_id, force=True))["status"] == "closed"
    cancelled = (await room.next("handoff:cancelled")).data["handoff"]
    assert (cancelled["status"], cancelled["closed_by"]["name"]) == ("cancelled", "Root")
    assert (await room.next()).type == "session:closed"
    note = {"session_id": scene.session_id, "message_id": new_id(), "body": "Still there?", "kind": "note"}
    told = await refused(owner.socket.command("message:post", {**note, "fencing_token": scene.fencing_token}))
    assert told.code == "closed"
    release = {"handoff_id": scene.handoff_id, "fencing_token": scene.fencing_token, "note": "Too late"}
    assert (await refused(owner.socket.command("handoff:release", release))).code == "not_owner"


async def test_close_leaves_ended_handoffs_as_they_are(world: World, sql: Sql) -> None:
    """[H9] What was withdrawn or resolved stays so; force where nothing is claimed asks for no admin."""
    engineer, senior = await world.client("engineer"), await world.client("senior")
    session_id = await open_session(engineer)
    first = await hand_off(engineer, session_id)
    await engineer.command("handoff:withdraw", {"handoff_id": first["id"], "reason": "other"})
    second = await hand_off(engineer, session_id)
    await claim(senior, second["id"])
    resolution = {"handoff_id": second["id"], "fencing_token": 1, "outcome": "workaround", "note": "For now"}
    await senior.command("handoff:resolve", resolution)
    before = await imprint(sql, "handoffs")
    await close(engineer, session_id, force=True)
    assert await imprint(sql, "handoffs") == before


async def told_alike(session: RoomView, queue: RoomView, types: list[str]) -> None:
    """Both rooms told exactly these changes of handoffs, with equal data, at one time, by one actor."""
    for expected in types:
        here, there = await session.next(), await queue.next()
        while not here.type.startswith("handoff:"):
            here = await session.next()
        assert (here.type, there.type) == (expected, expected)
        assert (here.at, here.actor, here.data) == (there.at, there.actor, there.data)


async def test_both_rooms_carry_every_change_of_a_handoff(world: World, sql: Sql) -> None:
    """[H10] With equal data; losers, replays, retries and refusals make no event anywhere."""
    engineer, senior, admin = await world.client("engineer"), await world.client("senior"), await act(world, "admin")
    onlooker = await world.client("viewer")
    session_id = await open_session(engineer)
    room, queue = await onlooker.join_session(session_id), await onlooker.join_queue()

    async def owned(name: str, handoff: Data, fencing_token: int, **fields: object) -> None:
        payload = {"handoff_id": handoff["id"], "fencing_token": fencing_token, **fields}
        for _ in range(2):
            await senior.command(f"handoff:{name}", payload)

    withdrawn = await hand_off(engineer, session_id)
    assert await hand_off(engineer, session_id, handoff_id=withdrawn["id"]) == withdrawn
    for _ in range(2):
        await engineer.command("handoff:withdraw", {"handoff_id": withdrawn["id"], "reason": "mistake"})
    expired = await hand_off(engineer, session_id)
    await sql.execute("UPDATE handoffs SET expires_at = clock_timestamp() WHERE id = $1", expired["id"])
    handoff = await hand_off(engineer, session_id)
    for _ in range(2):
        await claim(senior, handoff["id"])
        await refused(claim(admin.socket, handoff["id"]))
        await refused(claim(engineer, handoff["id"]))
    await owned("start", handoff, 1, mode="own_thing")
    await owned("release", handoff, 1, note="Lunch")
    await claim(senior, handoff["id"])
    await owned("reassign", handoff, 2, to_user_id=str(admin.who.user_id), note="Yours")
    resolve = {"handoff_id": handoff["id"], "fencing_token": 3, "outcome": "duplicate", "note": "See the other"}
    await admin.socket.command("handoff:resolve", resolve)
    last = await hand_off(engineer, session_id)
    await close(engineer, last["session_id"])
    types = ["created", "withdrawn", "created", "expired", "created", "claimed", "started", "released", "claimed"]
    types += ["reassigned", "resolved", "created", "cancelled"]
    await told_alike(room, queue, [f"handoff:{word}" for word in types])
    assert await sql.fetchval("SELECT count(*) FROM events WHERE type LIKE 'handoff:%'") == 2 * len(types)
    assert (await room.next()).type == "session:closed"


async def test_versions_rise_with_every_change_and_tokens_with_every_owner(world: World) -> None:
    """[H10] As the events tell it; no change is told under a version that was told before."""
    engineer, senior, admin = await world.client("engineer"), await world.client("senior"), await act(world, "admin")
    queue = await (await world.client("viewer")).join_queue()
    handoff = await hand_off(engineer)
    at = {"handoff_id": handoff["id"]}
    await claim(senior, handoff["id"])
    await senior.command("handoff:start", {**at, "fencing_token": 1, "mode": "own_thing"})
    reassign = {**at, "fencing_token": 1, "to_user_id": str(admin.who.user_id), "note": "Yours"}
    await senior.command("handoff:reassign", reassign)
    await admin.socket.command("handoff:release", {**at, "fencing_token": 2, "note": "Nobody's"})
    await claim(senior, handoff["id"])
    await senior.command("handoff:resolve", {**at, "fencing_token": 3, "outcome": "vendor", "note": "RMA"})
    told = [(await queue.next()).data["handoff"] for _ in range(7)]
    assert [view["version"] for view in told] == [1, 2, 3, 4, 5, 6, 7]
    assert [view["fencing_token"] for view in told] == [0, 1, 1, 2, 2, 3, 3]


async def test_create_answers_the_whole_view(world: World) -> None:
    """[H11] Exactly these fields, each of its kind, before anybody claimed it."""
    engineer = await world.client("engineer", "Eve")
    session_id = await open_session(engineer)
    task = {"session_id": session_id, "task_id": new_id(), "title": "Restart the spooler"}
    await engineer.command("task:add", task)
    handoff = await hand_off(engineer, session_id, severity="critical", reason="vendor", ask="Call HP")
    assert set(handoff) == VIEW
    by = {"id": engineer.hello.user.id, "name": "Eve"}
    assert handoff == handoff | {
        "session_id": session_id,
        "status": "queued",
        "version": 1,
        "fencing_token": 0,
        "severity": "critical",
        "reason": "vendor",
        "ask": "Call HP",
        "handed_off_by": by,
        "handed_off_by_name": "Eve",
        "first_queued_at": handoff["created_at"],
        "package_rev": 1,
        "package_state": "builtin",
        "has_task_lane": True,
        "attempt_no": 1,
    }
    empty = (
        "claimed_by",
        "claimed_by_name",
        "claimed_at",
        "parent_id",
        "outcome",
        "outcome_note",
        "closed_by",
        "closed_at",
    )
    assert [handoff[field] for field in empty] == [None] * len(empty)
    assert handoff["confidence"] in ("low", "medium", "high")
    assert isinstance(handoff["what_we_know"], list)
    assert isinstance(handoff["package"], dict)
    assert isinstance(handoff["summary_prose"], str)
    assert handoff["summary_prose"]
    assert datetime.fromisoformat(handoff["created_at"]) < datetime.fromisoformat(handoff["expires_at"])


async def test_view_is_the_same_wherever_it_is_shown(world: World) -> None:
    """[H11] In the answer, the event, the queue, the session and under its id; claimed, it names its owner."""
    engineer, senior = await act(world, "engineer", "Eve"), await act(world, "senior", "Ada")
    scene = await set_scene(world, "queued", engineer, senior)
    room = await engineer.socket.join_session(scene.session_id)
    onlooker = await act(world, "viewer")
    view = (await claim(senior.socket, scene.handoff_id))["handoff"]
    assert set(view) == VIEW
    by = {"id": str(senior.who.user_id), "name": "Ada"}
    assert (view["claimed_by"], view["claimed_by_name"], view["status"]) == (by, "Ada", "claimed")
    assert (await room.next("handoff:claimed")).data == {"handoff": view}
    assert (await onlooker.socket.command("queue:get", {}))["handoffs"] == [view]
    assert (await onlooker.socket.command("session:get", {"session_id": scene.session_id}))["handoffs"] == [view]
    assert (await onlooker.socket.command("handoff:get", {"handoff_id": scene.handoff_id}))["handoff"] == view
    assert (await onlooker.http.request("GET", f"/api/handoffs/{scene.handoff_id}"))["handoff"] == view


async def test_create_after_an_end_counts_the_attempts(world: World) -> None:
    """[H11] A further try is a new handoff which names the one before and starts from version 1 and no token."""
    engineer = await world.client("engineer")
    session_id, parent = await open_session(engineer), None
    for attempt in (1, 2, 3):
        handoff = await hand_off(engineer, session_id)
        assert (handoff["parent_id"], handoff["attempt_no"]) == (parent, attempt)
        assert (handoff["version"], handoff["fencing_token"]) == (1, 0)
        await engineer.command("handoff:withdraw", {"handoff_id": handoff["id"], "reason": "other"})
        parent = handoff["id"]


async def test_withdraw_is_the_originator_s_while_it_waits(world: World, sql: Sql) -> None:
    """[H10] Nobody else's, not even an admin's; after a claim it is `already_claimed` and says by whom."""
    engineer, senior, admin = [await world.client(role, "Ada") for role in ("engineer", "senior", "admin")]
    handoff = await hand_off(engineer)
    withdrawal = {"handoff_id": handoff["id"], "reason": "solved_self"}
    before = await imprint(sql)
    for client in (senior, admin, await world.client("engineer")):
        assert (await refused(client.command("handoff:withdraw", withdrawal))).code == "not_owner"
    assert await imprint(sql) == before
    held = (await claim(senior, handoff["id"]))["handoff"]
    told = await refused(engineer.command("handoff:withdraw", withdrawal))
    assert told.code == "already_claimed"
    assert told.details == {"claimed_by": {"id": senior.hello.user.id, "name": "Ada"}, "claimed_at": held["claimed_at"]}
    other = await hand_off(engineer)
    room = await senior.join_session(other["session_id"])
    withdrawn = await engineer.command("handoff:withdraw", {"handoff_id": other["id"], "reason": "solved_self"})
    event = await room.next("handoff:withdrawn")
    assert event.data == {**withdrawn, "reason": "solved_self"}
    assert (withdrawn["handoff"]["status"], withdrawn["handoff"]["closed_at"]) == ("withdrawn", event.at)
