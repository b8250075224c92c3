"""The client against a real Socket.IO server on loopback that plays scripted answers."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import socketio  # type: ignore[import-untyped, unused-ignore] # ships no types
from aiohttp import web

from loadtest.client import AckLost, Client, ConnectRefused, Hello, HttpDoor, Refused, RoomEnded, Signal, WireError

ROOM = "session:5b1f"
QUEUE = "escalations:a1"
HELLO = {
    "protocol": 1,
    "user": {"id": "u1", "name": "Uma", "role": "senior"},
    "account": {"id": "a1", "name": "Acme"},
    "replica": "r1",
    "server_time": "2026-03-01T10:00:00Z",
    "token_expires_at": "2026-03-01T11:00:00Z",
    "limits": {"payload_bytes": 65536},
}

Step = Callable[[str, dict[str, Any]], Awaitable[Any]]


def wire(seq: int, room: str = ROOM, **data: Any) -> dict[str, Any]:
    actor = {"id": "u2", "name": "Olu"}
    return {
        "room": room,
        "seq": seq,
        "type": "message:posted",
        "at": "2026-03-01T10:00:00Z",
        "actor": actor,
        "data": data,
    }


def ok(**data: Any) -> dict[str, Any]:
    return {"ok": True, "data": data}


def refusal(code: str, status: int, *, retryable: bool = False, **details: Any) -> dict[str, Any]:
    error = {"code": code, "status": status, "message": "No.", "retryable": retryable, "details": details}
    return {"ok": False, "error": error}


def snapshot(seq: int, room: str = ROOM, epoch: str = "e1", **state: Any) -> dict[str, Any]:
    return ok(room=room, epoch=epoch, seq=seq, recovered=False, snapshot={"seen": seq, **state})


def recovered(*seqs: int, upto: int, room: str = ROOM) -> dict[str, Any]:
    return ok(room=room, epoch="e1", seq=upto, recovered=True, events=[wire(seq, room) for seq in seqs])


class Stage:
    """A server that answers each command with the next step of its script, and remembers what it heard."""

    def __init__(self) -> None:
        self.url = ""
        self.heard: list[tuple[str, Any]] = []
        self.tokens: list[str] = []
        self.hello: dict[str, Any] | None = HELLO
        self.refuse: tuple[str, Any] | None = None
        self._script: dict[str, deque[Step]] = {}
        self._transports: list[asyncio.Transport] = []
        self.sio: Any = socketio.AsyncServer(async_mode="aiohttp", transports=["websocket"], monitor_clients=False)
        self.sio.on("connect", self._connect)
        self.sio.on("*", self._command)

    def answers(self, name: str, *steps: Step | dict[str, Any] | None) -> None:
        def plain(answer: Any) -> Step:
            async def step(_sid: str, _payload: Any) -> Any:
                return answer

            return step

        self._script.setdefault(name, deque()).extend(step if callable(step) else plain(step) for step in steps)

    async def emit(self, *seqs: int, room: str = ROOM) -> None:
        for seq in seqs:
            await self.sio.emit("message:posted", wire(seq, room))

    async def signal(self, name: str, **data: Any) -> None:
        await self.sio.emit(name, data)

    def cut(self) -> None:
        """Every connection's TCP ends, without a word."""
        for transport in self._transports:
            transport.abort()

    def payloads(self, name: str) -> list[Any]:
        return [payload for heard, payload in self.heard if heard == name]

    async def _connect(self, sid: str, environ: dict[str, Any], auth: dict[str, str]) -> None:
        self.tokens.append(auth["token"])
        self._transports.append(environ["aiohttp.request"].transport)
        if self.refuse is not None:
            raise socketio.exceptions.ConnectionRefusedError(*self.refuse)
        if self.hello is not None:
            await self.sio.emit("hello", self.hello, to=sid)

    async def _command(self, name: str, sid: str, payload: Any) -> Any:
        self.heard.append((name, payload))
        return await self._script[name].popleft()(sid, payload)


@asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = Stage()
    app = web.Application()
    stage.sio.attach(app)
    async with served(app) as stage.url:
        yield stage


@pytest.fixture
async def client(stage: Stage) -> AsyncIterator[Client]:
    async with Client.connect(stage.url, "token") as client:
        yield client


def seqs(room: Any) -> list[int]:
    return [event.seq for event in room.events]


