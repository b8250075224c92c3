"""The answers that say no, field by field, and which command may give which."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, create_model

from handlers.views import AccountSettings, Empty, HandoffAnswer, HandoffView, Milliseconds, Person, TaskAnswer, View
from store.errors import STATUS, Code
from store.models import Outcome


class FieldFault(View):
    loc: tuple[str | int, ...]
    msg: str
    type: str


class InvalidFields(View):
    fields: tuple[FieldFault, ...]


class LostClaim(View):
    """`next` is the next queued handoff that the caller may claim."""

    claimed_by: Person
    claimed_at: AwareDatetime
    lost_by_ms: Milliseconds
    next: HandoffView | None


class Holder(View):
    claimed_by: Person
    claimed_at: AwareDatetime


class HolderInSession(Holder):
    handoff_id: UUID


class Standing(View):
    status: Literal["queued", "claimed", "resolved", "withdrawn", "expired", "cancelled"]
    claimed_by: Person | None


class Ending(View):
    """Of a handoff, or of a session: then the status is `closed`."""

    status: Literal["closed", "resolved", "withdrawn", "expired", "cancelled"]
    at: AwareDatetime
    by: Person | None
    outcome: Outcome | None


class ActiveHandoff(View):
    handoff_id: UUID
    status: Literal["queued", "claimed"]
    claimed_by: Person | None


class SettingsInForce(View):
    settings: AccountSettings


class Pause(View):
    retry_after_ms: Milliseconds


class Limit(View):
    limit: int


class ErrorId(View):
    """What to look for in the server's log."""

    error_id: str


DETAILS: Final[Mapping[Code, object]] = {
    "invalid_payload": InvalidFields,
    "unknown_command": Empty,
    "unauthorized": Empty,
    "token_expired": Empty,
    "role_required": Empty,
    "self_claim": Empty,
    "not_found": Empty,
    "already_claimed": LostClaim | HolderInSession | Holder,
    "not_owner": Standing | Empty,
    "claim_ended": Empty,
    "closed": Ending,
    "active_handoff": ActiveHandoff,
    "id_conflict": TaskAnswer | HandoffAnswer | SettingsInForce | Empty,
    "rate_limited": Pause,
    "too_large": Limit | Empty,
    "unavailable": Empty,
    "internal": ErrorId,
}
"""Of each code that refuses a command; `overloaded` refuses connections only."""

ALWAYS: Final[tuple[Code, ...]] = ("invalid_payload", "rate_limited", "too_large", "unavailable", "internal")
OVER_HTTP: Final[tuple[Code, ...]] = ("unauthorized", "token_expired")

_ON_WORK: Final[tuple[Code, ...]] = ("not_found", "id_conflict", "closed", "not_owner")

REFUSALS: Final[Mapping[str, tuple[Code, ...]]] = {
    "session:create": ("id_conflict",),
    "session:list": (),
    "session:get": ("not_found",),
    "session:join": ("not_found",),
    "session:leave": (),
    "session:history": ("not_found",),
    "session:close": ("not_found", "closed", "already_claimed"),
    "session:status_update": ("not_found",),
    "typing": ("not_found",),
    "presence:set": (),
    "message:post": _ON_WORK,
    "task:add": _ON_WORK,
    "task:update": _ON_WORK,
    "handoff:create": ("not_found", "id_conflict", "closed", "active_handoff"),
    "handoff:claim": (
        "self_claim", "role_required", "not_found", "id_conflict", "already_claimed", "claim_ended", "closed",
    ),
    "handoff:release": ("not_found", "not_owner"),
    "handoff:reassign": ("not_found", "not_owner", "self_claim", "role_required"),
    "handoff:resolve": ("not_found", "not_owner", "closed"),
    "handoff:withdraw": ("not_found", "not_owner", "already_claimed", "closed"),
    "handoff:start": ("not_found", "not_owner"),
    "handoff:tag": ("not_found", "id_conflict", "closed"),
    "handoff:get": ("not_found",),
    "handoff:log": ("not_found",),
    "queue:join": (),
    "queue:leave": (),
    "queue:get": (),
    "queue:metrics": (),
    "queue:metrics_handoffs": ("role_required",),
    "room:events": ("not_found",),
    "me:get": (),
    "auth:renew": ("unauthorized", "token_expired"),
    "user:revoke": ("not_found",),
    "account:get": (),
    "account:update": ("id_conflict",),
    "account:changes": (),
}  # fmt: skip
"""What each command may be refused with beyond `ALWAYS`; `role_required` too where only some roles may send it."""


class ErrorBody(View):
    code: Code
    status: int
    message: str
    retryable: bool
    details: object


class ProblemBody(ErrorBody):
    """RFC 9457."""

    type: str
    title: str


def _of_each_code(shape: type[ErrorBody], suffix: str) -> Mapping[Code, type[ErrorBody]]:
    models: dict[Code, type[ErrorBody]] = {}
    for code, details in DETAILS.items():
        fields: dict[str, Any] = {"code": Literal[code], "status": Literal[STATUS[code]], "details": details}
        models[code] = create_model(code.title().replace("_", "") + suffix, __base__=shape, **fields)
    return models


ERRORS: Final = _of_each_code(ErrorBody, "Error")
"""A refusal of each code as an ack has it."""

PROBLEMS: Final = _of_each_code(ProblemBody, "Problem")
"""A refusal of each code as HTTP has it."""


def accepted(answers: type[BaseModel]) -> type[View]:
    """The ack of a command that took effect."""
    return create_model(f"{answers.__name__}Ack", __base__=View, ok=(Literal[True], ...), data=(answers, ...))


Refused: Final = create_model(
    "RefusalAck",
    __base__=View,
    ok=(Literal[False], ...),
    error=(reduce(or_, ERRORS.values()), Field(discriminator="code")),
)
"""The ack of a command that was refused."""
