"""The lower half of a cheap connection: handshake, CONNECT, pings, and what comes, counted as it comes.

No task, no object and no JSON for an event that others of its room received before.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from itertools import count
from time import monotonic_ns
from typing import cast
from urllib.parse import urlsplit

import orjson

from loadtest.frames import (
    ACK,
    CONNECTED,
    END,
    EVENT,
    LEFT,
    OPEN,
    PING,
    PONG,
    REFUSED,
    BadFrame,
    command,
    masked,
    split,
)
from loadtest.histogram import EXACT, FINE
from loadtest.ledger import Ledger, Room, Seat, Sighting

HANDSHAKE = (
    "GET {path}/socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {host}\r\n"
    "Connection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
LONGEST_HEAD = 16_384
SMALL = 4_096

Answer = Callable[[bytes], None]


class Gone(Exception):  # noqa: N818
    """The connection ended or was never made; the message says how, and `code` is a refused CONNECT's (T4)."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Wire(asyncio.Protocol):
    """One socket of one user. All that comes is counted in the ledger by the time `data_received` returns."""

    def __init__(self, ledger: Ledger, url: str, token: str) -> None:
        self.replica = url
        """The address it was made to."""
        self.seats: dict[Room, Seat] = {}
        self.lost = False
        self.expected = False
        """That it ends is no surprise."""
        loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[None] = loop.create_future()
        """Done when the server has accepted CONNECT; Gone when it did not."""
        self.ended: asyncio.Future[None] = loop.create_future()
        self.ledger, self._token = ledger, token
        self._parts = urlsplit(url)
        self._acks: dict[int, Answer] = {}
        self._numbers = count(1)
        self._rest = b""
        self._open = False
        self._transport: asyncio.Transport | None = None

    def send(self, name: str, payload: object, answer: Answer) -> None:
        """The command; `answer` is called with the text of its ack, and never if the connection ends before.

        What is sent on a connection that has ended goes nowhere and is not counted.
        """
        if self._transport is None:
            raise Gone(f"{name}: not connected")
        if self._transport.is_closing():
            return
        number = next(self._numbers)
        self._acks[number] = answer
        self.ledger.tally.sent += 1
        self._transport.write(command(name, payload, number))

    def pause(self) -> None:
        """Read nothing more, and let the kernel keep little."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()
            own = self._transport.get_extra_info("socket")
            own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)

    def nudge(self) -> None:
        """Write a word that means nothing: a socket that reads nothing learns in this way that it was cut."""
        self._write(PONG)

    def close(self) -> None:
        """End it, without asking the server."""
        self.expected = True
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = made = cast("asyncio.Transport", transport)
        path = self._parts.path.rstrip("/")
        made.write(HANDSHAKE.format(path=path, host=self._parts.netloc).encode())

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        self.ledger.tally.cut += not self.expected
        self._refuse(f"the server hung up {exc or ''}")
        if not self.ended.done():
            self.ended.set_result(None)

    def _refuse(self, reason: str, code: str = "") -> None:
        if not self.ready.done():
            self.expected = True
            self.ready.set_exception(Gone(f"{self._parts.netloc}: {reason}".rstrip(), code))
            self._abort()

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _write(self, text: str) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(masked(text))

    def data_received(self, data: bytes) -> None:
        ledger = self.ledger
        chunk = ledger.chunks.get(data)
        if chunk is None or self._rest:
            self._read(data)
            return
        room, first, sightings = chunk
        seat = self.seats.get(room)
        if seat is None or seat.at != first - 1:
            self._read(data)
            return
        # The next events of this room, in bytes that other members of it received too: nearly all that ever comes.
        seat.at = first + len(sightings) - 1
        ledger.tally.delivered += len(sightings)
        now, counts = monotonic_ns(), ledger.latency.counts
        for sighting in sightings:
            if sighting.sent:
                took = (now - sighting.sent) // 1000
                if took < EXACT:
                    counts[took] += 1
                else:
                    shift = took.bit_length() - FINE
                    counts[(shift << (FINE - 1)) + (took >> shift)] += 1
            sighting.left -= 1
            if not sighting.left:
                ledger.complete(sighting)

    def _read(self, data: bytes) -> None:
        rest, whole = self._rest, not self._rest
        if rest:
            data = rest + data
        if not self._open:
            data = self._shake(data)
            if not data:
                return
            whole = False
        try:
            texts, self._rest = split(data)
        except BadFrame as error:
            self._refuse(f"no text frame: {error}")
            self._abort()
            return
        now = monotonic_ns()
        read: list[Sighting] = []
        whole = whole and not self._rest
        for text in texts:
            if not text.startswith(EVENT):
                self._packet(text)
                whole = False
                continue
            sighting = self.ledger.read(text)
            in_line = sighting is not None and self.ledger.take(self.seats, sighting, now)
            whole = whole and in_line and sighting is not None and (not read or read[0].room is sighting.room)
            if sighting is not None:
                read.append(sighting)
        if whole and read:
            self.ledger.remember(data, (read[0].room, read[0].seq, tuple(read)))

    def _shake(self, data: bytes) -> bytes:
        """What follows the answer to the handshake, if it is all there."""
        head, end, data = data.partition(b"\r\n\r\n")
        if not end:
            self._rest = head
            if len(head) > LONGEST_HEAD:
                self._refuse("no HTTP answer")
            return b""
        self._rest = b""
        status = head.split(b"\r\n", 1)[0]
        if b" 101" not in status:
            self._refuse(f"handshake: {status.decode('latin-1')}")
            return b""
        self._open = True
        return data

    def _packet(self, text: bytes) -> None:
        if text.startswith(ACK):
            end = text.index(b"[")
            answer = self._acks.pop(int(text[2:end]), None)
            if answer is not None:
                self.ledger.tally.acked += 1
                answer(text[end:])
        elif text == PING:
            self._write(PONG)
        elif text.startswith(OPEN):
            self._write("40" + orjson.dumps({"token": self._token}).decode())
        elif text.startswith(CONNECTED):
            if not self.ready.done():
                self.ready.set_result(None)
        elif text.startswith(REFUSED):
            refusal = orjson.loads(text[2:])
            code = (refusal.get("data") or {}).get("code", "refused")
            self._refuse(f"{code}: {refusal['message']}", code)
        elif not text or text.startswith((END, LEFT)):
            self._refuse("the server sent it away")
            self._abort()
