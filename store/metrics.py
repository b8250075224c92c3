"""How an account's escalations go, in numbers. What each of them means stands in docs/metrics.md.

They are read from the clock that every handoff keeps in its row and from the claims that were lost: the log is
trimmed. What a number counts is a predicate, written once: the same counts, and finds the handoffs behind the number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args
from uuid import UUID

from store.db import Database
from store.errors import Refusal
from store.models import Answer, Json, Outcome, Reason, Severity

LONGEST_DAYS: Final = 400
"""Of a window."""
FEW: Final = 5
"""Of less values than these no percentile is told, but the values."""
TOGETHER_MS: Final = 10_000
"""Who lost a claim by no more was in a race; who lost by more had an old queue before them."""

Figure = Literal[
    "created",
    "time_to_claim.n",
    "time_to_first_action.n",
    "time_to_resolve.n",
    "queue_wait_total.n",
    "sla.met",
    "sla.late",
    "sla.unclaimed_past_target",
    "sla.too_young",
    "sla.ended_before_target",
    "abandonment.expired",
    "abandonment.withdrawn",
    "abandonment.cancelled_queued",
    "abandonment.self_solved",
    "conflicts.handoffs",
    "conflicts.claimed",
    "conflicts.stale_view",
    "rebound.handoffs",
    "rebound.claimed",
    "outcomes.fixed_by_senior",
    "outcomes.guided_engineer",
    "outcomes.returned_needs_info",
    "outcomes.escalated_further",
    "outcomes.vendor",
    "outcomes.client_action",
    "outcomes.workaround",
    "outcomes.no_fault_found",
    "outcomes.duplicate",
    "now.waiting",
    "now.past_target",
    "now.claimed_active",
    "now.stale",
    "people.handed_off",
    "people.claimed",
    "people.returned",
    "people.resolved",
]
"""Where the number stands in the answer."""

PERSONS: Final[Mapping[str, str]] = {
    "handed_off_by": "h.handed_off_by",
    "claimants": "h.claimants",
    "returners": "h.returners",
    "resolved_by": "CASE h.status WHEN 'resolved' THEN h.closed_by END",
}
"""Who did something with a handoff."""
DURATIONS: Final = ("time_to_claim", "time_to_first_action", "time_to_resolve", "queue_wait_total")
SLA: Final = ("met", "late", "unclaimed_past_target", "too_young", "ended_before_target")
ABANDONED: Final = ("expired", "withdrawn", "cancelled_queued")

OF_COHORT: Final[Mapping[str, str]] = {
    "created": "true",
    **{f"{name}.n": f"{name} IS NOT NULL" for name in DURATIONS},
    **{f"sla.{word}": f"sla = '{word}'" for word in SLA},
    **{f"abandonment.{word}": f"fate = '{word}'" for word in (*ABANDONED, "self_solved")},
    "conflicts.handoffs": "lost_soon",
    "conflicts.claimed": "claims > 0",
    "conflicts.stale_view": "lost_late",
    "rebound.handoffs": "claims > 1",
    "rebound.claimed": "claims > 0",
    **{f"outcomes.{outcome}": f"outcome = '{outcome}'" for outcome in get_args(Outcome)},
}
"""Of a row of `facts`."""
OF_PERSON: Final[Mapping[str, str]] = {
    "people.handed_off": "handed_off_by = $9::uuid",
    "people.claimed": "$9::uuid = ANY (claimants)",
    "people.returned": "$9::uuid = ANY (returners)",
    "people.resolved": "resolved_by = $9::uuid",
}
"""Of a row of `facts`, for one person."""
OF_NOW: Final[Mapping[str, str]] = {
    "now.waiting": "status = 'queued'",
    "now.past_target": "status = 'queued' AND now() > queued_since + (claim_by - first_queued_at)",
    "now.claimed_active": "status = 'claimed' AND nudges <= 1",
    "now.stale": "status = 'claimed' AND nudges > 1",
}
"""Of a row of `live`."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """The handoffs created in [`begins`, `ends`), where it is not said in the 30 days before the end, and up to now.

    `before` begins the window they are compared with: one of the same length where it is not said.
    """

    begins: datetime | None = None
    ends: datetime | None = None
    before: datetime | None = None


ASKED: Final = f"""
asked AS MATERIALIZED (
    SELECT coalesce($4::timestamptz, b.begins - (e.ends - b.begins)) AS before, b.begins, e.ends
    FROM (SELECT coalesce($3::timestamptz, now()) AS ends) AS e
    CROSS JOIN LATERAL (SELECT coalesce($2::timestamptz, e.ends - interval '30 days') AS begins) AS b
    WHERE b.begins < e.ends AND e.ends - b.begins <= interval '{LONGEST_DAYS} days'
)"""


def _facts(since: str, people: str = "false") -> str:
    """`facts`: what is counted of each handoff created from then on, and whether that was in the window asked for.

    One past its expiry has expired, swept or not. `people` is SQL: whether it is asked who did something with it.

    What was lost is looked up in hash tables, whatever a planner expects who does not know the window; date_part() is
    fast where extract() is exact.
    """
    return f"""
