"""What belongs to another account does not exist: each command, each list, each id."""

from __future__ import annotations

import json
from collections.abc import Awaitable
from typing import Any
from uuid import UUID

import pytest

from handlers import COMMANDS
from loadtest.client import Refused
from store.models import Role
from tests.conftest import World, claim, hand_off
from tests.rules.scenes import (
    CATALOGUE,
    MARK,
    Actor,
    Data,
    Sql,
    act,
    as_told,
    imprint,
    new_id,
    refused,
    send,
    set_scene,
)

IDS = ("session_id", "handoff_id", "task_id", "to_user_id", "id")
OUTSIDE = {
    "session:create": "creates",
    "session:list": "reads its own account",
    "presence:set": "looks nothing up",
    "queue:join": "reads its own account",
    "queue:leave": "reads its own account",
    "queue:get": "reads its own account",
    "queue:metrics": "reads its own account",
    "queue:metrics_handoffs": "reads its own account",
    "me:get": "reads its own account",
    "auth:renew": "names nothing",
}
"""Commands that name nothing which could be another account's."""


def elsewhere(payload: Data) -> Data:
    """The payload with ids that nobody ever used."""
    return {field: new_id() if field in IDS else value for field, value in payload.items()}


async def how(call: Awaitable[Any]) -> object:
    """All that the answer told, without the ids that were sent."""
    try:
        return sorted(await call)
    except Refused as refusal:
        return as_told(refusal)


@pytest.mark.parametrize("role", ["viewer", "engineer", "senior", "admin"])
async def test_what_is_another_account_s_does_not_exist(world: World, sql: Sql, role: Role) -> None:
    """[A6] The answer is that for an id which nobody used, at both doors, and nothing is written."""
    engineer, owner = await act(world, "engineer"), await act(world, "senior")
    stranger = await act(world, role, other_tenant=True)
    for name in sorted(set(COMMANDS) - set(OUTSIDE)):
        entry = CATALOGUE[name]
        scene = await set_scene(world, entry.standing, engineer, owner)
        payload = entry.payload(scene, stranger.who)
        before = await imprint(sql)
        for door in stranger.doors if COMMANDS[name].http else stranger.doors[:1]:
            told = await how(send(door, name, payload))
            assert (name, told) == (name, await how(send(door, name, elsewhere(payload))))
            assert (told == ["room"]) if name == "session:leave" else isinstance(told, tuple), name
        assert await imprint(sql) == before, name


async def test_page_before_another_account_s_is_one_before_nothing(world: World) -> None:
    """[A6] A cursor of another account is no cursor, as one that nobody used."""
    engineer, senior = await act(world, "engineer"), await act(world, "senior")
    scene = await set_scene(world, "open", engineer, senior)
    stranger = await act(world, "admin", other_tenant=True)
    own = await set_scene(world, "open", stranger, await act(world, "senior", other_tenant=True))
    (message,) = (await engineer.socket.command("session:history", {"session_id": scene.session_id}))["messages"]
    for door in stranger.doors:
        listed = [await send(door, "session:list", {"before": before}) for before in (scene.session_id, new_id())]
        assert listed[0] == listed[1]
        at = {"session_id": own.session_id}
        paged = [await send(door, "session:history", {**at, "before": before}) for before in (message["id"], new_id())]
        assert paged[0] == paged[1]


async def test_reads_of_an_account_show_nothing_of_another(world: World) -> None:
    """[A6] Lists, queue and their snapshots."""
    await set_scene(world, "queued", await act(world, "engineer"), await act(world, "senior"))
    stranger = await act(world, "admin", other_tenant=True)
    queue = await stranger.socket.join_queue()
    assert (queue.seq, queue.snapshot) == (0, {"handoffs": []})
    for name in ("session:list", "queue:get", "me:get"):
        for door in stranger.doors:
            assert MARK not in json.dumps(await send(door, name, {}))
    told = await refused(send(stranger.http, "room:events", {"kind": "escalations", "id": str(world.account_id)}))
    unknown = await refused(send(stranger.http, "room:events", {"kind": "escalations", "id": new_id()}))
    assert as_told(told) == as_told(unknown)
    assert told.code == "not_found"


async def test_ids_of_another_account_are_free(world: World, sql: Sql) -> None:
    """[A6] Using them again tells nothing: every creation goes through and stays apart from the other account's."""
    ids = {word: new_id() for word in ("session_id", "task_id", "message_id", "handoff_id", "claim_id")}

    async def escalate(engineer: Actor, senior: Actor) -> UUID:
        def having(*words: str) -> Data:
            return {f"{word}_id": ids[f"{word}_id"] for word in words}

        client, account = engineer.socket, engineer.who.account_name
        fields = {"title": account, "client_name": account, "problem": account}
        await client.command("session:create", {**having("session"), **fields})
        await client.command("task:add", {**having("session", "task"), "title": account})
        await client.command("message:post", {**having("session", "message"), "body": account, "kind": "note"})
        await hand_off(client, **having("session", "handoff"), ask=account)
        won = await claim(senior.socket, ids["handoff_id"], ids["claim_id"])
        assert (won["replayed"], won["claim"]["fencing_token"]) == (False, 1)
        snapshot = await senior.socket.command("session:get", having("session"))
        other = "Acme MSP" if account == "Birchwood IT" else "Birchwood IT"
        assert account in json.dumps(snapshot)
        assert other not in json.dumps(snapshot)
        return engineer.who.account_id

    accounts = [
        await escalate(
            await act(world, "engineer", other_tenant=foreign), await act(world, "senior", other_tenant=foreign)
        )
        for foreign in (False, True)
    ]
    rows = await sql.fetch("SELECT account_id FROM claims WHERE id = $1", ids["claim_id"])
    assert {row["account_id"] for row in rows} == set(accounts)


async def test_rooms_of_equal_name_stay_apart(world: World) -> None:
    """[A6] Two accounts with the same session id: neither hears the other's events."""
    session_id = new_id()
    ours, theirs = await act(world, "engineer"), await act(world, "engineer", other_tenant=True)
    fields = {"session_id": session_id, "title": "Wi-Fi", "client_name": "Harbor", "problem": "Slow"}
    rooms = []
    for actor in (ours, theirs):
        await actor.socket.command("session:create", fields)
        rooms.append(await actor.socket.join_session(session_id))
    assert rooms[0].name == rooms[1].name
    for number, actor in enumerate((ours, theirs)):
        note = {"session_id": session_id, "message_id": new_id(), "body": f"{number}", "kind": "note"}
        await actor.socket.command("message:post", note)
    for number, room in enumerate(rooms):
        posted = await room.next()
        assert (posted.seq, posted.data["message"]["body"]) == (2, f"{number}")
    for actor in (ours, theirs):
        await actor.socket.command("me:get", {})
        assert not actor.socket.strays
    assert [(room.seq, room.duplicates) for room in rooms] == [(2, 0), (2, 0)]
