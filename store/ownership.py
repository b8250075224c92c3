"""What the owner of a claimed handoff does with it, always under the fencing token of the claim."""

from __future__ import annotations

from uuid import UUID

import orjson

from store.db import Database
from store.errors import Refusal
from store.events import FIRST_ANSWER
from store.handoffs import settle_transition, transition
from store.models import Answer, Json, Outcome, Principal, Room, StartMode


def _owned(*, admits_admin: bool, once_ended: str) -> str:
    """The handoff $4, locked, and whether it admits the caller: under the fencing token $5 in the role $6."""
    admin = "$6::text = 'admin'" if admits_admin else "$6::text IS NULL"
    return f"""
target AS MATERIALIZED (
    SELECT h AS handoff FROM handoffs h WHERE h.account_id = $1 AND h.id = $4 FOR UPDATE
),
owned AS MATERIALIZED (
    SELECT (t.handoff).account_id, (t.handoff).session_id, t.handoff,
           CASE
               WHEN (t.handoff).status NOT IN ('queued', 'claimed') THEN '{once_ended}'
               WHEN (t.handoff).status = 'claimed' AND (t.handoff).fencing_token = $5::bigint
                    AND ((t.handoff).claimed_by = $2 OR {admin}) THEN 'ok'
               ELSE 'not_owner'
           END AS admits
    FROM target t
)"""


PLAIN_VERDICT = """
verdict AS MATERIALIZED (
    SELECT o.*, coalesce(o.admits, 'not_found') AS verdict FROM (SELECT) AS one LEFT JOIN owned o ON true
)"""


RELEASE = transition(
    _owned(admits_admin=True, once_ended="not_owner") + "," + PLAIN_VERDICT,
    """
changed AS (
    UPDATE handoffs h
    SET status = 'queued', version = h.version + 1, claimed_by = NULL, claimed_by_name = NULL, claimed_at = NULL,
        first_action_at = coalesce(h.first_action_at, CASE WHEN h.claimed_by = $2 THEN m.at END),
        expires_at = m.at + a.handoff_ttl, queued_since = m.at, started_modes = '{}', package_rev = h.package_rev + 1,
        package = CASE WHEN jsonb_array_length(h.package -> 'steps_tried') >= 100 THEN h.package
        ELSE jsonb_set(h.package, '{steps_tried}', (h.package -> 'steps_tried') || jsonb_build_array(
            jsonb_build_object(
                'n', jsonb_array_length(h.package -> 'steps_tried') + 1, 'action', $8::text, 'result', NULL,
                'evidence', 'release_note', 'by', person($2, $3), 'at', wire_time(m.at),
                'ref', jsonb_build_object('kind', 'handoff', 'id', h.id)))) END
    FROM moment m, accounts a WHERE h.account_id = $1 AND h.id = $4 AND a.id = $1
    RETURNING h, handoff_view(h) AS view
)""",
    "handoff:released",
    "jsonb_build_object('handoff', c.view, 'note', $7::text)",
)


async def release(
    db: Database, who: Principal, handoff_id: UUID, *, fencing_token: int, note: str, step: str
) -> Answer:
    """Put the handoff back where it stood in the queue. `step` is the note as the package may show it."""
    args = (handoff_id, fencing_token, who.role, note, step)
    row = await db.decide(RELEASE, who.account_id, who.user_id, who.name, *args)
    match = {"handoff": {"id": handoff_id, "fencing_token": fencing_token}, "note": note}
    return await settle_transition(db, who, row, "handoff:released", match)


REASSIGN = transition(
    _owned(admits_admin=True, once_ended="not_owner")
    + """,
verdict AS MATERIALIZED (
    SELECT o.*, u.name AS to_name, CASE
               WHEN o.admits IS NULL THEN 'not_found'
               WHEN o.admits <> 'ok' THEN o.admits
               WHEN (o.handoff).handed_off_by = $7::uuid THEN 'self_claim'
               WHEN u.id IS NULL THEN 'not_found'
               WHEN u.role <> ALL (a.claim_roles) THEN 'role_required'
               ELSE 'ok'
           END AS verdict
    FROM accounts a LEFT JOIN owned o ON true
    LEFT JOIN users u ON u.account_id = $1 AND u.id = $7 AND u.disabled_at IS NULL
    WHERE a.id = $1
)""",
    """
changed AS (
    UPDATE handoffs h
    SET version = h.version + 1, fencing_token = h.fencing_token + 1, claimed_by = $7, claimed_by_name = v.to_name,
        claimed_at = m.at, started_modes = '{}',
        first_action_at = coalesce(h.first_action_at, CASE WHEN h.claimed_by = $2 THEN m.at END)
    FROM moment m, verdict v WHERE h.account_id = $1 AND h.id = $4
    RETURNING h, handoff_view(h) AS view
),
assigned AS (
    INSERT INTO claims (account_id, handoff_id, user_id, result, fencing_token, at)
    SELECT $1, $4, $7, 'assigned', (c.h).fencing_token, (c.h).claimed_at FROM changed c
)""",
    "handoff:reassigned",
    """jsonb_build_object('handoff', c.view, 'note', $8::text, 'previous',
                       (SELECT person((v.handoff).claimed_by, (v.handoff).claimed_by_name) FROM verdict v))""",
)


