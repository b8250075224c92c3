"""A mixed load for long: messages, tasks, handoffs that are raced for, and clients who come and go."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from loadtest.connection import Connection, Declined, Gone, insist
from loadtest.posting import Poster, Posters, open_sessions
from loadtest.returning import Regular
from loadtest.stage import Stage

RACERS = 3


@dataclass(frozen=True)
class Soak:
    """`rooms` sessions of `members` each, who are in the queue as well; `rate` messages a second in all.

    Beside them a task is added and done for every fifth message, a handoff made, raced for and resolved for every
    twentieth, and `churn` clients a second lose their connection and resume.
    """

    rooms: int
    members: int
    rate: float
    churn: float
    seconds: float
    size: int

    async def run(self, stage: Stage) -> None:
        mine = stage.share(self.rooms)
        await open_sessions(stage, mine)
        await stage.together("connecting")
        people = [self._person(stage, room, member) for room in mine for member in range(self.members)]
        await asyncio.gather(*(person.arrive() for person in people))
        workers = {room: await self._worker(stage, room) for room in mine}
        seniors = [await self._senior(stage, number) for number in range(RACERS)] if mine else []
        writers = [Poster(one, stage.people.made("session", room), room, self.size) for room, one in workers.items()]
        posters = Posters(stage.ledger, writers, stage.counts)
        await stage.together("soaking")
        rate = self.rate * len(mine) / self.rooms
        async with stage.measuring():
            if mine:
                await asyncio.gather(
                    posters.at_rate(rate, self.seconds),
                    self._now_and_then(rate / 5, lambda: self._task(stage, workers)),
                    self._now_and_then(rate / 20, lambda: self._handoff(stage, workers, seniors)),
                    self._now_and_then(self.churn / stage.run.workers, lambda: self._come_and_go(stage, people)),
                )
        await stage.reconcile([person.seats for person in people])

    def _person(self, stage: Stage, room: int, member: int) -> Regular:
        number = room * self.members + member
        keys: list[tuple[str, dict[str, str]]] = [("session", {"session_id": stage.people.made("session", room)})]
        return Regular(stage, number, stage.people.token(0, number), [*keys, ("queue", {})])

    @staticmethod
    async def _worker(stage: Stage, room: int) -> Connection:
        connection = await stage.dial(room, stage.people.token(0, f"worker {room}"))
        await connection.join("session", {"session_id": stage.people.made("session", room)})
        return connection

    @staticmethod
    async def _senior(stage: Stage, number: int) -> Connection:
        return await stage.dial(number, stage.people.token(0, f"senior {stage.index} {number}", "senior"))

    async def _now_and_then(self, per_second: float, work: Callable[[], Awaitable[None]]) -> None:
        """At random times, so many a second on average, one after the other, until time is up."""
        end = time.monotonic() + self.seconds
        while per_second:
            pause = random.expovariate(per_second)
            if time.monotonic() + pause > end:
                return
            await asyncio.sleep(pause)
            await work()

    async def _task(self, stage: Stage, workers: dict[int, Connection]) -> None:
        task = str(uuid4())
        room, worker = random.choice(list(workers.items()))  # noqa: S311
        session = stage.people.made("session", room)
        await self._do(stage, worker, "task:add", {"session_id": session, "task_id": task, "title": "Restart it"})
        done = {"session_id": session, "task_id": task, "version": 1, "state": "done", "result": "No change"}
        await self._do(stage, worker, "task:update", done)

    async def _handoff(self, stage: Stage, workers: dict[int, Connection], seniors: list[Connection]) -> None:
        """From its beginning to its end, in a session of its own."""
        worker = random.choice(list(workers.values()))  # noqa: S311
        session, handoff = str(uuid4()), str(uuid4())
        about = {"title": "Soak", "client_name": "Load", "problem": "Made by the load scripts"}
        await self._do(stage, worker, "session:create", {"session_id": session, **about})
        why = {"severity": "normal", "reason": "skill", "ask": "Whoever is first"}
        await self._do(stage, worker, "handoff:create", {"handoff_id": handoff, "session_id": session, **why})
        answers = await asyncio.gather(*(self._claim(senior, handoff) for senior in seniors))
        won = [(senior, token) for senior, token in zip(seniors, answers, strict=True) if token is not None]
        stage.counts["races"] += 1
        if len(won) != 1:
            stage.counts["double wins" if won else "races without a winner"] += 1
        for senior, token in won[:1]:
            end = {"outcome": "fixed_by_senior", "note": "Cleared the queue"}
            await self._do(stage, senior, "handoff:resolve", {"handoff_id": handoff, "fencing_token": token, **end})

    @staticmethod
    async def _claim(senior: Connection, handoff: str) -> int | None:
        try:
            claimed = await insist(senior, "handoff:claim", {"handoff_id": handoff, "claim_id": str(uuid4())})
        except Declined as declined:
            if declined.code != "already_claimed":
                raise
            return None
        token: int = claimed["claim"]["fencing_token"]
        return token

    @staticmethod
    async def _do(stage: Stage, connection: Connection, name: str, payload: dict[str, Any]) -> None:
        began = time.monotonic_ns()
        await insist(connection, name, payload)
        stage.histogram(f"{name} to its answer").record((time.monotonic_ns() - began) // 1000)

    @staticmethod
    async def _come_and_go(stage: Stage, people: list[Regular]) -> None:
        person = random.choice(people)  # noqa: S311
        began = time.monotonic_ns()
        person.drop()
        try:
            await person.arrive()
        except Gone:
            stage.counts["clients that did not come back"] += 1
            raise
        stage.histogram("lost to resumed").record((time.monotonic_ns() - began) // 1000)
