"""What is done to replicas, Redis and PostgreSQL while people are at work. All runs again when a fault returns."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable

from tests.faults.checker import Verdict, percentile
from tests.faults.people import Person
from tests.faults.stage import Stage
from tests.proxy import Link, Proxy, Way

Fault = Callable[[Stage], Awaitable[None]]

LIVE_AGAIN = 2.0
PROMPT = 0.5
"""An event that took longer is late."""
WATCHED = 4.0
LIVE_AFTER_KILL = 5.0
WITHOUT_REDIS = 1.5
SEALED = 100
"""Bytes: what is longer is taken for a real message of the bus, if not for junk made of one."""
COMMITTED = b"Z\x00\x00\x00\x05I"
"""PostgreSQL's word that a statement outside a transaction is over, and so committed."""


def live_again(back: float) -> Callable[[Verdict], float]:
    """From `back` until the last late arrival, at any client, of what was committed in the seconds after it."""

    def measure(verdict: Verdict) -> float:
        late = [at + delay for at, delay in verdict.delays if back <= at <= back + WATCHED and delay > PROMPT]
        return max(late, default=back) - back

    return measure


def p99(start: float, end: float) -> Callable[[Verdict], float]:
    """Of the delays of what was committed in this time."""
    return lambda verdict: percentile((delay for at, delay in verdict.delays if start <= at <= end), 0.99)


async def nothing(stage: Stage) -> None:
    start = time.time()
    await asyncio.sleep(stage.whole(10, 3))
    stage.measure("p99", p99(start, time.time()), 1.0)


# Replicas


async def replica_kill(stage: Stage) -> None:
    """Each one it served has to be back in all rooms soon."""
    took: list[float] = []
    for number in range(int(stage.whole(20, 5))):
        replica = stage.topology.replicas[number % 3]
        victims = [person for person in stage.load.everybody if person.url == replica.url]
        for person in victims:
            person.came_back.clear()
        killed = time.time()
        await replica.end(signal.SIGKILL)
        took += await asyncio.gather(*(_back_after(person, killed) for person in victims))
        await replica.start()
        await stage.load.spread()
    stage.measure("back, p99", lambda _: percentile(took, 0.99), LIVE_AFTER_KILL)


async def _back_after(person: Person, since: float) -> float:
    await person.came_back.wait()
    return time.time() - since


async def replica_kill_one(stage: Stage) -> None:
    replica = random.choice(stage.topology.replicas)
    await replica.end(signal.SIGKILL)
    await replica.start()
    await stage.load.spread()


async def replica_rolling(stage: Stage) -> None:
    for replica in stage.topology.replicas:
        code = await replica.end(signal.SIGTERM)
        stage.expect(code == 0, f"a replica that was told to stop ended with {code}")
        await replica.start()
        await stage.load.spread()


async def replica_stop(stage: Stage) -> None:
    replica = stage.topology.replicas[0]
    replica.send(signal.SIGSTOP)
    await asyncio.sleep(stage.whole(30, 8))
    replica.send(signal.SIGCONT)
    await asyncio.sleep(2)


# Redis


async def _redis_away(stage: Stage, seconds: float) -> None:
    redis = stage.topology.redis
    start = time.time()
    await redis.end(signal.SIGKILL)
    await asyncio.sleep(seconds)
    stage.measure("p99 without Redis", p99(start, time.time()), WITHOUT_REDIS)
    await redis.start()
    stage.measure("live again", live_again(time.time()), LIVE_AGAIN)
    await asyncio.sleep(4)


async def redis_kill_3(stage: Stage) -> None:
    await _redis_away(stage, 3)


async def redis_kill_60(stage: Stage) -> None:
    await _redis_away(stage, 60)


async def redis_client_kill(stage: Stage) -> None:
    for _ in range(int(stage.whole(20, 5))):
        await stage.topology.redis.run("CLIENT", "KILL", "TYPE", "pubsub")
        await asyncio.sleep(0.5)
    await asyncio.sleep(2)


