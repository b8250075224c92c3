"""Taking a handoff for the language model, and writing down what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from store.db import Database
from store.events import BOTH_ROOMS, EVENTS, events_of, logged, numbered
from store.models import Event, Json, Person

MAX_TRIES: Final = 3
LEASE: Final = 20
"""Seconds after which a try counts as given up, once, twice, then three times as long: all are over in two minutes."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A handoff to enrich: nobody else takes it until the lease is over. What is written must still fit all of this."""

    account_id: UUID
    handoff_id: UUID
    session_id: UUID
    handed_off_by: Person
    package: Json
    package_rev: int
    tries: int

    @property
    def is_last(self) -> bool:
        return self.tries >= MAX_TRIES

    @property
    def is_over(self) -> bool:
        """The last try gave no sign any more: nothing is left but to write down that it failed."""
        return self.tries > MAX_TRIES


TAKE = f"""
UPDATE handoffs h
SET enrich_tries = h.enrich_tries + 1,
    enrich_at = clock_timestamp() + make_interval(secs => {LEASE} * (h.enrich_tries + 1))
WHERE h.account_id = $1 AND h.id = $2 AND h.enrich_at <= clock_timestamp() AND h.status IN ('queued', 'claimed')
RETURNING h.session_id, h.handed_off_by, h.handed_off_by_name, h.package::text AS package, h.package_rev, h.enrich_tries
"""


async def take(db: Database, account_id: UUID, handoff_id: UUID) -> Taken | None:
    """The handoff if its enrichment is due; of any number of simultaneous callers one gets it."""
    row = await db.row(TAKE, account_id, handoff_id)
    if row is None:
        return None
    by = Person(row["handed_off_by"], row["handed_off_by_name"])
    package = Json(row["package"])
    return Taken(account_id, handoff_id, row["session_id"], by, package, row["package_rev"], row["enrich_tries"])


FINISH = f"""
WITH target AS MATERIALIZED (
    SELECT h AS handoff FROM handoffs h
    WHERE h.account_id = $1 AND h.id = $2 AND h.enrich_at IS NOT NULL AND h.enrich_tries = $3::integer FOR UPDATE
),
session AS MATERIALIZED (
    SELECT s.id FROM sessions s JOIN target t ON s.id = (t.handoff).session_id WHERE s.account_id = $1
    FOR NO KEY UPDATE OF s
),
verdict AS MATERIALIZED (
    SELECT (t.handoff).account_id, s.id AS session_id,
           CASE
               WHEN (t.handoff).status NOT IN ('queued', 'claimed') THEN 'closed'
               WHEN $5::jsonb IS NOT NULL AND (t.handoff).package_rev <> $4::integer THEN 'again'
               ELSE 'ok'
           END AS verdict,
           CASE
               WHEN $5 IS NULL THEN 'failed'
               WHEN (t.handoff).status = 'queued' AND (t.handoff).fencing_token = 0 THEN 'ai'
               ELSE 'offered'
           END AS result
    FROM target t CROSS JOIN session s
),
afresh AS (
    UPDATE handoffs h SET enrich_tries = 0, enrich_at = clock_timestamp() FROM verdict v
    WHERE h.account_id = $1 AND h.id = $2 AND v.verdict = 'again'
),
{numbered(BOTH_ROOMS)},
enriched AS (
    UPDATE handoffs h
    SET version = h.version + 1, enrich_at = NULL, analysis = coalesce($6::jsonb, h.analysis),
        package = CASE v.result WHEN 'ai' THEN $5 ELSE h.package END,
        package_rev = h.package_rev + (v.result = 'ai')::integer,
        package_state = CASE v.result WHEN 'offered' THEN h.package_state ELSE v.result END,
        offered_package = CASE v.result WHEN 'offered' THEN $5 ELSE h.offered_package END
    FROM moment m, verdict v WHERE h.account_id = $1 AND h.id = $2
    RETURNING h, handoff_view(h) AS view, v.result
),
changed AS (
    UPDATE sessions s
    SET escalation_package = s.escalation_package || jsonb_build_object(
            'headline', (e.h).package -> 'headline', 'summary_prose', (e.h).package -> 'prose',
            'confidence', (e.h).package -> 'confidence' -> 'label')
    FROM enriched e WHERE s.account_id = $1 AND s.id = (e.h).session_id
    RETURNING s, e.view, e.result
),
{
    logged(
        "handoff:enriched",
        "jsonb_build_object('handoff', c.view, 'session', session_view(c.s), 'result', c.result)",
        actor="NULL",
    )
}
SELECT v.verdict, {EVENTS} FROM verdict v
"""


async def improve(db: Database, taken: Taken, *, package: str, analysis: str | None) -> tuple[Event, ...]:
    """Replace the package while nobody has ever claimed the handoff; offer the better one beside it otherwise.

    Nothing happens if the handoff has ended, if its package is no longer the one that was taken, or if another try
    has begun since. `package` and `analysis` are JSON.
    """
    return await _finish(db, taken, package, analysis)


async def give_up(db: Database, taken: Taken) -> tuple[Event, ...]:
    """Write down that the model did not improve the package, which stays as it is."""
    return await _finish(db, taken, None, None)


async def _finish(db: Database, taken: Taken, package: str | None, analysis: str | None) -> tuple[Event, ...]:
    args = (taken.account_id, taken.handoff_id, taken.tries, taken.package_rev, package, analysis)
    row = await db.row(FINISH, *args)
    return events_of(taken.account_id, row["events"]) if row is not None else ()
