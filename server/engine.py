"""Engine.IO by way of aiohttp and engineio: long-polling, permessage-deflate, and whatever opens a socket unusually.

The only importer of engineio. What it overrides there is listed in docs/architecture.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import engineio
from aiohttp import WSCloseCode, WSMsgType, web
from engineio import exceptions, packet
from engineio.async_socket import AsyncSocket

from server.frames import close_frame
from server.limits import BODY_WITHIN
from server.transport import CLOSE, MESSAGE, NOOP, PING, PONG, UPGRADE, Outgoing, Socket, Terms

RECORD_SEPARATOR = "\x1e"

HOOKS: Final[Sequence[tuple[type, Sequence[str]]]] = (
    (engineio.AsyncServer, ("handle_request", "generate_id", "_handle_connect", "_upgrades", "_ok", "disconnect")),
    (AsyncSocket, ("handle_get_request", "handle_post_request", "poll", "send", "close", "_upgrade_websocket")),
)
"""What is used or replaced, by name."""


class UnknownLibrary(Exception):  # noqa: N818
    """An installed library is not built as the server needs it."""


def check() -> None:
    """Raises `UnknownLibrary` for a python-engineio without what is used here."""
    missing = [f"{kind.__name__}.{name}" for kind, names in HOOKS for name in names if not hasattr(kind, name)]
    if missing:
        raise UnknownLibrary(
            f"The installed python-engineio lacks {', '.join(missing)}. Install the release that pyproject.toml names."
        )


class EngineSocket(Socket, AsyncSocket):  # type: ignore[misc]  # engineio has no types
    """One connection. Over long-polling, permessage-deflate or where it is not `fast`, messages wait in a queue."""

    may_be_cancelled = True
    server: EngineServer
    connected: bool
    upgrading: bool
    upgraded: bool

    def __init__(self, server: EngineServer, sid: str) -> None:
        AsyncSocket.__init__(self, server, sid)
        Socket.__init__(self, server.terms, sid)
        self._raw = False
        """Whether frames are written to the transport directly."""
        self._queued = 0

    def _write_in_turn(self, out: Outgoing) -> bool:
        return self._write(out.frames) if self._raw else all(self._enqueue(text) for text in out.texts)

    def _send(self, packet: str) -> None:
        if self._raw:
            super()._send(packet)
        else:
            self._enqueue(packet)

    def _enqueue(self, text: str) -> bool:
        if not self._takes(len(text)):
            return False
        self._queued += len(text)
        self.queue.put_nowait(packet.Packet(int(text[0]), text[1:]))
        return True

    def _waiting(self) -> int:
        return super()._waiting() if self._raw else self._queued

    async def poll(self) -> list[packet.Packet]:
        """What waits for a long-polling client, or the first thing that comes."""
        packets: list[packet.Packet] = await super().poll()
        self._queued -= sum(1 + len(pkt.data or "") for pkt in packets)
        return packets

    async def send(self, pkt: packet.Packet) -> None:
        """What the library sends: in order with `write`."""
        if not self.closed:
            self._send(pkt.encode())

    async def close(self, wait: bool = False, abort: bool = False, reason: str | None = None) -> None:  # noqa: ARG002
        """The library's end of a connection: after what was written, or at once with `abort`."""
        if abort:
            self._leave()
        else:
            self.end()

    def _say_goodbye(self) -> None:
        self._send(CLOSE)
        if self._raw and self._transport is not None and not self._transport.is_closing():
            self._transport.write(close_frame(WSCloseCode.GOING_AWAY))
            self._transport.close()

    def _leave(self, linger: float | None = None) -> bool:
        left = super()._leave() if linger is None else super()._leave(linger)
        if left:
            self.server.sockets.pop(self.sid, None)
            self.queue.put_nowait(None)
        return left

    async def _received(self, text: str) -> None:
        kind = text[:1]
        if kind == MESSAGE:
            await self._terms.owner.received(self.sid, text[1:])
        elif kind == PONG:
            self._pong()
        elif kind == CLOSE:
            self._leave()
        else:
            self.end("malformed")

    async def handle_post_request(self, environ: dict[str, Any]) -> None:
        """Long-polling's way in: the whole body, however it was cut into segments, or `EngineIOError`."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length > self.server.max_http_buffer_size:
            raise exceptions.ContentTooLongError
        try:
            async with asyncio.timeout(BODY_WITHIN):
                body = (await environ["wsgi.input"].readexactly(length)).decode()
        except (asyncio.IncompleteReadError, TimeoutError, UnicodeDecodeError, web.RequestPayloadError) as error:
            raise exceptions.UnknownPacketError from error
        for text in body.split(RECORD_SEPARATOR):
            await self._received(text)

    async def _upgrade_websocket(self, environ: dict[str, Any]) -> web.StreamResponse:
        if self.upgraded:
            raise exceptions.UnknownPacketError
        request: web.Request = environ["aiohttp.request"]
        ws = web.WebSocketResponse(
            compress=self.server.compression, max_msg_size=self.server.max_http_buffer_size, timeout=1.0
        )
        await ws.prepare(request)
        if not self.connected or await self._probed(ws):
            self.connected = self.upgraded = True
            self.upgrading = False
            await self._converse(ws, request)
        return ws

    async def _probed(self, ws: web.WebSocketResponse) -> bool:
        """Engine.IO's upgrade: probe, end the pending poll, switch."""
        self.upgrading = True
        try:
            if await _text(ws) == PING + "probe":
                await ws.send_str(PONG + "probe")
                self._enqueue(NOOP)
                return await _text(ws) == UPGRADE and not self.closed
        finally:
            self.upgrading = False
        return False

    async def _converse(self, ws: web.WebSocketResponse, request: web.Request) -> None:
        writer = None
        self._transport = request.transport
        if ws.compress or not self._terms.fast:
            writer = asyncio.create_task(self._write_queued(ws), name="writer")
        else:
            while not self.queue.empty():
                await ws.send_str(self.queue.get_nowait().encode())
            self._queued = 0
            self._raw = True
        try:
            while not self.closed and (text := await _text(ws)) is not None:
                await self._received(text)
        finally:
            self._leave()
            if writer is not None:
                await writer

    async def _write_queued(self, ws: web.WebSocketResponse) -> None:
        try:
            while (pkt := await self.queue.get()) is not None:
                await ws.send_str(pkt.encode())
                self._queued -= 1 + len(pkt.data or "")
        except ConnectionError:
            pass
        await ws.close()


