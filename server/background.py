"""Work that goes on beside the commands. Every task has a name, an owner, and someone who notices its death."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import structlog

log = structlog.get_logger()


@asynccontextmanager
async def repeating(
    name: str,
    every: Callable[[], float],
    step: Callable[[], Awaitable[None]],
    *,
    soon: asyncio.Event | None = None,
    failed: Callable[[], None] = lambda: None,
) -> AsyncIterator[None]:
    """Run `step` after as many seconds as `every` says, or when `soon` is set, again and again while the context lasts.

    A step that fails is logged, told by `failed` and tried again. It is for the step to clear `soon`.
    """
    hurry = soon or asyncio.Event()

    async def loop() -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(every()):
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
