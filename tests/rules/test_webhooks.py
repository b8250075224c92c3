"""Accounts' own systems are told of their handoffs, over real HTTP. Time moves by ageing rows."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client.parser import text_string_to_metric_families
from standardwebhooks import Webhook

from store import webhooks
from store.webhooks import LANES
from tests.conftest import MakeWorld, World, claim, hand_off
from tests.rules.scenes import Actor, Sql, act, refused

AT_WORK: dict[str, Any] = {"background": True, "head_check": 0.05, "webhook_private": True, "webhook_timeout": 2.0}


@dataclass
class Receiver:
    """A system that is told. `answer` decides the status of each request; None hangs up."""

    url: str = ""
    secret: str = ""
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    asked: int = 0
    names: set[str] = field(default_factory=set)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, request: web.Request) -> web.Response:
        self.asked += 1
        self.names.add(request.headers["webhook-id"])
        status = self.statuses.pop(0) if self.statuses else 204
        if status == 204:
            payload = Webhook(self.secret).verify(await request.text(), dict(request.headers))
            self.told.append((request.headers["webhook-id"], payload))
        self.changed.set()
        return web.Response(status=status, headers={"Location": "/elsewhere"} if status == 302 else None)

    async def until(self, count: int, *, asked: bool = False) -> None:
        async with asyncio.timeout(10):
            while (self.asked if asked else len(self.told)) < count:
                self.changed.clear()
                await self.changed.wait()

    def of_handoffs(self) -> dict[str, list[str]]:
        """The types told of each handoff, in their order, without what was told again."""
        seen, found = set(), defaultdict(list)
        for name, payload in self.told:
            if name not in seen:
                seen.add(name)
                found[payload["data"]["data"]["handoff"]["id"]].append(payload["type"])
        return found


@asynccontextmanager
async def receiver(statuses: list[int] | None = None) -> AsyncIterator[Receiver]:
    made = Receiver(statuses=statuses or [])
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", made.serve)
    async with TestServer(app) as server:
        made.url = str(server.make_url("/hook"))
        yield made


async def hook(admin: Actor, to: Receiver, version: int = 1) -> None:
    settings = await admin.http.request("PATCH", "/api/account", {"version": version, "webhook_url": to.url})
    to.secret = settings["webhook_secret"]


async def age(sql: Sql, hours: float = 1) -> None:
    """Once the last attempt is over and the receiver left alone."""
    async with asyncio.timeout(10):
        while not await sql.fetchval("SELECT next_at > clock_timestamp() FROM webhooks"):
            pass
    past = f"interval '{hours} hours'"
    await sql.execute(f"UPDATE webhooks SET next_at = next_at - {past}")
    await sql.execute(f"UPDATE webhook_messages SET next_at = next_at - {past}, at = at - {past}")


async def counted(world: World, result: str) -> float:
    admin = await world.http("admin")
    async with admin._http.get(f"{world.url}/metrics") as reply:
        families = text_string_to_metric_families(await reply.text())
    samples = [sample for family in families for sample in family.samples if sample.name == "rf_webhooks_total"]
    return sum(sample.value for sample in samples if sample.labels["result"] == result)


async def test_every_event_is_told_in_the_order_of_its_handoff(make_world: MakeWorld) -> None:
    """[R3] Signed as the public library verifies, with the event as the sockets have it, from the setting on."""
    async with make_world(**AT_WORK) as world, receiver() as to:
        admin, engineer, senior = await act(world, "admin"), await act(world, "engineer"), await act(world, "senior")
        await hand_off(engineer.socket)  # before the webhook: not told
        await hook(admin, to)
        queue = await senior.socket.join_queue()
        handoffs = [await hand_off(engineer.socket) for _ in range(6)]
        for handoff in handoffs:
            fence = (await claim(senior.socket, handoff["id"]))["claim"]["fencing_token"]
            own = {"handoff_id": handoff["id"], "fencing_token": fence}
            await senior.socket.command("handoff:start", own | {"mode": "own_thing"})
            await senior.socket.command("handoff:resolve", own | {"outcome": "vendor", "note": "Theirs"})
        await to.until(24)
        story = ["handoff.created", "handoff.claimed", "handoff.started", "handoff.resolved"]
        assert to.of_handoffs() == {handoff["id"]: story for handoff in handoffs}
        live = {event.seq: event for event in queue.events}
        for name, payload in to.told:
            event = live[payload["data"]["seq"]]
            assert (payload["data"]["data"], payload["timestamp"]) == (event.data, event.at)
            assert name == f"{world.account_id.hex}_{event.seq}"


async def test_what_is_not_accepted_is_told_again_before_what_follows(make_world: MakeWorld, sql: Sql) -> None:
    """[R3] Under the same id; a redirect is not followed."""
    async with make_world(**AT_WORK) as world, receiver([500, 302, 429]) as to:
        admin, engineer, senior = await act(world, "admin"), await act(world, "engineer"), await act(world, "senior")
        await hook(admin, to)
        handoff = await hand_off(engineer.socket)
        await to.until(1, asked=True)
        await claim(senior.socket, handoff["id"])
        for asked in (2, 3):
            await age(sql)
            await to.until(asked, asked=True)
            assert (to.told, len(to.names)) == ([], 1)
        await age(sql)
        await to.until(2)
        assert to.of_handoffs() == {handoff["id"]: ["handoff.created", "handoff.claimed"]}
        assert await counted(world, "failed") == 3
        async with asyncio.timeout(10):
            while await sql.fetchval("SELECT count(*) FROM webhook_messages"):
                pass


async def test_receiver_that_hangs_delays_nobody(make_world: MakeWorld) -> None:
    """[A6] Neither its own account's commands nor another account's webhook; it is asked little at a time."""
    async with make_world(**AT_WORK) as world, receiver() as to, _deaf() as deaf:
        mine = [await act(world, role) for role in ("admin", "engineer")]
        theirs = [await act(world, role, other_tenant=True) for role in ("admin", "engineer")]
        await hook(mine[0], deaf)
        await hook(theirs[0], to)
        for _ in range(20):
            await hand_off(mine[1].socket)
        await deaf.until(1, asked=True)
        handoff = await hand_off(theirs[1].socket)
        await to.until(1)
        assert to.of_handoffs() == {handoff["id"]: ["handoff.created"]}
        assert deaf.asked <= LANES


@asynccontextmanager
async def _deaf() -> AsyncIterator[Receiver]:
    """Accepts connections and never answers."""
    made = Receiver()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        made.asked += 1
        made.changed.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    try:
        yield made
    finally:
        server.close()


async def test_message_that_was_never_accepted_is_given_up_after_three_days(make_world: MakeWorld, sql: Sql) -> None:
    """[L1] Then those behind it are told."""
    async with make_world(**AT_WORK) as world, receiver([500]) as to:
        admin, engineer, senior = await act(world, "admin"), await act(world, "engineer"), await act(world, "senior")
        await hook(admin, to)
        handoff = await hand_off(engineer.socket)
        await to.until(1, asked=True)
        await claim(senior.socket, handoff["id"])
        await age(sql, 73)
        await to.until(1)
        assert to.of_handoffs() == {handoff["id"]: ["handoff.claimed"]}
        assert await counted(world, "given_up") == 1


async def test_attempt_whose_replica_died_is_repeated_by_another(make_world: MakeWorld, sql: Sql) -> None:
    """[R3] What it had taken on stays the first to be told."""
    async with make_world(**AT_WORK | {"background": False}) as world, receiver() as to:
        admin, engineer, senior = await act(world, "admin"), await act(world, "engineer"), await act(world, "senior")
        await hook(admin, to)
        handoff = await hand_off(engineer.socket)
        await webhooks.take(world.server.db, world.account_id)
        assert len(await webhooks.attempts(world.server.db, world.account_id)) == 1  # and no more of it
        await claim(senior.socket, handoff["id"])
        await sql.execute("UPDATE webhook_messages SET next_at = now()")
        async with make_world(**AT_WORK):
            await to.until(2)
        assert to.of_handoffs() == {handoff["id"]: ["handoff.created", "handoff.claimed"]}


NOT_PUBLIC = """
http://127.0.0.1/ https://10.1.2.3:8443/x http://[::1]/ http://[::ffff:192.168.0.1]/ http://localhost/ http://printer/
http://169.254.169.254/latest/ http://[64:ff9b::a9fe:a9fe]/ http://[64:ff9b:1::a00:1]/ http://[::ffff:0:10.0.0.1]/
http://[fec0::1]/ http://[fd00::1]/ http://168.63.129.16/ http://192.0.0.192/ http://224.0.0.1/
"""


@pytest.mark.parametrize("url", NOT_PUBLIC.split())
async def test_address_that_is_not_public_is_refused(world: World, url: str) -> None:
    """[A3] When it is set, with the field named."""
    admin = await act(world, "admin")
    told = await refused(admin.http.request("PATCH", "/api/account", {"version": 1, "webhook_url": url}))
    assert (told.code, told.details["fields"][0]["type"]) == ("invalid_payload", "private_address")


async def test_name_that_leads_to_a_private_address_is_not_called(make_world: MakeWorld, sql: Sql) -> None:
    """[A3] Where it leads is looked at when it is called, whatever was seen before."""
    async with make_world(**AT_WORK | {"webhook_private": False}) as world, receiver() as to:
        admin, engineer = await act(world, "admin"), await act(world, "engineer")
        await hook(admin, Receiver(url="https://hooks.example.org/x"))
        await sql.execute("UPDATE webhooks SET url = $1", to.url.replace("127.0.0.1", "localhost"))
        await hand_off(engineer.socket)
        async with asyncio.timeout(10):
            while await counted(world, "failed") == 0:
                pass
        assert to.asked == 0
