"""What an account's webhook is still to be told: the log is where it comes from, so nothing is lost on the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from store.db import Database

LANES: Final = 8
"""Handoffs told of at the same time."""
LEASE: Final = 30
"""Seconds after which an attempt whose replica was not heard of again is repeated."""


@dataclass(frozen=True, slots=True)
class Message:
    """One event of a handoff. `event` is the whole wire object; `attempts` counts this one.

    `failures` are the rounds since the receiver accepted anything.
    """

    seq: int
    type: str
    event: str
    at: datetime
    url: str
    secret: str
    attempts: int
    failures: int


TAKE = """
WITH hook AS MATERIALIZED (SELECT * FROM webhooks WHERE account_id = $1 FOR UPDATE),
fresh AS MATERIALIZED (
    SELECT e.seq, e.type, e.at, e.data -> 'handoff' ->> 'id' AS handoff_id, event_body(e) AS body
    FROM hook h JOIN events e ON e.account_id = $1 AND e.room = 'escalations:' || $1::uuid AND e.seq > h.seq
    ORDER BY e.seq LIMIT 500
),
queued AS (
    INSERT INTO webhook_messages (account_id, seq, handoff_id, type, body, at, next_at)
    SELECT $1, f.seq, f.handoff_id::uuid, f.type, f.body, f.at, now() FROM fresh f
)
UPDATE webhooks w SET seq = (SELECT max(f.seq) FROM fresh f)
WHERE w.account_id = $1 AND EXISTS (SELECT FROM fresh) RETURNING true
"""


async def take(db: Database, account_id: UUID) -> None:
    """Queue what has happened since the last time."""
    while await db.rows(TAKE, account_id):
        pass


# Only the oldest message of a handoff is ever told, and one at a time: `next_at` is set ahead for the attempt. Where
# the receiver accepted nothing of late, one handoff finds out whether it is back.
NEXT = """
WITH hook AS MATERIALIZED (SELECT * FROM webhooks WHERE account_id = $1 AND next_at <= now()),
oldest AS MATERIALIZED (
    SELECT DISTINCT ON (m.handoff_id) m.seq, m.next_at FROM webhook_messages m WHERE m.account_id = $1
    ORDER BY m.handoff_id, m.seq
),
chosen AS MATERIALIZED (
    SELECT m.seq FROM webhook_messages m
    WHERE m.account_id = $1 AND m.next_at <= now() AND m.seq IN (SELECT o.seq FROM oldest o WHERE o.next_at <= now())
    ORDER BY m.next_at, m.seq LIMIT (SELECT CASE WHEN h.failures > 0 THEN 1 ELSE $2::integer END FROM hook h)
    FOR UPDATE SKIP LOCKED
)
UPDATE webhook_messages m SET attempts = m.attempts + 1, next_at = now() + make_interval(secs => $3)
FROM chosen c, hook h WHERE m.account_id = $1 AND m.seq = c.seq
RETURNING m.seq, m.type, m.body, m.at, m.attempts, h.url, h.secret, h.failures
"""


async def attempts(db: Database, account_id: UUID) -> list[Message]:
    """What to tell now: for each handoff its oldest message, if it is due. Nobody else attempts it meanwhile."""
    rows = await db.rows(NEXT, account_id, LANES, LEASE)
    return [
        Message(
            seq=row["seq"],
            type=row["type"],
            event=row["body"],
            at=row["at"],
            url=row["url"],
            secret=row["secret"],
            attempts=row["attempts"],
            failures=row["failures"],
        )
        for row in rows
    ]


GIVE_UP = "DELETE FROM webhook_messages WHERE account_id = $1 AND at < now() - $2::interval RETURNING seq"


async def give_up(db: Database, account_id: UUID, kept: timedelta) -> int:
    """Forget what was not accepted for so long; how many they were."""
    return len(await db.rows(GIVE_UP, account_id, kept))


TOLD = """
WITH gone AS (DELETE FROM webhook_messages m WHERE m.account_id = $1 AND m.seq = ANY ($2::bigint[])),
later AS (
    UPDATE webhook_messages m SET next_at = now() + make_interval(secs => f.pause)
    FROM unnest($3::bigint[], $4::float8[]) AS f (seq, pause) WHERE m.account_id = $1 AND m.seq = f.seq
)
UPDATE webhooks w SET failures = CASE WHEN $5::float8 IS NULL THEN 0 ELSE w.failures + 1 END,
                      next_at = now() + make_interval(secs => coalesce($5, 0))
WHERE w.account_id = $1 RETURNING w.failures
"""


async def settle(
    db: Database, account_id: UUID, accepted: list[int], later: dict[int, float], pause: float | None
) -> None:
    """Forget what was accepted; try the rest again after so many seconds, and nothing at all before `pause` is over."""
    await db.rows(TOLD, account_id, accepted, list(later), list(later.values()), pause)
