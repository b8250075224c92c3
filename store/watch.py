"""What a replica asks again and again, in one statement: what nobody may have told it of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from store.db import Database
from store.jobs import UNTOLD
from store.models import Room

LOOK = f"""
WITH work AS MATERIALIZED (
    SELECT now() - least(
        (SELECT min(due_at) FROM handoffs), (SELECT min(enrich_at) FROM handoffs), (SELECT min(next_at) FROM asks),
        (SELECT min(w.next_at) FROM webhooks w WHERE EXISTS (
            SELECT FROM webhook_messages m WHERE m.account_id = w.account_id))) AS late
)
SELECT l.epoch, c.n AS rights, coalesce(greatest(extract(epoch FROM work.late), 0), 0)::float8 AS late,
       coalesce(work.late >= '0', false)
       OR EXISTS (SELECT FROM webhooks w WHERE w.next_at <= now() AND {UNTOLD}) AS due, moved.*
FROM log_epoch l CROSS JOIN rights_changes c CROSS JOIN work LEFT JOIN (
    SELECT here.account_id, here.name, coalesce(r.seq, 0) AS seq
    FROM unnest($1::text::uuid[], $2::text::text[], $3::text::bigint[]) AS here (account_id, name, seq)
    LEFT JOIN rooms r ON r.account_id = here.account_id AND r.name = here.name
    WHERE coalesce(r.seq, 0) <> here.seq
) AS moved ON true
"""


class Positions:
    """How far each of some rooms was delivered, made ready to be asked about again and again: the driver looks at each
    element of an array every time, at a text once.
    """

    def __init__(self, seqs: Mapping[Room, int]) -> None:
        self.columns = [
            _literal(str(room.account_id) for room in seqs),
            _literal(room.name for room in seqs),
            _literal(str(seq) for seq in seqs.values()),
        ]


def _literal(values: Iterable[str]) -> str:
    """PostgreSQL's text of an array of values that need no quotes."""
    return f"{{{','.join(values)}}}"


@dataclass(frozen=True, slots=True)
class Seen:
    epoch: UUID
    moved: Mapping[Room, int]
    """The newest numbers in the log of the rooms of which it is another: 0 where nothing happened."""
    rights: int
    """Another one whenever anybody's rights have changed."""
    due: bool
    """Whether there may be work that is due, by the clock (see `timers`) or as jobs (see `jobs`)."""
    late: float
    """Seconds for which the oldest of it has been due; 0 if none is."""


async def look(db: Database, positions: Positions) -> Seen:
    """What there is now. It costs the same however many people are connected."""
    rows = await db.rows(LOOK, *positions.columns)
    moved = {Room(row["account_id"], row["name"]): row["seq"] for row in rows if row["name"] is not None}
    first = rows[0]
    return Seen(first["epoch"], moved, first["rights"], first["due"], first["late"])
