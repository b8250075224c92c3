"""What the demo's stories are made of, and who plays in them.

A story is a script: what people did in one session, in order, and how long ago. It is played through the server's own
commands, so it may contain only what those would accept; `tests/server/test_demo_story.py` holds it to that.
The stories themselves are in `server/demo_stories/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal
from uuid import UUID, uuid5

from store.models import MessageKind, Outcome, Reason, Role, Severity, TaskState, WithdrawReason

NAMESPACE: Final = UUID("6f0b3a52-8f0e-4c1d-9a57-2f4f1f6f0d11")
DEMO_PASSWORD: Final = "TestPass123!"  # noqa: S105 - everyone's in the demo, printed on its start page

DemoKind = Literal["account", "user", "session", "message", "task", "handoff", "claim"]


def demo_id(kind: DemoKind, key: str) -> UUID:
    """The same id on every machine and in every run, so that playing a story again changes nothing."""
    return uuid5(NAMESPACE, f"{kind}:{key}")


def ago(*, d: int = 0, h: int = 0, m: int = 0) -> timedelta:
    return timedelta(days=d, hours=h, minutes=m)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    tenant: str
    email: str
    name: str
    role: Role


TENANTS: Final[dict[str, str]] = {"acme": "Acme MSP", "birchwood": "Birchwood IT"}

PEOPLE: Final[dict[str, DemoPerson]] = {
    "jonas": DemoPerson("acme", "engineer@resolutionflow.example.com", "Jonas Weber", "engineer"),
    "mia": DemoPerson("acme", "engineer2@resolutionflow.example.com", "Mia Lindqvist", "engineer"),
    "priya": DemoPerson("acme", "teamadmin@resolutionflow.example.com", "Priya Raman", "senior"),
    "tomasz": DemoPerson("acme", "senior@resolutionflow.example.com", "Tomasz Kowalczyk", "senior"),
    "helen": DemoPerson("acme", "admin@resolutionflow.example.com", "Helen Okafor", "admin"),
    "daniel": DemoPerson("acme", "viewer@resolutionflow.example.com", "Daniel Brandt", "viewer"),
    "liam": DemoPerson("birchwood", "birchwood.engineer@resolutionflow.example.com", "Liam Carter", "engineer"),
    "sofia": DemoPerson("birchwood", "birchwood.senior@resolutionflow.example.com", "Sofia Marchetti", "senior"),
    "grant": DemoPerson("birchwood", "birchwood.admin@resolutionflow.example.com", "Grant Hollis", "admin"),
}


@dataclass(frozen=True, slots=True)
class Said:
    ago: timedelta
    by: str
    kind: MessageKind
    body: str


@dataclass(frozen=True, slots=True)
class TaskAdded:
    ago: timedelta
    by: str
    key: str
    title: str
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class TaskMoved:
    ago: timedelta
    by: str
    key: str
    state: TaskState
    result: str | None = None


@dataclass(frozen=True, slots=True)
class Escalated:
    ago: timedelta
    by: str
    severity: Severity
    reason: Reason
    ask: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Tagged:
    """An open handoff, for the first time."""

    ago: timedelta
    by: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claimed:
    ago: timedelta
    by: str


@dataclass(frozen=True, slots=True)
class Started:
    ago: timedelta
    by: str
    mode: Literal["continue", "own_thing"]


@dataclass(frozen=True, slots=True)
class Released:
    ago: timedelta
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class Resolved:
    ago: timedelta
    by: str
    outcome: Outcome
    note: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    ago: timedelta
    by: str
    reason: WithdrawReason


@dataclass(frozen=True, slots=True)
class Closed:
    ago: timedelta
    by: str
    resolution: str


Step = Said | TaskAdded | TaskMoved | Escalated | Tagged | Claimed | Started | Released | Resolved | Withdrawn | Closed


@dataclass(frozen=True, slots=True)
class Story:
    """One session from its opening on. `by` is always a key of `PEOPLE`, `key` is unique in all stories,
    a task's key within its own; `steps` are in the order they happened.
    """

    tenant: str
    key: str
    opened_ago: timedelta
    by: str
    title: str
    client_name: str
    problem: str
    steps: tuple[Step, ...]
