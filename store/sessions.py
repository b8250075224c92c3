"""Troubleshooting sessions."""

from __future__ import annotations

from uuid import UUID

from store.db import Database
from store.errors import Refusal
from store.events import EVENTS, SESSION_ROOM, Retry, logged, numbered, settle
from store.models import (
    Answer,
    Evidence,
    Json,
    MessageFacts,
    Person,
    Principal,
    Room,
    SessionFacts,
    TaskFacts,
)

CREATE = f"""
WITH verdict AS MATERIALIZED (
    SELECT $1::uuid AS account_id, $4::uuid AS session_id,
           CASE WHEN EXISTS (SELECT FROM sessions WHERE account_id = $1 AND id = $4) THEN 'exists'
                ELSE 'ok' END AS verdict
),
{numbered(SESSION_ROOM)},
changed AS (
    INSERT INTO sessions AS s (account_id, id, title, client_name, problem, created_by, created_by_name, created_at)
    SELECT $1, $4, $5, $6, $7, $2, $3, m.at FROM moment m
    RETURNING s
),
{logged("session:created", "jsonb_build_object('session', session_view(c.s))")}
SELECT v.verdict, session_view(c.s)::text AS answer, NULL AS details, {EVENTS}
FROM verdict v LEFT JOIN changed c ON true
"""


async def create(
    db: Database, who: Principal, session_id: UUID, *, title: str, client_name: str, problem: str
) -> Answer:
    row = await db.decide(CREATE, who.account_id, who.user_id, who.name, session_id, title, client_name, problem)
    body = {"id": session_id, "title": title, "client_name": client_name, "problem": problem}
    retry = Retry(Room.of_session(who.account_id, session_id), "session:created", {"session": body})
    return await settle(db, who, "session", row, retry)


CLOSE = f"""
WITH active AS MATERIALIZED (
    SELECT h AS handoff FROM handoffs h
    WHERE account_id = $1 AND session_id = $4 AND status IN ('queued', 'claimed') FOR UPDATE
),
target AS MATERIALIZED (
    SELECT * FROM sessions
    WHERE account_id = $1 AND id = $4 AND (SELECT count(*) FROM active) >= 0 FOR UPDATE
),
verdict AS MATERIALIZED (
    SELECT t.account_id, t.id AS session_id, a.handoff, t.closed_at, t.closed_by, t.closed_by_name,
           CASE
               WHEN t.id IS NULL THEN 'not_found'
               WHEN t.status = 'closed' THEN 'closed'
               WHEN t.handoff_id IS NOT NULL AND NOT EXISTS (
                   SELECT FROM handoffs h WHERE h.account_id = $1 AND h.id = t.handoff_id) THEN 'again'
               WHEN (a.handoff).status = 'claimed' AND NOT ($6::boolean AND $7::text = 'admin') THEN 'already_claimed'
               ELSE 'ok'
           END AS verdict
    FROM (SELECT) AS one LEFT JOIN target t ON true LEFT JOIN active a ON true
),
cancelling AS MATERIALIZED (
    SELECT n.* FROM verdict v
    CROSS JOIN LATERAL next_seq(v.account_id, ARRAY['escalations:' || v.account_id, 'session:' || v.session_id]) n
    WHERE v.verdict = 'ok' AND (v.handoff).id IS NOT NULL
),
cancelled AS (
    -- one past its expiry had expired already, by nobody
    UPDATE handoffs h
    SET status = CASE WHEN h.expires_at <= n.at THEN 'expired' ELSE 'cancelled' END, version = h.version + 1,
        closed_by = CASE WHEN h.expires_at <= n.at THEN NULL ELSE $2::uuid END,
        closed_by_name = CASE WHEN h.expires_at <= n.at THEN NULL ELSE $3::text END,
        closed_at = least(h.expires_at, n.at), expires_at = NULL
    FROM cancelling n
    WHERE h.account_id = $1 AND h.session_id = $4 AND h.status IN ('queued', 'claimed') AND n.room LIKE 'session:%'
    RETURNING h
),
log_cancelled AS (
    INSERT INTO events AS e (account_id, room, seq, type, at, actor, data)
    SELECT $1, n.room, n.seq, 'handoff:' || (x.h).status, n.at, person((x.h).closed_by, (x.h).closed_by_name),
           jsonb_build_object('handoff', handoff_view(x.h))
    FROM cancelling n CROSS JOIN cancelled x
    RETURNING (e.room, e.seq, e.type, event_body(e))::logged_event AS event
),
-- numbered after the cancellation: the count makes it wait
numbered AS MATERIALIZED (
    SELECT n.* FROM verdict v
    CROSS JOIN LATERAL next_seq(
        v.account_id, CASE WHEN (SELECT count(*) FROM cancelling) >= 0 THEN ARRAY['session:' || v.session_id] END) n
    WHERE v.verdict = 'ok'
),
changed AS (
    UPDATE sessions s
    SET status = 'closed', resolution = $5, closed_by = $2, closed_by_name = $3, closed_at = n.at
    FROM numbered n WHERE s.account_id = $1 AND s.id = $4
    RETURNING s
),
{logged("session:closed", "jsonb_build_object('session', session_view(c.s))")}
SELECT v.verdict, session_view(c.s)::text AS answer,
       CASE v.verdict
           WHEN 'closed' THEN jsonb_build_object('status', 'closed', 'at', wire_time(v.closed_at),
                                                 'by', person(v.closed_by, v.closed_by_name), 'outcome', NULL)
           WHEN 'already_claimed' THEN jsonb_build_object(
               'handoff_id', (v.handoff).id, 'claimed_at', wire_time((v.handoff).claimed_at),
               'claimed_by', person((v.handoff).claimed_by, (v.handoff).claimed_by_name))
       END::text AS details,
       (SELECT array_agg(event ORDER BY (event).seq)
        FROM (SELECT event FROM log_cancelled UNION ALL SELECT event FROM logged) AS l) AS events
FROM verdict v LEFT JOIN changed c ON true
"""


