"""People whose every answer, event and signal is held against its model as it comes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import uuid4

import aiohttp
import asyncpg
from pydantic import BaseModel

from handlers import COMMANDS
from handlers.command import ANYONE
from handlers.events import EVENTS
from handlers.refusals import ALWAYS, ERRORS, OVER_HTTP, PROBLEMS, REFUSALS, Refused, accepted
from handlers.signals import SIGNALS
from loadtest.client import Client
from store.models import Principal, Role
from tests.conftest import World

Data = dict[str, Any]
Sql: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
ACCEPTED = {name: accepted(command.answers) for name, command in COMMANDS.items()}


def check(model: type[BaseModel], value: object) -> None:
    """Raises `ValidationError` unless the JSON has exactly the model's fields, of exactly their types."""
    model.model_validate_json(json.dumps(value), strict=True, extra="forbid")


@dataclass
class Seen:
    """What was checked so far."""

    commands: set[str] = field(default_factory=set)
    refusals: set[tuple[str, str]] = field(default_factory=set)
    heard: list[tuple[str, Any]] = field(default_factory=list)

    def check_heard(self) -> set[str]:
        """The names of the events and signals that came, each of which its model describes."""
        models: Mapping[str, type[BaseModel]] = {**EVENTS, **SIGNALS}
        for name, data in self.heard:
            check(models[name], data)
        return {name for name, _ in self.heard}


class Actor:
    """A person at both doors."""

    def __init__(self, world: World, who: Principal, client: Client, seen: Seen) -> None:
        self.who = who
        self.client = client
        self._url = world.url
        self.headers = {"Authorization": f"Bearer {world.token(who)}"}
        self._seen = seen
        receive = client._link._receive

        def hear(name: str, data: Any) -> None:
            seen.heard.append((name, data))
            if receive is not None:
                receive(name, data)

        client._link._receive = hear

    async def does(self, name: str, **payload: Any) -> Data:
        """The command's data. Where HTTP serves it too, it is done again there, as after a lost ack."""
        data: Data = (await self._ack(name, payload, accepts=True))["data"]
        self._seen.commands.add(name)
        route = COMMANDS[name].http
        if route is not None:
            status, media, body = await self.request(name, payload)
            assert (status, media) == (route.status, "application/json"), body
            check(COMMANDS[name].answers, body)
            assert body == data | ({"replayed": True} if "replayed" in data else {}), name
        return data

    async def is_refused(self, code: str, name: str, **payload: Any) -> Data:
        """The details of the refusal, which both doors tell alike."""
        error = await self.refusal(name, **payload)
        assert error["code"] == code, (name, error)
        self._named(name, code)
        self._seen.refusals.add((name, code))
        if COMMANDS[name].http is not None:
            problem = await self.refusal_over_http(name, **payload)
            if code == "internal":  # each accident has an id of its own
                error["details"] = problem["details"]
            assert [problem[part] for part in error] == [*error.values()]
        details: Data = error["details"]
        return details

    async def refusal(self, name: str, **payload: Any) -> Data:
        """Over Socket.IO."""
        error: Data = (await self._ack(name, payload, accepts=False))["error"]
        check(ERRORS[error["code"]], error)
        return error

    async def refusal_over_http(self, name: str, **payload: Any) -> Data:
        status, media, problem = await self.request(name, payload)
        assert (status, media) == (problem["status"], "application/problem+json"), problem
        check(PROBLEMS[problem["code"]], problem)
        self._named(name, problem["code"], *OVER_HTTP)
        return problem

    def _named(self, name: str, code: str, *others: str) -> None:
        role = () if COMMANDS[name].roles == ANYONE else ("role_required",)
        assert code in {*ALWAYS, *REFUSALS[name], *role, *others}, f"{name} names no {code}"

    async def request(self, name: str, payload: Data) -> tuple[int, str, Data]:
        """The status, media type and body of the command over HTTP."""
        route = COMMANDS[name].http
        assert route is not None
        path = route.path.format(**payload)
        rest = {key: value for key, value in payload.items() if f"{{{key}}}" not in route.path}
        query = {key: str(value).lower() for key, value in rest.items()} if route.method == "GET" else {}
        body = None if route.method == "GET" else rest
        async with (
            aiohttp.ClientSession(self._url, headers=self.headers) as http,
            http.request(route.method, path, params=query, json=body) as response,
        ):
            return response.status, response.content_type, await response.json(content_type=None)

    async def _ack(self, name: str, payload: Data, *, accepts: bool) -> Data:
        ack: Data
        (ack,) = await self.client._link.call(name, payload, 10)
        assert ack["ok"] is accepts, (name, ack)
        check(ACCEPTED[name] if accepts else Refused, ack)
        return ack


class Cast:
    """People who work in one account, and what was seen of them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.seen = Seen()

    async def __call__(self, who: Role | Principal, name: str | None = None) -> Actor:
        principal = who if isinstance(who, Principal) else self.world.person(who, name)
        return Actor(self.world, principal, await self.world.client(principal), self.seen)


def new() -> str:
    return str(uuid4())


async def session_of(actor: Actor) -> str:
    session_id = new()
    texts = {"title": "Printer", "client_name": "Harbor Dental", "problem": "Nobody can print since Monday."}
    await actor.does("session:create", session_id=session_id, **texts)
    return session_id


async def handoff_of(actor: Actor, session_id: str, **fields: str) -> str:
    handoff_id = new()
    payload = {"severity": "high", "reason": "skill", "ask": "Look at the spooler", **fields}
    await actor.does("handoff:create", session_id=session_id, handoff_id=handoff_id, **payload)
    return handoff_id


async def claim_of(actor: Actor, handoff_id: str, claim_id: str | None = None) -> int:
    answer = await actor.does("handoff:claim", handoff_id=handoff_id, claim_id=claim_id or new())
    token: int = answer["claim"]["fencing_token"]
    return token
