"""Taking a handoff: what the rest exists for."""

from __future__ import annotations

from uuid import UUID

from store.db import Database
from store.events import BOTH_ROOMS, events_of, refusal
from store.lanes import BRIEFLY, elements
from store.models import Answer, Json, Principal


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
