"""People, a session of theirs, and for every command a payload that is valid there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias
from urllib.parse import urlencode
from uuid import uuid4

import asyncpg
import pytest

from handlers import COMMANDS
from loadtest.client import Client, HttpDoor, Refused
from store.models import Principal, Role
from tests.conftest import World, claim, hand_off, open_session
from tests.rules.wire import ACK, Packet, Wire

Data = dict[str, Any]
Sql: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Standing = Literal["open", "queued", "claimed"]
"""Of a session: not handed off, handed off, or taken by its owner."""

MARK = "Belongs to Harbor Dental alone"
"""Stands in every session made by `set_scene`."""
TABLES = ("sessions", "messages", "tasks", "handoffs", "claims", "rooms", "events")


@dataclass(frozen=True)
class Actor:
    """A person at both doors."""

    who: Principal
    socket: Client
    http: HttpDoor

    @property
    def doors(self) -> tuple[Client | HttpDoor, ...]:
        return self.socket, self.http


async def act(world: World, who: Principal | Role, name: str | None = None, *, other_tenant: bool = False) -> Actor:
    principal = who if isinstance(who, Principal) else world.person(who, name, other_tenant=other_tenant)
    return Actor(principal, await world.client(principal), await world.http(principal))


@dataclass(frozen=True)
class Scene:
    """A session with one task and one message, made by `engineer` and, where it was claimed, held by `owner`."""

    world: World
    engineer: Actor
    owner: Actor
    session_id: str
    task_id: str
    handoff_id: str
    fencing_token: int


async def set_scene(world: World, standing: Standing, engineer: Actor, owner: Actor) -> Scene:
    session_id = await open_session(engineer.socket, title=MARK, problem=MARK)
    task_id, handoff_id, fencing_token = new_id(), new_id(), 0
    at = {"session_id": session_id}
    await engineer.socket.command("task:add", {**at, "task_id": task_id, "title": MARK})
    await engineer.socket.command("message:post", {**at, "message_id": new_id(), "body": MARK, "kind": "note"})
    if standing != "open":
        await hand_off(engineer.socket, session_id, handoff_id=handoff_id, ask=MARK)
    if standing == "claimed":
        fencing_token = (await claim(owner.socket, handoff_id))["claim"]["fencing_token"]
    return Scene(world, engineer, owner, session_id, task_id, handoff_id, fencing_token)


def new_id() -> str:
    return str(uuid4())


@dataclass(frozen=True)
class Entry:
    """Where a command can be sent with success, and with what. `joined`: only by who is in the session's room."""

    standing: Standing
    payload: Callable[[Scene, Principal], Data]
    joined: bool = False


def _in_session(standing: Standing = "open", *, joined: bool = False, **fields: object) -> Entry:
    return Entry(standing, lambda s, _: {"session_id": s.session_id, **fields}, joined)


def _as_owner(**fields: object) -> Entry:
    return Entry("claimed", lambda s, _: {"handoff_id": s.handoff_id, "fencing_token": s.fencing_token, **fields})


CATALOGUE: Mapping[str, Entry] = {
    "session:create": Entry(
        "open",
        lambda _s, _w: {"session_id": new_id(), "title": "Scanner", "client_name": "Harbor", "problem": "Offline"},
    ),
    "session:list": Entry("open", lambda _s, _w: {"limit": 10}),
    "session:get": _in_session(),
    "session:join": _in_session(),
    "session:leave": _in_session(),
    "session:history": _in_session(limit=10),
    "session:close": _in_session(resolution="Replaced the cable"),
    "session:status_update": _in_session("queued", context="escalation"),
    "typing": _in_session(joined=True, typing=True),
    "presence:set": Entry("queued", lambda s, _: {"state": "away", "handoff_id": s.handoff_id}),
    "message:post": Entry(
        "open", lambda s, _: {"session_id": s.session_id, "message_id": new_id(), "body": "Rebooted", "kind": "note"}
    ),
    "task:add": Entry("open", lambda s, _: {"session_id": s.session_id, "task_id": new_id(), "title": "Ping it"}),
    "task:update": Entry(
        "open",
        lambda s, _: {"session_id": s.session_id, "task_id": s.task_id, "version": 1, "state": "done", "result": "Up"},
    ),
    "handoff:create": Entry(
        "open",
        lambda s, _: {
            "handoff_id": new_id(),
            "session_id": s.session_id,
            "severity": "high",
            "reason": "skill",
            "ask": "Look at the spooler",
            "note": "Since Monday",
        },
    ),
    "handoff:claim": Entry("queued", lambda s, _: {"handoff_id": s.handoff_id, "claim_id": new_id()}),
    "handoff:release": _as_owner(note="Needs the vendor's login"),
    "handoff:reassign": Entry(
        "claimed",
        lambda s, _: {
            "handoff_id": s.handoff_id,
            "fencing_token": s.fencing_token,
            "to_user_id": str(s.owner.who.user_id),
            "note": "Yours",
        },
    ),
    "handoff:resolve": _as_owner(outcome="fixed_by_senior", note="Cleared the queue"),
    "handoff:withdraw": Entry("queued", lambda s, _: {"handoff_id": s.handoff_id, "reason": "solved_self"}),
    "handoff:start": _as_owner(mode="continue"),
    "handoff:tag": Entry(
        "claimed", lambda s, _: {"handoff_id": s.handoff_id, "version": 2, "tags": ["skill:exchange", "client:Harbor"]}
    ),
    "handoff:get": Entry("claimed", lambda s, _: {"handoff_id": s.handoff_id}),
    "handoff:log": Entry("claimed", lambda s, _: {"handoff_id": s.handoff_id, "after": 0}),
    "queue:join": Entry("queued", lambda _s, _w: {}),
    "queue:leave": Entry("queued", lambda _s, _w: {}),
    "queue:get": Entry("queued", lambda _s, _w: {}),
    "queue:metrics": Entry("queued", lambda _s, _w: {"from": "2026-01-01", "to": "2026-01-31"}),
    "queue:metrics_handoffs": Entry("queued", lambda _s, _w: {"figure": "now.waiting"}),
    "room:events": Entry("queued", lambda s, _: {"kind": "session", "id": s.session_id, "after": 0}),
    "me:get": Entry("open", lambda _s, _w: {}),
    "auth:renew": Entry("open", lambda s, who: {"token": s.world.token(who)}),
}

