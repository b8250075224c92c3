"""Handoffs: creating, claiming, withdrawing, reading. `claim` is what the rest exists for.

What the owner of a claimed handoff does is in `store.ownership`.
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
from store.lanes import BRIEFLY, elements
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


def _claim(unless_locked: str, patience: str) -> str:
    """One claim for each element of the parameters, each decided for itself.

    Of several of one handoff that waits the first is, and the others are `again`. With `SKIP LOCKED` for
    `unless_locked` no handoff is waited for: what is locked is `again` too.
    """
    return f"""
WITH input AS MATERIALIZED (
    SELECT i.*, row_number() OVER (PARTITION BY i.account_id, i.handoff_id ORDER BY i.n) AS turn,
           row_number() OVER (PARTITION BY i.account_id, i.id ORDER BY i.n) AS copy,
           {patience} AS patience
    FROM {elements("uuid", "uuid", "text", "uuid", "uuid", "text")}
    WITH ORDINALITY AS i (account_id, user_id, user_name, handoff_id, id, role, n)
),
target AS MATERIALIZED (
    -- Locked before anything is decided: a loser waits here and then sees the winner, not its own older snapshot.
    SELECT i.account_id, i.handoff_id, h.handoff FROM input i CROSS JOIN LATERAL (
        SELECT o AS handoff FROM handoffs o WHERE o.account_id = i.account_id AND o.id = i.handoff_id
        FOR NO KEY UPDATE {unless_locked}) AS h
    WHERE i.turn = 1
),
verdict AS MATERIALIZED (
    SELECT i.*, (t.handoff).session_id, t.handoff, p.id AS prior_id, p.lost_to, p.lost_at,
           p.lost_by_ms, clock_timestamp() AS now,
           CASE
               WHEN i.copy > 1 OR (i.turn > 1 AND (t.handoff).status = 'queued') THEN 'again'
               WHEN (t.handoff).id IS NULL AND known.id IS NOT NULL THEN 'again'
               WHEN (t.handoff).handed_off_by = i.user_id THEN 'self_claim'
               WHEN i.role <> ALL (a.claim_roles) THEN 'role_required'
               WHEN (t.handoff).id IS NULL THEN 'not_found'
               WHEN (p.handoff_id, p.user_id) <> (i.handoff_id, i.user_id) THEN 'id_conflict'
               WHEN p.result = 'lost' THEN 'already_claimed'
               WHEN (t.handoff).claimed_by = i.user_id AND (t.handoff).status = 'claimed'
                    AND coalesce(p.fencing_token, (t.handoff).fencing_token) = (t.handoff).fencing_token THEN 'replayed'
               WHEN p.id IS NOT NULL THEN 'claim_ended'
               WHEN (t.handoff).status = 'claimed' THEN 'already_claimed'
               WHEN (t.handoff).status = 'queued' AND (t.handoff).expires_at > clock_timestamp() THEN 'ok'
               ELSE 'closed'
           END AS verdict
    FROM input i LEFT JOIN target t ON t.account_id = i.account_id AND t.handoff_id = i.handoff_id
    -- With a limit each is one look into an index, however the planner sees the tables.
    LEFT JOIN LATERAL (SELECT claim_roles FROM accounts WHERE id = i.account_id LIMIT 1) AS a ON true
    LEFT JOIN LATERAL (
        SELECT id FROM handoffs WHERE account_id = i.account_id AND id = i.handoff_id LIMIT 1) AS known ON true
    LEFT JOIN LATERAL (SELECT * FROM claims WHERE account_id = i.account_id AND id = i.id LIMIT 1) AS p ON true
),
numbered AS MATERIALIZED (
    SELECT v.n, x.* FROM (SELECT * FROM verdict WHERE verdict = 'ok' ORDER BY account_id, session_id, n) AS v
    CROSS JOIN LATERAL next_seq(v.account_id, ARRAY[{BOTH_ROOMS}]) x
),
changed AS (
    UPDATE handoffs h
    SET status = 'claimed', version = h.version + 1, fencing_token = h.fencing_token + 1, claimed_by = v.user_id,
        claimed_by_name = v.user_name, claimed_at = m.at, expires_at = NULL,
        has_task_lane = EXISTS (SELECT FROM tasks t WHERE t.account_id = h.account_id AND t.session_id = h.session_id)
    FROM verdict v JOIN numbered m ON m.n = v.n AND m.room LIKE 'session:%'
    WHERE h.account_id = v.account_id AND h.id = v.handoff_id
    RETURNING v.n, h, handoff_view(h) AS view
),
logged AS (
    INSERT INTO events AS e (account_id, room, seq, type, at, actor, data)
    SELECT (c.h).account_id, x.room, x.seq, 'handoff:claimed', x.at, person((c.h).claimed_by, (c.h).claimed_by_name),
           jsonb_build_object('handoff', c.view)
    FROM numbered x JOIN changed c ON c.n = x.n
    RETURNING e.account_id, (e.room, e.seq, e.type, event_body(e))::logged_event AS event
),
recorded AS (
    INSERT INTO claims (account_id, id, handoff_id, user_id, result, fencing_token, at, lost_to, lost_at, lost_by_ms)
    SELECT v.account_id, v.id, v.handoff_id, v.user_id,
           CASE v.verdict WHEN 'ok' THEN 'won' WHEN 'replayed' THEN 'replayed' ELSE 'lost' END,
           coalesce((c.h).fencing_token, (v.handoff).fencing_token), coalesce((c.h).claimed_at, v.now),
           x.lost_to, x.lost_at, x.lost_by_ms
    FROM verdict v LEFT JOIN changed c ON c.n = v.n
    LEFT JOIN LATERAL (
        SELECT person((v.handoff).claimed_by, (v.handoff).claimed_by_name) AS lost_to,
               (v.handoff).claimed_at AS lost_at,
               greatest(0, extract(epoch FROM v.now - (v.handoff).claimed_at) * 1000)::bigint AS lost_by_ms
        WHERE v.verdict = 'already_claimed') AS x ON true
    WHERE v.verdict IN ('ok', 'replayed', 'already_claimed') AND v.prior_id IS NULL
    RETURNING account_id, id, lost_to, lost_at, lost_by_ms
)
SELECT v.verdict,
       (SELECT array_agg(l.event ORDER BY (l.event).seq)
        FROM numbered x JOIN logged l ON l.account_id = v.account_id AND (l.event).room = x.room
                                     AND (l.event).seq = x.seq
        WHERE x.n = v.n) AS events,
       -- Losers pass the row's lock one by one: none of them waits for the disk while it holds it.
       CASE WHEN NOT EXISTS (SELECT FROM verdict w WHERE w.verdict IN ('ok', 'replayed'))
            THEN set_config('synchronous_commit', 'off', true) END AS durability,
       coalesce(c.view, CASE WHEN v.verdict = 'replayed' THEN handoff_view(v.handoff) END)::text AS answer,
       (coalesce(c.h, v.handoff)).fencing_token AS fencing_token,
       CASE v.verdict
           WHEN 'already_claimed' THEN jsonb_build_object(
               'claimed_by', coalesce(r.lost_to, v.lost_to),
               'claimed_at', wire_time(coalesce(r.lost_at, v.lost_at)),
               'lost_by_ms', coalesce(r.lost_by_ms, v.lost_by_ms),
               'next', (SELECT handoff_view(o) FROM handoffs o
                        WHERE o.account_id = v.account_id AND o.status = 'queued' AND o.handed_off_by <> v.user_id
                          AND o.id <> v.handoff_id AND o.expires_at > v.now
                        ORDER BY o.severity_rank, o.first_queued_at, o.id LIMIT 1))
           WHEN 'closed' THEN handoff_end(v.handoff)
       END::text AS details
