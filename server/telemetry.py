"""What operators see: Prometheus series and structured logs."""

from __future__ import annotations

import asyncio
import logging
import sys

import structlog
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web import RequestPayloadError
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest


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
        self.connections = Gauge("rf_connections", "Authenticated sockets", registry=self.registry)
        self.rooms = Gauge("rf_rooms", "Rooms with a member on this process", registry=self.registry)
        self.commands = Counter("rf_commands", "Commands by result", ["command", "result"], registry=self.registry)
        self.deliveries = Counter("rf_deliveries", "Events written to sockets", registry=self.registry)
        self.repairs = Counter("rf_gap_repairs", "Reads of the log for missed events", registry=self.registry)
        self.bus = Counter(
            "rf_bus_messages", "Messages of the bus by what became of them", ["what"], registry=self.registry
        )
        tasks = Gauge("rf_tasks", "Tasks of the event loop", registry=self.registry)
        tasks.set_function(lambda: len(asyncio.all_tasks()))
        self.cut = Counter("rf_connections_cut", "Connections ended by the server", ["reason"], registry=self.registry)

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
