"""Answers that get lost between server and client: a retry is answered as the first was, and nothing happens twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest

from loadtest.client import AckLost, Client
from store.models import Principal
from tests.conftest import MakeWorld, World, claim
from tests.proxy import LoseAnswer, Proxy
from tests.rules.scenes import (
    CATALOGUE,
    WRITES,
    Data,
    Sql,
    act,
    imprint,
    new_id,
    piled_up,
    refused,
    rightful,
    set_scene,
)

every_write = pytest.mark.parametrize(
    ("name", "standing"),
    [(name, CATALOGUE[name].standing) for name in sorted(WRITES)] + [("session:close", "queued")],
)


@asynccontextmanager
async def connected(world: World, proxy: Proxy, who: Principal) -> AsyncIterator[Client]:
    async with Client.connect(proxy.url, world.token(who)) as client:
        yield client


def as_first(answer: Data) -> Data:
    """What a retry has to answer too; H4 lets a claim's say that it is one."""
    return {name: value for name, value in answer.items() if name != "replayed"}


async def lose_ack(proxy: Proxy, client: Client, name: str, payload: Data) -> Data:
    """Send the command, lose its ack on the way and with it the connection; answers the ack that nobody received."""
    proxy.watch = loss = LoseAnswer(b'{"ok":')
    with pytest.raises(AckLost):
        await client.command(name, payload)
    assert loss.lost.is_set()
    proxy.watch = None
    ack = loss.swallowed[loss.swallowed.index(b'{"ok":') : loss.swallowed.rindex(b"]")]
    return dict[str, Any](orjson.loads(ack))


@every_write
async def test_write_whose_ack_was_lost_is_answered_as_the_first_was(
    world: World, sql: Sql, name: str, standing: Any
) -> None:
    """[A5] Committed, but the connection breaks before the ack arrives: a retry answers the same and writes nothing."""
    scene = await set_scene(world, standing, await act(world, "engineer"), await act(world, "senior"))
    who = rightful(scene, name).who
    payload = CATALOGUE[name].payload(scene, who)
    async with Proxy.to(world.url) as proxy, connected(world, proxy, who) as client:
        before = await imprint(sql)
        lost = await lose_ack(proxy, client, name, payload)
        assert lost["ok"]
        after = await imprint(sql)
        assert after != before
        await client.reconnect()
        for _ in range(2):
            assert as_first(await client.command(name, payload)) == as_first(lost["data"])
        assert await imprint(sql) == after
        await client.close()


async def test_claim_that_lost_is_answered_as_the_first_was(world: World, sql: Sql) -> None:
    """[A5, H3] A refusal may get lost too, and its retry does not win because the handoff is free by then."""
    scene = await set_scene(world, "claimed", await act(world, "engineer"), await act(world, "senior"))
    late = world.person("senior", "Late")
    payload = {"handoff_id": scene.handoff_id, "claim_id": new_id()}
    async with Proxy.to(world.url) as proxy, connected(world, proxy, late) as client:
        lost = (await lose_ack(proxy, client, "handoff:claim", payload))["error"]
        assert lost["details"]["claimed_by"]["id"] == str(scene.owner.who.user_id)
        await scene.owner.socket.command(
            "handoff:release", CATALOGUE["handoff:release"].payload(scene, scene.owner.who)
        )
        before = await imprint(sql)
        await client.reconnect()
        again = await refused(client.command("handoff:claim", payload))
        assert again.code == lost["code"] == "already_claimed"
        told_first = {name: lost["details"][name] for name in ("claimed_by", "claimed_at", "lost_by_ms")}
        assert again.details | told_first == again.details
        assert await imprint(sql) == before
        await client.close()


async def test_claim_whose_ack_was_lost_does_not_claim_again_once_it_ended(world: World, sql: Sql) -> None:
    """[A5, H5] It won, nobody told it, an admin took the handoff from it, and only then the retry arrives."""
    scene = await set_scene(world, "queued", await act(world, "engineer"), await act(world, "senior"))
    admin = await world.client("admin")
    payload = CATALOGUE["handoff:claim"].payload(scene, scene.owner.who)
    async with Proxy.to(world.url) as proxy, connected(world, proxy, scene.owner.who) as client:
        won = (await lose_ack(proxy, client, "handoff:claim", payload))["data"]
        freed = {"handoff_id": scene.handoff_id, "fencing_token": won["claim"]["fencing_token"], "note": "Off shift"}
        await admin.command("handoff:release", freed)
        before = await imprint(sql)
        await client.reconnect()
        assert (await refused(client.command("handoff:claim", payload))).code == "claim_ended"
        assert await imprint(sql) == before
        assert (await claim(client, scene.handoff_id))["claim"]["fencing_token"] == 2
        await client.close()


@every_write
async def test_write_whose_retry_overtakes_it_takes_effect_once(
    make_world: MakeWorld, sql: Sql, name: str, standing: Any
) -> None:
    """[A5] The connection breaks while the command still runs, and both it and its retry wait at the same lock."""
    async with make_world(lock_timeout=30, statement_timeout=30) as world:
        scene = await set_scene(world, standing, await act(world, "engineer"), await act(world, "senior"))
        who = rightful(scene, name).who
        payload = CATALOGUE[name].payload(scene, who)
        async with Proxy.to(world.url) as proxy, connected(world, proxy, who) as client:
            before = {tuple(row) for row in await sql.fetch(EVENTS)}
            async with sql.transaction():
                await sql.execute("LOCK TABLE rooms IN EXCLUSIVE MODE")
                first = asyncio.create_task(client.command(name, payload))
                await piled_up(sql, 1)
                proxy.cut()
                with pytest.raises(AckLost):
                    await first
                await client.reconnect()
                retry = asyncio.create_task(client.command(name, payload))
                await piled_up(sql, 2)
            answer = await retry
            after = await imprint(sql)
            assert as_first(await client.command(name, payload)) == as_first(answer)
            assert await imprint(sql) == after
            new = {tuple(row) for row in await sql.fetch(EVENTS)} - before
            assert len({(room, kind) for room, _, kind in new}) == len(new) > 0
            await client.close()


EVENTS = "SELECT room, seq, type FROM events"
