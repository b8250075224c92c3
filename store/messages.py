"""Messages of a session."""

from __future__ import annotations

from uuid import UUID

from store.asks import MAX_OPEN
from store.db import Database
from store.errors import Refusal
from store.events import Retry, applied, settle
from store.lanes import BRIEFLY, elements
from store.models import Answer, Json, MessageKind, Principal, Room


def admission(user: str, token: str) -> str:
    """SQL of whether the session `s`, with its claimed handoff `h`, admits the user's work under that fencing token."""
    return f"""CASE
               WHEN s.status = 'closed' THEN 'closed'
               WHEN h.handed_off_by = {user} THEN 'ok'
               WHEN {token}::bigint IS NULL AND h.claimed_by = {user} THEN 'token_missing'
               WHEN {token} IS NOT NULL AND (h.claimed_by = {user} AND h.fencing_token = {token}) IS NOT TRUE
                   THEN 'not_owner'
               ELSE 'ok'
           END"""


WORKPLACE = f"""
handoff AS MATERIALIZED (
    SELECT * FROM handoffs WHERE account_id = $1 AND session_id = $4 AND status = 'claimed' FOR NO KEY UPDATE
),
session AS MATERIALIZED (
    SELECT * FROM sessions
    WHERE account_id = $1 AND id = $4 AND (SELECT count(*) FROM handoff) >= 0 FOR SHARE
),
workplace AS MATERIALIZED (
    SELECT s.account_id, s.id AS session_id, s.closed_at, s.closed_by, s.closed_by_name,
           {admission("$2", "$5")} AS admits
    FROM session s LEFT JOIN handoff h ON true
)"""
"""The session $4 and whether it admits this caller's work under the fencing token $5.

The claimed handoff and the session stay as they are until the work is committed: a reassignment or the closing of
the session comes wholly before or wholly after it.
"""

_ACTS = """SET first_action_at = coalesce(h.first_action_at, m.at),
        nudge_at = CASE WHEN h.nudges > 0 THEN m.at ELSE h.nudge_at END"""
ACTED = f"""
acted AS (
    UPDATE handoffs h
    {_ACTS}
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


def _post(unless_locked: str, patience: str) -> str:
    """One message for each element of the parameters, each decided for itself, in the order of account and session.

    With `SKIP LOCKED` for `unless_locked` no session is waited for: what is locked is decided as `again`.
    """
    return f"""