# Connecting


async def test_connect_returns_with_the_hello_and_sends_the_token(stage: Stage, client: Client) -> None:
    """[T3] [T5]"""
    assert client.hello == Hello.model_validate(HELLO)
    assert client.hello.user.role == "senior"
    assert stage.tokens == ["token"]
    assert await client.signal("hello") == Signal("hello", HELLO)
    assert not client.closed.is_set()


async def test_the_end_leaves_no_task_and_ends_the_rooms(stage: Stage) -> None:
    stage.answers("session:join", snapshot(1))
    async with Client.connect(stage.url, "token") as client:
        room = await client.join_session("5b1f")
        waiting = asyncio.create_task(room.next())
    assert client.closed.is_set()
    with pytest.raises(RoomEnded, match="gone"):
        await waiting
    running = [repr(task.get_coro()) for task in asyncio.all_tasks()]
    assert not [name for name in running if "AsyncClient" in name or "rejoin" in name]


async def test_connect_refusal_carries_code_and_status(stage: Stage) -> None:
    """[T4]"""
    stage.refuse = ("The token has expired.", {"code": "token_expired", "status": 401})
    with pytest.raises(ConnectRefused) as refused:
        async with Client.connect(stage.url, "token"):
            pass
    assert (refused.value.code, refused.value.status) == ("token_expired", 401)
    assert refused.value.message == "The token has expired."


async def test_a_connect_refusal_without_a_code_says_so(stage: Stage) -> None:
    """[T4]"""
    stage.refuse = ("No.", "nothing more")
    with pytest.raises(ConnectRefused, match="T4") as refused:
        async with Client.connect(stage.url, "token"):
            pass
    assert refused.value.code == "refused"


async def test_connect_is_refused_where_hello_stays_out_or_is_broken(stage: Stage) -> None:
    """[T5]"""
    stage.hello = None
    with pytest.raises(ConnectRefused) as late:
        async with Client.connect(stage.url, "token", timeout=0.2):
            pass
    stage.hello = {**HELLO, "user": None}
    with pytest.raises(ConnectRefused) as broken:
        async with Client.connect(stage.url, "token"):
            pass
    assert (late.value.code, broken.value.code) == ("timeout", "hello")


