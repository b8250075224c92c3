"""Who gets the handoff when everybody wants it at the same moment, and whether these tests would notice if two did."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest

from loadtest.client import Client, Refused
from loadtest.fold import read_ack
from store import claims
from store.db import Database
from store.events import BOTH_ROOMS, EVENTS, events_of, logged, numbered
from store.lanes import arrays
from store.models import Answer, Json, Principal
from tests.conftest import MakeWorld, World, hand_off, open_session
from tests.rules.wire import ACK, Packet, Wire, connected, event

SENIORS = 25
CONNECTIONS = 50
CLAIMS_EACH = 4
PATIENCE = 60.0
UNHURRIED = {
    "pool_size": CONNECTIONS,
    "commands_per_second": 1e6,
    "commands_per_second_user": 1e6,
    "acquire_timeout": PATIENCE,
    "statement_timeout": PATIENCE,
    "lock_timeout": PATIENCE,
}

Sql: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class Violation(Exception):  # noqa: N818  # what the tests below have to see
    """A race ended in a way that the contract rules out."""


def demand(held: bool, what: object) -> None:
    if not held:
        raise Violation(what)


@dataclass(frozen=True)
class Claim:
    """One claim and how it was answered."""

    id: str
    by: str
    won: dict[str, Any] | None
    refused: Refused | None

    @property
    def result(self) -> str:
        return "lost" if self.won is None else "replayed" if self.won["replayed"] else "won"


@dataclass(frozen=True)
class Contest:
    """One handoff, and everything that was answered to those who claimed it."""

    handoff: dict[str, Any]
    claims: Sequence[Claim]

    def owner(self) -> str:
        """The one winner; raises Violation unless every answer agrees on it."""
        wins = [(claim, claim.won) for claim in self.claims if claim.won is not None]
        owners = {claim.by for claim, _ in wins}
        demand(len(owners) == 1, f"{len(owners)} winners")
        (owner,) = owners
        taken = [answer for _, answer in wins if not answer["replayed"]]
        demand(len(taken) == 1, f"{len(taken)} claims of the winner took it")
        since = taken[0]["handoff"]["claimed_at"]
        for claim, answer in wins:
            demand(answer["handoff"]["claimed_by"]["id"] == owner, "a winner was told of another")
            demand(answer["claim"] == {"id": claim.id, "fencing_token": 1}, answer["claim"])
        for claim in self.claims:
            if claim.refused is not None:
                demand(claim.by != owner, "the winner was told that it lost")
                self._check_refusal(claim.refused, owner, since)
        return owner

    @staticmethod
    def _check_refusal(refused: Refused, owner: str, since: str) -> None:
        demand(refused.code == "already_claimed", refused)
        details = refused.details
        demand(details["claimed_by"] is not None, "lost to nobody")
        demand(details["claimed_by"]["id"] == owner, f"lost to {details['claimed_by']}, and the winner is {owner}")
        demand(details["claimed_at"] == since, f"lost at {details['claimed_at']}, and it was claimed at {since}")
        demand(details["lost_by_ms"] >= 0, f"lost by {details['lost_by_ms']} ms")

    async def check(self, sql: Sql) -> None:
        """Raises Violation unless answers, row, log and memory of claims tell of the same one winner."""
        owner = self.owner()
        handoff_id, session_id = UUID(self.handoff["id"]), self.handoff["session_id"]
        row = await sql.fetchrow("SELECT * FROM handoffs WHERE id = $1", handoff_id)
        demand(row is not None and str(row["claimed_by"]) == owner, "the row has another owner")
        demand(row is not None and (row["status"], row["fencing_token"], row["version"]) == ("claimed", 1, 2), row)
        events = await sql.fetch(
            "SELECT room, data -> 'handoff' -> 'claimed_by' ->> 'id' AS owner FROM events"
            " WHERE type = 'handoff:claimed' AND data -> 'handoff' ->> 'id' = $1",
            self.handoff["id"],
        )
        rooms = sorted(event["room"].partition(":")[0] for event in events)
        demand(rooms == ["escalations", "session"], f"handoff:claimed in {rooms}")
        demand(all(event["owner"] == owner for event in events), "an event names another owner")
        demand(any(event["room"] == f"session:{session_id}" for event in events), "another session's room")
        await self._check_memory(sql, owner)

    async def _check_memory(self, sql: Sql, owner: str) -> None:
        rows = await sql.fetch("SELECT * FROM claims WHERE handoff_id = $1", UUID(self.handoff["id"]))
        recorded = {str(row["id"]): row for row in rows}
        demand(recorded.keys() == {claim.id for claim in self.claims}, "recorded claims")
        for claim in self.claims:
            row = recorded[claim.id]
            demand((row["result"], str(row["user_id"]), row["fencing_token"]) == (claim.result, claim.by, 1), row)
            demand((row["lost_to"] is None) == (claim.refused is None), row)
            demand(row["lost_to"] is None or orjson.loads(row["lost_to"])["id"] == owner, row)


async def check_logs(sql: Sql) -> None:
    """Raises Violation unless every room's log runs from 1 to the room's number without a hole."""
    wrong = await sql.fetch(
        "SELECT r.name, r.seq, count(e), min(e.seq), max(e.seq) FROM rooms r LEFT JOIN events e"
        " ON (e.account_id, e.room) = (r.account_id, r.name) GROUP BY r.account_id, r.name, r.seq"
        " HAVING (count(e), min(e.seq), max(e.seq)) IS DISTINCT FROM (r.seq, 1::bigint, r.seq)"
    )
    demand(not wrong, wrong)


@dataclass(frozen=True)
class Senior:
    """One connection of somebody who may claim."""

    id: str
    wire: Wire

    async def claims(self, handoff_id: str, count: int, barrier: asyncio.Barrier | None = None) -> list[Claim]:
        """So many claims, all sent before the first is answered; with a barrier, when everybody else is ready too."""
        ids = [str(uuid4()) for _ in range(count)]
        commands = [
            event("handoff:claim", {"handoff_id": handoff_id, "claim_id": claim_id}, number)
            for number, claim_id in enumerate(ids)
        ]
        if barrier is not None:
            await barrier.wait()
        for command in commands:
            await self.wire.send(command)
        return [self._claim(claim_id, number, await self.wire.read()) for number, claim_id in enumerate(ids)]

    def _claim(self, claim_id: str, number: int, ack: Packet | None) -> Claim:
        demand(ack is not None and ack.kind == ACK and ack.id == number, f"{ack} in the place of ack {number}")
        try:
            won = read_ack("handoff:claim", (ack.data,) if ack else ())
        except Refused as refused:
            return Claim(claim_id, self.id, None, refused)
        return Claim(claim_id, self.id, won, None)


class Arena:
    """Seniors, each on two connections, who claim everything at once."""

    def __init__(self, world: World, engineer: Client, seniors: Sequence[Senior]) -> None:
        self.world = world
        self.engineer = engineer
        self.seniors = seniors

    async def handoffs(self, count: int) -> list[dict[str, Any]]:
        sessions = await asyncio.gather(*(open_session(self.engineer) for _ in range(count)))
        return await asyncio.gather(*(hand_off(self.engineer, session) for session in sessions))

    async def contest(self, handoff: dict[str, Any], then: Callable[[], Awaitable[None]] | None = None) -> Contest:
        """Every connection's claims are prepared, then all are sent at one moment, then `then` is awaited."""
        barrier = asyncio.Barrier(len(self.seniors) + 1)
        running = [asyncio.create_task(senior.claims(handoff["id"], CLAIMS_EACH, barrier)) for senior in self.seniors]
        await barrier.wait()
        if then is not None:
            await then()
        return Contest(handoff, [claim for claims in await asyncio.gather(*running) for claim in claims])

    async def contest_at_a_held_row(self, handoff: dict[str, Any], sql: Sql, other: Sql) -> Contest:
        """As `contest`, but the handoff's row is locked until a claim of every connection waits in PostgreSQL."""
        held = sql.transaction()
        await held.start()

        async def release_when_all_wait() -> None:
            async with asyncio.timeout(PATIENCE):
                while await other.fetchval(WAITING) < len(self.seniors):
                    pass
            await held.commit()

        await sql.execute("SELECT FROM handoffs WHERE id = $1 FOR UPDATE", UUID(handoff["id"]))
        return await self.contest(handoff, release_when_all_wait)


