"""What operators are told of what happened."""

from __future__ import annotations

import asyncio
import re

import aiohttp
import asyncpg
import pytest

from loadtest.client import Refused
from server.background import repeating
from server.telemetry import Telemetry
from store.db import Database
from tests.conftest import World, claim, hand_off


async def series(world: World) -> dict[str, float]:
    """The samples by name and labels."""
    async with aiohttp.ClientSession() as http, http.get(f"{world.url}/metrics") as response:
        lines = (await response.text()).splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[:1] != "#")}


async def test_claims_are_counted_by_result_and_timed_to_the_sockets(world: World) -> None:
    """Won, lost, replayed, refused to the originator; each won one is timed in both rooms of those who are there."""
    engineer, winner, loser = [await world.client(role) for role in ("engineer", "senior", "senior")]
    handoff = await hand_off(engineer)
    queue = await loser.join_queue()
    await winner.join_session(handoff["session_id"])
    await claim(winner, handoff["id"])
    await claim(winner, handoff["id"])
    for client in (loser, engineer):
        with pytest.raises(Refused):
            await claim(client, handoff["id"])
    assert (await queue.next()).type == "handoff:claimed"
    told = await series(world)
    results = {result: told[f'rf_claims_total{{result="{result}"}}'] for result in ("won", "lost", "replayed")}
    assert results == {"won": 1, "lost": 1, "replayed": 1}
    assert told['rf_claims_total{result="self_claim"}'] == 1
    assert told["rf_claim_delivery_seconds_count"] == 2
    assert 0 <= told["rf_claim_delivery_seconds_sum"] < 10  # by the clocks of two, brought together in one look
    assert told['rf_joins_total{answer="snapshot"}'] == 2
    assert told["rf_pool_wait_seconds_count"] > 5
    assert told["rf_in_doubt"] == 0


async def test_background_steps_that_fail_are_counted_by_task(world: World) -> None:
    """Each time; a server tells all its tasks from the start, so that the first failure is an increase."""
    telemetry, enough, tries = Telemetry(), asyncio.Event(), 0

    async def step() -> None:
        nonlocal tries
        tries += 1
        if tries == 3:
            enough.set()
        raise RuntimeError

    async with repeating("sweep", lambda: 0.001 if tries < 3 else 60.0, step, failed=telemetry.step_failed("sweep")):
        async with asyncio.timeout(10):
            await enough.wait()
    assert 'rf_background_failures_total{task="sweep"} 3.0' in telemetry.exposition().decode()
    told = await series(world)
    assert told['rf_background_failures_total{task="look"}'] == 0


async def test_queue_age_is_that_of_all_accounts(
    db: Database, world: World, sql: asyncpg.Connection[asyncpg.Record]
) -> None:
    """How many wait, the longest present stay, and how many past their target: expired and claimed ones do not."""
    engineer, senior = await world.client("engineer"), await world.client("senior")
    foreign = await world.client(world.person("engineer", other_tenant=True))
    waits, gone, taken = [await hand_off(engineer, severity="critical") for _ in range(3)]
    young = await hand_off(foreign, severity="low")
    await claim(senior, taken["id"])
    back = "queued_since - interval '20 minutes'"
    await sql.execute(f"UPDATE handoffs SET queued_since = {back} WHERE id = ANY ($1)", [waits["id"], young["id"]])
    await sql.execute("UPDATE handoffs SET expires_at = now() WHERE id = $1", gone["id"])
    telemetry = Telemetry()
    await telemetry.look(db)
    told = telemetry.exposition().decode()
    assert "rf_queue_waiting 2.0" in told
    assert "rf_queue_past_target 1.0" in told
    oldest = re.search(r"^rf_queue_oldest_seconds (\S+)", told, re.MULTILINE)
    assert oldest is not None
    assert 1200 <= float(oldest[1]) < 1300