lost AS NOT MATERIALIZED (
    SELECT c.handoff_id, c.lost_by_ms AS by_ms
    FROM asked a JOIN claims c ON c.account_id = $1 AND c.result = 'lost' AND c.at >= a.{since}
),
facts AS MATERIALIZED (
    SELECT h.id, h.created_at >= a.begins AS current, h.severity, h.reason, h.outcome,
           least(h.claims, 2) AS claims,
           {", ".join(f"CASE WHEN {people} THEN {who} END AS {name}" for name, who in PERSONS.items())},
           h.id IN (SELECT l.handoff_id FROM lost l WHERE l.by_ms <= {TOGETHER_MS}) AS lost_soon,
           h.id IN (SELECT l.handoff_id FROM lost l WHERE l.by_ms > {TOGETHER_MS}) AS lost_late,
           CASE
               WHEN h.first_claimed_at <= h.claim_by THEN 'met'
               WHEN h.first_claimed_at IS NOT NULL THEN 'late'
               WHEN coalesce(h.closed_at, least(h.expires_at, now())) > h.claim_by THEN 'unclaimed_past_target'
               WHEN h.expires_at > now() THEN 'too_young'
               ELSE 'ended_before_target'
           END AS sla,
           CASE
               WHEN h.expires_at <= now() THEN 'expired'
               WHEN h.status = 'withdrawn' AND h.withdraw_reason = 'solved_self' THEN 'self_solved'
               WHEN h.status = 'cancelled' AND h.ended_from = 'queued' THEN 'cancelled_queued'
               ELSE h.status
           END AS fate,
           date_part('epoch', h.first_claimed_at - h.first_queued_at) AS time_to_claim,
           date_part('epoch', h.first_action_at - h.first_claimed_at) AS time_to_first_action,
           CASE h.status WHEN 'resolved' THEN date_part('epoch', h.closed_at - h.first_queued_at) END
               AS time_to_resolve,
           date_part('epoch', h.waited + coalesce(least(h.expires_at, now()) - h.queued_since, '0')) AS queue_wait_total
    FROM asked a JOIN handoffs h ON h.account_id = $1 AND h.created_at >= a.{since} AND h.created_at < a.ends
)"""


LIVE: Final = """
live AS (
    SELECT h.id, h.status, h.nudges, h.queued_since, h.claim_by, h.first_queued_at FROM handoffs h
    WHERE h.account_id = $1 AND (h.status = 'claimed' OR h.status = 'queued' AND h.expires_at > now())
)"""


def _object(fields: Mapping[str, str]) -> str:
    """SQL of a JSON object of these SQL expressions."""
    return f"jsonb_build_object({', '.join(repr(name) + ', ' + value for name, value in fields.items())})"


def _n(figure: str, where: str = "true") -> str:
    """How many of `tally` it counts."""
    return f"coalesce(sum(n) FILTER (WHERE {OF_COHORT[figure]} AND {where}), 0)"


def _rate(parts: Iterable[str], whole: Iterable[str]) -> str:
    return f"round(({' + '.join(parts)}) / nullif({' + '.join(whole)}, 0), 4)"


def _sla(where: str = "true") -> dict[str, str]:
    n = {word: _n(f"sla.{word}", where) for word in SLA}
    return n | {"attainment": _rate([n["met"]], [n["met"], n["late"], n["unclaimed_past_target"]])}


def _abandonment() -> dict[str, str]:
    n = {word: _n(f"abandonment.{word}") for word in ABANDONED}
    rate = _rate(n.values(), [_n("created")])
    return n | {"self_solved": _n("abandonment.self_solved"), "created": _n("created"), "rate": rate}


def _of_claimed(noun: str) -> dict[str, str]:
    n = {word: _n(f"{noun}.{word}") for word in ("handoffs", "claimed")}
    return n | {"rate": _rate([n["handoffs"]], [n["claimed"]])}


def _created(column: str, values: Iterable[str]) -> str:
    return _object({value: _n("created", f"{column} = '{value}'") for value in values})


SEVERITIES: Final = get_args(Severity)
COUNTED: Final = _object(
    {
        "created": _n("created"),
        "sla": _object(_sla() | {"by_severity": _object({s: _object(_sla(f"severity = '{s}'")) for s in SEVERITIES})}),
        "abandonment": _object(_abandonment()),
        "conflicts": _object(_of_claimed("conflicts") | {"stale_view": _n("conflicts.stale_view")}),
        "rebound": _object(_of_claimed("rebound")),
        "outcomes": _object({outcome: _n(f"outcomes.{outcome}") for outcome in get_args(Outcome)}),
        "breakdown": _object(
            {"severity": _created("severity", SEVERITIES), "reason": _created("reason", get_args(Reason))}
        ),
    }
)


def _spread(name: str) -> str:
    percentiles = f"percentile_cont('{{0.5, 0.75, 0.9, 0.95}}'::float8[]) WITHIN GROUP (ORDER BY {name})"
    return f"count({name}) AS {name}_n, {percentiles} AS {name}"


def _told(name: str) -> str:
    percentiles = {
        f"p{p}": f"CASE WHEN {name}_n >= {FEW} THEN round({name}[{i}]::numeric, 3) END"
        for i, p in enumerate((50, 75, 90, 95), 1)
    }
    values = f"""CASE WHEN {name}_n = 0 THEN '[]'::jsonb WHEN {name}_n < {FEW} THEN (
        SELECT jsonb_agg(jsonb_build_object('handoff_id', f.id, 'seconds', round(f.{name}::numeric, 3))
                         ORDER BY f.{name}, f.id)
        FROM facts f WHERE f.current = p.current AND f.{name} IS NOT NULL) END"""
    return _object({"n": f"{name}_n"} | percentiles | {"values": values})


NOW: Final = _object(
    {name.removeprefix("now."): f"count(*) FILTER (WHERE {where})" for name, where in OF_NOW.items()}
    | {
        "oldest_wait_s": f"""round(date_part('epoch', max(now() - queued_since) FILTER (
            WHERE {OF_NOW["now.waiting"]}))::numeric, 3)"""
    }
)
PARTS: Final = [name.removeprefix("people.") for name in OF_PERSON]


def _sum(part: str) -> str:
    return f"coalesce(sum(n) FILTER (WHERE part = '{part}'), 0) AS {part}"


READ = f"""
WITH {ASKED}, {_facts("before", people="$6::boolean")},
tally AS MATERIALIZED (
    SELECT current, severity, reason, outcome, claims, lost_soon, lost_late, sla, fate, count(*) AS n
    FROM facts GROUP BY current, severity, reason, outcome, claims, lost_soon, lost_late, sla, fate
),
periods AS MATERIALIZED (
    SELECT p.current, c.counted || {_object({name: _told(name) for name in DURATIONS})} AS figures
    FROM (VALUES (true), (false)) AS p (current)
    CROSS JOIN LATERAL (SELECT {COUNTED} AS counted FROM tally t WHERE t.current = p.current) AS c
    CROSS JOIN LATERAL (
        SELECT {", ".join(map(_spread, DURATIONS))} FROM facts f WHERE f.current = p.current) AS s
), {LIVE},
alike AS (
    SELECT {", ".join(PERSONS)}, count(*) AS n FROM facts WHERE $6 AND current GROUP BY {", ".join(PERSONS)}
),
shares AS (
    SELECT handed_off_by AS user_id, 'handed_off' AS part, n FROM alike
    UNION ALL SELECT unnest(claimants), 'claimed', n FROM alike
    UNION ALL SELECT unnest(returners), 'returned', n FROM alike
    UNION ALL SELECT resolved_by, 'resolved', n FROM alike
),
people AS (
    SELECT jsonb_agg({_object({"user": "person(u.id, u.name)"} | {part: part for part in PARTS})} ORDER BY u.name, u.id)
               AS people
    FROM (SELECT user_id, {", ".join(map(_sum, PARTS))} FROM shares GROUP BY user_id) AS did
    JOIN users u ON u.account_id = $1 AND u.id = did.user_id
)
SELECT (c.figures || jsonb_build_object(
            'window', jsonb_build_object('from', wire_time(a.begins), 'to', wire_time(a.ends), 'tz', $5::text),
            'now', (SELECT {NOW} FROM live),
            'targets', (SELECT claim_targets FROM accounts WHERE id = $1),
            'people', CASE WHEN $6 THEN (SELECT coalesce(people, '[]') FROM people) END,
            'previous', b.figures || jsonb_build_object('window', jsonb_build_object(
                'from', wire_time(a.before), 'to', wire_time(a.begins), 'tz', $5))))::text AS metrics
