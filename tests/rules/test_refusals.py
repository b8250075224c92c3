"""What a refusal says: its shape and the status of each code, and nothing about other accounts."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest

from handlers import COMMANDS
from handlers.command import Caller, Payload
from loadtest.client import HttpDoor, Refused
from server.auth import Doorkeeper
from store.models import Answer
from tests.conftest import MakeWorld, World, claim, hand_off, open_session
from tests.rules.scenes import (
    Scene,
    Sql,
    act,
    imprint,
    new_id,
    refused,
    send,
    set_scene,
)
from tests.rules.wire import connected

STATUS = {
    "invalid_payload": 422,
    "unknown_command": 404,
    "unauthorized": 401,
    "token_expired": 401,
    "role_required": 403,
    "self_claim": 403,
    "not_found": 404,
    "already_claimed": 409,
    "not_owner": 409,
    "claim_ended": 409,
    "closed": 409,
    "active_handoff": 409,
    "id_conflict": 409,
    "rate_limited": 429,
    "too_large": 413,
    "unavailable": 503,
    "internal": 500,
}
RETRYABLE = {"rate_limited", "unavailable", "internal"}


async def an_invalid_payload(scene: Scene) -> None:
    await scene.engineer.socket.command("session:create", {"session_id": "none", "title": " ", "extra": 1})


async def an_unknown_command(scene: Scene) -> None:
    await scene.engineer.socket.command("handoff:steal", {})


async def another_s_token(scene: Scene) -> None:
    await scene.engineer.socket.command("auth:renew", {"token": scene.world.token(scene.owner.who)})


async def an_old_token(scene: Scene) -> None:
    token, _ = scene.world.server.tokens.issue(scene.engineer.who, timedelta(seconds=-1))
    await scene.engineer.socket.command("auth:renew", {"token": token})


async def a_viewer_writing(scene: Scene) -> None:
    viewer = await scene.world.client("viewer")
    await viewer.command("session:close", {"session_id": scene.session_id, "resolution": "Mine"})


async def a_claim_of_one_s_own(scene: Scene) -> None:
    await claim(scene.engineer.socket, scene.handoff_id)


async def nothing_there(scene: Scene) -> None:
    await scene.engineer.socket.command("handoff:get", {"handoff_id": new_id()})


async def a_late_claim(scene: Scene) -> None:
    await claim(await scene.world.client("senior"), scene.handoff_id)


async def no_owner(scene: Scene) -> None:
    release = {"handoff_id": scene.handoff_id, "fencing_token": scene.fencing_token, "note": "Not mine"}
    await (await scene.world.client("senior")).command("handoff:release", release)


async def an_ended_claim(scene: Scene) -> None:
    handoff, claim_id = await hand_off(scene.engineer.socket), new_id()
    await claim(scene.owner.socket, handoff["id"], claim_id)
    release = {"handoff_id": handoff["id"], "fencing_token": 1, "note": "Not mine"}
    await scene.owner.socket.command("handoff:release", release)
    await claim(scene.owner.socket, handoff["id"], claim_id)


async def a_closed_session(scene: Scene) -> None:
    closed = {"session_id": await open_session(scene.engineer.socket), "resolution": "Done"}
    await scene.engineer.socket.command("session:close", closed)
    await scene.engineer.socket.command(
        "task:add", {"session_id": closed["session_id"], "task_id": new_id(), "title": "?"}
    )


async def a_second_handoff(scene: Scene) -> None:
    await hand_off(scene.engineer.socket, scene.session_id)


async def a_used_id(scene: Scene) -> None:
    fields = {"title": "Another", "client_name": "Another", "problem": "Another"}
    await scene.engineer.socket.command("session:create", {"session_id": scene.session_id, **fields})


PROVOKED: Mapping[str, Callable[[Scene], Awaitable[None]]] = {
    "invalid_payload": an_invalid_payload,
    "unknown_command": an_unknown_command,
    "unauthorized": another_s_token,
    "token_expired": an_old_token,
    "role_required": a_viewer_writing,
    "self_claim": a_claim_of_one_s_own,
    "not_found": nothing_there,
    "already_claimed": a_late_claim,
    "not_owner": no_owner,
    "claim_ended": an_ended_claim,
    "closed": a_closed_session,
    "active_handoff": a_second_handoff,
    "id_conflict": a_used_id,
}
"""The others need a server of their own and have tests of their own below."""


def in_shape(refusal: Refused, code: str) -> None:
    assert (refusal.code, refusal.status, refusal.retryable) == (code, STATUS[code], code in RETRYABLE)
    assert refusal.message[0].isupper()
    assert refusal.message.endswith(".")


async def test_refusal_has_the_status_of_its_code(world: World) -> None:
    """[A3] And the shape of A1, with a sentence for a person [A2]."""
    engineer, owner = await act(world, "engineer"), await act(world, "senior")
    for code, provoke in PROVOKED.items():
        in_shape(await refused(provoke(await set_scene(world, "claimed", engineer, owner))), code)


async def test_refusals_know_no_other_codes(world: World) -> None:
    """[A3] Each code of the contract is provoked in this file, and each refusal has the five members of A1."""
    elsewhere = {"rate_limited", "too_large", "unavailable", "internal"}
    assert set(STATUS) == set(PROVOKED) | elsewhere
    async with connected(world.url, world.token(world.person("engineer"))) as wire:
        answer = await wire.call("handoff:get", {"handoff_id": new_id()})
    assert set(answer) == {"ok", "error"}
    assert set(answer["error"]) == {"code", "status", "message", "retryable", "details"}


async def test_invalid_payload_names_each_field(world: World) -> None:
    """[A3] Where, what and of which type, without quoting what was sent."""
    engineer = await world.client("engineer")
    told = await refused(
        engineer.command("session:create", {"session_id": "Geheim-1", "title": "Geheim-2" * 40, "more": 1})
    )
    assert {tuple(field["loc"]) for field in told.details["fields"]} == {
        ("session_id",),
        ("title",),
        ("client_name",),
        ("problem",),
        ("more",),
    }
    for field in told.details["fields"]:
        assert set(field) == {"loc", "msg", "type"}
    assert "Geheim" not in json.dumps(told.details)


async def test_rate_limited_says_how_long_to_wait(make_world: MakeWorld) -> None:
    """[A3] At both doors; HTTP says it in `Retry-After` too."""
    async with make_world(commands_per_second=0.01, commands_per_second_user=0.01) as world:
        engineer = await act(world, "engineer")
        await engineer.socket.command("me:get", {})
        refusals = [await refused(engineer.socket.command("me:get", {}))]
        refusals.append(await refused(engineer.http.request("GET", "/api/me")))  # one user, one budget
        for refusal in refusals:
            in_shape(refusal, "rate_limited")
            assert set(refusal.details) == {"retry_after_ms"}
            assert 0 < refusal.details["retry_after_ms"] <= 100_001
        bearer = {"Authorization": f"Bearer {world.token(engineer.who)}"}
        async with aiohttp.ClientSession(headers=bearer) as http, http.get(f"{world.url}/api/me") as response:
            details = (await response.json(content_type=None))["details"]
            assert int(response.headers["Retry-After"]) == -(-details["retry_after_ms"] // 1000)


async def test_too_large_is_refused_unread(make_world: MakeWorld) -> None:
    """[A3] At both doors, and the connection goes on."""
    async with make_world(payload_bytes=2048) as world:
        engineer = await act(world, "engineer")
        session_id = await open_session(engineer.socket)
        message = {"session_id": session_id, "message_id": new_id(), "body": "e" * 2100, "kind": "note"}
        in_shape(await refused(engineer.socket.command("message:post", message)), "too_large")
        in_shape(await refused(send(engineer.http, "message:post", message)), "too_large")
        await engineer.socket.command("message:post", {**message, "body": "e" * 1500})


async def test_unavailable_is_told_when_the_database_does_not_answer(make_world: MakeWorld, sql: Sql) -> None:
    """[A3] Nothing took effect, and the same may be sent again."""
    async with make_world(lock_timeout=0.05) as world:
        engineer, senior = await world.client("engineer"), await act(world, "senior")
        handoff, claim_id = await hand_off(engineer), new_id()
        before = await imprint(sql)
        async with sql.transaction():
            await sql.execute("SELECT FROM handoffs FOR UPDATE")
            in_shape(await refused(claim(senior.socket, handoff["id"], claim_id)), "unavailable")
            path = f"/api/handoffs/{handoff['id']}/claim"
            in_shape(await refused(senior.http.request("POST", path, {"claim_id": claim_id})), "unavailable")
        assert await imprint(sql) == before
        assert not (await claim(senior.socket, handoff["id"], claim_id))["replayed"]


async def test_internal_says_nothing_but_an_id(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """[A3] Whatever broke: a handler at either door, or the HTTP door itself before it came to one."""

    async def breaks(_: Caller, __: Payload) -> Answer:
        raise LookupError("a secret of the house")

    broken = {**COMMANDS, "me:get": replace(COMMANDS["me:get"], handler=breaks)}
    engineer = await act(world, "engineer")
    monkeypatch.setattr(world.server.dispatch, "_commands", broken)
    refusals = [await refused(send(door, "me:get", {})) for door in engineer.doors]

    async def cannot_look(*_: object, **__: object) -> None:
        raise LookupError("a secret of the house")

    monkeypatch.setattr(Doorkeeper, "admit", cannot_look)
    refusals.append(await refused(engineer.http.request("GET", "/api/queue")))
    for refusal in refusals:
        in_shape(refusal, "internal")
        assert "secret" not in str(refusal)
    assert [set(refusal.details) for refusal in refusals] == [{"error_id"}] * 3
    assert len({refusal.details["error_id"] for refusal in refusals}) == 3


async def test_http_without_a_valid_token_is_unauthorized(world: World) -> None:
    """[A3] No token, one that is none, one of another key, one that is over."""
    who = world.person("engineer")
    expired, _ = world.server.tokens.issue(who, timedelta(seconds=-1))
    head, claims, signature = world.token(who).split(".")
    forged = ".".join((head, claims, signature[::-1]))
    told = []
    for token in (None, "abc", forged, expired):
        async with HttpDoor(world.url, token) as door:
            told.append(await refused(door.request("GET", "/api/me")))
    for refusal, code in zip(told, [*["unauthorized"] * 3, "token_expired"], strict=True):
        in_shape(refusal, code)
