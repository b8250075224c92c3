"""The demo accounts, as `server.demo.fill` leaves them in a database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import pairwise
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import pytest
from argon2 import PasswordHasher

from handlers.wire import loads
from loadtest.fold import Event, fold
from server import demo
from server.app import pool_limits
from server.config import Settings
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
from store import accounts, events
from store.db import Database
from store.errors import Refusal
from store.events import Snapshot, read_escalation_room, read_session_room
from store.models import Room
from tests.conftest import Postgres

EVENT_OF: dict[type[Step], str] = {
    Said: "message:posted",
    TaskAdded: "task:added",
    TaskMoved: "task:updated",
    Escalated: "handoff:created",
    Tagged: "handoff:tagged",
    Claimed: "handoff:claimed",
    Started: "handoff:started",
    Released: "handoff:released",
    Resolved: "handoff:resolved",
    Withdrawn: "handoff:withdrawn",
    Closed: "session:closed",
}
STATUS_AFTER: dict[type[Step], str] = {
    Escalated: "queued",
    Claimed: "claimed",
    Released: "queued",
    Resolved: "resolved",
    Withdrawn: "withdrawn",
}
TABLES = ("accounts", "users", "sessions", "messages", "tasks", "handoffs", "claims", "rooms", "events")
EVERY_ROW = " UNION ALL ".join(
    f"SELECT '{table}' AS name, t::text AS row, t.xmin::text FROM {table} t" for table in TABLES
)

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@dataclass(frozen=True)
class Demo:
    """A database into which the demo was filled between `earliest` and `latest`."""

    db: Database
    sql: Connection
    earliest: datetime
    latest: datetime

    async def log(self, room: Room) -> list[Event]:
        return [Event.parse(loads(str(event.body))) for event in await events.after(self.db, room, 0)]

    async def session(self, story: Story) -> dict[str, Any]:
        state = await read_session_room(self.db, account_of(story), session_of(story))
        return snapshot(state)


def account_of(story: Story) -> UUID:
    return demo_id("account", story.tenant)


def session_of(story: Story) -> UUID:
    return demo_id("session", story.key)


def room_of(story: Story) -> Room:
    return Room.of_session(account_of(story), session_of(story))


def snapshot(state: object) -> dict[str, Any]:
    assert isinstance(state, Snapshot)
    read: dict[str, Any] = loads(str(state.state))
    return read


def told(story: Story) -> list[tuple[timedelta, str]]:
    """How long ago what was written to the log of the story's session."""
    return [(story.opened_ago, "session:created"), *((step.ago, EVENT_OF[type(step)]) for step in story.steps)]