async def test_connect_is_refused_where_there_is_no_such_server() -> None:
    async def forbidden(_: web.Request) -> web.Response:
        return web.Response(status=403)

    async def hangs_up(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.close()
        return socket

    app = web.Application()
    app.router.add_get("/socket.io/", forbidden)
    other = web.Application()
    other.router.add_get("/socket.io/", hangs_up)
    statuses = []
    async with served(app) as url, served(other) as other_url:
        for address in (url, other_url):
            with pytest.raises(ConnectRefused) as refused:
                async with Client.connect(address, "token"):
                    pass
            statuses.append((refused.value.code, refused.value.status))
    with pytest.raises(ConnectRefused) as nobody:
        async with Client.connect(url, "token"):
            pass
    statuses.append((nobody.value.code, nobody.value.status))
    assert statuses == [("handshake", 403), ("handshake", 0), ("handshake", 0)]


async def test_connect_is_bounded_where_the_server_is_silent() -> None:
    async def silent(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.receive()
        return socket

    app = web.Application()
    app.router.add_get("/socket.io/", silent)
    async with served(app) as url:
        with pytest.raises(ConnectRefused) as refused:
            async with Client.connect(url, "token", timeout=0.2):
                pass
    assert refused.value.code == "timeout"


# Commands


async def test_a_command_answers_its_data_or_raises_the_refusal(stage: Stage, client: Client) -> None:
    """[A1]"""
    claimed_by = {"id": "u2", "name": "Olu"}
    stage.answers(
        "handoff:claim",
        ok(handoff={"id": "h"}),
        refusal("already_claimed", 409, claimed_by=claimed_by),
        refusal("rate_limited", 429, retryable=True),
    )
    assert await client.command("handoff:claim", {"claim_id": "c"}) == {"handoff": {"id": "h"}}
    assert stage.heard == [("handoff:claim", {"claim_id": "c"})]
    with pytest.raises(Refused) as lost:
        await client.command("handoff:claim", {})
    assert (lost.value.code, lost.value.status, lost.value.message) == ("already_claimed", 409, "No.")
    assert (lost.value.retryable, lost.value.details) == (False, {"claimed_by": claimed_by})
    with pytest.raises(Refused) as limited:
        await client.command("handoff:claim", {})
    assert limited.value.retryable


@pytest.mark.parametrize("ack", [None, {"ok": True}, {"ok": False, "error": {"code": "internal"}}, "ok"])
async def test_an_ack_that_breaks_the_contract_is_told(stage: Stage, client: Client, ack: Any) -> None:
    """[A1]"""
    stage.answers("queue:leave", ack)
    with pytest.raises(WireError, match="A1"):
        await client.command("queue:leave", {})


async def test_commands_leave_in_the_order_of_the_calls(stage: Stage, client: Client) -> None:
    """[A4]"""
    stage.answers("typing", *[ok()] * 100)
    async with asyncio.TaskGroup() as group:
        for n in range(100):
            group.create_task(client.command("typing", {"n": n}))
    assert stage.payloads("typing") == [{"n": n} for n in range(100)]


async def test_the_ack_is_lost_with_the_connection_and_on_time_out(stage: Stage, client: Client) -> None:
    """[A5]"""

    async def never(_sid: str, _payload: Any) -> None:
        await asyncio.Event().wait()

    async def cut(_sid: str, _payload: Any) -> None:
        stage.cut()
        await never(_sid, _payload)

    stage.answers("handoff:claim", never, never, cut)
    with pytest.raises(AckLost, match=r"no ack within 0\.05 s"):
        await client.command("handoff:claim", {}, timeout=0.05)
    earlier = asyncio.create_task(client.command("handoff:claim", {}))
    with pytest.raises(AckLost, match="closed before the ack"):
        await client.command("handoff:claim", {})
    with pytest.raises(AckLost, match="closed before the ack"):
        await earlier
    assert client.closed.is_set()
    with pytest.raises(AckLost, match="is closed"):
        await client.command("handoff:claim", {})


@pytest.mark.parametrize("goodbye", [["1"], ["41", "1"], ["41"], []])
async def test_an_ack_that_comes_with_the_close_is_not_lost(goodbye: list[str]) -> None:
    """[L3] Written in one go: the ack, the goodbye in one of its forms, the close frame."""

    async def draining(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        opening = {"sid": "e", "upgrades": [], "pingInterval": 25000, "pingTimeout": 20000, "maxPayload": 100000}
        await socket.send_str("0" + json.dumps(opening))
        assert (await socket.receive_str()).startswith("40")
        await socket.send_str('40{"sid":"s"}')
        await socket.send_str("42" + json.dumps(["hello", HELLO]))
        assert (await socket.receive_str()).startswith("421[")
        event = json.dumps(["message:posted", wire(1)])
        for packet in [f"42{event}", "431" + json.dumps([ok(done=True)]), *goodbye]:
            await socket.send_str(packet)
        await socket.close()
        return socket

    app = web.Application()
    app.router.add_get("/socket.io/", draining)
    async with served(app) as url, Client.connect(url, "token") as client:
        assert await client.command("queue:leave", {}) == {"done": True}
        assert [event.seq for event in client.strays] == [1]
        async with asyncio.timeout(5):
            await client.closed.wait()


# Rooms


async def test_a_view_starts_at_the_snapshot_and_follows(stage: Stage, client: Client) -> None:
    """[R5] [R6]"""
    stage.answers("session:join", snapshot(4))
    room = await client.join_session("5b1f")
    assert (room.name, room.seq, room.epoch, room.recovered) == (ROOM, 4, "e1", False)
    assert (room.snapshot, room.events) == ({"seen": 4}, [])
    await stage.emit(5, 6, 5, 6, 7)
    await room.until_seq(7)
    assert seqs(room) == [5, 6, 7]
    assert (room.applied, room.duplicates, room.gaps) == (3, 2, 0)
    assert stage.payloads("session:join") == [{"session_id": "5b1f"}]


async def test_a_gap_is_filled_from_the_log_and_what_came_meanwhile_is_kept(stage: Stage, client: Client) -> None:
    """[R6]"""

    async def rejoin(_sid: str, _payload: Any) -> dict[str, Any]:
        await stage.emit(8, 9)
        return recovered(5, 6, 7, 8, upto=8)

    stage.answers("session:join", snapshot(4), rejoin)
    room = await client.join_session("5b1f")
    await stage.emit(7)
    await room.until_seq(9)
    assert stage.payloads("session:join")[1:] == [{"session_id": "5b1f", "after": 4, "epoch": "e1"}]
    assert seqs(room) == [5, 6, 7, 8, 9]
    assert (room.applied, room.duplicates, room.gaps, room.reset_count, room.recovered) == (5, 0, 1, 0, True)


async def test_a_gap_that_the_log_no_longer_fills_resets_the_view(stage: Stage, client: Client) -> None:
    """[R5] [R6]"""
    stage.answers("session:join", snapshot(4), snapshot(2_000, epoch="e2"))
    room = await client.join_session("5b1f")
    await stage.emit(1_999)
    await room.until_seq(2_000)
    assert (room.snapshot, room.snapshot_seq, room.epoch) == ({"seen": 2_000}, 2_000, "e2")
    assert (room.events, room.reset_count, room.duplicates) == ([], 1, 0)


async def test_a_refused_rejoin_is_tried_again_or_ends_the_view(stage: Stage, client: Client) -> None:
    """[R6] [R9]"""
    later = refusal("rate_limited", 429, retryable=True, retry_after_ms=1)
    stage.answers("session:join", snapshot(4), later, later, recovered(5, 6, upto=6), refusal("not_found", 404))
    room = await client.join_session("5b1f")
    await stage.emit(6)
    await room.until_seq(6)
    assert len(stage.payloads("session:join")) == 4
    await stage.emit(8)
    with pytest.raises(RoomEnded, match="not_found"):
        await room.next("handoff:claimed")
    assert seqs(room) == [5, 6]


async def test_a_rejoin_answered_with_a_part_is_a_fault(stage: Stage) -> None:
    """[R5]"""
    stage.answers("session:join", snapshot(4), recovered(5, 7, upto=7))

    async def follow() -> None:
        async with Client.connect(stage.url, "token") as client:
            room = await client.join_session("5b1f")
            await stage.emit(7)
            with pytest.raises(RoomEnded, match="R5"):
                await room.next()

    with pytest.raises(WireError, match="R5"):
        await follow()


class SlowClient(Client):
    """Goes on after a join's ack only when a signal has come, and with it whatever the server sent before."""

    acked: asyncio.Event

    async def command(self, name: str, payload: dict[str, Any], **bound: float) -> dict[str, Any]:
        data = await super().command(name, payload, **bound)
        if name == "session:join":
            self.acked.set()
            await self.signal("typing")
        return data


async def test_events_around_the_join_ack_are_neither_lost_nor_applied_twice(stage: Stage) -> None:
    """[R5] 4 and 6 come ahead of the ack that tells of 5; 7 behind it, before anyone knows the room."""

    async def join(_sid: str, _payload: Any) -> dict[str, Any]:
        await stage.emit(4, 6)
        return snapshot(5)

    stage.answers("session:join", join)
    async with SlowClient.connect(stage.url, "token") as client, asyncio.timeout(10):
        client.acked = asyncio.Event()
        joining = asyncio.create_task(client.join_session("5b1f"))
        await client.acked.wait()
        await stage.emit(7)
        await stage.signal("typing")
        room = await joining
        assert (seqs(room), room.gaps, room.duplicates) == ([6, 7], 0, 0)
        assert not client.strays


async def test_two_rooms_are_followed_apart(stage: Stage, client: Client) -> None:
    stage.answers("session:join", snapshot(4))
    stage.answers("queue:join", snapshot(9, QUEUE))
    session, queue = await asyncio.gather(client.join_session("5b1f"), client.join_queue())
    await stage.emit(5)
    await stage.emit(10, room=QUEUE)
    await session.until_seq(5)
    await queue.until_seq(10)
    assert (seqs(session), seqs(queue), stage.payloads("queue:join")) == ([5], [10], [{}])


async def test_a_room_is_joined_once_and_events_after_leaving_are_strays(stage: Stage, client: Client) -> None:
    stage.answers("session:join", snapshot(4), snapshot(4))
    stage.answers("session:leave", ok())
    room = await client.join_session("5b1f")
    with pytest.raises(RuntimeError, match="joined already"):
        await client.join_session("5b1f")
    await room.leave()
    assert stage.payloads("session:leave") == [{"session_id": "5b1f"}]
    with pytest.raises(RoomEnded, match="left"):
        await room.next()
    await stage.emit(5)
    await stage.signal("typing")
    await client.signal("typing")
    assert [event.seq for event in client.strays] == [5]


async def test_an_eviction_ends_the_view(stage: Stage, client: Client) -> None:
    """[R9]"""
    stage.answers("session:join", snapshot(4))
    room = await client.join_session("5b1f")
    await stage.signal("room:evicted", room=ROOM, reason="role_lost")
    with pytest.raises(RoomEnded, match="evicted, role_lost"):
        await room.next()
    assert (await client.signal("room:evicted")).data["room"] == ROOM


async def test_a_refused_join_leaves_nothing_behind(stage: Stage, client: Client) -> None:
    """[A6]"""
    stage.answers("session:join", refusal("not_found", 404), snapshot(1))
    with pytest.raises(Refused, match="not_found"):
        await client.join_session("5b1f")
    assert (await client.join_session("5b1f")).seq == 1


async def test_a_broken_event_is_a_fault_and_the_client_goes_on(stage: Stage) -> None:
    """[R2]"""
    stage.answers("session:join", snapshot(4))

    async def follow() -> None:
        async with Client.connect(stage.url, "token") as client:
            room = await client.join_session("5b1f")
            await stage.sio.emit("message:posted", {**wire(5), "data": None})
            await stage.sio.emit("task:added", wire(5))
            await room.until_seq(5)
            assert len(client.faults) == 2

    with pytest.raises(WireError, match="R2"):
        await follow()


# Resuming


async def test_reconnect_resumes_every_view_from_the_log(stage: Stage, client: Client) -> None:
    """[R5] 6 and 8 come ahead of the answer that brings 6 and 7."""

    async def resume(_sid: str, _payload: Any) -> dict[str, Any]:
        await stage.emit(6, 8)
        return recovered(6, 7, upto=7)

    stage.answers("session:join", snapshot(4), resume)
    stage.answers("queue:join", snapshot(9, QUEUE), recovered(upto=9, room=QUEUE))
    session, queue = await client.join_session("5b1f"), await client.join_queue()
    await stage.emit(5)
    await session.until_seq(5)
    stage.cut()
    async with asyncio.timeout(5):
        await client.closed.wait()
    waiting = asyncio.create_task(session.next("message:posted"))
    await client.reconnect("newer")
    assert stage.tokens == ["token", "newer"]
    assert stage.payloads("session:join")[1:] == [{"session_id": "5b1f", "after": 5, "epoch": "e1"}]
    assert stage.payloads("queue:join")[1:] == [{"after": 9, "epoch": "e1"}]
    await stage.emit(9)
    await session.until_seq(9)
    assert (seqs(session), seqs(queue), (await waiting).seq) == ([5, 6, 7, 8, 9], [], 5)
    assert (session.recovered, session.reset_count, session.gaps, session.duplicates) == (True, 0, 0, 0)
    assert not client.closed.is_set()


async def test_reconnect_replaces_the_snapshot_where_the_log_does_not_reach(stage: Stage, client: Client) -> None:
    """[R5] [R8] Also when the room's numbers went back."""
    stage.answers("session:join", snapshot(40), snapshot(3, epoch="e2"))
    room = await client.join_session("5b1f")
    await stage.emit(41)
    await room.until_seq(41)
    await client.reconnect()
    assert stage.tokens == ["token", "token"]
    assert (room.seq, room.snapshot_seq, room.epoch, room.snapshot) == (3, 3, "e2", {"seen": 3})
    assert (room.recovered, room.reset_count) == (False, 1)
    await stage.emit(4)
    await room.until_seq(4)
    assert (await room.wait_for(lambda event: event.seq == 4)).seq == 4
    assert seqs(room) == [41, 4]


async def test_a_gap_open_when_the_connection_ends_is_filled_after_it(stage: Stage, client: Client) -> None:
    """[R6]"""

    async def cut(_sid: str, _payload: Any) -> None:
        stage.cut()

    stage.answers("session:join", snapshot(4), cut, recovered(5, 6, 7, upto=7))
    room = await client.join_session("5b1f")
    await stage.emit(6)
    async with asyncio.timeout(5):
        await client.closed.wait()
    await client.reconnect()
    assert (seqs(room), room.gaps, room.duplicates) == ([5, 6, 7], 1, 0)


async def test_closing_does_not_wait_for_a_rejoin(stage: Stage, client: Client) -> None:
    asked = asyncio.Event()

    async def never(_sid: str, _payload: Any) -> None:
        asked.set()
        await asyncio.Event().wait()

    stage.answers("session:join", snapshot(4), never, recovered(5, 6, upto=6))
    room = await client.join_session("5b1f")
    await stage.emit(6)
    async with asyncio.timeout(5):
        await asked.wait()
        await client.close()
    assert client.closed.is_set()
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("rejoin")]
    await client.reconnect()
    assert seqs(room) == [5, 6]


async def test_a_view_refused_on_reconnecting_has_ended_and_the_others_resume(stage: Stage, client: Client) -> None:
    """[R1]"""
    stage.answers("session:join", snapshot(4), refusal("not_found", 404))
    stage.answers("queue:join", snapshot(9, QUEUE), recovered(10, upto=10, room=QUEUE))
    session, queue = await client.join_session("5b1f"), await client.join_queue()
    await client.reconnect()
    assert session.ended is not None
    assert (queue.ended, queue.seq) == (None, 10)


async def test_reconnect_goes_to_another_replica_and_may_be_tried_again(stage: Stage, client: Client) -> None:
    other = Stage()
    other.refuse = ("Full.", {"code": "overloaded", "status": 503})
    app = web.Application()
    other.sio.attach(app)
    stage.answers("session:join", snapshot(4))
    other.answers("session:join", recovered(5, upto=5))
    room = await client.join_session("5b1f")
    async with served(app) as url:
        with pytest.raises(ConnectRefused, match="overloaded"):
            await client.reconnect(url=url)
        with pytest.raises(AckLost):
            await client.command("queue:leave", {})
        other.refuse, other.hello = None, {**HELLO, "replica": "r2"}
        await client.reconnect()
        assert (client.hello.replica, seqs(room)) == ("r2", [5])
        await client.close()


# Signals


async def test_a_signal_is_taken_by_name_and_the_others_keep_their_places(stage: Stage, client: Client) -> None:
    """[P1] [T6]"""
    await client.signal("hello")
    for n in range(3):
        await stage.signal("presence", n=n)
    await stage.signal("auth:expired")
    assert await client.signal("auth:expired") == Signal("auth:expired", {})
    assert (await client.signal("presence")).data == {"n": 0}
    assert [client.signals.get_nowait().data["n"] for _ in range(2)] == [1, 2]
    with pytest.raises(TimeoutError, match="no signal presence"):
        await client.signal("presence", 0.01)


async def test_signals_are_bounded_and_the_oldest_fall_out(stage: Stage, client: Client) -> None:
    for n in range(300):
        await stage.signal("presence", n=n)
    await stage.signal("server:draining")
    await client.signal("server:draining")
    held = [client.signals.get_nowait().data["n"] for _ in range(client.signals.qsize())]
    assert held == list(range(300 - len(held), 300))
    assert 255 <= len(held) <= 256


# HTTP


async def test_http_answers_data_or_raises_the_refusal() -> None:
    """[A7]"""

    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith("release"):
            problem = {"title": "Conflict", "detail": "No.", "code": "not_owner", "details": {"a": 1}, "status": 409}
            return web.json_response(problem, status=409, content_type="application/problem+json")
        if request.path.endswith("plain"):
            return web.Response(status=404, text="not found")
        if request.path.endswith("cut"):
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({"said": await request.json(), "token": request.headers.get("Authorization")})

    app = web.Application()
    app.router.add_route("*", "/api/{name}", answer)
    async with served(app) as url, HttpDoor(url, "token") as http, HttpDoor(url) as stranger:
        assert await http.request("POST", "/api/claim", {"x": 1}) == {"said": {"x": 1}, "token": "Bearer token"}
        assert await stranger.request("POST", "/api/token", {}) == {"said": {}, "token": None}
        with pytest.raises(Refused) as refused:
            await http.request("POST", "/api/release", {})
        assert (refused.value.code, refused.value.status, refused.value.message) == ("not_owner", 409, "No.")
        assert (refused.value.details, refused.value.retryable) == ({"a": 1}, False)
        with pytest.raises(WireError, match="404"):
            await http.request("GET", "/api/plain")
        with pytest.raises(AckLost):
            await http.request("POST", "/api/cut", {})
