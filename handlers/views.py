"""What the server says, field by field: answers and events. Beside it `handlers.signals` and `handlers.refusals`.

The contracts are made from these models. They describe what PostgreSQL and the doors encode; nothing on the way of a
command passes through them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal, get_args
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, RootModel

from handlers.package import Known, Package
from store.models import Attention, MessageKind, Outcome, Reason, Role, Severity, StartMode, TaskState, WithdrawReason

Seq = Annotated[int, Field(ge=1)]
Head = Annotated[int, Field(ge=0, description="The number of the room's newest event, 0 before the first")]
FencingToken = Annotated[int, Field(ge=0)]
Milliseconds = Annotated[int, Field(ge=0)]
Version = Annotated[int, Field(ge=1)]


class View(BaseModel):
    """Exactly these fields, all of them, of exactly these types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Person(View):
    id: UUID
    name: str


class Member(Person):
    """Somebody in a room. `handoff_id` is what the queue's members are looking at, null elsewhere."""

    state: Attention
    handoff_id: UUID | None


class User(Person):
    role: Role


class Account(View):
    id: UUID
    name: str


# Things


class EscalationPackage(View):
    """What a session tells of its newest handoff; the whole package is the handoff's."""

    handoff_id: UUID
    attempt_no: Version
    severity: Severity
    reason: Reason
    ask: str
    headline: str | None
    summary_prose: str
    confidence: Literal["low", "medium", "high"]
    created_at: AwareDatetime


class SessionView(View):
    id: UUID
    title: str
    client_name: str
    problem: str
    status: Literal["open", "closed"]
    resolution: str | None
    created_by: Person
    created_at: AwareDatetime
    closed_by: Person | None
    closed_at: AwareDatetime | None
    escalation_package: EscalationPackage | None


class MessageView(View):
    id: UUID
    session_id: UUID
    seq: Seq
    author: Person
    kind: MessageKind
    body: str
    at: AwareDatetime


class TaskView(View):
    """`seq` orders the lane."""

    id: UUID
    session_id: UUID
    seq: Seq
    version: Version
    title: str
    detail: str | None
    state: TaskState
    result: str | None
    created_by: Person
    created_at: AwareDatetime
    updated_by: Person
    updated_at: AwareDatetime


class HandoffView(View):
    id: UUID
    session_id: UUID
    status: Literal["queued", "claimed", "resolved", "withdrawn", "expired", "cancelled"]
    version: Version
    fencing_token: FencingToken
    severity: Severity
    reason: Reason
    ask: str
    handed_off_by: Person
    handed_off_by_name: str
    claimed_by: Person | None
    claimed_by_name: str | None
    claimed_at: AwareDatetime | None
    first_queued_at: AwareDatetime
    created_at: AwareDatetime
    expires_at: AwareDatetime | None
    summary_prose: str
    what_we_know: tuple[Known, ...]
    confidence: Literal["low", "medium", "high"]
    package: Package
    package_rev: Version
    package_state: Literal["builtin", "ai", "failed"]
    has_task_lane: bool
    parent_id: UUID | None
    attempt_no: Version
    outcome: Outcome | None
    outcome_note: str | None
    closed_by: Person | None
    closed_at: AwareDatetime | None


# Answers, and the data of events that say the same


class Empty(View):
    pass


class SessionAnswer(View):
    session: SessionView


class MessageAnswer(View):
    message: MessageView


class TaskAnswer(View):
    task: TaskView


class HandoffAnswer(View):
    handoff: HandoffView


class Claim(View):
    id: UUID
    fencing_token: FencingToken


class ClaimAnswer(HandoffAnswer):
    """`replayed`: the caller already had it, and nothing happened now."""

    claim: Claim
    replayed: bool


class HandoffScreen(HandoffAnswer):
    session: SessionView
    messages: tuple[MessageView, ...]
    tasks: tuple[TaskView, ...]


class StatusUpdateAnswer(View):
    handoff_id: UUID
    summary_prose: str


class SessionPage(View):
    """Newest first. `next` is the `before` of the following page."""

    sessions: tuple[SessionView, ...]
    next: UUID | None


class MessagePage(View):
    """Oldest first. `next` is the `before` of the following, older page."""

    messages: tuple[MessageView, ...]
    next: UUID | None


class SessionSnapshot(SessionAnswer):
    """The newest 200 messages, all tasks and handoffs."""

    messages: tuple[MessageView, ...]
    tasks: tuple[TaskView, ...]
    handoffs: tuple[HandoffView, ...]


