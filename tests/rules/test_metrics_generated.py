"""The figures of escalation against a second computation from the log, over generated histories of handoffs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias, get_args
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from store import metrics
from store.db import Database
from store.metrics import Cohort, Figure
from store.models import Outcome, Reason, Severity
from tests.rules.reckoned import LOST, TARGETS, Data, assert_alike, behind, figures, live, lives, people

Sql: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

OUTCOMES = get_args(Outcome)
ENGINEERS, SENIORS, ADMIN = [str(uuid4()) for _ in range(2)], [str(uuid4()) for _ in range(3)], str(uuid4())
NAMES = {who: f"Person {number}" for number, who in enumerate([*ENGINEERS, *SENIORS, ADMIN])}
TTL = timedelta(hours=72)
AT_ONCE, EXAMPLES = 40, 50
"""Together 2,000 handoffs."""

GAPS = (
    0.25,
    1,
    59.5,
    299,
    300,
    900,
    901,
    1800,
    3600,
    14_400,
    14_401,
    50_000,
    86_400,
    86_401,
    259_199,
    259_200,
    300_000,
)
WHILE_QUEUED = (
    "claim", "claim", "claim", "claim", "claim", "claim", "message", "withdraw solved_self", "withdraw mistake",
    "withdraw other", "cancel",
)  # fmt: skip
WHILE_CLAIMED = (
    "message", "start", "release", "release", "release by admin", "reassign", "reassign by admin", "nudge 1", "nudge 2",
    "resolve", "resolve by admin", "cancel",
)  # fmt: skip


@dataclass(frozen=True)
class History:
    """What is done with a handoff, each move so many seconds after the one before."""

    severity: str
    reason: str
    age: int
    """In seconds, when all ends."""
    engineer: int
    moves: list[tuple[float, int, int, list[int]]]
    """Which of those possible then, with which senior, and by how many milliseconds claims are lost to a claim."""
    swept: bool


histories = st.builds(
    History,
    severity=st.sampled_from(get_args(Severity)),
    reason=st.sampled_from(get_args(Reason)),
    age=st.sampled_from([200, 2_000, 80_000, 300_000]) | st.integers(10, 100 * 86_400),
    engineer=st.integers(0, 1),
    moves=st.lists(
        st.tuples(
            st.sampled_from(GAPS),
            st.integers(0, len(WHILE_CLAIMED) - 1),
            st.integers(0, 2),
            st.lists(st.sampled_from([0, 9_999, 10_000, 10_001, 600_000]), max_size=2),
        ),
        min_size=1,
        max_size=7,
    ),
    swept=st.booleans(),
)


class Written:
    """A history as the server writes it: the log of its session, its row after each step, its claims."""

    def __init__(self, history: History, now: datetime, age: float) -> None:
        self.now, self.at = now, now - timedelta(seconds=age)
        self.events: list[Data] = []
        self.claims: list[Data] = []
        engineer = ENGINEERS[history.engineer]
        self.row: Data = {
            "id": str(uuid4()), "session_id": str(uuid4()), "status": "queued", "severity": history.severity,
            "reason": history.reason, "handed_off_by": engineer, "created_at": self.at, "expires_at": self.at + TTL,
            "fencing_token": 0, "claimed_by": None, "claimed_at": None, "closed_at": None, "closed_by": None,
            "first_action_at": None, "withdraw_reason": None, "outcome": None, "nudges": 0,
        }  # fmt: skip
        self.rows = [dict(self.row)]
        self._tell("handoff:created", engineer)
        for gap, pick, senior, lost in history.moves:
            at = self.at + timedelta(seconds=gap)
            expired = self.queued and at >= self.row["expires_at"]
            if expired or self.row["closed_at"] is not None or at > now - timedelta(minutes=1):
                break
            self.at = at
            possible = WHILE_QUEUED if self.queued else WHILE_CLAIMED
            self._move(*possible[pick % len(possible)].partition(" ")[::2], engineer, SENIORS[senior], lost)
        if history.swept and self.queued and self.row["expires_at"] < now:
            self._set(status="expired", closed_at=self.row["expires_at"], expires_at=None)
            self._tell("handoff:expired", None)

    @property
    def queued(self) -> bool:
        return bool(self.row["status"] == "queued")

    @property
    def is_clear(self) -> bool:
        """Whether nothing falls due while the test runs."""
        target = timedelta(seconds=TARGETS[self.row["severity"]])
        stays = [row["expires_at"] - TTL for row in self.rows if row["expires_at"] is not None]
        edges = [stay + span for stay in stays for span in (target, TTL)]
        return all(abs(edge - self.now) > timedelta(minutes=1) for edge in edges)

    def _move(self, move: str, how: str, engineer: str, senior: str, lost: list[int]) -> None:
        if self.queued:
            if move == "claim":
                self._claim(senior, lost)
            elif move == "withdraw":
                self._end("withdrawn", engineer, withdraw_reason=how)
                self.events[-1]["data"]["reason"] = how
            elif move == "cancel":
                self._end("cancelled", engineer)
            elif move == "message":
                self._tell("message:posted", senior)
        elif move == "nudge":
            self._set(nudges=self.row["nudges"] + int(how))
            self._tell("handoff:nudged", None)
            self.events[-1]["data"]["nudge"] = {"n": self.row["nudges"]}
        else:
            self._own(move, ADMIN if how else self.row["claimed_by"], senior)

    def _claim(self, senior: str, lost: list[int]) -> None:
        token = self.row["fencing_token"] + 1
        self._set(status="claimed", fencing_token=token, claimed_by=senior, claimed_at=self.at, expires_at=None)
        self._tell("handoff:claimed", senior)
        self._claimed("won", senior)
        for by_ms in lost:
            self._claimed("lost", ADMIN, by_ms)

    def _own(self, move: str, by: str, senior: str) -> None:
        acts = self.row["first_action_at"] or (self.at if by == self.row["claimed_by"] else None)
        if move == "message":
            self._set(first_action_at=acts)
            self._tell("message:posted", by)
        elif move == "start":
            self._set(first_action_at=acts)
            self._tell("handoff:started", by)
        elif move == "release":
            free: Data = {"claimed_by": None, "claimed_at": None, "expires_at": self.at + TTL}
            self._set(status="queued", first_action_at=acts, nudges=0, **free)
            self._tell("handoff:released", by)
        elif move == "reassign":
            owned = {"claimed_by": senior, "claimed_at": self.at, "fencing_token": self.row["fencing_token"] + 1}
            self._set(first_action_at=acts, nudges=0, **owned)
            self._tell("handoff:reassigned", by)
            self._claimed("assigned", senior)
        elif move == "resolve":
            outcome = OUTCOMES[UUID(self.row["id"]).int % len(OUTCOMES)]
            self._end("resolved", by, first_action_at=acts, outcome=outcome)
        elif move == "cancel":
            self._end("cancelled", ADMIN)

    def _end(self, status: str, by: str, **more: object) -> None:
        self._set(status=status, closed_at=self.at, closed_by=by, expires_at=None, **more)
        self._tell(f"handoff:{status}", by)

    def _set(self, **columns: object) -> None:
        self.row |= columns
        self.rows.append(dict(self.row))

    def _claimed(self, result: str, user: str, by_ms: int | None = None) -> None:
        at = min(self.at + timedelta(milliseconds=by_ms or 0), self.now)
        token = self.row["fencing_token"]
        about = {"handoff_id": self.row["id"], "user_id": user, "result": result, "fencing_token": token}
        self.claims.append(about | {"at": at, "lost_by_ms": by_ms})

    def _tell(self, event: str, actor: str | None) -> None:
        about = {name: _plain(value) for name, value in self.row.items()} | {
            "handed_off_by": {"id": self.row["handed_off_by"]},
            "claimed_by": {"id": self.row["claimed_by"]},
        }
        data = {"handoff": about} if event.startswith("handoff:") else {}
        room = f"session:{self.row['session_id']}"
        who = None if actor is None else {"id": actor}
        told = {"room": room, "seq": len(self.events) + 1, "type": event, "at": _plain(self.at)}
        self.events.append(told | {"actor": who, "data": data})


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def written(history: History, now: datetime) -> Written:
    age: float = history.age
    while not (tried := Written(history, now, age)).is_clear:
        age += 130
    return tried


PEOPLE = """
WITH account AS (INSERT INTO accounts (id, name) VALUES ($1, 'Acme MSP'))
INSERT INTO users (account_id, id, name, role)
SELECT $1, id, name, 'senior' FROM unnest($2::uuid[], $3::text[]) AS u (id, name)
"""
SESSIONS = """
INSERT INTO sessions (account_id, id, title, client_name, problem, created_by, created_by_name, created_at)
SELECT $1, session_id, 'T', 'C', 'P', handed_off_by, 'E', created_at
FROM jsonb_to_recordset($2::jsonb) AS r (session_id uuid, handed_off_by uuid, created_at timestamptz)
"""
MADE = """
INSERT INTO handoffs (account_id, id, session_id, status, severity, reason, ask, handed_off_by, handed_off_by_name,
                      created_at, first_queued_at, expires_at, package, has_task_lane, attempt_no)
