"""Clients that do not read: they are cut, the others notice nothing, and they resume."""

from __future__ import annotations

import asyncio
import base64
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from loadtest.client import Client
from loadtest.fold import MESSAGES_KEPT
from tests.conftest import MakeWorld, World, open_session
from tests.rules.wire import BOUND, Polling, Wire, connected, event

MESSAGES = 250
BODY = 30_000


async def fill(writer: Client, session_id: str) -> None:
    """Several megabytes of events that no deflate makes small."""
    for _ in range(MESSAGES):
        body = base64.b64encode(os.urandom(BODY * 3 // 4)).decode()
        payload = {"session_id": session_id, "message_id": str(uuid4()), "kind": "note", "body": body}
        await writer.command("message:post", payload)


async def send_on(wire: Wire) -> None:
    while True:
        await wire.send("3")


def narrow(address: Any) -> socket.socket:
    """A socket for which the kernel keeps little."""
    made = socket.socket(*address[:3])
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.setblocking(False)
    return made


@asynccontextmanager
async def idle_reader(world: World, session_id: str, compress: int) -> AsyncIterator[tuple[Wire, dict[str, Any]]]:
    """A member that reads nothing unless told to, and the answer to its join."""
    connector = aiohttp.TCPConnector(socket_factory=narrow)
    async with aiohttp.ClientSession(connector=connector) as http:
        address = f"{world.url}/socket.io/?EIO=4&transport=websocket"
        async with http.ws_connect(address, compress=compress, max_msg_size=0) as ws:
            wire = Wire(ws)
            await wire.frame()
            await wire.connect(world.token(world.person("engineer")))
            joined = await wire.call("session:join", {"session_id": session_id})
            yield wire, joined["data"]


@pytest.mark.parametrize("compress", [0, 15], ids=["plain", "deflate"])
async def test_client_that_does_not_read_is_cut_and_resumes(make_world: MakeWorld, compress: int) -> None:
    """[L2] [R5] The others get everything meanwhile."""
    async with make_world(outbound_bytes=64 * 1024, compression=compress > 0) as world:
        writer, reader = await world.client("engineer"), await world.client("engineer")
        session_id = await open_session(writer)
        view = await reader.join_session(session_id)
        async with idle_reader(world, session_id, compress) as (wire, joined):
            await fill(writer, session_id)
            await view.until_seq(MESSAGES + 1)
            assert (view.gaps, view.duplicates) == (0, 0)
            seen = joined["seq"]
            while seen <= MESSAGES and (packet := await wire.read()) is not None:
                assert packet.data["seq"] == seen + 1
                seen += 1
        assert seen <= MESSAGES, "everything was kept for a client that did not read"
        async with connected(world.url, world.token(world.person("engineer")), compress=compress) as again:
            cursor = {"after": seen, "epoch": joined["epoch"]}
            answer = (await again.call("session:join", {"session_id": session_id, **cursor}))["data"]
            assert answer["recovered"]
            assert [raw["seq"] for raw in answer["events"]] == list(range(seen + 1, MESSAGES + 2))
            note = {"session_id": session_id, "message_id": str(uuid4()), "kind": "note", "body": "live"}
            await writer.command("message:post", note)
            live = await again.read()
            assert live is not None
            assert live.data["seq"] == MESSAGES + 2


@pytest.mark.parametrize("compress", [0, 15], ids=["plain", "deflate"])
async def test_client_that_never_reads_again_keeps_no_socket(make_world: MakeWorld, compress: int) -> None:
    """[L2] The end does not wait for it: what it sends finds nobody."""
    async with make_world(outbound_bytes=64 * 1024, compression=compress > 0) as world:
        writer = await world.client("engineer")
        session_id = await open_session(writer)
        async with idle_reader(world, session_id, compress) as (wire, _):
            await fill(writer, session_id)
            with pytest.raises(ConnectionError):
                await asyncio.wait_for(send_on(wire), BOUND)


async def test_client_that_does_not_poll_is_cut(make_world: MakeWorld) -> None:
    """[L2] Its connection is gone when it asks again."""
    async with make_world(outbound_bytes=64 * 1024, transports=("websocket", "polling")) as world:
        writer, reader = await world.client("engineer"), await world.client("engineer")
        session_id = await open_session(writer)
        view = await reader.join_session(session_id)
        async with Polling.open(world.url) as polling:
            await polling.connect(world.token(world.person("engineer")))
            await polling.post(event("session:join", {"session_id": session_id}, 1))
            await polling.poll()
            assert polling.packets.pop().data["ok"]
            await fill(writer, session_id)
            await view.until_seq(MESSAGES + 1)
            async with polling.http.get(polling.address) as answer:
                assert answer.status == 400, "everything was kept for a client that did not poll"


async def test_answer_larger_than_the_bound_reaches_who_reads(make_world: MakeWorld) -> None:
    """[L2] [R5] And what is written behind it before it was read."""
    async with make_world(outbound_bytes=64 * 1024) as world:
        writer = await world.client("engineer")
        session_id = await open_session(writer)
        await fill(writer, session_id)
        async with connected(world.url, world.token(world.person("engineer"))) as wire:
            await wire.send(event("session:join", {"session_id": session_id}, 0))
            for number in range(1, 50):
                await wire.send(event("me:get", {}, number))
            packets = [await wire.read() for _ in range(50)]
            assert [packet.id for packet in packets if packet] == list(range(50))
            assert packets[0] is not None
            assert len(packets[0].data["data"]["snapshot"]["messages"]) == MESSAGES_KEPT
            assert (await wire.call("me:get", {}))["ok"]
