"""The same commands over HTTP: equal data, equal refusals."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from handlers import COMMANDS
from tests.conftest import World, claim, hand_off
from tests.rules.scenes import (
    CATALOGUE,
    Actor,
    Data,
    Scene,
    Sql,
    act,
    as_told,
    imprint,
    new_id,
    refused,
    rightful,
    send,
    set_scene,
)

SERVED = {
    "session:create": "POST /api/sessions 201",
    "session:list": "GET /api/sessions 200",
    "session:get": "GET /api/sessions/{session_id} 200",
    "session:history": "GET /api/sessions/{session_id}/messages 200",
    "session:close": "POST /api/sessions/{session_id}/close 200",
    "session:status_update": "POST /api/sessions/{session_id}/status-update 200",
    "message:post": "POST /api/sessions/{session_id}/messages 201",
    "task:add": "POST /api/sessions/{session_id}/tasks 201",
    "task:update": "PATCH /api/sessions/{session_id}/tasks/{task_id} 200",
    "handoff:create": "POST /api/sessions/{session_id}/handoffs 201",
    "handoff:claim": "POST /api/handoffs/{handoff_id}/claim 200",
    "handoff:release": "POST /api/handoffs/{handoff_id}/release 200",
    "handoff:reassign": "POST /api/handoffs/{handoff_id}/reassign 200",
    "handoff:resolve": "POST /api/handoffs/{handoff_id}/resolve 200",
    "handoff:withdraw": "POST /api/handoffs/{handoff_id}/withdraw 200",
    "handoff:start": "POST /api/handoffs/{handoff_id}/start 200",
    "handoff:tag": "PUT /api/handoffs/{handoff_id}/tags 200",
    "handoff:log": "GET /api/handoffs/{handoff_id}/log 200",
    "handoff:get": "GET /api/handoffs/{handoff_id} 200",
    "queue:get": "GET /api/queue 200",
    "queue:metrics": "GET /api/escalations/metrics 200",
    "queue:metrics_handoffs": "GET /api/escalations/metrics/{figure} 200",
    "room:events": "GET /api/rooms/{kind}/{id}/events 200",
    "me:get": "GET /api/me 200",
}
NEED_A_CONNECTION = {
    "session:join",
    "session:leave",
    "queue:join",
    "queue:leave",
    "typing",
    "presence:set",
    "auth:renew",
}


@dataclass(frozen=True)
class Reply:
    status: int
    content_type: str
    body: Any


@asynccontextmanager
async def plain_http(scene: Scene, who: Actor) -> AsyncIterator[aiohttp.ClientSession]:
    bearer = {"Authorization": f"Bearer {scene.world.token(who.who)}"}
    async with aiohttp.ClientSession(scene.world.url, headers=bearer) as http:
        yield http


async def ask(http: aiohttp.ClientSession, method: str, path: str, body: object = None, **query: str) -> Reply:
    async with http.request(method, path, data=None if body is None else json.dumps(body), params=query) as response:
        return Reply(response.status, response.content_type, await response.json(content_type=None))


def test_http_serves_every_command_that_needs_no_connection() -> None:
    """[A7] Under these paths; a new command has to be written down here."""
    routes = {name: command.http for name, command in COMMANDS.items()}
    served = {name: f"{http.method} {http.path} {http.status}" for name, http in routes.items() if http is not None}
    assert served == SERVED
    assert set(COMMANDS) - set(served) == NEED_A_CONNECTION


async def test_http_answers_the_data_of_the_ack(world: World, sql: Sql) -> None:
    """[A7] A read of the same moment, or a write and its retry: what one door did the other knows."""
    engineer, owner = await act(world, "engineer"), await act(world, "senior")
    for name in SERVED:
        await answers_the_data_of_the_ack(await set_scene(world, CATALOGUE[name].standing, engineer, owner), sql, name)


async def answers_the_data_of_the_ack(scene: Scene, sql: Sql, name: str) -> None:
    sender = rightful(scene, name)
    payload = CATALOGUE[name].payload(scene, sender.who)
    method, path, status = SERVED[name].split()
    at = path.format(**payload)
    rest = {field: value for field, value in payload.items() if f"{{{field}}}" not in path}
    async with plain_http(scene, sender) as http:
        if method == "GET":
            reply = await ask(http, method, at, **{field: str(value) for field, value in rest.items()})
        else:
            reply = await ask(http, method, at, rest)
    before = await imprint(sql)
    data = await sender.socket.command(name, payload)
    assert await imprint(sql) == before, name
    for told in (data, reply.body) if name == "queue:metrics" else ():
        assert told["now"].pop("oldest_wait_s") > 0  # it goes on while they are asked
    assert (name, reply.status, reply.content_type) == (name, int(status), "application/json")
    assert (name, reply.body) == (name, data | ({"replayed": False} if name == "handoff:claim" else {}))


async def test_http_refuses_as_the_ack_does(world: World) -> None:
    """[A7] A problem of RFC 9457 with `code` and `details` as members, and all that the ack's error says."""
    engineer, owner = await act(world, "engineer"), await act(world, "senior")
    stranger = await act(world, "admin", other_tenant=True)
    for name in SERVED:
        await refuses_as_the_ack_does(await set_scene(world, "claimed", engineer, owner), stranger, name)


