"""The front door: every accepted connection comes here.

A well-formed opening of a WebSocket for Engine.IO is answered at once, and the connection becomes a `WebSocket`. All
else goes to aiohttp as it came, which answers it or refuses it: nothing is refused here, so no rule stands twice.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Final, cast

from server.frames import text_frame
from server.transport import Terms
from server.turns import Turns
from server.websocket import WebSocket

AT_ONCE: Final = 16
"""Openings in one turn of the event loop: others wait for a crowd no longer than these take."""
HEAD_BYTES: Final = 8_000
MOST_WAITING: Final = 256_000
"""Bytes of a connection whose turn has not come."""

_BEGINNING: Final = b"GET /socket.io/?EIO=4&transport=websocket"
_HEAD: Final = re.compile(
    rb"GET /socket\.io/\?EIO=4&transport=websocket(?:&t=[\w.-]*)? HTTP/1\.1\r\n"
    rb"((?:[\w!#$%&'*+.^`|~-]+:[\t -~]*\r\n)+)\r\n",
    re.ASCII,
)
_KEY: Final = re.compile(r"[A-Za-z0-9+/]{22}==")
_NOT_SO_SIMPLE: Final = frozenset(("content-length", "transfer-encoding", "expect", "sec-websocket-protocol"))
_UUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3


class FrontDoor:
    """Makes the protocol of each accepted connection. It is what an `asyncio` server listens with.

    `may_enter` is given the headers of an opening, lower-cased, and says whether it may be answered here. Who says
    nothing for `patience` seconds is cut.
    """

    def __init__(
        self,
        terms: Terms,
        http: Callable[[], asyncio.BaseProtocol],
        may_enter: Callable[[Mapping[str, str]], bool],
        patience: float,
    ) -> None:
        self.terms = terms
        self.patience = patience
        self.http = http
        self.may_enter = may_enter
        self.turns = Turns(AT_ONCE)
        self.newcomers: set[Newcomer] = set()
        """Connections of which nothing, or too little, was read."""

    def __call__(self) -> Newcomer:
        return Newcomer(self)

    def close(self) -> None:
        """End the connections that have asked for nothing yet."""
        for newcomer in list(self.newcomers):
            newcomer.abort()


class Newcomer(asyncio.Protocol):
    """A connection that has not said what it wants."""

    __slots__ = ("_data", "_door", "_transport", "slot")

    def __init__(self, door: FrontDoor) -> None:
        self._door = door
        self._data = b""
        self._transport: asyncio.Transport | None = None
        self.slot = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._door.newcomers.add(self)
        self._door.terms.wheel.arm_about(self, self._door.patience)

    def connection_lost(self, _: Exception | None) -> None:
        self._leave()

    def _leave(self) -> None:
        self._transport = None
        self._door.newcomers.discard(self)
        self._door.terms.wheel.disarm(self)

    def due(self) -> None:
        self.abort()

    def data_received(self, data: bytes) -> None:
        if self._data:
            self._data += data  # while it waits for its turn
            if len(self._data) > MOST_WAITING:
                self.abort()
            return
        self._data = data
        if data.startswith(_BEGINNING):
            self._door.turns.take(self._enter)
        else:
            self._go_to_http()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _enter(self) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        found = _HEAD.match(self._data, 0, HEAD_BYTES)
        headers = None if found is None else _headers(found[1])
        key = None if headers is None else _key(headers)
        if found is None or headers is None or key is None or not self._door.may_enter(headers):
            self._go_to_http()
            return
        rest, terms = self._data[found.end() :], self._door.terms
        sid = secrets.token_urlsafe(15)
        self._leave()
        socket = WebSocket(terms, sid, transport)
        transport.set_protocol(socket)
        transport.write(_answer(key) + text_frame(terms.opening(sid, ())))
        terms.owner.opened(socket)
        if rest:
            socket.data_received(rest)

    def _go_to_http(self) -> None:
        transport, data = self._transport, self._data
        if transport is None:
            return
        self._data = b""
        self._leave()
        protocol = cast("asyncio.Protocol", self._door.http())
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        protocol.data_received(data)


def _headers(lines: bytes) -> dict[str, str] | None:
    """By their lower-case names. None where one stands twice, or says that there is more to it."""
    headers: dict[str, str] = {}
    for line in lines.decode("ascii").split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip(" \t")
    if len(headers) != lines.count(b"\r\n") or not _NOT_SO_SIMPLE.isdisjoint(headers):
        return None
    return headers


def _key(headers: Mapping[str, str]) -> str | None:
    """The key of a WebSocket's opening, if it is one."""
    key = headers.get("sec-websocket-key", "")
    connection = headers.get("connection", "").lower()
    wanted = (
        headers.get("upgrade", "").lower() == "websocket"
        and (connection == "upgrade" or "upgrade" in (word.strip() for word in connection.split(",")))
        and headers.get("sec-websocket-version") == "13"
        and "host" in headers
        and _KEY.fullmatch(key) is not None
    )
    return key if wanted else None


def _answer(key: str) -> bytes:
    accept = base64.b64encode(hashlib.sha1(key.encode() + _UUID).digest())  # noqa: S324  # RFC 6455, 4.2.2
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        + accept
        + b"\r\n\r\n"
    )
