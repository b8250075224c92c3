"""Waiting with a bound."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

SETTLING = 20.0
"""Seconds within which the last answers and events have to come."""
LOOK = 0.02


async def settled(until: Callable[[], bool], within: float = SETTLING) -> bool:
    """Whether it came true in time."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    while not until():
        if loop.time() > end:
            return False
        await asyncio.sleep(LOOK)
    return True
