"""Work that goes on beside the commands. Every task has a name, an owner, and someone who notices its death."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import structlog

log = structlog.get_logger()


def after(seconds: float, step: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """The step, so much later: with what else comes meanwhile."""

    async def later() -> None:
        await asyncio.sleep(seconds)
        await step()

    return later


def next_multiple(now: float, pace: float) -> float:
    """Not the present one: a loop's clock may stand still for a millisecond, and a product be a little less."""
    when = (now // pace + 1) * pace
    return when if when - now > pace / 1000 else when + pace


@asynccontextmanager
async def repeating(
    name: str,
    every: Callable[[], float],
    step: Callable[[], Awaitable[None]],
    *,
    soon: asyncio.Event | None = None,
    failed: Callable[[], None] = lambda: None,
) -> AsyncIterator[None]:
    """Run `step` at multiples of as many seconds as `every` says, and when `soon` is set, while the context lasts.

    At multiples of the event loop's time, so that what is done at the same pace is done in one turn.
    A step that fails is logged, told by `failed` and tried again. It is for the step to clear `soon`.
    """
    hurry = soon or asyncio.Event()

    async def loop() -> None:
        time = asyncio.get_running_loop().time
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(next_multiple(time(), every())):
                    await hurry.wait()
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
