"""Every refusal that a command names can be had of it, tells what its model says, and tells it at both doors."""

from __future__ import annotations

from datetime import timedelta

import aiohttp

from handlers import COMMANDS
from handlers.command import ANYONE
from handlers.refusals import PROBLEMS, REFUSALS
from tests.conftest import MakeWorld, World
from tests.rules.checked import Cast, Data, Sql, check, claim_of, handoff_of, new, session_of


def unknown_payloads() -> dict[str, Data]:
    """For every command a payload that is valid in form and names nothing that exists."""
    session, handoff, owned = {"session_id": new()}, {"handoff_id": new()}, {"handoff_id": new(), "fencing_token": 1}
    return {
        "session:create": {**session, "title": "Printer", "client_name": "Harbor Dental", "problem": "Offline"},
        "session:list": {"limit": 1},
        "session:get": session,
        "session:join": session,
        "session:leave": session,
        "session:history": session,
        "session:close": {**session, "resolution": "Replaced the cable"},
        "session:status_update": {**session, "context": "escalation"},
        "typing": {**session, "typing": True},
        "presence:set": {"state": "away", **handoff},
        "message:post": {**session, "message_id": new(), "body": "Rebooted", "kind": "note"},
        "task:add": {**session, "task_id": new(), "title": "Ping it"},
        "task:update": {**session, "task_id": new(), "version": 1, "state": "done"},
        "handoff:create": {**session, **handoff, "severity": "low", "reason": "risk", "ask": "Look"},
        "handoff:claim": {**handoff, "claim_id": new()},
        "handoff:release": {**owned, "note": "Not mine"},
        "handoff:reassign": {**owned, "to_user_id": new(), "note": "Yours"},
        "handoff:resolve": {**owned, "outcome": "vendor", "note": "Sent to them"},
        "handoff:withdraw": {**handoff, "reason": "mistake"},
        "handoff:start": {**owned, "mode": "own_thing"},
        "handoff:tag": {**handoff, "version": 1, "tags": ["skill:mail"]},
        "handoff:get": handoff,
        "handoff:log": handoff,
        "queue:join": {},
        "queue:leave": {},
        "queue:get": {},
        "queue:metrics": {},
        "queue:metrics_handoffs": {"figure": "people.claimed", "user_id": new()},
        "room:events": {"kind": "session", "id": new()},
        "me:get": {},
        "auth:renew": {"token": "not one"},
    }


FINDS_NOTHING = frozenset(
    {
        "session:create",
        "session:list",
        "session:leave",
        "presence:set",
        "queue:join",
        "queue:leave",
        "queue:get",
        "queue:metrics",
        "queue:metrics_handoffs",
        "me:get",
        "auth:renew",
    }
)
"""Commands that name no thing which has to exist."""