async def reassign(
    db: Database, who: Principal, handoff_id: UUID, *, fencing_token: int, to_user_id: UUID, note: str
) -> Answer:
    """Hand the claim to another member who may claim; the old fencing token is stale from then on."""
    args = (handoff_id, fencing_token, who.role, to_user_id, note)
    row = await db.decide(REASSIGN, who.account_id, who.user_id, who.name, *args)
    view = {"id": handoff_id, "fencing_token": fencing_token + 1, "claimed_by": {"id": to_user_id}}
    return await settle_transition(db, who, row, "handoff:reassigned", {"handoff": view, "note": note})


RESOLVE = transition(
    _owned(admits_admin=True, once_ended="closed") + "," + PLAIN_VERDICT,
    """
changed AS (
    UPDATE handoffs h
    SET status = 'resolved', version = h.version + 1, outcome = $7, outcome_note = $8, closed_by = $2,
        closed_by_name = $3, closed_at = m.at,
        first_action_at = coalesce(h.first_action_at, CASE WHEN h.claimed_by = $2 THEN m.at END)
    FROM moment m WHERE h.account_id = $1 AND h.id = $4
    RETURNING h, handoff_view(h) AS view
)""",
    "handoff:resolved",
    "jsonb_build_object('handoff', c.view)",
)


async def resolve(
    db: Database, who: Principal, handoff_id: UUID, *, fencing_token: int, outcome: Outcome, note: str
) -> Answer:
    args = (handoff_id, fencing_token, who.role, outcome, note)
    row = await db.decide(RESOLVE, who.account_id, who.user_id, who.name, *args)
    view = {"id": handoff_id, "fencing_token": fencing_token, "outcome": outcome, "outcome_note": note}
    return await settle_transition(db, who, row, "handoff:resolved", {"handoff": view})


PACKAGE = "SELECT h.package::text AS package FROM handoffs h WHERE h.account_id = $1 AND h.id = $2"


async def package(db: Database, account_id: UUID, handoff_id: UUID) -> Json:
    """The escalation package. It stays as it is while the handoff is claimed.

    Raises:
        Refusal: `not_found`.
    """
    row = await db.row(PACKAGE, account_id, handoff_id)
    if row is None:
        raise Refusal("not_found")
    return Json(row["package"])


START = transition(
    _owned(admits_admin=False, once_ended="not_owner")
    + """,
verdict AS MATERIALIZED (
    SELECT o.*, lane.present, CASE
               WHEN o.admits IS NULL THEN 'not_found'
               WHEN o.admits <> 'ok' THEN o.admits
               WHEN $7::text = ANY ((o.handoff).started_modes) THEN 'exists'
               WHEN $7 = 'continue' AND NOT lane.present THEN 'no_task_lane'
               ELSE 'ok'
           END AS verdict
    FROM (SELECT) AS one LEFT JOIN owned o ON true
    CROSS JOIN LATERAL (SELECT EXISTS (
        SELECT FROM tasks t WHERE t.account_id = o.account_id AND t.session_id = o.session_id) AS present) AS lane
)""",
    """
changed AS (
    UPDATE handoffs h
    SET version = h.version + 1, started_modes = h.started_modes || $7::text, has_task_lane = v.present,
        first_action_at = coalesce(h.first_action_at, CASE WHEN h.claimed_by = $2 THEN m.at END)
    FROM moment m, verdict v WHERE h.account_id = $1 AND h.id = $4
    RETURNING h, handoff_view(h) AS view
)""",
    "handoff:started",
    """jsonb_build_object('handoff', c.view, 'mode', $7::text, 'analysis',
                       CASE $7 WHEN 'ai_analysis' THEN coalesce((c.h).analysis, $8::jsonb) END)""",
)


async def start(
    db: Database, who: Principal, handoff_id: UUID, *, fencing_token: int, mode: StartMode, analysis: str | None
) -> Answer:
    """Say how the owner goes on; each mode once for a claim.

    `analysis` is told with the mode `ai_analysis` where no language model has made one.
    """
    args = (handoff_id, fencing_token, who.role, mode, analysis)
    row = await db.decide(START, who.account_id, who.user_id, who.name, *args)
    if row["verdict"] == "no_task_lane":
        field = {"loc": ["mode"], "msg": "This session has no task lane to continue", "type": "no_task_lane"}
        raise Refusal("invalid_payload", "The payload is not valid.", details={"fields": [field]})
    match = {"handoff": {"id": handoff_id, "fencing_token": fencing_token}, "mode": mode}
    answer = await settle_transition(db, who, row, "handoff:started", match)
    if mode != "ai_analysis":
        return Answer({**answer.data, "analysis": None}, answer.events)
    if answer.events:
        return Answer(
            {**answer.data, "analysis": orjson.loads(str(answer.events[0].body))["data"]["analysis"]}, answer.events
        )
    room = Room.of_session(who.account_id, row["session_id"])
    about = (room.name, "handoff:started", str(who.user_id), "analysis", orjson.dumps(match).decode())
    told = await db.row(FIRST_ANSWER, who.account_id, *about)
    return Answer({**answer.data, "analysis": told and Json(told["answer"])})
