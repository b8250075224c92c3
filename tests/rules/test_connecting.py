"""CONNECT: who gets in by which token, what stays outside, and how long a connection lasts."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from loadtest.client import Refused
from server.config import Settings
from tests.conftest import SECRET, MakeWorld, World
from tests.rules.wire import DISCONNECT, Packet, connected, dial, event

OTHER_SECRET = "another secret of the tests, as long as the first"


def claims(**changed: Any) -> dict[str, Any]:
    """Those of a good token; one given as None is left out."""
    whole = {
        "sub": str(uuid4()),
        "account": str(uuid4()),
        "account_name": "Acme MSP",
        "name": "Uma",
        "role": "engineer",
        "aud": "resolutionflow",
        "exp": datetime.now(UTC) + timedelta(hours=1),
    }
    return {name: value for name, value in (whole | changed).items() if value is not None}


def signed(key: Any = SECRET, algorithm: str = "HS256", kid: str | None = None, **changed: Any) -> str:
    return jwt.encode(claims(**changed), key, algorithm=algorithm, headers=None if kid is None else {"kid": kid})


def forged(key: bytes, digest: str = "sha256", **header: str) -> str:
    """Signed with HMAC as no library would: under any bytes, by any name."""
    body = claims(exp=int(datetime.now(UTC).timestamp()) + 3600)
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, body)]
    signature = hmac.new(key, b".".join(parts), digest).digest()
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


async def refusal(world: World, token: object) -> tuple[str, int]:
    """Code and status of the refusal of a CONNECT."""
    async with dial(world.url) as wire:
        body = await wire.refused({"token": token})
    assert body.keys() == {"message", "data"}
    assert body["data"].keys() == {"code", "status"}
    assert isinstance(body["message"], str)
    return body["data"]["code"], body["data"]["status"]


async def test_socket_that_does_not_connect_in_time_is_closed(make_world: MakeWorld) -> None:
    """[T3]"""
    async with make_world(connect_timeout=0.1) as world, dial(world.url) as silent:
        assert await silent.rest() == []


async def test_socket_that_connected_in_time_stays(make_world: MakeWorld) -> None:
    """[T3] It outlives another whose time is up."""
    async with (
        make_world(connect_timeout=1.0) as world,
        connected(world.url, world.token(world.person("engineer"))) as wire,
        dial(world.url) as silent,
    ):
        assert await silent.rest() == []
        assert (await wire.call("me:get", {}))["ok"]


async def test_nothing_is_accepted_before_connect(world: World) -> None:
    """[T3] The connection ends unanswered."""
    command = event("session:list", {}, 1)
    for packet in (
        command,
        event("session:list", {}),
        event("connect", {"token": world.token(world.person("engineer"))}, 1),
        "41",
        "431[{}]",
        "42not json",
        "451-[]",
        "4",
        "bAAAA",
    ):
        async with dial(world.url) as wire:
            await wire.send(packet)
            assert await wire.rest() == [], packet
    async with dial(world.url) as wire:
        await wire.send("3probe")  # a pong, which is no more than that
        await wire.send(command)
        assert await wire.rest() == []


async def test_command_sent_on_the_heels_of_a_refused_connect_is_not_applied(
    world: World, sql: asyncpg.Connection[asyncpg.Record]
) -> None:
    """[T3]"""
    session = {"session_id": str(uuid4()), "title": "T", "client_name": "C", "problem": "P"}
    async with dial(world.url) as wire:
        await wire.send('40{"token":"nonsense"}')
        await wire.send("40" + json.dumps({"token": signed()}))
        await wire.send(event("session:create", session, 1))
        assert [packet.kind for packet in await wire.rest()] == ["4"]
    assert await sql.fetchval("SELECT count(*) FROM sessions") == 0


async def test_second_connect_and_other_namespaces_end_the_connection(world: World) -> None:
    """[T1] [T3]"""
    token = world.token(world.person("engineer"))
    async with connected(world.url, token) as wire:
        await wire.send("40" + json.dumps({"token": token}))
        assert await wire.rest() == []
    async with dial(world.url) as wire:
        await wire.send("40/admin," + json.dumps({"token": token}))
        (packet,) = await wire.rest()
        assert packet.kind == "4"
    async with connected(world.url, token) as wire:
        await wire.send('42/admin,1["session:list",{}]')
        assert await wire.rest() == []


async def test_users_and_accounts_are_provisioned_on_first_sight(
    world: World, sql: asyncpg.Connection[asyncpg.Record]
) -> None:
    """[T3] A later token brings name and role up to date."""
    account, user = str(uuid4()), str(uuid4())
    same = {"account": account, "sub": user}
    people = "SELECT a.name AS account, u.name, u.role FROM users u JOIN accounts a ON a.id = u.account_id"
    for name, role, account_name in (("Uma", "engineer", "Acme"), ("Uma Ode", "senior", "Acme Ltd")):
        token = signed(**same, name=name, role=role, account_name=account_name)
        async with dial(world.url) as wire:
            hello = await wire.connect(token)
        assert hello["user"] == {"id": user, "name": name, "role": role}
        assert hello["account"] == {"id": account, "name": account_name}
        rows = await sql.fetch(people)
        assert [tuple(row) for row in rows] == [(account_name, name, role)]


def _without(name: str) -> str:
    return jwt.encode(claims(**{name: None}), SECRET, algorithm="HS256")


BAD: dict[str, Callable[[], object]] = {
    "nothing": lambda: None,
    "a number": lambda: 1,
    "an object": dict,
    "no text": lambda: "",
    "no token": lambda: "nonsense",
    "dots": lambda: "..",
    "no ASCII": lambda: "\u2028.\u2028.\u2028",
    "too long": lambda: "x" * 10_000,
    "other secret": lambda: signed(OTHER_SECRET),
    "not signed": lambda: signed(None, "none"),
    "not signed, by other name": lambda: forged(b"", alg="nOnE"),
    "cut": lambda: signed()[:-4],
    "signature of another": lambda: signed().rpartition(".")[0] + "." + signed().rpartition(".")[2],
    "other audience": lambda: signed(aud="another"),
    **{f"without {name}": partial(_without, name) for name in claims()},
    "unknown role": lambda: signed(role="owner"),
    "empty name": lambda: signed(name=""),
    "name with U+0000": lambda: signed(name="a\x00b"),
    "endless name": lambda: signed(name="x" * 201),
    "user that is no uuid": lambda: signed(sub="uma"),
    "account that is no uuid": lambda: signed(account="acme"),
    "expiry in words": lambda: signed(exp="tomorrow"),
    "not yet valid": lambda: signed(nbf=datetime.now(UTC) + timedelta(hours=1)),
}


async def test_connect_without_a_good_token_is_unauthorized(
    world: World, sql: asyncpg.Connection[asyncpg.Record]
) -> None:
    """[T3] [T4] Nobody is provisioned by one."""
    for name, token in BAD.items():
        assert await refusal(world, token()) == ("unauthorized", 401), name
    others: list[object] = [None, [], "token", {}, {"Token": signed()}]
    for auth in others:
        async with dial(world.url) as wire:
            assert (await wire.refused(auth))["data"]["code"] == "unauthorized", auth
    assert await sql.fetchval("SELECT count(*) FROM users") == 0


async def test_connect_by_another_algorithm_of_the_same_secret_is_unauthorized(make_world: MakeWorld) -> None:
    """[T3] HS256 and no other, though the secret is long enough for them."""
    secret = SECRET * 2
    async with make_world(jwt_secret=secret) as world:
        for name, digest in (("HS384", "sha384"), ("HS512", "sha512")):
            assert await refusal(world, forged(secret.encode(), digest, alg=name, typ="JWT")) == ("unauthorized", 401)
        async with dial(world.url) as wire:
            await wire.connect(forged(secret.encode(), "sha256", alg="HS256", typ="JWT"))


async def test_connect_with_an_expired_token_is_refused_as_such(world: World) -> None:
    """[T4]"""
    assert await refusal(world, signed(exp=datetime.now(UTC) - timedelta(seconds=1))) == ("token_expired", 401)
    stale = signed(OTHER_SECRET, exp=datetime.now(UTC) - timedelta(seconds=1))
    assert await refusal(world, stale) == ("unauthorized", 401)


@asynccontextmanager
async def identity_provider(keys: dict[str, Any]) -> AsyncIterator[str]:
    """Publishes public keys; the address of the set."""
    published = []
    for kid, key in keys.items():
        rsa_or_ec = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
        published.append(rsa_or_ec.to_jwk(key.public_key(), as_dict=True) | {"kid": kid, "use": "sig"})
    app = web.Application()

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"keys": published})

    app.router.add_get("/keys", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/keys"
    finally:
        await runner.cleanup()


async def test_keys_of_an_identity_provider_admit_and_only_they(make_world: MakeWorld) -> None:
    """[T3] RS256 and ES256, each under the key that its `kid` names; a public key is no secret."""
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    ec_key = ec.generate_private_key(ec.SECP256R1())
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = rsa_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    async with identity_provider({"r": rsa_key, "e": ec_key}) as address, make_world(jwt_jwks_url=address) as world:
        for token in (signed(rsa_key, "RS256", "r"), signed(ec_key, "ES256", "e")):
            async with dial(world.url) as wire:
                assert (await wire.connect(token))["user"]["name"] == "Uma"
        bad = {
            "HS256 under the secret": signed(),
            "HS256 under the public key": forged(pem, alg="HS256", typ="JWT", kid="r"),
            "HS256 under the public key, without the last line end": forged(pem.strip(), alg="HS256", kid="r"),
            "not signed": signed(None, "none", "r"),
            "another's key": signed(stranger, "RS256", "r"),
            "no kid": signed(rsa_key, "RS256"),
            "unknown kid": signed(rsa_key, "RS256", "x"),
            "the other's kid": signed(ec_key, "ES256", "r"),
            "RS512": signed(rsa_key, "RS512", "r"),
            "PS256": signed(rsa_key, "PS256", "r"),
        }
        for name, token in bad.items():
            assert await refusal(world, token) == ("unauthorized", 401), name
        expired = signed(rsa_key, "RS256", "r", exp=datetime.now(UTC) - timedelta(seconds=1))
        assert await refusal(world, expired) == ("token_expired", 401)


async def test_connect_without_the_provider_s_keys_is_unavailable(make_world: MakeWorld, unused_tcp_port: int) -> None:
    """[T4] It is not the token's fault."""
    key = ec.generate_private_key(ec.SECP256R1())
    async with make_world(jwt_jwks_url=f"http://127.0.0.1:{unused_tcp_port}/keys") as world:
        assert await refusal(world, signed(key, "ES256", "e")) == ("unavailable", 503)