class SessionRoom(SessionSnapshot):
    members: tuple[Member, ...]


class QueueSnapshot(View):
    """By severity, then age. Without what the caller handed off."""

    handoffs: tuple[HandoffView, ...]


class Me(View):
    user: User
    account: Account


class SignedIn(Me):
    token: str
    expires_at: AwareDatetime


class Renewed(View):
    token_expires_at: AwareDatetime


class Revoked(View):
    user_id: UUID
    revoked_at: AwareDatetime


# Events


class Event(View):
    """One entry of a room's log. It comes under its `type` as the name of the Socket.IO event."""

    room: str
    seq: Seq
    at: AwareDatetime
    actor: Person | None


class SessionCreated(Event):
    type: Literal["session:created"]
    data: SessionAnswer


class SessionClosed(Event):
    type: Literal["session:closed"]
    data: SessionAnswer


class MessagePosted(Event):
    type: Literal["message:posted"]
    data: MessageAnswer


class TaskAdded(Event):
    type: Literal["task:added"]
    data: TaskAnswer


class TaskChange(View):
    """What a `task:update` asked for; null where it said nothing."""

    state: TaskState | None
    result: str | None
    title: str | None


class TaskUpdatedData(TaskAnswer):
    asked: TaskChange


class TaskUpdated(Event):
    type: Literal["task:updated"]
    data: TaskUpdatedData


class HandoffCreatedData(HandoffAnswer):
    session: SessionView
    note: str | None


class HandoffCreated(Event):
    type: Literal["handoff:created"]
    data: HandoffCreatedData


class HandoffClaimed(Event):
    type: Literal["handoff:claimed"]
    data: HandoffAnswer


class HandoffReleasedData(HandoffAnswer):
    note: str


class HandoffReleased(Event):
    type: Literal["handoff:released"]
    data: HandoffReleasedData


class HandoffReassignedData(HandoffReleasedData):
    previous: Person


class HandoffReassigned(Event):
    type: Literal["handoff:reassigned"]
    data: HandoffReassignedData


class HandoffStartedData(HandoffAnswer):
    mode: StartMode


class HandoffStarted(Event):
    type: Literal["handoff:started"]
    data: HandoffStartedData


class HandoffResolved(Event):
    type: Literal["handoff:resolved"]
    data: HandoffAnswer


class HandoffWithdrawnData(HandoffAnswer):
    reason: WithdrawReason


class HandoffWithdrawn(Event):
    type: Literal["handoff:withdrawn"]
    data: HandoffWithdrawnData


class HandoffExpired(Event):
    type: Literal["handoff:expired"]
    data: HandoffAnswer


class HandoffCancelled(Event):
    type: Literal["handoff:cancelled"]
    data: HandoffAnswer


AnyEvent = (
    SessionCreated
    | SessionClosed
    | MessagePosted
    | TaskAdded
    | TaskUpdated
    | HandoffCreated
    | HandoffClaimed
    | HandoffReleased
    | HandoffReassigned
    | HandoffStarted
    | HandoffResolved
    | HandoffWithdrawn
    | HandoffExpired
    | HandoffCancelled
)
EVENTS: Final[Mapping[str, type[Event]]] = {
    get_args(event.model_fields["type"].annotation)[0]: event for event in get_args(AnyEvent)
}


class LogEntry(RootModel[Annotated[AnyEvent, Field(discriminator="type")]]):
    pass


class EventPage(View):
    """At most 1,000 events. `next` is the `after` of the following page."""

    room: str
    epoch: UUID
    seq: Head
    events: tuple[LogEntry, ...]
    next: Seq | None


# Rooms


class Left(View):
    room: str


class _Joined(Left):
    epoch: UUID
    seq: Head


class RecoveredRoom(_Joined):
    """All that was missed, up to `seq`."""

    recovered: Literal[True]
    events: tuple[LogEntry, ...]


class OpenedSession(_Joined):
    """The session as of exactly `seq`."""

    recovered: Literal[False]
    snapshot: SessionRoom


class OpenedQueue(_Joined):
    """The queue as of exactly `seq`."""

    recovered: Literal[False]
    snapshot: QueueSnapshot


class JoinedSession(RootModel[RecoveredRoom | OpenedSession]):
    pass


class JoinedQueue(RootModel[RecoveredRoom | OpenedQueue]):
    pass