async def redis_stop(stage: Stage) -> None:
    start = time.time()
    stage.topology.redis.send(signal.SIGSTOP)
    await asyncio.sleep(stage.whole(20, 5))
    # A replica finds out when the echo of its heartbeat stays away; until then it looks at the heads once a second.
    stage.measure("p99 without Redis", p99(start, time.time()), WITHOUT_REDIS)
    stage.topology.redis.send(signal.SIGCONT)
    stage.measure("live again", live_again(time.time()), LIVE_AGAIN)
    await asyncio.sleep(4)


async def redis_overflow(stage: Stage) -> None:
    redis = stage.topology.redis
    await redis.run("CONFIG", "SET", "client-output-buffer-limit", "pubsub 32kb 16kb 1")
    for _ in range(int(stage.whole(20, 6))):
        for channel in await redis.run("PUBSUB", "CHANNELS", "rf:*"):
            await redis.run("PUBLISH", channel, os.urandom(100_000))
        await asyncio.sleep(0.5)
    await redis.run("CONFIG", "SET", "client-output-buffer-limit", "pubsub 32mb 8mb 60")
    await asyncio.sleep(3)


async def bus_junk(stage: Stage) -> None:
    """Random bytes, real messages copied to other channels, told again, cut and altered, and one too large."""
    redis = stage.topology.redis
    end = time.time() + stage.whole(20, 4)
    async with redis.client() as client, client.pubsub() as ear:
        await ear.psubscribe("rf:*")
        channels: list[bytes] = []
        forged = 0
        while time.time() < end:
            channels = channels if forged % 50 else await redis.run("PUBSUB", "CHANNELS", "rf:*")
            told = await ear.get_message(ignore_subscribe_messages=True, timeout=0.2)
            real: bytes = told["data"] if told and len(told["data"]) > SEALED else b"E 0 1 message:posted\n{}"
            turned = bytearray(real)
            turned[random.randrange(len(turned))] ^= 1
            for junk in (real, os.urandom(random.randrange(1, 400)), real[:-1], bytes(turned), b"", b"\0" * 16 + real):
                await client.publish(random.choice(channels), junk)
                forged += 1
            await asyncio.sleep(0.02)
        await client.publish(random.choice(channels), os.urandom(3_000_000))
    stage.notes.append(f"{forged} forged")
    await asyncio.sleep(2)


# PostgreSQL


async def _postgres_restart(stage: Stage, mode: str) -> None:
    await stage.topology.postgres.restart(mode)
    stage.measure("live again", live_again(time.time()), LIVE_AGAIN)
    await asyncio.sleep(4)


async def postgres_fast(stage: Stage) -> None:
    await _postgres_restart(stage, "fast")


async def postgres_immediate(stage: Stage) -> None:
    await _postgres_restart(stage, "immediate")


TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'resolutionflow'"


async def postgres_backends(stage: Stage) -> None:
    for _ in range(int(stage.whole(20, 5))):
        await stage.topology.postgres.run(TERMINATE)
        await asyncio.sleep(1)


async def answer_lost(stage: Stage) -> None:
    """Of one statement in twenty of one replica the answer is lost after the commit, with the connection."""
    replica = stage.topology.replicas[1]
    async with Proxy.to(stage.topology.postgres.url) as proxy:
        await replica.end(signal.SIGTERM)
        await replica.start(RF_DATABASE_URL=proxy.url)
        await stage.load.spread()
        lost = 0

        def lose(link: Link, way: Way, data: bytes) -> bool:
            nonlocal lost
            if way == "up" or not data.endswith(COMMITTED) or random.random() > 1 / 20:
                return True
            lost += 1
            link.cut()
            return False

        proxy.watch = lose
        await asyncio.sleep(stage.whole(20, 5))
        proxy.watch = None
        await replica.end(signal.SIGTERM)
    await replica.start()
    stage.notes.append(f"{lost} answers lost")
    stage.expect(lost > 0, "no answer was lost")