WRITES = frozenset(
    {
        "session:create",
        "session:close",
        "message:post",
        "task:add",
        "task:update",
        "handoff:create",
        "handoff:claim",
        "handoff:release",
        "handoff:reassign",
        "handoff:resolve",
        "handoff:withdraw",
        "handoff:start",
        "handoff:tag",
    }
)
"""Commands that make an event."""


def rightful(scene: Scene, name: str) -> Actor:
    """Whoever may send the command on the scene of its entry."""
    of_owner = name.startswith("handoff:") and name not in ("handoff:create", "handoff:withdraw")
    return scene.owner if of_owner else scene.engineer


async def send(door: Client | HttpDoor, name: str, payload: Data) -> Data:
    """The command's data, through either door."""
    if isinstance(door, Client):
        return await door.command(name, payload)
    route = COMMANDS[name].http
    assert route is not None
    path = route.path.format(**payload)
    rest = {field: value for field, value in payload.items() if f"{{{field}}}" not in route.path}
    if route.method != "GET":
        return await door.request(route.method, path, rest)
    query = urlencode({field: str(value).lower() for field, value in rest.items()})
    return await door.request("GET", f"{path}?{query}")


async def refused(call: Awaitable[object]) -> Refused:
    """The refusal that the call ends in."""
    with pytest.raises(Refused) as caught:
        await call
    return caught.value


def as_told(refusal: Refused) -> tuple[str, int, str, bool, Data]:
    """All that a refusal says, to be compared."""
    return refusal.code, refusal.status, refusal.message, refusal.retryable, refusal.details


async def age(sql: Sql, handoff_id: str, minutes: float) -> None:
    """Move the handoff's times and the whole log into the past, at once: a sweeper sees both or neither."""
    past = f"interval '{minutes} minutes'"
    columns = ("expires_at", "nudge_at", "nudged_at", "first_queued_at", "claim_by", "queued_since", "claimed_at")
    moved = ", ".join(f"{column} = {column} - {past}" for column in columns)
    async with sql.transaction():
        await sql.execute(f"UPDATE handoffs SET {moved} WHERE id = $1", handoff_id)
        await sql.execute(f"UPDATE events SET at = at - {past}")


async def imprint(sql: Sql, *tables: str) -> dict[str, str | None]:
    """A digest of all rows, of all tables or of those named: equal as long as nothing was written."""
    return {
        table: await sql.fetchval(f"SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM {table} t")
        for table in tables or TABLES
    }


async def piled_up(sql: Sql, statements: int) -> None:
    """Returns when so many statements wait for a lock."""
    async with asyncio.timeout(10):
        while await sql.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") < statements:
            pass


async def acks(wire: Wire, until: int) -> list[Packet]:
    """All acks up to the one of this id, in the order they came."""
    came: list[Packet] = []
    while not came or came[-1].id != until:
        packet = await wire.read()
        assert packet is not None, "the server hung up"
        if packet.kind == ACK:
            came.append(packet)
    return came


def vanish(wire: Wire) -> None:
    """The client is gone without a word, and with it every answer that is still to come."""
    connection = wire.socket._response.connection
    assert connection is not None
    assert connection.transport is not None
    connection.transport.abort()
