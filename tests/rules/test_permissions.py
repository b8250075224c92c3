"""Who may send what: every command of the table, by every role, in the account and in another, at both doors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import pytest

from handlers import COMMANDS
from loadtest.client import Client, HttpDoor, Refused
from store.models import Role
from tests.conftest import World
from tests.rules.scenes import (
    CATALOGUE,
    MARK,
    WRITES,
    Actor,
    Data,
    Scene,
    Sql,
    act,
    imprint,
    new_id,
    refused,
    send,
    set_scene,
)

COLUMNS = "viewer engineer senior admin originator owner | viewer engineer senior admin"
"""Of the account: bystanders by role, the engineer who opened the session (and handed it off), the senior who claimed
it where it is claimed. Behind the bar: people of another account, by role."""

EXPECTED: Mapping[str, str] = {
    "session:create": "       role ok   ok   ok   ok   ok  | role ok   ok   ok  ",
    "session:list": "         ok   ok   ok   ok   ok   ok  | ok   ok   ok   ok  ",
    "session:get": "          ok   ok   ok   ok   ok   ok  | none none none none",
    "session:join": "         ok   ok   ok   ok   ok   ok  | none none none none",
    "session:leave": "        ok   ok   ok   ok   ok   ok  | ok   ok   ok   ok  ",
    "session:history": "      ok   ok   ok   ok   ok   ok  | none none none none",
    "session:close": "        role ok   ok   ok   ok   ok  | role none none none",
    "session:status_update": "ok   ok   ok   ok   ok   ok  | none none none none",
    "typing": "               role ok   ok   ok   ok   ok  | role none none none",
    "presence:set": "         ok   ok   ok   ok   ok   ok  | ok   ok   ok   ok  ",
    "message:post": "         role ok   ok   ok   ok   ok  | role none none none",
    "task:add": "             role ok   ok   ok   ok   ok  | role none none none",
    "task:update": "          role ok   ok   ok   ok   ok  | role none none none",
    "handoff:create": "       role ok   ok   ok   ok   ok  | role none none none",
    "handoff:claim": "        role role ok   ok   self ok  | role role none none",
    "handoff:release": "      role held held ok   held ok  | role none none none",
    "handoff:reassign": "     role held held ok   held ok  | role none none none",
    "handoff:resolve": "      role held held ok   held ok  | role none none none",
    "handoff:withdraw": "     role held held held ok   held| role none none none",
    "handoff:start": "        role held held held held ok  | role none none none",
    "handoff:tag": "          role ok   ok   ok   ok   ok  | role none none none",
    "handoff:log": "          ok   ok   ok   ok   ok   ok  | none none none none",
    "handoff:get": "          ok   ok   ok   ok   ok   ok  | none none none none",
    "queue:join": "           ok   ok   ok   ok   ok   ok  | ok   ok   ok   ok  ",
    "queue:leave": "          ok   ok   ok   ok   ok   ok  | ok   ok   ok   ok  ",
    "queue:get": "            ok   ok   ok   ok   ok   ok  | ok   ok   ok   ok  ",
    "queue:metrics": "        ok   ok   ok   ok   ok   ok  | ok   ok   ok   ok  ",
    "queue:metrics_handoffs": "ok  ok   ok   ok   ok   ok  | ok   ok   ok   ok  ",
    "room:events": "          ok   ok   ok   ok   ok   ok  | none none none none",
    "me:get": "               ok   ok   ok   ok   ok   ok  | ok   ok   ok   ok  ",
    "auth:renew": "           ok   ok   ok   ok   ok   ok  | ok   ok   ok   ok  ",
}
WORDS = {"ok": "ok", "role": "role_required", "none": "not_found", "held": "not_owner", "self": "self_claim"}


def columns(row: str) -> list[str]:
    return row.replace("|", " ").split()


async def everybody(world: World) -> list[Actor]:
    """In the order of the columns."""
    inside = [await act(world, role) for role in ("viewer", "engineer", "senior", "admin", "engineer", "senior")]
    return inside + [await act(world, role, other_tenant=True) for role in ("viewer", "engineer", "senior", "admin")]


async def outcome(door: Client | HttpDoor, name: str, payload: Data) -> tuple[str, Data]:
    try:
        return "ok", await send(door, name, payload)
    except Refused as refusal:
        return refusal.code, {}


async def matrix(world: World, sql: Sql, name: str, people: list[Actor], door: int) -> list[tuple[str, str]]:
    """How the command is answered to each; on the way, that a refusal and a read write nothing and leak nothing."""
    entry = CATALOGUE[name]
    *_, originator, owner = people[:6]
    answers: list[str] = []
    scene: Scene | None = None
    for actor in people:
        if scene is None or (answers[-1] == "ok" and name in WRITES):
            scene = await set_scene(world, entry.standing, originator, owner)
        if entry.joined and actor.who.account_id == world.account_id:
            await actor.socket.command("session:join", {"session_id": scene.session_id})
        before = await imprint(sql)
        answer, data = await outcome(actor.doors[door], name, entry.payload(scene, actor.who))
        answers.append(answer)
        assert (await imprint(sql) != before) == (answer == "ok" and name in WRITES), (actor.who.role, answer)
        assert actor.who.account_id == world.account_id or MARK not in str(data), (actor.who.role, answer)
    return list(zip(columns(COLUMNS), answers, strict=True))


def test_every_command_has_its_row() -> None:
    """[A9] A new command has to be written down here before it is served, and nothing stays that is gone."""
    assert set(EXPECTED) == set(CATALOGUE) == set(COMMANDS)
    assert {len(columns(row)) for row in EXPECTED.values()} == {len(columns(COLUMNS))}
    assert set(columns(COLUMNS)) - {"originator", "owner"} == set(get_args(Role))


@pytest.mark.parametrize("name", sorted(COMMANDS))
async def test_command_is_for_whom_the_table_says(world: World, sql: Sql, name: str) -> None:
    """[A9] Members read all of their account, a viewer writes nothing, another account's is not there [A6]."""
    people = await everybody(world)
    words = [WORDS[word] for word in columns(EXPECTED[name])]
    for door in (0, 1) if COMMANDS[name].http else (0,):
        assert await matrix(world, sql, name, people, door) == list(zip(columns(COLUMNS), words, strict=True))


async def test_viewer_is_refused_before_anything_is_looked_up(world: World, sql: Sql) -> None:
    """[A9] The role is no oracle: a viewer hears `role_required` for what exists and for what does not."""
    engineer, senior, viewer = [await act(world, role) for role in ("engineer", "senior", "viewer")]
    for name in sorted(WRITES):
        scene = await set_scene(world, CATALOGUE[name].standing, engineer, senior)
        payload = CATALOGUE[name].payload(scene, viewer.who)
        before = await imprint(sql)
        for ids in ({}, {field: new_id() for field in payload if field.endswith("_id")}):
            told = await refused(send(viewer.socket, name, {**payload, **ids}))
            assert (name, told.code) == (name, "role_required")
        assert await imprint(sql) == before
