"""How the collector of reference cycles is kept from holding everybody up."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from server.background import repeating

YOUNG: Final = 2_000, 10
"""New objects, less those gone, before they are looked through, and how often that is done before it is done with
those that survived, too: a few milliseconds."""
NEVER: Final = 1_000_000
FULL: Final = 600.0
"""Seconds between two looks through everything."""


@asynccontextmanager
async def settled() -> AsyncIterator[None]:
    """For a server that has started: what stands now is not looked through again.

    And the rest as a whole only now and then by the clock, not whenever there is more of it: a crowd that connects
    brought several full collections of 95 to 225 ms each, during which nobody was served. Cycles that die young, as
    nearly all do, are found as before.
    """
    gc.collect()
    gc.freeze()
    before = gc.get_threshold()
    gc.set_threshold(*YOUNG, NEVER)
    try:
        async with repeating("garbage", lambda: FULL, _look_through_everything):
            yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


async def _look_through_everything() -> None:
    gc.collect()
