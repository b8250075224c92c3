"""Handoffs: creating, withdrawing, reading.

Taking one is in `store.claims`, what its owner does then in `store.ownership`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import asyncpg
import orjson

from store.db import Database
from store.errors import Refusal
from store.events import (
    BOTH_ROOMS,
    EVENTS,
    Retry,
    events_of,
    logged,
    numbered,
    refusal,
    settle,
)
from store.models import (
    Answer,
    Event,
    Json,
    Principal,
    Reason,
    Room,
    Severity,
    WithdrawReason,
)

CREATE = f"""
WITH target AS MATERIALIZED (
    SELECT * FROM sessions WHERE account_id = $1 AND id = $4 FOR UPDATE
),
active AS MATERIALIZED (
    SELECT h AS handoff FROM handoffs h
    WHERE h.account_id = $1 AND h.session_id = $4 AND h.status IN ('queued', 'claimed')
),
verdict AS MATERIALIZED (
    SELECT t.account_id, t.id AS session_id, t.handoff_id AS parent_id, p.attempt_no, a.handoff,
           t.closed_at, t.closed_by, t.closed_by_name,
           CASE
               WHEN t.id IS NULL THEN 'not_found'
               WHEN EXISTS (SELECT FROM handoffs h WHERE h.account_id = $1 AND h.id = $5) THEN 'exists'
               WHEN t.status = 'closed' THEN 'closed'
               WHEN t.handoff_id IS NOT NULL AND p.id IS NULL THEN 'again'
               WHEN (a.handoff).expires_at <= clock_timestamp() THEN 'expired'
               WHEN (a.handoff).id IS NOT NULL THEN 'active_handoff'
               ELSE 'ok'
           END AS verdict
    FROM (SELECT) AS one LEFT JOIN target t ON true LEFT JOIN active a ON true
    LEFT JOIN handoffs p ON p.account_id = t.account_id AND p.id = t.handoff_id
),
{numbered(BOTH_ROOMS)},
created AS (
    INSERT INTO handoffs AS h (account_id, id, session_id, status, severity, reason, ask, handed_off_by,
                               handed_off_by_name, created_at, first_queued_at, expires_at, package, has_task_lane,
                               parent_id, attempt_no, enrich_at)
    SELECT $1, $5::uuid, $4, 'queued', $6, $7, $8, $2, $3, m.at, m.at, m.at + a.handoff_ttl, $10::jsonb,
           EXISTS (SELECT FROM tasks WHERE account_id = $1 AND session_id = $4),
           v.parent_id, coalesce(v.attempt_no, 0) + 1, CASE WHEN $11::boolean THEN m.at END
    FROM verdict v CROSS JOIN moment m JOIN accounts a ON a.id = v.account_id
    RETURNING h, handoff_view(h) AS view
),
changed AS (
    UPDATE sessions s
    SET handoff_id = (c.h).id,
        escalation_package = jsonb_build_object(
            'handoff_id', (c.h).id, 'attempt_no', (c.h).attempt_no, 'severity', (c.h).severity,
            'reason', (c.h).reason, 'ask', (c.h).ask, 'headline', (c.h).package -> 'headline',
            'summary_prose', (c.h).package -> 'prose', 'confidence', (c.h).package -> 'confidence' -> 'label',
            'created_at', wire_time((c.h).created_at))
    FROM created c WHERE s.account_id = $1 AND s.id = $4
    RETURNING s, c.view
),
{
    logged(
        "handoff:created",
        "jsonb_build_object('handoff', c.view, 'session', session_view(c.s), 'note', $9::text)",
    )
}
SELECT v.verdict, c.view::text AS answer, {EVENTS}, (v.handoff).id AS expired,
       CASE v.verdict
           WHEN 'closed' THEN jsonb_build_object('status', 'closed', 'at', wire_time(v.closed_at),
                                                 'by', person(v.closed_by, v.closed_by_name), 'outcome', NULL)
           WHEN 'active_handoff' THEN jsonb_build_object(
               'handoff_id', (v.handoff).id, 'status', (v.handoff).status,
               'claimed_by', person((v.handoff).claimed_by, (v.handoff).claimed_by_name))
       END::text AS details