async def refuses_as_the_ack_does(scene: Scene, stranger: Actor, name: str) -> None:
    payload = CATALOGUE[name].payload(scene, stranger.who)
    if name in ("session:create", "session:list", "queue:get", "queue:metrics", "queue:metrics_handoffs", "me:get"):
        payload |= {"unknown": "field"}
    told = await refused(send(stranger.socket, name, payload))
    method, path, _ = SERVED[name].split()
    at = path.format(**payload)
    rest = {field: value for field, value in payload.items() if f"{{{field}}}" not in path}
    async with plain_http(scene, stranger) as http:
        if method == "GET":
            reply = await ask(http, method, at, **{field: str(value) for field, value in rest.items()})
        else:
            reply = await ask(http, method, at, rest)
    assert (name, reply.content_type) == (name, "application/problem+json")
    assert reply.status == reply.body["status"] == told.status, name
    assert (reply.body["code"], reply.body["details"], reply.body["retryable"]) == (
        told.code,
        told.details,
        told.retryable,
    )
    assert reply.body["title"] == told.message
    assert told.code in reply.body["type"]


async def test_http_refusals_with_details_are_those_of_the_ack(world: World) -> None:
    """[A7] Also where the details are more than nothing."""
    scene = await set_scene(world, "claimed", await act(world, "engineer"), await act(world, "senior"))
    loser, claim_id = await act(world, "senior"), new_id()
    claiming = {"handoff_id": scene.handoff_id, "claim_id": claim_id}
    create = CATALOGUE["handoff:create"].payload(scene, loser.who)
    close = {"session_id": scene.session_id, "resolution": "Done"}
    withdraw = {"handoff_id": scene.handoff_id, "reason": "other"}
    attempts: list[tuple[Actor, str, Data]] = [
        (loser, "handoff:claim", claiming),
        (loser, "handoff:create", create),
        (loser, "session:close", close),
        (scene.engineer, "handoff:withdraw", withdraw),
        (loser, "task:update", {"session_id": scene.session_id, "task_id": scene.task_id, "version": 7, "title": "?"}),
    ]
    for sender, name, payload in attempts:
        acked = await refused(send(sender.socket, name, payload))
        assert acked.details
        told = await refused(send(sender.http, name, payload))
        assert as_told(told) == as_told(acked)


