"""What the server says is what the models say: nothing less, nothing more, nothing else."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from uuid import UUID

import aiohttp
import pytest

from handlers import COMMANDS
from handlers.events import EVENTS
from handlers.signals import SIGNALS, ConnectRefused
from handlers.views import SignedIn
from loadtest.client import Client, HttpDoor
from server.auth import hash_password
from server.contracts import Health, Readiness
from store import enrichment
from store.accounts import save_local_user
from tests.conftest import MakeWorld, World
from tests.rules.checked import Actor, Cast, Sql, check, claim_of, handoff_of, new, session_of
from tests.rules.scenes import age


async def test_every_answer_and_event_is_as_its_model_says(world: World, sql: Sql) -> None:
    """[A8] A whole story: every command answered, every type of event heard; over HTTP the same answers again."""
    act = Cast(world)
    engineer, senior = await act("engineer", "Eve"), await act("senior", "Sam")
    other, admin = await act("senior", "Ola"), await act("admin", "Ada")
    queue = await senior.client.join_queue()
    await engineer.does("me:get")
    session = await session_of(engineer)
    room = await senior.client.join_session(session)
    assert (await engineer.does("session:join", session_id=session))["recovered"] is False
    await engineer.does("typing", session_id=session, typing=True)
    await engineer.does("presence:set", state="away", handoff_id=None)
    await engineer.client.signal("presence")
    await work_in(engineer, session)
    handoff = await handoff_of(engineer, session, note="Tried a reboot: no change.")
    await senior.does("handoff:get", handoff_id=handoff)
    for context in ("escalation", "client", "internal"):
        await engineer.does("session:status_update", session_id=session, context=context)
    await own(senior, other, handoff)
    await neglected(world, senior, session, await handoff_of(engineer, session), sql)
    await end_others(engineer, other, sql)
    await engineer.does("session:close", session_id=session, resolution="Replaced the driver")
    await admin.does("session:list", limit=2, status="open", mine=False)
    await admin.does("queue:get")
    await read_the_figures(admin, engineer)
    await read_the_log(admin, session, room.epoch)
    await admin.does("auth:renew", token=world.token(admin.who))
    await room.until_seq(await head(sql, f"session:{session}"))
    await queue.until_seq(await head(sql, f"escalations:{world.account_id}"))
    assert act.seen.commands == set(COMMANDS)
    # Nobody can be in the room of a session that is only being created: its first event is read from the log.
    assert act.seen.check_heard() == {*EVENTS, "typing", "presence"} - {"session:created"}


async def work_in(actor: Actor, session: str) -> None:
    for kind in ("note", "assistant", "client", "system"):
        body = "Reinstalled the driver, the test page came out.\nThe spooler uses 4 GB."
        asks = kind == "note"
        await actor.does("message:post", session_id=session, message_id=new(), kind=kind, body=body, ask=asks)
    newest = await actor.does("session:history", session_id=session, limit=3)
    assert newest["next"] is not None
    assert (await actor.does("session:history", session_id=session, before=newest["next"]))["next"] is None
    task = new()
    await actor.does("task:add", session_id=session, task_id=task, title="Clear the queue", detail="On the server")
    await actor.does("task:add", session_id=session, task_id=new(), title="Ask the vendor")
    change = {"state": "done", "result": "The queue is empty."}
    await actor.does("task:update", session_id=session, task_id=task, version=1, **change)
    await actor.does("session:get", session_id=session)


async def own(senior: Actor, other: Actor, handoff: str) -> None:
    token = await claim_of(senior, handoff)
    await senior.does("handoff:start", handoff_id=handoff, fencing_token=token, mode="continue")
    yours = {"to_user_id": str(other.who.user_id), "note": "Yours"}
    moved = await senior.does("handoff:reassign", handoff_id=handoff, fencing_token=token, **yours)
    token = moved["handoff"]["fencing_token"]
    await other.does("handoff:release", handoff_id=handoff, fencing_token=token, note="Restarted it: no change.")
    token = await claim_of(senior, handoff)
    await senior.does("handoff:start", handoff_id=handoff, fencing_token=token, mode="ai_analysis")
    end = {"outcome": "fixed_by_senior", "note": "A driver of last year"}
    await senior.does("handoff:resolve", handoff_id=handoff, fencing_token=token, **end)


async def neglected(world: World, senior: Actor, session: str, handoff: str, sql: Sql) -> None:
    """An owner who does nothing for an hour, and then something."""
    token = await claim_of(senior, handoff)
    for _ in range(2):
        await age(sql, handoff, 30)
        await world.server.sweep()
    await sql.execute("UPDATE handoffs SET enrich_at = now() WHERE id = $1", handoff)
    taken = await enrichment.take(world.server.db, world.account_id, UUID(handoff))
    assert taken is not None
    await enrichment.give_up(world.server.db, taken)
    here = {"message_id": new(), "kind": "note", "body": "Here again", "fencing_token": token}
    await senior.does("message:post", session_id=session, **here)
    await world.server.sweep()
    tagged = {"version": 6, "tags": ["skill:print", "client:Harbor Dental"]}
    await senior.does("handoff:tag", handoff_id=handoff, **tagged)
    await senior.does("handoff:log", handoff_id=handoff)
    end = {"outcome": "workaround", "note": "Prints over USB"}
    await senior.does("handoff:resolve", handoff_id=handoff, fencing_token=token, **end)


async def end_others(engineer: Actor, other: Actor, sql: Sql) -> None:
    """A handoff withdrawn, one expired, one cancelled."""
    session = await session_of(engineer)
    withdrawn = await handoff_of(engineer, session)
    await engineer.does("handoff:withdraw", handoff_id=withdrawn, reason="mistake")
    expired = await handoff_of(engineer, session)
    await sql.execute("UPDATE handoffs SET expires_at = now() - interval '1 minute' WHERE id = $1", expired)
    await handoff_of(engineer, session)
    await other.does("session:close", session_id=session, resolution="Went away")


async def read_the_figures(admin: Actor, engineer: Actor) -> None:
    """Of a window that stands still, as nothing waits any more."""
    today = datetime.now(UTC).date()
    window = {"from": str(today - timedelta(days=1)), "to": str(today + timedelta(days=2))}
    for actor in (admin, engineer):
        await actor.does("queue:metrics", **window)
    share = {"figure": "people.handed_off", "user_id": str(engineer.who.user_id)}
    first = await admin.does("queue:metrics_handoffs", **window, **share, limit=3)
    assert len(first["handoffs"]) == 3
    rest = await admin.does("queue:metrics_handoffs", **window, **share, before=first["next"])
    assert rest["next"] is None


async def read_the_log(actor: Actor, session: str, epoch: int | str) -> None:
    again = await actor.does("session:join", session_id=session, after=0, epoch=str(epoch))
    assert again["recovered"] is True
    queue = await actor.does("queue:join", after=0, epoch=str(epoch))
    assert {event["type"] for event in again["events"] + queue["events"]} == set(EVENTS)
    assert (await actor.does("queue:join"))["recovered"] is False
    await actor.does("room:events", kind="session", id=session, after=2)
    await actor.does("room:events", kind="escalations", id=str(actor.who.account_id))
    await actor.does("session:leave", session_id=session)
    await actor.does("queue:leave")


async def head(sql: Sql, room: str) -> int:
    seq: int = await sql.fetchval("SELECT seq FROM rooms WHERE name = $1", room)
    return seq


async def test_hello_and_the_token_s_end_are_as_their_models_say(make_world: MakeWorld) -> None:
    """[T5, T6]"""
    async with make_world(token_grace=0.0) as world, AsyncExitStack() as stack:
        token = world.server.tokens.issue(world.person("viewer"), ttl=timedelta(seconds=1))[0]
        client = await stack.enter_async_context(Client.connect(world.url, token))
        for name in ("hello", "auth:expired"):
            check(SIGNALS[name], (await client.signal(name)).data)


async def test_eviction_is_as_its_model_says(make_world: MakeWorld, sql: Sql) -> None:
    """[R9]"""
    async with make_world(head_check=0.05) as world:
        engineer = await Cast(world)("engineer")
        room = (await engineer.does("session:join", session_id=await session_of(engineer)))["room"]
        await sql.execute("UPDATE users SET disabled_at = now() WHERE id = $1", engineer.who.user_id)
        evicted = await engineer.client.signal("room:evicted")
        check(SIGNALS["room:evicted"], evicted.data)
        assert evicted.data["room"] == room


async def test_draining_is_as_its_model_says(make_world: MakeWorld) -> None:
    """[L3]"""
    async with AsyncExitStack() as stack:
        async with make_world() as world:
            token = world.token(world.person("viewer"))
            client = await stack.enter_async_context(Client.connect(world.url, token))
        check(SIGNALS["server:draining"], (await client.signal("server:draining")).data)


@pytest.mark.parametrize("code", ["unauthorized", "token_expired", "overloaded", "unavailable"])
async def test_refused_connect_is_as_its_model_says(make_world: MakeWorld, sql: Sql, code: str) -> None:
    """[T4]"""
    async with make_world(connections_per_user=1, lock_timeout=0.3) as world:
        who = world.person("viewer")
        token = world.token(who)
        if code == "unauthorized":
            token = "nonsense"
        elif code == "token_expired":
            token = world.server.tokens.issue(who, ttl=timedelta(seconds=-5))[0]
        else:
            await world.client(who)
        async with sql.transaction():
            await sql.execute("LOCK users" if code == "unavailable" else "SELECT")
            refused = await refusal_of_connect(world.url, token)
        check(ConnectRefused, refused)
        assert refused["data"]["code"] == code


async def refusal_of_connect(url: str, token: str) -> dict[str, dict[str, object]]:
    address = f"{url}/socket.io/?EIO=4&transport=websocket"
    async with aiohttp.ClientSession() as http, http.ws_connect(address) as socket:
        await socket.receive_str(timeout=10)
        await socket.send_str(f"40{json.dumps({'token': token})}")
        packet = await socket.receive_str(timeout=10)
    assert packet.startswith("44")
    refused: dict[str, dict[str, object]] = json.loads(packet[2:])
    return refused


async def test_answers_without_a_token_are_as_their_models_say(world: World) -> None:
    """[A7] Signing in, and what operators ask."""
    who = world.person("senior")
    secret = {"email": "sam@acme.example", "password": "correct horse"}
    await save_local_user(world.server.db, who, email=secret["email"], password_hash=hash_password(secret["password"]))
    async with HttpDoor(world.url) as door:
        check(SignedIn, await door.request("POST", "/api/auth/token", secret))
        check(Health, await door.request("GET", "/healthz"))
        check(Readiness, await door.request("GET", "/readyz"))