FROM verdict v LEFT JOIN changed c ON true
"""


async def create(
    db: Database,
    who: Principal,
    session_id: UUID,
    *,
    handoff_id: UUID,
    severity: Severity,
    reason: Reason,
    ask: str,
    note: str | None,
    package: str,
    enrich: bool,
) -> Answer:
    """Queue a handoff of the session. `package` is the JSON of an escalation package, to be improved by a model or not.

    Raises:
        Refusal: `active_handoff` while another of the session is queued or claimed; `closed`; `id_conflict`;
            `not_found`.
    """
    body = (handoff_id, severity, reason, ask, note, package, enrich)
    row = await db.decide(CREATE, who.account_id, who.user_id, who.name, session_id, *body)
    swept: tuple[Event, ...] = ()
    if row["verdict"] == "expired":
        swept = await expire(db, who.account_id, row["expired"])
        row = await db.decide(CREATE, who.account_id, who.user_id, who.name, session_id, *body)
    view = {"id": handoff_id, "session_id": session_id, "severity": severity, "reason": reason, "ask": ask}
    retry = Retry(Room.of_session(who.account_id, session_id), "handoff:created", {"handoff": view, "note": note})
    answer = await settle(db, who, "handoff", row, retry)
    return Answer(answer.data, swept + answer.events)  # were it refused, the log would still tell what expired


def transition(decide: str, change: str, event: str, data: str, *, actor: str = "person($2, $3)") -> str:
    """A handoff's transition: `decide` ends in `verdict`, `change` ends in `changed`."""
    return f"""
WITH {decide},
{numbered(BOTH_ROOMS)},
{change},
{logged(event, data, actor=actor)}
SELECT v.verdict, v.session_id, c.view::text AS answer, {EVENTS},
       CASE v.verdict
           WHEN 'not_owner' THEN jsonb_build_object(
               'status', (v.handoff).status, 'claimed_by', person((v.handoff).claimed_by, (v.handoff).claimed_by_name))
           WHEN 'already_claimed' THEN jsonb_build_object(
               'claimed_by', person((v.handoff).claimed_by, (v.handoff).claimed_by_name),
               'claimed_at', wire_time((v.handoff).claimed_at))
           WHEN 'id_conflict' THEN jsonb_build_object('handoff', handoff_view(v.handoff))
           WHEN 'closed' THEN handoff_end(v.handoff)
       END::text AS details
FROM verdict v LEFT JOIN changed c ON true
"""


async def settle_transition(
    db: Database, who: Principal, row: asyncpg.Record, event: str, match: Mapping[str, object]
) -> Answer:
    if row["verdict"] == "not_found":
        raise Refusal("not_found")
    room = Room.of_session(who.account_id, row["session_id"])  # of the two rooms the shorter log
    return await settle(db, who, "handoff", row, Retry(room, event, match))


WITHDRAW = transition(
    """
target AS MATERIALIZED (
    SELECT h AS handoff FROM handoffs h WHERE h.account_id = $1 AND h.id = $4 FOR UPDATE
),
verdict AS MATERIALIZED (
    SELECT (t.handoff).account_id, (t.handoff).session_id, t.handoff, CASE
               WHEN (t.handoff).id IS NULL THEN 'not_found'
               WHEN (t.handoff).handed_off_by <> $2 THEN 'not_owner'
               WHEN (t.handoff).status = 'claimed' THEN 'already_claimed'
               WHEN (t.handoff).status <> 'queued' OR (t.handoff).expires_at <= clock_timestamp() THEN 'closed'
               ELSE 'ok'
           END AS verdict
    FROM (SELECT) AS one LEFT JOIN target t ON true
)""",
    """
changed AS (
    UPDATE handoffs h
    SET status = 'withdrawn', version = h.version + 1, expires_at = NULL, withdraw_reason = $5,
        closed_by = $2, closed_by_name = $3, closed_at = m.at
    FROM moment m WHERE h.account_id = $1 AND h.id = $4
    RETURNING h, handoff_view(h) AS view
)""",
    "handoff:withdrawn",
    "jsonb_build_object('handoff', c.view, 'reason', $5::text)",
)


async def withdraw(db: Database, who: Principal, handoff_id: UUID, *, reason: WithdrawReason) -> Answer:
    """Take the handoff back while nobody has claimed it."""
    row = await db.decide(WITHDRAW, who.account_id, who.user_id, who.name, handoff_id, reason)
    match = {"handoff": {"id": handoff_id}, "reason": reason}
    return await settle_transition(db, who, row, "handoff:withdrawn", match)


