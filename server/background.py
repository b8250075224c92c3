"""Work that goes on beside the commands. Every task has a name, an owner, and someone who notices its death."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

log = structlog.get_logger()


@asynccontextmanager
async def repeating(name: str, every: float, step: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Run `step` every so many seconds while the context lasts. A step that fails is logged and tried again."""

    async def loop() -> None:
        while True:
            await asyncio.sleep(every)
            try:
                await step()
            except Exception as error:  # noqa: BLE001  # the next round tries again
                log.warning("background step failed", task=name, error=repr(error))

    task = asyncio.create_task(loop(), name=name)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
