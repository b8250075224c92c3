"""Messages of a session."""

from __future__ import annotations

from uuid import UUID

from store.asks import MAX_OPEN
from store.db import Database
from store.errors import Refusal
from store.events import EVENTS, SESSION_ROOM, Retry, logged, numbered, settle
from store.models import Answer, Json, MessageKind, Principal, Room

WORKPLACE = """
handoff AS MATERIALIZED (
    SELECT * FROM handoffs WHERE account_id = $1 AND session_id = $4 AND status = 'claimed' FOR NO KEY UPDATE
),
session AS MATERIALIZED (
    SELECT * FROM sessions
    WHERE account_id = $1 AND id = $4 AND (SELECT count(*) FROM handoff) >= 0 FOR SHARE
),
workplace AS MATERIALIZED (
    SELECT s.account_id, s.id AS session_id, s.closed_at, s.closed_by, s.closed_by_name,
           CASE
               WHEN s.status = 'closed' THEN 'closed'
               WHEN h.handed_off_by = $2 THEN 'ok'
               WHEN $5::bigint IS NULL AND h.claimed_by = $2 THEN 'token_missing'
               WHEN $5 IS NOT NULL AND (h.claimed_by = $2 AND h.fencing_token = $5) IS NOT TRUE THEN 'not_owner'
               ELSE 'ok'
           END AS admits
    FROM session s LEFT JOIN handoff h ON true
)"""
"""The session $4 and whether it admits this caller's work under the fencing token $5.

The claimed handoff and the session stay as they are until the work is committed: a reassignment or the closing of
the session comes wholly before or wholly after it.
"""

ACTED = """
acted AS (
    UPDATE handoffs h
    SET first_action_at = coalesce(h.first_action_at, m.at),
        nudge_at = CASE WHEN h.nudges > 0 THEN m.at ELSE h.nudge_at END
    FROM handoff x, moment m
    WHERE h.account_id = $1 AND h.id = x.id AND x.claimed_by = $2 AND (x.first_action_at IS NULL OR x.nudges > 0)
)"""
"""An owner's first write is remembered, and one who was nudged is seen to be back.

The handoff is locked for it from the start: a shared lock would have to be raised while others wait in between.
"""

CLOSED_DETAILS = """
       CASE WHEN v.verdict = 'closed' THEN jsonb_build_object(
           'status', 'closed', 'at', wire_time(v.closed_at), 'by', person(v.closed_by, v.closed_by_name),
           'outcome', NULL) END::text AS details"""

POST = f"""
WITH {WORKPLACE},
verdict AS MATERIALIZED (
    SELECT w.*, CASE
               WHEN w.session_id IS NULL THEN 'not_found'
               WHEN EXISTS (SELECT FROM messages WHERE account_id = $1 AND id = $6 AND asks = $9::boolean) THEN 'exists'
               WHEN EXISTS (SELECT FROM messages WHERE account_id = $1 AND id = $6) THEN 'asks_otherwise'
               WHEN $9 AND w.admits = 'ok' AND {MAX_OPEN} <= (
                   SELECT count(*) FROM asks WHERE account_id = $1 AND session_id = $4) THEN 'rate_limited'
               ELSE w.admits
           END AS verdict
    FROM (SELECT) AS one LEFT JOIN workplace w ON true
),
{numbered(SESSION_ROOM)},
changed AS (
    INSERT INTO messages AS m (account_id, id, session_id, seq, author_id, author_name, kind, body, at, asks)
    SELECT $1, $6::uuid, $4, moment.seq, $2, $3, $7, $8, moment.at, $9 FROM moment
    RETURNING m
),
asked AS (
    INSERT INTO asks (account_id, message_id, session_id, asked_by, asked_by_name, at, next_at)
    SELECT $1, (c.m).id, $4, $2, $3, (c.m).at, (c.m).at FROM changed c WHERE $9
),
{logged("message:posted", "jsonb_build_object('message', message_view(c.m))")},
{ACTED}
SELECT v.verdict, message_view(c.m)::text AS answer, {CLOSED_DETAILS}, {EVENTS}
FROM verdict v LEFT JOIN changed c ON true
"""


async def post(
    db: Database,
    who: Principal,
    session_id: UUID,
    *,
    message_id: UUID,
    kind: MessageKind,
    body: str,
    fencing_token: int | None,
    ask: bool = False,
) -> Answer:
    """Post the message; with `ask` it waits for the assistant's answer from then on."""
    args = (session_id, fencing_token, message_id, kind, body, ask)
    row = await db.decide(POST, who.account_id, who.user_id, who.name, *args)
    if row["verdict"] == "asks_otherwise":
        raise Refusal("id_conflict")
    if row["verdict"] == "rate_limited":
        message = "The assistant has as many questions of this session as it takes at once."
        raise Refusal("rate_limited", message, details={"retry_after_ms": 5_000})
    match = {"message": {"id": message_id, "kind": kind, "body": body}}
    retry = Retry(Room.of_session(who.account_id, session_id), "message:posted", match)
    return await settle(db, who, "message", row, retry)


HISTORY = """
SELECT m.seq, m.id, message_view(m)::text AS view FROM messages m
WHERE m.account_id = $1 AND m.session_id = $2
  AND ($3::bigint IS NULL OR m.seq < $3)
  AND ($4::uuid IS NULL OR m.seq < (SELECT b.seq FROM messages b
                                    WHERE b.account_id = $1 AND b.session_id = $2 AND b.id = $4))
ORDER BY m.seq DESC LIMIT $5
"""
EXISTS = "SELECT FROM sessions WHERE account_id = $1 AND id = $2"


async def history(db: Database, account_id: UUID, session_id: UUID, *, before: UUID | int | None, limit: int) -> Answer:
    """The messages before the one named by its id or its `seq`, oldest first; `next` is the following `before`."""
    if await db.row(EXISTS, account_id, session_id) is None:
        raise Refusal("not_found")
    seq, message_id = (before, None) if isinstance(before, int) else (None, before)
    rows = await db.rows(HISTORY, account_id, session_id, seq, message_id, limit + 1)
    page = rows[:limit]
    more = page[-1]["id"] if len(rows) > limit else None
    return Answer({"messages": [Json(row["view"]) for row in reversed(page)], "next": more})
