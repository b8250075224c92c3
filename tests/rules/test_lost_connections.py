"""Answers that get lost between PostgreSQL and server: the server asks again by itself, and nobody else notices."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest

from loadtest.client import Client, Refused, RoomView
from server.app import pool_limits, running
from server.config import Settings
from store.db import Database
from tests.conftest import SECRET, MakeWorld, World, hand_off, open_session
from tests.proxy import CutOnQuestion, LoseAnswer, Proxy
from tests.rules.scenes import CATALOGUE, WRITES, Data, Scene, Sql, act, rightful, set_scene

COMMITTED = b"Z\x00\x00\x00\x05I"
"""PostgreSQL's ReadyForQuery outside a transaction: what ran before it is committed."""


@asynccontextmanager
async def world_behind(proxy: Proxy, **settings: Any) -> AsyncIterator[World]:
    """A server that reaches its database through the proxy."""
    usual: dict[str, Any] = {"port": 0, "jwt_secret": SECRET, "drain": 0.0, "head_check": 0.05}
    chosen = Settings(**(usual | settings))
    async with AsyncExitStack() as servers:
        db = await servers.enter_async_context(Database.open(proxy.url, pool_limits(chosen)))
        server = await servers.enter_async_context(running(chosen, db))
        async with AsyncExitStack() as people:
            yield World(server, uuid4(), uuid4(), people)


def mark(payload: Data) -> bytes:
    """What the command's writing statement carries and no other one does."""
    names = ("claim_id", "message_id", "task_id", "handoff_id", "session_id")
    return UUID(next(payload[name] for name in names if name in payload)).bytes


LOSSES: tuple[Callable[[bytes], CutOnQuestion | LoseAnswer], ...] = (
    lambda statement: CutOnQuestion(statement, forwarded=False),
    lambda statement: CutOnQuestion(statement, forwarded=True),
    lambda statement: LoseAnswer(COMMITTED, question=statement),
)
"""The connection breaks before the statement went out, right after it went out, or once it was committed."""


async def log_of(sql: Sql) -> list[tuple[str, int, str]]:
    """All events, after a look that no room's numbers have a hole."""
    events = [
        tuple(row) for row in await sql.fetch('SELECT room, seq, type FROM events ORDER BY room COLLATE "C", seq')
    ]
    heads = {row["name"]: row["seq"] for row in await sql.fetch("SELECT name, seq FROM rooms")}
    assert [event[:2] for event in events] == [(room, seq + 1) for room in sorted(heads) for seq in range(heads[room])]
    return events


async def watched(scene: Scene, client: Client, name: str) -> list[RoomView]:
    """The rooms that the command writes to, as far as they exist before it."""
    queue = await client.join_queue()
    return [queue] if name == "session:create" else [queue, await client.join_session(scene.session_id)]


@pytest.mark.parametrize("name", sorted(WRITES))
async def test_write_survives_the_loss_of_its_database_connection(database_url: str, sql: Sql, name: str) -> None:
    """[A5, R4] Whenever it breaks: one ok, one event in the log, delivered once though nobody told of it."""
    async with Proxy.to(database_url) as proxy, world_behind(proxy) as world:
        engineer, senior, watcher = (
            await act(world, "engineer"),
            await act(world, "senior"),
            await world.client("viewer"),
        )
        for loss in (None, *LOSSES):
            scene = await set_scene(world, CATALOGUE[name].standing, engineer, senior)
            sender = rightful(scene, name)
            payload = CATALOGUE[name].payload(scene, sender.who)
            views = await watched(scene, watcher, name)
            before = await log_of(sql)
            proxy.watch = watch = None if loss is None else loss(mark(payload))
            await sender.socket.command(name, payload)
            assert watch is None or watch.lost.is_set()
            proxy.watch = None
            new = set(await log_of(sql)) - set(before)
            assert len({(room, kind) for room, _, kind in new}) == len(new) > 0
            for view in views:
                await view.until_seq(max([view.seq, *(seq for room, seq, _ in new if room == view.name)]))
                assert view.applied == sum(room == view.name for room, _, _ in new)
                assert (view.duplicates, view.gaps) == (0, 0)
                await view.leave()