async def test_connect_while_the_database_is_stuck_is_unavailable(
    make_world: MakeWorld, sql: asyncpg.Connection[asyncpg.Record]
) -> None:
    """[T4]"""
    async with make_world(lock_timeout=0.1) as world:
        async with sql.transaction():
            await sql.execute("LOCK users")
            assert await refusal(world, signed()) == ("unavailable", 503)
        async with dial(world.url) as wire:
            await wire.connect(signed())


async def test_connect_beyond_what_the_process_takes_is_overloaded(make_world: MakeWorld) -> None:
    """[T4]"""
    async with make_world(connections=2) as world:
        async with connected(world.url, signed()), connected(world.url, signed()):
            assert await refusal(world, signed()) == ("overloaded", 503)
        async with connected(world.url, signed()):
            pass


async def test_hello_is_the_first_signal_and_has_the_contract_s_form(
    make_world: MakeWorld, sql: asyncpg.Connection[asyncpg.Record]
) -> None:
    """[T5] [L1]"""
    settings = Settings()
    async with make_world(replica="blue-1", token_ttl=3600) as world:
        who = world.person("senior", "Sam")
        token, expires_at = world.server.tokens.issue(who)
        async with dial(world.url) as wire:
            before = await sql.fetchval("SELECT clock_timestamp()")
            hello = await wire.connect(token)
            after = await sql.fetchval("SELECT clock_timestamp()")
    times = {name: datetime.fromisoformat(hello.pop(name)) for name in ("server_time", "token_expires_at")}
    assert times["token_expires_at"] == expires_at
    assert before <= times["server_time"] <= after
    assert hello == {
        "protocol": 1,
        "user": {"id": str(who.user_id), "name": "Sam", "role": "senior"},
        "account": {"id": str(who.account_id), "name": who.account_name},
        "replica": "blue-1",
        "limits": {
            "payload_bytes": 64 * 1024,
            "commands_per_second": settings.commands_per_second,
            "commands_per_second_user": settings.commands_per_second_user,
            "commands_per_second_account": settings.commands_per_second_account,
            "connections_per_user": settings.connections_per_user,
            "rooms_per_connection": settings.rooms_per_connection,
            "outbound_bytes": 1024 * 1024,
        },
    }


