"""What tests stand on: one embedded PostgreSQL a run, one copy of the migrated database a test, real servers."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

import asyncpg
import pytest

from loadtest.client import Client, HttpDoor
from server.app import Server, pool_limits, running
from server.config import Settings
from store.db import Database
from store.embedded import embedded_postgres
from store.migrate import migrate
from store.models import Principal, Role
from tests.redis_server import RedisServer, redis_server

SECRET = "a secret of the tests, 32 bytes or more"
TEMPLATE = "rf_template"


@dataclass(frozen=True)
class Postgres:
    """A running PostgreSQL whose database `TEMPLATE` is migrated."""

    url: str
    data_dir: Path

    def database(self, name: str) -> str:
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    @asynccontextmanager
    async def copy(self) -> AsyncIterator[str]:
        """The address of a fresh copy of the migrated database."""
        name = f"rf_{uuid4().hex}"
        await self.run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        try:
            yield self.database(name)
        finally:
            await self.run(f"DROP DATABASE {name} WITH (FORCE)")

    async def run(self, sql: str) -> None:
        connection = await asyncpg.connect(self.database("postgres"))
        try:
            await connection.execute(sql)
        finally:
            await connection.close()


@pytest.fixture(scope="session")
async def postgres() -> AsyncIterator[Postgres]:
    with tempfile.TemporaryDirectory(prefix="rf-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o755)  # noqa: S103, PTH101  # PostgreSQL runs as another user when the tests run as root
        async with embedded_postgres(Path(folder)) as url:
            made = Postgres(url, Path(folder))
            await made.run("ALTER SYSTEM SET fsync = off")
            await made.run("SELECT pg_reload_conf()")
            await made.run(f"CREATE DATABASE {TEMPLATE}")
            await migrate(made.database(TEMPLATE))
            yield made


@pytest.fixture
async def database_url(postgres: Postgres) -> AsyncIterator[str]:
    """A migrated database of this test's own."""
    async with postgres.copy() as url:
        yield url


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url, pool_limits(Settings())) as opened:
        yield opened


@pytest.fixture
async def sql(database_url: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """A plain connection to the test's database, to look at rows and to age them."""
    connection = await asyncpg.connect(database_url, server_settings={"timezone": "UTC"})
    yield connection
    await connection.close()


@pytest.fixture
async def redis() -> AsyncIterator[RedisServer]:
    """A redis-server of this test's own."""
    async with redis_server() as server:
        yield server


@dataclass
class World:
    """A running server, and people to connect to it."""

    server: Server
    account_id: UUID
    other_account_id: UUID
    stack: AsyncExitStack

    @property
    def url(self) -> str:
        return self.server.url

    def person(self, role: Role, name: str | None = None, *, other_tenant: bool = False) -> Principal:
        """Somebody new in the account, or in the other one."""
        account = self.other_account_id if other_tenant else self.account_id
        return Principal(account, "Birchwood IT" if other_tenant else "Acme MSP", uuid4(), name or role.title(), role)

    def token(self, who: Principal) -> str:
        return self.server.tokens.issue(who)[0]

    async def client(self, who: Principal | Role, name: str | None = None) -> Client:
        """A connected client, closed when the test ends."""
        principal = who if isinstance(who, Principal) else self.person(who, name)
        return await self.stack.enter_async_context(Client.connect(self.url, self.token(principal)))

    async def http(self, who: Principal | Role) -> HttpDoor:
        principal = who if isinstance(who, Principal) else self.person(who)
        return await self.stack.enter_async_context(HttpDoor(self.url, self.token(principal)))


MakeWorld = Callable[..., AbstractAsyncContextManager[World]]


@pytest.fixture
def make_world(database_url: str) -> MakeWorld:
    """Start a server on the test's database with these settings; any number of them may run at once.

    Unless they say otherwise it does no background work: what is due by the clock waits for `server.sweep`.
    """

    @asynccontextmanager
    async def make(**settings: Any) -> AsyncIterator[World]:
        defaults: dict[str, Any] = {"port": 0, "jwt_secret": SECRET, "drain": 0.0, "background": False}
        chosen = Settings(**(defaults | settings))
        async with AsyncExitStack() as servers:
            db = await servers.enter_async_context(Database.open(database_url, pool_limits(chosen)))
            server = await servers.enter_async_context(running(chosen, db))
            async with AsyncExitStack() as people:
                yield World(server, uuid4(), uuid4(), people)

    return make


@pytest.fixture
async def world(make_world: MakeWorld) -> AsyncIterator[World]:
    async with make_world() as made:
        yield made


async def open_session(client: Client, **fields: str) -> str:
    """A new session's id."""
    session_id = str(uuid4())
    payload = {"title": "Printer queue stuck", "client_name": "Harbor Dental", "problem": "Nobody can print"} | fields
    await client.command("session:create", {"session_id": session_id, **payload})
    return session_id


async def hand_off(client: Client, session_id: str | None = None, **fields: Any) -> dict[str, Any]:
    """A new handoff's view, of a new session unless one is given."""
    payload = {
        "handoff_id": str(uuid4()),
        "session_id": session_id or await open_session(client),
        "severity": "high",
        "reason": "skill",
        "ask": "Take a look at the spooler",
    } | fields
    handoff: dict[str, Any] = (await client.command("handoff:create", payload))["handoff"]
    return handoff


async def claim(client: Client, handoff_id: str, claim_id: str | None = None) -> dict[str, Any]:
    return await client.command("handoff:claim", {"handoff_id": handoff_id, "claim_id": claim_id or str(uuid4())})
