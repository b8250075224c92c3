"""What the server says, field by field: answers and events. Beside it `handlers.signals` and `handlers.refusals`.

The contracts are made from these models. They describe what PostgreSQL and the doors encode; nothing on the way of a
command passes through them.
"""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from handlers.analysis import Analysis
from handlers.package import Known, Package
from store.models import Attention, MessageKind, Outcome, Reason, Role, Severity, TaskState

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
    tags: tuple[str, ...]
    claim_by: AwareDatetime
    stale: bool
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


class StartAnswer(HandoffAnswer):
    """`analysis` is what the mode `ai_analysis` starts with, null in the others."""

    analysis: Analysis | None


class HandoffScreen(HandoffAnswer):
    """`offered_package`: a better one that came after the handoff was claimed, null if none did."""

    offered_package: Package | None
    session: SessionView
    messages: tuple[MessageView, ...]
    tasks: tuple[TaskView, ...]


class StatusUpdateAnswer(View):
    """Of the newest handoff, null where there is none; `summary_prose` in the context `escalation` alone."""

    context: Literal["escalation", "client", "internal"]
    text: str
    handoff_id: UUID | None
    summary_prose: str | None


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


class Targets(View):
    critical: int
    high: int
    normal: int
    low: int


class AccountSettings(View):
    """All times in seconds."""

    version: Version
    claim_roles: tuple[Role, ...]
    claim_targets_s: Targets
    expires_after_s: int
    nudge_after_s: int
    release_idle: bool
    webhook_url: str | None


class AccountSettingsAnswer(View):
    """`webhook_secret` is the key of the signatures, null where there is no webhook."""

    settings: AccountSettings
    webhook_secret: str | None


class AccountChange(View):
    version: Version
    at: AwareDatetime
    by: Person
    before: AccountSettings
    after: AccountSettings


class AccountChanges(View):
    """The newest first. `next` is the `before` of the following page."""

    changes: tuple[AccountChange, ...]
    next: Version | None


class Left(View):
    room: str
