"""What every bus promises, on each of them; then what Redis may do to one."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

import pytest

from store.bus import Bus, MemoryBus, Signal
from store.models import Event, Json, Room
from store.redis_bus import BusLimits, RedisBus
from store.sealing import Seal, pack
from tests.lacking import lacking
from tests.redis_server import RedisServer, free_port, major_version, redis_server

BOUND = 15.0
KEY = b"k" * 32
ACCOUNT = UUID(int=1)
LIMITS = BusLimits(answer=1.5, beat=0.05, linger=0.05, backoff=0.1, message=64 * 1024)

Message = Event | Signal


def event(room: Room, seq: int, text: str = "naïve ✓") -> Event:
    return Event(room, seq, "message:posted", Json(f'{{"seq":{seq},"text":"{text}"}}'))


class Counts(Counter[str]):
    def add(self, what: str) -> None:
        self[what] += 1


@dataclass
class Ear:
    """One replica: its bus and what it heard."""

    bus: Bus
    counts: Counter[str] = field(default_factory=Counter)
    heard: list[Message] = field(default_factory=list)
    resumed: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.bus.listen(self._hear, self._resume)

    def _hear(self, message: Message) -> None:
        self.heard.append(message)
        self._news.set()

    def _resume(self) -> None:
        self.resumed += 1
        self._news.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(BOUND):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def hears(self, messages: Sequence[Message]) -> None:
        await self.until(lambda: len(self.heard) >= len(messages))
        assert self.heard == list(messages)


@dataclass
class Party:
    """Replicas on one bus; in one process there is one."""

    ears: list[Ear]
    redis: RedisServer | None = None


@asynccontextmanager
async def memory() -> AsyncIterator[Party]:
    one = Ear(MemoryBus())
    yield Party([one, one])


@asynccontextmanager
async def replicas(address: str, count: int = 2, key: bytes = KEY) -> AsyncIterator[list[Ear]]:
    async with AsyncExitStack() as stack:
        ears: list[Ear] = []
        for _ in range(count):
            counts = Counts()
            bus = await stack.enter_async_context(RedisBus.open(address, key, limits=LIMITS, observe=counts.add))
            ears.append(Ear(bus, counts))
        for ear in ears:
            await ear.until(lambda ear=ear: ear.bus.hearing)  # type: ignore[misc]
        yield ears


@asynccontextmanager
async def plain() -> AsyncIterator[Party]:
    async with redis_server() as server, replicas(server.url) as ears:
        yield Party(ears, server)


@asynccontextmanager
async def sentinel() -> AsyncIterator[Party]:
    async with redis_server() as master, AsyncExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="rf-sentinel-"))
        config = Path(folder) / "sentinel.conf"  # a Sentinel writes into it
        config.write_text(f"sentinel monitor mymaster 127.0.0.1 {master.port} 1\n")
        watcher = await stack.enter_async_context(redis_server(str(config), "--sentinel"))
        address = f"redis+sentinel://127.0.0.1:{watcher.port}/mymaster"
        yield Party(await stack.enter_async_context(replicas(address)), master)


@asynccontextmanager
async def cluster() -> AsyncIterator[Party]:
    async with AsyncExitStack() as stack:
        ports = [str(free_port()) for _ in range(3)]
        clustered = [("--cluster-enabled", "yes", "--cluster-port", port) for port in ports]
        nodes = [await stack.enter_async_context(redis_server(*options)) for options in clustered]
        for number, node in enumerate(nodes):
            first, last = 16384 * number // 3, 16384 * (number + 1) // 3 - 1
            await node.run("CLUSTER", "ADDSLOTSRANGE", str(first), str(last))
            await node.run("CLUSTER", "MEET", "127.0.0.1", str(nodes[0].port), ports[0])
        async with asyncio.timeout(BOUND):
            for node in nodes:
                while b"cluster_state:ok" not in await node.run("CLUSTER", "INFO"):
                    pass
        address = "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in nodes)
        yield Party(await stack.enter_async_context(replicas(address)))


BUSES: dict[str, Callable[[], AbstractAsyncContextManager[Party]]] = {
    "memory": memory,
    "redis": plain,
    "sentinel": sentinel,
    "cluster": cluster,
}


@pytest.fixture(params=BUSES)
async def party(request: pytest.FixtureRequest) -> AsyncIterator[Party]:
    if request.param == "cluster" and major_version() < 7:
        lacking("redis-server 7 or later is not on PATH (sharded pub/sub)")
    async with BUSES[request.param]() as made:
        yield made


def rooms(count: int) -> list[Room]:
    return [Room.of_session(ACCOUNT, uuid4()) for _ in range(count)]


async def test_bus_carries_what_is_published_after_subscribing(party: Party) -> None:
    """[R4] Each message once, unaltered, in the order of one publisher; to the publisher's replica as well."""
    one, other = party.ears
    (room,) = rooms(1)
    for ear in {id(ear): ear for ear in party.ears}.values():
        await ear.bus.subscribe(room)
    sent: list[Message] = [event(room, seq) for seq in range(1, 301)]
    sent.append(Signal(room, "typing", Json('{"typing":true}')))
    for message in sent:
        await one.bus.publish([message])
    assert one.heard == sent, "the publishing replica has it when publish returns"
    await other.hears(sent)