async def close(db: Database, who: Principal, session_id: UUID, *, resolution: str, force: bool) -> Answer:
    """Close the session and cancel its queued handoff, in one transaction.

    Raises:
        Refusal: `already_claimed` while a handoff is claimed, unless an admin forces it; `closed`; `not_found`.
    """
    row = await db.decide(CLOSE, who.account_id, who.user_id, who.name, session_id, resolution, force, who.role)
    match = {"session": {"id": session_id, "resolution": resolution}}
    retry = Retry(Room.of_session(who.account_id, session_id), "session:closed", match)
    return await settle(db, who, "session", row, retry)


LIST = """
SELECT s.id, session_view(s)::text AS view FROM sessions s
WHERE s.account_id = $1 AND ($2::text IS NULL OR s.status = $2) AND ($3::uuid IS NULL OR s.created_by = $3)
  AND ($4::uuid IS NULL OR (s.created_at, s.id) <
       (SELECT b.created_at, b.id FROM sessions b WHERE b.account_id = $1 AND b.id = $4))
ORDER BY s.created_at DESC, s.id DESC LIMIT $5
"""


async def listing(
    db: Database, account_id: UUID, *, status: str | None, created_by: UUID | None, before: UUID | None, limit: int
) -> Answer:
    """Sessions of the account, newest first; `next` is the `before` of the following page, or None."""
    rows = await db.rows(LIST, account_id, status, created_by, before, limit + 1)
    page = rows[:limit]
    more = page[-1]["id"] if len(rows) > limit else None
    return Answer({"sessions": [Json(row["view"]) for row in page], "next": more})


FACTS = """
SELECT s.title, s.client_name, s.problem, s.created_by, s.created_by_name, s.created_at,
       coalesce((SELECT r.seq FROM rooms r WHERE r.account_id = $1 AND r.name = 'session:' || $2::uuid), 0) AS seq,
       (SELECT array_agg(m ORDER BY m.seq) FROM messages m
        WHERE m.account_id = $1 AND m.session_id = $2 AND m.seq >= coalesce((
            SELECT n.seq FROM messages n WHERE n.account_id = $1 AND n.session_id = $2
            ORDER BY n.seq DESC OFFSET 999 LIMIT 1), 0)) AS messages,
       (SELECT array_agg(t ORDER BY t.seq) FROM tasks t
        WHERE t.account_id = $1 AND t.session_id = $2 AND t.seq >= coalesce((
            SELECT n.seq FROM tasks n WHERE n.account_id = $1 AND n.session_id = $2
            ORDER BY n.seq DESC OFFSET 999 LIMIT 1), 0)) AS tasks
FROM sessions s WHERE s.account_id = $1 AND s.id = $2
"""


async def evidence(db: Database, account_id: UUID, session_id: UUID) -> Evidence:
    """What is recorded of a session, as of one moment: its newest 1,000 messages and tasks.

    Raises:
        Refusal: `not_found`.
    """
    row = await db.row(FACTS, account_id, session_id)
    if row is None:
        raise Refusal("not_found")
    return Evidence(
        session=SessionFacts(
            id=session_id,
            title=row["title"],
            client_name=row["client_name"],
            problem=row["problem"],
            created_by=Person(row["created_by"], row["created_by_name"]),
            created_at=row["created_at"],
        ),
        messages=tuple(
            MessageFacts(m["id"], m["seq"], Person(m["author_id"], m["author_name"]), m["kind"], m["body"], m["at"])
            for m in row["messages"] or ()
        ),
        tasks=tuple(
            TaskFacts(
                id=t["id"],
                seq=t["seq"],
                title=t["title"],
                detail=t["detail"],
                state=t["state"],
                result=t["result"],
                updated_by=Person(t["updated_by"], t["updated_by_name"]),
                updated_at=t["updated_at"],
            )
            for t in row["tasks"] or ()
        ),
        covers_until=row["seq"],
    )
