"""Clients that cost next to nothing: frames made in advance, one callback an answer, no task and no JSON."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import cast
from urllib.parse import urlsplit

import orjson

from loadtest.frames import PING, PONG, command, masked, split
from tests.bench.rows import BODY, CLAIM, HANDOFF, MESSAGE, SESSION, Run, steady_rate

HANDSHAKE = (
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {host}\r\n"
    "Connection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
_HANDOFF = re.compile(HANDOFF.encode() + rb"(\d{12})")


class Socket(asyncio.Protocol):
    """One connection. `on_ack` is given the id and the text of each ack, `on_event` the text of each event."""

    def __init__(self, url: str, token: str) -> None:
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.on_ack: Callable[[int, bytes], None] = lambda _number, _text: None
        self.on_event: Callable[[bytes], None] = lambda _text: None
        self._url, self._token = url, token
        self._buffer = b""
        self._open = False

    @classmethod
    async def connect(cls, url: str, token: str) -> Socket:
        parts = urlsplit(url)
        loop = asyncio.get_running_loop()
        _, made = await loop.create_connection(lambda: cls(url, token), parts.hostname or "", parts.port or 80)
        await made.ready
        return made

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(HANDSHAKE.format(host=urlsplit(self._url).netloc).encode())

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ready.done():
            self.ready.set_exception(exc or ConnectionError("the server hung up"))

    def write(self, data: bytes) -> None:
        self._transport.write(data)

    def close(self) -> None:
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        if not self._open:
            head, end, buffer = buffer.partition(b"\r\n\r\n")
            if not end:
                self._buffer = head
                return
            self._open = True
        texts, self._buffer = split(buffer)
        for text in texts:
            self._packet(text)

    def _packet(self, text: bytes) -> None:
        if text.startswith(b"43"):
            end = text.index(b"[")
            self.on_ack(int(text[2:end]), text)
        elif text.startswith(b"42"):
            if not self.ready.done() and text.startswith(b'42["hello"'):
                self.ready.set_result(None)
            self.on_event(text)
        elif text.startswith(b"0"):
            self.write(masked("40" + orjson.dumps({"token": self._token}).decode()))
        elif text == PING:
            self.write(masked(PONG))
        elif text.startswith(b"44") and not self.ready.done():
            self.ready.set_exception(ConnectionError(text.decode()))

    async def call(self, name: str, payload: object) -> bytes:
        """The text of the ack."""
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.on_ack = lambda _, text: None if answer.done() else answer.set_result(text)
        self.write(command(name, payload, 0))
        text = await answer
        if b'{"ok":true' not in text:
            raise RuntimeError(text.decode())
        return text


@dataclass
class Measured:
    """What one run of the server came to."""

    answered: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    """From sending the claim that won to its event at another client, in seconds."""

    @property
    def rate(self) -> float:
        return steady_rate(self.answered)


class Drive:
    """Sends a run's claims: a lane its next one when the last was answered, or all lanes at once to each handoff."""

    def __init__(self, run: Run, lanes: list[list[Socket]], observer: Socket | None) -> None:
        self._run, self._lanes = run, lanes
        self._frames = [
            [self._masked(lane, index) for index in range(run.scenario.each)] for lane in range(run.scenario.lanes)
        ]
        self._next = [0] * len(lanes)
        self._sent: dict[int, float] = {}
        self._left = run.scenario.total
        self._round = 0
        self._events = run.scenario.handoffs if observer is not None else 0
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.measured = Measured()
        for lane, sockets in enumerate(lanes):
            for socket in sockets:
                socket.on_ack = partial(self._acked, lane)
        if observer is not None:
            observer.on_event = self._seen

    def _masked(self, lane: int, index: int) -> bytes:
        run = self._run
        if run.scenario.writes == "messages":
            about = {"session_id": f"{SESSION}{run.handoff(lane, index)}", "kind": "note", "body": BODY}
            return command("message:post", about | {"message_id": f"{MESSAGE}{run.attempt(lane, index)}"}, index)
        ids = {"handoff_id": f"{HANDOFF}{run.handoff(lane, index)}", "claim_id": f"{CLAIM}{run.attempt(lane, index)}"}
        return command("handoff:claim", ids, index)

    async def __call__(self) -> Measured:
        self._send_all()
        await self._done
        return self.measured

    def _send_all(self) -> None:
        self._round = len(self._lanes)
        for lane in range(len(self._lanes)):
            self._send(lane)

    def _send(self, lane: int) -> None:
        index = self._next[lane]
        if index >= self._run.scenario.each:
            return
        self._next[lane] = index + 1
        sockets = self._lanes[lane]
        self._sent.setdefault(self._run.handoff(lane, index), perf_counter())
        sockets[index % len(sockets)].write(self._frames[lane][index])

    def _acked(self, lane: int, _index: int, text: bytes) -> None:
        contended = self._run.scenario.contended
        if b'{"ok":true' not in text and not (contended and b'"already_claimed"' in text):
            self._fail(text)
        self.measured.answered.append(perf_counter())
        self._left -= 1
        if not contended:
            self._send(lane)
        else:
            self._round -= 1
            if not self._round and self._left:
                self._send_all()
        self._finish()

    def _seen(self, text: bytes) -> None:
        now = perf_counter()
        if text.startswith(b'42["handoff:claimed"'):
            found = _HANDOFF.search(text)
            if found is None:
                self._fail(text)
            else:
                self.measured.latencies.append(now - self._sent[int(found[1])])
                self._events -= 1
                self._finish()

    def _finish(self) -> None:
        if not self._left and not self._events and not self._done.done():
            self._done.set_result(None)

    def _fail(self, text: bytes) -> None:
        if not self._done.done():
            self._done.set_exception(RuntimeError(text.decode()))