async def test_write_waits_for_a_database_that_comes_back(database_url: str, sql: Sql) -> None:
    """[A5] PostgreSQL is away when the command comes, and back before anyone gave up."""
    async with Proxy.to(database_url) as proxy, world_behind(proxy) as world:
        engineer = await world.client("engineer")
        await open_session(engineer)
        proxy.down = True
        proxy.cut()
        opening = asyncio.create_task(open_session(engineer))
        async with asyncio.timeout(5):
            await proxy.turned_away.wait()
        proxy.down = False
        await opening
    assert await sql.fetchval("SELECT count(*) FROM sessions") == 2


async def test_write_is_refused_as_unavailable_while_the_database_is_away(database_url: str, sql: Sql) -> None:
    """[A1, A3] Retryable, and the same command succeeds afterwards."""
    async with Proxy.to(database_url) as proxy, world_behind(proxy, database_recovery=0.2) as world:
        engineer = await world.client("engineer")
        payload = {"session_id": str(uuid4()), "title": "No mail", "client_name": "Harbor Dental", "problem": "Quota"}
        proxy.down = True
        proxy.cut()
        with pytest.raises(Refused) as refused:
            await engineer.command("session:create", payload)
        assert (refused.value.code, refused.value.status, refused.value.retryable) == ("unavailable", 503, True)
        proxy.down = False
        await engineer.command("session:create", payload)
    assert await sql.fetchval("SELECT count(*) FROM sessions") == 1


TERMINATE = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'resolutionflow'
"""


DONE = """
SELECT data -> 'message' ->> 'id' AS id FROM events WHERE type = 'message:posted'
UNION ALL SELECT data -> 'handoff' ->> 'id' FROM events WHERE type = 'handoff:claimed' AND room LIKE 'session:%'
"""


class Load:
    """People who keep sending commands until told to stop, each again and again until it is answered with ok."""

    def __init__(self) -> None:
        self.acked: Counter[str] = Counter()
        self.stop = asyncio.Event()

    async def send(self, client: Client, name: str, payload: Data) -> None:
        """Returns when it was acked ok; anything else than ok and `unavailable` fails the test."""
        for _ in range(100):
            try:
                await client.command(name, payload, timeout=30)
            except Refused as refused:
                if refused.code != "unavailable":
                    raise
            else:
                self.acked[payload.get("message_id") or payload["handoff_id"]] += 1
                return
        raise AssertionError(f"{name} was never acked")

    async def post(self, client: Client, session_id: str) -> None:
        while not self.stop.is_set():
            message = {"session_id": session_id, "message_id": str(uuid4()), "body": "Still at it", "kind": "note"}
            await self.send(client, "message:post", message)

    async def claim(self, client: Client, waiting: list[str]) -> None:
        while waiting and not self.stop.is_set():
            await self.send(client, "handoff:claim", {"handoff_id": waiting.pop(), "claim_id": str(uuid4())})


async def test_no_write_is_lost_or_done_twice_while_backends_are_terminated(make_world: MakeWorld, sql: Sql) -> None:
    """[A1, A5, R4] Every connection to PostgreSQL is ended every 50 ms for three seconds, under claims and messages."""
    async with make_world(head_check=0.05, commands_per_second=1e6, commands_per_second_user=1e6) as world:
        engineer = await world.client("engineer")
        sessions = [await open_session(engineer) for _ in range(4)]
        waiting = [(await hand_off(engineer))["id"] for _ in range(200)]
        watcher = await world.client("viewer")
        views = [await watcher.join_queue(), *[await watcher.join_session(session) for session in sessions]]
        load = Load()
        async with asyncio.TaskGroup() as people:
            for number in range(8):
                people.create_task(load.post(await world.client("engineer"), sessions[number % 4]))
                people.create_task(load.claim(await world.client("senior"), waiting))
            for _ in range(60):
                await sql.execute(TERMINATE)
                await asyncio.sleep(0.05)
            load.stop.set()
        heads = {row["name"]: row["seq"] for row in await sql.fetch("SELECT name, seq FROM rooms")}
        for view in views:
            await view.until_seq(heads[view.name])
        assert all((view.duplicates, view.gaps, view.reset_count) == (0, 0, 0) for view in views)
    await log_of(sql)
    assert Counter(row["id"] for row in await sql.fetch(DONE)) == load.acked
    seen = Counter(e.data["message"]["id"] for view in views for e in view.events if e.type == "message:posted")
    claimed = Counter(e.data["handoff"]["id"] for e in views[0].events if e.type == "handoff:claimed")
    assert seen + claimed == load.acked