async def test_http_body_and_path_agree(world: World, sql: Sql) -> None:
    """[A7] A field of the path may stand in the body too, but never with another value."""
    scene = await set_scene(world, "open", await act(world, "engineer"), await act(world, "senior"))
    path = f"/api/sessions/{scene.session_id}/messages"
    message = {"message_id": new_id(), "body": "Twice named", "kind": "note"}
    before = await imprint(sql)
    async with plain_http(scene, scene.engineer) as http:
        for body in ({**message, "session_id": new_id()}, [message], "text", None):
            reply = await ask(http, "POST", path, body)
            assert (reply.status, reply.body["code"]) == (422, "invalid_payload")
        assert await imprint(sql) == before
        assert (await ask(http, "POST", path, {**message, "session_id": scene.session_id})).status == 201


async def test_http_queries_are_typed_as_payloads_are(world: World) -> None:
    """[A7] Numbers, booleans and ids are read from text; what is none, unknown or given twice is refused."""
    scene = await set_scene(world, "open", await act(world, "engineer"), await act(world, "senior"))
    async with plain_http(scene, scene.owner) as http:
        listed = await ask(http, "GET", "/api/sessions", mine="false", limit="1", status="open")
        assert [session["id"] for session in listed.body["sessions"]] == [scene.session_id]
        assert (await ask(http, "GET", "/api/sessions", mine="true")).body == {"sessions": [], "next": None}
        history = f"/api/sessions/{scene.session_id}/messages"
        (posted,) = (await ask(http, "GET", history)).body["messages"]
        for before, count in ((posted["seq"] + 1, 1), (posted["seq"], 0), (posted["id"], 0)):
            assert len((await ask(http, "GET", history, before=str(before))).body["messages"]) == count
        for query in ("limit=0", "limit=201", "limit=ten", "mine=perhaps", "more=1", "limit=5&limit=6", "before=x"):
            reply = await ask(http, "GET", f"/api/sessions?{query}")
            assert (reply.status, reply.body["code"]) == (422, "invalid_payload"), query


async def test_events_of_what_http_wrote_reach_the_sockets(world: World) -> None:
    """[A7] One implementation: what comes in by HTTP is told live as any other."""
    engineer, senior = await act(world, "engineer"), await act(world, "senior")
    scene = await set_scene(world, "open", engineer, senior)
    room, queue = await senior.socket.join_session(scene.session_id), await senior.socket.join_queue()
    created = await send(engineer.http, "handoff:create", CATALOGUE["handoff:create"].payload(scene, engineer.who))
    for view in (room, queue):
        assert (await view.next()).data["handoff"] == created["handoff"]
    won = await send(senior.http, "handoff:claim", {"handoff_id": created["handoff"]["id"], "claim_id": new_id()})
    for view in (room, queue):
        assert (await view.next()).data == {"handoff": won["handoff"]}


async def test_room_events_are_paged_as_the_log_has_them(world: World) -> None:
    """[A7] `GET /api/rooms/{kind}/{id}/events?after=`: all that the sockets were told, from any number on."""
    engineer, senior = await act(world, "engineer"), await act(world, "senior")
    queue = await senior.socket.join_queue()
    room = await senior.socket.join_session((await hand_off(engineer.socket))["session_id"])
    handoff = (await queue.next("handoff:created")).data["handoff"]
    await claim(senior.socket, handoff["id"])
    await room.until_seq(3)
    await queue.until_seq(2)
    by_session = await senior.http.request("GET", f"/api/rooms/session/{handoff['session_id']}/events?after=2")
    by_queue = await senior.http.request("GET", f"/api/rooms/escalations/{world.account_id}/events")
    for log, view in ((by_session, room), (by_queue, queue)):
        assert (log["room"], log["epoch"], log["seq"], log["next"]) == (view.name, view.epoch, view.seq, None)
    assert [told["type"] for told in by_session["events"]] == ["handoff:claimed"]
    assert [(told["seq"], told["type"]) for told in by_queue["events"]] == [
        (1, "handoff:created"),
        (2, "handoff:claimed"),
    ]
    live = room.events[-1]
    assert by_session["events"] == [
        {"room": live.room, "seq": live.seq, "type": live.type, "at": live.at, "actor": live.actor, "data": live.data}
    ]
