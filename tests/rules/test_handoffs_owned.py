"""What the owner of a handoff does, each rule through real sockets."""

from __future__ import annotations

import pytest

from loadtest.client import Client
from store.models import Principal
from tests.conftest import World, claim, hand_off
from tests.rules.scenes import Actor, Data, Scene, Sql, act, imprint, new_id, refused, set_scene

REASSIGN = {"note": "You know this vendor"}
OWNED: dict[str, Data] = {
    "handoff:release": {"note": "Off shift"},
    "handoff:reassign": {**REASSIGN, "to_user_id": ""},
    "handoff:resolve": {"outcome": "vendor", "note": "Replaced under warranty"},
    "handoff:start": {"mode": "own_thing"},
    "message:post": {"body": "Trying the other switch", "kind": "note"},
    "task:add": {"title": "Swap the cable"},
    "task:update": {"version": 1, "state": "doing"},
}
"""All that an owner writes, by command: with ids and the fencing token it is a payload."""


def owned(scene: Scene, name: str, fencing_token: int, to: Principal) -> Data:
    ids = {"handoff_id": scene.handoff_id} if name.startswith("handoff:") else {"session_id": scene.session_id}
    if name == "message:post":
        ids["message_id"] = new_id()
    elif name == "task:add":
        ids["task_id"] = new_id()
    elif name == "task:update":
        ids["task_id"] = scene.task_id
    elif name == "handoff:reassign":
        return {**ids, **REASSIGN, "to_user_id": str(to.user_id), "fencing_token": fencing_token}
    return {**ids, **OWNED[name], "fencing_token": fencing_token}


async def reassign(client: Client, handoff_id: str, fencing_token: int, to: Principal) -> Data:
    payload = {"handoff_id": handoff_id, "fencing_token": fencing_token, "to_user_id": str(to.user_id), **REASSIGN}
    handoff: Data = (await client.command("handoff:reassign", payload))["handoff"]
    return handoff


@pytest.fixture
async def claimed(world: World) -> Scene:
    return await set_scene(world, "claimed", await act(world, "engineer"), await act(world, "senior", "Ada"))


@pytest.mark.parametrize("name", sorted(OWNED))
async def test_owner_with_a_stale_token_changes_nothing(world: World, sql: Sql, claimed: Scene, name: str) -> None:
    """[H7] Of an owner who lost it, of the present owner, of one who lost it and has it back; nobody guesses one."""
    owner, admin, second = claimed.owner, await act(world, "admin"), await act(world, "senior", "Bob")
    to_second = await reassign(admin.socket, claimed.handoff_id, 1, second.who)
    assert (to_second["fencing_token"], to_second["claimed_by_name"]) == (2, "Bob")

    async def all_refused(to: Actor, attempts: list[tuple[Actor, int]]) -> None:
        queue = await admin.socket.command("queue:get", {})
        before = await imprint(sql)
        for sender, fencing_token in attempts:
            payload = owned(claimed, name, fencing_token, to.who)
            told = await refused(sender.socket.command(name, payload))
            assert told.code == "not_owner", (sender.who.name, fencing_token)
        assert await imprint(sql) == before
        assert await admin.socket.command("queue:get", {}) == queue

    await all_refused(owner, [(owner, 1), (owner, 2), (second, 1), (second, 3), (admin, 1)])
    await reassign(second.socket, claimed.handoff_id, 2, owner.who)
    await all_refused(second, [(owner, 1), (owner, 2), (second, 2)])
    await owner.socket.command(name, owned(claimed, name, 3, second.who))


async def test_owner_of_a_released_handoff_has_no_token(sql: Sql, claimed: Scene) -> None:
    """[H7] While it waits nobody holds it: the token that its view shows opens nothing."""
    release = owned(claimed, "handoff:release", 1, claimed.owner.who) | {"note": "Another day"}
    handoff = (await claimed.owner.socket.command("handoff:release", release))["handoff"]
    before = await imprint(sql)
    for name in OWNED:
        payload = owned(claimed, name, handoff["fencing_token"], claimed.owner.who)
        assert (name, (await refused(claimed.owner.socket.command(name, payload))).code) == (name, "not_owner")
    assert await imprint(sql) == before


async def test_owner_without_a_token_is_refused(sql: Sql, claimed: Scene) -> None:
    """[H7] It is not optional for an owner; the refusal names the field."""
    before = await imprint(sql)
    for name in OWNED:
        payload = owned(claimed, name, 1, claimed.owner.who)
        del payload["fencing_token"]
        told = await refused(claimed.owner.socket.command(name, payload))
        assert (name, told.code) == (name, "invalid_payload")
        assert [field["loc"] for field in told.details["fields"]] == [["fencing_token"]]
    assert await imprint(sql) == before


