"""The way out to accounts' own systems."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
from aiohttp.connector import AddrInfoType
from aiohttp.typedefs import StrOrURL

from handlers.webhooks import is_public
from store.jobs import AT_ONCE
from store.webhooks import LANES


class ForbiddenTarget(OSError):  # noqa: N818  # says what it is
    """The address is of this network, not of the internet."""


class Webhooks:
    """Posts to addresses that accounts gave. One that is private, of this machine, or otherwise no public address is
    never connected to, whatever its name resolves to at the time; redirects are not followed.
    """

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http

    @classmethod
    @asynccontextmanager
    async def open(cls, *, timeout: float, private: bool) -> AsyncIterator[Webhooks]:
        """`private`: allow all addresses. `timeout`, in seconds, is of a whole attempt."""
        connector = aiohttp.TCPConnector(
            limit=AT_ONCE * LANES, ttl_dns_cache=30, socket_factory=None if private else _public_socket
        )
        bound = aiohttp.ClientTimeout(total=timeout)
        async with aiohttp.ClientSession(
            connector=connector, timeout=bound, headers={"user-agent": "ResolutionFlow"}, trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        ) as http:  # fmt: skip
            yield cls(http)

    async def post(self, url: StrOrURL, body: str, headers: Mapping[str, str]) -> bool:
        """Whether the receiver answered that it has it. Its answer's body is not read."""
        try:
            async with self._http.post(url, data=body.encode(), headers=headers, allow_redirects=False) as response:
                return response.ok and response.status < 300  # noqa: PLR2004
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            return False


def _public_socket(address: AddrInfoType) -> socket.socket:
    family, kind, protocol, _, peer = address
    if not is_public(str(peer[0])):
        raise ForbiddenTarget(f"{peer[0]} is not a public address")
    return socket.socket(family=family, type=kind, proto=protocol)
