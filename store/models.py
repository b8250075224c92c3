"""The values that cross the store's border."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID


class Json(str):
    """Text that PostgreSQL has already encoded: it goes to the wire as it is and is never decoded on the way."""

    __slots__ = ()


Role = Literal["viewer", "engineer", "senior", "admin"]
Severity = Literal["low", "normal", "high", "critical"]
Reason = Literal["no_access", "skill", "out_of_ideas", "time_box", "approval", "risk", "vendor", "client_request"]
WithdrawReason = Literal["solved_self", "mistake", "other"]
Outcome = Literal[
    "fixed_by_senior",
    "guided_engineer",
    "returned_needs_info",
    "escalated_further",
    "vendor",
    "client_action",
    "workaround",
    "no_fault_found",
    "duplicate",
]
StartMode = Literal["continue", "ai_analysis", "own_thing"]
MessageKind = Literal["note", "assistant", "client", "system"]
TaskState = Literal["todo", "doing", "done", "failed", "skipped"]
Attention = Literal["viewing", "away"]


@dataclass(frozen=True, slots=True)
class Person:
    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody in a room, as all its members see it. Of the handoff looked at only the queue's members hear."""

    id: UUID
    name: str
    state: Attention
    handoff_id: UUID | None


@dataclass(frozen=True, slots=True)
class Principal:
    """Who acts, as a valid token told: one user of one account in one role."""

    account_id: UUID
    account_name: str
    user_id: UUID
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Room:
    """A stream of events. Its name alone is not unique: two accounts may mint the same session id."""

    account_id: UUID
    name: str

    def __hash__(self) -> int:
        return hash(self.name)  # which it remembers, and which hardly ever stands for two rooms

    @classmethod
    def of_session(cls, account_id: UUID, session_id: UUID) -> Room:
        return cls(account_id, f"session:{session_id}")

    @classmethod
    def of_escalations(cls, account_id: UUID) -> Room:
        return cls(account_id, f"escalations:{account_id}")


@dataclass(frozen=True, slots=True)
class Event:
    """One committed entry of a room's log. `body` is the whole wire object `{room, seq, type, at, actor, data}`."""

    room: Room
    seq: int
    type: str
    body: Json


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command tells its caller, and the events it committed (none when it was a retry or a read)."""

    data: dict[str, object]
    events: tuple[Event, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class SessionFacts:
    id: UUID
    title: str
    client_name: str
    problem: str
    created_by: Person
    created_at: datetime


@dataclass(frozen=True, slots=True)
class MessageFacts:
    id: UUID
    seq: int
    author: Person
    kind: MessageKind
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TaskFacts:
    id: UUID
    seq: int
    title: str
    detail: str | None
    state: TaskState
    result: str | None
    updated_by: Person
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is recorded of a session as of exactly `covers_until`, the number of its room's last event.

    Messages and tasks are in the order of their `seq`.
    """

    session: SessionFacts
    messages: tuple[MessageFacts, ...]
    tasks: tuple[TaskFacts, ...]
    covers_until: int
