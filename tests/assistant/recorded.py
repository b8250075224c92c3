"""Sessions as they are recorded, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from handlers.package import HandoffRequest
from store.models import Evidence, MessageFacts, MessageKind, Person, SessionFacts, TaskFacts, TaskState

MORNING: Final = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PRIYA: Final = Person(UUID(int=1), "Priya Nair")
HANDOFF_ID: Final = UUID(int=77)


def request() -> HandoffRequest:
    return HandoffRequest(HANDOFF_ID, "high", "out_of_ideas", "Find out why it keeps failing.", None, PRIYA)


def session(title: str = "", client: str = "", problem: str = "") -> SessionFacts:
    return SessionFacts(UUID(int=9), title, client, problem, PRIYA, MORNING)


def task(number: int, title: str, state: TaskState, result: str | None = None) -> TaskFacts:
    at = MORNING + timedelta(minutes=30 + number)
    return TaskFacts(UUID(int=500 + number), number, title, None, state, result, PRIYA, at)


def evidence(facts: SessionFacts, *messages: tuple[MessageKind, str], tasks: tuple[TaskFacts, ...] = ()) -> Evidence:
    """All of it by Priya, a message a minute, then the tasks."""
    numbered = tuple(
        MessageFacts(UUID(int=100 + number), number, PRIYA, kind, body, MORNING + timedelta(minutes=number))
        for number, (kind, body) in enumerate(messages, 1)
    )
    return Evidence(facts, numbered, tasks, 42)