FROM asked a JOIN periods c ON c.current JOIN periods b ON NOT b.current
"""


async def read(db: Database, account_id: UUID, cohort: Cohort, *, tz: str, people: bool) -> Json:
    """All figures as of one moment. `tz` names the zone in the answer, `people` asks for figures by person.

    Raises:
        Refusal: `invalid_payload`: the window is empty or longer than `LONGEST_DAYS`.
    """
    row = await db.row(READ, account_id, cohort.begins, cohort.ends, cohort.before, tz, people)
    if row is None:
        raise _no_window()
    return Json(row["metrics"])


def _behind(counted: str) -> str:
    """A page of the handoffs of which `counted` selects the id and the seconds that were measured.

    Packages are read of the page alone: they are large, and kept apart from their rows.
    """
    return f"""
WITH {ASKED}, {counted},
page AS (
    SELECT h.id, h.session_id, h.created_at, h.severity, c.seconds, h.package,
           CASE WHEN h.expires_at <= now() THEN 'expired' ELSE h.status END AS status
    FROM counted c JOIN handoffs h ON h.account_id = $1 AND h.id = c.id
    WHERE ($5::text IS NULL OR h.severity = $5) AND ($6::text IS NULL OR h.reason = $6)
      AND ($7::uuid IS NULL OR (h.created_at, h.id) <
           (SELECT o.created_at, o.id FROM handoffs o WHERE o.account_id = $1 AND o.id = $7))
    ORDER BY h.created_at DESC, h.id DESC LIMIT $8
)
SELECT p.id, p.session_id, p.created_at, p.severity, p.status, p.seconds,
       p.package #>> '{{background,client}}' AS client, p.package ->> 'headline' AS headline
