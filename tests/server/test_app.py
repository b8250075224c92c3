"""What the server listens with."""

from __future__ import annotations

import os
import socket
from urllib.parse import urlsplit

import psutil
import pytest

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
