"""A storm of joins of one room while it is being written to."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from loadtest.connection import Connection, Declined, Gone
from loadtest.posting import Poster, Posters, open_sessions
from loadtest.stage import Stage

TRIES = 20


@dataclass(frozen=True)
class Join:
    """`clients` are connected and join one room at once, which holds `messages` and gets `rate` more a second."""

    clients: int
    messages: int
    rate: float
    size: int

    async def run(self, stage: Stage) -> None:
        await open_sessions(stage, range(1) if stage.index == 0 else ())
        await stage.together("filling")
        key = {"session_id": stage.people.made("session", 0)}
        writer = await stage.dial(stage.index, stage.people.token(0, f"writer {stage.index}"))
        await writer.join("session", key)
        posters = Posters(stage.ledger, [Poster(writer, key["session_id"], stage.index, self.size)], stage.counts)
        own = len(stage.share(self.messages))
        if own:
            await posters.at_rate(100, own / 100)
        await stage.together("connecting")
        connections = await asyncio.gather(
            *(stage.dial(number, stage.people.token(0, number)) for number in stage.share(self.clients))
        )
        await stage.together("joining")
        async with stage.measuring():
            writing = asyncio.create_task(self._write(posters, stage))
            began = time.monotonic()
            await asyncio.gather(*(self._join(stage, connection, key) for connection in connections))
            stage.histogram("all joined").record(int((time.monotonic() - began) * 1e6))
            posters.stop()
            await writing
        await posters.at_rate(5, 0.4)  # what comes after the storm has to reach all
        await stage.reconcile([writer.seats, *(connection.seats for connection in connections)])

    async def _write(self, posters: Posters, stage: Stage) -> None:
        if self.rate:
            await posters.at_rate(self.rate / stage.run.workers, 3600)

    @staticmethod
    async def _join(stage: Stage, connection: Connection, key: dict[str, str]) -> None:
        began = time.monotonic_ns()
        for _ in range(TRIES):
            try:
                await connection.join("session", key, within=60)
            except Declined as declined:
                if not declined.retryable:
                    raise
                stage.counts[f"refused {declined.code}"] += 1
                await asyncio.sleep(declined.details.get("retry_after_ms", 200) / 1000)
            else:
                stage.histogram("join to its answer").record((time.monotonic_ns() - began) // 1000)
                stage.counts["joined"] += 1
                return
        raise Gone("a join was refused again and again")
