"""The way in: which transports, which extensions, and which pages may use it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from uuid import uuid4

import aiohttp
import pytest
import socketio  # type: ignore[import-untyped, unused-ignore] # ships no types

from loadtest.client import Client, Event
from server import engine
from tests.conftest import MakeWorld, World, open_session
from tests.hostile.row import TEXT, frame
from tests.rules.wire import BOUND, HANDSHAKE, SEPARATOR, Polling, Wire, connected, event

BOTH = ("websocket", "polling")
FROM_A_BROWSER = {
    "Host": "$host",
    "Connection": "keep-alive, Upgrade",
    "Pragma": "no-cache",
    "Cache-Control": "no-cache",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142 Safari/537.36",
    "Upgrade": "websocket",
    "Origin": "http://$host",
    "Sec-WebSocket-Version": "13",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "en-US,en;q=0.9",
    "Cookie": "theme=dark; io=x",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
}


@pytest.fixture(params=[True, False], ids=["fast path", "ordinary path"])
def make_world(make_world: MakeWorld, request: pytest.FixtureRequest) -> MakeWorld:
    """Whatever is true of the way past the libraries is true of the way through them."""
    return partial(make_world, fast_path=request.param)


async def post(client: Client, session_id: str, body: str = "B") -> None:
    payload = {"session_id": session_id, "message_id": str(uuid4()), "kind": "note", "body": body}
    await client.command("message:post", payload)


async def test_polling_is_refused_where_it_is_off(world: World) -> None:
    """[T1]"""
    async with aiohttp.ClientSession() as http:
        for address in ("?EIO=4&transport=polling", "?EIO=4", "?EIO=4&transport=polling&j=0", ""):
            for method, body in (("GET", None), ("POST", "40{}")):
                async with http.request(method, f"{world.url}/socket.io/{address}", data=body) as answer:
                    assert (answer.status, answer.content_type) == (400, "application/json")
                    assert await answer.json() == {"code": 0, "message": "Transport unknown"}


async def test_polling_cannot_be_had_by_the_sid_of_a_websocket(world: World) -> None:
    """[T1]"""
    async with connected(world.url, world.token(world.person("engineer"))) as wire, aiohttp.ClientSession() as http:
        assert wire.opening["upgrades"] == []
        address = f"{world.url}/socket.io/?EIO=4&transport=polling&sid={wire.opening['sid']}"
        async with http.post(address, data=event("session:list", {}, 1)) as answer:
            assert answer.status == 400
        assert (await wire.call("session:list", {}))["ok"]


async def test_polling_answers_more_packets_than_sixteen_in_a_post(make_world: MakeWorld) -> None:
    """[T1] [A4] Each once, in the order sent."""
    async with make_world(transports=BOTH) as world, Polling.open(world.url) as polling:
        assert polling.opening["upgrades"] == ["websocket"]
        await polling.connect(world.token(world.person("engineer")))
        await polling.post(*(event("me:get", {}, number) for number in range(100)))
        while len(polling.packets) < 100:
            await polling.poll()
        assert [packet.id for packet in polling.packets] == list(range(100))
        assert all(packet.data["ok"] for packet in polling.packets)


async def test_polling_takes_a_body_in_two_segments(make_world: MakeWorld) -> None:
    """[T1] The second leaves only when the server has answered another request since the first."""
    async with make_world(transports=BOTH) as world, Polling.open(world.url) as polling:
        await polling.connect(world.token(world.person("engineer")))
        body = SEPARATOR.join(event("me:get", {}, number) for number in range(3)).encode()

        async def segments() -> AsyncIterator[bytes]:
            yield body[:20]
            async with aiohttp.ClientSession() as other, other.get(f"{world.url}/healthz") as answer:
                assert answer.status == 200
            yield body[20:]

        headers = {"Content-Length": str(len(body))}
        async with polling.http.post(polling.address, data=segments(), headers=headers) as answer:
            assert answer.status == 200
        while len(polling.packets) < 3:
            await polling.poll()
        assert [packet.id for packet in polling.packets] == [0, 1, 2]


async def test_upgrade_keeps_every_event_once_and_in_order(make_world: MakeWorld) -> None:
    """[T1] [R4] While another client writes, before, during and after."""
    async with make_world(transports=BOTH) as world, Polling.open(world.url) as polling:
        writer = await world.client("engineer")
        session_id = await open_session(writer)
        await polling.connect(world.token(world.person("engineer")))
        await polling.post(event("session:join", {"session_id": session_id}, 1))
        while not polling.packets:
            await polling.poll()
        assert polling.packets.pop().data["data"]["seq"] == 1

        async def write() -> None:
            for _ in range(150):
                await post(writer, session_id)

        writing = asyncio.create_task(write())
        while len(polling.packets) < 20:
            await polling.poll()
        async with polling.upgrade(world.url) as wire:
            seen = [packet.data["seq"] for packet in polling.packets]
            await wire.send(event("me:get", {}, 2))
            acks = 0
            while not seen or seen[-1] < 151:
                packet = await wire.read()
                assert packet is not None
                if packet.id == 2:
                    acks += 1
                else:
                    seen.append(packet.data["seq"])
            await writing
            assert seen == list(range(2, 152))
            assert acks == 1
            async with polling.http.get(polling.address) as answer:
                assert answer.status == 400


async def test_stock_client_upgrades_and_goes_on(make_world: MakeWorld) -> None:
    """[T1]"""
    async with make_world(transports=BOTH) as world, aiohttp.ClientSession() as http:
        member = await world.client("engineer")
        session_id = await open_session(member)
        stock = socketio.AsyncClient(reconnection=False, http_session=http)
        events: asyncio.Queue[Event] = asyncio.Queue()
        stock.on("message:posted", lambda data: events.put_nowait(Event.parse(data)))
        await stock.connect(
            world.url, auth={"token": world.token(world.person("engineer"))}, transports=[*reversed(BOTH)]
        )
        try:
            assert stock.transport() == "websocket"
            joined = await stock.call("session:join", {"session_id": session_id}, timeout=BOUND)
            assert joined["ok"]
            await post(member, session_id)
            assert (await asyncio.wait_for(events.get(), BOUND)).seq == 2
        finally:
            await stock.disconnect()
            await stock.eio.wait()


async def test_polling_ends_with_its_connection(make_world: MakeWorld) -> None:
    """[T1] [T3] No CONNECT in time: the sid is gone."""
    async with make_world(transports=BOTH, connect_timeout=0.1) as world, Polling.open(world.url) as polling:
        async with polling.http.get(polling.address) as answer:
            await answer.read()
        async with polling.http.get(polling.address) as answer:
            assert answer.status == 400
        async with polling.http.post(polling.address, data="40{}") as answer:
            assert answer.status == 400


@pytest.mark.parametrize(("compression", "offered"), [(False, True), (True, False), (True, True)])
async def test_deflate_is_negotiated_only_where_it_is_on(
    make_world: MakeWorld, *, compression: bool, offered: bool
) -> None:
    """[T2]"""
    headers = HANDSHAKE | ({"Sec-WebSocket-Extensions": "permessage-deflate"} if offered else {})
    async with make_world(compression=compression) as world, aiohttp.ClientSession() as http:
        async with http.get(f"{world.url}/socket.io/?EIO=4&transport=websocket", headers=headers) as answer:
            assert answer.status == 101
            extensions = answer.headers.get("Sec-WebSocket-Extensions")
            answer.close()
        assert (extensions is not None and "permessage-deflate" in extensions) == (compression and offered)


@pytest.mark.parametrize("offered", [0, 15])
async def test_deflate_carries_commands_and_events(make_world: MakeWorld, offered: int) -> None:
    """[T2] [R4] For the client that asked for it and for the one that did not, side by side."""
    async with make_world(compression=True) as world:
        writer = await world.client("engineer")
        session_id = await open_session(writer)
        token = world.token(world.person("engineer"))
        async with connected(world.url, token, compress=offered) as wire:
            assert wire.socket.compress == offered
            assert (await wire.call("session:join", {"session_id": session_id}))["data"]["seq"] == 1
            bodies = [str(n) * 10_000 for n in range(10)]
            for body in bodies:
                await post(writer, session_id, body)
            assert (await wire.call("me:get", {}))["ok"]
            seen = [await wire.read() for _ in range(10 - len(wire.passed))]
            told = [packet for packet in (*wire.passed, *seen) if packet is not None]
            assert [packet.data["seq"] for packet in told] == list(range(2, 12))
            assert [packet.data["data"]["message"]["body"] for packet in told] == bodies


async def test_deflate_connection_ends_when_the_server_ends_it(make_world: MakeWorld) -> None:
    """[T2] [T3]"""
    async with make_world(compression=True, connect_timeout=0.1) as world, aiohttp.ClientSession() as http:
        address = f"{world.url}/socket.io/?EIO=4&transport=websocket"
        async with http.ws_connect(address, compress=15) as socket:
            assert socket.compress == 15
            wire = Wire(socket)
            assert (await wire.frame() or "")[0] == "0"
            assert await wire.rest() == []


async def status_of(world: World, *origins: str, host: str | None = None) -> tuple[int, str]:
    """Of a WebSocket handshake with these `Origin` headers: its status, and the answer's content type."""
    headers = [*HANDSHAKE.items(), *(("Origin", origin) for origin in origins)]
    if host is not None:
        headers.append(("Host", host))
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{world.url}/socket.io/?EIO=4&transport=websocket", headers=headers) as answer,
    ):
        status = answer.status, answer.content_type
        answer.close()
        return status