async def test_bus_tells_nobody_of_rooms_they_did_not_subscribe_to(party: Party) -> None:
    """[A6] [R4] Of one session id in two accounts only one is heard; nothing is heard after the room was given up."""
    one, other = party.ears
    mine, foreign = Room(ACCOUNT, "session:1"), Room(UUID(int=2), "session:1")
    last = Room(ACCOUNT, "session:last")
    await other.bus.subscribe(mine)
    await other.bus.subscribe(last)
    await one.bus.publish([event(foreign, 1), event(mine, 1), event(last, 1)])
    await other.hears([event(mine, 1), event(last, 1)])


async def test_bus_serves_many_rooms_joined_and_left_at_once(party: Party) -> None:
    """[R1] [R4] A room left and joined again is heard, whatever was still under way."""
    one, other = party.ears
    many = rooms(1_200)
    await asyncio.gather(*(other.bus.subscribe(room) for room in many))
    for room in many[::2]:
        other.bus.unsubscribe(room)
    await asyncio.gather(*(other.bus.subscribe(room) for room in many[::4]))
    kept = many[::4] + many[1::2]
    await one.bus.publish([event(room, 1) for room in kept])
    await other.until(lambda: len(other.heard) >= len(kept))
    assert Counter(message.room for message in other.heard) == Counter(kept)


# What Redis may do


async def hears_again(one: Ear, other: Ear, room: Room) -> None:
    """Both hear, and a message goes across."""
    for ear in (one, other):
        await ear.until(lambda ear=ear: ear.bus.hearing)  # type: ignore[misc]
    other.heard.clear()
    await one.bus.publish([event(room, 7)])
    await other.hears([event(room, 7)])


async def test_bus_outlives_redis_that_is_killed(redis: RedisServer) -> None:
    """[R4] It knows that it is deaf, goes on for its own replica, and says when it hears again."""
    (room,) = rooms(1)
    async with replicas(redis.url) as (one, other):
        for ear in (one, other):
            await ear.bus.subscribe(room)
        before = [ear.resumed for ear in (one, other)]
        await redis.kill()
        async with asyncio.timeout(BOUND):
            while one.bus.hearing or other.bus.hearing:  # noqa: ASYNC110  # nobody is told of it
                await asyncio.sleep(0.01)
        await one.bus.publish([event(room, 1)])
        assert one.heard == [event(room, 1)]
        (late,) = rooms(1)
        await asyncio.wait_for(other.bus.subscribe(late), BOUND)
        await redis.start()
        await hears_again(one, other, room)
        assert [ear.resumed for ear in (one, other)] == [count + 1 for count in before]
        await hears_again(one, other, late)


async def test_bus_finds_out_that_redis_hangs(redis: RedisServer) -> None:
    """[R4] By its own heartbeat, and without holding up whoever publishes or joins."""
    (room,) = rooms(1)
    async with replicas(redis.url) as (one, other):
        await other.bus.subscribe(room)
        redis.signal(signal.SIGSTOP)
        try:
            async with asyncio.timeout(5):
                while one.bus.hearing or other.bus.hearing:
                    await one.bus.publish([event(room, 1)])
                    await asyncio.sleep(0.01)
                await other.bus.subscribe(rooms(1)[0])
        finally:
            redis.signal(signal.SIGCONT)
        await one.until(lambda: one.bus.hearing)
        await other.until(lambda: other.bus.hearing)
        (fresh,) = rooms(1)
        await other.bus.subscribe(fresh)
        await hears_again(one, other, fresh)


async def test_bus_comes_back_when_its_subscriptions_are_killed(redis: RedisServer) -> None:
    """[R4] And says that it may have missed something."""
    (room,) = rooms(1)
    async with replicas(redis.url) as (one, other):
        await other.bus.subscribe(room)
        for _ in range(5):
            before = other.resumed
            await redis.run("CLIENT", "KILL", "TYPE", "pubsub")
            await other.until(lambda before=before: other.resumed > before)  # type: ignore[misc]
        await hears_again(one, other, room)


