"""The queue of background jobs, on pgqueuer: work that outlives a replica.

What is to be done stands in the rows of its own tables; a job only says that a replica is at it. So a job may be lost
or run twice: whoever finds the work still due queues it again, and the work itself is written once.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg
import structlog
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.settings import DBSettings
from pgqueuer.models import Job as Queued
from pgqueuer.qm import QueueManager

from store.db import Database

log = structlog.get_logger()

SETTINGS: Final = DBSettings(prefix="", db_schema="jobs", channel="rf_jobs")
AT_ONCE: Final = 16
"""Jobs of one replica."""
GIVEN_UP: Final = timedelta(seconds=10)
"""A replica not heard of for this long is taken for dead, and its jobs are done by another."""


@dataclass(frozen=True, slots=True)
class Job:
    kind: str
    account_id: UUID
    id: UUID

    def __str__(self) -> str:
        return f"{self.kind} {self.account_id} {self.id}"

    @classmethod
    def parse(cls, text: str) -> Job:
        kind, account_id, id_ = text.split()
        return cls(kind, UUID(account_id), UUID(id_))


DUE = """
SELECT kind, account_id, id FROM (
(SELECT 'enrich' AS kind, h.account_id, h.id FROM handoffs h WHERE h.enrich_at <= now() ORDER BY h.enrich_at LIMIT $1)
UNION ALL
(SELECT 'answer', a.account_id, a.message_id FROM asks a ORDER BY a.at LIMIT $1)
UNION ALL
(SELECT 'webhook', w.account_id, w.account_id FROM webhooks w
 WHERE w.next_at <= now() AND (
     EXISTS (SELECT FROM rooms r WHERE r.account_id = w.account_id AND r.name = 'escalations:' || w.account_id
             AND r.seq > w.seq)
     OR EXISTS (SELECT FROM webhook_messages m WHERE m.account_id = w.account_id AND m.next_at <= now()))
 ORDER BY w.next_at LIMIT $1)) AS due
"""


async def due(db: Database, limit: int) -> list[Job]:
    """What waits to be done, at most `limit` of each kind."""
    return [Job(row["kind"], row["account_id"], row["id"]) for row in await db.rows(DUE, limit)]


LAG = """
SELECT coalesce(extract(epoch FROM now() - least(
    (SELECT min(due_at) FROM handoffs), (SELECT min(enrich_at) FROM handoffs), (SELECT min(at) FROM asks),
    (SELECT min(greatest(m.next_at, w.next_at)) FROM webhook_messages m JOIN webhooks w USING (account_id))))
, 0)::float8 AS lag
"""


async def lag(db: Database) -> float:
    """For how many seconds the oldest due work has been due, that by the clock included; negative if nothing is."""
    row = await db.row(LAG)
    return 0.0 if row is None else float(row["lag"])


FORGET = "DELETE FROM jobs.pgqueuer_log WHERE created < now() - interval '1 day'"


async def forget(db: Database) -> None:
    """Delete what is known of jobs done long ago."""
    await db.rows(FORGET)


class Jobs:
    """The queue as one replica sees it."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        self._pool = pool
        self._queries = _queries(pool)

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Jobs]:
        """With connections of its own: one listens, the others are opened while there is work."""
        pool = await asyncpg.create_pool(
            url, min_size=0, max_size=4, timeout=5, command_timeout=10,
            server_settings={"application_name": "resolutionflow jobs", "timezone": "UTC"},
        )  # fmt: skip
        try:
            yield cls(pool)
        finally:
            pool.terminate()

    async def put(self, jobs: Sequence[Job]) -> None:
        """Queue them, but for those that are queued or being done."""
        if jobs:
            names: list[str | None] = [str(job) for job in jobs]
            payloads: list[bytes | None] = [str(job).encode() for job in jobs]
            kinds, priorities = [job.kind for job in jobs], [0] * len(jobs)
            await self._queries.enqueue(kinds, payloads, priorities, dedupe_key=names, on_conflict="skip")

    async def work(self, doing: Mapping[str, Callable[[Job], Awaitable[None]]]) -> None:
        """Do jobs until cancelled, those of other replicas too. What fails is logged; so is a lost database."""
        while True:
            queue = QueueManager(_queries(self._pool), SETTINGS.channel)
            for kind, do in doing.items():
                queue.entrypoint(kind)(_logged(do))
            try:
                await queue.run(
                    dequeue_timeout=timedelta(seconds=2),
                    batch_size=AT_ONCE // 2,
                    max_concurrent_tasks=AT_ONCE,
                    shutdown_on_listener_failure=True,
                    heartbeat_timeout=GIVEN_UP,
                    log_aggregation_interval=timedelta(0),
                )
            except Exception as error:  # noqa: BLE001  # begins anew below
                log.warning("job queue interrupted", error=repr(error))
            await self._pool.expire_connections()
            await asyncio.sleep(random.uniform(0.2, 1))  # noqa: S311


def _queries(pool: asyncpg.Pool[asyncpg.Record]) -> Queries:
    return Queries(
        AsyncpgPoolDriver(pool),
        qbe=QueryBuilderEnvironment(SETTINGS),
        qbq=QueryQueueBuilder(SETTINGS),
        qbs=QuerySchedulerBuilder(SETTINGS),
    )


def _logged(do: Callable[[Job], Awaitable[None]]) -> Callable[[Queued], Awaitable[None]]:
    async def run(queued: Queued) -> None:
        job = Job.parse((queued.payload or b"").decode())
        try:
            await do(job)
        except Exception as error:  # noqa: BLE001  # the library would keep the traceback, and with it what people wrote
            log.warning("job failed", kind=job.kind, id=str(job.id), error=type(error).__name__)

    return run
