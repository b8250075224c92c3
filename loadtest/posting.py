"""People who post messages: so many in flight, or so many a second."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from uuid import uuid4

from loadtest.connection import Connection, Declined, data_of, insist
from loadtest.ledger import Ledger, Sighting, stamp
from loadtest.stage import Stage
from loadtest.waiting import settled
from loadtest.wire import Answer

MAKERS = 4
"""Who open the sessions of one worker."""


class Poster:
    """One member who posts into one session."""

    def __init__(self, connection: Connection, session_id: str, number: int, size: int) -> None:
        self.number = number
        self.room = connection.ledger.room(f"session:{session_id}")
        self._connection, self._session_id, self._size = connection, session_id, size
        self._space = str(uuid4())[:24]
        self._posted = 0
        self.waiting = 0
        """Posted and not answered."""

    @property
    def gone(self) -> bool:
        """Its connection has ended: no answer will come."""
        return self._connection.lost

    def post(self, answer: Answer) -> None:
        self._posted += 1
        payload = {
            "session_id": self._session_id,
            "message_id": f"{self._space}{self._posted:012x}",
            "kind": "note",
            "body": stamp(self.number, self._size),
        }
        self._connection.send("message:post", payload, answer)


class Posters:
    """All who post in one process. Numbers of posters are those of this process alone."""

    def __init__(self, ledger: Ledger, posters: Sequence[Poster], refusals: Counter[str] | None = None) -> None:
        self._ledger = ledger
        self._posters = {poster.number: poster for poster in posters}
        self._going = False
        """Whether what has reached all is followed by the next."""
        self._paced = False
        """Whether each message has its time."""
        self._stopped = asyncio.Event()
        self.refusals: Counter[str] = Counter() if refusals is None else refusals
        """By code, counted into the caller's if there is one."""

    def _answered(self, poster: Poster, text: bytes) -> None:
        poster.waiting = max(0, poster.waiting - 1)
        try:
            posted = data_of(text).get("message", {})
            # What was acked is in the log, also if no socket ever hears of it.
            poster.room.head = max(poster.room.head, posted.get("seq", 0))
        except Declined as declined:
            self._ledger.tally.refused += 1
            self.refusals[f"refused {declined.code}"] += 1
            self._ledger.tally.dropped += self._paced
            if self._going and declined.retryable:
                pause = declined.details.get("retry_after_ms", 200) / 1000
                asyncio.get_running_loop().call_later(pause, self._next, poster)

    def _post(self, poster: Poster) -> None:
        if poster.gone:
            return
        self._ledger.tally.paced += self._paced
        poster.waiting += 1
        poster.post(partial(self._answered, poster))

    def _next(self, poster: Poster) -> None:
        if self._going:
            self._post(poster)

    def _reached_all(self, sighting: Sighting) -> None:
        poster = self._posters.get(sighting.sender)
        if poster is not None:
            self._next(poster)

    async def in_flight(self, seconds: float) -> None:
        """Each posts its next one when the last had reached all sockets of this process."""
        self._going, self._paced = True, False
        self._ledger.on_event = self._reached_all
        for poster in self._posters.values():
            self._post(poster)
        await asyncio.sleep(seconds)
        self._going = False
        await self._all_answered()

    async def at_rate(self, per_second: float, seconds: float) -> None:
        """So many a second in all, at their times, whether or not earlier ones arrived, until `stop` or time is up.

        What is refused is counted as `dropped`.
        """
        loop, posters = asyncio.get_running_loop(), list(self._posters.values())
        start = loop.time()
        self._paced = True
        self._stopped.clear()
        for number in range(max(1, int(per_second * seconds)) if posters and per_second else 0):
            await self._until(start + number / per_second)
            if self._stopped.is_set():
                break
            self._post(posters[number % len(posters)])
        await self._until(start + seconds)
        await self._all_answered()

    async def _until(self, moment: float) -> None:
        """That time, or `stop`."""
        late = moment - asyncio.get_running_loop().time()
        if late > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(late):
                    await self._stopped.wait()

    def stop(self) -> None:
        """No more are posted; what is going on ends when all were answered."""
        self._stopped.set()

    async def _all_answered(self) -> None:
        posters = self._posters.values()
        await settled(lambda: not any(poster.waiting for poster in posters if not poster.gone))
        for poster in posters:
            self._ledger.tally.unanswered += poster.waiting
            poster.waiting = 0


async def open_sessions(stage: Stage, numbers: Sequence[int], account: int = 0) -> None:
    """Sessions of these numbers, made by some who are gone afterwards."""
    waiting = iter(numbers)

    async def make(name: str) -> None:
        maker = await stage.dial(0, stage.people.token(account, name))
        for number in waiting:
            about = {"title": f"Load room {number}", "client_name": "Load", "problem": "Made by the load scripts"}
            await insist(maker, "session:create", {"session_id": stage.people.made("session", number), **about})
        maker.close()
        stage.connections.remove(maker)

    await asyncio.gather(*(make(f"maker {number}") for number in range(min(MAKERS, len(numbers)))))