WITH input AS MATERIALIZED (
    SELECT i.*, row_number() OVER (PARTITION BY i.account_id, i.id ORDER BY i.n) AS turn,
           {patience} AS patience
    FROM {elements("uuid", "uuid", "text", "uuid", "bigint", "uuid", "text", "text", "boolean")}
    WITH ORDINALITY AS i (account_id, user_id, user_name, session_id, token, id, kind, body, asks, n)
),
handoff AS MATERIALIZED (
    SELECT i.n, h.* FROM input i CROSS JOIN LATERAL (
        SELECT * FROM handoffs WHERE account_id = i.account_id AND session_id = i.session_id AND status = 'claimed'
        FOR NO KEY UPDATE {unless_locked}) AS h
),
session AS MATERIALIZED (
    SELECT i.n, s.* FROM input i CROSS JOIN LATERAL (
        SELECT * FROM sessions WHERE account_id = i.account_id AND id = i.session_id FOR SHARE {unless_locked}) AS s
    WHERE (SELECT count(*) FROM handoff) >= 0
),
verdict AS MATERIALIZED (
    SELECT i.*, s.closed_at, s.closed_by, s.closed_by_name, h.id AS handoff_id, CASE
               WHEN known.id IS NULL THEN 'not_found'
               WHEN s.id IS NULL OR i.turn > 1 THEN 'again'
               WHEN m.asks = i.asks THEN 'exists'
               WHEN m.id IS NOT NULL THEN 'asks_otherwise'
               WHEN h.id IS NULL AND held.id IS NOT NULL AND w.admits <> 'closed' THEN 'again'
               WHEN w.admits <> 'ok' THEN w.admits
               WHEN i.asks AND {MAX_OPEN} <= (SELECT count(*) FROM asks a
                   WHERE a.account_id = i.account_id AND a.session_id = i.session_id) THEN 'rate_limited'
               ELSE 'ok'
           END AS verdict
    FROM input i
    LEFT JOIN session s ON s.n = i.n
    LEFT JOIN handoff h ON h.n = i.n
    CROSS JOIN LATERAL (SELECT {admission("i.user_id", "i.token")} AS admits) AS w
    -- Unlocked, and with a limit: each is one look into an index, however the planner sees the tables.
    LEFT JOIN LATERAL (
        SELECT id FROM sessions WHERE account_id = i.account_id AND id = i.session_id LIMIT 1) AS known ON true
    LEFT JOIN LATERAL (
        SELECT id FROM handoffs WHERE account_id = i.account_id AND session_id = i.session_id AND status = 'claimed'
        LIMIT 1) AS held ON true
    LEFT JOIN LATERAL (
        SELECT id, asks FROM messages WHERE account_id = i.account_id AND id = i.id LIMIT 1) AS m ON true
),
numbered AS MATERIALIZED (
    SELECT v.n, x.* FROM (SELECT * FROM verdict WHERE verdict = 'ok' ORDER BY account_id, session_id, n) AS v
    CROSS JOIN LATERAL next_seq(v.account_id, ARRAY['session:' || v.session_id]) x
),
changed AS (
    INSERT INTO messages AS m (account_id, id, session_id, seq, author_id, author_name, kind, body, at, asks)
    SELECT v.account_id, v.id, v.session_id, x.seq, v.user_id, v.user_name, v.kind, v.body, x.at, v.asks
    FROM numbered x JOIN verdict v USING (n)
    RETURNING m
),
asked AS (
    INSERT INTO asks (account_id, message_id, session_id, asked_by, asked_by_name, at, next_at)
    SELECT (m).account_id, (m).id, (m).session_id, (m).author_id, (m).author_name, (m).at, (m).at
    FROM changed WHERE (m).asks
),
logged AS (
    INSERT INTO events AS e (account_id, room, seq, type, at, actor, data)
    SELECT (m).account_id, 'session:' || (m).session_id, (m).seq, 'message:posted', (m).at,
           person((m).author_id, (m).author_name), jsonb_build_object('message', message_view(m)) FROM changed
    RETURNING e.account_id, (e.room, e.seq, e.type, event_body(e))::logged_event AS event
),
acted AS (
    UPDATE handoffs h
    {_ACTS}
    FROM (SELECT v.account_id, v.handoff_id, v.user_id, min(x.at) AS at FROM numbered x JOIN verdict v USING (n)
          GROUP BY v.account_id, v.handoff_id, v.user_id) AS m
    WHERE h.account_id = m.account_id AND h.id = m.handoff_id AND h.claimed_by = m.user_id
      AND (h.first_action_at IS NULL OR h.nudges > 0) AND (SELECT count(*) FROM handoff) > 0
)
SELECT v.verdict, message_view(c.m)::text AS answer, {CLOSED_DETAILS},
       CASE WHEN l.account_id IS NOT NULL THEN ARRAY[l.event] END AS events
FROM verdict v LEFT JOIN numbered x ON x.n = v.n
LEFT JOIN changed c ON (c.m).account_id = v.account_id AND (c.m).id = v.id AND x.n IS NOT NULL
LEFT JOIN logged l ON l.account_id = v.account_id AND (l.event).seq = x.seq
                  AND (l.event).room = 'session:' || v.session_id
ORDER BY v.n
"""


POST = _post("", "NULL")
POST_TOGETHER = _post("SKIP LOCKED", BRIEFLY)


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
    item = (who.account_id, who.user_id, who.name, session_id, fencing_token, message_id, kind, body, ask)
    # Questions are counted, so each has to see those before it.
    row = await db.decide_together(POST, POST_TOGETHER, item, alone=ask)
    if row["verdict"] == "asks_otherwise":
        raise Refusal("id_conflict")
    if row["verdict"] == "rate_limited":
        message = "The assistant has as many questions of this session as it takes at once."
        raise Refusal("rate_limited", message, details={"retry_after_ms": 5_000})
    if row["verdict"] == "ok":  # as nearly always: `settle` would be given a dictionary for nothing
        return applied(who, "message", row)
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
