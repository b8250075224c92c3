"""Refusals: the answers that say no. Each is a value that tells a program what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Code = Literal[
    "invalid_payload",
    "unknown_command",
    "unauthorized",
    "token_expired",
    "role_required",
    "self_claim",
    "not_found",
    "already_claimed",
    "not_owner",
    "claim_ended",
    "closed",
    "active_handoff",
    "id_conflict",
    "rate_limited",
    "too_large",
    "unavailable",
    "internal",
    "overloaded",
]

STATUS: Mapping[Code, int] = {
    "invalid_payload": 422,
    "unknown_command": 404,
    "unauthorized": 401,
    "token_expired": 401,
    "role_required": 403,
    "self_claim": 403,
    "not_found": 404,
    "already_claimed": 409,
    "not_owner": 409,
    "claim_ended": 409,
    "closed": 409,
    "active_handoff": 409,
    "id_conflict": 409,
    "rate_limited": 429,
    "too_large": 413,
    "unavailable": 503,
    "internal": 500,
    "overloaded": 503,
}

MESSAGES: Mapping[Code, str] = {
    "not_found": "There is nothing here under that id.",
    "self_claim": "You handed this off yourself; someone else has to take it.",
    "role_required": "Your role does not allow this.",
    "already_claimed": "Someone else already has it.",
    "not_owner": "You do not hold this handoff, or no longer do.",
    "claim_ended": "That claim has already ended. Claim again if you still want it.",
    "closed": "It is already closed.",
    "active_handoff": "This session has already been handed off.",
    "id_conflict": "That id was already used for something else.",
}

RETRYABLE: frozenset[Code] = frozenset({"rate_limited", "unavailable", "overloaded", "internal"})


class Refusal(Exception):  # noqa: N818  # it is an answer, not an accident
    """`code` is for programs and never changes, the message is a sentence for a person, `details` depend on the code.

    `retryable` says whether the same command, with the same ids, may succeed later without the user doing anything.
    """

    def __init__(
        self, code: Code, message: str | None = None, *, details: Mapping[str, object] | object | None = None
    ) -> None:
        self.code: Code = code
        self.status = STATUS[code]
        self.message = message or MESSAGES[code]
        self.details: object = {} if details is None else details
        self.retryable = code in RETRYABLE
        super().__init__(code, self.message)


class DatabaseUnreachable(Exception):  # noqa: N818
    """No connection to PostgreSQL could be opened at start."""