async def test_owner_refusal_names_the_present_owner(world: World, claimed: Scene) -> None:
    """[H7] `not_owner` says how the handoff stands and who has it."""
    second = await act(world, "senior", "Bob")
    await reassign(claimed.owner.socket, claimed.handoff_id, 1, second.who)
    for name in ("handoff:release", "handoff:resolve", "handoff:start"):
        told = await refused(claimed.owner.socket.command(name, owned(claimed, name, 1, second.who)))
        assert told.details == {
            "status": "claimed",
            "claimed_by": {"id": str(second.who.user_id), "name": "Bob"},
        }


async def test_start_is_the_owner_s_alone(world: World, sql: Sql, claimed: Scene) -> None:
    """[H7] Not even an admin starts work under another's token, but may release, reassign and resolve with it."""
    admin = await act(world, "admin")
    before = await imprint(sql)
    told = await refused(admin.socket.command("handoff:start", owned(claimed, "handoff:start", 1, admin.who)))
    assert told.code == "not_owner"
    assert await imprint(sql) == before
    moved = await reassign(admin.socket, claimed.handoff_id, 1, admin.who)
    assert moved["claimed_by"]["id"] == str(admin.who.user_id)
    await admin.socket.command("handoff:start", owned(claimed, "handoff:start", 2, admin.who))


async def test_start_says_each_mode_once_for_a_claim(world: World, claimed: Scene) -> None:
    """[H7] Version rises, the token stays; the event names the mode; a new owner starts anew."""
    second = await act(world, "senior")
    room = await second.socket.join_session(claimed.session_id)
    for version, mode in ((3, "continue"), (4, "own_thing")):
        payload = owned(claimed, "handoff:start", 1, second.who) | {"mode": mode}
        handoff = (await claimed.owner.socket.command("handoff:start", payload))["handoff"]
        assert (handoff["version"], handoff["fencing_token"], handoff["status"]) == (version, 1, "claimed")
        started = await room.next("handoff:started")
        assert (started.data["mode"], started.data["handoff"]) == (mode, handoff)
    await reassign(claimed.owner.socket, claimed.handoff_id, 1, second.who)
    payload = owned(claimed, "handoff:start", 2, second.who) | {"mode": "continue"}
    handoff = (await second.socket.command("handoff:start", payload))["handoff"]
    assert (await room.next("handoff:started")).data == {"handoff": handoff, "mode": "continue", "analysis": None}


async def test_start_to_continue_needs_a_task_lane(world: World, sql: Sql) -> None:
    """[H7] Without one it is `invalid_payload` that names the mode, and nothing is written; with one it goes."""
    engineer, senior = await world.client("engineer"), await world.client("senior")
    handoff = await hand_off(engineer)
    assert not (await claim(senior, handoff["id"]))["handoff"]["has_task_lane"]
    payload = {"handoff_id": handoff["id"], "fencing_token": 1, "mode": "continue"}
    before = await imprint(sql)
    told = await refused(senior.command("handoff:start", payload))
    assert (told.code, [field["loc"] for field in told.details["fields"]]) == ("invalid_payload", [["mode"]])
    assert await imprint(sql) == before
    task = {"session_id": handoff["session_id"], "task_id": new_id(), "title": "Look at the lamps"}
    await engineer.command("task:add", task)
    assert (await senior.command("handoff:start", payload))["handoff"]["has_task_lane"]


async def test_release_keeps_the_place_in_the_queue(world: World, claimed: Scene) -> None:
    """[H8] It stands before one that was queued after it, waits again for anyone, and nothing but the token is left."""
    onlooker = await world.client("senior")
    later = await hand_off(await world.client("engineer"))
    before = (await onlooker.command("handoff:get", {"handoff_id": claimed.handoff_id}))["handoff"]
    release = owned(claimed, "handoff:release", 1, claimed.owner.who)
    released = (await claimed.owner.socket.command("handoff:release", release))["handoff"]
    assert released["first_queued_at"] == before["first_queued_at"]
    assert released["status"] == "queued"
    assert [released[field] for field in ("claimed_by", "claimed_by_name", "claimed_at")] == [None] * 3
    assert (released["version"], released["fencing_token"]) == (before["version"] + 1, 1)
    queue = (await onlooker.command("queue:get", {}))["handoffs"]
    assert [handoff["id"] for handoff in queue] == [claimed.handoff_id, later["id"]]
    assert (await claim(onlooker, claimed.handoff_id))["claim"]["fencing_token"] == 2


