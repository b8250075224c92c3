"""The log: one stream of events for each room, and how every write of this package appends to it.

A write is one statement of common table expressions with fixed names, so that its parts can be shared:

- `verdict`: one row that says 'ok' or why not, decided on rows locked in the order handoff, session, task;
- `numbered`: only when the verdict is 'ok', the next number of each room (see `next_seq` in the schema);
- `changed`: the rows written, each as one composite column;
- `logged`: the events inserted.

The first parameters of a command's write are $1 account, $2 user, $3 the user's name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from store.db import Database
from store.errors import Code, Refusal
from store.models import Answer, Event, Json, Principal, Room

REPLAY_LIMIT = 1000
"""A client further behind than this many events gets a snapshot."""

SESSION_ROOM = "'session:' || v.session_id"
BOTH_ROOMS = "'escalations:' || v.account_id, 'session:' || v.session_id"


def numbered(rooms: str) -> str:
    """`numbered`, and `moment`: the one row with the session room's `seq` and the time of the event."""
    return f"""
numbered AS MATERIALIZED (
    SELECT n.* FROM verdict v CROSS JOIN LATERAL next_seq(v.account_id, ARRAY[{rooms}]) n WHERE v.verdict = 'ok'
),
moment AS MATERIALIZED (SELECT n.seq, n.at FROM numbered n WHERE n.room LIKE 'session:%')"""


def logged(event_type: str, data: str, *, actor: str = "person($2, $3)") -> str:
    """`logged`: the event in every numbered room. `data` is SQL over the row `c` of `changed`; so is the type if it
    is not a plain name.
    """
    type_sql = f"'{event_type}'" if re.fullmatch(r"[a-z:]+", event_type) else event_type
    return f"""
logged AS (
    INSERT INTO events AS e (account_id, room, seq, type, at, actor, data)
    SELECT $1, n.room, n.seq, {type_sql}, n.at, {actor}, {data} FROM numbered n CROSS JOIN changed c
    RETURNING (e.room, e.seq, e.type, event_body(e))::logged_event AS event
)"""


EVENTS = "(SELECT array_agg(l.event ORDER BY (l.event).seq) FROM logged l) AS events"


@dataclass(frozen=True, slots=True)
class Retry:
    """What the log would hold had this same command of this same caller been applied before."""

    room: Room
    type: str
    match: Mapping[str, object]


FIRST_ANSWER = """
SELECT (data -> $5::text)::text AS answer FROM events
WHERE account_id = $1 AND room = $2 AND type = $3 AND actor ->> 'id' = $4 AND data @> $6::jsonb
ORDER BY seq DESC LIMIT 1
"""

FINAL: frozenset[str] = frozenset({"not_found", "self_claim", "role_required", "active_handoff"})
"""Verdicts that no earlier success of the same command can have led to."""


async def settle(db: Database, who: Principal, noun: str, row: asyncpg.Record, retry: Retry) -> Answer:
    """Turn a write's row (`verdict`, `answer`, `details`, `events`) into its answer.

    A command applied before is answered from the log with what it was answered then, and makes no event.

    Raises:
        Refusal: the verdict is not 'ok' and the log does not know the command.
    """
    verdict: str = row["verdict"]
    if verdict == "ok":
        return applied(who, noun, row)
    if verdict not in FINAL:
        first = await db.row(
            FIRST_ANSWER,
            who.account_id,
            retry.room.name,
            retry.type,
            str(who.user_id),
            noun,
            orjson.dumps(retry.match).decode(),
        )
        if first is not None:
            return Answer({noun: Json(first["answer"])})
    raise refusal(verdict, row["details"])


def applied(who: Principal, noun: str, row: asyncpg.Record) -> Answer:
    """`settle` where the verdict is 'ok'."""
    return Answer({noun: Json(row["answer"])}, events_of(who.account_id, row["events"]))


