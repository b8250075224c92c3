"""Messages that wait for the assistant's answer, and the answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from store.db import Database
from store.events import EVENTS, SESSION_ROOM, events_of, logged, numbered
from store.models import Event

AnswerKind = Literal["assistant", "system"]

LEASE: Final = 60
"""Seconds after which a try that nobody heard of again is repeated."""
MAX_TRIES: Final = 3
MAX_OPEN: Final = 4
"""Questions of one session that wait at once."""


@dataclass(frozen=True, slots=True)
class Asked:
    session_id: UUID
    question: str
    is_over: bool
    """Nobody is to be asked any more: the session was closed, or earlier tries ended without a word."""


TAKE = """
UPDATE asks a SET tries = a.tries + 1, next_at = now() + make_interval(secs => $3)
FROM messages m, sessions s
WHERE a.account_id = $1 AND a.message_id = $2 AND a.next_at <= now()
  AND m.account_id = $1 AND m.id = $2 AND s.account_id = $1 AND s.id = a.session_id
RETURNING a.session_id, m.body, s.status, a.tries
"""


async def take(db: Database, account_id: UUID, message_id: UUID) -> Asked | None:
    """What the message asks, if its answer is due; of any number of simultaneous callers one gets it, for `LEASE`."""
    row = await db.row(TAKE, account_id, message_id, LEASE)
    if row is None:
        return None
    is_over = row["status"] == "closed" or row["tries"] > MAX_TRIES
    return Asked(row["session_id"], row["body"], is_over=is_over)


ANSWER = f"""
WITH ask AS MATERIALIZED (
    SELECT * FROM asks WHERE account_id = $1 AND message_id = $2 FOR UPDATE
),
session AS MATERIALIZED (
    SELECT s.id, s.status FROM sessions s JOIN ask a ON s.id = a.session_id WHERE s.account_id = $1 FOR SHARE OF s
),
verdict AS MATERIALIZED (
    SELECT a.account_id, a.session_id, a.asked_by, a.asked_by_name,
           CASE WHEN s.status = 'closed' THEN 'closed'
                WHEN EXISTS (SELECT FROM messages WHERE account_id = $1 AND id = $3::uuid) THEN 'exists'
                ELSE 'ok' END AS verdict
    FROM ask a JOIN session s ON s.id = a.session_id
),
{numbered(SESSION_ROOM)},
done AS (
    DELETE FROM asks a USING verdict v WHERE a.account_id = $1 AND a.message_id = $2
),
changed AS (
    INSERT INTO messages AS m (account_id, id, session_id, seq, author_id, author_name, kind, body, at)
    SELECT $1, $3::uuid, v.session_id, n.seq, v.asked_by, v.asked_by_name, $4, $5, n.at
    FROM verdict v CROSS JOIN moment n
    RETURNING m
),
{logged("message:posted", "jsonb_build_object('message', message_view(c.m))", actor="NULL")}
SELECT v.verdict, {EVENTS} FROM verdict v
"""


async def answer(
    db: Database,
    account_id: UUID,
    message_id: UUID,
    *,
    answer_id: UUID,
    kind: AnswerKind,
    body: str,
) -> tuple[Event, ...]:
    """Post the answer in the name of who asked, once however many try. In a closed session the ask only ends."""
    row = await db.row(ANSWER, account_id, message_id, answer_id, kind, body)
    return events_of(account_id, row["events"]) if row is not None else ()
