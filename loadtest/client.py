"""A typed client of the wire contract: rooms are followed by R6, resumed by R5, and every wait has a bound.

It knows the wire alone. What arrives and breaks the contract is kept in `Client.faults` and raised at the end, so that
no test passes over it.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Self

import aiohttp
import socketio  # type: ignore[import-untyped, unused-ignore] # ships no types
from pydantic import ValidationError

from loadtest.fold import (
    HELD,
    KEEP,
    AckLost,
    ConnectRefused,
    Event,
    Hello,
    Joined,
    Refused,
    RoomEnded,
    RoomView,
    Signal,
    WireError,
    read_ack,
)

__all__ = [
    "AckLost",
    "Client",
    "ConnectRefused",
    "Event",
    "Hello",
    "HttpDoor",
    "Refused",
    "RoomEnded",
    "RoomView",
    "Signal",
    "WireError",
]

SIGNALS = 256
REJOINS = 5
MESSAGE_BYTES = 32 * 2**20  # aiohttp hangs up at 4 MiB, less than a snapshot of 200 long messages
CLOSE_SECONDS = 5.0

LOG = logging.getLogger("loadtest.socket")


class _Link:
    """One connection, from dialling to closed; never used again. What arrives goes to `receive`, in order."""

    def __init__(self, receive: Callable[[str, Any], None], on_lost: Callable[[], None]) -> None:
        self._receive: Callable[[str, Any], None] | None = receive
        self._on_lost = on_lost
        self._lost = False
        self._acks: set[asyncio.Future[tuple[Any, ...] | None]] = set()
        self._accepted: asyncio.Future[ConnectRefused | None] = asyncio.get_running_loop().create_future()
        self._hello: asyncio.Future[Hello | ConnectRefused] = asyncio.get_running_loop().create_future()
        # Our own session: engine.io leaves the one it makes open when the handshake fails.
        self._http = aiohttp.ClientSession()
        self._sio: Any = socketio.AsyncClient(
            reconnection=False,
            handle_sigint=False,
            http_session=self._http,
            logger=LOG,
            engineio_logger=LOG,
            websocket_extra_options={"max_msg_size": MESSAGE_BYTES},
        )
        # Not `async def`: engine.io runs each message in a task of its own; what never waits keeps their order.
        self._sio.on("*", self._on_any)
        self._sio.on("connect", lambda: _settle(self._accepted, None))
        self._sio.on("connect_error", self._on_refused)
        self._forget = self._sio.eio.handlers["disconnect"]
        self._sio.eio.on("disconnect", self._on_transport_lost)

    async def open(self, url: str, token: str, timeout: float) -> Hello:
        """Returns with the server's `hello`; raises ConnectRefused, and then nothing is left open."""
        hello: Hello | ConnectRefused
        try:
            async with asyncio.timeout(timeout):
                # wait=False: a close that comes while the stock connect() waits is never told to anyone.
                await self._sio.connect(url, auth={"token": token}, transports=["websocket"], wait=False)
                # Both: what a stock server emits while it connects overtakes its answer to CONNECT.
                hello = await self._accepted or await self._hello
        except TimeoutError:
            hello = ConnectRefused(f"no hello from {url} within {timeout} s", "timeout", 0)
        except (socketio.exceptions.ConnectionError, aiohttp.ClientError, OSError, TypeError, ValueError) as exc:
            # The last two are engine.io's, for a close frame or other text in the place of its OPEN packet.
            answer = exc.__cause__.__context__ if exc.__cause__ else None
            status = answer.status if isinstance(answer, aiohttp.WSServerHandshakeError) else 0
            hello = ConnectRefused(f"{url}: {answer or exc}", "handshake", status)
        except BaseException:
            await self.close()
            raise
        if isinstance(hello, ConnectRefused):
            await self.close()
            raise hello
        return hello

    async def call(self, name: str, payload: dict[str, Any], timeout: float) -> tuple[Any, ...]:
        """The arguments of the ack. `emit` queues and never waits, so commands leave in the order of the calls."""
        if self._lost:
            raise AckLost(f"{name}: the connection is closed")
        ack: asyncio.Future[tuple[Any, ...] | None] = asyncio.get_running_loop().create_future()
        self._acks.add(ack)
        try:
            async with asyncio.timeout(timeout):
                await self._sio.emit(name, payload, callback=lambda *args: _settle(ack, args))
                args = await ack
        except (TimeoutError, socketio.exceptions.SocketIOError) as exc:
            raise AckLost(f"{name}: no ack within {timeout} s ({exc!r})") from exc
        finally:
            self._acks.discard(ack)
        if args is None:
            raise AckLost(f"{name}: the connection closed before the ack")
        return args

    async def close(self) -> None:
        """Nothing is received from here on; when it returns, the socket, its tasks and its session are gone."""
        self._receive = None
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._sio.disconnect()
                # A close told twice, by packet and by transport, takes back the word that ends the writing task.
                self._sio.eio.queue.put_nowait(None)
                await self._sio.eio.wait()
        await self._http.close()
        self._end()

    def _on_any(self, name: str, *args: Any) -> None:  # noqa: ANN401 - the edge
        data = args[0] if len(args) == 1 else list(args)
        if name == "hello":
            try:
                _settle(self._hello, Hello.model_validate(data))
            except ValidationError as exc:
                _settle(self._hello, ConnectRefused(f"hello breaks T5: {exc}", "hello", 0))
        if self._receive is not None:
            self._receive(name, data)

    def _on_refused(self, error: Any = None) -> None:  # noqa: ANN401 - the edge
        match error:
            case {"message": str(message), "data": {"code": str(code), "status": int(status)}}:
                _settle(self._accepted, ConnectRefused(message, code, status))
            case dict():
                _settle(self._accepted, ConnectRefused(f"the refusal breaks T4: {error}", "refused", 0))

    async def _on_transport_lost(self, reason: str) -> None:
        # One turn of the loop for the tasks of the messages that came with the close: the stock handler drops every
        # callback, and an ack that did arrive would count as lost.
        await asyncio.sleep(0)
        await self._forget(reason)
        self._end()

    def _end(self) -> None:
        if not self._lost:
            self._on_lost()
        self._lost = True
        for ack in self._acks:
            _settle(ack, None)
        closed = ConnectRefused("the connection closed before hello", "closed", 0)
        _settle(self._accepted, closed)
        _settle(self._hello, closed)


