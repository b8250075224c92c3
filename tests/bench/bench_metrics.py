"""How long the figures of an account with a million events take, and by what plan.

    python -m tests.bench.bench_metrics [--repeat 15] [--slices 10]

An embedded PostgreSQL with its own settings but for the disk's flushes, and two accounts: one of 100,000 handoffs with
ten events each, one a tenth of it. They are written in slices, each handoff made, claimed and ended by statements of
their own and then vacuumed, so that the table has the holes of one that lived. Packages are of 3 to 8 KB; the events
are without theirs, since the figures read no event.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

import asyncpg
import orjson
import uvloop

from server.app import pool_limits
from server.config import Settings
from store import metrics
from store.db import Database
from store.embedded import embedded_postgres
from store.metrics import Cohort, Figure
from store.migrate import migrate

Sql: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

HANDOFFS = 100_000
ACCOUNT, NOISE = UUID(int=1), UUID(int=2)
PEOPLE = 40
WARM_UP = 7
"""PostgreSQL plans a prepared statement five times for its values, then decides whether one plan will do for all."""
BOUND_MS = 300

PEOPLE_SQL = """
WITH account AS (INSERT INTO accounts (id, name) VALUES ($1, 'Acme MSP') RETURNING id)
INSERT INTO users (account_id, id, name, role)
SELECT $1, md5('person ' || i)::uuid, 'Person ' || i, CASE WHEN i % 2 = 0 THEN 'senior' ELSE 'engineer' END
FROM generate_series(1, $2::integer) AS i
"""

SESSIONS = """
INSERT INTO sessions (account_id, id, title, client_name, problem, created_by, created_by_name, created_at)
SELECT $1, md5('session ' || i)::uuid, 'Printer queue stuck', 'Harbor Dental', 'Nobody can print since 9:00',
       md5('person ' || (1 + 2 * (i % 20)))::uuid, 'Person', now()
FROM generate_series($2::integer, $3::integer) AS i
"""

MADE = """
INSERT INTO handoffs (account_id, id, session_id, status, severity, reason, ask, handed_off_by, handed_off_by_name,
                      created_at, first_queued_at, expires_at, package, has_task_lane, attempt_no)
SELECT $1, md5('handoff ' || i)::uuid, md5('session ' || i)::uuid, 'queued',
       (ARRAY['critical', 'high', 'normal', 'normal', 'low'])[1 + i % 5],
       (ARRAY['no_access', 'skill', 'out_of_ideas', 'time_box', 'approval', 'risk', 'vendor'])[1 + i % 7],
       'Take a look at the spooler', md5('person ' || (1 + 2 * (i % 20)))::uuid, 'Person', t.at, t.at,
       t.at + interval '72 hours', ($4::text[])[1 + i % cardinality($4::text[])]::jsonb, true, 1
FROM generate_series($2::integer, $3::integer) AS i
CROSS JOIN LATERAL (SELECT now() - interval '90 days' * (1 - i / $5::float8)) AS t (at)
"""

CLAIMED = """
WITH changed AS (
    UPDATE handoffs h
    SET status = 'claimed', version = h.version + 1, fencing_token = h.fencing_token + 1, expires_at = NULL,
        claimed_by = md5('person ' || (2 + 2 * ((i + h.claims) % 20)))::uuid, claimed_by_name = 'Person',
        claimed_at = h.queued_since + interval '1 second' * (60 + 7 * (i % 997))
    FROM generate_series($2::integer, $3::integer) AS i
    WHERE h.account_id = $1 AND h.id = md5('handoff ' || i)::uuid AND h.status = 'queued' AND i % 10 < 9
    RETURNING h.id, h.claimed_by, h.claimed_at, h.fencing_token, i
)
INSERT INTO claims (account_id, id, handoff_id, user_id, result, fencing_token, at, lost_to, lost_at, lost_by_ms)
SELECT $1, gen_random_uuid(), id, claimed_by, 'won', fencing_token, claimed_at, NULL, NULL, NULL FROM changed
UNION ALL
SELECT $1, gen_random_uuid(), id, md5('person ' || (2 + 2 * ((i + n) % 20)))::uuid, 'lost', fencing_token,
       claimed_at + interval '1 ms' * n * 3001, person(claimed_by, 'Person'), claimed_at, n * 3001
