"""A command sent again after a lost answer takes effect once, each through real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from handlers import COMMANDS
from loadtest.client import Client
from tests.conftest import World, claim, hand_off
from tests.rules.scenes import (
    CATALOGUE,
    WRITES,
    Data,
    Scene,
    Sql,
    act,
    imprint,
    new_id,
    refused,
    rightful,
    send,
    set_scene,
)

READS = frozenset(
    {
        "session:list",
        "session:get",
        "session:join",
        "session:leave",
        "session:history",
        "session:status_update",
        "typing",
        "presence:set",
        "handoff:get",
        "handoff:log",
        "queue:join",
        "queue:leave",
        "queue:get",
        "queue:metrics",
        "queue:metrics_handoffs",
        "room:events",
        "me:get",
        "auth:renew",
    }
)

OTHER_BODY: Mapping[str, tuple[Data, str]] = {
    "session:create": ({"title": "Another title"}, "id_conflict"),
    "message:post": ({"body": "Another body"}, "id_conflict"),
    "task:add": ({"title": "Another title"}, "id_conflict"),
    "task:update": ({"result": "Another result"}, "id_conflict"),
    "handoff:create": ({"ask": "Another ask"}, "id_conflict"),
    # These carry no id of their own: another body is another command, which the first one left no room for.
    "session:close": ({"resolution": "Another resolution"}, "closed"),
    "handoff:release": ({"note": "Another note"}, "not_owner"),
    "handoff:reassign": ({"note": "Another note"}, "not_owner"),
    "handoff:resolve": ({"note": "Another note"}, "closed"),
    "handoff:withdraw": ({"reason": "other"}, "closed"),
    "handoff:tag": ({"tags": ["skill:exchange"]}, "id_conflict"),
}
"""What is changed in the retry of each command, and how that is refused."""
APART = {"handoff:claim", "handoff:start"}
"""A claim's other body is another handoff; a start's is another start. They have tests of their own below."""


def first_answer(data: Data) -> Data:
    """A claim's retry says of itself that it is one (H4)."""
    return {name: value for name, value in data.items() if name != "replayed"}


async def scene_of(world: World, name: str) -> Scene:
    return await set_scene(world, CATALOGUE[name].standing, await act(world, "engineer"), await act(world, "senior"))


async def events_told(sql: Sql) -> int:
    count: int = await sql.fetchval("SELECT count(*) FROM events")
    return count


def test_retries_cover_the_table() -> None:
    """[A5] A new command has to be told apart here: one that writes is retried below."""
    assert set(COMMANDS) == WRITES | READS
    assert set(OTHER_BODY) | APART == WRITES


@pytest.mark.parametrize("name", sorted(WRITES))
async def test_retry_is_answered_as_the_first_was(world: World, sql: Sql, name: str) -> None:
    """[A5] At once, on another connection and over HTTP: the same data, nothing more in the log or elsewhere."""
    scene = await scene_of(world, name)
    sender = rightful(scene, name)
    payload = CATALOGUE[name].payload(scene, sender.who)
    told = await events_told(sql)
    first = await sender.socket.command(name, payload)
    assert await events_told(sql) > told
    before = await imprint(sql)
    for door in (sender.socket, await world.client(sender.who), sender.http):
        assert first_answer(await send(door, name, payload)) == first_answer(first)
    assert await imprint(sql) == before


@pytest.mark.parametrize("name", sorted(WRITES))
async def test_retry_is_answered_as_the_first_was_when_all_has_moved_on(world: World, sql: Sql, name: str) -> None:
    """[A5] The answer is the first one, not how things stand now; only a claim that ended is `claim_ended` (H5)."""
    scene = await scene_of(world, name)
    admin, sender = await world.client("admin"), rightful(scene, name)
    payload = CATALOGUE[name].payload(scene, sender.who)
    first = await sender.socket.command(name, payload)
    session_id = payload["session_id"] if name == "session:create" else scene.session_id
    if name != "session:close":
        close = {"session_id": session_id, "resolution": "Closed over their heads", "force": True}
        await admin.command("session:close", close)
    before = await imprint(sql)
    for door in sender.doors:
        if name == "handoff:claim":
            assert (await refused(send(door, name, payload))).code == "claim_ended"
        else:
            assert await send(door, name, payload) == first
    assert await imprint(sql) == before