async def test_bus_is_there_before_redis_is() -> None:
    """[R4] It starts deaf, at once, and hears when Redis comes."""
    (room,) = rooms(1)
    async with redis_server() as server:
        await server.kill()
        async with AsyncExitStack() as stack:
            bus = await stack.enter_async_context(RedisBus.open(server.url, KEY, limits=LIMITS))
            ear = Ear(bus)
            await ear.bus.subscribe(room)
            assert not ear.bus.hearing
            await server.start()
            await ear.until(lambda: ear.bus.hearing)
            async with replicas(server.url, 1) as (other,):
                await other.bus.publish([event(room, 1)])
                await ear.hears([event(room, 1)])


def channel_of(bus: Bus, room: Room) -> bytes:
    assert isinstance(bus, RedisBus)
    return bus._channel(room)


async def test_bus_shows_nothing_that_it_cannot_verify(redis: RedisServer) -> None:
    """[R4] [A6] Junk, forgeries, another room's, another key's, too large ones, unknown kinds: all are counted."""
    room, elsewhere = rooms(2)
    async with replicas(redis.url) as (one, other):
        await other.bus.subscribe(room)
        channel, seal = channel_of(other.bus, room), Seal(KEY)
        forged = pack("f" * 16, event(room, 1))
        hostile: dict[bytes, str] = {
            b"": "unverified",
            os.urandom(3): "unverified",
            os.urandom(500): "unverified",
            b"\0" * Seal.BYTES + forged: "unverified",
            Seal(b"another key" * 3).close(channel, forged): "unverified",
            seal.close(channel_of(other.bus, elsewhere), forged): "unverified",
            seal.close(channel, b"E what is this"): "malformed",
            seal.close(channel, b"Z later\n{}"): "malformed",
            seal.close(channel, b"\xff\xfe\n"): "malformed",
            seal.close(channel, b"E x notanumber message:posted\n{}"): "malformed",
            b"x" * (LIMITS.message + 1): "oversized",
        }
        for junk in hostile:
            await redis.run("PUBLISH", channel, junk)
        await one.bus.publish([event(room, 1, "x" * LIMITS.message), event(room, 2)])
        await other.hears([event(room, 2)])
        told = Counter(hostile.values())
        assert {what: other.counts[what] for what in told} == dict(told)
        assert one.counts["oversized"] == 1


async def test_bus_keeps_deployments_apart_on_one_redis(redis: RedisServer) -> None:
    """[A6] Another key is another deployment: neither hears nor disturbs the other."""
    (room,) = rooms(1)
    async with (
        replicas(redis.url) as (one, other),
        replicas(redis.url, 1, b"another key, another house......") as (alien,),
    ):
        for ear in (other, alien):
            await ear.bus.subscribe(room)
        await alien.bus.publish([event(room, 1)])
        await one.bus.publish([event(room, 2)])
        await other.hears([event(room, 2)])
        assert alien.heard == [event(room, 1)]
        assert not other.counts["unverified"]


async def test_bus_drops_what_redis_does_not_take_in_time() -> None:
    """[L1] Memory stays bounded: what does not fit into the outbox is counted and left to the log."""
    limits = BusLimits(answer=5.0, beat=0.05, outbox=200_000)
    (room,) = rooms(1)
    counts = Counts()
    async with (
        redis_server() as server,
        RedisBus.open(server.url, KEY, limits=limits, observe=counts.add) as bus,
    ):
        ear = Ear(bus)
        await ear.until(lambda: bus.hearing)
        await bus.publish([event(room, seq, "x" * 10_000) for seq in range(1, 101)])
        assert counts["unsent"] >= 80


async def test_two_writers_on_two_replicas_give_all_subscribers_all_messages(redis: RedisServer) -> None:
    """[R4] Ten thousand of them, nothing lost on the way."""
    (room,) = rooms(1)
    async with replicas(redis.url, 3) as ears:
        for ear in ears:
            await ear.bus.subscribe(room)

        async def write(ear: Ear, first: int) -> None:
            for seq in range(first, 10_001, 2):
                await ear.bus.publish([event(room, seq)])
                if seq % 50 < 2:
                    await asyncio.sleep(0)

        await asyncio.gather(write(ears[0], 1), write(ears[1], 2))
        for ear in ears:
            await ear.until(lambda ear=ear: len(ear.heard) >= 10_000)  # type: ignore[misc]
            assert sorted(m.seq for m in ear.heard if isinstance(m, Event)) == list(range(1, 10_001))


async def test_bus_sends_what_was_published_before_its_end(redis: RedisServer) -> None:
    """[P2] A replica that stops says so with its last word."""
    (room,) = rooms(1)
    async with replicas(redis.url, 1) as (other,):
        await other.bus.subscribe(room)
        async with replicas(redis.url, 1) as (one,):
            await one.bus.publish([event(room, seq) for seq in range(1, 1_001)])
        await other.hears([event(room, seq) for seq in range(1, 1_001)])
