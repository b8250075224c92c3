"""Access that is taken away, and roles that change, while people are connected."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import jwt
import pytest

from loadtest.client import Client, ConnectRefused, HttpDoor, Refused
from store import accounts
from store.db import Database
from store.models import Principal
from tests.conftest import SECRET, MakeWorld, World, hand_off
from tests.redis_server import RedisServer
from tests.rules.scenes import Sql, piled_up
from tests.server.commandline import ran

WITHIN = 2.0
"""Seconds in which every replica has to act. Part of the contract."""


HASTY = {"commands_per_second": 1e6, "commands_per_second_user": 1e6}


async def revoke(door: HttpDoor, who: Principal) -> dict[str, Any]:
    return await door.request("POST", f"/api/users/{who.user_id}/revoke", {})


async def refused(call: Any) -> str:
    with pytest.raises(Refused) as caught:
        await call
    return caught.value.code


async def test_revoked_tokens_end_on_every_replica(make_world: MakeWorld, redis: RedisServer) -> None:
    """[R9] [T6] Connections made with them are evicted and closed, both doors refuse them; newer tokens are taken."""
    async with make_world(redis_url=redis.url) as one, make_world(redis_url=redis.url, **HASTY) as other:
        who, colleague = one.person("senior"), one.person("senior")
        token = one.token(who)
        admin = await one.http(one.person("admin"))
        async with (
            Client.connect(one.url, token) as here,
            Client.connect(other.url, token) as there,
            Client.connect(other.url, one.token(colleague)) as bystander,
            HttpDoor(other.url, token) as door,
        ):
            views = [await client.join_queue() for client in (here, there)]
            answer = await revoke(admin, who)
            assert answer["user_id"] == str(who.user_id)
            async with asyncio.timeout(WITHIN):
                await asyncio.gather(here.closed.wait(), there.closed.wait())
            assert [view.ended for view in views] == ["evicted, token_revoked"] * 2
            with pytest.raises(ConnectRefused, match="unauthorized"):
                await here.reconnect()
            async with asyncio.timeout(WITHIN):
                while await refused_or_ok(door) != "unauthorized":
                    pass
            await bystander.command("me:get", {})
            await there.reconnect(one.token(who))
            await there.command("me:get", {})


async def test_rights_are_looked_up_while_the_queue_of_work_cannot_be(make_world: MakeWorld, sql: Sql) -> None:
    """[R9] As when a migration rewrites a table that has nothing to do with them."""
    async with make_world(lock_timeout=0.2, **HASTY) as world:
        who = world.person("engineer")
        victim = await world.client(who)
        async with sql.transaction():
            await sql.execute("LOCK asks IN ACCESS EXCLUSIVE MODE")
            await accounts.revoke(world.server.db, who.account_id, who.user_id)
            async with asyncio.timeout(10):
                await victim.closed.wait()


async def refused_or_ok(door: HttpDoor) -> str:
    try:
        await door.request("GET", "/api/me")
    except Refused as refusal:
        return refusal.code
    return "ok"


async def test_only_an_admin_of_the_account_revokes(world: World) -> None:
    """[A6] [A9] And what is not in the account does not exist."""
    victim = world.person("engineer")
    client = await world.client(victim)
    senior, admin = await world.http("senior"), await world.http(world.person("admin"))
    stranger = await world.http(world.person("admin", other_tenant=True))
    assert await refused(revoke(senior, victim)) == "role_required"
    assert await refused(revoke(stranger, victim)) == "not_found"
    assert await refused(revoke(admin, replace(victim, user_id=uuid4()))) == "not_found"
    assert await refused(admin.request("POST", "/api/users/nobody/revoke", {})) == "invalid_payload"
    unknown = client.command("user:revoke", {"user_id": str(victim.user_id)})
    assert await refused(unknown) == "unknown_command", "it is served over HTTP alone"
    await world.server.look()
    await client.command("me:get", {})


async def test_token_that_does_not_say_when_it_was_issued_ends_with_a_revocation(world: World) -> None:
    """[T3] [R9] It may be an old one."""
    who = world.person("engineer")
    claims = jwt.decode(world.token(who), options={"verify_signature": False})
    del claims["iat"]
    undated = jwt.encode(claims, SECRET, algorithm="HS256")
    async with Client.connect(world.url, undated) as client:
        await revoke(await world.http(world.person("admin")), who)
        async with asyncio.timeout(WITHIN):
            await client.closed.wait()
        with pytest.raises(ConnectRefused, match="unauthorized"):
            await client.reconnect()


async def test_role_of_the_newest_token_takes_effect_on_open_sockets(make_world: MakeWorld, redis: RedisServer) -> None:
    """[R9] On other replicas too, and an older token does not bring the old role back."""
    async with make_world(redis_url=redis.url) as one, make_world(redis_url=redis.url, **HASTY) as other:
        senior = one.person("senior")
        old = signed(senior, datetime.now(UTC) - timedelta(minutes=5))
        engineer = await one.client(replace(senior, user_id=uuid4(), role="engineer"))
        handoffs = [(await hand_off(engineer))["id"] for _ in range(2)]
        async with Client.connect(other.url, old) as client:
            await client.command("handoff:claim", {"handoff_id": handoffs[0], "claim_id": str(uuid4())})
            demoted = replace(senior, role="viewer")
            async with Client.connect(one.url, signed(demoted, datetime.now(UTC))) as now:
                assert now.hello.user.role == "viewer"
            async with asyncio.timeout(WITHIN):
                while (await client.command("me:get", {}))["user"]["role"] != "viewer":
                    pass
            claim = {"handoff_id": handoffs[1], "claim_id": str(uuid4())}
            assert await refused(client.command("handoff:claim", claim)) == "role_required"
            await client.reconnect()
            assert client.hello.user.role == "viewer"


def signed(who: Principal, issued_at: datetime) -> str:
    claims = {
        "sub": str(who.user_id),
        "account": str(who.account_id),
        "account_name": who.account_name,
        "name": who.name,
        "role": who.role,
        "aud": "resolutionflow",
        "iat": int(issued_at.timestamp()),
        "exp": datetime.now(UTC) + timedelta(hours=1),
    }
    return jwt.encode(claims, SECRET, algorithm="HS256")


async def test_command_line_revokes_whoever_it_names(make_world: MakeWorld, database_url: str) -> None:
    """[R9] Also users of an identity provider, who have no e-mail address here."""
    there = ("--database-url", database_url)
    async with make_world() as world:
        who = world.person("engineer")
        client = await world.client(who)
        named = ("--sub", str(who.user_id), "--account", str(who.account_id))
        done, nobody, unclear = await asyncio.gather(
            ran("revoke", *named, *there),
            ran("revoke", "--sub", str(uuid4()), "--account", str(who.account_id), *there),
            ran("revoke", "--sub", str(who.user_id), *there),
        )
        assert (done.code, nobody.code, unclear.code) == (0, 5, 2), (done.err, nobody.err, unclear.err)
        async with asyncio.timeout(WITHIN):
            await client.closed.wait()


async def test_role_is_that_of_the_token_issued_last(db: Database) -> None:
    """[R9] Whatever was shown before it, and however often; tokens that do not say when they were issued change nothing
    of what is remembered."""
    who = Principal(uuid4(), "Acme MSP", uuid4(), "Uma", "engineer")
    first, second, third = (datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3))
    as_admin = replace(who, role="admin")
    assert await accounts.provision(db, who, first) == who
    assert await accounts.provision(db, who, third) == who
    assert await accounts.provision(db, as_admin, second) == who
    undated = replace(who, role="viewer")
    assert await accounts.provision(db, undated) == undated
    assert await accounts.provision(db, as_admin, second) == undated
    assert await accounts.provision(db, who, third) == who


async def test_older_token_does_not_overtake_a_newer_one(db: Database, sql: asyncpg.Connection[asyncpg.Record]) -> None:
    """[R9] Both look before either writes."""
    who = Principal(uuid4(), "Acme MSP", uuid4(), "Uma", "viewer")
    await accounts.provision(db, who, datetime(2026, 1, 1, tzinfo=UTC))
    older = replace(who, role="admin"), datetime(2026, 1, 2, tzinfo=UTC)
    newer = replace(who, role="engineer"), datetime(2026, 1, 3, tzinfo=UTC)
    await sql.execute("BEGIN; UPDATE users SET name = name")
    writing = [asyncio.create_task(accounts.provision(db, *token)) for token in (newer, older)]
    await piled_up(sql, 2)
    await sql.execute("ROLLBACK")
    await asyncio.gather(*writing)
    assert await sql.fetchval("SELECT role FROM users") == "engineer"