@pytest.mark.parametrize("name", sorted(WRITES))
async def test_retry_that_overtakes_its_first_takes_effect_once(world: World, sql: Sql, name: str) -> None:
    """[A5] The same command on three connections at the same time: one change, one answer."""
    scene = await scene_of(world, name)
    sender = rightful(scene, name)
    connections = [sender.socket, await world.client(sender.who), await world.client(sender.who)]
    payload = CATALOGUE[name].payload(scene, sender.who)
    told = await events_told(sql)
    answers = await asyncio.gather(*(client.command(name, payload) for client in connections))
    assert [first_answer(answer) for answer in answers] == [first_answer(answers[0])] * 3
    rooms = 2 if name.startswith("handoff:") else 1
    assert await events_told(sql) == told + rooms


@pytest.mark.parametrize("name", sorted(OTHER_BODY))
async def test_retry_with_another_body_is_refused(world: World, sql: Sql, name: str) -> None:
    """[A5] `id_conflict` for the same id, at both doors, and nothing is written."""
    scene = await scene_of(world, name)
    sender = rightful(scene, name)
    payload = CATALOGUE[name].payload(scene, sender.who)
    first = await sender.socket.command(name, payload)
    other, code = OTHER_BODY[name]
    before = await imprint(sql)
    for door in sender.doors:
        assert (await refused(send(door, name, {**payload, **other}))).code == code
    assert await imprint(sql) == before
    assert await send(sender.socket, name, payload) == first


@pytest.mark.parametrize("name", ["session:create", "message:post", "task:add", "task:update", "handoff:create"])
async def test_id_used_by_somebody_else_is_a_conflict(world: World, sql: Sql, name: str) -> None:
    """[A5] The same id and body of another caller is no retry: they would be told that the other's work is theirs."""
    scene = await scene_of(world, name)
    sender = rightful(scene, name)
    payload = CATALOGUE[name].payload(scene, sender.who)
    await sender.socket.command(name, payload)
    if name == "handoff:create":
        await sender.socket.command("handoff:withdraw", {"handoff_id": payload["handoff_id"], "reason": "other"})
    before = await imprint(sql)
    assert (await refused(scene.owner.socket.command(name, payload))).code == "id_conflict"
    assert await imprint(sql) == before


async def test_claim_id_of_another_handoff_is_a_conflict(world: World, sql: Sql) -> None:
    """[A5] Whether it won or lost there."""
    engineer, winner, loser = await world.client("engineer"), await world.client("senior"), await world.client("senior")
    first, second = await hand_off(engineer), await hand_off(engineer)
    ids: dict[str, Client] = {new_id(): winner, new_id(): loser}
    for claim_id, client in ids.items():
        call = claim(client, first["id"], claim_id)
        await (call if client is winner else refused(call))
    before = await imprint(sql)
    for claim_id, client in ids.items():
        assert (await refused(claim(client, second["id"], claim_id))).code == "id_conflict"
    assert await imprint(sql) == before


async def test_message_id_of_another_session_is_a_conflict(world: World, sql: Sql) -> None:
    """[A5] An id names one thing in the whole account: of messages, tasks and handoffs alike."""
    engineer, senior = await act(world, "engineer"), await act(world, "senior")
    here, there = [await set_scene(world, "open", engineer, senior) for _ in range(2)]
    for name in ("message:post", "task:add", "handoff:create"):
        payload = CATALOGUE[name].payload(here, engineer.who)
        await engineer.socket.command(name, payload)
        before = await imprint(sql)
        again = refused(engineer.socket.command(name, {**payload, "session_id": there.session_id}))
        assert (await again).code == "id_conflict"
        assert await imprint(sql) == before


async def test_release_is_recognised_by_its_token_in_a_later_claim(world: World, sql: Sql) -> None:
    """[A5] The late retry of the first release does not release the second claim of the same owner."""
    scene = await set_scene(world, "claimed", await act(world, "engineer"), await act(world, "senior"))
    payload = CATALOGUE["handoff:release"].payload(scene, scene.owner.who)
    first = await scene.owner.socket.command("handoff:release", payload)
    await claim(scene.owner.socket, scene.handoff_id)
    before = await imprint(sql)
    assert await scene.owner.socket.command("handoff:release", payload) == first
    assert await imprint(sql) == before


async def test_start_in_another_mode_is_another_start(world: World) -> None:
    """[A5] Each mode is recognised by itself; the retry of the first still answers the first."""
    scene = await set_scene(world, "claimed", await act(world, "engineer"), await act(world, "senior"))
    payload = CATALOGUE["handoff:start"].payload(scene, scene.owner.who)
    first = await scene.owner.socket.command("handoff:start", payload)
    other = await scene.owner.socket.command("handoff:start", {**payload, "mode": "own_thing"})
    assert other["handoff"]["version"] == first["handoff"]["version"] + 1
    assert await scene.owner.socket.command("handoff:start", payload) == first
