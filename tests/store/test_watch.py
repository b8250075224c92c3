"""The one query that tells whether there is anything to ask about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg

from store import accounts, events, watch
from store.db import Database
from store.models import Principal, Room
from store.watch import Positions, look
from tests.conftest import World, hand_off, open_session
from tests.rules.scenes import Sql, act, new_id

NOWHERE = Positions({})
MESSAGES = """
INSERT INTO webhook_messages SELECT $1, number, $2, 'handoff:created', '{}', now(), 1, now() + wait
FROM unnest($3::interval[]) WITH ORDINALITY AS m (wait, number)
"""

CHANGES = ("role = 'admin'", "disabled_at = now()", "revoked_at = now()", "disabled_at = NULL")
NONE = ("name = 'Eve'", "role = role", "role_as_of = now()")


async def rights(db: Database) -> int:
    return (await look(db, NOWHERE)).rights


async def test_rights_are_told_to_have_changed_whoever_changes_them(world: World, db: Database, sql: Sql) -> None:
    """[R9] Somebody at a prompt of PostgreSQL too; and not when a token tells what was known."""
    who = world.person("engineer")
    await accounts.provision(db, who, datetime.now(UTC) - timedelta(minutes=1))
    seen = [await rights(db)]
    await accounts.provision(db, who, datetime.now(UTC))
    for assignment in NONE:
        await sql.execute(f"UPDATE users SET {assignment} WHERE id = $1", who.user_id)
    assert await rights(db) == seen[0]
    for assignment in CHANGES:
        await sql.execute(f"UPDATE users SET {assignment} WHERE id = $1", who.user_id)
        seen.append(await rights(db))
    await accounts.provision(db, replace(who, role="viewer"), datetime.now(UTC))
    seen.append(await rights(db))
    assert len({*seen}) == len(CHANGES) + 2


async def test_each_of_two_changes_at_once_is_told(db: Database, database_url: str, sql: Sql) -> None:
    """[R9] Whichever began first; and neither waits for the other."""
    people = [Principal(uuid4(), "Acme", uuid4(), "Ada", "engineer") for _ in range(2)]
    for who in people:
        await accounts.provision(db, who)
    other = await asyncpg.connect(database_url)
    first = sql.transaction()
    await first.start()
    await sql.execute("UPDATE users SET disabled_at = now() WHERE id = $1", people[0].user_id)
    seen = [await rights(db)]
    await other.execute("UPDATE users SET disabled_at = now() WHERE id = $1", people[1].user_id, timeout=10)
    seen.append(await rights(db))
    await first.commit()
    seen.append(await rights(db))
    await other.close()
    assert len({*seen}) == 3


async def test_changes_of_rights_long_ago_are_forgotten(world: World, db: Database, sql: Sql) -> None:
    """One row for a statement, however many people's it changed; those of the last day stay."""
    for _ in range(3):
        await accounts.provision(db, world.person("engineer"))
    await sql.execute("UPDATE users SET revoked_at = now()")
    assert await sql.fetchval("SELECT count(*) FROM rights_changes") == 1
    await sql.execute("UPDATE rights_changes SET at = at - interval '23 hours'")
    await watch.forget(db)
    seen = await rights(db)
    assert seen
    await sql.execute("UPDATE rights_changes SET at = at - interval '2 hours'")
    await sql.execute("UPDATE users SET revoked_at = NULL")
    await watch.forget(db)
    assert await sql.fetchval("SELECT count(*) FROM rights_changes") == 1
    assert await rights(db) != seen


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

    await sql.execute("UPDATE webhooks SET seq = 999999, next_at = now() - interval '2 hours'")
    for oldest, due in ((timedelta(hours=1), False), (timedelta(hours=-1), True)):  # when it is tried again
        await sql.execute("DELETE FROM webhook_messages")
        await sql.execute(MESSAGES, world.account_id, UUID(handoff["id"]), [oldest, timedelta(days=-1)])
        seen = await look(db, NOWHERE)
        assert (seen.due, seen.late >= 3600) == (due, due)


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
