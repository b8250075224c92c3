"""The one funnel: look up, validate, authorise, apply, publish after the commit, and always answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from uuid import uuid4

import structlog
from pydantic import ValidationError

from handlers import ADMINISTRATION, COMMANDS
from handlers.command import Caller, Command, Payload
from handlers.wire import dumps
from store.errors import Refusal
from store.models import Event, Json

MAX_FIELDS_NAMED = 20

MESSAGES: Mapping[str, str] = {"model_type": "An object is expected"}
"""Where pydantic's own names a class of ours."""

SERVED: Mapping[str, Command] = {**COMMANDS, **ADMINISTRATION}

log = structlog.get_logger()


class Dispatch:
    """Serves both doors. What was committed is also published, as long as nobody cancels the call that does it."""

    def __init__(
        self,
        publish: Callable[[Sequence[Event]], Awaitable[None]],
        *,
        commands: Mapping[str, Command] = SERVED,
        observe: Callable[[str, str], None] = lambda _name, _result: None,
    ) -> None:
        self._publish = publish
        self._commands = commands
        self._observe = observe
        self._running = 0
        self._ended = asyncio.Event()
        """Set when one has ended."""
        self._tasks: set[asyncio.Task[Json | Refusal]] = set()

    async def shielded(self, name: object, payload: object, caller: Caller) -> Json | Refusal:
        """For whoever may be cancelled: a command that has begun is carried through all the same."""
        task = asyncio.create_task(self(name, payload, caller), name=f"command {name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    async def __call__(self, name: object, payload: object, caller: Caller) -> Json | Refusal:
        """Apply the command and answer its `data`, encoded. Never raises, whatever the handler does."""
        command = self._commands.get(name) if isinstance(name, str) else None
        if command is None or (caller.seat is not None and command.name in ADMINISTRATION):
            self._observe("unknown", "unknown_command")
            return Refusal("unknown_command", "There is no such command.")
        self._running += 1
        try:
            return await self._answer(command, payload, caller)
        finally:
            self._running -= 1
            self._ended.set()

    async def finish(self, timeout: float) -> None:
        """Wait until the running commands are through, at most `timeout` seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while self._running:
                    self._ended.clear()
                    await self._ended.wait()

    async def _answer(self, command: Command, payload: object, caller: Caller) -> Json | Refusal:
        try:
            data = await self._apply(command, payload, caller)
        except Refusal as refusal:
            self._observe(command.name, refusal.code)
            return refusal
        except (Exception, asyncio.CancelledError):
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise  # the loop is ending; otherwise the handler waited for something that was cancelled
            error_id = uuid4().hex
            log.exception("command failed", command=command.name, error_id=error_id)
            self._observe(command.name, "internal")
            return Refusal("internal", "Something went wrong on our side.", details={"error_id": error_id})
        return data

    async def _apply(self, command: Command, payload: object, caller: Caller) -> Json:
        valid = validated(command.payload, payload)
        if caller.who.role not in command.roles:
            raise Refusal("role_required")
        answer = await command.handler(caller, valid)
        if answer.events:
            try:
                await self._publish(answer.events)
            except Exception:
                # Committed is committed. The log has the events, and delivery will find them there.
                log.exception("publish failed", command=command.name)
                self._observe(command.name, "publish_failed")
        data = Json(dumps(answer.data))
        self._observe(command.name, "replayed" if answer.data.get("replayed") else "ok")
        return data


def validated(model: type[Payload], payload: object) -> Payload:
    """Raises `Refusal("invalid_payload")` with `details.fields`, which never quote the input."""
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        raise invalid(fields_of(error)) from None


def fields_of(error: ValidationError) -> Sequence[Mapping[str, object]]:
    """What is wrong where, at most `MAX_FIELDS_NAMED` of them."""
    return [
        {"loc": list(field["loc"]), "msg": MESSAGES.get(field["type"], field["msg"]), "type": field["type"]}
        for field in error.errors(include_url=False, include_input=False, include_context=False)
    ][:MAX_FIELDS_NAMED]


def invalid(fields: Sequence[Mapping[str, object]]) -> Refusal:
    return Refusal("invalid_payload", "The payload is not valid.", details={"fields": fields})


def not_json() -> Refusal:
    """For text that is not JSON as RFC 8259 and Unicode have it: NaN, lone surrogates, a cut end."""
    return invalid([{"loc": [], "msg": "Not JSON", "type": "json_invalid"}])
