"""The wire, packet by packet, for what a client library hides."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

BOUND = 10.0
"""How long a test waits for a packet, in seconds."""

SEPARATOR = "\x1e"
"""Between the packets of one body of long-polling."""

CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR = "0", "1", "2", "3", "4"

_PACKET = re.compile(r"(\d)(\d*)(?:/[^,]*,)?(.*)", re.DOTALL)

HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@dataclass(frozen=True, slots=True)
class Packet:
    """One Socket.IO packet of the server: `kind` is its digit, `name` an event's, `id` an ack's."""

    kind: str
    data: Any
    name: str = ""
    id: int | None = None

    @classmethod
    def parse(cls, text: str) -> Packet:
        match = _PACKET.fullmatch(text)
        assert match is not None, text
        kind, number, body = match.groups()
        data: Any = json.loads(body) if body else None
        if kind == EVENT:
            return cls(kind, data[1], name=data[0])
        if kind == ACK:
            (answer,) = data
            return cls(kind, answer, id=int(number))
        return cls(kind, data)


def event(name: str, payload: object, ack_id: int | None = None) -> str:
    """The Engine.IO packet of a command."""
    return f"42{'' if ack_id is None else ack_id}{json.dumps([name, payload])}"


class Wire:
    """One Engine.IO WebSocket: `opening` is the server's first packet, `passed` holds what `call` passed over."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.opening: dict[str, Any] = {}
        self.passed: list[Packet] = []
        self._calls = 0

    async def send(self, text: str) -> None:
        """One Engine.IO packet, as it is."""
        await self.socket.send_str(text)

    async def frame(self) -> str | None:
        """The next Engine.IO packet but for NOOPs and pings, which are answered; None once the server has closed."""
        while True:
            message = await self.socket.receive(BOUND)
            if message.type is not aiohttp.WSMsgType.TEXT:
                return None
            if message.data == "2":
                await self.send("3")
            elif message.data != "6":
                return str(message.data)

    async def read(self) -> Packet | None:
        """The next Socket.IO packet but for presence, which comes when it likes; None once the server has closed."""
        while (text := await self.frame()) is not None and text != "1":
            assert text[0] == "4", text
            packet = Packet.parse(text[1:])
            if packet.name != "presence":
                return packet
        return None

    async def rest(self) -> list[Packet]:
        """All packets until the server closes."""
        packets = []
        while (packet := await self.read()) is not None:
            packets.append(packet)
        return packets

    async def connect(self, token: object) -> dict[str, Any]:
        """CONNECT, and the `hello` that answers it."""
        await self.send("40" + json.dumps({"token": token}))
        accepted, hello = await self.read(), await self.read()
        assert accepted is not None
        assert accepted.kind == CONNECT, accepted
        assert hello is not None
        assert hello.name == "hello", hello
        body: dict[str, Any] = hello.data
        return body

    async def refused(self, auth: object) -> dict[str, Any]:
        """The server's refusal of this CONNECT, after which it closed the connection."""
        await self.send("40" + json.dumps(auth))
        (packet,) = await self.rest()
        assert packet.kind == CONNECT_ERROR, packet
        body: dict[str, Any] = packet.data
        return body

    async def call(self, name: str, payload: object) -> dict[str, Any]:
        """A command's ack."""
        self._calls += 1
        await self.send(event(name, payload, self._calls))
        while (packet := await self.read()) is not None:
            if packet.kind == ACK:
                assert packet.id == self._calls
                answer: dict[str, Any] = packet.data
                return answer
            self.passed.append(packet)
        raise ConnectionError(f"{name}: closed before the ack")


@asynccontextmanager
async def dial(url: str, *, headers: Mapping[str, str] | None = None, compress: int = 0) -> AsyncIterator[Wire]:
    """A WebSocket on which the Engine.IO handshake is done, and nothing more."""
    async with aiohttp.ClientSession() as session:
        address = f"{url}/socket.io/?EIO=4&transport=websocket"
        async with session.ws_connect(address, headers=headers, compress=compress, max_msg_size=0) as socket:
            wire = Wire(socket)
            opening = await wire.frame()
            assert opening is not None
            assert opening[0] == "0", opening
            wire.opening = json.loads(opening[1:])
            yield wire


@asynccontextmanager
async def connected(url: str, token: str, *, compress: int = 0) -> AsyncIterator[Wire]:
    """A WebSocket that the server greeted."""
    async with dial(url, compress=compress) as wire:
        await wire.connect(token)
        yield wire


class Polling:
    """One Engine.IO connection over long-polling. Socket.IO packets but presence come to `packets`, in order."""

    def __init__(self, http: aiohttp.ClientSession, url: str, opening: dict[str, Any]) -> None:
        self.http, self.opening = http, opening
        self.address = f"{url}/socket.io/?EIO=4&transport=polling&sid={opening['sid']}"
        self.packets: list[Packet] = []
        self.upgraded = False

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Polling]:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=BOUND)) as http:
            async with http.get(f"{url}/socket.io/?EIO=4&transport=polling") as response:
                assert response.status == 200
                opening = await response.text()
            assert opening[0] == "0"
            yield cls(http, url, json.loads(opening[1:]))

    async def poll(self) -> None:
        """One request for what waits."""
        async with self.http.get(self.address) as response:
            assert response.status == 200, await response.text()
            for text in (await response.text()).split(SEPARATOR):
                if text == "2":
                    await self.post("3")
                elif text == "6":
                    self.upgraded = True
                else:
                    assert text[0] == "4", text
                    packet = Packet.parse(text[1:])
                    if packet.name != "presence":
                        self.packets.append(packet)

    async def post(self, *texts: str) -> None:
        async with self.http.post(self.address, data=SEPARATOR.join(texts)) as response:
            assert (response.status, await response.text()) == (200, "OK")

    async def connect(self, token: str) -> None:
        await self.post("40" + json.dumps({"token": token}))
        while len(self.packets) < 2:
            await self.poll()
        assert [packet.kind for packet in self.packets] == [CONNECT, "2"]
        assert self.packets[1].name == "hello"
        self.packets.clear()

    @asynccontextmanager
    async def upgrade(self, url: str) -> AsyncIterator[Wire]:
        """The same connection over a WebSocket, once the pending poll has ended."""
        polling = asyncio.create_task(self._poll_on())
        address = f"{url}/socket.io/?EIO=4&transport=websocket&sid={self.opening['sid']}"
        async with self.http.ws_connect(address) as socket:
            wire = Wire(socket)
            await wire.send("2probe")
            assert await wire.frame() == "3probe"
            await polling
            await wire.send("5")
            yield wire

    async def _poll_on(self) -> None:
        while not self.upgraded:
            await self.poll()
