"""A relay between two ends of a connection, which loses what a test wants lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Literal, Self
from urllib.parse import parse_qs, urlsplit, urlunsplit

Way = Literal["up", "down"]
"""Up: from the one who connected to the one who listens. Down: the answers."""

CHUNK = 2**18


class Link:
    """One relayed connection."""

    def __init__(self, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self._ends = (near, far)

    def cut(self) -> None:
        """Both ends lose the connection now; what was forwarded before may still be read."""
        for end in self._ends:
            end.transport.abort()

    async def close(self) -> None:
        """Both ends get what was forwarded, then the end of the stream."""
        for end in self._ends:
            end.close()
        for end in self._ends:
            with suppress(OSError):
                await end.wait_closed()


Watch = Callable[[Link, Way, bytes], bool]
"""Sees each chunk before it is forwarded. False swallows it; it may also cut the link."""


class Proxy:
    """Listens on a port of its own and relays to one address. `Proxy.to` makes one.

    A chunk is what one read brought: an end that writes a message in one piece of less than 64 KiB may expect to find
    it in one chunk.
    """

    def __init__(self, target: str) -> None:
        self._target = target
        self._server: asyncio.Server
        self._relays: set[asyncio.Task[None]] = set()
        self.links: set[Link] = set()
        self.watch: Watch | None = None
        self.latency = 0.0
        """How long each chunk is on its way, in seconds. The next one of its direction starts when it has arrived."""
        self.down = False
        """While true, whoever connects loses the connection at once."""
        self.turned_away = asyncio.Event()
        """Set when that happened."""

    @classmethod
    @asynccontextmanager
    async def to(cls, target: str) -> AsyncIterator[Self]:
        """A running relay to `target`: a URL with host and port, or a PostgreSQL address with a socket's folder."""
        proxy = cls(target)
        proxy._server = await asyncio.start_server(proxy._accept, "127.0.0.1", 0, limit=CHUNK)
        try:
            yield proxy
        finally:
            proxy._server.close()
            proxy.down = True
            proxy.cut()
            await asyncio.gather(*proxy._relays)
            await proxy._server.wait_closed()

    @property
    def url(self) -> str:
        """`target` with this relay in the place of its host and port."""
        parts = urlsplit(self._target)
        user = f"{parts.username}@" if parts.username else ""
        port = self._server.sockets[0].getsockname()[1]
        query = "sslmode=disable" if parts.scheme.startswith("postgres") else parts.query
        return urlunsplit(parts._replace(netloc=f"{user}127.0.0.1:{port}", query=query))

    def cut(self) -> None:
        """Every connection is lost now."""
        for link in self.links:
            link.cut()

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        parts = urlsplit(self._target)
        folder = parse_qs(parts.query).get("host", [""])[0]
        if folder.startswith("/"):
            return await asyncio.open_unix_connection(Path(folder) / f".s.PGSQL.{parts.port or 5432}", limit=CHUNK)
        return await asyncio.open_connection(parts.hostname, parts.port, limit=CHUNK)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._relay(reader, writer), name="relay")
        self._relays.add(task)
        task.add_done_callback(self._relays.discard)

    async def _relay(self, near_reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        try:
            far_reader, far = await self._dial()
        except OSError:
            near.transport.abort()
            return
        link = Link(near, far)
        if self.down:
            self.turned_away.set()
            link.cut()
        self.links.add(link)
        pumps = [
            asyncio.create_task(self._pump(link, "up", near_reader, far), name="proxy up"),
            asyncio.create_task(self._pump(link, "down", far_reader, near), name="proxy down"),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.wait(pumps)
            await link.close()
            self.links.discard(link)

    async def _pump(self, link: Link, way: Way, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                if self.latency:
                    await asyncio.sleep(self.latency)
                if self.watch is None or self.watch(link, way, data):
                    writer.write(data)
                    await writer.drain()


class LoseAnswer:
    """A `Watch`: the first connection on which `question` goes up is cut when `answer` comes down.

    Nothing that came down on it in between is forwarded; all other connections are left alone. `lost` is set when it
    was cut.
    """

    def __init__(self, answer: bytes, *, question: bytes = b"") -> None:
        self.lost = asyncio.Event()
        self.swallowed = b""
        self._question, self._answer = question, answer
        self._link: Link | None = None

    def __call__(self, link: Link, way: Way, data: bytes) -> bool:
        if self.lost.is_set():
            return True
        if way == "up":
            if self._link is None and self._question in data:
                self._link = link
            return True
        if link is not self._link:
            return True
        self.swallowed += data
        if self._answer in self.swallowed:
            self.lost.set()
            link.cut()
        return False


class CutOnQuestion:
    """A `Watch`: the first connection on which `question` goes up is cut, right before it or right after it."""

    def __init__(self, question: bytes, *, forwarded: bool) -> None:
        self.lost = asyncio.Event()
        self._question, self._forwarded = question, forwarded

    def __call__(self, link: Link, way: Way, data: bytes) -> bool:
        if way == "down" or self.lost.is_set() or self._question not in data:
            return True
        self.lost.set()
        asyncio.get_running_loop().call_soon(link.cut)
        return self._forwarded
