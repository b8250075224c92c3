"""Background work goes on when the replica at it is killed."""

from __future__ import annotations

import asyncio
import signal

from tests.conftest import MakeWorld, claim, hand_off
from tests.rules.scenes import Sql, age
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
        async with started("serve", RF_DATABASE_URL=database_url, RF_PORT="0", RF_SWEEP="0.05") as replica:
            async with asyncio.timeout(30):
                while not await sql.fetch(STEPS):
                    pass
            assert (await replica.stop(signal.SIGKILL)).code == -signal.SIGKILL
        done = sum(row["events"] for row in await sql.fetch(STEPS))
        await sql.execute("DROP TRIGGER slowly ON events")
        await world.server.sweep()
    assert 0 < done < 240
    assert [tuple(row) for row in await sql.fetch(STEPS)] == [("handoff:expired", 80, 80), ("handoff:nudged", 160, 160)]
