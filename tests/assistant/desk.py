"""People at work on a database, without a server: a command takes its usual way, to the log and no further."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from handlers.command import Abilities, Caller
from handlers.dispatch import Dispatch
from store import accounts
from store.db import Database
from store.errors import Refusal
from store.events import Snapshot, read_escalation_room, read_session_room
from store.models import Event, Principal, Role

MESSAGES = (
    ("client", "Twelve people at the front desk cannot print since Monday."),
    ("note", "Event 372 shows up on PRN-01. The spooler crashes with 0x0000011b."),
    ("note", "Restarted the spooler, still crashes."),
)


@dataclass
class Desk:
    db: Database
    engineer: Principal
    senior: Principal
    told: list[Event] = field(default_factory=list)
    """What the commands published."""

    @classmethod
    async def open(cls, db: Database) -> Desk:
        account = uuid4()
        engineer, senior = (Principal(account, "Acme MSP", uuid4(), name, role) for name, role in NAMES)
        for who in (engineer, senior):
            await accounts.provision(db, who)
        return cls(db, engineer, senior)

    @property
    def account_id(self) -> UUID:
        return self.engineer.account_id

    async def do(self, who: Principal, command: str, **payload: Any) -> dict[str, Any]:
        """The command's data. Raises its refusal."""
        caller = Caller(who, self.db, abilities=Abilities(assistant=True))
        answer = await Dispatch(self._publish)(command, json.loads(json.dumps(payload, default=str)), caller)
        if isinstance(answer, Refusal):
            raise answer
        data: dict[str, Any] = json.loads(answer)
        return data

    async def _publish(self, events: Sequence[Event]) -> None:
        self.told += events

    async def session(self, *messages: tuple[str, str]) -> UUID:
        session_id = uuid4()
        about = {"title": "Print server", "client_name": "Harbor Dental", "problem": "Nobody can print on PRN-01"}
        await self.do(self.engineer, "session:create", session_id=session_id, **about)
        for kind, body in messages or MESSAGES:
            await self.post(session_id, kind, body)
        return session_id

    async def post(self, session_id: UUID, kind: str, body: str, *, ask: bool = False) -> UUID:
        message_id = uuid4()
        at = {"session_id": session_id, "message_id": message_id}
        await self.do(self.engineer, "message:post", **at, kind=kind, body=body, ask=ask)
        return message_id

    async def hand_off(self, session_id: UUID, **fields: Any) -> UUID:
        handoff_id = uuid4()
        asked = {"severity": "high", "reason": "skill", "ask": "Find out why the spooler crashes"} | fields
        await self.do(self.engineer, "handoff:create", handoff_id=handoff_id, session_id=session_id, **asked)
        return handoff_id

    async def claim(self, handoff_id: UUID) -> int:
        """The fencing token."""
        answer = await self.do(self.senior, "handoff:claim", handoff_id=handoff_id, claim_id=uuid4())
        token: int = answer["claim"]["fencing_token"]
        return token

    async def handoff(self, handoff_id: UUID) -> dict[str, Any]:
        """The context screen."""
        return await self.do(self.senior, "handoff:get", handoff_id=handoff_id)

    async def rooms(self, session_id: UUID) -> list[Snapshot]:
        """The session's room and the queue as the senior sees it."""
        session = await read_session_room(self.db, self.account_id, session_id)
        queue = await read_escalation_room(self.db, self.account_id, self.senior.user_id)
        assert isinstance(session, Snapshot)
        assert isinstance(queue, Snapshot)
        return [session, queue]


NAMES: tuple[tuple[str, Role], ...] = (("Priya Nair", "engineer"), ("Sam Okafor", "senior"))
