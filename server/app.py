"""The composition root: what is made of what, and the order of starting and stopping."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from aiohttp import web

from handlers.assistant import Assistant
from handlers.dispatch import Dispatch
from server import ring
from server.auth import Doorkeeper, SignIn, Tokens
from server.background import repeating
from server.config import Settings
from server.delivery import Delivery
from server.fanout import Fanout
from server.gateway import Gateway
from server.http import HttpDoor, cross_origin, refusals
from server.limits import Pace
from server.presence import Presence
from server.presence_signals import ALIVE, HERE
from server.telemetry import LOOK_AT_QUEUES, Telemetry, http_log
from server.upgrade import FrontDoor
from server.watch import Watch
from server.webhooks import Webhooks
from server.work import Work
from store import events, jobs, watch
from store.bus import REPLICAS, Bus, MemoryBus
from store.db import Database, PoolLimits
from store.deployment import bus_key
from store.embedded import embedded_postgres
from store.migrate import migrate
from store.redis_bus import RedisBus

log = structlog.get_logger()

KERNEL_BYTES = 128 * 1024
"""Which the kernel may keep for a client that does not read. Left alone it keeps megabytes, that no bound sees."""
KEEP_ALIVE = 75.0
"""Seconds in which the next request's head has to be there: longer than load balancers keep a connection."""
STOP_TIMEOUT = 2.0
"""How long requests may still run once the drain is over, in seconds."""


def pool_limits(settings: Settings) -> PoolLimits:
    return PoolLimits(
        size=settings.pool_size,
        acquire=settings.acquire_timeout,
        statement=settings.statement_timeout,
        lock=settings.lock_timeout,
        recover=settings.database_recovery,
    )


