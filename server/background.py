"""Work that goes on beside the commands. Every task has a name, an owner, and someone who notices its death."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

log = structlog.get_logger()


def next_multiple(now: float, pace: float) -> float:
    """Not the present one: a loop's clock may stand still for a millisecond, and a product be a little less."""
    when = (now // pace + 1) * pace
    return when if when - now > pace / 1000 else when + pace


@asynccontextmanager
async def repeating(
    name: str,
    every: Callable[[], float] | None,
    step: Callable[[], Awaitable[None]],
    *,
    soon: asyncio.Event | None = None,
    gather: float = 0.0,
    failed: Callable[[], None] = lambda: None,
) -> AsyncIterator[None]:
    """Run `step` at multiples of as many seconds as `every` says, and `gather` seconds after `soon` is set, for all
    that comes meanwhile, while the context lasts.

    At multiples of the event loop's time, so that what is done at the same pace is done in one turn.
    A step that fails is logged, told by `failed` and tried again when it is next due. It is for it to clear `soon`.
    """
    hurry = soon or asyncio.Event()

    async def loop() -> None:
        clock = asyncio.get_running_loop()
        while True:
            due = math.inf if every is None else next_multiple(clock.time(), every())
            timer = None if every is None else clock.call_at(due, hurry.set)  # cheaper than a timeout
            try:
                await hurry.wait()
            finally:
                if timer is not None:
                    timer.cancel()
            if gather and clock.time() < due:
                await asyncio.sleep(gather)
            if soon is None:
                hurry.clear()
            try:
                await step()
            except Exception as error:  # noqa: BLE001  # the next round tries again
                failed()
                log.warning("background step failed", task=name, error=repr(error))

    task = asyncio.create_task(loop(), name=name)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
