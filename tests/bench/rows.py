"""What is measured, and the rows it is measured on: the same for the server and for pgbench."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import asyncpg

Sql: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

HANDOFF = "00000000-0000-4000-8000-"
SESSION = "00000000-0000-4000-8001-"
ACCOUNT = "00000000-0000-4000-8002-"
USER = "00000000-0000-4000-8003-"
CLAIM = "00000000-0000-4000-8004-"
MESSAGE = "00000000-0000-4000-8005-"
BODY = "Restarted the spooler, the queue drains again. Event 7031 is still logged once a minute."
"""Every id is one of these and a number of twelve digits."""

FIRST = 100_000_000_000
ROOM_OF_A_RUN = 1_000_000
ENGINEER = 900_000
OBSERVER = 900_001


@dataclass(frozen=True)
class Scenario:
    """`lanes` writes are in flight at any time; each lane makes `each` of them, one after the other."""

    name: str
    lanes: int
    each: int
    accounts: int = 1
    contended: bool = False
    """All lanes claim the same handoff, then the next one."""
    writes: Literal["claims", "messages"] = "claims"
    """Messages are posted to the sessions of the handoffs, each to another."""

    @property
    def accounts_of_lane(self) -> int:
        return max(1, self.accounts // self.lanes)

    @property
    def total(self) -> int:
        return self.lanes * self.each

    @property
    def handoffs(self) -> int:
        return self.each if self.contended else self.total


@dataclass(frozen=True)
class Run:
    """One scenario on rows of its own."""

    scenario: Scenario
    number: int

    @property
    def base(self) -> int:
        return FIRST + self.number * ROOM_OF_A_RUN

    @property
    def stride(self) -> int:
        """How far the handoffs of two lanes are apart."""
        return 0 if self.scenario.contended else self.scenario.each

    @property
    def spread(self) -> int:
        """How far the accounts of two lanes are apart."""
        return 0 if self.scenario.accounts == 1 else self.scenario.accounts_of_lane

    def handoff(self, lane: int, index: int) -> int:
        return self.base + lane * self.stride + index

    def account(self, lane: int, index: int) -> int:
        return self.base + lane * self.spread + index % self.scenario.accounts_of_lane

    def user(self, lane: int) -> int:
        return self.base + lane

    def attempt(self, lane: int, index: int) -> int:
        return self.base + lane * self.scenario.each + index


PEOPLE = """
WITH account AS (
    INSERT INTO accounts (id, name) SELECT $1, 'Account ' || $2::text
)
INSERT INTO users (account_id, id, name, role)
SELECT $1, id, initcap(role), role FROM unnest($3::uuid[], $4::text[]) AS u (id, role)
"""

WAITING = """
WITH made AS (
    SELECT *, $4::uuid AS engineer
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS n (account_id, session_id, handoff_id)
),
session AS (
    INSERT INTO sessions (account_id, id, title, client_name, problem, created_by, created_by_name, created_at,
                          handoff_id, escalation_package)
    SELECT n.account_id, n.session_id, s.title, s.client_name, s.problem, n.engineer, 'Engineer', now(), n.handoff_id,
           s.escalation_package
    FROM made n CROSS JOIN sessions s WHERE s.id = (SELECT session_id FROM handoffs WHERE id = $5)
),
room AS (
    INSERT INTO rooms (account_id, name, seq) SELECT account_id, 'session:' || session_id, 2 FROM made
)
INSERT INTO handoffs (account_id, id, session_id, status, severity, reason, ask, handed_off_by, handed_off_by_name,
                      created_at, first_queued_at, expires_at, package, has_task_lane, attempt_no)
SELECT n.account_id, n.handoff_id, n.session_id, 'queued', h.severity, h.reason, h.ask, n.engineer, 'Engineer',
       now(), now(), now() + interval '72 hours', h.package, h.has_task_lane, 1
FROM made n CROSS JOIN handoffs h WHERE h.id = $5
"""


async def prepare(sql: Sql, run: Run, template: str) -> None:
    """Accounts, people and queued handoffs of the run, each handoff like the one with the id `template`."""
    scenario = run.scenario
    people = [USER + str(run.base + ENGINEER), *[USER + str(run.user(lane)) for lane in range(scenario.lanes)]]
    roles = ["engineer"] + ["senior"] * scenario.lanes
    for account in range(scenario.accounts):
        await sql.execute(PEOPLE, ACCOUNT + str(run.base + account), str(account), people, roles)
    waiting = {
        run.handoff(lane, index): run.account(lane, index)
        for lane in range(scenario.lanes)
        for index in range(scenario.each)
    }
    await sql.execute(
        WAITING,
        [ACCOUNT + str(account) for account in waiting.values()],
        [SESSION + str(handoff) for handoff in waiting],
        [HANDOFF + str(handoff) for handoff in waiting],
        USER + str(run.base + ENGINEER),
        template,
    )
    await sql.execute("VACUUM (ANALYZE) accounts, users, sessions, handoffs, claims, rooms, events")
    await sql.execute("CHECKPOINT")


async def check(sql: Sql, run: Run) -> None:
    """Raises ValueError unless every write of the run took effect once, and was told once in each of its rooms."""
    if run.scenario.writes == "messages":
        await _check_messages(sql, run)
        return
    first, last = HANDOFF + str(run.base), HANDOFF + str(run.base + ROOM_OF_A_RUN - 1)
    won = await sql.fetchval(
        "SELECT count(*) FROM handoffs WHERE id BETWEEN $1 AND $2 AND status = 'claimed' AND fencing_token = 1",
        first, last,
    )  # fmt: skip
    recorded = await sql.fetchval("SELECT count(*) FROM claims WHERE handoff_id BETWEEN $1 AND $2", first, last)
    told = await sql.fetchval(
        "SELECT count(*) FROM events WHERE account_id BETWEEN $1 AND $2 AND type = 'handoff:claimed'",
        ACCOUNT + str(run.base), ACCOUNT + str(run.base + ROOM_OF_A_RUN - 1),
    )  # fmt: skip
    expected = (run.scenario.handoffs, run.scenario.total, 2 * run.scenario.handoffs)
    if (won, recorded, told) != expected:
        raise ValueError(f"{run.scenario.name}: won, recorded, told {(won, recorded, told)}, not {expected}")


async def _check_messages(sql: Sql, run: Run) -> None:
    first, last = MESSAGE + str(run.base), MESSAGE + str(run.base + ROOM_OF_A_RUN - 1)
    written = await sql.fetchval("SELECT count(*) FROM messages WHERE id BETWEEN $1 AND $2", first, last)
    told = await sql.fetchval(
        "SELECT count(*) FROM events WHERE account_id BETWEEN $1 AND $2 AND type = 'message:posted'",
        ACCOUNT + str(run.base), ACCOUNT + str(run.base + ROOM_OF_A_RUN - 1),
    )  # fmt: skip
    if (written, told) != (run.scenario.total, run.scenario.total):
        raise ValueError(f"{run.scenario.name}: written, told {(written, told)}, not {run.scenario.total} of each")


def steady_rate(answered: list[float]) -> float:
    """Writes a second, from the moments at which they were answered.

    The first and the last tenth of all are left out: there connections plan the statement, and lanes have run dry.
    """
    moments = sorted(answered)
    first, last = len(moments) // 10, len(moments) * 9 // 10
    return (last - first) / (moments[last] - moments[first])
