"""What every socket is to the rest of the server: packets out at once, in order and within bounds; pings; an end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final, Protocol

from handlers.wire import dumps
from server.frames import text_frame
from server.wheel import Wheel

OPEN, CLOSE, PING, PONG, MESSAGE, UPGRADE, NOOP = "0", "1", "2", "3", "4", "5", "6"

LINGER: Final = 5.0
"""How long a closed connection may take to read what was already written before it is cut, in seconds."""

BURST, BURST_SECONDS = 8, 0.5
"""How many times the bound may wait, and how long more than the bound: what is written in one turn of the event loop
leaves at its end, so more than the bound in one turn says nothing about the reader."""


class Outgoing:
    """A Socket.IO packet, or several in their order: encoded and framed once however many sockets they go to."""

    __slots__ = ("frames", "parts")

    def __init__(self, text: str) -> None:
        text = MESSAGE + text
        self.parts: str | list[Outgoing] = text
        """The packet, or what was joined."""
        self.frames = text_frame(text)

    @classmethod
    def joined(cls, several: list[Outgoing]) -> Outgoing:
        if len(several) == 1:
            return several[0]
        made = cls.__new__(cls)
        made.parts = several
        made.frames = b"".join([one.frames for one in several])
        return made

    @property
    def texts(self) -> tuple[str, ...]:
        """The packets, for those who frame them otherwise."""
        parts = self.parts
        return (parts,) if isinstance(parts, str) else tuple(text for one in parts for text in one.texts)


class Owner(Protocol):
    """Whoever deals with what comes over the sockets. What is raised there is its own affair."""

    def opened(self, socket: Socket) -> None:
        """The handshake is done."""
        ...

    async def received(self, sid: str, packet: str) -> None:
        """One Socket.IO packet. The next one of this socket comes when this one was dealt with."""
        ...

    def closing(self, sid: str) -> None:
        """It is about to end: what is still to be sent to it is written now."""
        ...

    def closed(self, sid: str) -> None:
        """It has ended, and nothing follows."""
        ...


@dataclass(slots=True)
class Terms:
    """What holds for all sockets of a process. Times are in seconds."""

    owner: Owner
    observe_cut: Callable[[str], None]
    outbound_bytes: int
    frame_bytes: int
    ping_interval: float
    ping_timeout: float
    fast: bool = True
    """Whether bytes are written past the libraries."""
    wheel: Wheel = field(default_factory=Wheel)

    def opening(self, sid: str, upgrades: Sequence[str]) -> str:
        """Engine.IO's first packet."""
        return OPEN + dumps(
            {
                "sid": sid,
                "upgrades": upgrades,
                "pingTimeout": int(self.ping_timeout * 1000),
                "pingInterval": int(self.ping_interval * 1000),
                "maxPayload": self.frame_bytes,
            }
        )


