"""The task lane of a session."""

from __future__ import annotations

from uuid import UUID

from store.db import Database
from store.events import EVENTS, SESSION_ROOM, Retry, logged, numbered, settle
from store.messages import ACTED, CLOSED_DETAILS, WORKPLACE
from store.models import Answer, Principal, Room, TaskState

ADD = f"""
WITH {WORKPLACE},
verdict AS MATERIALIZED (
    SELECT w.*, CASE
               WHEN w.session_id IS NULL THEN 'not_found'
               WHEN EXISTS (SELECT FROM tasks WHERE account_id = $1 AND id = $6) THEN 'exists'
               ELSE w.admits
           END AS verdict
    FROM (SELECT) AS one LEFT JOIN workplace w ON true
),
{numbered(SESSION_ROOM)},
changed AS (
    INSERT INTO tasks AS t (account_id, id, session_id, seq, title, detail, created_by, created_by_name, created_at,
                            updated_by, updated_by_name, updated_at)
    SELECT $1, $6::uuid, $4, m.seq, $7, $8, $2, $3, m.at, $2, $3, m.at FROM moment m
    RETURNING t
),
{logged("task:added", "jsonb_build_object('task', task_view(c.t))")},
{ACTED}
SELECT v.verdict, task_view(c.t)::text AS answer, {CLOSED_DETAILS}, {EVENTS}
FROM verdict v LEFT JOIN changed c ON true
"""


async def add(
    db: Database,
    who: Principal,
    session_id: UUID,
    *,
    task_id: UUID,
    title: str,
    detail: str | None,
    fencing_token: int | None,
) -> Answer:
    row = await db.decide(ADD, who.account_id, who.user_id, who.name, session_id, fencing_token, task_id, title, detail)
    match = {"task": {"id": task_id, "title": title, "detail": detail}}
    retry = Retry(Room.of_session(who.account_id, session_id), "task:added", match)
    return await settle(db, who, "task", row, retry)


UPDATE = f"""
WITH {WORKPLACE},
target AS MATERIALIZED (
    SELECT t AS task FROM tasks t
    WHERE account_id = $1 AND id = $6 AND session_id = $4 AND (SELECT count(*) FROM workplace) >= 0 FOR UPDATE
),
verdict AS MATERIALIZED (
    SELECT w.*, t.task, CASE
               WHEN w.session_id IS NULL OR (t.task).id IS NULL THEN 'not_found'
               WHEN w.admits <> 'ok' THEN w.admits
               WHEN (t.task).version <> $7::integer THEN 'id_conflict'
               ELSE 'ok'
           END AS verdict
    FROM (SELECT) AS one LEFT JOIN workplace w ON true LEFT JOIN target t ON true
),
{numbered(SESSION_ROOM)},
changed AS (
    UPDATE tasks t
    SET version = t.version + 1, state = coalesce($8, t.state), result = coalesce($9, t.result),
        title = coalesce($10, t.title), updated_by = $2, updated_by_name = $3, updated_at = m.at
    FROM moment m WHERE t.account_id = $1 AND t.id = $6
    RETURNING t
),
{
    logged(
        "task:updated",
        "jsonb_build_object('task', task_view(c.t), 'asked', "
        "jsonb_build_object('state', $8::text, 'result', $9::text, 'title', $10::text))",
    )
},
{ACTED}
SELECT v.verdict, task_view(c.t)::text AS answer, {EVENTS},
       CASE v.verdict
           WHEN 'closed' THEN jsonb_build_object('status', 'closed', 'at', wire_time(v.closed_at),
                                                 'by', person(v.closed_by, v.closed_by_name), 'outcome', NULL)
           WHEN 'id_conflict' THEN jsonb_build_object('task', task_view(v.task))
       END::text AS details
FROM verdict v LEFT JOIN changed c ON true
"""


async def update(
    db: Database,
    who: Principal,
    session_id: UUID,
    *,
    task_id: UUID,
    version: int,
    state: TaskState | None,
    result: str | None,
    title: str | None,
    fencing_token: int | None,
) -> Answer:
    """Change what is given, if the task still has the `version` the caller saw.

    Raises:
        Refusal: `id_conflict {task}` when it does not; `closed`; `not_owner`; `not_found`.
    """
    row = await db.decide(
        UPDATE,
        who.account_id,
        who.user_id,
        who.name,
        session_id,
        fencing_token,
        task_id,
        version,
        state,
        result,
        title,
    )
    asked = {"state": state, "result": result, "title": title}
    match = {"task": {"id": task_id, "version": version + 1}, "asked": asked}
    retry = Retry(Room.of_session(who.account_id, session_id), "task:updated", match)
    return await settle(db, who, "task", row, retry)
