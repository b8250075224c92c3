"""What a client recorded and what PostgreSQL holds: the two sides that the checker compares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from uuid import uuid4

import asyncpg
import orjson

Data = dict[str, Any]
RoomKey: TypeAlias = tuple[str, str]
"""Account and name: only both together name a room."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event, as the wire and the log have it. `at` is in seconds since 1970."""

    room: str
    seq: int
    type: str
    at: float
    data: Data

    @classmethod
    def parse(cls, raw: Data) -> Entry:
        return cls(raw["room"], raw["seq"], raw["type"], datetime.fromisoformat(raw["at"]).timestamp(), raw["data"])


@dataclass(frozen=True, slots=True)
class Heard:
    """An event that came live."""

    event: Entry
    when: float


@dataclass(frozen=True, slots=True)
class Joined:
    """The answer to a join: `events` where it recovered, else the handoffs that stand in the snapshot."""

    room: str
    epoch: str
    seq: int
    after: int | None
    recovered: bool
    events: tuple[Entry, ...]
    handoffs: tuple[str, ...]
    when: float
    same_epoch: bool = True
    """Whether the client named the epoch that was answered."""


@dataclass(slots=True)
class Life:
    """One connection from its `hello` on: what came down, in the order in which it came."""

    replica: str
    came: list[Heard | Joined] = field(default_factory=list)


@dataclass(slots=True)
class Sent:
    """One command under its ids, however often it was sent. `answer` is the final ack, None while there is none."""

    name: str
    payload: Data
    tries: int = 0
    answer: Data | None = None

    @property
    def data(self) -> Data | None:
        """What a successful command was answered."""
        return self.answer["data"] if self.answer is not None and self.answer["ok"] else None


@dataclass(slots=True)
class Recording:
    """One client over all its connections."""

    name: str
    account: str
    user: str
    lives: list[Life] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    asleep: bool = False
    """It was away on purpose: how long its events took says nothing."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A row of `claims` that made somebody the owner."""

    handoff: str
    user: str
    fencing_token: int


@dataclass(slots=True)
class Log:
    """What is committed. `events` are in the order of their numbers, `heads` the numbers of `rooms`."""

    events: dict[RoomKey, list[Entry]] = field(default_factory=dict)
    heads: dict[RoomKey, int] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    handoffs: dict[str, str] = field(default_factory=dict)
    """The account of each handoff."""


EVENTS = """
SELECT account_id::text AS account, room, seq, type, extract(epoch FROM at)::float8 AS at, data::text AS data
FROM events WHERE account_id = ANY($1) ORDER BY account_id, room, seq
"""
ROOMS = "SELECT account_id::text AS account, name, seq FROM rooms WHERE account_id = ANY($1)"
CLAIMS = """
SELECT handoff_id::text, user_id::text, fencing_token FROM claims
WHERE account_id = ANY($1) AND result IN ('won', 'assigned')
"""
HANDOFFS = "SELECT id::text, account_id::text AS account FROM handoffs WHERE account_id = ANY($1)"


async def read_log(url: str, accounts: Sequence[str]) -> Log:
    """All of these accounts, as of one moment."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read"):
            events: defaultdict[RoomKey, list[Entry]] = defaultdict(list)
            async for row in connection.cursor(EVENTS, accounts):
                entry = Entry(row["room"], row["seq"], row["type"], row["at"], orjson.loads(row["data"]))
                events[row["account"], row["room"]].append(entry)
            return Log(
                dict(events),
                {(row["account"], row["name"]): row["seq"] for row in await connection.fetch(ROOMS, accounts)},
                [Claim(*row) for row in await connection.fetch(CLAIMS, accounts)],
                {row["id"]: row["account"] for row in await connection.fetch(HANDOFFS, accounts)},
            )
    finally:
        await connection.close()


def new() -> str:
    """An id."""
    return str(uuid4())