def moments(value: object, key: str = "") -> Iterator[str]:
    """Every instant in a view except when a handoff is going to expire."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from moments(member, name)
    elif isinstance(value, list):
        for member in value:
            yield from moments(member)
    elif isinstance(value, str) and (key == "at" or key.endswith("_at")) and key != "expires_at":
        yield value


def folded(log: list[Event], *lists: str, me: str = "") -> dict[str, Any]:
    """The state after the whole log, from one with nothing in these lists."""
    empty: dict[str, Any] = {name: [] for name in lists}
    return reduce(lambda state, event: fold(state, event, me), log, empty)


@pytest.fixture(scope="module")
async def filled(postgres: Postgres) -> AsyncIterator[Demo]:
    """The demo after one fill, to be looked at."""
    async with postgres.copy() as url, Database.open(url, pool_limits(Settings())) as db:
        sql = await asyncpg.connect(url)
        earliest = datetime.now(UTC)
        assert await demo.fill(db)
        yield Demo(db, sql, earliest, datetime.now(UTC))
        await sql.close()


async def every_row(sql: Connection) -> set[tuple[str, ...]]:
    """Each row, and the transaction that wrote it."""
    return {tuple(row) for row in await sql.fetch(EVERY_ROW)}


async def check_rooms_fold(made: Demo) -> None:
    for story in STORIES:
        assert folded(await made.log(room_of(story)), "messages", "tasks", "handoffs") == await made.session(story)
    for key, person in PEOPLE.items():
        account, user = demo_id("account", person.tenant), demo_id("user", key)
        log = await made.log(Room.of_escalations(account))
        queue = snapshot(await read_escalation_room(made.db, account, user))
        assert folded(log, "handoffs", me=str(user)) == queue


async def check_log_rises(made: Demo) -> None:
    rooms = [Room(row["account_id"], row["name"]) for row in await made.sql.fetch("SELECT account_id, name FROM rooms")]
    assert len(rooms) == len(STORIES) + len(TENANTS)
    for room in rooms:
        log = await made.log(room)
        assert [event.seq for event in log] == list(range(1, len(log) + 1))
        assert all(earlier.at < later.at for earlier, later in pairwise(log)), room.name


async def check_ages(made: Demo) -> None:
    def lived(log: list[Event], steps: list[tuple[timedelta, str]]) -> None:
        assert [event.type for event in log] == [kind for _, kind in steps]
        for event, (ago, _) in zip(log, steps, strict=True):
            assert made.earliest <= datetime.fromisoformat(event.at) + ago <= made.latest, (event.room, event.seq)

    for story in STORIES:
        log = await made.log(room_of(story))
        lived(log, told(story))
        state = await made.session(story)
        assert set(moments(state)) <= {event.at for event in log}, story.key
    for tenant in TENANTS:
        steps = [
            one for story in STORIES if story.tenant == tenant for one in told(story) if one[1].startswith("handoff")
        ]
        lived(await made.log(Room.of_escalations(demo_id("account", tenant))), sorted(steps, reverse=True))
    assert await made.sql.fetchval("SELECT count(*) FROM claims") > 0
    assert await made.sql.fetchval("SELECT count(*) FROM claims WHERE at NOT IN (SELECT at FROM events)") == 0


async def test_fill_leaves_logs_that_fold_to_the_snapshots(filled: Demo) -> None:
    """[R7] From nothing, in every room, for each of the people."""
    await check_rooms_fold(filled)


async def test_fill_leaves_logs_whose_times_rise(filled: Demo) -> None:
    """[R3] `seq` has no hole and `at` never runs against it."""
    await check_log_rises(filled)


async def test_fill_leaves_everything_as_old_as_its_story(filled: Demo) -> None:
    """[R2] In the log and in the views: nothing in a session bears another time than that of a step."""
    await check_ages(filled)


async def test_fill_leaves_handoffs_where_their_stories_end(filled: Demo) -> None:
    """[H11] In every state a demo should show, none of them past its expiry, the second try linked to the first."""
    seen = set()
    for story in STORIES:
        handoffs = (await filled.session(story))["handoffs"]
        attempts: list[str] = []
        for step in story.steps:
            if isinstance(step, Escalated):
                attempts.append("queued")
            elif type(step) in STATUS_AFTER:
                attempts[-1] = STATUS_AFTER[type(step)]
        assert [handoff["status"] for handoff in handoffs] == attempts, story.key
        assert [handoff["attempt_no"] for handoff in handoffs] == list(range(1, len(attempts) + 1))
        assert [h["parent_id"] for h in handoffs] == [None, *(h["id"] for h in handoffs)][: len(handoffs)]
        for handoff in handoffs:
            seen.add(handoff["status"])
            assert (handoff["expires_at"] is not None) == (handoff["status"] == "queued")
            if handoff["status"] == "queued":
                assert datetime.fromisoformat(handoff["expires_at"]) > filled.latest + timedelta(hours=24)
    assert seen == {"queued", "claimed", "resolved", "withdrawn"}


async def test_fill_lets_everybody_in_as_who_they_are(filled: Demo) -> None:
    """[T3] With the one password that the start page names."""
    for key, person in PEOPLE.items():
        user = await accounts.by_email(filled.db, person.email)
        assert user is not None
        assert user.principal == demo.principal(key)
        assert PasswordHasher().verify(user.password_hash, DEMO_PASSWORD)


async def test_fill_again_changes_nothing(db: Database, sql: Connection) -> None:
    """[A5] Not one row is as much as touched."""
    assert await demo.fill(db)
    before = await every_row(sql)
    assert not await demo.fill(db)
    assert await every_row(sql) == before
    assert {table for table, *_ in before} == set(TABLES)


async def test_fill_again_after_its_user_was_disabled_changes_nothing(db: Database, sql: Connection) -> None:
    """[A5] What shows that the demo is there is not that somebody may sign in."""
    assert await demo.fill(db)
    assert await accounts.disable(db, PEOPLE[demo.LAST].email)
    before = await every_row(sql)
    assert not await demo.fill(db)
    assert await every_row(sql) == before


BREAK_OFF = """
CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN IF {when} THEN RAISE EXCEPTION 'broken off'; END IF; RETURN NEW; END $$;
CREATE TRIGGER break_off BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION break_off()
"""
MEND = "DROP FUNCTION break_off CASCADE"


@pytest.mark.parametrize(
    ("table", "when"),
    [
        pytest.param("events", "(SELECT count(*) FROM events) >= 5", id="after a few commands"),
        pytest.param("events", "EXISTS (SELECT FROM handoffs WHERE status = 'resolved')", id="after a resolution"),
        pytest.param("messages", "TG_OP = 'UPDATE'", id="while ageing"),
        pytest.param("users", "EXISTS (SELECT FROM users WHERE email IS NOT NULL)", id="while saving the people"),
    ],
)
async def test_fill_completes_what_was_interrupted(db: Database, sql: Connection, table: str, when: str) -> None:
    """[A5] The result is that of one fill, wherever the one before was broken off."""
    earliest = datetime.now(UTC)
    await sql.execute(BREAK_OFF.format(table=table, when=when))
    with pytest.raises((Refusal, asyncpg.RaiseError)):
        await demo.fill(db)
    await sql.execute(MEND)
    assert await sql.fetchval("SELECT count(*) FROM events") > 0
    assert await accounts.by_email(db, PEOPLE[demo.LAST].email) is None
    assert await demo.fill(db)
    made = Demo(db, sql, earliest, datetime.now(UTC))
    await check_rooms_fold(made)
    await check_log_rises(made)
    await check_ages(made)
    assert not await demo.fill(db)