async def test_pages_of_the_same_origin_connect_and_no_others(world: World) -> None:
    """[T7] What sends no Origin is not a browser."""
    authority = world.url.removeprefix("http://")
    port = authority.rpartition(":")[2]
    assert (await status_of(world))[0] == 101
    assert (await status_of(world, world.url))[0] == 101
    assert (await status_of(world, "https://desk.example", host="desk.example"))[0] == 101
    others = [
        "http://evil.example",
        f"http://evil.example:{port}",
        f"http://127.0.0.1.evil.example:{port}",
        f"http://{authority}.evil.example",
        f"http://{authority}@evil.example",
        "http://127.0.0.1",
        f"http://127.0.0.1:{int(port) + 1}",
        f"ftp://{authority}",
        authority,
        "null",
        "*",
        "",
    ]
    for other in others:
        assert await status_of(world, other) == (403, "application/json"), other


async def test_two_origins_are_none_that_may_connect(make_world: MakeWorld) -> None:
    """[T7]"""
    async with make_world() as world:
        assert (await status_of(world, world.url, world.url))[0] == 403
        assert (await status_of(world, world.url, "http://evil.example"))[0] == 403
    async with make_world(allowed_origins="https://a.example,https://b.example") as world:
        assert (await status_of(world, "https://a.example", "https://b.example"))[0] == 403


