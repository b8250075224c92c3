"""Several replicas of one deployment are as one: rooms, claims, order, resuming, whatever Redis does."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from loadtest.client import Client, HttpDoor, Refused, RoomView
from tests.conftest import MakeWorld, World, claim, hand_off, open_session
from tests.redis_server import RedisServer

BOUND = 30.0
HASTY: dict[str, Any] = {
    "commands_per_second": 1e6,
    "commands_per_second_user": 1e6,
    "commands_per_second_account": 1e6,
}


@pytest.fixture
async def replicas(make_world: MakeWorld, redis: RedisServer) -> AsyncIterator[list[World]]:
    """Three of them, on one database and one Redis, with the same two accounts."""
    async with AsyncExitStack() as stack:
        worlds = [await stack.enter_async_context(make_world(redis_url=redis.url, **HASTY)) for _ in range(3)]
        for world in worlds:
            world.account_id, world.other_account_id = worlds[0].account_id, worlds[0].other_account_id
        yield worlds


async def post(client: Client, session_id: str, count: int) -> None:
    for _ in range(count):
        message = {"session_id": session_id, "message_id": str(uuid4()), "kind": "note", "body": "On it"}
        await client.command("message:post", message)


async def all_the_same(views: Sequence[RoomView], seq: int) -> None:
    """Everyone saw the same events, up to this one, each once and in order."""
    async with asyncio.timeout(BOUND):
        for view in views:
            await view.until_seq(seq)
    first = [event.data for event in views[0].events]
    for view in views:
        assert (view.gaps, view.duplicates, view.reset_count) == (0, 0, 0)
        assert [event.data for event in view.events] == first
    assert [event.seq for event in views[0].events] == list(range(views[0].events[0].seq, seq + 1))


async def test_writers_on_two_replicas_give_everyone_the_same_order(replicas: list[World]) -> None:
    """[R3] [R4] Two thousand events, six readers on three replicas."""
    writers = [await world.client("engineer") for world in replicas[:2]]
    session_id = await open_session(writers[0])
    readers = [await world.client("viewer") for world in replicas for _ in range(2)]
    views = [await reader.join_session(session_id, keep=3_000) for reader in readers]
    await asyncio.gather(*(post(writer, session_id, 1_000) for writer in writers))
    await all_the_same(views, 2_001)


async def test_claimants_on_three_replicas_have_one_winner(replicas: list[World]) -> None:
    """[H1] [H3] A thousand at once: one has it, and 999 are told who."""
    engineer = await replicas[0].client("engineer")
    handoff = await hand_off(engineer)
    seniors = [await world.client("senior", f"Senior {n}") for world in replicas for n in range(10)]
    barrier = asyncio.Event()

    async def race(number: int) -> dict[str, Any] | Refused:
        await barrier.wait()
        try:
            return await claim(seniors[number % len(seniors)], handoff["id"])
        except Refused as refused:
            return refused

    racing = [asyncio.create_task(race(number)) for number in range(1_000)]
    barrier.set()
    answers = await asyncio.gather(*racing)
    won = [answer for answer in answers if isinstance(answer, dict)]
    lost = [answer for answer in answers if isinstance(answer, Refused)]
    fresh = [answer for answer in won if not answer["replayed"]]
    assert len(fresh) == 1
    winner = fresh[0]["handoff"]["claimed_by"]
    assert {answer["handoff"]["claimed_by"]["id"] for answer in won} == {winner["id"]}
    assert {(refused.code, refused.details["claimed_by"]["id"]) for refused in lost} == {
        ("already_claimed", winner["id"])
    }


async def test_clients_resume_on_another_replica(replicas: list[World]) -> None:
    """[R5] What was missed comes from the log, and then it goes on live."""
    one, other, third = replicas
    writer = await one.client("engineer")
    session_id = await open_session(writer)
    reader = await other.client("viewer")
    view = await reader.join_session(session_id)
    await post(writer, session_id, 5)
    await view.until_seq(6)
    await reader.close()
    await post(writer, session_id, 5)
    await reader.reconnect(url=third.url)
    await post(writer, session_id, 5)
    await all_the_same([view], 16)


async def readiness(world: World) -> tuple[str, list[str]]:
    async with HttpDoor(world.url) as door:
        answer = await door.request("GET", "/readyz")
    return answer["status"], answer["reasons"]


async def becomes(world: World, *expected: object) -> None:
    async with asyncio.timeout(BOUND):
        while await readiness(world) != expected:
            pass


async def test_events_arrive_while_redis_is_away_and_after(replicas: list[World], redis: RedisServer) -> None:
    """[R4] Killed, then back: each once, in order; a replica says on /readyz that it is deaf, and may be used."""
    writers = [await world.client("engineer") for world in replicas]
    session_id = await open_session(writers[0])
    views = [await (await world.client("viewer")).join_session(session_id) for world in replicas]
    await post(writers[0], session_id, 10)
    await redis.kill()
    for world in replicas:
        await becomes(world, "degraded", ["deaf"])
    await asyncio.gather(*(post(writer, session_id, 20) for writer in writers))
    late = await (await replicas[1].client("viewer")).join_session(session_id)
    await all_the_same(views, 71)
    await redis.start()
    for world in replicas:
        await becomes(world, "ready", [])
    await asyncio.gather(*(post(writer, session_id, 20) for writer in writers))
    await all_the_same(views, 131)
    await all_the_same([late], 131)


async def test_events_arrive_while_redis_hangs(replicas: list[World], redis: RedisServer) -> None:
    """[R4] [A1] Commands are answered meanwhile, and deafness is found within five seconds."""
    writer = await replicas[0].client("engineer")
    session_id = await open_session(writer)
    view = await (await replicas[1].client("viewer")).join_session(session_id)
    redis.signal(signal.SIGSTOP)
    try:
        await asyncio.wait_for(post(writer, session_id, 20), 5)
        async with asyncio.timeout(5):
            await becomes(replicas[1], "degraded", ["deaf"])
        await all_the_same([view], 21)
        joined = await (await replicas[2].client("viewer")).join_session(session_id)
    finally:
        redis.signal(signal.SIGCONT)
    await becomes(replicas[1], "ready", [])
    await post(writer, session_id, 5)
    await all_the_same([view, joined][:1], 26)
    await joined.until_seq(26)


async def test_events_arrive_though_subscriptions_are_killed(replicas: list[World], redis: RedisServer) -> None:
    """[R4] Again and again, under writes on all replicas."""
    writers = [await world.client("engineer") for world in replicas]
    session_id = await open_session(writers[0])
    views = [await (await world.client("viewer")).join_session(session_id) for world in replicas]
    writing = asyncio.gather(*(post(writer, session_id, 100) for writer in writers))
    while not writing.done():
        await redis.run("CLIENT", "KILL", "TYPE", "pubsub")
        await asyncio.sleep(0.1)
    await writing
    await all_the_same(views, 301)


async def test_account_on_another_replica_hears_nothing(replicas: list[World]) -> None:
    """[A6] [R4] The same session id in two accounts is two rooms, on whatever replicas."""
    mine = await replicas[0].client("engineer")
    stranger = replicas[1].person("engineer", other_tenant=True)
    session_id = str(uuid4())
    about = {"session_id": session_id, "title": "T", "client_name": "C", "problem": "P"}
    other = await replicas[1].client(stranger)
    for client in (mine, other):
        await client.command("session:create", about)
    view = await (await replicas[1].client(replace(stranger, user_id=uuid4()))).join_session(session_id)
    await post(mine, session_id, 20)
    await post(other, session_id, 1)
    await all_the_same([view], 2)


async def test_replica_without_the_room_does_no_work_for_it(replicas: list[World]) -> None:
    """[R4] Nothing of the room's traffic comes to it."""
    writer = await replicas[0].client("engineer")
    session_id = await open_session(writer)
    view = await (await replicas[1].client("viewer")).join_session(session_id)
    async with HttpDoor(replicas[1].url) as holder, HttpDoor(replicas[2].url) as bystander:
        before = [await received(door) for door in (holder, bystander)]
        await post(writer, session_id, 200)
        await all_the_same([view], 201)
        after = [await received(door) for door in (holder, bystander)]
    assert after[0] - before[0] >= 200
    assert after[1] - before[1] < 50, "only what is told to all replicas"


async def received(door: HttpDoor) -> float:
    for line in (await door.text("/metrics")).splitlines():
        if line.startswith('rf_bus_messages_total{what="received"}'):
            return float(line.rpartition(" ")[2])
    return 0.0