def refusal(verdict: str, details: str | None) -> Refusal:
    """The refusal a verdict stands for."""
    if verdict == "exists":
        return Refusal("id_conflict")
    if verdict == "token_missing":
        field = {"loc": ["fencing_token"], "msg": "Required while you own the claimed handoff", "type": "missing"}
        return Refusal("invalid_payload", "The payload is not valid.", details={"fields": [field]})
    code: Code = verdict  # type: ignore[assignment]  # the other verdicts are codes
    return Refusal(code, details=Json(details) if details is not None else None)


def events_of(account_id: UUID, records: Sequence[asyncpg.Record] | None) -> tuple[Event, ...]:
    return tuple(
        Event(Room(account_id, record["room"]), record["seq"], record["type"], Json(record["body"]))
        for record in records or ()
    )


@dataclass(frozen=True, slots=True)
class Recovered:
    """All events after the one asked for, up to `seq`, in order."""

    epoch: UUID
    seq: int
    events: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The room's state as of exactly `seq`."""

    epoch: UUID
    seq: int
    state: Json


@dataclass(frozen=True, slots=True)
class Reading:
    """A way to read a room. Who asks the same at the same time may be given one answer: missed events are the same
    for everyone, a snapshot for whoever has the same `reader`.
    """

    read: Callable[[], Coroutine[Any, Any, Recovered | Snapshot]]
    asks: Hashable
    reader: Hashable = None


def _join(exists: str, snapshot: str) -> str:
    return f"""
WITH head AS MATERIALIZED (
    SELECT l.epoch, coalesce((SELECT r.seq FROM rooms r WHERE r.account_id = $1 AND r.name = $2), 0) AS seq
    FROM log_epoch l WHERE {exists}
),
missed AS MATERIALIZED (
    SELECT array_agg(event_body(e) ORDER BY e.seq) AS events, count(*) AS n
    FROM head JOIN events e ON e.account_id = $1 AND e.room = $2 AND e.seq > $3 AND e.seq <= head.seq
    WHERE head.epoch = $4 AND head.seq - $3 <= {REPLAY_LIMIT}
)
SELECT h.epoch, h.seq, m.events,
       h.epoch = $4 AND h.seq - $3 BETWEEN 0 AND {REPLAY_LIMIT} AND m.n = h.seq - $3 AS recovered,
       CASE WHEN (h.epoch = $4 AND h.seq - $3 BETWEEN 0 AND {REPLAY_LIMIT} AND m.n = h.seq - $3) IS NOT TRUE
            THEN {snapshot} END::text AS snapshot
FROM head h CROSS JOIN missed m
"""


JOIN_SESSION = _join(
    "EXISTS (SELECT FROM sessions WHERE account_id = $1 AND id = $5::uuid)", "session_snapshot($1, $5::uuid)"
)
JOIN_QUEUE = _join("true", "queue_snapshot($1, $5::uuid)")


async def read_session_room(
    db: Database, account_id: UUID, session_id: UUID, after: int | None = None, epoch: UUID | None = None
) -> Recovered | Snapshot:
    """What a client needs to stand at the room's newest event: the events it missed, all of them, or the state.

    Raises:
        Refusal: `not_found`.
    """
    room = Room.of_session(account_id, session_id)
    return await _read_room(db, JOIN_SESSION, room, after, epoch, session_id)


async def read_escalation_room(
    db: Database, account_id: UUID, user_id: UUID, after: int | None = None, epoch: UUID | None = None
) -> Recovered | Snapshot:
    """As `read_session_room`. The state leaves out what the user handed off; the events do not."""
    return await _read_room(db, JOIN_QUEUE, Room.of_escalations(account_id), after, epoch, user_id)


async def _read_room(
    db: Database, sql: str, room: Room, after: int | None, epoch: UUID | None, subject: UUID
) -> Recovered | Snapshot:
    row = await db.row(sql, room.account_id, room.name, after, epoch, subject)
    if row is None:
        raise Refusal("not_found")
    if row["recovered"]:
        return Recovered(row["epoch"], row["seq"], tuple(Json(body) for body in row["events"] or ()))
    return Snapshot(row["epoch"], row["seq"], Json(row["snapshot"]))