class Stage:
    """An engineer with sessions of every standing, and the others."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.seen = cast.seen

    async def set(self) -> Stage:
        cast = self.cast
        self.engineer, self.colleague = await cast("engineer", "Eve"), await cast("engineer", "Cy")
        self.senior, self.other = await cast("senior", "Sam"), await cast("senior", "Ola")
        self.viewer = await cast("viewer")
        self.open, self.closed, self.queued_in, self.claimed_in, self.ended_in = [
            await session_of(self.engineer) for _ in range(5)
        ]
        await self.engineer.does("session:close", session_id=self.closed, resolution="Replaced the cable")
        self.queued = await handoff_of(self.engineer, self.queued_in)
        self.claimed = await handoff_of(self.engineer, self.claimed_in)
        self.token = await claim_of(self.senior, self.claimed)
        self.ended = await handoff_of(self.engineer, self.ended_in)
        self.ended_token = await claim_of(self.senior, self.ended)
        end = {"fencing_token": self.ended_token, "outcome": "vendor", "note": "Theirs"}
        await self.senior.does("handoff:resolve", handoff_id=self.ended, **end)
        return self


async def test_every_refusal_is_as_its_model_says(world: World) -> None:
    """[A3] Each command with each code that its contract names."""
    stage = await Stage(Cast(world)).set()
    await unknown_things(stage)
    await refused_sessions(stage)
    await refused_work(stage)
    await refused_claims(stage)
    await refused_owners(stage)
    expired = world.server.tokens.issue(stage.engineer.who, ttl=timedelta(seconds=-5))[0]
    await stage.engineer.is_refused("token_expired", "auth:renew", token=expired)
    named = {(name, code) for name, codes in REFUSALS.items() for code in codes if name in COMMANDS}
    roles = {(name, "role_required") for name, command in COMMANDS.items() if command.roles != ANYONE}
    invalid = {(name, "invalid_payload") for name in COMMANDS}
    assert stage.seen.refusals == named | roles | invalid


async def unknown_things(stage: Stage) -> None:
    """Of every command: a field it does not know, an id nobody has, a role it is not for."""
    for name, payload in unknown_payloads().items():
        await stage.senior.is_refused("invalid_payload", name, **payload, surplus=1)
        if name not in FINDS_NOTHING:
            await stage.senior.is_refused("not_found", name, **payload)
        if COMMANDS[name].roles != ANYONE:
            await stage.viewer.is_refused("role_required", name, **payload)
        if name == "auth:renew":
            await stage.senior.is_refused("unauthorized", name, **payload)
        if name == "queue:metrics_handoffs":
            await stage.senior.is_refused("role_required", name, **payload)


async def refused_sessions(stage: Stage) -> None:
    engineer = stage.engineer
    other = {"title": "Another", "client_name": "Harbor Dental", "problem": "Nobody can print since Monday."}
    assert await engineer.is_refused("id_conflict", "session:create", session_id=stage.open, **other) == {}
    end = {"resolution": "Gone"}
    closed = await engineer.is_refused("closed", "session:close", session_id=stage.closed, **end)
    assert (closed["status"], closed["by"]["name"]) == ("closed", "Eve")
    held = await engineer.is_refused("already_claimed", "session:close", session_id=stage.claimed_in, **end)
    assert held["handoff_id"] == stage.claimed
    await engineer.is_refused("already_claimed", "session:close", session_id=stage.claimed_in, force=True, **end)
    request = {"handoff_id": new(), "severity": "low", "reason": "risk", "ask": "Look"}
    await engineer.is_refused("closed", "handoff:create", session_id=stage.closed, **request)
    for session_id, holder in ((stage.queued_in, None), (stage.claimed_in, "Sam")):
        active = await engineer.is_refused("active_handoff", "handoff:create", session_id=session_id, **request)
        assert (active["claimed_by"] or {}).get("name") == holder
    taken = {**request, "handoff_id": stage.queued}
    await engineer.is_refused("id_conflict", "handoff:create", session_id=stage.open, **taken)


async def refused_work(stage: Stage) -> None:
    engineer, senior = stage.engineer, stage.senior
    message, task = new(), new()
    await engineer.does("message:post", session_id=stage.open, message_id=message, body="Rebooted", kind="note")
    await engineer.does("task:add", session_id=stage.open, task_id=task, title="Ping it")
    for name, at in (
        ("message:post", {"message_id": message, "body": "Another", "kind": "note"}),
        ("task:add", {"task_id": task, "title": "Another"}),
    ):
        await engineer.is_refused("id_conflict", name, session_id=stage.open, **at)
        fresh = {**at, "message_id": new()} if "message_id" in at else {**at, "task_id": new()}
        await engineer.is_refused("closed", name, session_id=stage.closed, **fresh)
        stale = {**fresh, "fencing_token": stage.token + 1}
        await senior.is_refused("not_owner", name, session_id=stage.claimed_in, **stale)
        missing = await senior.is_refused("invalid_payload", name, session_id=stage.claimed_in, **fresh)
        assert missing["fields"][0]["loc"] == ["fencing_token"]
    change = {"task_id": task, "version": 9, "state": "done"}
    now = await engineer.is_refused("id_conflict", "task:update", session_id=stage.open, **change)
    assert now["task"]["id"] == task
    await refused_task_changes(stage)


async def refused_task_changes(stage: Stage) -> None:
    """A task of a session that was then closed, and one of a session that was then claimed."""
    engineer, senior = stage.engineer, stage.senior
    for code in ("closed", "not_owner"):
        session, task = await session_of(engineer), new()
        await engineer.does("task:add", session_id=session, task_id=task, title="Ping it")
        change: Data = {"task_id": task, "version": 1, "state": "done"}
        if code == "closed":
            await engineer.does("session:close", session_id=session, resolution="Gone")
        else:
            await claim_of(senior, await handoff_of(engineer, session))
            change["fencing_token"] = 9
        await senior.is_refused(code, "task:update", session_id=session, **change)


async def refused_claims(stage: Stage) -> None:
    engineer, senior, other = stage.engineer, stage.senior, stage.other
    await engineer.is_refused("self_claim", "handoff:claim", handoff_id=stage.queued, claim_id=new())
    await stage.colleague.is_refused("role_required", "handoff:claim", handoff_id=stage.queued, claim_id=new())
    lost = await other.is_refused("already_claimed", "handoff:claim", handoff_id=stage.claimed, claim_id=new())
    assert (lost["claimed_by"]["name"], lost["next"]["id"]) == ("Sam", stage.queued)
    ended = await other.is_refused("closed", "handoff:claim", handoff_id=stage.ended, claim_id=new())
    assert (ended["status"], ended["outcome"]) == ("resolved", "vendor")
    handoff, claim_id = await handoff_of(engineer, await session_of(engineer)), new()
    token = await claim_of(senior, handoff, claim_id)
    await senior.is_refused("id_conflict", "handoff:claim", handoff_id=stage.queued, claim_id=claim_id)
    await senior.does("handoff:release", handoff_id=handoff, fencing_token=token, note="Out of time")
    await senior.is_refused("claim_ended", "handoff:claim", handoff_id=handoff, claim_id=claim_id)


async def refused_owners(stage: Stage) -> None:
    senior, other = stage.senior, stage.other
    held: Data = {"handoff_id": stage.claimed, "fencing_token": stage.token}
    payloads = unknown_payloads()
    for name in ("handoff:release", "handoff:reassign", "handoff:resolve", "handoff:start"):
        stale = await senior.is_refused("not_owner", name, **{**payloads[name], **held, "fencing_token": 7})
        assert stale["claimed_by"]["name"] == "Sam"
    to = payloads["handoff:reassign"] | held
    await senior.is_refused("self_claim", "handoff:reassign", **to | {"to_user_id": str(stage.engineer.who.user_id)})
    await senior.is_refused(
        "role_required", "handoff:reassign", **to | {"to_user_id": str(stage.colleague.who.user_id)}
    )
    await senior.is_refused("not_found", "handoff:reassign", **to)
    lane = await senior.is_refused("invalid_payload", "handoff:start", **held, mode="continue")
    assert lane["fields"][0]["type"] == "no_task_lane"
    tags = {"version": 9, "tags": ["skill:mail"]}
    now = await senior.is_refused("id_conflict", "handoff:tag", handoff_id=stage.claimed, **tags)
    assert now["handoff"]["id"] == stage.claimed
    await senior.is_refused("closed", "handoff:tag", handoff_id=stage.ended, **tags | {"version": 3})
    ended = {**payloads["handoff:resolve"], "handoff_id": stage.ended, "fencing_token": stage.ended_token}
    await other.is_refused("closed", "handoff:resolve", **ended)
    for code, handoff_id, actor in (
        ("not_owner", stage.queued, stage.colleague),
        ("already_claimed", stage.claimed, stage.engineer),
        ("closed", stage.ended, stage.engineer),
    ):
        await actor.is_refused(code, "handoff:withdraw", handoff_id=handoff_id, reason="other")


async def test_refusals_of_any_command_are_as_their_models_say(make_world: MakeWorld, sql: Sql) -> None:
    """[A3] Limits, and what goes wrong on the server's side."""
    async with make_world(payload_bytes=2048, rooms_per_connection=1, lock_timeout=0.3) as world:
        cast = Cast(world)
        engineer, senior = await cast("engineer"), await cast("senior")
        session, second = await session_of(engineer), await session_of(engineer)
        handoff = await handoff_of(engineer, second)
        long = {"session_id": session, "message_id": new(), "body": "x" * 3000, "kind": "note"}
        assert (await engineer.refusal("message:post", **long))["details"] == {"limit": 2048}
        assert (await engineer.refusal_over_http("message:post", **long))["code"] == "too_large"
        await engineer.does("session:join", session_id=session)
        assert await engineer.is_refused("too_large", "session:join", session_id=second) == {"limit": 1}
        async with sql.transaction():
            await sql.execute("SELECT FROM handoffs FOR UPDATE")
            await senior.is_refused("unavailable", "handoff:claim", handoff_id=handoff, claim_id=new())
        await sql.execute("ALTER TABLE handoffs RENAME TO lost")
        await senior.is_refused("internal", "handoff:get", handoff_id=handoff)
        assert (await senior.refusal("handoff:dance"))["code"] == "unknown_command"


