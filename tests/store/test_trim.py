"""Forgetting old events."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import asyncpg

from store import events
from store.db import Database

FILL = """
INSERT INTO events (account_id, room, seq, type, at, data)
SELECT $1, 'session:' || $2::text, n, 'message:posted', now() - $3::interval, '{}' FROM generate_series(1, $4::int) n
"""


async def test_trim_forgets_the_oldest_and_no_others(db: Database, sql: asyncpg.Connection[asyncpg.Record]) -> None:
    """[R5] Of all accounts, however many there are at once; within a room the first numbers go first."""
    accounts = [uuid4() for _ in range(3)]
    for account in accounts:
        await sql.execute(FILL, account, "old", timedelta(days=3), 50)
        await sql.execute(FILL, account, "new", timedelta(hours=1), 50)
    await sql.execute("UPDATE events SET at = at + seq * interval '1 second'")
    assert await events.trim(db, timedelta(days=3, seconds=-25.5), at_once=10) == 3 * 25
    rows = await sql.fetch("SELECT room, min(seq) AS first, count(*) AS n FROM events GROUP BY account_id, room")
    assert {tuple(row) for row in rows} == {("session:old", 26, 25), ("session:new", 1, 50)}
    assert await events.trim(db, timedelta(days=2), at_once=10) == 3 * 25
    assert await events.trim(db, timedelta(days=2), at_once=10) == 0


async def test_trim_reads_no_event_that_it_keeps(db: Database, sql: asyncpg.Connection[asyncpg.Record]) -> None:
    """[R5] Also on a log that was trimmed before, whose pages new events fill again."""
    account = uuid4()
    await sql.execute(FILL, account, "old", timedelta(days=100), 20_000)
    await events.trim(db, timedelta(days=90))
    await sql.execute("VACUUM ANALYZE events")
    await sql.execute(FILL, account, "new", timedelta(days=1), 20_000)
    await sql.execute("ANALYZE events")
    await sql.execute(f"PREPARE trim AS {events.TRIM}")
    explained = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE trim('90 days', 2000)"
    plan = json.loads(await sql.fetchval(explained))[0]["Plan"]
    read = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    pages = await sql.fetchval("SELECT relpages FROM pg_class WHERE relname = 'events'")
    assert read < pages / 10, f"{read} pages were read to forget nothing; the table has {pages}"
