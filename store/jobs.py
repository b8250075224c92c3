"""The queue of background jobs, on pgqueuer: work that outlives a replica.

What is to be done stands in the rows of its own tables; a job only says that a replica is at it. So a job may be lost
or run twice: whoever finds the work still due queues it again, and the work itself is written once.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
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
from pgqueuer.types import QueueExecutionMode

from store.db import Database
from store.watch import OLDEST, UNTOLD

log = structlog.get_logger()

SETTINGS: Final = DBSettings(prefix="", db_schema="jobs", channel="rf_jobs")
AT_ONCE: Final = 16
"""Jobs of one kind of one replica: one kind that hangs, such as a language model's, holds up no other."""
STOPS_WITHIN: Final = 2.0
"""Seconds in which the end of a job is written down."""
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


DUE = f"""
WITH {OLDEST}
SELECT kind, account_id, id FROM (
    SELECT kind, account_id, id, n, at, row_number() OVER (PARTITION BY kind ORDER BY n, at) AS place FROM (
        SELECT 'enrich' AS kind, h.account_id, h.id, h.enrich_at AS at,
               row_number() OVER (PARTITION BY h.account_id ORDER BY h.enrich_at) AS n
        FROM handoffs h WHERE h.enrich_at <= now()
        UNION ALL
        SELECT 'answer', a.account_id, a.message_id, a.next_at,
               row_number() OVER (PARTITION BY a.account_id ORDER BY a.next_at)
        FROM asks a WHERE a.next_at <= now()
        UNION ALL
        SELECT 'webhook', w.account_id, w.account_id, w.next_at, 1 FROM webhooks w
        WHERE w.next_at <= now() AND (
            {UNTOLD}
            OR EXISTS (SELECT FROM oldest o WHERE o.account_id = w.account_id AND o.next_at <= now()))
    ) AS due
    WHERE n + (SELECT count(*) FROM jobs.pgqueuer q
               WHERE q.status = 'picked' AND q.heartbeat > now() - $3::interval AND q.entrypoint = due.kind
                 AND starts_with(q.dedupe_key, due.kind || ' ' || due.account_id || ' ')) <= $1
) AS next WHERE place <= $2 ORDER BY n, at
"""


async def due(db: Database, *, of_account: int, limit: int) -> list[Job]:
    """What waits to be done: of a kind at most `limit` jobs, and of one account at most `of_account` of a kind with
    those that replicas are at, so that all kinds and accounts have their turn.
    """
    return [Job(row["kind"], row["account_id"], row["id"]) for row in await db.rows(DUE, of_account, limit, GIVEN_UP)]


FORGET = "DELETE FROM jobs.pgqueuer_log WHERE created < now() - interval '1 day'"


async def forget(db: Database) -> None:
    """Delete what is known of jobs done long ago."""
    await db.rows(FORGET)


class Jobs:
    """The queue as one replica sees it."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        self._pool = pool
        self._queries = _queries(pool)
        self._wanted: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        """Set when there may be jobs of the kind."""

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Jobs]:
        """With connections of its own, opened while there is work: for each kind one that listens, and a few more."""
        pool = await asyncpg.create_pool(
            url, min_size=0, max_size=6, timeout=5, command_timeout=10,
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
            for kind in set(kinds):
                self._wanted[kind].set()

    async def work(self, doing: Mapping[str, Callable[[Job], Awaitable[None]]]) -> None:
        """Do jobs until cancelled, those of other replicas too. What fails is logged; so is a lost database.

        Those under way are cancelled with it: what they were for is still due. While nothing was `put`, nothing is
        looked for: the queue's own watch costs more than all else that an idle replica does.
        """
        async with asyncio.TaskGroup() as kinds:
            for kind, do in doing.items():
                kinds.create_task(self._work(kind, do), name=f"jobs: {kind}")

    async def _work(self, kind: str, do: Callable[[Job], Awaitable[None]]) -> None:
        wanted = self._wanted[kind]
        while True:
            await wanted.wait()
            wanted.clear()
            try:
                await self._work_off(kind, do)
            except Exception as error:  # noqa: BLE001  # begins anew
                log.warning("job queue interrupted", kind=kind, error=repr(error))
                wanted.set()
                await asyncio.sleep(random.uniform(0.2, 1))  # noqa: S311

    async def _work_off(self, kind: str, do: Callable[[Job], Awaitable[None]]) -> None:
        under_way: set[asyncio.Future[None]] = set()
        queue = QueueManager(_queries(self._pool), SETTINGS.channel)
        queue.entrypoint(kind)(_logged(do, under_way))
        running = asyncio.create_task(
            queue.run(
                dequeue_timeout=timedelta(seconds=2),
                mode=QueueExecutionMode.drain,
                batch_size=AT_ONCE // 2,
                max_concurrent_tasks=AT_ONCE,
                heartbeat_timeout=GIVEN_UP,
                log_aggregation_interval=timedelta(0),
            ),
            name="job queue",
        )
        try:
            await asyncio.wait([running])
            running.result()
        finally:
            running.cancel()  # by itself it would wait for the jobs that are under way
            for job in under_way:
                job.cancel()
            await asyncio.wait([running], timeout=STOPS_WITHIN)


def _queries(pool: asyncpg.Pool[asyncpg.Record]) -> Queries:
    return Queries(
        AsyncpgPoolDriver(pool),
        qbe=QueryBuilderEnvironment(SETTINGS),
        qbq=QueryQueueBuilder(SETTINGS),
        qbs=QuerySchedulerBuilder(SETTINGS),
    )


def _logged(
    do: Callable[[Job], Awaitable[None]], under_way: set[asyncio.Future[None]]
) -> Callable[[Queued], Awaitable[None]]:
    async def run(queued: Queued) -> None:
        job = Job.parse((queued.payload or b"").decode())
        task = asyncio.ensure_future(do(job))
        under_way.add(task)
        try:
            await task
        except Exception as error:  # noqa: BLE001  # the library would keep the traceback, and with it what people wrote
            log.warning("job failed", kind=job.kind, id=str(job.id), error=type(error).__name__)
        finally:
            under_way.discard(task)

    return run