WAITING = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"


@asynccontextmanager
async def arena(make_world: MakeWorld) -> AsyncIterator[Arena]:
    async with make_world(**UNHURRIED) as world:
        people = [world.person("senior", f"Senior {n}") for n in range(SENIORS)]
        engineer = await world.client("engineer")
        seniors = []
        for number in range(CONNECTIONS):
            who = people[number % SENIORS]
            wire = await world.stack.enter_async_context(connected(world.url, world.token(who)))
            seniors.append(Senior(str(who.user_id), wire))
        yield Arena(world, engineer, seniors)


@pytest.fixture
async def other_sql(database_url: str) -> AsyncIterator[Sql]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def test_claim_has_one_winner_of_two_hundred_at_once(make_world: MakeWorld, sql: Sql) -> None:
    """[H1, H3, H4, H10] A hundred times; a member of both rooms hears of each winner once."""
    async with arena(make_world) as people:
        races = await people.handoffs(100)
        watcher = await people.world.client("viewer")
        queue = await watcher.join_queue()
        rooms = [await watcher.join_session(race["session_id"]) for race in races]
        for race in races:
            await (await people.contest(race)).check(sql)
        await check_logs(sql)
        await queue.until_seq(200)
        claimed = Counter(told.data["handoff"]["id"] for told in queue.events if told.type == "handoff:claimed")
        assert claimed == Counter(race["id"] for race in races)
        for room in rooms:
            await room.next("handoff:claimed")
        assert {(view.applied, view.duplicates, view.gaps) for view in rooms} == {(1, 0, 0)}
        assert (queue.applied, queue.duplicates, queue.gaps) == (100, 0, 0)


