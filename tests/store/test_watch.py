"""The one query that tells whether there is anything to ask about."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg

from store import accounts, events
from store.db import Database
from store.models import Principal, Room
from store.watch import Positions, look
from tests.conftest import World, hand_off, open_session
from tests.rules.scenes import Sql, act, new_id

NOWHERE = Positions({})

CHANGES = ("role = 'admin'", "disabled_at = now()", "revoked_at = now()", "disabled_at = NULL")
NONE = ("name = 'Eve'", "role = role", "role_as_of = now()")


async def rights(db: Database) -> int:
    return (await look(db, NOWHERE)).rights


async def test_rights_are_told_to_have_changed_whoever_changes_them(world: World, db: Database, sql: Sql) -> None:
    """[R9] Somebody at a prompt of PostgreSQL too; and not when a token tells what was known."""
    who = world.person("engineer")
    await accounts.provision(db, who, datetime.now(UTC) - timedelta(minutes=1))
    before = await rights(db)
    await accounts.provision(db, who, datetime.now(UTC))
    for assignment in NONE:
        await sql.execute(f"UPDATE users SET {assignment} WHERE id = $1", who.user_id)
    assert await rights(db) == before
    for assignment in CHANGES:
        await sql.execute(f"UPDATE users SET {assignment} WHERE id = $1", who.user_id)
        assert await rights(db) == before + 1
        before += 1


async def test_each_of_two_changes_at_once_is_told(db: Database, database_url: str, sql: Sql) -> None:
    """[R9] The one that is committed last has a number that nobody has seen, whichever began first."""
    people = [Principal(uuid4(), "Acme", uuid4(), "Ada", "engineer") for _ in range(2)]
    for who in people:
        await accounts.provision(db, who)
    before = await rights(db)
    other = await asyncpg.connect(database_url)
    first = sql.transaction()
    await first.start()
    await sql.execute("UPDATE users SET disabled_at = now() WHERE id = $1", people[0].user_id)
    second = asyncio.create_task(other.execute("UPDATE users SET disabled_at = now() WHERE id = $1", people[1].user_id))
    await asyncio.wait([second], timeout=0.2)
    seen = [await rights(db)]
    await first.commit()
    seen.append(await rights(db))
    await second
    seen.append(await rights(db))
    await other.close()
    assert seen[0] == before < seen[1] <= seen[2] == before + 2


async def test_what_is_due_is_told_with_how_late_it_is(world: World, db: Database, sql: Sql) -> None:
    """[H10] By the clock and as jobs: each makes a look say so, and what is over does not."""
    admin = await act(world, "admin")
    handoff = await hand_off(admin.socket)
    await sql.execute("UPDATE handoffs SET enrich_at = NULL")
    seen = await look(db, NOWHERE)
    assert (seen.due, seen.late) == (False, 0.0)

    await sql.execute("UPDATE handoffs SET expires_at = now() - interval '1 hour' WHERE id = $1", handoff["id"])
    seen = await look(db, NOWHERE)
    assert seen.due
    assert 3600 <= seen.late < 3660
    await world.server.sweep()
    assert not (await look(db, NOWHERE)).due

    await sql.execute("UPDATE handoffs SET enrich_at = now()")
    assert (await look(db, NOWHERE)).due
    await sql.execute("UPDATE handoffs SET enrich_at = NULL")

    question = {
        "session_id": handoff["session_id"],
        "message_id": new_id(),
        "kind": "note",
        "body": "Why?",
        "ask": True,
    }
    await admin.socket.command("message:post", question)
    assert (await look(db, NOWHERE)).due
    await sql.execute("DELETE FROM asks")

    await admin.http.request("PATCH", "/api/account", {"version": 1, "webhook_url": "https://example.com/hook"})
    assert not (await look(db, NOWHERE)).due, "it is told what happens from now on"
    await hand_off(admin.socket)
    await sql.execute("UPDATE handoffs SET enrich_at = NULL")
    seen = await look(db, NOWHERE)
    assert (seen.due, seen.late) == (True, 0.0)


async def test_rooms_are_told_only_where_they_stand_elsewhere(world: World, db: Database) -> None:
    """[S4] With the newest number, 0 where nothing happened, and the log's epoch also where no room has moved."""
    engineer = await world.client("engineer")
    room = Room.of_session(world.account_id, UUID(await open_session(engineer)))
    never = Room.of_session(world.account_id, uuid4())
    _, head = await events.head(db, room)
    assert head
    assert (await look(db, Positions({room: head, never: 0}))).moved == {}
    seen = await look(db, Positions({room: head - 1, never: 3}))
    assert seen.moved == {room: head, never: 0}
    assert seen.epoch == (await look(db, NOWHERE)).epoch == await events.epoch(db)
