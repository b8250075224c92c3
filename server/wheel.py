"""One timer for all deadlines of a process."""

from __future__ import annotations

import asyncio
from heapq import heappop, heappush
from math import ceil, floor
from typing import Final, Protocol

import structlog

log = structlog.get_logger()

TICK: Final = 0.05
"""Seconds; what is due within one comes at its end, with one timer."""
MINUTE, SOON, SECOND = 1200, 200, 20
"""In ticks; SOON is ten seconds."""


class Timed(Protocol):
    """What has a deadline, one at a time."""

    slot: int
    """The wheel's own; 0 while there is no deadline."""

    def due(self) -> None:
        """Called once when the deadline has passed, in the event loop."""
        ...


class Wheel:
    """Calls `due` of each item up to a tick after its deadline. To arm and to disarm costs the same for any number."""

    def __init__(self) -> None:
        self._slots: dict[int, set[Timed]] = {}
        self._order: list[int] = []
        """A heap of their numbers."""
        self._timer: asyncio.TimerHandle | None = None
        self._next = 0

    def arm(self, item: Timed, after: float) -> None:
        """Set the item's deadline, in seconds from now, in the place of the one it had."""
        self._put(item, ceil((asyncio.get_running_loop().time() + after) / TICK))

    def arm_about(self, item: Timed, after: float) -> None:
        """The same for many deadlines, which then come together.

        One that is more than ten seconds away may come up to a second early, one that is more than a minute a minute.
        """
        at, ticks = (asyncio.get_running_loop().time() + after) / TICK, after / TICK
        grain = MINUTE if ticks > MINUTE else SECOND if ticks > SOON else 0
        self._put(item, floor(at / grain) * grain if grain else ceil(at))

    def disarm(self, item: Timed) -> None:
        number, item.slot = item.slot, 0
        slot = self._slots.get(number)
        if slot is not None:
            slot.discard(item)

    def _put(self, item: Timed, number: int) -> None:
        self.disarm(item)
        item.slot = number
        slot = self._slots.get(number)
        if slot is not None:
            slot.add(item)
            return
        self._slots[number] = {item}
        heappush(self._order, number)
        if self._timer is None or number < self._next:
            self._set()

    def _set(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._next = self._order[0]
        self._timer = asyncio.get_running_loop().call_at(self._next * TICK, self._turn)

    def _turn(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time() / TICK
        while self._order and self._order[0] <= now:
            for item in self._slots.pop(heappop(self._order)):
                item.slot = 0
                try:
                    item.due()
                except Exception:  # the others are due all the same
                    log.exception("deadline failed")
        if self._order and self._timer is None:
            self._set()
