"""Race storms: in every round all seniors of an account claim the same handoff at once, and exactly one may win."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from loadtest.connection import Connection, Declined, Gone, data_of, insist
from loadtest.stage import Stage

AT_ONCE = 16
"""Handoffs that one worker makes at once."""


@dataclass
class Race:
    """What the claims of one handoff came to, in one worker."""

    winners: list[str] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    """Whom the losers were told of."""


@dataclass(frozen=True)
class Claims:
    """Each of `accounts` accounts has `claimants` seniors, and in each round one handoff to race for.

    One account's seniors are spread over all workers; of several accounts each is one worker's.
    """

    rounds: int
    claimants: int
    accounts: int

    async def run(self, stage: Stage) -> None:
        alone = self.accounts == 1
        mine = list(range(1) if alone else stage.share(self.accounts))
        await self._hand_off(stage, [account for account in mine if not alone or stage.index == 0])
        await stage.together("connecting")
        own = stage.share(self.claimants) if alone else range(self.claimants)
        seniors = [(account, number) for account in mine for number in own]
        connections = await asyncio.gather(*(self._enter(stage, *senior) for senior in seniors))
        claimants = [(account, connection) for (account, _), connection in zip(seniors, connections, strict=True)]
        await stage.together("racing")
        told: Counter[str] = Counter()
        stage.ledger.on_first = lambda sighting, event: told.update([sighting.room.name + str(event["type"])])
        async with stage.measuring():
            for number in range(self.rounds):
                races = await self._race(stage, number, claimants)
                self._judge(stage, await stage.together("racing", races))
        await stage.reconcile([connection.seats for connection in connections])
        self._check_told(stage, told)

    async def _hand_off(self, stage: Stage, accounts: list[int]) -> None:
        """All handoffs of these accounts."""
        waiting = iter([(account, number) for account in accounts for number in range(self.rounds)])
        makers: dict[int, Connection] = {}

        async def make() -> None:
            for account, number in waiting:
                maker = makers.get(account)
                if maker is None:
                    maker = await stage.dial(account, stage.people.token(account, "maker"))
                    makers[account] = maker
                session = stage.people.made("session", account, number)
                about = {"title": f"Race {number}", "client_name": "Load", "problem": "Made by the load scripts"}
                await insist(maker, "session:create", {"session_id": session, **about})
                why = {"severity": "normal", "reason": "skill", "ask": "Whoever is first"}
                handoff = {"handoff_id": self._handoff(stage, account, number), "session_id": session}
                await insist(maker, "handoff:create", handoff | why)

        await asyncio.gather(*(make() for _ in range(AT_ONCE)))
        for maker in makers.values():
            maker.close()
        stage.connections.clear()

    @staticmethod
    def _handoff(stage: Stage, account: int, number: int) -> str:
        return stage.people.made("handoff", account, number)

    @staticmethod
    async def _enter(stage: Stage, account: int, number: int) -> Connection:
        connection = await stage.dial(number, stage.people.token(account, number, "senior"))
        seat = await connection.join("queue", {})
        seat.room.members += 1
        return connection

    async def _race(self, stage: Stage, number: int, claimants: list[tuple[int, Connection]]) -> dict[int, Race]:
        """All of this worker's claims of one round, sent in one turn of its loop and all answered."""
        races: dict[int, Race] = {account: Race() for account, _ in claimants}
        took, left = stage.histogram("claim to its answer"), len(claimants)
        through: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def answered(account: int, began: int, text: bytes) -> None:
            nonlocal left
            took.record((time.monotonic_ns() - began) // 1000)
            stage.counts["claims answered"] += 1
            self._note(stage, races[account], text)
            left -= 1
            if not left and not through.done():
                through.set_result(None)

        for account, connection in claimants:
            ids = {"handoff_id": self._handoff(stage, account, number), "claim_id": str(uuid4())}
            began = time.monotonic_ns()
            connection.send("handoff:claim", ids, lambda text, a=account, b=began: answered(a, b, text))  # type: ignore[misc]
        if claimants:
            try:
                async with asyncio.timeout(30):
                    await through
            except TimeoutError:
                stage.ledger.tally.unanswered += left
                raise Gone(f"round {number}: {left} claims were not answered within 30 s") from None
        return races

    @staticmethod
    def _note(stage: Stage, race: Race, text: bytes) -> None:
        try:
            data: dict[str, Any] = data_of(text)
        except Declined as declined:
            if declined.code == "already_claimed":
                stage.counts["claims lost"] += 1
                race.named.add((declined.details.get("claimed_by") or {}).get("id") or "nobody")
            else:
                stage.ledger.tally.refused += 1
                stage.counts[f"refused {declined.code}"] += 1
            return
        stage.counts["claims won"] += 1
        race.winners.append(data["handoff"]["claimed_by"]["id"])

    def _judge(self, stage: Stage, said: list[dict[int, Race]]) -> None:
        """Exactly one winner of each race, and that is whom all losers were told of. The first worker counts."""
        if stage.index:
            return
        for account in {account for races in said for account in races}:
            races = [one[account] for one in said if account in one]
            winners = [winner for race in races for winner in race.winners]
            stage.counts["races"] += 1
            if len(winners) > 1:
                stage.counts["double wins"] += 1
            elif not winners:
                stage.counts["races without a winner"] += 1
            if set().union(*(race.named for race in races)) - set(winners):
                stage.counts["losers told of another winner"] += 1

    def _check_told(self, stage: Stage, told: Counter[str]) -> None:
        """Each won race is one event of its queue."""
        for name, room in stage.ledger.rooms.items():
            if room.members and told[name + "handoff:claimed"] != self.rounds:
                stage.counts["claims not told once"] += abs(self.rounds - told[name + "handoff:claimed"])