FROM changed CROSS JOIN generate_series(1, 5) AS n WHERE i % 6 = 0
"""

RELEASED = """
UPDATE handoffs h
SET status = 'queued', version = h.version + 1, claimed_by = NULL, claimed_by_name = NULL, claimed_at = NULL,
    expires_at = h.claimed_at + interval '72 hours 5 minutes'
FROM generate_series($2::integer, $3::integer) AS i
WHERE h.account_id = $1 AND h.id = md5('handoff ' || i)::uuid AND h.status = 'claimed' AND i % 12 = 5
"""

ENDED = """
UPDATE handoffs h
SET version = h.version + 1, closed_at = h.created_at + interval '3 hours' + interval '1 second' * (i % 9973),
    expires_at = NULL, first_action_at = h.first_claimed_at + interval '1 second' * (i % 613),
    status = CASE WHEN h.status = 'claimed' THEN 'resolved' WHEN i % 20 = 9 THEN 'withdrawn' ELSE 'expired' END,
    withdraw_reason = CASE WHEN i % 40 = 9 THEN 'solved_self' WHEN i % 20 = 9 THEN 'mistake' END,
    closed_by = coalesce(h.claimed_by, h.handed_off_by), closed_by_name = 'Person'
FROM generate_series($2::integer, $3::integer) AS i
WHERE h.account_id = $1 AND h.id = md5('handoff ' || i)::uuid AND i < $4 - 300
"""

EVENTS = """
INSERT INTO events (account_id, room, seq, type, at, actor, data)
SELECT $1::uuid, CASE WHEN n < 6 THEN 'session:' || md5('session ' || i) ELSE 'escalations:' || $1::uuid END,
       CASE WHEN n < 6 THEN n + 1 ELSE i * 4 + n - 5 END, 'handoff:claimed', now() - interval '90 days' * random(),
       person(md5('person ' || n)::uuid, 'Person'),
       jsonb_build_object('handoff', jsonb_build_object('id', md5('handoff ' || i)::uuid, 'status', 'claimed'))
FROM generate_series($2::integer, $3::integer) AS i CROSS JOIN generate_series(0, 9) AS n
"""


def packages() -> list[str]:
    """Texts like a package's, each of 3 to 8 KB and each another."""
    dice = random.Random(4)
    words = ["".join(dice.choices("abcdefghijklmnoprstuvw", k=dice.randint(2, 11))) for _ in range(300)]

    def sentence() -> str:
        return " ".join(dice.choices(words, k=dice.randint(5, 14)))

    made, people = [], [UUID(int=dice.getrandbits(128)) for _ in range(3)]
    for _ in range(500):
        size, known = dice.randint(3_000, 8_000), list[dict[str, object]]()
        while len(orjson.dumps(known)) < size:
            refs = [{"kind": "message", "id": UUID(int=dice.getrandbits(128))}]
            by = {"id": people[dice.randrange(3)], "name": "Person"}
            known.append({"text": sentence(), "kind": "fact", "refs": refs, "by": by, "at": "2026-01-01T00:00:00Z"})
        package = {"headline": sentence(), "prose": sentence(), "what_we_know": known, "steps_tried": []}
        made.append(orjson.dumps(package).decode())
    return made


async def fill(sql: Sql, account: UUID, handoffs: int, slices: int, texts: list[str]) -> None:
    await sql.execute(PEOPLE_SQL, account, PEOPLE)
    size = handoffs // slices
    for first in range(0, handoffs, size):
        span = (account, first, first + size - 1)
        await sql.execute(SESSIONS, *span)
        await sql.execute(MADE, *span, texts, handoffs)
        for statement in (CLAIMED, RELEASED, CLAIMED):
            await sql.execute(statement, *span)
        await sql.execute(ENDED, *span, handoffs)
        await sql.execute(EVENTS, *span)
        await sql.execute("VACUUM (ANALYZE) handoffs, claims")


