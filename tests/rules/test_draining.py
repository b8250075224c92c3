"""Stopping: what was acked is in the log, what is in the log was acked, and nobody new comes in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg
import pytest

from loadtest.client import Client, ConnectRefused, HttpDoor
from server.app import Server, pool_limits, running
from server.config import Settings
from store.db import Database
from store.models import Principal
from tests.conftest import SECRET, MakeWorld, open_session
from tests.rules.wire import ACK, BOUND, Wire, connected, event

CLIENTS = 20
EACH = 5


class Replica:
    """A server that stops when told to, while the test goes on."""

    def __init__(self, settings: Settings, db: Database) -> None:
        self._settings, self._db = settings, db
        self._stop = asyncio.Event()
        self._started: asyncio.Future[Server] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        async with running(self._settings, self._db) as server:
            self._started.set_result(server)
            await self._stop.wait()

    def started(self) -> Awaitable[Server]:
        return self._started

    def stop(self) -> None:
        self._stop.set()


async def until_waiting(db: Database, count: int) -> None:
    """So many statements wait for a lock."""
    waiting = (
        "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(BOUND):
        while (row := await db.row(waiting)) is None or row["n"] < count:
            pass


async def until_unready(http: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    async with asyncio.timeout(BOUND):
        while True:
            async with http.get(f"{url}/readyz") as answer:
                if answer.status == 503:
                    body: dict[str, Any] = await answer.json()
                    return body


async def test_stop_acks_what_runs_and_applies_nothing_that_is_not_acked(
    database_url: str, db: Database, sql: asyncpg.Connection[asyncpg.Record]
) -> None:
    """[L3] Twenty clients with commands in flight, and one over HTTP."""
    settings = Settings(
        port=0, jwt_secret=SECRET, drain=0.2, pool_size=CLIENTS + 4, statement_timeout=20, lock_timeout=20
    )
    account = uuid4()
    people = [Principal(account, "Acme MSP", uuid4(), f"Engineer {n}", "engineer") for n in range(CLIENTS)]
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        replica = Replica(settings, await enter(Database.open(database_url, pool_limits(settings))))
        serving = asyncio.create_task(replica.run())
        server = await asyncio.wait_for(replica.started(), BOUND)
        tokens = [server.tokens.issue(who)[0] for who in people]
        writer = await enter(Client.connect(server.url, tokens[0]))
        session_id = await open_session(writer)
        await writer.close()
        wires: list[Wire] = [await enter(connected(server.url, token)) for token in tokens]
        door, http = await enter(HttpDoor(server.url, tokens[0])), await enter(aiohttp.ClientSession())
        payloads = [[_note(session_id) for _ in range(EACH)] for _ in wires]
        over_http = _note(session_id)

        async with sql.transaction():
            await sql.execute("SELECT FROM rooms FOR UPDATE")
            for wire, notes in zip(wires, payloads, strict=True):
                for number, note in enumerate(notes):
                    await wire.send(event("message:post", note, number))
            path = f"/api/sessions/{session_id}/messages"
            posting = asyncio.create_task(door.request("POST", path, over_http))
            await until_waiting(db, CLIENTS + 1)
            replica.stop()
            assert (await until_unready(http, server.url))["reasons"] == ["draining"]
            with pytest.raises(ConnectRefused) as refused:
                await enter(Client.connect(server.url, tokens[0]))
            assert (refused.value.code, refused.value.status) == ("handshake", 503)
            assert not serving.done()

        told = [await wire.rest() for wire in wires]
        assert (await posting)["message"]["id"] == over_http["message_id"]
        await asyncio.wait_for(serving, BOUND)

    acked = {over_http["message_id"]}
    for packets, notes in zip(told, payloads, strict=True):
        *acks, draining = packets
        assert (draining.name, draining.data) == ("server:draining", {"reconnect_after_ms": 200})
        assert [(packet.kind, packet.id) for packet in acks] == [(ACK, number) for number in range(len(acks))]
        assert len(acks) >= 1
        assert all(packet.data["ok"] for packet in acks)
        acked |= {note["message_id"] for note in notes[: len(acks)]}
    logged = await sql.fetch("SELECT data -> 'message' ->> 'id' AS id FROM events WHERE type = 'message:posted'")
    assert {row["id"] for row in logged} == acked


async def test_stop_sends_idle_clients_away_and_they_resume_elsewhere(make_world: MakeWorld) -> None:
    """[L3] [R5]"""
    async with make_world() as stays, AsyncExitStack() as stack:
        writer = await stays.client("engineer")
        session_id = await open_session(writer)
        async with make_world() as stops:
            who = [stays.person("engineer") for _ in range(5)]
            clients = [await stack.enter_async_context(Client.connect(stops.url, stops.token(one))) for one in who]
            views = [await client.join_session(session_id) for client in clients]
        for client in clients:
            assert (await client.signal("server:draining")).data == {"reconnect_after_ms": 0}
            await asyncio.wait_for(client.closed.wait(), BOUND)
        await writer.command("message:post", _note(session_id))
        for client, view in zip(clients, views, strict=True):
            await client.reconnect(url=stays.url)
            assert view.recovered
            assert [e.type for e in view.events] == ["message:posted"]


def _note(session_id: str) -> dict[str, Any]:
    return {"session_id": session_id, "message_id": str(uuid4()), "kind": "note", "body": "B"}
