"""Where a session stands, for those who tell others of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from store.db import Database
from store.errors import Refusal
from store.models import Json, Person


@dataclass(frozen=True, slots=True)
class HandedOff:
    """The newest handoff of a session; `owner` is null unless it is claimed."""

    id: UUID
    status: Literal["queued", "claimed", "resolved", "withdrawn", "expired", "cancelled"]
    owner: Person | None
    package: Json


@dataclass(frozen=True, slots=True)
class Standing:
    is_closed: bool
    handoff: HandedOff | None


STANDING = """
SELECT s.status AS session_status, h.id, h.status, h.claimed_by, h.claimed_by_name, h.package::text AS package
FROM sessions s LEFT JOIN handoffs h ON h.account_id = s.account_id AND h.id = s.handoff_id
WHERE s.account_id = $1 AND s.id = $2
"""


async def standing(db: Database, account_id: UUID, session_id: UUID) -> Standing:
    """Raises `Refusal("not_found")`."""
    row = await db.row(STANDING, account_id, session_id)
    if row is None:
        raise Refusal("not_found")
    owner = Person(row["claimed_by"], row["claimed_by_name"]) if row["status"] == "claimed" else None
    handoff = None if row["id"] is None else HandedOff(row["id"], row["status"], owner, Json(row["package"]))
    return Standing(row["session_status"] == "closed", handoff)
