"""Fills the demo accounts by playing the stories through the real commands, then ages what they wrote."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import singledispatchmethod
from typing import Any
from uuid import UUID

from handlers.command import Caller
from handlers.dispatch import Dispatch
from handlers.wire import loads
from server.auth import hash_password
from server.demo_stories import STORIES
from server.demo_story import (
    DEMO_PASSWORD,
    PEOPLE,
    TENANTS,
    Claimed,
    Closed,
    Escalated,
    Released,
    Resolved,
    Said,
    Started,
    Step,
    Story,
    Tagged,
    TaskAdded,
    TaskMoved,
    Withdrawn,
    demo_id,
)
from store import accounts, demo
from store.db import Database
from store.errors import Refusal
from store.models import Event, Principal

LAST = "priya"
"""Who is made able to sign in last: then the demo is complete."""


def principal(key: str) -> Principal:
    person = PEOPLE[key]
    account_id = demo_id("account", person.tenant)
    return Principal(account_id, TENANTS[person.tenant], demo_id("user", key), person.name, person.role)


async def fill(db: Database) -> bool:
    """Make the demo accounts, people and sessions, unless they are there: then nothing happens and False is answered.

    What an interrupted run left is thrown away first.
    """
    last = principal(LAST)
    if await demo.has_local_user(db, last.account_id, last.user_id):
        return False
    for tenant in TENANTS:
        await demo.clear(db, demo_id("account", tenant))
    for key in PEOPLE:
        await accounts.provision(db, principal(key))
    await _Play(db).all()
    password_hash = await asyncio.to_thread(hash_password, DEMO_PASSWORD)
    for key, person in sorted(PEOPLE.items(), key=lambda one: one[0] == LAST):
        await accounts.save_local_user(db, principal(key), email=person.email, password_hash=password_hash)
    return True


class _Play:
    """One run of the stories, all of them side by side in the order of time, as they were lived."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._dispatch = Dispatch(self._remember)
        self._now = datetime.now(UTC)
        self._at = self._now
        self._moments: dict[UUID, dict[datetime, datetime]] = defaultdict(dict)
        self._count: dict[str, int] = defaultdict(int)
        self._handoffs: dict[str, str] = {}
        self._owners: dict[str, tuple[str, int]] = {}
        self._versions: dict[UUID, int] = {}

    async def all(self) -> None:
        steps: list[tuple[timedelta, Story, Step | None]] = []
        for story in STORIES:
            steps.append((story.opened_ago, story, None))
            steps += [(step.ago, story, step) for step in story.steps]
        for ago, story, step in sorted(steps, key=lambda one: -one[0]):
            self._at = self._now - ago
            if step is None:
                await self._open(story)
            else:
                await self._play(step, story)
        for account_id, moments in self._moments.items():
            await demo.age(self._db, account_id, moments)

    async def _remember(self, events: Sequence[Event]) -> None:
        for event in events:
            at = datetime.fromisoformat(loads(str(event.body))["at"])
            self._moments[event.room.account_id][at] = self._at

    async def _do(self, by: str, command: str, payload: Mapping[str, object]) -> dict[str, Any]:
        answer = await self._dispatch(command, payload, Caller(principal(by), self._db))
        if isinstance(answer, Refusal):
            raise answer
        data: dict[str, Any] = loads(str(answer))
        return data

    async def _in_session(self, by: str, command: str, story: Story, payload: Mapping[str, object]) -> dict[str, Any]:
        owner, token = self._owners.get(story.key, ("", 0))
        fencing = {"fencing_token": token} if owner == by else {}
        return await self._do(by, command, {"session_id": _session(story), **fencing, **payload})

    async def _as_owner(self, by: str, command: str, story: Story, payload: Mapping[str, object]) -> None:
        _, token = self._owners[story.key]
        await self._do(by, command, {"handoff_id": self._handoffs[story.key], "fencing_token": token, **payload})

    def _new_id(self, kind: Any, story: Story) -> str:  # noqa: ANN401  # a DemoKind
        self._count[f"{kind} {story.key}"] += 1
        return str(demo_id(kind, f"{story.key}/{self._count[f'{kind} {story.key}']}"))

    async def _open(self, story: Story) -> None:
        about = {"title": story.title, "client_name": story.client_name, "problem": story.problem}
        await self._do(story.by, "session:create", {"session_id": _session(story), **about})

    @singledispatchmethod
    async def _play(self, step: Any, story: Story) -> None:  # noqa: ANN401
        raise TypeError(f"{story.key}: {step}")

    @_play.register
    async def _(self, step: Said, story: Story) -> None:
        payload = {"message_id": self._new_id("message", story), "kind": step.kind, "body": step.body}
        await self._in_session(step.by, "message:post", story, payload)

    @_play.register
    async def _(self, step: TaskAdded, story: Story) -> None:
        task_id = demo_id("task", f"{story.key}/{step.key}")
        self._versions[task_id] = 1
        payload = {"task_id": str(task_id), "title": step.title, "detail": step.detail}
        await self._in_session(step.by, "task:add", story, payload)

    @_play.register
    async def _(self, step: TaskMoved, story: Story) -> None:
        task_id = demo_id("task", f"{story.key}/{step.key}")
        change = {"version": self._versions[task_id], "state": step.state, "result": step.result}
        await self._in_session(step.by, "task:update", story, {"task_id": str(task_id), **change})
        self._versions[task_id] += 1

    @_play.register
    async def _(self, step: Escalated, story: Story) -> None:
        self._handoffs[story.key] = self._new_id("handoff", story)
        about = {"severity": step.severity, "reason": step.reason, "ask": step.ask, "note": step.note}
        payload = {"handoff_id": self._handoffs[story.key], "session_id": _session(story), **about}
        await self._do(step.by, "handoff:create", payload)

    @_play.register
    async def _(self, step: Tagged, story: Story) -> None:
        payload = {"handoff_id": self._handoffs[story.key], "version": 1, "tags": list(step.tags)}
        await self._do(step.by, "handoff:tag", payload)

    @_play.register
    async def _(self, step: Claimed, story: Story) -> None:
        payload = {"handoff_id": self._handoffs[story.key], "claim_id": self._new_id("claim", story)}
        claimed = await self._do(step.by, "handoff:claim", payload)
        self._owners[story.key] = (step.by, claimed["claim"]["fencing_token"])

    @_play.register
    async def _(self, step: Started, story: Story) -> None:
        await self._as_owner(step.by, "handoff:start", story, {"mode": step.mode})

    @_play.register
    async def _(self, step: Released, story: Story) -> None:
        await self._as_owner(step.by, "handoff:release", story, {"note": step.note})
        del self._owners[story.key]

    @_play.register
    async def _(self, step: Resolved, story: Story) -> None:
        await self._as_owner(step.by, "handoff:resolve", story, {"outcome": step.outcome, "note": step.note})
        del self._owners[story.key]

    @_play.register
    async def _(self, step: Withdrawn, story: Story) -> None:
        payload = {"handoff_id": self._handoffs[story.key], "reason": step.reason}
        await self._do(step.by, "handoff:withdraw", payload)

    @_play.register
    async def _(self, step: Closed, story: Story) -> None:
        await self._in_session(step.by, "session:close", story, {"resolution": step.resolution})


def _session(story: Story) -> str:
    return str(demo_id("session", story.key))