async def test_release_note_becomes_a_tried_step(world: World, claimed: Scene) -> None:
    """[H8] The last of the package's steps: by whom, when, and without the secrets it may state."""
    note = "Restarted DHCP on core-1, no change. The password is Tr0ub4dor&3"
    room = await (await world.client("senior")).join_session(claimed.session_id)
    for times in (1, 2):
        held = (await claimed.owner.http.request("GET", f"/api/handoffs/{claimed.handoff_id}"))["handoff"]
        release = owned(claimed, "handoff:release", times, claimed.owner.who) | {"note": note}
        released = (await claimed.owner.socket.command("handoff:release", release))["handoff"]
        tried, steps = held["package"]["steps_tried"], released["package"]["steps_tried"]
        event = await room.next("handoff:released")
        assert steps[:-1] == tried
        assert released["package_rev"] == held["package_rev"] + 1
        assert event.data == {"handoff": released, "note": note}
        step = steps[-1]
        assert set(step) == {"n", "action", "result", "evidence", "by", "at", "ref"}
        assert (step["n"], step["result"], step["at"]) == (len(steps), None, event.at)
        assert step["by"] == {"id": str(claimed.owner.who.user_id), "name": "Ada"}
        assert step["ref"] == {"kind": "handoff", "id": claimed.handoff_id}
        assert step["action"].startswith("Restarted DHCP on core-1, no change.")
        assert "Tr0ub4dor" not in step["action"]
        await claim(claimed.owner.socket, claimed.handoff_id)


async def test_release_by_an_admin_needs_the_present_token(world: World, sql: Sql, claimed: Scene) -> None:
    """[H7] An admin acts in the owner's stead, so the owner's token is asked of them too."""
    admin = await act(world, "admin", "Root")
    before = await imprint(sql)
    for token in (0, 2):
        told = await refused(
            admin.socket.command("handoff:release", owned(claimed, "handoff:release", token, admin.who))
        )
        assert told.code == "not_owner"
    assert await imprint(sql) == before
    payload = owned(claimed, "handoff:release", 1, admin.who)
    released = (await admin.socket.command("handoff:release", payload))["handoff"]
    assert (released["status"], released["package"]["steps_tried"][-1]["by"]["name"]) == ("queued", "Root")


async def test_reassign_is_refused_to_whom_may_not_hold_it(world: World, sql: Sql, claimed: Scene) -> None:
    """[H2] Not to the originator, nor to a role that may not claim, nor to nobody, nor to another account's."""
    engineer, viewer = await act(world, "engineer"), await act(world, "viewer")
    stranger, gone = await act(world, "senior", other_tenant=True), await act(world, "senior")
    await sql.execute("UPDATE users SET disabled_at = now() WHERE id = $1", gone.who.user_id)
    before = await imprint(sql)
    expected = {
        claimed.engineer.who: "self_claim",
        engineer.who: "role_required",
        viewer.who: "role_required",
        gone.who: "not_found",
        stranger.who: "not_found",
        world.person("senior"): "not_found",
    }
    for to, code in expected.items():
        told = await refused(reassign(claimed.owner.socket, claimed.handoff_id, 1, to))
        assert (to.role, told.code) == (to.role, code)
    assert await imprint(sql) == before


async def test_reassign_raises_the_fencing_token(world: World, claimed: Scene) -> None:
    """[H7] The new owner learns it from the event, with who had it before; the old one's is stale from then on."""
    second = await act(world, "senior", "Bob")
    room = await second.socket.join_session(claimed.session_id)
    handoff = await reassign(claimed.owner.socket, claimed.handoff_id, 1, second.who)
    event = await room.next("handoff:reassigned")
    assert event.data == {
        "handoff": handoff,
        "note": REASSIGN["note"],
        "previous": {"id": str(claimed.owner.who.user_id), "name": "Ada"},
    }
    assert handoff["claimed_by"] == {"id": str(second.who.user_id), "name": "Bob"}
    assert (handoff["fencing_token"], handoff["version"], handoff["claimed_at"]) == (2, 3, event.at)
    assert (await claim(second.socket, claimed.handoff_id))["claim"]["fencing_token"] == 2


async def test_resolve_says_outcome_and_note_for_good(world: World, sql: Sql, claimed: Scene) -> None:
    """[H6] Resolved is never left: whatever is sent afterwards changes nothing."""
    admin = await act(world, "admin")
    payload = owned(claimed, "handoff:resolve", 1, admin.who)
    handoff = (await claimed.owner.socket.command("handoff:resolve", payload))["handoff"]
    assert (handoff["status"], handoff["outcome"], handoff["outcome_note"]) == ("resolved", "vendor", payload["note"])
    assert handoff["closed_at"] is not None
    before = await imprint(sql)
    by = {"id": str(claimed.owner.who.user_id), "name": "Ada"}
    end = {"status": "resolved", "at": handoff["closed_at"], "by": by, "outcome": "vendor"}
    told = await refused(admin.socket.command("handoff:resolve", payload | {"outcome": "duplicate"}))
    assert (told.code, told.details) == ("closed", end)
    withdrawal = {"handoff_id": claimed.handoff_id, "reason": "other"}
    told = await refused(claimed.engineer.socket.command("handoff:withdraw", withdrawal))
    assert (told.code, told.details) == ("closed", end)
    told = await refused(claim(admin.socket, claimed.handoff_id))
    assert (told.code, told.details) == ("closed", end)
    for name in ("handoff:release", "handoff:reassign", "handoff:start"):
        for sender in (claimed.owner, admin):
            told = await refused(sender.socket.command(name, owned(claimed, name, 1, admin.who)))
            assert told.code == "not_owner"
    assert await imprint(sql) == before
