"""The task lane, and work on a session whose handoff is claimed, each rule through real sockets."""

from __future__ import annotations

import asyncio

import pytest

from loadtest.client import Refused
from tests.conftest import World, open_session
from tests.rules.scenes import Actor, Data, Scene, Sql, act, imprint, new_id, refused, set_scene

TASK = {
    "id",
    "session_id",
    "seq",
    "version",
    "title",
    "detail",
    "state",
    "result",
    "created_by",
    "created_at",
    "updated_by",
    "updated_at",
}


async def test_task_lane_is_in_the_order_of_adding(world: World) -> None:
    """[S1] In the snapshot, whatever was updated since; each task is told as it was answered."""
    engineer = await world.client("engineer", "Eve")
    session_id = await open_session(engineer)
    room, by = await engineer.join_session(session_id), {"id": engineer.hello.user.id, "name": "Eve"}
    tasks = []
    for title, detail in (("Ping it", None), ("Trace it", ""), ("Swap it", "Cable in the drawer")):
        payload = {"session_id": session_id, "task_id": new_id(), "title": title}
        task = (await engineer.command("task:add", payload | ({} if detail is None else {"detail": detail})))["task"]
        added = await room.next()
        assert (added.type, added.data) == ("task:added", {"task": task})
        assert set(task) == TASK
        assert task == task | {"title": title, "detail": detail, "state": "todo", "result": None, "version": 1}
        assert (task["seq"], task["created_by"], task["created_at"]) == (added.seq, by, added.at)
        tasks.append(task)
    change = {"session_id": session_id, "task_id": tasks[0]["id"], "version": 1, "state": "skipped"}
    tasks[0] = (await engineer.command("task:update", change))["task"]
    assert (await engineer.command("session:get", {"session_id": session_id}))["tasks"] == tasks
    await room.until_seq(5)
    assert room.folded()["tasks"] == tasks


async def test_task_update_changes_what_is_given(world: World) -> None:
    """[S1] Nothing else; the version rises by one, and who changed it last is told."""
    engineer, senior = await act(world, "engineer"), await act(world, "senior", "Ada")
    scene = await set_scene(world, "open", engineer, senior)
    room = await engineer.socket.join_session(scene.session_id)
    (task,) = (await engineer.socket.command("session:get", {"session_id": scene.session_id}))["tasks"]
    steps: list[Data] = [
        *({"state": state} for state in ("doing", "done", "failed", "skipped", "todo")),
        {"result": "Lamp is red"},
        {"result": ""},
        {"title": "Look at the lamp"},
        {"state": "done", "result": "Green again", "title": "Replace the lamp"},
    ]
    for step in steps:
        payload = {"session_id": scene.session_id, "task_id": scene.task_id, "version": task["version"], **step}
        changed = (await senior.socket.command("task:update", payload))["task"]
        updated = await room.next()
        asked = {"state": None, "result": None, "title": None, **step}
        assert (updated.type, updated.data) == ("task:updated", {"task": changed, "asked": asked})
        by = {"id": str(senior.who.user_id), "name": "Ada"}
        assert changed == {
            **task,
            **step,
            "version": task["version"] + 1,
            "updated_by": by,
            "updated_at": updated.at,
        }
        task = changed


async def test_task_update_of_an_old_version_is_a_conflict(world: World, sql: Sql) -> None:
    """[A5] `id_conflict` with the task as it is; nothing is written. So for a version that is still to come."""
    engineer, senior = await act(world, "engineer"), await act(world, "senior")
    scene = await set_scene(world, "open", engineer, senior)
    at = {"session_id": scene.session_id, "task_id": scene.task_id}
    current = (await engineer.socket.command("task:update", {**at, "version": 1, "state": "doing"}))["task"]
    before = await imprint(sql)
    for version in (1, 3):
        told = await refused(senior.socket.command("task:update", {**at, "version": version, "state": "failed"}))
        assert (told.code, told.details) == ("id_conflict", {"task": current})
    assert await imprint(sql) == before


async def test_task_update_of_one_version_has_one_winner(world: World) -> None:
    """[A5] Of any number at the same time; the losers see the winner's task."""
    engineer, senior = await act(world, "engineer"), await act(world, "senior")
    scene = await set_scene(world, "open", engineer, senior)
    people = [await world.client("engineer") for _ in range(6)]
    at = {"session_id": scene.session_id, "task_id": scene.task_id, "version": 1}
    answers = await asyncio.gather(
        *(client.command("task:update", {**at, "result": f"Seen by {n}"}) for n, client in enumerate(people)),
        return_exceptions=True,
    )
    (winner,) = [answer["task"] for answer in answers if isinstance(answer, dict)]
    losers = [answer for answer in answers if isinstance(answer, Refused)]
    assert [(loser.code, loser.details) for loser in losers] == [("id_conflict", {"task": winner})] * 5


