"""The log of a handoff as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any, Final

COLUMNS: Final = ("seq", "at", "type", "actor_id", "actor_name", "status", "fencing_token", "text")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def header() -> str:
    return _line(COLUMNS)


def lines(events: Iterable[Mapping[str, Any]]) -> str:
    """A line each (RFC 4180). What a spreadsheet would run as a formula begins with an apostrophe."""
    return "".join(_line(_cells(event)) for event in events)


def _cells(event: Mapping[str, Any]) -> Iterable[object]:
    data, actor = event["data"], event["actor"] or {}
    handoff, task = data.get("handoff") or {}, data.get("task") or {}
    text = data.get("note") or data.get("message", {}).get("body") or handoff.get("outcome_note")
    if task:
        text = ": ".join(filter(None, (task["title"], task["state"], task["result"])))
    status = handoff.get("status")
    return (event["seq"], event["at"], event["type"], actor.get("id"), actor.get("name"), status,
            handoff.get("fencing_token"), text)  # fmt: skip


def _line(cells: Iterable[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([_inert(cell) for cell in cells])
    return out.getvalue()


def _inert(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