EXPIRE = transition(
    """
target AS MATERIALIZED (
    SELECT h AS handoff FROM handoffs h WHERE h.account_id = $1 AND h.id = $2 FOR UPDATE
),
verdict AS MATERIALIZED (
    SELECT (t.handoff).account_id, (t.handoff).session_id, t.handoff, CASE
               WHEN (t.handoff).status = 'queued' AND (t.handoff).expires_at <= clock_timestamp() THEN 'ok'
               ELSE 'not_due'
           END AS verdict
    FROM target t
)""",
    """
changed AS (
    UPDATE handoffs h
    SET status = 'expired', version = h.version + 1, closed_at = h.expires_at, expires_at = NULL
    FROM moment m WHERE h.account_id = $1 AND h.id = $2
    RETURNING h, handoff_view(h) AS view
)""",
    "handoff:expired",
    "jsonb_build_object('handoff', c.view)",
    actor="NULL",
)


async def expire(db: Database, account_id: UUID, handoff_id: UUID) -> tuple[Event, ...]:
    """Write down that a queued handoff is past its expiry, if it is; nothing happens otherwise."""
    row = await db.row(EXPIRE, account_id, handoff_id)
    return events_of(account_id, row["events"]) if row is not None else ()


GET = """
SELECT handoff_view(h)::text AS handoff, h.offered_package::text AS offered,
       session_snapshot($1, h.session_id)::text AS context
FROM handoffs h WHERE h.account_id = $1 AND h.id = $2
"""


async def get(db: Database, account_id: UUID, handoff_id: UUID) -> tuple[Json, Json | None, Json]:
    """The handoff, the package offered beside its own, and its session's snapshot. Reading claims nothing."""
    row = await db.row(GET, account_id, handoff_id)
    if row is None:
        raise Refusal("not_found")
    return Json(row["handoff"]), row["offered"] and Json(row["offered"]), Json(row["context"])


PROSE = """
SELECT h.id, h.package -> 'prose' AS prose FROM sessions s
LEFT JOIN handoffs h ON h.account_id = s.account_id AND h.id = s.handoff_id
WHERE s.account_id = $1 AND s.id = $2 AND h.id IS NOT NULL
"""


async def saved_prose(db: Database, account_id: UUID, session_id: UUID) -> Answer:
    """The prose saved with the session's newest handoff, as a status update."""
    row = await db.row(PROSE, account_id, session_id)
    if row is None:
        raise Refusal("not_found", "This session has not been handed off.")
    prose = Json(row["prose"])
    return Answer({"context": "escalation", "text": prose, "handoff_id": row["id"], "summary_prose": prose})


TAG = transition(
    """
target AS MATERIALIZED (
    SELECT h AS handoff FROM handoffs h WHERE h.account_id = $1 AND h.id = $4 FOR UPDATE
),
verdict AS MATERIALIZED (
    SELECT (t.handoff).account_id, (t.handoff).session_id, t.handoff, CASE
               WHEN (t.handoff).id IS NULL THEN 'not_found'
               WHEN (t.handoff).version <> $5::integer THEN 'id_conflict'
               WHEN (t.handoff).status NOT IN ('queued', 'claimed')
                    OR (t.handoff).expires_at <= clock_timestamp() THEN 'closed'
               ELSE 'ok'
           END AS verdict
    FROM (SELECT) AS one LEFT JOIN target t ON true
)""",
    """
changed AS (
    UPDATE handoffs h SET version = h.version + 1, tags = $6
    FROM moment m WHERE h.account_id = $1 AND h.id = $4
    RETURNING h, handoff_view(h) AS view
)""",
    "handoff:tagged",
    "jsonb_build_object('handoff', c.view)",
)


async def tag(db: Database, who: Principal, handoff_id: UUID, *, version: int, tags: Sequence[str]) -> Answer:
    """Give the handoff these tags instead of those it has, if it still has the `version` the caller saw."""
    row = await db.decide(TAG, who.account_id, who.user_id, who.name, handoff_id, version, tags)
    match = {"handoff": {"id": handoff_id, "version": version + 1, "tags": tags}}
    answer = await settle_transition(db, who, row, "handoff:tagged", match)
    if not answer.events and orjson.loads(str(answer.data["handoff"]))["tags"] != list(tags):
        raise refusal("id_conflict", row["details"])  # the log matches a part of a list too
    return answer


QUEUE = "SELECT queue_snapshot($1, $2, $3)::text AS queue"


async def queue(db: Database, account_id: UUID, user_id: UUID, tag: str | None = None) -> Json:
    """`{handoffs}`: what waits and what is in work, without the caller's own, the most urgent and oldest first.

    With a `tag` only those that have it.
    """
    row = await db.row(QUEUE, account_id, user_id, tag)
    if row is None:
        raise LookupError("an aggregate answers one row")
    return Json(row["queue"])
