"""The events of the log, field by field, and the answers that hold them: as `handlers.views`, for the contracts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal, get_args
from uuid import UUID

from pydantic import AwareDatetime, Field, RootModel

from handlers.views import (
    HandoffAnswer,
    Head,
    Left,
    MessageAnswer,
    Person,
    QueueSnapshot,
    Seq,
    SessionAnswer,
    SessionRoom,
    SessionView,
    StartAnswer,
    TaskAnswer,
    View,
)
from store.models import StartMode, TaskState, WithdrawReason


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


class HandoffStartedData(StartAnswer):
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


class HandoffTagged(Event):
    type: Literal["handoff:tagged"]
    data: HandoffAnswer


class Nudge(View):
    """`n` counts them since the owner's last write, or since it was queued. `idle_s` is the time since then."""

    n: int
    to: Literal["owner", "seniors", "admins"]
    idle_s: int


class HandoffNudgedData(HandoffAnswer):
    nudge: Nudge


class HandoffNudged(Event):
    type: Literal["handoff:nudged"]
    data: HandoffNudgedData


class HandoffEnrichedData(HandoffAnswer):
    """`ai`: the package is a better one. `offered`: there is a better one, which `handoff:get` answers beside it."""

    session: SessionView
    result: Literal["ai", "offered", "failed"]


class HandoffEnriched(Event):
    """The language model was asked about the package, or given up."""

    type: Literal["handoff:enriched"]
    data: HandoffEnrichedData


class HandoffResumed(Event):
    """The owner of a stale handoff is back."""

    type: Literal["handoff:resumed"]
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
    | HandoffTagged
    | HandoffNudged
    | HandoffEnriched
    | HandoffResumed
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


class HandoffLog(View):
    """What happened in the session from the handoff's creation to its end. `next` is the following `after`."""

    events: tuple[LogEntry, ...]
    next: Seq | None


# Rooms


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