async def test_task_of_another_session_is_not_found(world: World, sql: Sql) -> None:
    """[A6] A task is changed in its own session; and an update that changes nothing is `invalid_payload`."""
    engineer, senior = await act(world, "engineer"), await act(world, "senior")
    here, there = [await set_scene(world, "open", engineer, senior) for _ in range(2)]
    at = {"session_id": here.session_id, "version": 1}
    before = await imprint(sql)
    for task_id in (there.task_id, new_id()):
        told = await refused(engineer.socket.command("task:update", {**at, "task_id": task_id, "state": "done"}))
        assert told.code == "not_found"
    told = await refused(engineer.socket.command("task:update", {**at, "task_id": here.task_id}))
    assert told.code == "invalid_payload"
    assert await imprint(sql) == before


WORK: dict[str, Data] = {
    "message:post": {"body": "On it", "kind": "note"},
    "task:add": {"title": "Ask the vendor"},
    "task:update": {"state": "doing"},
}


async def work(actor: Actor, scene: Scene, name: str, fencing_token: int | None = None) -> Data:
    """A message posted, a task added or updated; of an update whatever version the task has now."""
    payload: Data = {"session_id": scene.session_id, **WORK[name]}
    if name == "message:post":
        payload["message_id"] = new_id()
    elif name == "task:add":
        payload["task_id"] = new_id()
    else:
        (task,) = (await actor.socket.command("session:get", {"session_id": scene.session_id}))["tasks"][:1]
        payload |= {"task_id": scene.task_id, "version": task["version"]}
    if fencing_token is not None:
        payload["fencing_token"] = fencing_token
    return await actor.socket.command(name, payload)


async def test_work_of_the_owner_carries_the_token(world: World, sql: Sql) -> None:
    """[S4] Missing: `invalid_payload` that names it. Another than the present one: `not_owner`. Nothing is written."""
    scene = await set_scene(world, "claimed", await act(world, "engineer"), await act(world, "senior"))
    for name in WORK:
        before = await imprint(sql)
        told = await refused(work(scene.owner, scene, name))
        assert (name, told.code) == (name, "invalid_payload")
        assert [field["loc"] for field in told.details["fields"]] == [["fencing_token"]]
        for token in (0, 2):
            assert (name, (await refused(work(scene.owner, scene, name, token))).code) == (name, "not_owner")
        assert await imprint(sql) == before
        await work(scene.owner, scene, name, 1)


@pytest.mark.parametrize("ending", ["reassign", "release", "resolve"])
async def test_work_under_a_token_that_ended_is_refused(world: World, sql: Sql, ending: str) -> None:
    """[S4] Once the handoff moved on: `not_owner`, nothing written."""
    scene = await set_scene(world, "claimed", await act(world, "engineer"), await act(world, "senior"))
    second = await act(world, "senior")
    fields: dict[str, Data] = {
        "reassign": {"to_user_id": str(second.who.user_id), "note": "Yours"},
        "release": {"note": "Off shift"},
        "resolve": {"outcome": "vendor", "note": "RMA"},
    }
    payload = {"handoff_id": scene.handoff_id, "fencing_token": 1, **fields[ending]}
    await scene.owner.socket.command(f"handoff:{ending}", payload)
    for name in WORK:
        before = await imprint(sql)
        assert (name, (await refused(work(scene.owner, scene, name, 1))).code) == (name, "not_owner")
        assert await imprint(sql) == before
        await work(scene.owner, scene, name)
        if ending == "reassign":
            await work(second, scene, name, 2)


async def test_work_of_the_original_engineer_needs_no_token(world: World) -> None:
    """[S4] Whoever handed it off may always go on, whoever has it."""
    engineer, senior = await act(world, "engineer"), await act(world, "senior")
    for standing in ("queued", "claimed"):
        scene = await set_scene(world, standing, engineer, senior)
        for name in WORK:
            await work(engineer, scene, name)


async def test_work_of_other_members_needs_no_token_and_takes_none(world: World, sql: Sql) -> None:
    """[S4] Who is not the owner says nothing of a token; the owner's, told by somebody else, is `not_owner`."""
    scene = await set_scene(world, "claimed", await act(world, "engineer"), await act(world, "senior"))
    for other in (await act(world, "engineer"), await act(world, "senior"), await act(world, "admin")):
        for name in WORK:
            before = await imprint(sql)
            assert (name, (await refused(work(other, scene, name, 1))).code) == (name, "not_owner")
            assert await imprint(sql) == before
            await work(other, scene, name)


async def test_work_in_an_unclaimed_session_takes_no_token(world: World, sql: Sql) -> None:
    """[S4] While it is queued nobody owns it, so no token is right; without one it goes."""
    scene = await set_scene(world, "queued", await act(world, "engineer"), await act(world, "senior"))
    for name in WORK:
        before = await imprint(sql)
        for token in (0, 1):
            assert (name, (await refused(work(scene.owner, scene, name, token))).code) == (name, "not_owner")
        assert await imprint(sql) == before
        await work(scene.owner, scene, name)
