"""Newcomers one after the other, so that a crowd at the door does not keep those inside waiting."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable


class Turns:
    """Lets so many through in one turn of the event loop, the others in later ones, in the order they came."""

    def __init__(self, each: int) -> None:
        self._each = self._left = each
        self._waiting: deque[Callable[[], None]] = deque()
        self._is_due = False

    def take(self, go: Callable[[], None]) -> None:
        """Call `go`, now or in a later turn."""
        self._be_due()
        if self._left > 0:
            self._left -= 1
            go()
        else:
            self._waiting.append(go)

    async def taken(self) -> None:
        """Returns when it is the caller's turn."""
        self._be_due()
        if self._left > 0:
            self._left -= 1
            return
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(lambda: None if called.done() else called.set_result(None))
        await called

    def _be_due(self) -> None:
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        self._is_due = False
        self._left = self._each
        while self._waiting and self._left > 0:
            self._left -= 1
            self._waiting.popleft()()
        if self._left < self._each:
            self._be_due()