AFTER = """
SELECT e.room, e.seq, e.type, event_body(e) AS body FROM events e
WHERE e.account_id = $1 AND e.room = $2 AND e.seq > $3 ORDER BY e.seq LIMIT $4
"""


async def after(db: Database, room: Room, seq: int, limit: int = REPLAY_LIMIT) -> tuple[Event, ...]:
    """At most `limit` events of the room after `seq`, in order, without a gap unless the log was trimmed."""
    return events_of(room.account_id, await db.rows(AFTER, room.account_id, room.name, seq, limit))


OF_HANDOFF = """
WITH told AS MATERIALIZED (
    SELECT 'session:' || h.session_id AS room, h.closed_at IS NOT NULL AS is_over, (
        SELECT min(e.seq) FROM events e WHERE e.account_id = $1 AND e.room = 'session:' || h.session_id
          AND e.type = 'handoff:created' AND e.data -> 'handoff' ->> 'id' = $2::uuid::text) AS first, (
        SELECT max(e.seq) FROM events e WHERE e.account_id = $1 AND e.room = 'session:' || h.session_id
          AND e.data -> 'handoff' ->> 'id' = $2::uuid::text) AS last
    FROM handoffs h WHERE h.account_id = $1 AND h.id = $2
)
SELECT e.seq, event_body(e) AS body FROM told t
LEFT JOIN events e ON e.account_id = $1 AND e.room = t.room AND e.seq > $3 AND e.seq >= coalesce(t.first, 0)
                      AND (NOT t.is_over OR e.seq <= t.last)
ORDER BY e.seq LIMIT $4
"""


async def of_handoff(db: Database, account_id: UUID, handoff_id: UUID, seq: int, limit: int) -> list[tuple[int, Json]]:
    """The session's events from the handoff's creation to its end: at most `limit` after `seq`, with their numbers.

    Raises:
        Refusal: `not_found`.
    """
    rows = await db.rows(OF_HANDOFF, account_id, handoff_id, seq, limit)
    if not rows:
        raise Refusal("not_found")
    return [(row["seq"], Json(row["body"])) for row in rows if row["seq"] is not None]


HEAD = """
SELECT l.epoch, (SELECT r.seq FROM rooms r WHERE r.account_id = $1 AND r.name = $2) AS seq FROM log_epoch l
"""


async def head(db: Database, room: Room) -> tuple[UUID, int | None]:
    """The epoch, and the room's newest number: None while nothing ever happened in it."""
    row = await db.row(HEAD, room.account_id, room.name)
    if row is None:
        raise LookupError("log_epoch has one row")
    return row["epoch"], row["seq"]


TRIM = """
WITH old AS MATERIALIZED (
    SELECT account_id, room, seq FROM events WHERE at < now() - $1::interval  -- clock_timestamp() uses no index
    ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED
)
DELETE FROM events e USING old o WHERE e.account_id = o.account_id AND e.room = o.room AND e.seq = o.seq
RETURNING true
"""


async def trim(db: Database, retention: timedelta, *, at_once: int = 2_000) -> int:
    """Forget the events that are older, of all accounts, and answer how many. Any number may do it at once.

    Whoever resumes from before them gets a snapshot; rooms go on with the numbers they had.
    """
    trimmed = 0
    while True:
        gone = len(await db.rows(TRIM, retention, at_once))
        trimmed += gone
        if gone < at_once:
            return trimmed


EPOCH = "SELECT epoch FROM log_epoch"
BUMP_EPOCH = "UPDATE log_epoch SET epoch = gen_random_uuid() RETURNING epoch"


async def epoch(db: Database) -> UUID:
    """The name of the log's present life."""
    return await _epoch(db, EPOCH)


async def bump_epoch(db: Database) -> UUID:
    """Begin a new life of the log: every client reloads instead of resuming. For use after a restore."""
    return await _epoch(db, BUMP_EPOCH)


async def _epoch(db: Database, sql: str) -> UUID:
    row = await db.row(sql)
    if row is None:
        raise LookupError("log_epoch has one row")
    value: UUID = row["epoch"]
    return value
