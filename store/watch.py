"""What a replica asks again and again, in one statement: what nobody may have told it of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from store.db import Database
from store.models import Room

UNTOLD: Final = """EXISTS (SELECT FROM rooms r WHERE r.account_id = w.account_id
                    AND r.name = 'escalations:' || w.account_id AND r.seq > w.seq)"""
"""SQL: the log holds what the webhook `w` was not told."""
OLDEST: Final = """oldest AS MATERIALIZED (
    SELECT DISTINCT ON (m.account_id, m.handoff_id) m.account_id, m.next_at FROM webhook_messages m
    ORDER BY m.account_id, m.handoff_id, m.seq
)"""
"""SQL: of each handoff the message that a webhook is told next."""

LOOK = f"""
WITH {OLDEST}, work AS MATERIALIZED (
    SELECT now() - least(
        (SELECT min(due_at) FROM handoffs), (SELECT min(enrich_at) FROM handoffs), (SELECT min(next_at) FROM asks),
        (SELECT min(greatest(w.next_at, o.next_at)) FROM oldest o JOIN webhooks w ON w.account_id = o.account_id)
    ) AS late
)
SELECT l.epoch, (SELECT coalesce(bit_xor(c.mark), 0) FROM rights_changes c) AS rights,
       coalesce(greatest(extract(epoch FROM work.late), 0), 0)::float8 AS late,
       coalesce(work.late >= '0', false)
       OR EXISTS (SELECT FROM webhooks w WHERE w.next_at <= now() AND {UNTOLD}) AS due, moved.*
FROM log_epoch l CROSS JOIN work LEFT JOIN (
    SELECT here.account_id, here.name, coalesce(r.seq, 0) AS seq
    FROM unnest($1::text::uuid[], $2::text::text[], $3::text::bigint[]) AS here (account_id, name, seq)
    LEFT JOIN rooms r ON r.account_id = here.account_id AND r.name = here.name
    WHERE coalesce(r.seq, 0) <> here.seq
) AS moved ON true
"""
FORGET = "DELETE FROM rights_changes WHERE at < now() - interval '1 day'"


async def forget(db: Database) -> None:
    """Delete what is known of changes of rights long ago, which every replica then takes for one."""
    await db.rows(FORGET)


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
    """Never again what it was once anybody's rights have changed."""
    due: bool
    """Whether there may be work that is due, by the clock (see `timers`) or as jobs (see `jobs`)."""
    late: float
    """Seconds for which the oldest of it has been due; 0 if none is."""


async def look(db: Database, positions: Positions) -> Seen:
    """What there is now: a probe for each of the rooms and of the accounts with a webhook, whoever is connected."""
    rows = await db.rows(LOOK, *positions.columns)
    if not rows:
        raise LookupError("log_epoch has one row")
    moved = {Room(row["account_id"], row["name"]): row["seq"] for row in rows if row["name"] is not None}
    first = rows[0]
    return Seen(first["epoch"], moved, first["rights"], first["due"], first["late"])