async def timed(ask: Callable[[], Awaitable[object]], repeat: int) -> list[float]:
    """Milliseconds of each time, after some that are not counted."""
    for _ in range(WARM_UP):
        await ask()
    took = []
    for _ in range(repeat):
        began = time.perf_counter()
        await ask()
        took.append((time.perf_counter() - began) * 1000)
    return took


SIZES = """
SELECT (SELECT count(*) FROM events WHERE account_id = $1) AS events,
       (SELECT count(*) FROM handoffs WHERE account_id = $1) AS handoffs,
       (SELECT round(avg(length(package::text))) FROM handoffs WHERE account_id = $1) AS package_bytes,
       (SELECT count(*) FROM claims WHERE account_id = $1) AS claims,
       pg_size_pretty(pg_relation_size('handoffs')) AS handoffs_heap,
       pg_size_pretty(pg_table_size('handoffs')) AS handoffs_with_toast,
       pg_size_pretty(pg_indexes_size('handoffs')) AS handoffs_indexes,
       current_setting('shared_buffers') AS shared_buffers, current_setting('work_mem') AS work_mem
"""


async def measure(repeat: int, slices: int) -> None:
    with tempfile.TemporaryDirectory(prefix="rf-bench-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o755)  # noqa: S103, PTH101  # PostgreSQL runs as another user under root
        async with embedded_postgres(Path(folder)) as url:
            await migrate(url)
            sql = await asyncpg.connect(url)
            await sql.execute("ALTER SYSTEM SET fsync = off")
            await sql.execute("SELECT pg_reload_conf()")
            texts = packages()
            for account, handoffs in ((NOISE, HANDOFFS // 10), (ACCOUNT, HANDOFFS)):
                await fill(sql, account, handoffs, slices, texts)
            sizes = await sql.fetchrow(SIZES, ACCOUNT)
            now = await sql.fetchval("SELECT now()")
            await sql.close()
            print(", ".join(f"{name} {value}" for name, value in dict(sizes or {}).items()))
            print(f"load of the machine's {os.cpu_count()} cores: {os.getloadavg()[0]:.1f}")
            async with Database.open(url, pool_limits(Settings())) as db:
                await tell(db, repeat, now)


async def tell(db: Database, repeat: int, now: datetime) -> None:
    everything = Cohort(now - timedelta(days=95), now)
    halves = Cohort(now - timedelta(days=45), now)
    figure: Figure = "sla.late"
    asked: dict[str, Callable[[], Awaitable[object]]] = {
        "all of it": lambda: metrics.read(db, ACCOUNT, everything, tz="UTC", people=False),
        "half of it, and the half before": lambda: metrics.read(db, ACCOUNT, halves, tz="UTC", people=False),
        "all of it, for an admin": lambda: metrics.read(db, ACCOUNT, everything, tz="UTC", people=True),
        "the last 30 days": lambda: metrics.read(db, ACCOUNT, Cohort(), tz="UTC", people=False),
        "50 handoffs behind a number": lambda: metrics.handoffs_behind(db, ACCOUNT, everything, figure, limit=50),
    }
    print(f"\n{'':<34}{'median ms':>10}{'min':>7}{'max':>7}   of {repeat}, warm, through the store's function")
    for name, ask in asked.items():
        took = await timed(ask, repeat)
        print(f"{name:<34}{statistics.median(took):>10.0f}{min(took):>7.0f}{max(took):>7.0f}")
        if name == "all of it":
            within = statistics.median(took) < BOUND_MS
    args = (ACCOUNT, everything.begins, everything.ends, everything.before, "UTC", False)
    print("\nThe plan of the first:\n")
    for row in await db.rows("EXPLAIN (ANALYZE, BUFFERS) " + metrics.READ, *args):
        print(row["QUERY PLAN"])
    if not within:
        raise SystemExit(f"The median is not under {BOUND_MS} ms.")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="make bench-metrics", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--repeat", type=int, default=15, help="how often each question is asked (default 15)")
    parser.add_argument("--slices", type=int, default=10, help="how many portions are written (default 10)")
    options = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(measure(options.repeat, options.slices))


if __name__ == "__main__":
    main()
