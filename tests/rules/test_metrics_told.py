"""The clock that a handoff keeps, and the figures, against the log of real commands."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from loadtest.client import Refused
from tests.conftest import World, claim, hand_off, open_session
from tests.rules.reckoned import LOST, TARGETS, Data, Life, assert_alike, figures, live, lives, people
from tests.rules.scenes import Actor, Sql, act, new_id


class Story:
    """Sessions whose handoffs go every way."""

    def __init__(self, sql: Sql, engineer: Actor, seniors: list[Actor], admin: Actor) -> None:
        self.sql, self.engineer, self.admin = sql, engineer, admin
        self.senior, self.other = seniors
        self.sessions: list[str] = []

    async def queued(self, session_id: str | None = None, **fields: str) -> Data:
        session_id = session_id or await open_session(self.engineer.socket)
        self.sessions.append(session_id)
        return await hand_off(self.engineer.socket, session_id, **fields)

    async def claimed(self, handoff: Data, by: Actor | None = None) -> Data:
        """The payload of whoever owns it now."""
        token = (await claim((by or self.senior).socket, handoff["id"]))["claim"]["fencing_token"]
        return {"handoff_id": handoff["id"], "fencing_token": token}

    async def does(self, actor: Actor, name: str, owned: Data, **more: object) -> Data:
        return await actor.socket.command(name, owned | more)

    async def posts(self, actor: Actor, handoff: Data, **more: object) -> None:
        note = {"session_id": handoff["session_id"], "message_id": new_id(), "kind": "note", "body": "Looking at it"}
        await self.does(actor, "message:post", note, **more)

    async def returned_and_resolved(self) -> None:
        handoff = await self.queued(severity="critical")
        owned = await self.claimed(handoff)
        await self.posts(self.engineer, handoff)
        await self.posts(self.senior, handoff, fencing_token=owned["fencing_token"])
        await self.does(self.senior, "handoff:release", owned, note="Not mine")
        owned = await self.claimed(handoff, self.other)
        await self.does(self.other, "handoff:start", owned, mode="own_thing")
        await self.does(self.other, "handoff:resolve", owned, outcome="vendor", note="Theirs")

    async def passed_on(self) -> None:
        """By an admin, whose doing is no owner's; the second owner's first task is the first write of one."""
        handoff = await self.queued(reason="approval")
        owned = await self.claimed(handoff)
        to = str(self.other.who.user_id)
        moved = await self.does(self.admin, "handoff:reassign", owned, to_user_id=to, note="Yours")
        owned["fencing_token"] = moved["handoff"]["fencing_token"]
        task = {"session_id": handoff["session_id"], "fencing_token": owned["fencing_token"], "task_id": new_id()}
        await self.does(self.other, "task:add", task, title="Ping it")
        await self.does(self.other, "task:update", task, version=1, state="done")
        await self.does(self.admin, "handoff:resolve", owned, outcome="duplicate", note="Of the one before")

    async def taken_back_by_an_admin(self) -> None:
        handoff = await self.queued()
        await self.does(self.admin, "handoff:release", await self.claimed(handoff), note="Somebody else, please")

    async def withdrawn(self) -> None:
        for reason in ("mistake", "solved_self", "other"):
            handoff = await self.queued(severity="low")
            await self.engineer.socket.command("handoff:withdraw", {"handoff_id": handoff["id"], "reason": reason})
            await self.queued(handoff["session_id"])

    async def closed(self) -> None:
        for held in (False, True):
            handoff = await self.queued(severity="normal")
            if held:
                await self.claimed(handoff)
            end = {"session_id": handoff["session_id"], "resolution": "Gone"}
            await self.does(self.admin, "session:close", end, force=held)

    async def expired(self) -> None:
        for swept in (False, True):
            await self.sql.execute("UPDATE accounts SET handoff_ttl = '1 microsecond'")
            handoff = await self.queued()
            await self.sql.execute("UPDATE accounts SET handoff_ttl = '72 hours'")
            if swept:
                await self.queued(handoff["session_id"])

    async def raced_for(self) -> None:
        handoff = await self.queued(severity="critical")
        tries = (claim(actor.socket, handoff["id"]) for actor in (self.senior, self.other, self.admin))
        ends = await asyncio.gather(*tries, return_exceptions=True)
        assert sum(isinstance(end, Refused) for end in ends) == 2
        await self.sql.execute(
            "UPDATE claims SET lost_by_ms = 60000 WHERE result = 'lost' AND user_id = $1", self.admin.who.user_id
        )


async def log_of(actor: Actor, session_id: str) -> list[Data]:
    room: Mapping[str, Any] = await actor.http.request("GET", f"/api/rooms/session/{session_id}/events?after=0")
    assert room["next"] is None
    return list(room["events"])


CLOCK = """
SELECT id::text, first_queued_at, first_claimed_at, first_action_at, closed_at, claims, withdraw_reason, ended_from,
       queued_since, waited FROM handoffs WHERE account_id = $1
"""


def clock(life: Life) -> Data:
    """What the columns should hold."""
    open_stay = life.stays[-1] if life.stays[-1][1] is None else None
    return {
        "first_queued_at": life.queued,
        "first_claimed_at": life.claimed,
        "first_action_at": life.acted,
        "closed_at": life.ended,
        "claims": len(life.claims),
        "queued_since": open_stay and open_stay[0],
        "waited": sum((end - start for start, end in life.stays if end), timedelta()),
        "withdrawn": life.end in ("withdrawn", "self_solved"),
        "ended_from": None if life.end is None else "queued" if life.owner is None else "claimed",
    }


async def test_clock_and_figures_are_what_the_log_tells(world: World, sql: Sql) -> None:
    """[Q2] Of every way that a handoff can go: each column of its clock, every figure, and the shares of everybody."""
    engineer, admin = await act(world, "engineer"), await act(world, "admin")
    seniors = [await act(world, "senior", name) for name in ("Sam", "Ola")]
    story = Story(sql, engineer, seniors, admin)
    for part in (
        story.returned_and_resolved, story.passed_on, story.taken_back_by_an_admin, story.withdrawn, story.closed,
        story.expired, story.raced_for,
    ):  # fmt: skip
        await part()
    log = [event for session_id in dict.fromkeys(story.sessions) for event in await log_of(engineer, session_id)]
    lost = [(row[0], row[1]) for row in await sql.fetch(LOST, world.account_id)]
    began: datetime = await sql.fetchval("SELECT now()")
    told = await admin.socket.command("queue:metrics", {})
    slack = (datetime.now(UTC) - began).total_seconds() + 1
    kept = {row["id"]: dict(row) for row in await sql.fetch(CLOCK, world.account_id)}
    unswept = {life.id: life for life in lives(log, lost, datetime.min.replace(tzinfo=UTC))}
    for handoff_id, row in kept.items():
        row["withdrawn"] = row.pop("withdraw_reason") is not None
        del row["id"]
        assert row == clock(unswept[handoff_id])
    names = {str(actor.who.user_id): actor.who.name for actor in (engineer, admin, *seniors)}
    told.pop("window")
    told["previous"].pop("window")
    everything = lives(log, lost, began)
    reckoned = figures(everything, began) | {
        "previous": figures([], began),
        "now": live(everything, began),
        "targets": TARGETS,
        "people": people(everything, names),
    }
    assert_alike(told, reckoned, slack)
