"""Limits: what is told in `hello`, and what happens beyond it."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from loadtest.client import Client, ConnectRefused, Refused
from tests.conftest import MakeWorld, open_session
from tests.redis_server import RedisServer
from tests.rules.wire import Wire, connected, event

KIB = 1024


def note(session_id: str, body: str = "B") -> dict[str, Any]:
    return {"session_id": session_id, "message_id": str(uuid4()), "kind": "note", "body": body}


def padded(session_id: str, size: int, letter: str = "x") -> str:
    """A `message:post` whose packet has so many bytes, without the digit that is Engine.IO's."""
    payload = note(session_id, "")
    empty = json.dumps(["message:post", payload], ensure_ascii=False)
    payload["body"] = letter * ((size - len(f"21{empty}")) // len(letter.encode()))
    packet = f"421{json.dumps(['message:post', payload], ensure_ascii=False)}"
    return packet + " " * (size + 1 - len(packet.encode()))


async def answer_to(wire: Wire, packet: str) -> dict[str, Any]:
    await wire.send(packet)
    ack = await wire.read()
    assert ack is not None
    assert ack.id == 1
    answer: dict[str, Any] = ack.data
    return answer


async def test_hello_tells_the_limits_that_hold(make_world: MakeWorld) -> None:
    """[L1]"""
    limits = {
        "payload_bytes": 2048,
        "commands_per_second": 7.0,
        "commands_per_second_user": 9.0,
        "commands_per_second_account": 11.0,
        "connections_per_user": 3,
        "rooms_per_connection": 4,
        "outbound_bytes": 65536,
    }
    async with make_world(**limits) as world:
        assert (await world.client("viewer")).hello.limits == limits


@pytest.mark.parametrize("letter", ["x", "é", "🙂"])
async def test_command_larger_than_the_payload_limit_is_refused(make_world: MakeWorld, letter: str) -> None:
    """[L1] In bytes and to the byte; the connection goes on."""
    async with make_world(payload_bytes=2 * KIB, frame_bytes=16 * KIB) as world:
        client = await world.client("engineer")
        session_id = await open_session(client)
        view = await client.join_session(session_id)
        async with connected(world.url, world.token(world.person("engineer"))) as wire:
            assert (await answer_to(wire, padded(session_id, 2 * KIB, letter)))["ok"]
            for size in (2 * KIB + 1, 16 * KIB - 2):
                error = (await answer_to(wire, padded(session_id, size, letter)))["error"]
                assert (error["code"], error["status"], error["retryable"]) == ("too_large", 413, False)
                assert error["details"] == {"limit": 2 * KIB}
            assert (await answer_to(wire, padded(session_id, 2 * KIB, letter)))["ok"]
        await view.until_seq(3)
        assert view.seq == 3


async def test_frame_larger_than_any_ends_the_connection(make_world: MakeWorld) -> None:
    """[L1] That one alone."""
    async with make_world(payload_bytes=2 * KIB, frame_bytes=16 * KIB) as world:
        client = await world.client("engineer")
        session_id = await open_session(client)
        view = await client.join_session(session_id)
        async with connected(world.url, world.token(world.person("engineer"))) as wire:
            await wire.send(padded(session_id, 16 * KIB + 1))
            assert await wire.rest() == []
        await client.command("message:post", note(session_id))
        assert (await view.next()).seq == 2


async def test_http_body_larger_than_the_payload_limit_is_refused(make_world: MakeWorld) -> None:
    """[L1] [A7]"""
    async with make_world(payload_bytes=2 * KIB) as world:
        door = await world.http("engineer")
        session = {"session_id": str(uuid4()), "title": "T", "client_name": "C", "problem": "P" * 3 * KIB}
        with pytest.raises(Refused) as refused:
            await door.request("POST", "/api/sessions", session)
        assert (refused.value.code, refused.value.status) == ("too_large", 413)


async def test_commands_beyond_the_connection_s_rate_are_refused(make_world: MakeWorld) -> None:
    """[L1] Each with when to try again; none of them took effect; another's connection goes on."""
    async with make_world(commands_per_second=2) as world:
        other = await world.client("engineer")
        session_id = await open_session(other)
        view = await other.join_session(session_id)
        async with connected(world.url, world.token(world.person("engineer"))) as wire:
            for number in range(30):
                await wire.send(event("message:post", note(session_id, str(number)), number))
            packets = [await wire.read() for _ in range(30)]
            assert [packet.id for packet in packets if packet] == list(range(30))
            refused = [packet.data["error"] for packet in packets if packet and not packet.data["ok"]]
            assert 0 < len(refused) <= 26  # four at once, and whatever time made of the rest
            for error in refused:
                assert (error["code"], error["status"], error["retryable"]) == ("rate_limited", 429, True)
                assert error["details"].keys() == {"retry_after_ms"}
                assert 0 < error["details"]["retry_after_ms"] <= 501
            assert (await other.command("me:get", {}))["user"]
            await asyncio.sleep(refused[-1]["details"]["retry_after_ms"] / 1000)
            assert (await wire.call("message:post", note(session_id, "again")))["ok"]
        await view.wait_for(lambda e: e.data["message"]["body"] == "again")
        applied = [str(packet.id) for packet in packets if packet and packet.data["ok"]]
        assert [e.data["message"]["body"] for e in view.events] == [*applied, "again"]


async def test_commands_beyond_the_user_s_rate_are_refused_on_all_connections(make_world: MakeWorld) -> None:
    """[L1] The user's, not the account's."""
    async with make_world(commands_per_second_user=1) as world:
        who = world.person("engineer")
        clients = [await world.client(who) for _ in range(10)]
        colleague = await world.client("engineer")
        answers = await asyncio.gather(*(client.command("me:get", {}) for client in clients), return_exceptions=True)
        refused = [answer for answer in answers if isinstance(answer, Refused)]
        assert {refusal.code for refusal in refused} == {"rate_limited"}
        assert all(refusal.retryable and refusal.details["retry_after_ms"] > 0 for refusal in refused)
        assert await colleague.command("me:get", {})


async def test_commands_beyond_the_account_s_rate_are_refused_to_all_its_users(make_world: MakeWorld) -> None:
    """[L1] The account's, not another's."""
    async with make_world(commands_per_second_account=1) as world:
        clients = [await world.client("engineer") for _ in range(10)]
        stranger = await world.client(world.person("engineer", other_tenant=True))
        answers = await asyncio.gather(*(client.command("me:get", {}) for client in clients), return_exceptions=True)
        assert {answer.code for answer in answers if isinstance(answer, Refused)} == {"rate_limited"}
        assert await stranger.command("me:get", {})


@pytest.mark.parametrize("kind", ["user", "account"])
async def test_rate_holds_over_all_replicas(make_world: MakeWorld, redis: RedisServer, kind: str) -> None:
    """[L1] What passed at one replica is counted at the others a moment later."""
    limits: dict[str, Any] = {"redis_url": redis.url, f"commands_per_second_{kind}": 0.01}
    async with make_world(**limits) as one, make_world(**limits) as other:
        who = one.person("engineer")
        second = who if kind == "user" else replace(who, user_id=uuid4())
        here, there = await one.client(who), await other.client(second)
        await here.command("me:get", {})
        bucket = other.server.gateway._pace._buckets[kind][who.account_id, who.user_id if kind == "user" else None]
        async with asyncio.timeout(10):
            while bucket._level == bucket._full:  # noqa: ASYNC110  # nobody is told of it
                await asyncio.sleep(0.01)
        with pytest.raises(Refused, match="rate_limited"):
            await there.command("me:get", {})
        assert await (await other.client(other.person("engineer"))).command("me:get", {})


async def test_http_beyond_the_user_s_rate_says_when_to_try_again(make_world: MakeWorld) -> None:
    """[L1] [A7]"""
    async with make_world(commands_per_second_user=1) as world, aiohttp.ClientSession() as http:
        headers = {"Authorization": f"Bearer {world.token(world.person('engineer'))}"}
        answers = []
        for _ in range(10):
            async with http.get(f"{world.url}/api/me", headers=headers) as answer:
                answers.append((answer.status, answer.headers.get("Retry-After")))
        assert (200, None) in answers
        assert (429, "1") in answers
        assert set(answers) == {(200, None), (429, "1")}


async def test_connection_is_in_no_more_rooms_than_the_limit(make_world: MakeWorld) -> None:
    """[L1] A room it is in already it may join again, and one that it left makes place."""
    async with make_world(rooms_per_connection=3) as world:
        client = await world.client("engineer")
        rooms = [{"session_id": await open_session(client)} for _ in range(3)]
        await client.command("queue:join", {})
        for room in rooms[:2]:
            await client.command("session:join", room)
        with pytest.raises(Refused) as refused:
            await client.command("session:join", rooms[2])
        assert (refused.value.code, refused.value.details) == ("too_large", {"limit": 3})
        await client.command("session:join", rooms[0])
        await client.command("queue:leave", {})
        await client.command("session:join", rooms[2])
        with pytest.raises(Refused):
            await client.command("queue:join", {})
        other = await world.client("engineer")
        await other.command("queue:join", {})


async def test_user_has_no_more_connections_than_the_limit(make_world: MakeWorld) -> None:
    """[L1] [T4] One that ended makes place; refused ones take none; others have their own."""
    async with make_world(connections_per_user=2) as world, AsyncExitStack() as stack:
        who = world.person("engineer")
        token = world.token(who)
        first = await stack.enter_async_context(Client.connect(world.url, token))
        await stack.enter_async_context(Client.connect(world.url, token))
        for _ in range(3):
            with pytest.raises(ConnectRefused) as refused:
                await world.client(who)
            assert (refused.value.code, refused.value.status) == ("overloaded", 503)
        await world.client("engineer")
        await first.reconnect()
        with pytest.raises(ConnectRefused):
            await world.client(who)


async def sign_in(url: str, http: aiohttp.ClientSession, forwarded_for: str) -> int:
    body = {"email": f"{uuid4()}@resolutionflow.example.com", "password": "wrong"}
    headers = {"X-Forwarded-For": forwarded_for}
    async with http.post(f"{url}/api/auth/token", json=body, headers=headers) as answer:
        return answer.status


async def test_address_of_a_client_is_what_a_trusted_proxy_says(make_world: MakeWorld) -> None:
    """[L1] Sign-ins are counted by address. What stands before the proxy's own word is the client's: not believed."""
    limits: dict[str, Any] = {"sign_ins_per_minute_address": 2, "trusted_proxies": "10.0.0.0/8, 127.0.0.1"}
    async with make_world(**limits) as world, aiohttp.ClientSession() as http:
        told = ["198.51.100.1", "203.0.113.7, 198.51.100.1", "198.51.100.1", "198.51.100.2", "no address"]
        assert [await sign_in(world.url, http, address) for address in told] == [401, 401, 429, 401, 401]


async def test_address_that_anyone_else_tells_is_not_believed(make_world: MakeWorld) -> None:
    """[L1]"""
    limits: dict[str, Any] = {"sign_ins_per_minute_address": 2, "trusted_proxies": "10.0.0.0/8"}
    async with make_world(**limits) as world, aiohttp.ClientSession() as http:
        told = [f"198.51.100.{number}" for number in range(3)]
        assert [await sign_in(world.url, http, address) for address in told] == [401, 401, 429]
