"""The checker finds what it is there for: bugs planted in a running server, and in records made by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

import asyncpg
import pytest

from server.app import pool_limits, running
from server.config import Settings
from server.delivery import Delivery, LocalRoom
from store.bus import MemoryBus, Signal
from store.db import Database
from store.events import events_of
from store.models import Event
from tests.conftest import SECRET, MakeWorld
from tests.faults import load as loads
from tests.faults.checker import Verdict, check
from tests.faults.load import Load
from tests.faults.records import Claim, Data, Entry, Heard, Joined, Life, Log, Recording, Sent, read_log

ACME, BIRCHWOOD = "acme", "birchwood"
ROOM, QUEUE = "session:1", "escalations:acme"
EPOCH = "first life"


async def _worked(url: str, database_url: str, *, messages: int = 60, javascript: bool = False) -> Verdict:
    """What the checker says of a scenario: eight clients, races, and so many messages at once."""
    async with Load.opened([url], SECRET, clients=8, javascript=javascript) as load:
        work = [
            *(load.race(company) for company in load.companies for _ in range(2)),
            *(load.write(company) for company in load.companies for _ in range(messages // 2)),
        ]
        await asyncio.gather(*work)
        await load.finish(database_url)
        return check(load.recordings, await read_log(database_url, load.accounts))


async def test_a_sound_server_is_found_sound(make_world: MakeWorld, database_url: str) -> None:
    """[R4] [A5] [H1] Both kinds of clients, every count 0, and something to count."""
    async with make_world() as world:
        verdict = await _worked(world.url, database_url, javascript=True)
    assert (verdict.violations, verdict.problems) == ({}, [])
    assert verdict.events == 4 * 2 + 60 + 4 * 7
    assert len(verdict.delays) > verdict.events
    assert 0 < verdict.longest_silence < 10


# Bugs in a server


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """What never comes is not waited for long."""
    monkeypatch.setattr(loads, "SETTLING", 3.0)
    return monkeypatch


def _forgetful(every: int) -> type[MemoryBus]:
    class Forgetful(MemoryBus):
        """Skips one event in so many."""

        count = 0

        async def publish(self, messages: Sequence[Event | Signal]) -> None:
            for message in messages:
                self.count += isinstance(message, Event)
                if isinstance(message, Signal) or self.count % every:
                    await super().publish([message])

    return Forgetful


async def test_one_skipped_publish_in_a_thousand_is_caught(
    make_world: MakeWorld, database_url: str, impatient: pytest.MonkeyPatch
) -> None:
    """[R4] Whoever stands behind the hole has lost what is there, where delivery never looks at the log again."""
    impatient.setattr(Delivery, "_repair", lambda *_: None)
    impatient.setattr("server.app.MemoryBus", _forgetful(1000))
    async with make_world() as world:
        verdict = await _worked(world.url, database_url, messages=1200)
    assert set(verdict.violations) == {"lost"}


async def test_a_hole_that_is_jumped_over_is_caught(
    make_world: MakeWorld, database_url: str, impatient: pytest.MonkeyPatch
) -> None:
    """[R4] [R6] Also where the clients mend it by joining again."""

    def jump(self: Delivery, local: LocalRoom, _: int) -> None:
        if local.waiting:
            local.seq = min(local.waiting) - 1
            self._advance(local)

    impatient.setattr(Delivery, "_repair", jump)
    impatient.setattr("server.app.MemoryBus", _forgetful(30))
    async with make_world() as world:
        verdict = await _worked(world.url, database_url, messages=100)
    assert "out_of_order" in verdict.violations


async def test_a_message_told_twice_is_caught(
    make_world: MakeWorld, database_url: str, impatient: pytest.MonkeyPatch
) -> None:
    """[R4] By a server that does not look at the number."""

    def blind(self: Delivery, message: Event | Signal) -> None:
        local = self._rooms.get(message.room)
        if local is not None and isinstance(message, Event) and local.seq is not None:
            self._fan_out(local, message)
            self._fan_out(local, message)
            local.seq = max(local.seq, message.seq)

    impatient.setattr(Delivery, "_hear", blind)
    async with make_world() as world:
        verdict = await _worked(world.url, database_url)
    assert verdict.twice > 10


class _EarlyBird(Database):
    """Tells of every tenth statement's messages before its transaction commits, which it then does not."""

    tell: Callable[[Sequence[Event]], Any]
    posted = 0

    async def rows(self, sql: str, *args: object) -> list[asyncpg.Record]:
        if "INSERT INTO messages" in sql:
            self.posted += 1
            if self.posted % 10 == 0:
                async with self._pool.acquire() as connection:
                    transaction = connection.transaction()
                    await transaction.start()
                    rows = await connection.fetch(sql, *args)
                    for account_id, row in zip(cast("list[UUID]", args[0]), rows, strict=True):
                        if row["events"]:
                            await self.tell(events_of(account_id, row["events"]))
                    await transaction.rollback()
        return await super().rows(sql, *args)


