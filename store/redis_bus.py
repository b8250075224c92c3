"""The bus of several replicas: Redis pub/sub, one channel for each room."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Self
from uuid import UUID, uuid4

import structlog
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

from store.bus import Signal
from store.models import Event, Room
from store.redis_address import Shard, topology
from store.sealing import Beat, Seal, pack, unpack

log = structlog.get_logger()

Observe = Callable[[str], None]

NOWHERE = Room(UUID(int=0), "")
"""The room of heartbeats."""

READ_AT_ONCE = 100
"""How many messages are read before others have a turn."""
PUBLISHED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class BusLimits:
    """All times in seconds."""

    answer: float = 2.0
    """Redis is given up after this long without an answer, the echo of a heartbeat included."""
    beat: float = 0.5
    linger: float = 5.0
    """How long a channel stays subscribed after the last member left: a page that is loaded anew comes back."""
    backoff: float = 1.0
    """The longest pause between two tries to reach Redis."""
    farewell: float = 0.5
    """How long the end waits until what was published has gone out."""
    message: int = 2 * 1024 * 1024
    """Bytes. A larger event is not published, and one that arrives is dropped: delivery reads it from the log."""
    outbox: int = 16 * 1024 * 1024
    """Bytes waiting to be published. Above that they are dropped, and found in the log."""


class _Subscription:
    __slots__ = ("confirmed", "ending", "room")

    def __init__(self, room: Room) -> None:
        self.room = room
        self.confirmed = asyncio.Event()
        self.ending: asyncio.TimerHandle | None = None


class _Link:
    """The connections to one shard."""

    def __init__(self, shard: Shard) -> None:
        self.beat = shard.beat
        self.hears, self.tells = shard.connect(), shard.connect()
        self.echo: float | None = None
        """When its heartbeat was last heard."""
        self.subscribed = asyncio.Event()
        self.overdue = 0


class RedisBus:
    """See `Bus` for what it guarantees. Made by `open`, which also runs it.

    It has one subscribing and one publishing connection to each shard. Whatever goes wrong on one of them (lost, no
    answer, no echo of its own heartbeat, a shard that gave a channel away) ends them all: from then on it is not
    `hearing`, publishes to its own replica only, and tries again after a jittered pause until all rooms are subscribed
    and its heartbeat comes back.

    `observe` is called with what is worth counting: `received`, and the reasons why a message was dropped:
    `unverified`, `malformed`, `oversized`, `unsent`.
    """

    def __init__(
        self,
        address: str,
        key: bytes,
        *,
        limits: BusLimits = BusLimits(),
        observe: Observe = lambda _: None,
    ) -> None:
        """Raises ValueError for an address that is none."""
        self._topology = topology(address, timeout=limits.answer)
        self._limits = limits
        self._observe = observe
        self._seal = Seal(key)
        self._origin = uuid4().hex[:16]
        # Deployments that share a Redis have different keys, and so different channels.
        self._prefix = f"rf:{Seal(key).close(b'', b'').hex()[:12]}:"
        self._listener: Callable[[Event | Signal], None] = lambda _: None
        self._resumed: Callable[[], None] = lambda: None
        self._rooms: dict[bytes, _Subscription] = {}
        self._changed: set[bytes] = set()
        self._changes = asyncio.Event()
        self._outbox: deque[tuple[bytes, bytes]] = deque()
        self._outbox_bytes = 0
        self._unsent = asyncio.Event()
        self._all_sent = asyncio.Event()
        self._all_sent.set()
        self._links: tuple[_Link, ...] = ()
        self._link_of: Callable[[bytes], _Link]
        self._tried = asyncio.Event()
        self.hearing = False
        self._told_deaf = False

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        address: str,
        key: bytes,
        *,
        limits: BusLimits = BusLimits(),
        observe: Observe = lambda _: None,
    ) -> AsyncIterator[Self]:
        """A bus that runs while the context lasts. It is there at once, also while Redis is not.

        At the end what was published goes out first, unless Redis takes its time.
        """
        bus = cls(address, key, limits=limits, observe=observe)
        running = asyncio.create_task(bus._run(), name="redis bus")
        try:
            await bus._tried.wait()
            yield bus
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(limits.farewell):
                    await bus._all_sent.wait()
            running.cancel()
            await asyncio.wait([running])

    def listen(self, listener: Callable[[Event | Signal], None], resumed: Callable[[], None]) -> None:
        self._listener = listener
        self._resumed = resumed

    async def subscribe(self, room: Room) -> None:
        channel = self._channel(room)
        subscription = self._rooms.get(channel)
        if subscription is None:
            subscription = self._rooms[channel] = _Subscription(room)
            self._change(channel)
        elif subscription.ending is not None:
            subscription.ending.cancel()
            subscription.ending = None
        # Redis that hangs must not hold a join up: without it the log says what happened.
        if self._links and not subscription.confirmed.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._limits.answer):
                    await subscription.confirmed.wait()

    def unsubscribe(self, room: Room) -> None:
        channel = self._channel(room)
        subscription = self._rooms.get(channel)
        if subscription is not None and subscription.ending is None:
            loop = asyncio.get_running_loop()
            subscription.ending = loop.call_later(self._limits.linger, self._forget, channel)

    def _forget(self, channel: bytes) -> None:
        del self._rooms[channel]
        self._change(channel)

    def _change(self, channel: bytes) -> None:
        self._changed.add(channel)
        self._changes.set()

    async def publish(self, messages: Sequence[Event | Signal]) -> None:
        for message in messages:
            channel = self._channel(message.room)
            if channel in self._rooms:
                self._listener(message)
            self._put(channel, message)

    def _put(self, channel: bytes, message: Event | Signal | Beat) -> None:
        if not self._links:
            self._observe("unsent")
            return
        sealed = self._seal.close(channel, pack(self._origin, message))
        if len(sealed) > self._limits.message:
            self._observe("oversized")
        elif self._outbox_bytes + len(sealed) > self._limits.outbox:
            self._observe("unsent")
        else:
            self._outbox.append((channel, sealed))
            self._outbox_bytes += len(sealed)
            self._all_sent.clear()
            self._unsent.set()

    def _channel(self, room: Room) -> bytes:
        return f"{self._prefix}{room.account_id}:{room.name}".encode()

    # The connections

    async def _run(self) -> None:
        pause = 0.0
        while True:
            try:
                async with self._connected(), asyncio.TaskGroup() as group:
                    pause = 0.0
                    for link in self._links:
                        group.create_task(self._hear(link), name="bus: hear")
                    for work in (self._tell, self._subscribe, self._beat):
                        group.create_task(work(), name=f"bus: {work.__name__}")
            except* (RedisError, OSError) as failed:
                if not self._told_deaf:  # once for each time of trouble, not for each try
                    log.warning("redis bus is deaf", error=repr(failed.exceptions[0]))
                    self._told_deaf = True
            except* Exception:
                log.exception("redis bus failed")
            pause = min(max(pause * 2, self._limits.backoff / 16), self._limits.backoff)
            await asyncio.sleep(random.uniform(pause / 2, pause))  # noqa: S311  # jitter is no secret

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(2 * self._limits.answer):
                    shards = await stack.enter_async_context(
                        self._topology.shards(f"{self._prefix}beat:{self._origin}")
                    )
                    links = {shard: _Link(shard) for shard in shards.all}
                    for connection in (end for link in links.values() for end in (link.hears, link.tells)):
                        stack.push_async_callback(connection.disconnect, nowait=True)  # else it may wait, and raise
                        await connection.connect()  # type: ignore[no-untyped-call]
            finally:
                self._tried.set()
            self._links = tuple(links.values())
            self._link_of = lambda channel: links[shards.of(channel)]
            stack.callback(self._disconnected)
            self._changed = set(self._rooms)
            self._changes.set()
            yield

    def _disconnected(self) -> None:
        self._links = ()
        self.hearing = False
        self._outbox.clear()
        self._outbox_bytes = 0
        self._all_sent.set()
        for subscription in self._rooms.values():
            subscription.confirmed.set()  # nobody waits for what will not come now
            subscription.confirmed = asyncio.Event()

    async def _subscribe(self) -> None:
        """Make the shards' subscriptions those of the rooms. Changes of one turn of the loop go out together."""
        held: set[bytes] = set()
        while True:
            await self._changes.wait()
            self._changes.clear()
            changed, self._changed = self._changed, set()
            dropped = {channel for channel in changed & held if channel not in self._rooms}
            wanted = {channel for channel in changed - held if channel in self._rooms}
            for channel in (changed & held) - dropped:  # left and joined again before anything was sent
                self._rooms[channel].confirmed.set()
            held = (held | wanted) - dropped
            await self._ask(self._topology.UNSUBSCRIBE, dropped)
            await self._ask(self._topology.SUBSCRIBE, wanted)
            for link in self._links:
                if not link.subscribed.is_set():  # after all rooms, so that its echo says that they are heard too
                    await self._ask(self._topology.SUBSCRIBE, {link.beat})
                    link.subscribed.set()

    async def _ask(self, command: str, channels: set[bytes]) -> None:
        size = self._topology.CHANNELS_A_COMMAND
        async with asyncio.timeout(self._limits.answer):
            for link, part in self._by_link(channels).items():
                await _send(link.hears, [(command, *part[start : start + size]) for start in range(0, len(part), size)])

    def _by_link(self, channels: Iterable[bytes]) -> dict[_Link, list[bytes]]:
        found: defaultdict[_Link, list[bytes]] = defaultdict(list)
        for channel in channels:
            found[self._link_of(channel)].append(channel)
        return found

    async def _hear(self, link: _Link) -> None:
        read = 0
        while True:
            kind, channel, what = await link.hears.read_response(disable_decoding=True)
            if kind in (b"message", b"smessage"):
                self._receive(link, channel, what)
            elif kind in (b"subscribe", b"ssubscribe"):
                if channel == link.beat:
                    self._put(channel, Beat())
                elif channel in self._rooms:
                    self._rooms[channel].confirmed.set()
            elif kind == b"sunsubscribe" and channel in self._rooms and self._rooms[channel].confirmed.is_set():
                raise ConnectionError("a shard gave a channel away")
            read += 1
            if read % READ_AT_ONCE == 0:
                await asyncio.sleep(0)

    def _receive(self, link: _Link, channel: bytes, sealed: bytes) -> None:
        subscription = self._rooms.get(channel)
        if subscription is None and channel != link.beat:
            return  # given up a moment ago
        if len(sealed) > self._limits.message:
            self._observe("oversized")
            return
        packed = self._seal.open(channel, sealed)
        if packed is None:
            self._observe("unverified")
            return
        try:
            origin, message = unpack(subscription.room if subscription else NOWHERE, packed)
        except ValueError:
            self._observe("malformed")
            return
        if isinstance(message, Beat):
            self._heard_itself(link)
        elif origin != self._origin:  # its own were handed over when they were published
            self._observe("received")
            self._listener(message)

    def _heard_itself(self, link: _Link) -> None:
        link.echo = asyncio.get_running_loop().time()
        if not self.hearing and all(each.echo is not None for each in self._links):
            self.hearing, self._told_deaf = True, False
            log.info("redis bus hears", rooms=len(self._rooms))
            self._resumed()

    async def _tell(self) -> None:
        while True:
            await self._unsent.wait()
            self._unsent.clear()
            while self._outbox:
                commands: defaultdict[_Link, list[tuple[str | bytes, ...]]] = defaultdict(list)
                for _ in range(min(len(self._outbox), PUBLISHED_AT_ONCE)):
                    channel, sealed = self._outbox.popleft()
                    self._outbox_bytes -= len(sealed)
                    commands[self._link_of(channel)].append((self._topology.PUBLISH, channel, sealed))
                async with asyncio.timeout(self._limits.answer):
                    for link, some in commands.items():
                        await _send(link.tells, some)
                    for link, some in commands.items():
                        for _ in some:
                            await link.tells.read_response(disable_decoding=True)
            self._all_sent.set()

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            await asyncio.sleep(self._limits.beat)
            for link in self._links:
                late = loop.time() - (link.echo or began) > self._limits.answer
                # The second time: the echo may be there, unread, when this process was held up itself.
                link.overdue = link.overdue + 1 if late else 0
                if link.overdue > 1:
                    raise TimeoutError("Redis does not echo")
                if link.subscribed.is_set():
                    self._put(link.beat, Beat())


async def _send(connection: AbstractConnection, commands: Sequence[tuple[str | bytes, ...]]) -> None:
    await connection.send_packed_command(connection.pack_commands(commands), check_health=False)
