"""What all replicas of one deployment share."""

from __future__ import annotations

from store.db import Database

BUS_KEY = "SELECT bus_key FROM deployment"


async def bus_key(db: Database) -> bytes:
    """The secret under which replicas seal what they tell each other: 32 bytes, made with the schema."""
    row = await db.row(BUS_KEY)
    if row is None:
        raise LookupError("deployment has one row")
    key: bytes = row["bus_key"]
    return key
