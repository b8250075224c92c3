"""Engine.IO sockets that write without a queue, a task or a timer for each message.

The only importer of engineio. What it overrides there is listed in docs/architecture.md.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Self

import engineio
from aiohttp import WSCloseCode, WSMsgType, web
from engineio import exceptions, packet
from engineio.async_socket import AsyncSocket

OPEN, CLOSE, PING, PONG, MESSAGE, UPGRADE, NOOP = "0", "1", "2", "3", "4", "5", "6"

RECORD_SEPARATOR = "\x1e"
LINGER = 5.0
"""How long a closed connection may take to read what was already written before it is cut, in seconds."""

BURST, BURST_SECONDS = 8, 0.5
"""How many times the bound may wait, and how long more than the bound: what is written in one turn of the event loop
leaves at its end, so more than the bound in one turn says nothing about the reader."""


def text_frame(text: str) -> bytes:
    """An unmasked, unfragmented RFC 6455 text frame."""
    body = text.encode()
    length = len(body)
    if length < 126:  # noqa: PLR2004  # RFC 6455, 5.2
        return bytes((0x81, length)) + body
    if length < 1 << 16:
        return b"\x81\x7e" + length.to_bytes(2, "big") + body
    return b"\x81\x7f" + length.to_bytes(8, "big") + body


CLOSE_FRAME = b"\x88\x02" + int(WSCloseCode.GOING_AWAY).to_bytes(2, "big")


class Outgoing:
    """A Socket.IO packet, or several in their order: encoded and framed once however many sockets they go to."""

    __slots__ = ("frames", "texts")

    def __init__(self, text: str) -> None:
        text = MESSAGE + text
        self.texts: tuple[str, ...] = (text,)
        self.frames = text_frame(text)

    @classmethod
    def joined(cls, several: Sequence[Outgoing]) -> Self:
        made = cls.__new__(cls)
        made.texts = tuple(text for one in several for text in one.texts)
        made.frames = b"".join([one.frames for one in several])
        return made


class EngineSocket(AsyncSocket):  # type: ignore[misc]  # engineio has no types
    """One connection. A client for which more than `outbound_bytes` wait is cut.

    Over a plain WebSocket each message is written to the transport at once, so the order of the calls is the order
    on the wire. Over long-polling or permessage-deflate messages wait in a queue.
    """

    server: EngineServer
    connected: bool
    upgrading: bool
    upgraded: bool
    closing: bool
    closed: bool

    def __init__(self, server: EngineServer, sid: str) -> None:
        super().__init__(server, sid)
        self._transport: asyncio.Transport | None = None
        self._raw = False
        """Whether frames are written to the transport directly."""
        self._fd = -1
        """Of the socket below the transport, as long as it may be written to."""
        self._queued = 0
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(server.ping_interval, self._ping)
        self._pinged = False
        self._allowance = 0
        self._overdue: asyncio.TimerHandle | None = None

    def write(self, out: Outgoing) -> bool:
        """Send the packets. False if the connection has ended, or was cut because its client does not read.

        Where nothing waits the bytes go to the kernel at once, past the event loop's transport.
        """
        transport = self._transport
        if self._fd < 0 or transport is None or transport.get_write_buffer_size():
            return self._write_in_turn(out)
        if transport.is_closing():
            return False
        frames = out.frames
        try:
            written = os.write(self._fd, frames)
        except OSError:
            written = 0  # it is for the transport to find out what is wrong, if it is more than a full buffer
        if written < len(frames):
            self._allowance = len(frames)
            transport.write(frames[written:])
        return True

    def _write_in_turn(self, out: Outgoing) -> bool:
        if self.closed or self.closing:
            return False
        if self._raw:
            return self._write(out.frames)
        return all(self._enqueue(text) for text in out.texts)

    def _write(self, frame: bytes) -> bool:
        if self._transport is None or self._transport.is_closing() or not self._takes(len(frame)):
            return False
        self._transport.write(frame)
        return True

    def _enqueue(self, text: str) -> bool:
        if not self._takes(len(text)):
            return False
        self._queued += len(text)
        self.queue.put_nowait(packet.Packet(int(text[0]), text[1:]))
        return True

    def _takes(self, size: int) -> bool:
        """Whether the client reads well enough to be sent more; one that does not is cut."""
        waiting = self._waiting()
        if waiting == 0:
            self._allowance = 0
        elif waiting > self._bound() * BURST:
            self.cut("slow")
            return False
        elif waiting > self._bound() and self._overdue is None:
            self._overdue = self._loop.call_later(BURST_SECONDS, self._check_overdue)
        # One answer may exceed the bound by itself; to wait for its reader is no reason to cut.
        self._allowance = max(self._allowance, size)
        return True

    def _waiting(self) -> int:
        return self._transport.get_write_buffer_size() if self._raw and self._transport is not None else self._queued

    def _bound(self) -> int:
        return self.server.outbound_bytes + self._allowance

    def _check_overdue(self) -> None:
        self._overdue = None
        if self._waiting() > self._bound():
            self.cut("slow")

    def _send(self, text: str) -> None:
        if self._raw:
            self._write(text_frame(text))
        else:
            self._enqueue(text)

    async def poll(self) -> list[packet.Packet]:
        """What waits for a long-polling client, or the first thing that comes."""
        packets: list[packet.Packet] = await super().poll()
        self._queued -= sum(1 + len(pkt.data or "") for pkt in packets)
        return packets

    async def send(self, pkt: packet.Packet) -> None:
        """What the libraries send: in order with `write`."""
        if not self.closed:
            self._send(pkt.encode())

    def cut(self, reason: str) -> None:
        """End the connection now, without waiting for what was not read."""
        self.server.observe_cut(reason)
        if self._transport is not None:
            self._transport.abort()
        self.server.background(self.close(abort=True, reason=reason))

    def end(self, reason: str) -> None:
        """End the connection once what was written is out."""
        self.server.observe_cut(reason)
        self.server.background(self.close(reason=reason))

    async def close(self, wait: bool = False, abort: bool = False, reason: str | None = None) -> None:  # noqa: ARG002
        """End the connection after what was written, or at once with `abort`. The second call does nothing."""
        if self.closed or self.closing:
            return
        self.closing = True
        self._fd = -1
        self._timer.cancel()
        if self._overdue is not None:
            self._overdue.cancel()
        self.server.sockets.pop(self.sid, None)
        await self.server._trigger_event(  # noqa: SLF001  # engineio's way to tell Socket.IO
            "disconnect", self.sid, reason or self.server.reason.SERVER_DISCONNECT, run_async=False
        )
        if not abort:
            self._send(CLOSE)
        self.closed = True
        self.queue.put_nowait(None)
        if self._transport is not None and not self._transport.is_closing():
            if self._raw:
                self._transport.write(CLOSE_FRAME)
                self._transport.close()
            self._loop.call_later(LINGER, self._transport.abort)

    def _ping(self) -> None:
        self._pinged = True
        self._send(PING)
        self._timer = self._loop.call_later(self.server.ping_timeout, self.cut, "ping timeout")

    def _pong(self) -> None:
        if self.closed or not self._pinged:
            return  # unasked: it says nothing about whether the client reads
        self._pinged = False
        self._timer.cancel()
        self._timer = self._loop.call_later(self.server.ping_interval, self._ping)

    async def _received(self, text: str) -> None:
        kind = text[:1]
        if kind == MESSAGE:
            await self.server._trigger_event("message", self.sid, text[1:], run_async=False)  # noqa: SLF001
        elif kind == PONG:
            self._pong()
        elif kind == CLOSE:
            await self.close(abort=True, reason=self.server.reason.CLIENT_DISCONNECT)
        else:
            self.cut("malformed")

    async def handle_post_request(self, environ: dict[str, Any]) -> None:
        """Long-polling's way in: the whole body, however it was cut into segments, or `EngineIOError`."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length > self.server.max_http_buffer_size:
            raise exceptions.ContentTooLongError
        try:
            body = (await environ["wsgi.input"].readexactly(length)).decode()
        except (asyncio.IncompleteReadError, UnicodeDecodeError, web.RequestPayloadError) as error:
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
        if ws.compress:
            writer = asyncio.create_task(self._write_queued(ws), name="deflating writer")
        else:
            while not self.queue.empty():
                await ws.send_str(self.queue.get_nowait().encode())
            self._queued = 0
            self._raw = True
            self._fd = _descriptor(self._transport)
        try:
            while not self.closed and (text := await _text(ws)) is not None:
                await self._received(text)
        finally:
            await self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE)
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


