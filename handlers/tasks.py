"""Commands on the task lane."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from handlers.command import Caller, Counter, Id, Line, OptionalText, Payload, Version
from handlers.wire import loads
from store import tasks
from store.models import Answer, TaskState


class AddTask(Payload):
    session_id: Id
    task_id: Id
    title: Line
    detail: OptionalText | None = None
    fencing_token: Counter | None = None


async def add_task(caller: Caller, p: AddTask) -> Answer:
    return await tasks.add(
        caller.db,
        caller.who,
        p.session_id,
        task_id=p.task_id,
        title=p.title,
        detail=p.detail,
        fencing_token=p.fencing_token,
    )


class UpdateTask(Payload):
    session_id: Id
    task_id: Id
    version: Version
    state: TaskState | None = None
    result: OptionalText | None = None
    title: Line | None = None
    fencing_token: Counter | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.state is None and self.result is None and self.title is None:
            raise ValueError("give at least one of state, result, title")
        return self


async def update_task(caller: Caller, p: UpdateTask) -> Answer:
    answer = await tasks.update(
        caller.db,
        caller.who,
        p.session_id,
        task_id=p.task_id,
        version=p.version,
        state=p.state,
        result=p.result,
        title=p.title,
        fencing_token=p.fencing_token,
    )
    if caller.read_ahead is not None:
        task = loads(str(answer.data["task"]))
        caller.read_ahead("task", task["result"] or "", task["title"], task["state"])
    return answer
