"""Telling an account's own system of its handoffs, signed as Standard Webhooks has it (specification 1.0.0)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from uuid import UUID

from standardwebhooks import Webhook

from store import webhooks
from store.db import Database
from store.webhooks import Message

Post = Callable[[str, str, Mapping[str, str]], Awaitable[bool]]
"""Sends a body with headers to an address; whether it was accepted. Bounded in time, never raises."""

PAUSES: Final = (5, 15, 60, 300, 900, 3600)
"""Seconds after the first failure, the second and so on; the last one stays."""
KEPT: Final = timedelta(days=3)
"""A message that was not accepted for so long is given up, and those behind it are told."""
TRANSLATED: Final = IPv6Network("64:ff9b::/96")
"""IPv4 addresses as NAT64 has them: what they stand for decides."""
INSIDE: Final = tuple(
    map(ip_network, ("64:ff9b:1::/48", "::ffff:0:0:0/96", "::/96", "fec0::/10", "192.0.0.0/24", "168.63.129.16/32"))
)
"""Not of the internet either: local translation, addresses of old, and what clouds keep for themselves."""
LONGEST: Final = 20
"""Rounds of one job: then others have their turn."""


def is_public(host: str) -> bool:
    """Whether this IP address is one of the internet's, also where it is an IPv4 address in the guise of IPv6.

    Raises:
        ValueError: it is no IP address.
    """
    address = ip_address(host.partition("%")[0])
    if isinstance(address, IPv6Address):
        inner = IPv4Address(int(address) & 0xFFFFFFFF) if address in TRANSLATED else None
        address = inner or address.ipv4_mapped or address.sixtofour or address
    return address.is_global and not address.is_multicast and not any(address in network for network in INSIDE)


async def deliver(db: Database, post: Post, account_id: UUID, observe: Callable[[str], None]) -> None:
    """Tell what is due: each event at least once, those of a handoff in their order, `webhook-id` the same each time.

    After a round in which nothing was accepted the receiver is left alone for a while. `observe` is told of each
    message: `delivered`, `failed` or `given_up`.
    """
    await webhooks.take(db, account_id)
    for _ in range(await webhooks.give_up(db, account_id, KEPT)):
        observe("given_up")
    for _ in range(LONGEST):
        told = await webhooks.attempts(db, account_id)
        if not told:
            return
        accepted = await asyncio.gather(*(_tell(post, account_id, message) for message in told))
        failed = [message for message, ok in zip(told, accepted, strict=True) if not ok]
        later = {message.seq: _pause(message.attempts) for message in failed}
        gone = [message.seq for message in told if message.seq not in later]
        nothing = len(failed) == len(told)
        await webhooks.settle(db, account_id, gone, later, _pause(told[0].failures + 1) if nothing else None)
        for message in told:
            observe("failed" if message.seq in later else "delivered")
        if nothing:
            return


async def _tell(post: Post, account_id: UUID, message: Message) -> bool:
    body = f'{{"type":"{message.type.replace(":", ".")}","timestamp":"{_wire(message.at)}","data":{message.event}}}'
    now, name = datetime.now(UTC), f"{account_id.hex}_{message.seq}"
    headers = {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(message.secret).sign(name, now, body),
    }
    return await post(message.url, body, headers)


def _wire(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _pause(attempts: int) -> float:
    return PAUSES[min(attempts, len(PAUSES)) - 1] * random.uniform(0.8, 1.2)  # noqa: S311
