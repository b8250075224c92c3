"""JSON on the wire: strict both ways. What PostgreSQL encoded passes through untouched."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson

from store.errors import Refusal
from store.models import Json


def dumps(value: object) -> str:
    """Compact JSON. Never NaN; UUIDs as text; datetimes as RFC 3339 in UTC."""
    return orjson.dumps(value, default=_pass_through, option=OPTIONS).decode()


def loads(text: str | bytes) -> Any:  # noqa: ANN401  # JSON is typed by the models
    """Raises `orjson.JSONDecodeError`, a ValueError, on anything but JSON: NaN and lone surrogates are not."""
    return orjson.loads(text)


OPTIONS = orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_UTC_Z


def _pass_through(value: object) -> object:
    if isinstance(value, Json):
        return orjson.Fragment(str(value))
    if isinstance(value, UUID):  # asyncpg's own
        return str(value)
    raise TypeError(type(value).__name__)


def error_body(refusal: Refusal) -> dict[str, object]:
    return {
        "code": refusal.code,
        "status": refusal.status,
        "message": refusal.message,
        "retryable": refusal.retryable,
        "details": refusal.details,
    }
