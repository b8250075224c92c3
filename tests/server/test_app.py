"""What the server listens with."""

from __future__ import annotations

import asyncio
import os
import socket
from urllib.parse import urlsplit

import psutil
import pytest

from server import app, engine, http
from server.app import KERNEL_BYTES
from tests.conftest import MakeWorld


@pytest.mark.parametrize("fast_path", [True, False])
async def test_kernel_keeps_no_more_for_a_client_than_is_bounded(make_world: MakeWorld, fast_path: bool) -> None:
    """[L2] An accepted socket has the bound of the one that listens; by itself it would grow."""
    with socket.socket() as bounded:
        bounded.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BYTES)
        expected = bounded.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
    async with make_world(fast_path=fast_path) as world:
        await world.client("engineer")
        port = urlsplit(world.url).port
        mine = psutil.Process().net_connections("tcp")
        (accepted,) = [one.fd for one in mine if one.laddr.port == port and one.raddr]
        with socket.socket(fileno=os.dup(accepted)) as kept:
            assert kept.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) == expected


GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
SIGN_IN = b"POST /api/auth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
POLL = b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize("fast_path", [True, False])
async def test_half_a_request_is_not_waited_for(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, fast_path: bool
) -> None:
    """[L2] A head, also after another request, or a body: nobody keeps a connection with what never comes."""
    monkeypatch.setattr(app, "KEEP_ALIVE", 0.2)
    for module in (engine, http):
        monkeypatch.setattr(module, "BODY_WITHIN", 0.2)
    async with make_world(fast_path=fast_path, connect_timeout=0.2) as world:
        heads = [await said(world.url, half) for half in (GET[:5], GET[:-2], GET, GET + GET[:5])]
        assert [head[:12] for head in heads] == [b"", b"", b"HTTP/1.1 200", b"HTTP/1.1 200"]
        assert (await said(world.url, SIGN_IN, b'"invalid_payload"')).startswith(b"HTTP/1.1 422")


async def test_half_a_poll_is_not_waited_for(make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BODY_WITHIN", 0.2)
    async with make_world(transports=("polling",)) as world:
        opening = await said(world.url, POLL.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        sid = opening.partition(b'"sid":"')[2].partition(b'"')[0]
        post = b"POST /socket.io/?EIO=4&transport=polling&sid=" + sid
        await said(world.url, post + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n4", b"HTTP/1.1 400")


async def said(url: str, request: bytes, until: bytes | None = None) -> bytes:
    """What is answered up to there, or until the connection ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(url).port)
    try:
        writer.write(request)
        async with asyncio.timeout(30):
            return await (reader.read() if until is None else reader.readuntil(until))
    finally:
        writer.close()
