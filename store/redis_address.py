"""Where Redis is: one server, whichever Sentinel says, or a cluster. The address alone decides."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from redis.asyncio import ConnectionPool, Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

DEFAULT_PORTS = {"": 6379, "sentinel": 26379, "cluster": 6379}


@dataclass(frozen=True, eq=False, slots=True)
class Shard:
    """A server that carries a share of the channels, `beat` among them."""

    connect: Callable[[], AbstractConnection]
    """A new connection, which is not open yet."""
    beat: bytes


@dataclass(frozen=True, slots=True)
class Shards:
    """All servers of one moment, and which of them carries a channel."""

    all: tuple[Shard, ...]
    of: Callable[[bytes], Shard]


class Topology(ABC):
    """Plain pub/sub: `SUBSCRIBE` takes any number of channels at once, and one server carries them all."""

    SUBSCRIBE, UNSUBSCRIBE, PUBLISH = "SUBSCRIBE", "UNSUBSCRIBE", "PUBLISH"
    CHANNELS_A_COMMAND = 500

    @abstractmethod
    def shards(self, beat: str) -> AbstractAsyncContextManager[Shards]:
        """The servers as they are now. `beat` begins the names of the channels `Shard.beat`.

        Raises:
            redis.RedisError, OSError: nobody who knows could be asked.
        """


class _Single(Topology):
    """One server. `pool` makes what its connections come from, and those who are asked where it is."""

    def __init__(self, pool: Callable[[], tuple[ConnectionPool, Sequence[Redis]]]) -> None:
        self._pool = pool

    @asynccontextmanager
    async def shards(self, beat: str) -> AsyncIterator[Shards]:
        pool, asked = self._pool()
        only = Shard(pool.make_connection, beat.encode())
        try:
            yield Shards((only,), lambda _: only)
        finally:
            for client in asked:
                with suppress(RedisError, OSError):
                    await client.aclose()


class _Cluster(Topology):
    """Sharded pub/sub: a room's channel belongs to one shard, and its traffic goes nowhere else."""

    SUBSCRIBE, UNSUBSCRIBE, PUBLISH = "SSUBSCRIBE", "SUNSUBSCRIBE", "SPUBLISH"
    CHANNELS_A_COMMAND = 1  # channels of different slots may not stand in one command

    def __init__(self, nodes: list[tuple[str, int]], options: Mapping[str, Any]) -> None:
        self._nodes = nodes
        self._options = options

    @asynccontextmanager
    async def shards(self, beat: str) -> AsyncIterator[Shards]:
        nodes = [ClusterNode(host, port, **self._options) for host, port in self._nodes]
        cluster = RedisCluster(startup_nodes=nodes, **self._options)
        try:
            await cluster.initialize()
            owners = {slot[0].name for slot in cluster.nodes_manager.slots_cache.values()}
            by_node: dict[str, Shard] = {}
            for number in count():
                channel = f"{beat}:{number}".encode()
                node = _owner(cluster, channel)
                by_node.setdefault(node.name, Shard(_dialer(node), channel))
                if len(by_node) == len(owners):
                    break
            yield Shards(tuple(by_node.values()), lambda channel: by_node[_owner(cluster, channel).name])
        finally:
            with suppress(RedisError, OSError):
                await cluster.aclose()


def _owner(cluster: RedisCluster, channel: bytes) -> ClusterNode:
    return cluster.nodes_manager.get_node_from_slot(cluster.keyslot(channel))


def _dialer(node: ClusterNode) -> Callable[[], AbstractConnection]:
    return lambda: node.connection_class(**node.connection_kwargs)


def topology(url: str, *, timeout: float) -> Topology:
    """What is at the address:

    - `redis://[user:password@]host[:port]`, `rediss://…` with TLS, `unix://path`: one server
    - `redis+sentinel://[user:password@]host[:port][,host[:port]…]/service`: the master that the Sentinels name
    - `redis+cluster://[user:password@]host[:port][,host[:port]…]`: a cluster, of which these nodes are asked

    `rediss+…` speaks TLS. `timeout` seconds bound the making of a connection, and nothing that is done with it.

    Raises:
        ValueError: none of these. Its text does not quote the address, which may hold a password.
    """
    parts = urlsplit(url)
    scheme, _, kind = parts.scheme.partition("+")
    if (scheme, kind) not in {(s, k) for s in ("redis", "rediss") for k in DEFAULT_PORTS} | {("unix", "")}:
        raise ValueError("must begin with redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://")
    options: dict[str, Any] = {
        "protocol": 2,  # messages as plain arrays
        "retry": Retry(NoBackoff(), 0),
        "socket_timeout": None,  # its wait_for loses cancellations before Python 3.12; whoever waits sets a bound
        "socket_connect_timeout": timeout,
        "socket_keepalive": True,
    }
    if not kind:
        if scheme == "unix":
            del options["socket_keepalive"]
        try:
            ConnectionPool.from_url(url, **options)
        except (ValueError, TypeError):
            raise ValueError("is no address of Redis") from None
        return _Single(lambda: (ConnectionPool.from_url(url, **options), ()))
    options |= {name: unquote(value) for name in ("username", "password") if (value := getattr(parts, name))}
    if scheme == "rediss":
        options["ssl"] = True
    nodes = _hosts(parts, DEFAULT_PORTS[kind])
    if kind == "cluster":
        return _Cluster(nodes, options)
    service = parts.path.strip("/")
    if not service:
        raise ValueError("must name the service that the Sentinels watch, as redis+sentinel://host/service")
    asking = {name: value for name, value in options.items() if name not in ("username", "password")}

    def watched() -> tuple[ConnectionPool, Sequence[Redis]]:
        sentinel = Sentinel(nodes, sentinel_kwargs=asking, **options)  # type: ignore[no-untyped-call]
        return sentinel.master_for(service).connection_pool, sentinel.sentinels

    return _Single(watched)


def _hosts(parts: SplitResult, default_port: int) -> list[tuple[str, int]]:
    nodes = []
    for node in parts.netloc.rpartition("@")[2].split(","):
        try:
            one = urlsplit(f"//{node}")
            host, port = one.hostname, one.port or default_port
        except ValueError:
            host, port = None, 0
        if not host:
            raise ValueError("must name hosts as host:port, separated by commas")
        nodes.append((host, port))
    return nodes
