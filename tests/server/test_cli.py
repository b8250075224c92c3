"""The command line, each time as a process of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import jwt
import pytest
from typer.testing import CliRunner

from loadtest.client import Client, ConnectRefused, HttpDoor, Refused
from server import demo
from server.cli import app
from server.demo_story import DEMO_PASSWORD, PEOPLE
from tests.conftest import SECRET, Postgres
from tests.server.commandline import Ended, folder, ran, started

USAGE, DATABASE, PORT, NOT_FOUND = 2, 3, 4, 5

COMMANDS = ("serve", "demo", "migrate", "seed", "token", "disable", "revoke", "epoch", "schema")
PLAIN = {"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"}


WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


@dataclass(frozen=True)
class House:
    """A running `serve` on a folder of its own, into which the demo accounts were seeded."""

    url: str
    data_dir: Path
    said: str
    seeded: Ended

    @property
    def here(self) -> tuple[str, str]:
        return "--data-dir", str(self.data_dir)

    async def sign_in(self, email: str) -> str:
        async with HttpDoor(self.url) as door:
            answer = await door.request("POST", "/api/auth/token", {"email": email, "password": DEMO_PASSWORD})
        token: str = answer["token"]
        return token

    async def me(self, token: str) -> dict[str, Any]:
        async with HttpDoor(self.url, token) as door:
            return await door.request("GET", "/api/me")

    async def lets_in(self, token: str) -> bool:
        try:
            await self.me(token)
        except Refused as refused:
            return refused.code != "unauthorized"
        return True


@pytest.fixture(scope="module")
async def house() -> AsyncIterator[House]:
    with folder() as data_dir:
        here = ("--data-dir", str(data_dir))
        async with started("serve", "--port", "0", *here) as running:
            url = await running.url()
            yield House(url, data_dir, running.said[0], await ran("seed", *here))


@dataclass(frozen=True)
class Case:
    """A call that is refused with this exit code and one sentence with these words in it."""

    args: tuple[str, ...]
    code: int
    words: str
    settings: dict[str, str] = field(default_factory=dict)
    unsaid: str = "Traceback"


PRODUCTION = {"RF_ENV": "production", "RF_JWT_SECRET": SECRET}
NOWHERE = "postgresql://somebody:hunter2@127.0.0.1:1/nowhere"
SOMEBODY = ("token", "--sub", str(uuid4()), "--account", str(uuid4()))
LOCAL = ("--user", "engineer@resolutionflow.example.com")

REFUSED = {
    "serve in production without a secret": Case(("serve",), USAGE, "RF_JWT_SECRET", {"RF_ENV": "production"}),
    "serve with a short secret": Case(("serve",), USAGE, "RF_JWT_SECRET", {"RF_JWT_SECRET": "sesame"}, "sesame"),
    "serve with no address of Redis": Case(
        ("serve",), USAGE, "RF_REDIS_URL", {"RF_REDIS_URL": "http://:hunter2@localhost"}, "hunter2"
    ),
    "serve without its database": Case(("serve", "--database-url", NOWHERE), DATABASE, "not reachable", {}, "hunter2"),
    "serve with no address of PostgreSQL": Case(
        ("serve", "--database-url", "somewhere:hunter2"), USAGE, "RF_DATABASE_URL", {}, "hunter2"
    ),
    "demo in production": Case(("demo",), USAGE, "RF_ENV=production", PRODUCTION),
    "seed in production": Case(("seed",), USAGE, "RF_ENV=production", PRODUCTION),
    "token of a user and of anyone": Case((*SOMEBODY, "--role", "viewer", "--user", "a@b.example"), USAGE, "--user"),
    "token of anyone without a role": Case(SOMEBODY, USAGE, "--role"),
    "token of a user where nothing is": Case(("token", *LOCAL), DATABASE, "--data-dir"),
    "disable where nothing is": Case(("disable", *LOCAL), DATABASE, "--data-dir"),
    "revoke where nothing is": Case(("revoke", *LOCAL), DATABASE, "--data-dir"),
    "epoch where nothing is": Case(("epoch", "--bump"), DATABASE, "--data-dir"),
}


@pytest.fixture(scope="module")
async def refused() -> dict[str, Ended]:
    """All of them, run side by side in a folder that stays as empty as it was."""
    with folder() as data_dir:

        async def run(case: Case) -> Ended:
            return await ran(*case.args, "--data-dir", str(data_dir), **case.settings)

        ended = await asyncio.gather(*(run(case) for case in REFUSED.values()))
        assert not list(data_dir.rglob("postgres"))
    return dict(zip(REFUSED, ended, strict=True))


@pytest.mark.parametrize("name", REFUSED)
def test_command_refuses_what_it_cannot_do_in_one_sentence(refused: dict[str, Ended], name: str) -> None:
    """[A2] No traceback, no secret, nothing on standard output, nothing done."""
    case, ended = REFUSED[name], refused[name]
    assert (ended.code, ended.out) == (case.code, ""), ended.err
    assert len(ended.err.splitlines()) == 1, ended.err
    assert case.words in ended.err
    assert case.unsaid not in ended.err


async def test_help_of_each_command_says_what_it_is_for() -> None:
    """[A2] And the program's own lists them all. Two as processes, the others by the same parser in this one."""
    own, serve = await asyncio.gather(ran("--help", **PLAIN), ran("serve", "--help", **PLAIN))
    assert (own.code, own.err, serve.code, serve.err) == (0, "", 0, "")
    for setting in ("RF_HOST", "RF_PORT", "RF_DATA_DIR", "RF_DATABASE_URL", "RF_ENV"):
        assert setting in serve.out
    for command in COMMANDS:
        assert command in own.out
        parsed = CliRunner().invoke(app, [command, "--help"], env=PLAIN)
        assert parsed.exit_code == 0
        assert f" {command} [OPTIONS]" in parsed.output


