"""Clients who lose their connection and come back: everything since is resumed by number (R5)."""

from __future__ import annotations

import asyncio
import random
import time

from loadtest.connection import Connection, Declined, Gone
from loadtest.ledger import Room, Seat
from loadtest.stage import Stage

PATIENCE = 60.0
LONGEST_PAUSE = 2.0


class Regular:
    """One user in some rooms, over as many connections as it takes. Its seats stay the same objects."""

    def __init__(self, stage: Stage, number: int, token: str, keys: list[tuple[str, dict[str, str]]]) -> None:
        self.connection: Connection
        self.seats: dict[Room, Seat] = {}
        self._stage, self._number, self._token = stage, number, token
        self._keys = keys
        """Each room's kind and what it is asked for by."""
        self._known: list[tuple[Seat | None, str]] = [(None, "")] * len(keys)

    async def arrive(self) -> None:
        """Connect and join, the first time or again. Raises Gone when that was not done in time."""
        began, pause = time.monotonic(), 0.05
        while True:
            try:
                await self._arrive()
            except Declined as declined:
                if not declined.retryable:
                    raise
                self._stage.counts[f"refused {declined.code}"] += 1
            except Gone as gone:
                if time.monotonic() - began > PATIENCE:
                    raise
                self._stage.counts["tries that failed"] += 1
                if len(self._stage.notes) < 3:  # noqa: PLR2004  # the first few say enough
                    self._stage.notes.append(str(gone))
            else:
                return
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _arrive(self) -> None:
        connection = await self._stage.dial(self._number, self._token)
        try:
            for number, (kind, key) in enumerate(self._keys):
                seat, epoch = self._known[number]
                joined = await connection.join(kind, key, after=seat, epoch=epoch)
                self._known[number] = joined, connection.epochs[joined.room]
                if seat is None:
                    joined.room.members += 1
        except (Gone, Declined):
            self._leave(connection)
            raise
        self.connection, self.seats = connection, connection.seats

    def drop(self) -> None:
        """Lose the connection, without a word to the server."""
        self._leave(self.connection)

    def _leave(self, connection: Connection) -> None:
        connection.close()
        if connection in self._stage.connections:
            self._stage.connections.remove(connection)
