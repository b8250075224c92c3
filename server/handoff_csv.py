"""The log of a handoff as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

COLUMNS: Final = ("seq", "at", "type", "actor_id", "actor_name", "status", "fencing_token", "text")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def _of_task(data: Mapping[str, Any]) -> str:
    return ": ".join(filter(None, (data["task"]["title"], data["task"]["state"], data["task"]["result"])))


_TEXTS: Final[Mapping[str, Callable[[Mapping[str, Any]], str | None]]] = {
    "message:posted": lambda data: data["message"]["body"],
    "task:added": _of_task,
    "task:updated": _of_task,
    "session:closed": lambda data: data["session"]["resolution"],
    "handoff:created": lambda data: "\n".join(filter(None, (data["handoff"]["ask"], data["note"]))),
    "handoff:released": lambda data: data["note"],
    "handoff:reassigned": lambda data: data["note"],
    "handoff:started": lambda data: data["mode"],
    "handoff:resolved": lambda data: data["handoff"]["outcome_note"],
    "handoff:withdrawn": lambda data: data["reason"],
    "handoff:tagged": lambda data: ", ".join(data["handoff"]["tags"]),
    "handoff:nudged": lambda data: data["nudge"]["to"],
    "handoff:enriched": lambda data: data["result"],
}
"""What was written with an event, else what was chosen."""


def header() -> str:
    return _line(COLUMNS)


def lines(events: Iterable[Mapping[str, Any]]) -> str:
    """A line each (RFC 4180). What a spreadsheet would run as a formula begins with an apostrophe."""
    return "".join(_line(_cells(event)) for event in events)


def _cells(event: Mapping[str, Any]) -> Iterable[object]:
    actor, handoff = event["actor"] or {}, event["data"].get("handoff") or {}
    text = _TEXTS[event["type"]](event["data"]) if event["type"] in _TEXTS else None
    return (event["seq"], event["at"], event["type"], actor.get("id"), actor.get("name"), handoff.get("status"),
            handoff.get("fencing_token"), text)  # fmt: skip


def _line(cells: Iterable[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([_inert(cell) for cell in cells])
    return out.getvalue()


def _inert(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
