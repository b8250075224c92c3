"""What happens to handoffs by the clock."""

from __future__ import annotations

from collections.abc import AsyncIterator

from store import timers
from store.db import Database
from store.errors import Refusal
from store.models import Event

AT_ONCE = 100


async def sweep(db: Database) -> AsyncIterator[tuple[Event, ...]]:
    """Do all that is due. Yields what to publish, each part once it is committed."""
    while due := await timers.due(db, AT_ONCE):
        for what in due:
            try:
                told = await timers.step(db, what)
            except Refusal:
                continue  # somebody holds the row: it stays due, and those behind it do not wait
            if told:
                yield told
        if len(due) < AT_ONCE:
            return