def _descriptor(transport: asyncio.Transport | None) -> int:
    """Of the socket, if bytes written to it come out at the other end as they are; else -1."""
    if transport is None or transport.get_extra_info("sslcontext") is not None:
        return -1
    socket = transport.get_extra_info("socket")
    return -1 if socket is None else int(socket.fileno())


async def _text(ws: web.WebSocketResponse) -> str | None:
    """The next text message, or None when there will be none that this protocol knows."""
    message = await ws.receive()
    return message.data if message.type is WSMsgType.TEXT else None


class EngineServer(engineio.AsyncServer):  # type: ignore[misc]  # engineio has no types
    """engineio's server with `EngineSocket`, one timer a connection and no monitor."""

    def __init__(
        self, *, compression: bool, outbound_bytes: int, observe_cut: Callable[[str], None], **options: object
    ) -> None:
        super().__init__(**options)
        self.compression = compression
        self.outbound_bytes = outbound_bytes
        self.observe_cut = observe_cut
        self._closing: set[asyncio.Task[None]] = set()

    def background(self, closing: Coroutine[None, None, None]) -> None:
        """Carry a socket's end through."""
        task = asyncio.create_task(closing, name="closing")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _handle_connect(
        self, environ: dict[str, Any], transport: str, jsonp_index: int | None = None
    ) -> web.StreamResponse | dict[str, Any]:
        sid = self.generate_id()
        socket = EngineSocket(self, sid)
        self.sockets[sid] = socket
        opening = {
            "sid": sid,
            "upgrades": self._upgrades(sid, transport),
            "pingTimeout": int(self.ping_timeout * 1000),
            "pingInterval": int(self.ping_interval * 1000),
            "maxPayload": self.max_http_buffer_size,
        }
        socket._enqueue(OPEN + json.dumps(opening))  # noqa: SLF001
        await self._trigger_event("connect", sid, environ, run_async=False)
        if transport != "websocket":
            socket.connected = True
            return self._ok(await socket.poll(), jsonp_index=jsonp_index)  # type: ignore[no-any-return]
        try:
            return await socket._upgrade_websocket(environ)  # noqa: SLF001
        finally:
            await socket.close(abort=True, reason=self.reason.TRANSPORT_CLOSE)
