"""What is due on a handoff without anybody's command: its expiry, and the nudges of who should act.

Due times stand in the handoff's row. Any number of sweepers may look at once: each step is one statement that locks
the row, looks again, and writes only what is still due, so that it happens once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from store.db import Database
from store.events import BOTH_ROOMS, EVENTS, events_of, logged, numbered
from store.handoffs import expire
from store.models import Event

MAX_NUDGES: Final = 5
"""Of one owner between two writes. The first comes after the account's `nudge_after`; every pause doubles."""


@dataclass(frozen=True, slots=True)
class Due:
    account_id: UUID
    handoff_id: UUID
    is_expiry: bool
    late: float
    """Seconds since it was due."""


DUE = """
SELECT account_id, id, coalesce(expires_at <= now(), false) AS is_expiry,
       extract(epoch FROM now() - due_at)::float8 AS late
FROM handoffs WHERE due_at <= now() ORDER BY due_at LIMIT $1
"""


async def due(db: Database, limit: int) -> list[Due]:
    """What is due now, the longest overdue first."""
    rows = await db.rows(DUE, limit)
    return [Due(row["account_id"], row["id"], row["is_expiry"], row["late"]) for row in rows]


async def step(db: Database, what: Due) -> tuple[Event, ...]:
    """Do what is due, unless somebody else did or it no longer is."""
    if what.is_expiry:
        return await expire(db, what.account_id, what.handoff_id)
    row = await db.row(NUDGE, what.account_id, what.handoff_id)
    return events_of(what.account_id, row["events"]) if row is not None else ()


_TOLD: Final = logged(
    """CASE c.what WHEN 'let_go' THEN 'handoff:released' WHEN 'back' THEN 'handoff:resumed'
                   ELSE 'handoff:nudged' END""",
    """CASE c.what
           WHEN 'let_go' THEN jsonb_build_object('handoff', c.view, 'note', format(
               'Released for its owner: nothing was done for %s minutes', floor(extract(epoch FROM c.idle) / 60)))
           WHEN 'back' THEN jsonb_build_object('handoff', c.view)
           ELSE jsonb_build_object('handoff', c.view, 'nudge', jsonb_build_object(
               'n', (c.h).nudges, 'idle_s', floor(extract(epoch FROM c.idle)), 'to', CASE
                   WHEN c.what = 'idle' THEN 'owner' WHEN (c.h).nudges = 1 THEN 'seniors' ELSE 'admins' END))
       END""",
    actor="NULL",
)

# `active_at` is when the owner last did something in the session; `pause` is the account's for an owner, the target
# of its severity for one that waits. Who was nudged n times is nudged again after (2^(n+1) - 1) pauses without a write.
NUDGE = f"""
WITH target AS MATERIALIZED (
    SELECT h AS handoff FROM handoffs h
    WHERE h.account_id = $1 AND h.id = $2 AND h.nudge_at <= clock_timestamp() FOR UPDATE SKIP LOCKED
),
looked AS MATERIALIZED (
    SELECT (t.handoff).account_id, (t.handoff).session_id, t.handoff, clock_timestamp() AS now, a.release_idle,
           CASE (t.handoff).status WHEN 'claimed' THEN a.nudge_after
                ELSE (t.handoff).claim_by - (t.handoff).first_queued_at END AS pause,
           CASE (t.handoff).status WHEN 'claimed' THEN greatest(
               (t.handoff).claimed_at, last_write($1, (t.handoff).session_id, (t.handoff).claimed_by)) END AS active_at
    FROM target t JOIN accounts a ON a.id = $1
),
judged AS MATERIALIZED (
    SELECT l.*, CASE
               WHEN (l.handoff).status = 'queued' THEN 'waits'
               WHEN (l.handoff).nudges > 0 AND l.active_at > (l.handoff).nudged_at THEN 'back'
               WHEN l.active_at + l.pause * (2 ^ ((l.handoff).nudges + 1) - 1) > l.now THEN 'later'
               WHEN l.release_idle AND (l.handoff).nudges > 0 THEN 'let_go'
               ELSE 'idle'
           END AS what
    FROM looked l
),
verdict AS MATERIALIZED (
    SELECT j.*, CASE WHEN j.what = 'later' OR j.what = 'back' AND (j.handoff).nudges = 1 THEN 'quiet'
                     ELSE 'ok' END AS verdict
    FROM judged j
),
quiet AS (
    UPDATE handoffs h
    SET nudges = CASE v.what WHEN 'back' THEN 0 ELSE h.nudges END,
        nudge_at = v.active_at + v.pause * CASE v.what WHEN 'back' THEN 1 ELSE 2 ^ (h.nudges + 1) - 1 END
    FROM verdict v WHERE h.account_id = $1 AND h.id = $2 AND v.verdict = 'quiet'
),
{numbered(BOTH_ROOMS)},
changed AS (
    UPDATE handoffs h
    SET version = h.version + 1, nudged_at = m.at,
        nudges = CASE v.what WHEN 'back' THEN 0 WHEN 'let_go' THEN 0 ELSE h.nudges + 1 END,
        nudge_at = CASE
            WHEN v.what = 'back' THEN v.active_at + v.pause
            WHEN v.what = 'waits' AND h.nudges = 0 THEN h.queued_since + v.pause * 2
            WHEN v.what = 'idle' AND h.nudges + 1 < {MAX_NUDGES} THEN v.active_at + v.pause * (2 ^ (h.nudges + 2) - 1)
        END,
        status = CASE v.what WHEN 'let_go' THEN 'queued' ELSE h.status END,
        claimed_by = CASE v.what WHEN 'let_go' THEN NULL ELSE h.claimed_by END,
        claimed_by_name = CASE v.what WHEN 'let_go' THEN NULL ELSE h.claimed_by_name END,
        claimed_at = CASE v.what WHEN 'let_go' THEN NULL ELSE h.claimed_at END,
        started_modes = CASE v.what WHEN 'let_go' THEN '{{}}' ELSE h.started_modes END,
        expires_at = CASE v.what WHEN 'let_go' THEN m.at + a.handoff_ttl ELSE h.expires_at END,
        queued_since = CASE v.what WHEN 'let_go' THEN m.at ELSE h.queued_since END
    FROM moment m, verdict v, accounts a
    WHERE h.account_id = $1 AND h.id = $2 AND a.id = $1
    RETURNING h, handoff_view(h) AS view, v.what, v.pause,
              CASE v.what WHEN 'waits' THEN m.at - h.queued_since ELSE m.at - v.active_at END AS idle
),
{_TOLD}
SELECT {EVENTS}
"""
