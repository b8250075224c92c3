"""What a replica does without a command: what is due by the clock, and background jobs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from handlers import answers, enrichment, timers, webhooks
from handlers.assistant import Assistant
from handlers.wire import dumps
from server.background import repeating
from server.delivery import Delivery
from server.telemetry import Telemetry
from server.webhooks import Webhooks
from store import jobs
from store.bus import Bus
from store.db import Database
from store.jobs import Job, Jobs
from store.models import Event, Json, Room

MOST = 100
"""Jobs of one kind that are queued at once."""
OF_ACCOUNT = 4
"""Of one kind and one account."""


class Work:
    """Any number of replicas may do it at once: each step is written once, and publishing follows the commit."""

    def __init__(
        self, db: Database, bus: Bus, delivery: Delivery, assistant: Assistant, hooks: Webhooks, telemetry: Telemetry
    ) -> None:
        self._db, self._bus, self._delivery = db, bus, delivery
        self._assistant, self._hooks, self._telemetry = assistant, hooks, telemetry
        self._by_clock, self._by_job = asyncio.Event(), asyncio.Event()
        """Set while there may be work of that kind."""

    def note(self, *, due: bool, late: float) -> None:
        """A look at the database found that there may be work, the oldest so many seconds late."""
        self._telemetry.job_lag.set(late)
        if due:
            self._by_clock.set()
            self._by_job.set()

    @asynccontextmanager
    async def go_on(self) -> AsyncIterator[None]:
        """Sweep and do jobs while the context lasts, whenever `note` finds some: else nothing is asked.

        A job that is then under way is done by another replica.
        """
        failed = self._telemetry.step_failed
        async with Jobs.open(self._db.url) as queue:

            async def sweep() -> None:
                self._by_clock.clear()
                await self.sweep()

            async def queue_jobs() -> None:
                self._by_job.clear()
                await queue.put(await jobs.due(self._db, of_account=OF_ACCOUNT, limit=MOST))

            kinds = dict.fromkeys(("enrich", "answer", "webhook"), self.do)
            doing = asyncio.create_task(queue.work(kinds), name="jobs")
            try:
                async with (
                    repeating("sweep", None, sweep, soon=self._by_clock, failed=failed("sweep")),
                    repeating("jobs due", None, queue_jobs, soon=self._by_job, failed=failed("jobs due")),
                ):
                    yield
            finally:
                doing.cancel()
                await asyncio.wait([doing])

    async def sweep(self) -> None:
        """Do what is due by the clock now."""
        async for told in timers.sweep(self._db):
            await self._bus.publish(told)

    async def do(self, job: Job) -> None:
        """Do what the job stands for, if it is still due."""
        await self._bus.publish(await self._done(job))

    async def _done(self, job: Job) -> Sequence[Event]:
        match job.kind:
            case "enrich":
                return await enrichment.enrich(self._db, self._assistant, job.account_id, job.id)
            case "answer":
                return await answers.answer(self._db, self._assistant, job.account_id, job.id, self._signal)
            case _:
                await webhooks.deliver(self._db, self._hooks.post, job.account_id, self._observe_webhook)
                return ()

    async def _signal(self, room: Room, name: str, data: dict[str, object]) -> None:
        await self._delivery.signal(room, name, Json(dumps(data)))

    def _observe_webhook(self, result: str) -> None:
        self._telemetry.webhooks.labels(result).inc()