@asynccontextmanager
async def database_url(settings: Settings) -> AsyncIterator[str]:
    """The address given, or that of an embedded PostgreSQL which runs while the context lasts."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
    else:
        async with embedded_postgres(settings.data_dir) as url:
            yield url


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """A pool on the migrated database."""
    async with database_url(settings) as url:
        await migrate(url)
        async with Database.open(url, pool_limits(settings)) as db:
            yield db


@asynccontextmanager
async def open_bus(settings: Settings, db: Database, telemetry: Telemetry) -> AsyncIterator[Bus]:
    """The bus between the replicas, or that of the only process."""
    if settings.redis_url is None:
        yield MemoryBus()
    else:
        address, key = settings.redis_url.get_secret_value(), await bus_key(db)
        async with RedisBus.open(address, key, observe=lambda what: telemetry.bus.labels(what).inc()) as bus:
            yield bus


def open_assistant(settings: Settings, telemetry: Telemetry) -> AbstractAsyncContextManager[Assistant]:
    key = settings.llm_api_key.get_secret_value() if settings.llm_api_key is not None else None
    observe = lambda result: telemetry.model_calls.labels(result).inc()  # noqa: E731
    return Assistant.open(
        settings.llm_base_url,
        settings.llm_model,
        key,
        draft_within=settings.llm_draft_timeout,
        answer_within=settings.llm_answer_timeout,
        observe=observe,
    )


async def trim_log(settings: Settings, db: Database) -> None:
    await events.trim(db, timedelta(seconds=settings.log_retention))
    await jobs.forget(db)
    await watch.forget(db)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    settings: Settings
    url: str
    db: Database
    gateway: Gateway
    delivery: Delivery
    dispatch: Dispatch
    tokens: Tokens
    look: Callable[[], Awaitable[None]]
    """Find now what nobody told of: events, changed rights, due work."""
    sweep: Callable[[], Awaitable[None]]
    """Do what is due by the clock now."""


@asynccontextmanager
async def running(settings: Settings, db: Database) -> AsyncIterator[Server]:
    """Listen while the context lasts. Its end drains: nothing acked is lost, and no ack that is due is left out.

    Raises:
        OSError: the port is taken.
    """
    async with AsyncExitStack() as stack:
        telemetry = Telemetry()
        tokens = Tokens(settings)
        doorkeeper = Doorkeeper(tokens, db)
        sign_in = SignIn(tokens, db, per_minute=settings.sign_ins_per_minute) if tokens.issues else None
        bus = await stack.enter_async_context(open_bus(settings, db, telemetry))
        await bus.subscribe(REPLICAS)
        fanout = Fanout(
            stack.enter_context(ring.opened()) if settings.io_uring and settings.fast_path else ring.one_by_one
        )
        delivery = Delivery(db, bus, telemetry, fanout, gap_grace=settings.gap_grace)
        telemetry.in_doubt.set_function(lambda: delivery.in_doubt)
        db.observe_wait = telemetry.pool_waits.observe
        dispatch = Dispatch(bus.publish, observe=telemetry.command)
        pace = Pace(settings.commands_per_second_user, settings.commands_per_second_account)
        assistant = await stack.enter_async_context(open_assistant(settings, telemetry))
        hooks = await stack.enter_async_context(
            Webhooks.open(timeout=settings.webhook_timeout, private=settings.webhook_private)
        )
        delivery.between_replicas("spent", lambda _, body: pace.hear(body))

        async def tell_pace() -> None:
            if (told := pace.tell()) is not None:
                await delivery.signal(REPLICAS, "spent", told)

        presence = Presence(bus.publish, lambda: bus.hearing, delivery.fanout.broadcast)
        for name in (HERE, ALIVE):
            delivery.between_replicas(name, presence.hear)
        delivery.on_resumed(presence.resumed)
        gateway = Gateway(settings, db, dispatch, delivery, presence, doorkeeper, pace, telemetry)
        door = HttpDoor(settings, db, dispatch, delivery, gateway, doorkeeper, sign_in, pace, telemetry)
        app = web.Application(
            middlewares=[cross_origin(settings.allowed_origins), refusals], client_max_size=settings.payload_bytes
        )
        door.add_routes(app.router)
        runner = web.AppRunner(
            app,
            access_log=None,
            logger=http_log(),
            keepalive_timeout=KEEP_ALIVE,
            shutdown_timeout=STOP_TIMEOUT,
            handle_signals=False,
        )
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        if runner.server is None:
            raise LookupError("a runner that is set up has a server")

        work = Work(db, bus, delivery, assistant, hooks, telemetry)

        watcher = Watch(settings, delivery, gateway, work)
        for name, every, step, soon, gather in (
            ("look", watcher.pace, watcher.look, delivery.behind, 0.0),
            ("presence", lambda: presence.rhythm.beat, presence.tick, presence.stirred, presence.rhythm.tick),
            ("pace", None, tell_pace, pace.spent, pace.every),
            ("queue age", lambda: LOOK_AT_QUEUES, partial(telemetry.look, db), telemetry.look_now, 0.0),
            ("log trim", lambda: settings.log_trim, partial(trim_log, settings, db), None, 0.0),
        ):
            failed = telemetry.step_failed(name)
            await stack.enter_async_context(repeating(name, every, step, soon=soon, gather=gather, failed=failed))
        if settings.background:
            await stack.enter_async_context(work.go_on())
        front = FrontDoor(gateway.terms, runner.server, gateway.may_enter, settings.connect_timeout)
        stack.callback(front.close)
        listening = await asyncio.get_running_loop().create_server(
            front if settings.fast_path else runner.server, settings.host, settings.port, backlog=1024
        )
        for listener in listening.sockets:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BYTES)  # accepted ones inherit it
        stack.push_async_callback(dispatch.finish, settings.statement_timeout)
        stack.callback(listening.close)
        stack.push_async_callback(presence.stop)
        stack.push_async_callback(gateway.drain, settings.drain)
        port = listening.sockets[0].getsockname()[1]
        url = f"http://{settings.host}:{port}"
        yield Server(settings, url, db, gateway, delivery, dispatch, tokens, watcher.look, work.sweep)