async def test_pages_of_the_allowed_origins_connect_and_no_others(make_world: MakeWorld) -> None:
    """[T7] The list is exact, and then the server's own origin is not on it unless it is named."""
    async with make_world(allowed_origins="https://desk.example, https://ops.example:8443") as world:
        assert (await status_of(world))[0] == 101
        for allowed in ("https://desk.example", "https://ops.example:8443"):
            assert (await status_of(world, allowed))[0] == 101
        others = [
            "http://desk.example",
            "https://desk.example:8443",
            "https://ops.example",
            "https://desk.example.evil.example",
            "https://evil-desk.example",
            "https://desk.example/",
            "https://DESK.example",
            "https://desk.example,https://ops.example:8443",
            "null",
            "*",
            "",
            world.url,
        ]
        for other in others:
            assert await status_of(world, other) == (403, "application/json"), other


async def test_polling_looks_at_the_origin_of_every_request(make_world: MakeWorld) -> None:
    """[T7]"""
    async with make_world(transports=BOTH) as world, Polling.open(world.url) as polling:
        await polling.connect(world.token(world.person("engineer")))
        foreign = {"Origin": "http://evil.example"}
        opening = f"{world.url}/socket.io/?EIO=4&transport=polling"
        async with polling.http.get(opening, headers=foreign) as answer:
            assert answer.status == 403
        async with polling.http.post(polling.address, data=event("me:get", {}, 1), headers=foreign) as answer:
            assert answer.status == 403
            assert "Access-Control-Allow-Origin" not in answer.headers
        await polling.post(event("me:get", {}, 2))
        await polling.poll()
        assert [packet.id for packet in polling.packets] == [2]


def opening(host: str) -> bytes:
    """A browser's, byte for byte."""
    lines = [f"{name}: {value.replace('$host', host)}" for name, value in FROM_A_BROWSER.items()]
    return "\r\n".join(["GET /socket.io/?EIO=4&transport=websocket HTTP/1.1", *lines, "", ""]).encode()


async def answered(world: World, *segments: bytes) -> str:
    """What the first command is answered when the way in comes in these segments, which it follows in one piece."""
    host = world.url.removeprefix("http://")
    reader, writer = await asyncio.open_connection(*host.split(":"))
    try:
        for segment in segments[:-1]:
            writer.write(segment)
            async with aiohttp.ClientSession() as other, other.get(f"{world.url}/healthz") as answer:
                assert answer.status == 200, "the next segment leaves when this one was read"
        token = world.token(world.person("engineer"))
        packets = ('40{"token":"' + token + '"}', event("me:get", {}, 1))
        writer.write(segments[-1] + b"".join(frame(TEXT, packet.encode()) for packet in packets))
        said = b""
        async with asyncio.timeout(BOUND):
            while b"431[" not in said:
                said += await reader.read(1 << 16) or b"431[ended"
        return said.decode("latin-1")
    finally:
        writer.close()
        await writer.wait_closed()


async def test_browser_is_let_in_whatever_the_network_makes_of_its_request(world: World) -> None:
    """[T1] [T2] In one segment, in two, and with the first frames right behind it; deflate is not taken up."""
    head = opening(world.url.removeprefix("http://"))
    for segments in ((head,), (head[:10], head[10:]), (head[:-3], head[-3:])):
        said = await answered(world, *segments)
        assert said.startswith("HTTP/1.1 101 Switching Protocols\r\n")
        assert "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in said
        assert "permessage-deflate" not in said
        assert said.count('42["hello",') == 1
        assert '431[{"ok":true,' in said