async def test_accidents_beside_commands_are_as_their_model_says(world: World, sql: Sql) -> None:
    """[A3] `details.error_id` alone."""
    await sql.execute("ALTER TABLE users RENAME TO lost")
    who = {"email": "sam@acme.example", "password": "correct horse"}
    async with aiohttp.ClientSession(world.url) as http, http.post("/api/auth/token", json=who) as response:
        assert response.status == 500
        check(PROBLEMS["internal"], await response.json(content_type="application/problem+json"))


async def test_refusals_of_haste_are_as_their_models_say(make_world: MakeWorld) -> None:
    """[L1] At each door."""
    async with make_world(commands_per_second=0.001) as slow:
        viewer = await Cast(slow)("viewer")
        await viewer.does("queue:leave")
        assert (await viewer.refusal("me:get"))["code"] == "rate_limited"
    async with make_world(commands_per_second_user=0.001) as slow:
        viewer = await Cast(slow)("viewer")
        await viewer.does("queue:leave")
        assert (await viewer.refusal_over_http("me:get"))["code"] == "rate_limited"


async def test_refused_tokens_are_as_their_models_say(world: World) -> None:
    """[A7] Over HTTP each request brings its own."""
    viewer = await Cast(world)("viewer")
    expired = world.server.tokens.issue(viewer.who, ttl=timedelta(seconds=-5))[0]
    for headers, code in (
        ({}, "unauthorized"),
        ({"Authorization": "Bearer nonsense"}, "unauthorized"),
        ({"Authorization": f"Bearer {expired}"}, "token_expired"),
    ):
        viewer.headers = headers
        assert (await viewer.refusal_over_http("me:get"))["code"] == code
