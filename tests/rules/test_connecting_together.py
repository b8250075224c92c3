"""Many CONNECTs at once: they are looked up together, and each as if it had come alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg

from loadtest.client import Client
from store import accounts
from store.accounts import Reception
from store.db import Database
from store.models import Principal, Role
from tests.conftest import MakeWorld, World
from tests.rules.test_connecting import refusal, signed
from tests.rules.wire import connected, dial

Shown = tuple[Principal, datetime | None]
"""Whom a token names, and when it was issued."""
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)

STANDING = "SELECT name, role, role_as_of FROM users ORDER BY id"


async def one_by_one(db: Database, shown: Sequence[Shown]) -> list[Principal | None]:
    return [await accounts.provision(db, who, issued_at) for who, issued_at in shown]


async def together(db: Database, shown: Sequence[Shown]) -> list[Principal | None]:
    reception = Reception(db)
    return await asyncio.gather(*(reception.provision(who, issued_at) for who, issued_at in shown))


def variant(kind: int, who: Principal) -> Shown:
    match kind:
        case 1:
            return replace(who, name="Renamed"), NOON
        case 2:
            return replace(who, role="admin"), NOON + AN_HOUR
        case 3:
            return replace(who, role="admin"), NOON - AN_HOUR
        case 4:
            return who, NOON + AN_HOUR
        case 5:
            return who, None
    return who, NOON


async def test_each_of_many_is_admitted_as_if_alone(db: Database, sql: asyncpg.Connection[asyncpg.Record]) -> None:
    """[T3] [R9] The new, the known, the renamed, those in another role, with an older token, disabled and revoked."""
    account = uuid4()
    people = [Principal(account, "Acme MSP", uuid4(), f"Engineer {n}", "engineer") for n in range(160)]
    here = people[:80]
    await one_by_one(db, [(who, NOON) for who in here])
    await sql.execute("UPDATE users SET disabled_at = now() WHERE id = ANY($1)", [who.user_id for who in here[:5]])
    await sql.execute("UPDATE users SET revoked_at = $2 WHERE id = ANY($1)", [who.user_id for who in here[5:15]], NOON)
    shown = [variant(number % 8, who) for number, who in enumerate(people)]
    await sql.execute("CREATE TABLE before AS TABLE users")
    admitted = await together(db, shown)
    standing = await sql.fetch(STANDING)
    await sql.execute("TRUNCATE users CASCADE; INSERT INTO users TABLE before; DROP TABLE before")
    assert admitted == await one_by_one(db, shown)
    assert standing == await sql.fetch(STANDING)
    assert [who for who in admitted[:5] if who is not None] == []
    assert None not in admitted[80:]


async def test_tokens_of_one_user_at_once_leave_the_newest_role(
    db: Database, sql: asyncpg.Connection[asyncpg.Record]
) -> None:
    """[R9] Whatever order they come in."""
    who = Principal(uuid4(), "Acme MSP", uuid4(), "Uma", "engineer")
    roles: tuple[Role, ...] = ("viewer", "engineer", "senior", "admin")
    for attempt in range(4):
        at = NOON + attempt * 24 * AN_HOUR
        shown: list[Shown] = [(replace(who, role=role), at + n * AN_HOUR) for n, role in enumerate(roles)]
        admitted = await together(db, shown[attempt:] + shown[:attempt])
        assert None not in admitted
        assert await sql.fetchval("SELECT role FROM users") == "admin"
    assert await together(db, [(who, NOON)] * 50) == [replace(who, role="admin")] * 50


async def test_crowd_of_newcomers_is_let_in_while_others_work(make_world: MakeWorld) -> None:
    """[T3] [T5] Two hundred at once, of three accounts, each once; a bad token among them is refused."""
    async with make_world() as world, connected(world.url, world.token(world.person("senior"))) as inside:
        accounts_of = [str(uuid4()) for _ in range(3)]

        async def come(number: int) -> str:
            user = str(uuid4())
            token = signed(sub=user, account=accounts_of[number % 3], name=f"N {number}")
            if number % 10 == 9:
                assert await refusal(world, token[:-2]) == ("unauthorized", 401)
                return user
            async with dial(world.url) as wire:
                hello = await wire.connect(token)
                assert (hello["user"]["id"], hello["user"]["name"]) == (user, f"N {number}")
                assert (await wire.call("me:get", {}))["data"]["user"]["id"] == user
            return user

        coming = asyncio.gather(*(come(number) for number in range(200)))
        while not coming.done():
            assert (await inside.call("me:get", {}))["ok"]
        assert len(set(await coming)) == 200


async def test_token_that_was_accepted_before_is_refused_once_it_expired_or_was_revoked(world: World) -> None:
    """[T4] [T6] [R9] What is remembered of a token ends with it."""
    exp = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    token = signed(exp=exp)
    async with connected(world.url, token), connected(world.url, token):
        pass
    async with asyncio.timeout(10):
        while await admitted(world, token):
            pass
    assert datetime.now(UTC) >= exp
    assert await refusal(world, token) == ("token_expired", 401)
    who = world.person("engineer")
    other = world.token(who)
    async with Client.connect(world.url, other):
        await accounts.revoke(world.server.db, who.account_id, who.user_id)
    assert await refusal(world, other) == ("unauthorized", 401), "at once"


async def admitted(world: World, token: str) -> bool:
    async with dial(world.url) as wire:
        await wire.send('40{"token":"' + token + '"}')
        packet = await wire.read()
        assert packet is not None
        return packet.kind == "0"
