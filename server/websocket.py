"""Engine.IO over a WebSocket with nothing between it and the event loop: no request, no task and no timer while idle.

It is what a connection is as soon as `server/upgrade.py` has let it in.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from aiohttp import WSCloseCode

from server import frames
from server.frames import FrameReader, Violation
from server.transport import CLOSE, MESSAGE, PONG, Socket, Terms

EACH: Final = 64
"""What keeping a message costs besides its bytes."""
REPLY: Final = 1.0
"""How long a client may take to answer the end of a conversation that broke the protocol, in seconds."""


class WebSocket(Socket, asyncio.Protocol):
    """One connection. Its packets are dealt with one after the other, by a task that lasts until none is left."""

    __slots__ = ("_descriptor", "_inbox", "_kept", "_paused", "_reader", "_task")

    def __init__(self, terms: Terms, sid: str, transport: asyncio.Transport) -> None:
        super().__init__(terms, sid, transport)
        transport.set_write_buffer_limits(0)  # so it is told when something waits, and when nothing does any more
        self._fd = self._descriptor = _descriptor(transport)  # nobody has noted another
        self._reader = FrameReader(terms.frame_bytes)
        self._inbox: deque[str | int | Violation] | None = None
        """What came while a packet is dealt with: packets, or how the conversation ends. None while there is none."""
        self._kept = 0
        self._paused = False
        self._task: asyncio.Task[None] | None = None

    # What the event loop tells

    def data_received(self, data: bytes) -> None:
        if self.closed:
            return
        try:
            for opcode, body in self._reader.read(data):
                self._message(opcode, body)
        except Violation as violation:
            self._in_turn(violation)

    def pause_writing(self) -> None:
        self._point_to(-1)

    def resume_writing(self) -> None:
        if not self.closed and not self._is_closing():
            self._point_to(self._descriptor)

    def eof_received(self) -> None:
        self._point_to(-1)  # the transport closes itself

    def connection_lost(self, _: Exception | None) -> None:
        self._point_to(-1)
        if self.closed:
            self._terms.wheel.disarm(self)
        else:
            self._in_turn(0)

    # Messages

    def _message(self, opcode: int, body: bytes) -> None:
        if self.closed:
            return
        if opcode == frames.TEXT:
            text = frames.text_of(body)
            if text[:1] == PONG:
                self._pong()
            else:
                self._in_turn(text)
        elif opcode == frames.PING:
            self._write(frames.frame(frames.PONG, body))
        elif opcode == frames.CLOSE:
            self._in_turn(frames.close_code(body))
        elif opcode == frames.BINARY:
            raise Violation(WSCloseCode.UNSUPPORTED_DATA)

    def _in_turn(self, item: str | int | Violation) -> None:
        if self._inbox is not None:
            self._keep(item)
        elif isinstance(item, str):
            self._inbox = deque((item,))
            self._kept = len(item) + EACH
            self._task = asyncio.create_task(self._attend(self._inbox), name="packets of a socket")
        else:
            self._over(item)

    def _keep(self, item: str | int | Violation) -> None:
        if self._inbox is not None:
            self._inbox.append(item)
        self._kept += (len(item) if isinstance(item, str) else 0) + EACH
        if self._kept > self._terms.frame_bytes and not self._paused and not self._is_closing():
            self._paused = True
            if self._transport is not None:
                self._transport.pause_reading()

    async def _attend(self, inbox: deque[str | int | Violation]) -> None:
        try:
            while inbox and not self.closed:
                item = inbox.popleft()
                if isinstance(item, str):
                    self._kept -= len(item) + EACH
                    await self._packet(item)
                    if self._paused and self._kept <= self._terms.frame_bytes // 2:
                        self._go_on_reading()
                else:
                    self._over(item)
        finally:
            self._inbox = self._task = None
            self._go_on_reading()

    def _go_on_reading(self) -> None:
        if self._paused and self._transport is not None and not self._is_closing():
            self._transport.resume_reading()
        self._paused = False

    def _is_closing(self) -> bool:
        return self._transport is None or self._transport.is_closing()

    async def _packet(self, text: str) -> None:
        kind = text[:1]
        if kind == MESSAGE:
            await self._terms.owner.received(self.sid, text[1:])
        elif kind == CLOSE:
            self._over(frames.NO_CODE)
        else:
            self.end("malformed")

    # The end

    def _over(self, why: int | Violation) -> None:
        """The client ends the conversation, in words or without (0), or is in no state to go on with it."""
        transport = self._transport
        if self.closed or transport is None:
            return
        self._terms.owner.closing(self.sid)
        if transport.is_closing():
            pass  # nobody is there to be told
        elif isinstance(why, Violation):
            transport.write(frames.close_frame(why.code))
            self._leave(REPLY)  # what it still sends is read, or the code would not arrive
            return
        elif why:
            transport.write(frames.close_frame(why))
            transport.close()
        self._leave()
        if not why:
            self._terms.wheel.disarm(self)

    def _say_goodbye(self) -> None:
        if self._transport is not None and not self._is_closing():
            self._transport.write(frames.text_frame(CLOSE) + frames.close_frame(WSCloseCode.GOING_AWAY))
            self._transport.close()


def _descriptor(transport: asyncio.Transport) -> int:
    """Of the socket, if bytes written to it come out at the other end as they are; else -1."""
    if transport.get_extra_info("sslcontext") is not None:
        return -1
    socket = transport.get_extra_info("socket")
    return -1 if socket is None else int(socket.fileno())