FROM asked a LEFT JOIN page p ON true ORDER BY p.created_at DESC, p.id DESC
"""


def _seconds(figure: str) -> str:
    name = figure.removesuffix(".n")
    return name if name in DURATIONS else "NULL::float8"


BEHIND: Final[Mapping[str, str]] = {
    **{
        figure: _behind(
            f"{_facts('begins')}, counted AS (SELECT id, {_seconds(figure)} AS seconds FROM facts WHERE {where})"
        )
        for figure, where in OF_COHORT.items()
    },
    **{
        figure: _behind(f"{LIVE}, counted AS (SELECT id, NULL::float8 AS seconds FROM live WHERE {where})")
        for figure, where in OF_NOW.items()
    },
    **{
        figure: _behind(
            f"{_facts('begins', people='true')}, "
            f"counted AS (SELECT id, NULL::float8 AS seconds FROM facts WHERE {where})"
        )
        for figure, where in OF_PERSON.items()
    },
}


async def handoffs_behind(
    db: Database,
    account_id: UUID,
    cohort: Cohort,
    figure: Figure,
    *,
    user_id: UUID | None = None,
    severity: Severity | None = None,
    reason: Reason | None = None,
    before: UUID | None = None,
    limit: int,
) -> Answer:
    """The handoffs that a number counts, newest first; `next` is the `before` of the following page, or None.

    Of `people.` figures those of that user. Raises as `read`.
    """
    args = (account_id, cohort.begins, cohort.ends, cohort.before, severity, reason, before, limit + 1)
    rows = await db.rows(BEHIND[figure], *args, *([] if user_id is None else [user_id]))
    if not rows:
        raise _no_window()
    found = [dict(row) for row in rows if row["id"] is not None]
    return Answer({"handoffs": found[:limit], "next": found[limit - 1]["id"] if len(found) > limit else None})


WAITING = """
SELECT count(*) AS waiting, coalesce(max(date_part('epoch', now() - h.queued_since)), 0) AS oldest,
       count(*) FILTER (WHERE now() > h.queued_since + (h.claim_by - h.first_queued_at)) AS past_target,
       clock_timestamp() AS now
FROM handoffs h WHERE h.status = 'queued' AND h.expires_at > now()
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The queues of all accounts at `now`, the database's time. `oldest` is in seconds, 0 where nothing waits."""

    waiting: int
    oldest: float
    past_target: int
    now: datetime


async def waiting(db: Database) -> Waiting:
    row = await db.row(WAITING)
    if row is None:
        raise LookupError("an aggregate answers one row")
    return Waiting(row["waiting"], row["oldest"], row["past_target"], row["now"])


def _no_window() -> Refusal:
    field = {"loc": ["from"], "msg": f"Before `to`, by at most {LONGEST_DAYS} days", "type": "window"}
    return Refusal("invalid_payload", "The payload is not valid.", details={"fields": [field]})