FROM verdict v LEFT JOIN changed c ON c.n = v.n
LEFT JOIN recorded r ON r.account_id = v.account_id AND r.id = v.id
ORDER BY v.n
"""


CLAIM = _claim("", "NULL")
CLAIM_TOGETHER = _claim("SKIP LOCKED", BRIEFLY)


async def claim(db: Database, who: Principal, handoff_id: UUID, claim_id: UUID) -> Answer:
    """Take the handoff: of any number of simultaneous callers exactly one gets it.

    Every attempt that was decided is recorded under its `claim_id`, so that a retry, however late, is answered as
    the first was and never takes the handoff a second time.

    Raises:
        Refusal: `self_claim`, `role_required`, `not_found`, `id_conflict`,
            `already_claimed {claimed_by, claimed_at, lost_by_ms, next}`, `claim_ended`,
            `closed {status, at, by, outcome}`.
    """
    item = (who.account_id, who.user_id, who.name, handoff_id, claim_id, who.role)
    row = await db.decide_together(CLAIM, CLAIM_TOGETHER, item)
    if row["verdict"] not in ("ok", "replayed"):
        raise refusal(row["verdict"], row["details"])
    return Answer(
        {
            "handoff": Json(row["answer"]),
            "claim": {"id": claim_id, "fencing_token": row["fencing_token"]},
            "replayed": row["verdict"] == "replayed",
        },
        events_of(who.account_id, row["events"]),
    )


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