def _settle(future: asyncio.Future[Any], result: object) -> None:
    if not future.done():
        future.set_result(result)


class Client:
    """One user's connection, and the rooms it follows over the connections that come after it; made by `connect`.

    `signals` holds the newest 256 signals; `strays` the newest events of rooms that are not joined (there should be
    none); `faults` what broke the contract. `closed` is set while there is no connection.
    """

    def __init__(self, url: str, token: str, *, timeout: float = 10.0) -> None:
        self.closed = asyncio.Event()
        self.signals: asyncio.Queue[Signal] = asyncio.Queue(SIGNALS)
        self.strays: deque[Event] = deque(maxlen=HELD)
        self.faults: list[WireError] = []
        self.hello: Hello
        self._url, self._token, self._timeout = url, token, timeout
        self._link: _Link
        self._rooms: dict[str, RoomView] = {}
        self._rejoining: dict[str, asyncio.Task[None]] = {}
        self._joins = 0
        self._early: dict[str, deque[Event]] = {}
        self._listeners: list[tuple[str, asyncio.Future[Signal]]] = []

    @classmethod
    @asynccontextmanager
    async def connect(cls, url: str, token: str, *, timeout: float = 10.0) -> AsyncIterator[Self]:
        """A client that was greeted; raises ConnectRefused. `timeout` bounds this, joins and reconnections.

        At the end the connection, its tasks and its session are gone, all views have ended, and the first of `faults`
        is raised unless another exception is on its way.
        """
        client = cls(url, token, timeout=timeout)
        try:
            await client._dial()
            yield client
        finally:
            await client.close()
            for room in client._rooms.values():
                room.end("the client is gone")
        if client.faults:
            raise client.faults[0]

    async def command(self, name: str, payload: dict[str, Any], *, timeout: float = 10.0) -> dict[str, Any]:
        """The `data` of the answer; raises Refused, AckLost, or WireError for an ack that breaks A1.

        Commands leave in the order of the calls, also of calls from different tasks.
        """
        return read_ack(name, await self._link.call(name, payload, timeout))

    async def join_session(self, session_id: str, *, keep: int = KEEP) -> RoomView:
        """A view of the session's room. No event between the server's answer and the return is lost."""
        return await self._join("session", {"session_id": session_id}, keep)

    async def join_queue(self, *, keep: int = KEEP) -> RoomView:
        """A view of the account's queue; see `join_session`."""
        return await self._join("queue", {}, keep)

    async def signal(self, name: str, timeout: float = 10.0) -> Signal:
        """The oldest waiting signal of that name, or the next to come; the others keep their places."""
        waiting = [self.signals.get_nowait() for _ in range(self.signals.qsize())]
        found = next((signal for signal in waiting if signal.name == name), None)
        for signal in waiting:
            if signal is not found:
                self.signals.put_nowait(signal)
        if found is not None:
            return found
        listener: tuple[str, asyncio.Future[Signal]] = (name, asyncio.get_running_loop().create_future())
        self._listeners.append(listener)
        try:
            async with asyncio.timeout(timeout):
                return await listener[1]
        except TimeoutError:
            raise TimeoutError(f"no signal {name} within {timeout} s") from None
        finally:
            self._listeners.remove(listener)

    async def reconnect(self, token: str | None = None, *, url: str | None = None) -> None:
        """A new connection (of a new token, to another replica) on which every view has resumed by R5.

        Raises ConnectRefused or AckLost, and may then be called again. A view whose join is refused has ended.
        """
        await self.close()
        self._token, self._url = token or self._token, url or self._url
        await self._dial()
        for room in list(self._rooms.values()):
            try:
                await self._resume(room)
            except Refused as refused:
                self._drop(room, str(refused))

    async def close(self) -> None:
        """Closes the connection and nothing else: the views stay, and `reconnect` resumes them."""
        tasks = list(self._rejoining.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for room in self._rooms.values():
            room.suspend()
        await self._link.close()

    async def _dial(self) -> None:
        self.closed.clear()
        self._link = _Link(self._on_wire, self.closed.set)
        self.hello = await self._link.open(self._url, self._token, self._timeout)

    async def _join(self, kind: str, key: dict[str, Any], keep: int) -> RoomView:
        self._joins += 1
        try:
            joined = await self._ask_to_join(kind, key)
            if joined.room in self._rooms:
                raise RuntimeError(f"{joined.room} is joined already")
            room = RoomView(kind, key, self.hello.user.id, keep, rejoin=self._start_rejoin, leave=self._leave)
            room.answer(joined, self._early.pop(joined.room, ()))
            self._rooms[joined.room] = room
            return room
        finally:
            self._joins -= 1
            if not self._joins:
                for events in self._early.values():
                    self.strays.extend(events)
                self._early.clear()

    async def _ask_to_join(self, kind: str, payload: dict[str, Any]) -> Joined:
        return Joined.parse(await self.command(f"{kind}:join", payload, timeout=self._timeout))

    async def _resume(self, room: RoomView) -> None:
        joined = await self._ask_to_join(room.kind, {**room.key, "after": room.seq, "epoch": room.epoch})
        room.answer(joined)

    async def _leave(self, room: RoomView) -> None:
        await self.command(f"{room.kind}:leave", room.key)
        self._drop(room, "left")

    def _start_rejoin(self, room: RoomView) -> None:
        task = asyncio.create_task(self._rejoin(room), name=f"rejoin {room.name}")
        self._rejoining[room.name] = task
        task.add_done_callback(lambda _: self._rejoining.pop(room.name, None))

    async def _rejoin(self, room: RoomView) -> None:
        """A gap's way out: the view resumed, or ended, or the connection closed, and then `reconnect` resumes it."""
        reason = f"no answer to {REJOINS} joins"
        for attempt in range(REJOINS):
            try:
                return await self._resume(room)
            except AckLost:
                if self.closed.is_set():
                    return None
            except Refused as refused:
                reason = str(refused)
                if not refused.retryable:
                    break
                await asyncio.sleep(refused.details.get("retry_after_ms", 100 * 2**attempt) / 1000)
            except WireError as exc:
                reason = str(exc)
                self.faults.append(exc)
                break
        return self._drop(room, reason)

    def _drop(self, room: RoomView, reason: str) -> None:
        self._rooms.pop(room.name, None)
        room.end(reason)
        task = self._rejoining.get(room.name)
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    def _on_wire(self, name: str, data: Any) -> None:  # noqa: ANN401 - the edge
        if not (isinstance(data, dict) and "seq" in data):
            return self._on_signal(Signal(name, data))
        try:
            event = Event.parse(data)
        except WireError as exc:
            return self.faults.append(exc)
        if event.type != name:
            self.faults.append(WireError(f"{event.type} came under the name {name} (R2)"))
        if event.room in self._rooms:
            self._rooms[event.room].receive(event)
        elif self._joins:
            self._early.setdefault(event.room, deque(maxlen=HELD)).append(event)
        else:
            self.strays.append(event)
        return None

    def _on_signal(self, signal: Signal) -> None:
        match signal:
            case Signal("room:evicted", {"room": str(name), "reason": reason}) if name in self._rooms:
                self._drop(self._rooms[name], f"evicted, {reason}")
        for name, listener in self._listeners:
            if name == signal.name and not listener.done():
                return listener.set_result(signal)
        if self.signals.full():
            self.signals.get_nowait()
        return self.signals.put_nowait(signal)


class HttpDoor:
    """The same commands over HTTP (A7). Without a token only what needs none, as `POST /api/auth/token`."""

    def __init__(self, url: str, token: str | None = None, *, timeout: float = 10.0) -> None:
        self._url, self._timeout = url.rstrip("/"), aiohttp.ClientTimeout(total=timeout)
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._http: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(headers=self._headers, timeout=self._timeout)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def text(self, path: str) -> str:
        """What is there in plain text, as `/metrics`."""
        async with self._http.get(self._url + path) as response:
            return await response.text()

    async def request(self, method: str, path: str, json: dict[str, Any] | None = None) -> dict[str, Any]:
        """The `data`; raises Refused (A7), AckLost where no answer came, WireError for an answer that is neither."""
        try:
            async with self._http.request(method, self._url + path, json=json) as response:
                body = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError) as exc:
            raise AckLost(f"{method} {path}: {exc!r}") from exc
        except ValueError as exc:
            raise WireError(f"{method} {path}: {response.status} without JSON") from exc
        if response.ok and isinstance(body, dict):
            return body
        if response.content_type == "application/problem+json" and isinstance(body, dict) and "code" in body:
            raise Refused.parse(body, response.status, body.get("detail") or body.get("title") or "")
        raise WireError(f"{method} {path}: {response.status} {response.content_type} {body!r:.200}")