async def test_sockets_go_past_the_libraries_only_where_they_may(
    make_world: MakeWorld, request: pytest.FixtureRequest
) -> None:
    """[T1] Neither where that is switched off, nor with long-polling's upgrade or deflate."""
    fast = "fast path" in request.node.name
    async with make_world(transports=BOTH, compression=True) as world:
        token = world.token(world.person("engineer"))

        def through_engineio() -> int:
            return len(world.server.gateway._engine.sockets)

        async with connected(world.url, token):
            assert through_engineio() == (0 if fast else 1)
        async with connected(world.url, token, compress=15):
            assert through_engineio() >= 1
        async with Polling.open(world.url) as polling:
            await polling.connect(token)
            async with polling.upgrade(world.url):
                assert through_engineio() >= 1


async def test_ping_that_is_not_answered_ends_the_connection(make_world: MakeWorld) -> None:
    """[L2] One that is, does not: it is pinged again."""
    async with (
        make_world(ping_interval=0.1, ping_timeout=0.4) as world,
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{world.url}/socket.io/?EIO=4&transport=websocket") as silent,
        connected(world.url, world.token(world.person("engineer"))) as wire,
    ):
        answering = asyncio.create_task(wire.read())
        pings = 0
        while (message := await silent.receive(BOUND)).type is aiohttp.WSMsgType.TEXT:
            pings += message.data == "2"
        assert pings == 1
        assert not answering.done()
        answering.cancel()
        await asyncio.wait([answering])
        await wire.send("3")
        assert (await wire.call("me:get", {}))["ok"]


async def test_connections_that_asked_for_nothing_end_with_the_server(make_world: MakeWorld) -> None:
    """[L3]"""
    async with make_world() as world:
        reader, writer = await asyncio.open_connection(*world.url.removeprefix("http://").split(":"))
        async with aiohttp.ClientSession() as other, other.get(f"{world.url}/healthz") as answer:
            assert answer.status == 200
    async with asyncio.timeout(BOUND):
        assert await reader.read() == b""
    writer.close()


async def test_connection_that_says_nothing_is_cut(make_world: MakeWorld) -> None:
    """[L1] By itself, as one that says no CONNECT is."""
    async with make_world(connect_timeout=0.2, fast_path=True) as world:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(world.url.rpartition(":")[2]))
        async with asyncio.timeout(BOUND):
            with suppress(ConnectionError):
                assert await reader.read() == b""
        writer.close()


async def test_more_commands_than_are_kept_at_once_are_all_answered_in_order(make_world: MakeWorld) -> None:
    """[A1] [A4] [L1] What a client sends ahead waits in its own network buffers, and is read when there is room."""
    fast: dict[str, float] = {"commands_per_second": 1e6, "commands_per_second_user": 1e6}
    async with (
        make_world(frame_bytes=10_000, commands_per_second_account=1e6, **fast) as world,
        connected(world.url, world.token(world.person("engineer"))) as wire,
    ):
        for number in range(2_000):
            await wire.send(event("me:get", {}, number))
        packets = [await wire.read() for _ in range(2_000)]
        assert [packet.id for packet in packets if packet is not None] == list(range(2_000))
        assert (await wire.call("me:get", {}))["ok"]


def test_library_without_what_is_used_of_it_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """[T1] In one sentence, that names it."""
    engine.check()
    monkeypatch.setattr(engine, "HOOKS", ((engine.EngineSocket, ("poll", "no_such_method")),))
    with pytest.raises(engine.UnknownLibrary, match="python-engineio lacks EngineSocket"):
        engine.check()


@pytest.mark.parametrize("end", ["6", "41", "42[]", b"binary"])
async def test_answer_of_a_command_comes_before_the_end_that_follows_it(
    make_world: MakeWorld, end: str | bytes
) -> None:
    """[A1] Also where both are dealt with in one turn: the event and the answer are not left behind."""
    async with make_world() as world:
        engineer = world.person("engineer")
        session_id = await open_session(await world.client(engineer))
        async with connected(world.url, world.token(engineer)) as wire:
            await wire.call("session:join", {"session_id": session_id})
            post = {"session_id": session_id, "message_id": str(uuid4()), "kind": "note", "body": "B"}
            await wire.send(event("message:post", post, 7))
            await (wire.send(end) if isinstance(end, str) else wire.socket.send_bytes(end))
            packets = await wire.rest()
        assert [(packet.name, packet.id) for packet in packets][-2:] == [("message:posted", None), ("", 7)]