async def _text(ws: web.WebSocketResponse) -> str | None:
    """The next text message, or None when there will be none that this protocol knows."""
    message = await ws.receive()
    return message.data if message.type is WSMsgType.TEXT else None


class EngineServer(engineio.AsyncServer):  # type: ignore[misc]  # engineio has no types
    """engineio's server with `EngineSocket` and no monitor. What comes goes to the owner, not to its handlers."""

    def __init__(self, terms: Terms, *, compression: bool, **options: object) -> None:
        super().__init__(async_mode="aiohttp", async_handlers=False, monitor_clients=False, **options)
        self.terms = terms
        self.compression = compression

    async def _handle_connect(
        self, environ: dict[str, Any], transport: str, jsonp_index: int | None = None
    ) -> web.StreamResponse | dict[str, Any]:
        sid = self.generate_id()
        socket = EngineSocket(self, sid)
        self.sockets[sid] = socket
        socket._enqueue(self.terms.opening(sid, self._upgrades(sid, transport)))  # noqa: SLF001
        self.terms.owner.opened(socket)
        if transport != "websocket":
            socket.connected = True
            return self._ok(await socket.poll(), jsonp_index=jsonp_index)  # type: ignore[no-any-return]
        try:
            return await socket._upgrade_websocket(environ)  # noqa: SLF001
        finally:
            socket._leave()  # noqa: SLF001
