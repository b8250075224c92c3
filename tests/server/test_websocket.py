"""A connection on a transport that is as strict as uvloop's: what is written to a closed one is an error."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from server.frames import BINARY, TEXT
from server.transport import Socket, Terms
from server.websocket import WebSocket
from tests.hostile.row import frame


class StrictTransport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self._is_closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._is_closing:
            raise RuntimeError("the handle is closed")
        self.written += data

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def is_closing(self) -> bool:
        return self._is_closing

    def close(self) -> None:
        self._is_closing = True

    abort = close


@dataclass
class Owner:
    """Deals with a packet for as long as `go` is not set."""

    go: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def opened(self, _: Socket) -> None:
        pass

    async def received(self, _sid: str, _packet: str) -> None:
        await self.go.wait()

    def closing(self, _: str) -> None:
        pass

    def closed(self, _: str) -> None:
        self.ended.set()


async def test_broken_frame_before_a_lost_connection_leaves_no_ghost() -> None:
    """[T3] [P1] The owner is told at once, though nobody is there any more to be told what was wrong."""
    owner, transport = Owner(), StrictTransport()
    terms = Terms(owner, lambda _: None, 1_000_000, 1_000_000, ping_interval=600, ping_timeout=600)
    socket = WebSocket(terms, "a", transport)
    socket.data_received(frame(TEXT, b"42[]") + frame(BINARY, b"x"))
    await asyncio.sleep(0)
    transport.close()
    socket.connection_lost(None)
    owner.go.set()
    await asyncio.wait_for(owner.ended.wait(), 5)
    assert socket.closed


async def test_nothing_goes_past_a_transport_in_which_something_waits() -> None:
    """[R4] Nor past one that has ended. Every change is counted, for those who noted the descriptor."""
    transport = StrictTransport()
    socket = WebSocket(Terms(Owner(), lambda _: None, 1_000_000, 1_000_000, 600, 600), "a", transport)
    assert socket.fd == -1, "it has no descriptor"
    socket._descriptor = 7
    ends = (socket.pause_writing, socket.eof_received, lambda: socket.connection_lost(None), lambda: socket.end("x"))
    for end in ends:
        counted = Socket.changes
        socket.resume_writing()
        assert socket.fd == 7
        assert Socket.changes == counted + 1
        end()
        assert socket.fd == -1
        assert Socket.changes == counted + 2
        socket.closed, transport._is_closing = False, False
    transport.close()
    socket.resume_writing()
    assert socket.fd == -1
