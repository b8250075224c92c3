"""Background work goes on when the replica at it is killed, and costs next to nothing while there is none."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from uuid import uuid4

from store import jobs
from store.db import Database
from tests.conftest import MakeWorld, World, claim, hand_off, open_session
from tests.rules.scenes import Sql, act, age, new_id
from tests.server.commandline import started

STEPS = """
SELECT type, count(*) AS events, count(DISTINCT (room, data -> 'handoff' ->> 'id')) AS told FROM events
WHERE type IN ('handoff:expired', 'handoff:nudged') GROUP BY type ORDER BY type
"""


async def test_killed_sweeper_s_steps_are_done_once_by_another(
    make_world: MakeWorld, sql: Sql, database_url: str
) -> None:
    """[H10] Killed in the middle of its work by SIGKILL: what it had done is not done again, the rest is."""
    async with make_world() as world:
        engineer, senior = await world.client("engineer"), await world.client("senior")
        waiting, expiring, owned = [[await hand_off(engineer) for _ in range(40)] for _ in range(3)]
        for handoff in owned:
            await claim(senior, handoff["id"])
        await sql.execute("UPDATE handoffs SET expires_at = now() WHERE id = ANY ($1)", [one["id"] for one in expiring])
        for handoff in waiting + owned:
            await age(sql, handoff["id"], 31)
        # Each step takes a while, so that the signal comes between the first and the last of them.
        await sql.execute(
            """CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql
                   AS 'BEGIN PERFORM pg_sleep(0.02); RETURN NEW; END';
               CREATE TRIGGER slowly BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION slowly()"""
        )
        async with started("serve", RF_DATABASE_URL=database_url, RF_PORT="0", RF_HEAD_CHECK="0.05") as replica:
            async with asyncio.timeout(30):
                while not await sql.fetch(STEPS):
                    pass
            assert (await replica.stop(signal.SIGKILL)).code == -signal.SIGKILL
        done = sum(row["events"] for row in await sql.fetch(STEPS))
        await sql.execute("DROP TRIGGER slowly ON events")
        await world.server.sweep()
    assert 0 < done < 240
    assert [tuple(row) for row in await sql.fetch(STEPS)] == [("handoff:expired", 80, 80), ("handoff:nudged", 160, 160)]


async def test_queue_of_jobs_is_asked_only_while_there_may_be_some(make_world: MakeWorld, sql: Sql) -> None:
    """An idle replica has no connection to it; what is due is done for all that, and nothing is left."""
    asks = """SELECT count(*) FROM pg_stat_activity
              WHERE datname = current_database() AND application_name = 'resolutionflow jobs'"""
    async with make_world(background=True, head_check=0.05) as world:
        await asyncio.sleep(0.5)
        assert await sql.fetchval(asks) == 0
        engineer = await world.client("engineer")
        session_id = await open_session(engineer)
        view = await engineer.join_session(session_id)
        question = {"session_id": session_id, "message_id": new_id(), "kind": "note", "body": "And now?", "ask": True}
        await engineer.command("message:post", question)
        await view.until_seq(3)  # the answer
        assert await sql.fetchval(asks) > 0
        async with asyncio.timeout(10):
            while await sql.fetchval("SELECT count(*) FROM jobs.pgqueuer"):  # noqa: ASYNC110  # told by nobody
                await asyncio.sleep(0.05)
            while any(task.get_name() == "job queue" for task in asyncio.all_tasks()):  # noqa: ASYNC110
                await asyncio.sleep(0.05)


async def test_account_has_no_more_than_its_share_of_jobs_under_way(world: World, db: Database, sql: Sql) -> None:
    """However long they take; those of a replica that died are due again."""
    people = [await world.client(world.person("engineer", other_tenant=number > 0)) for number in range(2)]
    for engineer, questions in zip(people, (6, 1), strict=True):
        for _ in range(questions):
            session_id = await open_session(engineer)
            question = {"session_id": session_id, "message_id": new_id(), "kind": "note", "body": "Why?", "ask": True}
            await engineer.command("message:post", question)
    due = await jobs.due(db, of_account=4, limit=100)
    assert sorted(Counter(job.account_id for job in due).values()) == [1, 4]
    many = [job for job in due if job.account_id == world.account_id]
    async with jobs.Jobs.open(db.url) as queue:
        await queue.put(many)
    await sql.execute("UPDATE jobs.pgqueuer SET status = 'picked', heartbeat = now()")
    left = await jobs.due(db, of_account=4, limit=100)
    assert [job.account_id for job in left] == [world.other_account_id]
    await sql.execute("UPDATE jobs.pgqueuer SET heartbeat = now() - interval '1 minute'")
    assert len(await jobs.due(db, of_account=4, limit=100)) == 5


async def test_jobs_of_a_kind_that_hang_hold_up_no_other_kind(db: Database) -> None:
    """As many as there are places for: of a language model that never answers, while a webhook is to be told."""
    hanging, told = asyncio.Semaphore(0), asyncio.Event()

    async def hang(_: jobs.Job) -> None:
        hanging.release()
        await asyncio.Event().wait()

    async def tell(_: jobs.Job) -> None:
        told.set()

    async with jobs.Jobs.open(db.url) as queue, asyncio.timeout(10):
        doing = asyncio.create_task(queue.work({"enrich": hang, "answer": hang, "webhook": tell}))
        try:
            for kind in ("enrich", "answer"):
                await queue.put([jobs.Job(kind, uuid4(), uuid4()) for _ in range(2 * jobs.AT_ONCE)])
            for _ in range(jobs.AT_ONCE):
                await hanging.acquire()
            await queue.put([jobs.Job("webhook", uuid4(), uuid4())])
            await told.wait()
        finally:
            doing.cancel()
            await asyncio.wait([doing])


async def test_due_jobs_of_a_kind_leave_room_for_another_kind(world: World, db: Database, sql: Sql) -> None:
    """However many accounts have some, and however much longer they have been due."""
    admin = await act(world, "admin")
    await admin.http.request("PATCH", "/api/account", {"version": 1, "webhook_url": "https://example.com/hook"})
    for other_tenant in (False, True):
        engineer = await world.client(world.person("engineer", other_tenant=other_tenant))
        session_id = await open_session(engineer)
        question = {"session_id": session_id, "message_id": new_id(), "kind": "note", "body": "Why?", "ask": True}
        await engineer.command("message:post", question)
    await sql.execute("UPDATE asks SET next_at = now() - interval '1 hour'")
    await hand_off(admin.socket)
    due = await jobs.due(db, of_account=4, limit=2)
    assert sorted(job.kind for job in due) == ["answer", "answer", "webhook"]
