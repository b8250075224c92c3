"""What a command is, and what its handler is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Protocol
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from handlers.ahead import ReadAhead
from handlers.views import Empty
from store.db import Database
from store.events import Reading, Recovered, Snapshot
from store.models import Answer, Attention, Present, Principal, Role, Room

ANYONE: frozenset[Role] = frozenset({"viewer", "engineer", "senior", "admin"})
WRITERS: frozenset[Role] = frozenset({"engineer", "senior", "admin"})
ADMINS: frozenset[Role] = frozenset({"admin"})

# PostgreSQL has no text with U+0000; what has to say something may not be blank.
_ANY_TEXT = r"^[^\x00]*$"
_SOME_TEXT = r"^\s*[^\s\x00][^\x00]*$"

Id = Annotated[UUID, Field(strict=False)]
Line = Annotated[str, StringConstraints(max_length=200, pattern=_SOME_TEXT)]
Paragraph = Annotated[str, StringConstraints(max_length=4_000, pattern=_SOME_TEXT)]
Body = Annotated[str, StringConstraints(max_length=32_000, pattern=_SOME_TEXT)]
OptionalText = Annotated[str, StringConstraints(max_length=4_000, pattern=_ANY_TEXT)]
Counter = Annotated[int, Field(ge=0, le=2**63 - 1)]
Version = Annotated[int, Field(ge=1, le=2**31 - 2)]
PageSize = Annotated[int, Field(ge=1, le=200)]
Tag = Annotated[str, StringConstraints(pattern=r"^(skill|client):[^\s\x00]([^\x00\r\n]{0,48}[^\s\x00])?$")]
"""What a handoff needs, or whom it is for: `skill:exchange`, `client:Harbor Dental`."""


class Payload(BaseModel):
    """The one JSON object a command takes: exactly these fields, of exactly these types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Seat(Protocol):
    """The connection a command came in on. Over HTTP there is none."""

    async def join(self, room: Room, reading: Reading) -> Recovered | Snapshot:
        """Deliver the room's events to this connection from the one after the state that was read."""
        ...

    async def leave(self, room: Room) -> None: ...

    def has_joined(self, room: Room) -> bool: ...

    def members(self, room: Room) -> list[Present]:
        """Who is connected to the room, on whatever replica: the first by name where there are very many."""
        ...

    def attend(self, state: Attention, handoff_id: UUID | None) -> None:
        """Show its user so in all rooms of this connection, and as looking at that handoff in the queue."""
        ...

    async def signal(self, room: Room, name: str, data: dict[str, object]) -> None: ...

    async def renew(self, token: str) -> datetime:
        """Stay connected until the new token's expiry, which is answered."""
        ...


@dataclass(frozen=True, slots=True)
class Abilities:
    """What this deployment was set up for."""

    assistant: bool = False
    """A language model improves packages."""
    private_webhooks: bool = False
    """Accounts may be told at addresses that are not public."""


@dataclass(frozen=True, slots=True)
class Caller:
    who: Principal
    db: Database
    seat: Seat | None = None
    abilities: Abilities = Abilities()
    read_ahead: ReadAhead | None = None

    @property
    def seated(self) -> Seat:
        """The connection, for commands that exist on that door only."""
        if self.seat is None:
            raise LookupError("this command needs a connection")
        return self.seat


@dataclass(frozen=True, slots=True)
class Route:
    """Where the HTTP door serves a command. Names in the path are fields of the payload."""

    method: str
    path: str
    status: int = 200


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the client API. `roles` may send it; what else is required the handler's statement decides."""

    name: str
    payload: type[Payload]
    handler: Callable[[Caller, Any], Awaitable[Answer]]
    roles: frozenset[Role] = ANYONE
    http: Route | None = None
    answers: type[BaseModel] = Empty
    """The model of its answer's `data`."""