async def test_delivery_before_the_commit_is_caught(database_url: str) -> None:
    """[R3] The transaction was undone, and what a client was told is not what the log holds."""
    settings = Settings.model_validate({"port": 0, "jwt_secret": SECRET, "drain": 0.0})
    async with _EarlyBird.open(database_url, pool_limits(settings)) as db, running(settings, db) as server:
        assert isinstance(db, _EarlyBird)
        db.tell = server.delivery._bus.publish
        verdict = await _worked(server.url, database_url)
    assert verdict.not_in_log > 0


async def test_a_dropped_tenant_filter_is_caught(make_world: MakeWorld, database_url: str, sql: Any) -> None:
    """[A6] The queue's state without the account in its predicate."""
    source = await sql.fetchval("SELECT pg_get_functiondef('queue_snapshot'::regproc)")
    await sql.execute(source.replace("h.account_id = p_account AND", ""))
    async with make_world() as world, Load.opened([world.url], SECRET, clients=4, javascript=False) as load:
        await loads.hand_off(load.companies[0].engineers[0])
        load.add(load.companies[1], "senior")
        await load.finish(database_url)
        verdict = check(load.recordings, await read_log(database_url, load.accounts))
    assert set(verdict.violations) == {"across_tenants"}


# Records made by hand: two messages and a handoff that was taken


def _entry(seq: int, kind: str = "message:posted", room: str = ROOM, **data: Any) -> Entry:
    return Entry(room, seq, kind, 100.0 + seq, data or {"message": {"id": f"m{seq}"}})


def _claimed(seq: int, user: str = "sam", token: int = 1, room: str = QUEUE) -> Entry:
    handoff = {"id": "h", "fencing_token": token, "claimed_by": {"id": user}}
    return _entry(seq, "handoff:claimed", room, handoff=handoff)


def _joined(seq: int = 0, after: int | None = None, *events: Entry) -> Joined:
    recovered = after is not None
    return Joined(ROOM, EPOCH, seq, after, recovered, events, (), 104.0, same_epoch=recovered)


def _log(*messages: Entry, queue: Sequence[Entry] = (), claims: Sequence[Claim] = ()) -> Log:
    events = {(ACME, ROOM): list(messages)} | ({(ACME, QUEUE): list(queue)} if queue else {})
    return Log(events, {key: entries[-1].seq for key, entries in events.items()}, list(claims), {"h": ACME})


def _told(*came: Heard | Joined | Entry, sent: Sequence[Sent] = (), account: str = ACME) -> Recording:
    life = Life("replica", [Heard(one, one.at + 0.5) if isinstance(one, Entry) else one for one in came])
    return Recording("Uma", account, "uma", [life], list(sent))


ONE, TWO, THREE = _entry(1), _entry(2), _entry(3)
TWO_AGAIN = _entry(2, message={"id": "m9"})
POST: Data = {"message_id": "m1"}
CLAIM: Data = {"handoff_id": "h"}


def _answered(name: str, payload: Data, data: Data | None = None, code: str = "") -> Sent:
    return Sent(name, payload, 1, {"ok": data is not None, "data": data, "error": {"code": code}})


def _won(token: int = 1) -> Sent:
    return _answered("handoff:claim", CLAIM, {"claim": {"fencing_token": token}})


