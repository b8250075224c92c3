"""Messages that wait for the assistant's answer, and the answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from store.db import Database
from store.events import EVENTS, SESSION_ROOM, events_of, logged, numbered
from store.models import Event

AnswerKind = Literal["assistant", "system"]


@dataclass(frozen=True, slots=True)
class Asked:
    session_id: UUID
    question: str
    is_closed: bool


ASKED = """
SELECT a.session_id, m.body, s.status
FROM asks a
JOIN messages m ON m.account_id = a.account_id AND m.id = a.message_id
JOIN sessions s ON s.account_id = a.account_id AND s.id = a.session_id
WHERE a.account_id = $1 AND a.message_id = $2
"""


async def asked(db: Database, account_id: UUID, message_id: UUID) -> Asked | None:
    """What the message asks, None if it asks nothing or is answered."""
    row = await db.row(ASKED, account_id, message_id)
    if row is None:
        return None
    return Asked(row["session_id"], row["body"], is_closed=row["status"] == "closed")


ANSWER = f"""
WITH ask AS MATERIALIZED (
    SELECT * FROM asks WHERE account_id = $1 AND message_id = $2 FOR UPDATE
),
session AS MATERIALIZED (
    SELECT s.id, s.status FROM sessions s JOIN ask a ON s.id = a.session_id WHERE s.account_id = $1 FOR SHARE OF s
),
verdict AS MATERIALIZED (
    SELECT a.account_id, a.session_id, a.asked_by, a.asked_by_name,
           CASE s.status WHEN 'closed' THEN 'closed' ELSE 'ok' END AS verdict
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