def soon() -> datetime:
    """The end of a token that is about to expire: expiry is told in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3)


async def test_expired_token_ends_the_connection_after_its_grace(make_world: MakeWorld) -> None:
    """[T6] `auth:expired`, then the end."""
    async with make_world(token_grace=0) as world, connected(world.url, signed(exp=soon())) as wire:
        told = await wire.rest()
        assert told == [Packet("2", {}, name="auth:expired"), Packet(DISCONNECT, None)]


async def test_expired_token_leaves_the_grace(make_world: MakeWorld) -> None:
    """[T6] A connection past its `exp` still answers, and a renewal keeps it."""
    me = {"sub": str(uuid4()), "account": str(uuid4())}
    async with make_world(token_grace=600) as world, make_world(token_grace=0) as strict:
        exp = soon()
        old = signed(**me, exp=exp)
        async with connected(world.url, old) as wire, connected(strict.url, signed(exp=exp)) as clock:
            assert (await clock.rest())[0].name == "auth:expired"
            assert (await wire.call("me:get", {}))["ok"]
            assert (await wire.call("auth:renew", {"token": old}))["error"]["code"] == "token_expired"
            assert (await wire.call("auth:renew", {"token": signed(**me)}))["ok"]


async def test_renewal_extends_the_connection(make_world: MakeWorld) -> None:
    """[T6] It outlives another of the same first expiry, and is answered with the new one."""
    async with make_world(token_grace=0) as world:
        me, exp, later = {"sub": str(uuid4()), "account": str(uuid4())}, soon(), soon() + timedelta(hours=1)
        async with connected(world.url, signed(**me, exp=exp)) as wire, connected(world.url, signed(exp=exp)) as other:
            answer = await wire.call("auth:renew", {"token": signed(**me, exp=later)})
            assert answer["data"].keys() == {"token_expires_at"}
            assert datetime.fromisoformat(answer["data"]["token_expires_at"]) == later
            assert (await other.rest())[0].name == "auth:expired"
            assert (await wire.call("me:get", {}))["ok"]


async def test_renewal_brings_name_and_role_up_to_date(world: World) -> None:
    """[T6]"""
    who = world.person("viewer", "Vera")
    client = await world.client(who)
    session = {"session_id": str(uuid4()), "title": "T", "client_name": "C", "problem": "P"}
    with pytest.raises(Refused) as refused:
        await client.command("session:create", session)
    assert refused.value.code == "role_required"
    await client.command("auth:renew", {"token": world.token(replace(who, role="engineer"))})
    assert (await client.command("me:get", {}))["user"]["role"] == "engineer"
    await client.command("session:create", session)


async def test_renewal_by_another_s_token_is_refused(make_world: MakeWorld) -> None:
    """[T6] Also by one's own of another account; the connection stays what it was."""
    async with make_world(token_grace=0) as world:
        user, account, exp = str(uuid4()), str(uuid4()), soon()
        async with connected(world.url, signed(sub=user, account=account, exp=exp)) as wire:
            others = {
                "another user's": (signed(account=account), "unauthorized"),
                "another account's": (signed(sub=user), "unauthorized"),
                "a stranger's": (signed(), "unauthorized"),
                "a forged one": (signed(OTHER_SECRET, sub=user, account=account), "unauthorized"),
                "an expired one": (signed(sub=user, account=account, exp=exp - timedelta(hours=1)), "token_expired"),
            }
            for name, (token, code) in others.items():
                answer = await wire.call("auth:renew", {"token": token})
                assert answer["error"]["code"] == code, name
            assert UUID((await wire.call("me:get", {}))["data"]["user"]["id"]) == UUID(user)
            assert (await wire.rest())[0].name == "auth:expired"