BUGS: dict[str, tuple[dict[str, int], Recording, Log]] = {
    "nothing": ({}, _told(_joined(), ONE, TWO, THREE), _log(ONE, TWO, THREE)),
    "the last one never came": ({"lost": 1}, _told(_joined(), ONE, TWO), _log(ONE, TWO, THREE)),
    "a hole": ({"lost": 1, "out_of_order": 1}, _told(_joined(), ONE, THREE), _log(ONE, TWO, THREE)),
    "a hole that was mended": (
        {"out_of_order": 1},
        _told(_joined(), ONE, THREE, _joined(3, 1, TWO, THREE)),
        _log(ONE, TWO, THREE),
    ),
    "overtaken": ({"out_of_order": 2}, _told(_joined(), ONE, THREE, TWO), _log(ONE, TWO, THREE)),
    "twice": ({"twice": 1}, _told(_joined(), ONE, TWO, TWO), _log(ONE, TWO)),
    "told again after the join": ({"twice": 1}, _told(_joined(1), ONE, TWO), _log(ONE, TWO)),
    "recovered in part": (
        {"out_of_order": 1, "lost": 1},
        _told(_joined(), ONE, _joined(3, 1, THREE)),
        _log(ONE, TWO, THREE),
    ),
    "the state instead of two events": (
        {"lost": 2},
        _told(_joined(), ONE, replace(_joined(3, 1), recovered=False)),
        _log(ONE, TWO, THREE),
    ),
    "the state, since the log was trimmed": (
        {},
        _told(_joined(), ONE, replace(_joined(3, 1), recovered=False)),
        _log(THREE),
    ),
    "without a join": ({"out_of_order": 1}, _told(ONE), _log(ONE)),
    "never committed": ({"not_in_log": 1}, _told(_joined(), ONE, TWO), _log(ONE)),
    "another text": ({"not_in_log": 1}, _told(_joined(), ONE, TWO_AGAIN), _log(ONE, TWO)),
    "a number used again": (
        {"gaps": 1, "not_in_log": 1},
        _told(_joined(), ONE, TWO),
        _log(ONE, TWO, TWO_AGAIN),
    ),
    "a number left out": ({"gaps": 1, "lost": 1, "out_of_order": 1}, _told(_joined(1), THREE), _log(ONE, THREE)),
    "of another tenant": ({"across_tenants": 1}, _told(_joined(), ONE, account=BIRCHWOOD), _log(ONE)),
    "unanswered": ({"unanswered": 1}, _told(sent=[Sent("message:post", POST, 3)]), _log(ONE)),
    "answered with an accident": (
        {"failed": 1},
        _told(sent=[_answered("message:post", POST, code="internal")]),
        _log(ONE),
    ),
    "acked and forgotten": (
        {"acked_not_logged": 1},
        _told(sent=[_answered("message:post", POST, {})]),
        _log(_entry(1, message={"id": "m9"})),
    ),
    "applied twice": (
        {"logged_twice": 1},
        _told(sent=[_answered("message:post", POST, {})]),
        _log(ONE, _entry(2, message={"id": "m1"})),
    ),
    "two winners in the answers": (
        {"double_claims": 1},
        _told(sent=[_won()]),
        _log(ONE, _claimed(2, room=ROOM), queue=[_claimed(1)], claims=[Claim("h", "sam", 1)]),
    ),
    "two winners in the table": (
        {"double_claims": 1},
        _told(),
        _log(ONE, queue=[_claimed(1)], claims=[Claim("h", "sam", 1), Claim("h", "sue", 1)]),
    ),
    "two owners at one time": ({"double_claims": 1}, _told(), _log(ONE, queue=[_claimed(1), _claimed(2, "sue", 2)])),
}


@pytest.mark.parametrize(("violations", "recording", "log"), BUGS.values(), ids=BUGS)
async def test_each_kind_of_bug_is_counted_as_what_it_is(
    violations: dict[str, int], recording: Recording, log: Log
) -> None:
    """[R3] [R4] [R5] [A5] [H1] And as nothing else."""
    assert check([recording], log).violations == violations