async def test_claim_has_one_winner_of_all_who_waited_for_the_row(
    make_world: MakeWorld, sql: Sql, other_sql: Sql
) -> None:
    """[H1, H3] A claim of every connection has begun, and waits, before the first one can be decided."""
    async with arena(make_world) as people:
        for race in await people.handoffs(10):
            await (await people.contest_at_a_held_row(race, sql, other_sql)).check(sql)
        await check_logs(sql)


READ = "SELECT status FROM handoffs WHERE account_id = $1 AND id = $2"
WRITE = f"""
WITH verdict AS MATERIALIZED (
    SELECT account_id, session_id, 'ok' AS verdict FROM handoffs WHERE account_id = $1 AND id = $4
),
{numbered(BOTH_ROOMS)},
changed AS (
    UPDATE handoffs h
    SET status = 'claimed', version = h.version + 1, fencing_token = h.fencing_token + 1, claimed_by = $2,
        claimed_by_name = $3, claimed_at = m.at, expires_at = NULL
    FROM moment m WHERE h.account_id = $1 AND h.id = $4
    RETURNING h
),
{logged("handoff:claimed", "jsonb_build_object('handoff', handoff_view(c.h))")},
recorded AS (
    INSERT INTO claims (account_id, id, handoff_id, user_id, result, fencing_token, at)
    SELECT $1, $5, $4, $2, 'won', (c.h).fencing_token, (c.h).claimed_at FROM changed c
)
SELECT handoff_view(c.h)::text AS answer, (c.h).fencing_token, {EVENTS} FROM changed c
"""


async def read_then_write(db: Database, who: Principal, handoff_id: UUID, claim_id: UUID) -> Answer:
    """The claim as it is often written: look whether it is free, then take it. Right as long as nobody else comes."""
    seen = await db.row(READ, who.account_id, handoff_id)
    if seen is None or seen["status"] != "queued":
        return await claim_handoff(db, who, handoff_id, claim_id)
    row = await db.row(WRITE, who.account_id, who.user_id, who.name, handoff_id, claim_id)
    assert row is not None
    claim = {"id": claim_id, "fencing_token": row["fencing_token"]}
    data = {"handoff": Json(row["answer"]), "claim": claim, "replayed": False}
    return Answer(data, events_of(who.account_id, row["events"]))


claim_handoff = claims.claim


async def one_after_the_other(people: Arena, races: Sequence[dict[str, Any]]) -> None:
    for race in races:
        (await people.contest(race)).owner()


async def test_race_goes_red_on_read_then_write(
    make_world: MakeWorld, sql: Sql, other_sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[H1] The tests above would notice: at the barrier alone, and for certain where everybody waited."""
    monkeypatch.setattr(claims, "claim", read_then_write)
    async with arena(make_world) as people:
        held, *races = await people.handoffs(11)
        with pytest.raises(Violation, match="winners"):
            (await people.contest_at_a_held_row(held, sql, other_sql)).owner()
        with pytest.raises(Violation, match="winners"):
            await one_after_the_other(people, races)


async def test_race_goes_red_on_a_claim_that_locks_nothing(
    make_world: MakeWorld, sql: Sql, other_sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[H1] One statement alone is not enough: without its lock it decides on what it saw before it waited."""
    assert claims.CLAIM.count("FOR NO KEY UPDATE") == 1
    monkeypatch.setattr(claims, "CLAIM", claims.CLAIM.replace("FOR NO KEY UPDATE", ""))
    monkeypatch.setattr(Database, "decide_together", lambda db, sql, _, item: db.decide(sql, *arrays([item])))
    async with arena(make_world) as people:
        (race,) = await people.handoffs(1)
        with pytest.raises(Violation, match="winners"):
            (await people.contest_at_a_held_row(race, sql, other_sql)).owner()


async def test_race_stays_green_on_read_then_write_without_a_race(
    make_world: MakeWorld, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[H1] What is red above is red for the race alone."""
    monkeypatch.setattr(claims, "claim", read_then_write)
    async with arena(make_world) as people:
        (race,) = await people.handoffs(1)
        attempts = [await senior.claims(race["id"], 1) for senior in people.seniors]
        await Contest(race, [claim for (claim,) in attempts]).check(sql)
        await check_logs(sql)