class Socket:
    """One connection. A client for which more than `outbound_bytes` wait is cut.

    Each message is written to the transport at once, so the order of the calls is the order on the wire.
    """

    __slots__ = ("_allowance", "_fd", "_overdue", "_pinged", "_terms", "_transport", "closed", "sid", "slot")

    may_be_cancelled: ClassVar[bool] = False
    """Whether the library may cancel what deals with a packet."""
    changes: ClassVar[int] = 0
    """How often the `fd` of a socket of this process changed: descriptors noted before are then to be asked for again,
    since the kernel gives the number of a closed one to somebody else.
    """

    def __init__(self, terms: Terms, sid: str, transport: asyncio.Transport | None = None) -> None:
        self.sid = sid
        self.closed = False
        self.slot = 0
        self._terms = terms
        self._fd = -1
        self._transport = transport
        self._pinged = False
        self._allowance = 0
        self._overdue: asyncio.TimerHandle | None = None
        terms.wheel.arm_about(self, terms.ping_interval)

    @property
    def fd(self) -> int:
        """Where frames may be written at once, past the transport: as long as it is open and nothing waits in it.
        Otherwise -1.
        """
        return self._fd

    def _point_to(self, fd: int) -> None:
        if fd != self._fd:
            self._fd = fd
            Socket.changes += 1

    def write(self, out: Outgoing) -> bool:
        """Send the packets. False if the connection has ended, or was cut because its client does not read."""
        if self._fd >= 0:
            try:
                written = os.write(self._fd, out.frames)
            except OSError:
                written = 0
            if written < len(out.frames):
                self.write_rest(out, written)
            return True
        return not self.closed and self._write_in_turn(out)

    def write_rest(self, out: Outgoing, written: int) -> None:
        """Send what is left of the packets: the kernel took so many bytes at `fd`, or refused them all."""
        if self._transport is not None:  # it finds out what is wrong, if it is more than a full buffer
            self._allowance = len(out.frames)
            self._transport.write(out.frames[written:])

    def _write_in_turn(self, out: Outgoing) -> bool:
        return self._write(out.frames)

    def _write(self, frame: bytes) -> bool:
        if self._transport is None or self._transport.is_closing() or not self._takes(len(frame)):
            return False
        self._transport.write(frame)
        return True

    def _send(self, packet: str) -> None:
        """One of Engine.IO's own."""
        self._write(text_frame(packet))

    def _takes(self, size: int) -> bool:
        """Whether the client reads well enough to be sent more; one that does not is cut."""
        waiting = self._waiting()
        if waiting == 0:
            self._allowance = 0
        elif waiting > self._bound() * BURST:
            self.cut("slow")
            return False
        elif waiting > self._bound() and self._overdue is None:
            self._overdue = asyncio.get_running_loop().call_later(BURST_SECONDS, self._check_overdue)
        # One answer may exceed the bound by itself; to wait for its reader is no reason to cut.
        self._allowance = max(self._allowance, size)
        return True

    def _waiting(self) -> int:
        return self._transport.get_write_buffer_size() if self._transport is not None else 0

    def _bound(self) -> int:
        return self._terms.outbound_bytes + self._allowance

    def _check_overdue(self) -> None:
        self._overdue = None
        if self._waiting() > self._bound():
            self.cut("slow")

    # The end

    def cut(self, reason: str) -> None:
        """End the connection now, without waiting for what was not read."""
        if self._transport is not None:
            self._transport.abort()
        if self._leave():
            self._terms.observe_cut(reason)

    def end(self, reason: str | None = None) -> None:
        """End the connection once what was written is out. Without a reason it is the client's wish."""
        if self.closed:
            return
        self._terms.owner.closing(self.sid)
        self._say_goodbye()
        self._leave()
        if reason is not None:
            self._terms.observe_cut(reason)

    def _say_goodbye(self) -> None:
        """Tell the client, and close the transport behind that."""
        raise NotImplementedError

    def _leave(self, linger: float = LINGER) -> bool:
        """Nothing more comes or goes, and the owner is told, but never by the call of its own that led here.

        False where that was so already. A transport that is not gone by then is aborted after so many seconds.
        """
        if self.closed:
            return False
        self.closed = True
        self._point_to(-1)
        if self._overdue is not None:
            self._overdue.cancel()
        if self._transport is None:
            self._terms.wheel.disarm(self)
        else:
            self._terms.wheel.arm(self, linger)
        asyncio.get_running_loop().call_soon(self._terms.owner.closed, self.sid)
        return True

    # Time

    def due(self) -> None:
        if self.closed:
            if self._transport is not None:
                self._transport.abort()
        elif self._pinged:
            self.cut("ping timeout")
        else:
            self._pinged = True
            self._terms.wheel.arm(self, self._terms.ping_timeout)
            self._send(PING)

    def _pong(self) -> None:
        if self.closed or not self._pinged:
            return  # unasked: it says nothing about whether the client reads
        self._pinged = False
        self._terms.wheel.arm_about(self, self._terms.ping_interval)
