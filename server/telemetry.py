"""What operators see: Prometheus series and structured logs."""

from __future__ import annotations

import asyncio
import logging
import re
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Final

import structlog
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web import RequestPayloadError
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from store import metrics
from store.db import Database
from store.models import Event

CLAIMS: Final[Mapping[str, str]] = {"ok": "won", "already_claimed": "lost"}
"""What the result of `handoff:claim` is called among claims; the others keep their names."""
DELIVERY: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
WAITS: Final = (0.0001, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2)
"""Buckets, in seconds."""
LOOK_AT_QUEUES: Final = 15.0
"""Seconds between two looks at what waits."""

_AT: Final = re.compile(r'\{"at": "([^"]+)"')
"""The beginning of an event's body: PostgreSQL writes the shortest of an object's keys first."""


def http_log() -> logging.Logger:
    """Aiohttp's log without requests it cannot read and clients that went away: it tells each with a traceback."""
    found = logging.getLogger("aiohttp.server")
    found.addFilter(_ours)
    return found


def _ours(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, (HttpProcessingError, RequestPayloadError, ConnectionError))


class Telemetry:
    """The series of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        gauge = partial(Gauge, registry=self.registry)
        counter = partial(Counter, registry=self.registry)
        histogram = partial(Histogram, registry=self.registry)
        self.connections = gauge("rf_connections", "Authenticated sockets")
        self.cut = counter("rf_connections_cut", "Connections ended by the server", ["reason"])
        self.rooms = gauge("rf_rooms", "Rooms with a member on this process")
        self.joins = counter("rf_joins", "Joins of rooms by their answer: recovered or snapshot", ["answer"])
        self.commands = counter("rf_commands", "Commands by result", ["command", "result"])
        self.deliveries = counter("rf_deliveries", "Events written to sockets")
        self.repairs = counter("rf_gap_repairs", "Reads of the log for missed events")
        self.bus = counter("rf_bus_messages", "Messages of the bus by what became of them", ["what"])
        self.in_doubt = gauge("rf_in_doubt", "1 while events of other processes may be found in the log only")
        self._claims = counter("rf_claims", "Claims by how they were answered", ["result"])
        self._claim_delivery = histogram(
            "rf_claim_delivery_seconds", "From a claim's time in the log to its writing to sockets", buckets=DELIVERY
        )
        self._waiting = gauge("rf_queue_waiting", "Handoffs that wait, of all accounts")
        self._oldest = gauge("rf_queue_oldest_seconds", "How long the one of them has waited that waits longest")
        self._past_target = gauge("rf_queue_past_target", "How many of them have waited longer than their target")
        self._ahead = 0.0
        self._counted: dict[tuple[str, str], Counter] = {}
        ahead = gauge("rf_database_clock_ahead_seconds", "PostgreSQL's clock less this machine's")
        ahead.set_function(lambda: self._ahead)
        self.pool_waits = histogram("rf_pool_wait_seconds", "Waiting for a connection to PostgreSQL", buckets=WAITS)
        self.job_lag = gauge("rf_job_lag_seconds", "How long the oldest due job has been due")
        self.model_calls = counter(
            "rf_model_calls", "Language model: ok, or how it failed; not_tried: its breaker was open", ["result"]
        )
        self._step_failures = counter(
            "rf_background_failures", "Background steps that failed, to be tried again", ["task"]
        )
        self.webhooks = counter("rf_webhooks", "Attempts to tell a webhook: delivered, failed, given_up", ["result"])
        gauge("rf_tasks", "Tasks of the event loop").set_function(lambda: len(asyncio.all_tasks()))
        self.look_now = asyncio.Event()
        """Set until the queues were looked at once."""
        self.look_now.set()

    def command(self, name: str, result: str) -> None:
        """A command was answered with `ok`, `replayed` or the code of a refusal."""
        counted = self._counted.get((name, result))
        if counted is None:
            counted = self._counted[name, result] = self.commands.labels(name, result)
        counted.inc()
        if name == "handoff:claim":
            self._claims.labels(CLAIMS.get(result, result)).inc()

    def step_failed(self, task: str) -> Callable[[], None]:
        """What counts a failure of that task, which from now on is told with those that never failed."""
        return self._step_failures.labels(task).inc

    async def look(self, db: Database) -> None:
        """Look at what waits, of all accounts, and at the database's clock. One query."""
        self.look_now.clear()
        asked = time.time()
        seen = await metrics.waiting(db)
        self._ahead = seen.now.timestamp() - (asked + time.time()) / 2
        self._waiting.set(seen.waiting)
        self._oldest.set(seen.oldest)
        self._past_target.set(seen.past_target)

    def delivered(self, event: Event, members: int) -> None:
        """An event was written to so many sockets.

        The time of a claim is the database's. This machine's is brought to it by the difference found at the last
        look, which is right to half the duration of that query.
        """
        self.deliveries.inc(members)
        if event.type == "handoff:claimed" and members and (told := _AT.match(event.body)):
            passed = time.time() + self._ahead - datetime.fromisoformat(told[1]).timestamp()
            self._claim_delivery.observe(max(0.0, passed))

    def exposition(self) -> bytes:
        return generate_latest(self.registry)


_TRACEBACKS = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
"""Without the values of variables: tokens and what people wrote do not belong in a log."""


def configure_logging(*, pretty: bool) -> None:
    """Structured lines on standard error: for people on a terminal, JSON elsewhere."""
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if pretty
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            *([] if pretty else [structlog.processors.ExceptionRenderer(_TRACEBACKS)]),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