async def test_serve_without_a_database_address_uses_the_embedded_one_and_says_so(house: House) -> None:
    """[T3] Its secret stands in the same folder."""
    assert house.said == f"ResolutionFlow at {house.url} on an embedded PostgreSQL in {house.data_dir}\n"
    assert (house.data_dir / "postgres" / "postmaster.pid").exists()
    assert (house.data_dir / "jwt_secret").stat().st_mode & 0o077 == 0
    async with HttpDoor(house.url) as door:
        assert (await door.request("GET", "/readyz"))["status"] == "ready"


async def test_serve_on_a_taken_port_says_so(house: House) -> None:
    """[A2] In one line; and the PostgreSQL that another process uses goes on."""
    ended = await ran("serve", "--port", str(urlsplit(house.url).port), *house.here)
    assert (ended.code, ended.out) == (PORT, "")
    assert len(ended.err.splitlines()) == 1
    assert "--port" in ended.err
    async with HttpDoor(house.url) as door:
        assert (await door.request("GET", "/readyz"))["status"] == "ready"


async def test_migrate_by_two_at_once_is_done_by_one(postgres: Postgres) -> None:
    """[R3] They take turns, and the second finds it done."""
    name = f"rf_{uuid4().hex}"
    await postgres.run(f"CREATE DATABASE {name}")
    url = postgres.database(name)
    barrier, watcher = await asyncpg.connect(url), await asyncpg.connect(url)
    async with asyncio.timeout(60):
        await barrier.execute("BEGIN; CREATE TABLE alembic_version (waits_for_this_transaction text)")
        both = [asyncio.create_task(ran("migrate", "--database-url", url)) for _ in range(2)]
        while await watcher.fetchval(WAITING) < len(both):
            pass
        await barrier.execute("ROLLBACK")
        ended = await asyncio.gather(*both)
    await barrier.close()
    await watcher.close()
    await postgres.run(f"DROP DATABASE {name} WITH (FORCE)")
    assert [(one.code, one.err) for one in ended] == [(0, "")] * 2
    outs = sorted(one.out.removesuffix("\n") for one in ended)
    assert [out.rpartition(" ")[0] for out in outs] == ["The schema is at", "The schema went from nothing to"]


async def test_seed_twice_fills_once(house: House) -> None:
    """[A5]"""
    again = await ran("seed", *house.here)
    assert (house.seeded.code, house.seeded.out) == (0, "The demo accounts were filled.\n")
    assert (again.code, again.out) == (0, "The demo accounts are there already.\n")


async def test_token_is_taken_by_the_server(house: House) -> None:
    """[T3] Of a local user, and of anyone who is not known yet."""
    sub, account = str(uuid4()), str(uuid4())
    somebody = ("--sub", sub, "--account", account, "--role", "senior", "--name", "Ada", "--account-name", "Elsewhere")
    local, anyone, nobody = await asyncio.gather(
        ran("token", "--user", PEOPLE["helen"].email, *house.here),
        ran("token", *somebody, "--ttl", "60", *house.here),
        ran("token", "--user", "nobody@resolutionflow.example.com", *house.here),
    )
    assert (local.code, anyone.code, nobody.code, nobody.out) == (0, 0, NOT_FOUND, "")
    helen = demo.principal("helen")
    assert await house.me(local.out.strip()) == {
        "user": {"id": str(helen.user_id), "name": helen.name, "role": "admin"},
        "account": {"id": str(helen.account_id), "name": helen.account_name},
    }
    assert await house.me(anyone.out.strip()) == {
        "user": {"id": sub, "name": "Ada", "role": "senior"},
        "account": {"id": account, "name": "Elsewhere"},
    }
    ends = [jwt.decode(each.out.strip(), options={"verify_signature": False})["exp"] for each in (local, anyone)]
    assert 3600 - 90 < ends[0] - ends[1] + 60 < 3600 + 90


