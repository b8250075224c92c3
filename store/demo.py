"""Ages what a script of the past just wrote, so that the demo's screens and figures have a history."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from store.db import Database

_WIRE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")

COLUMNS = (
    ("sessions", "created_at"),
    ("sessions", "closed_at"),
    ("messages", "at"),
    ("tasks", "created_at"),
    ("tasks", "updated_at"),
    ("handoffs", "created_at"),
    ("handoffs", "first_queued_at"),
    ("handoffs", "claimed_at"),
    ("handoffs", "closed_at"),
    ("handoffs", "expires_at"),
    ("handoffs", "claim_by"),
    ("handoffs", "queued_since"),
    ("handoffs", "first_claimed_at"),
    ("handoffs", "first_action_at"),
    ("handoffs", "nudge_at"),
    ("claims", "at"),
    ("claims", "lost_at"),
    ("events", "at"),
)
MOVE = """
UPDATE {table} t SET {column} = moved.new FROM unnest($2::timestamptz[], $3::timestamptz[]) AS moved (old, new)
WHERE t.account_id = $1 AND t.{column} = moved.old
"""
SPANS = """
SELECT a.handoff_ttl AS span FROM accounts a WHERE a.id = $1
UNION SELECT a.nudge_after FROM accounts a WHERE a.id = $1
UNION SELECT make_interval(secs => t.value::float8) FROM accounts a, jsonb_each_text(a.claim_targets) t WHERE a.id = $1
"""
WAITED = """
WITH told AS (
    SELECT (e.data -> 'handoff' ->> 'id')::uuid AS id, e.data -> 'handoff' ->> 'status' AS status, e.at,
           lead(e.at) OVER later - e.at AS lasted, lead(e.data -> 'handoff' ->> 'status') OVER later AS next
    FROM events e WHERE e.account_id = $1 AND e.room = 'escalations:' || $1::uuid
    WINDOW later AS (PARTITION BY e.data -> 'handoff' ->> 'id' ORDER BY e.seq)
),
queued AS (SELECT id, sum(lasted) AS waited FROM told WHERE status = 'queued' AND next <> 'queued' GROUP BY id)
UPDATE handoffs h SET waited = q.waited FROM queued q WHERE h.account_id = $1 AND h.id = q.id
"""
DOCUMENTS = """
SELECT room AS key, seq, data::text AS document FROM events WHERE account_id = $1
UNION ALL SELECT id::text, -1, package::text FROM handoffs WHERE account_id = $1
UNION ALL SELECT id::text, -2, escalation_package::text FROM sessions
          WHERE account_id = $1 AND escalation_package IS NOT NULL
"""
REWRITE = {
    0: "UPDATE events SET data = $4::jsonb WHERE account_id = $1 AND room = $2 AND seq = $3",
    -1: "UPDATE handoffs SET package = $4::jsonb WHERE account_id = $1 AND id = $2::uuid AND $3::bigint < 0",
    -2: "UPDATE sessions SET escalation_package = $4::jsonb WHERE account_id = $1 AND id = $2::uuid AND $3::bigint < 0",
}


HAS_LOCAL_USER = "SELECT FROM users WHERE account_id = $1 AND id = $2 AND email IS NOT NULL"


async def has_local_user(db: Database, account_id: UUID, user_id: UUID) -> bool:
    """Whether this user was made to sign in here, disabled or not."""
    return await db.row(HAS_LOCAL_USER, account_id, user_id) is not None


CLEAR = """
WITH e AS (DELETE FROM events WHERE account_id = $1), r AS (DELETE FROM rooms WHERE account_id = $1),
     c AS (DELETE FROM claims WHERE account_id = $1), h AS (DELETE FROM handoffs WHERE account_id = $1),
     t AS (DELETE FROM tasks WHERE account_id = $1), m AS (DELETE FROM messages WHERE account_id = $1)
DELETE FROM sessions WHERE account_id = $1
"""


async def clear(db: Database, account_id: UUID) -> None:
    """Take all sessions of the account away, with their log."""
    await db.rows(CLEAR, account_id)


async def age(db: Database, account_id: UUID, moments: Mapping[datetime, datetime]) -> None:
    """Move each of these times of the account to its new one, in the tables, the log and the packages alike."""
    spans = [row["span"] for row in await db.rows(SPANS, account_id)]
    later = {before + span: after + span for before, after in moments.items() for span in spans}
    moments = later | dict(moments)
    old, new = list(moments), list(moments.values())
    for table, column in COLUMNS:
        await db.rows(MOVE.format(table=table, column=column), account_id, old, new)
    await db.rows(WAITED, account_id)
    texts = {_wire(before): _wire(after) for before, after in moments.items()}
    for row in await db.rows(DOCUMENTS, account_id):
        moved = _WIRE_TIME.sub(lambda found: texts.get(found[0], found[0]), row["document"])
        if moved != row["document"]:
            await db.rows(REWRITE[min(row["seq"], 0)], account_id, row["key"], row["seq"], moved)


def _wire(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