SELECT $1, id, session_id, 'queued', severity, reason, 'A', handed_off_by, 'E', created_at, created_at, expires_at,
       '{}', false, 1
FROM jsonb_populate_recordset(NULL::handoffs, $2::jsonb)
"""
MOVED = """
UPDATE handoffs h
SET (status, fencing_token, claimed_by, claimed_at, expires_at, closed_at, closed_by, first_action_at,
     withdraw_reason, outcome, nudges, queued_since)
  = (r.status, r.fencing_token, r.claimed_by, r.claimed_at, r.expires_at, r.closed_at, r.closed_by, r.first_action_at,
     r.withdraw_reason, r.outcome, r.nudges, r.expires_at - interval '72 hours')
FROM jsonb_populate_recordset(NULL::handoffs, $2::jsonb) AS r WHERE h.account_id = $1 AND h.id = r.id
"""
ATTEMPTS = """
INSERT INTO claims (account_id, id, handoff_id, user_id, result, fencing_token, at, lost_to, lost_at, lost_by_ms)
SELECT $1, gen_random_uuid(), handoff_id, user_id, result, fencing_token, at,
       CASE result WHEN 'lost' THEN '{}'::jsonb END, CASE result WHEN 'lost' THEN at END, lost_by_ms
FROM jsonb_populate_recordset(NULL::claims, $2::jsonb)
"""
LOG = """
INSERT INTO events (account_id, room, seq, type, at, actor, data)
SELECT $1, room, seq, type, at, actor, data FROM jsonb_populate_recordset(NULL::events, $2::jsonb)
"""
READ_LOG = "SELECT event_body(e) FROM events e WHERE account_id = $1 AND room LIKE 'session:%' ORDER BY room, seq"


async def save(sql: Sql, account_id: UUID, all_of_them: list[Written]) -> None:
    """Log and rows. The rows go through their steps, all first steps at once, then all second ones."""

    async def run(statement: str, rows: list[Data]) -> None:
        await sql.execute(statement, account_id, json.dumps(rows, default=_plain))

    await sql.execute(PEOPLE, account_id, list(NAMES), list(NAMES.values()))
    made = [one.rows[0] for one in all_of_them]
    await run(SESSIONS, made)
    await run(MADE, made)
    for step in range(1, max(len(one.rows) for one in all_of_them)):
        await run(MOVED, [one.rows[step] for one in all_of_them if step < len(one.rows)])
    await run(ATTEMPTS, [claim for one in all_of_them for claim in one.claims])
    await run(LOG, [event for one in all_of_them for event in one.events])


@dataclass(frozen=True)
class Asked:
    """A window that begins or ends as a handoff is made, or neither, of so many days; without an end up to now."""

    days: int
    of: int
    edge: str

    def cohort(self, made: list[datetime], now: datetime) -> Cohort:
        span, at = timedelta(days=self.days), made[self.of]
        match self.edge:
            case "begins":
                return Cohort(at, at + span)
            case "ends":
                return Cohort(at - span, at, at - span * 2)
            case "open":
                return Cohort(now - span)
        return Cohort()


windows = st.builds(
    Asked,
    days=st.sampled_from([1, 20, 60, 200]),
    of=st.integers(0, AT_ONCE - 1),
    edge=st.sampled_from(["begins", "ends", "open", "open", ""]),
)


@pytest.fixture
def reached() -> Iterator[Counter[str]]:
    """How many handoffs were written, and counted by each figure: none of them is compared only while it is 0."""
    reached: Counter[str] = Counter()
    yield reached
    assert reached["written"] >= AT_ONCE * EXAMPLES
    assert {figure for figure in get_args(Figure) if not reached[figure]} == set()


@given(st.lists(histories, min_size=AT_ONCE, max_size=AT_ONCE), windows)
@settings(
    max_examples=EXAMPLES,
    phases=[Phase.generate],  # to shrink forty histories takes minutes; the figure that differs is named
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
async def test_figures_equal_those_computed_from_the_log(
    db: Database, sql: Sql, reached: Counter[str], told_of: list[History], asked: Asked
) -> None:
    """[Q2] Of the window and of the one before; and behind every number are the handoffs that it counts."""
    account_id = uuid4()
    now: datetime = await sql.fetchval("SELECT now()")
    all_of_them = [written(history, now) for history in told_of]
    await save(sql, account_id, all_of_them)
    log = [json.loads(row[0]) for row in await sql.fetch(READ_LOG, account_id)]
    lost = [(row[0], row[1]) for row in await sql.fetch(LOST, account_id)]
    now = await sql.fetchval("SELECT now()")
    everything = lives(log, lost, now)
    cohort = asked.cohort([life.queued for life in everything], now)
    told = json.loads(str(await metrics.read(db, account_id, cohort, tz="UTC", people=True)))
    window = told.pop("window"), told["previous"].pop("window")
    slack = ((await sql.fetchval("SELECT now()")) - now).total_seconds()
    of_window, of_before = [
        [
            life
            for life in everything
            if datetime.fromisoformat(w["from"]) <= life.queued < datetime.fromisoformat(w["to"])
        ]
        for w in window
    ]
    assert window[1]["to"] == window[0]["from"]
    reckoned = figures(of_window, now) | {
        "previous": figures(of_before, now),
        "now": live(everything, now),
        "targets": TARGETS,
        "people": people(of_window, NAMES),
    }
    assert_alike(told, reckoned, slack)
    for figure in get_args(Figure):
        who = SENIORS[0] if not figure.endswith("handed_off") else ENGINEERS[0]
        user_id = UUID(who) if figure.startswith("people.") else None
        counted = await metrics.handoffs_behind(db, account_id, cohort, figure, user_id=user_id, limit=200)
        ids = [str(handoff["id"]) for handoff in rows_of(counted.data)]
        assert len(ids) == len(set(ids)) == number_at(told, figure, who), figure
        assert set(ids) == behind(figure, of_window, everything, now, who), figure
        reached[figure] += len(ids)
    reached["written"] += len(everything)


def rows_of(data: dict[str, object]) -> list[Data]:
    rows = data["handoffs"]
    assert isinstance(rows, list)
    return rows


def number_at(told: Data, figure: str, who: str) -> int:
    """The number that stands there."""
    noun, _, word = figure.partition(".")
    if noun == "people":
        return sum(share[word] for share in told["people"] if share["user"]["id"] == who)
    number: int = told[noun][word] if word else told[noun]
    return number