async def test_epoch_changes_when_it_is_bumped_and_only_then(
    database_url: str, sql: asyncpg.Connection[asyncpg.Record]
) -> None:
    """[R8] What is shown is what the log has."""
    there = ("--database-url", database_url)
    seen = []
    for args in ((), ("--bump",)):
        ended = await ran("epoch", *args, *there)
        assert (ended.code, ended.err) == (0, "")
        seen.append(UUID(ended.out.strip()))
        assert await sql.fetchval("SELECT epoch FROM log_epoch") == seen[-1]
    assert seen[0] != seen[1]


async def test_schema_prints_the_contracts_that_the_server_shows(house: House) -> None:
    """[A7]"""
    openapi, asyncapi = await asyncio.gather(ran("schema", "openapi"), ran("schema", "asyncapi"))
    assert (openapi.code, asyncapi.code) == (0, 0)
    assert json.loads(openapi.out)["openapi"].startswith("3.")
    assert json.loads(asyncapi.out)["asyncapi"].startswith("3.")
    async with HttpDoor(house.url) as door:
        assert await door.request("GET", "/openapi.json") == json.loads(openapi.out)
        assert await door.request("GET", "/asyncapi.json") == json.loads(asyncapi.out)


async def test_disable_ends_connections_tokens_and_sign_in(house: House) -> None:
    """[R9] Of that user alone, also of one who holds no connection; who has no access is not found again."""
    viewer, admin, engineer = (PEOPLE[key].email for key in ("daniel", "grant", "mia"))
    token, admin_token, other_token = [await house.sign_in(email) for email in (viewer, admin, engineer)]
    assert (await house.me(admin_token))["user"]["role"] == "admin"
    async with Client.connect(house.url, token) as client, Client.connect(house.url, other_token) as colleague:
        queue = await client.join_queue()
        ended = await asyncio.gather(*(ran("disable", "--user", email, *house.here) for email in (viewer, admin)))
        assert [one.code for one in ended] == [0, 0]
        async with asyncio.timeout(20):
            await client.closed.wait()
        assert queue.ended == "evicted, access_removed"
        await colleague.command("me:get", {})
        with pytest.raises(ConnectRefused, match="unauthorized"):
            await client.reconnect()
    with pytest.raises(Refused, match="unauthorized"):
        await house.sign_in(viewer)
    for gone in (token, admin_token):
        async with asyncio.timeout(20):
            while await house.lets_in(gone):
                pass
    assert await house.lets_in(other_token)
    assert (await ran("disable", "--user", viewer, *house.here)).code == NOT_FOUND


async def test_demo_reset_throws_changes_away() -> None:
    """[R8] And fills the demo accounts anew. Not while another demo runs on them."""
    session_id = str(uuid4())
    about = {"title": "Mine", "client_name": "Harbor Dental", "problem": "Anything"}
    with folder() as data_dir:
        here = ("--port", "0", "--data-dir", str(data_dir))
        async with started("demo", *here) as running, jonas_at(await running.url()) as door:
            await door.request("POST", "/api/sessions", {"session_id": session_id, **about})
            before = await sessions(door)
            refused = await ran("demo", *here, "--reset")
            assert (refused.code, refused.out) == (DATABASE, "")
            assert "is running" in refused.err
            assert await sessions(door) == before
        async with started("demo", *here, "--reset") as running, jonas_at(await running.url()) as door:
            after = await sessions(door)
    assert before - after == {session_id}
    assert after


@asynccontextmanager
async def jonas_at(url: str) -> AsyncIterator[HttpDoor]:
    who = {"email": PEOPLE["jonas"].email, "password": DEMO_PASSWORD}
    async with HttpDoor(url) as outside:
        token = (await outside.request("POST", "/api/auth/token", who))["token"]
    async with HttpDoor(url, token) as door:
        yield door


async def sessions(door: HttpDoor) -> set[str]:
    return {session["id"] for session in (await door.request("GET", "/api/sessions"))["sessions"]}
