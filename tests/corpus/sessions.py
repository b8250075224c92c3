"""Reads the labelled sessions as `GUIDE.md` describes them: marks become labels, what is left is what was written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, TypeAdapter

from handlers.package import HandoffRequest
from store.models import (
    Evidence,
    MessageFacts,
    MessageKind,
    Person,
    Reason,
    SessionFacts,
    Severity,
    TaskFacts,
    TaskState,
)

HERE: Final = Path(__file__).parent
HANDOFF_ID: Final = UUID(int=1)
OPENED: Final = datetime(2026, 3, 16, 8, tzinfo=UTC)

Half = Literal["tune", "held_out"]
Mark = Literal[
    "symptom",
    "impact",
    "since",
    "fact",
    "observation",
    "tried",
    "result",
    "hypothesis",
    "ruled_out",
    "client_said",
    "change",
    "recent",
    "do_not",
    "if_then",
    "promise",
    "question",
    "secret",
    "maybe_fact",
    "maybe_observation",
    "maybe_tried",
]

_MARK: Final = re.compile(r"⟦(/|\w+)⟧")
_BLOCK: Final = re.compile(r"^== (\w+)(?: (.+))?$")
_MARKS: Final = TypeAdapter[Mark](Mark)
_KINDS: Final = TypeAdapter[MessageKind](MessageKind)
_STATES: Final = TypeAdapter[TaskState](TaskState)


class _Header(BaseModel):
    model_config = ConfigDict(extra="forbid")

    client: str
    title: str
    severity: Severity
    reason: Reason
    by: str


@dataclass(frozen=True, slots=True)
class Label:
    """`result` is what a tried step is said to have come to."""

    mark: Mark
    text: str
    source: UUID
    result: str | None = None


@dataclass(slots=True)
class LabelledSession:
    name: str
    evidence: Evidence
    request: HandoffRequest
    labels: list[Label]


@dataclass(slots=True)
class _Block:
    kind: str
    rest: str
    lines: list[str] = field(default_factory=list)


def labelled_sessions(half: Half) -> list[LabelledSession]:
    """All sessions of one half. ValueError names the file and what in it the guide does not know."""
    return [_session(path) for path in sorted((HERE / half).glob("*.session"))]


def _session(path: Path) -> LabelledSession:
    try:
        return parsed(path.stem, path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path.parent.name}/{path.name}: {error}") from error


def parsed(name: str, text: str) -> LabelledSession:
    head, _, body = text.partition("\n\n")
    header = _Header.model_validate(dict(line.split(": ", 1) for line in head.splitlines()))
    by = Person(UUID(int=2), header.by)
    people = {header.by: by}
    typed, labels = {"problem": "", "ask": "", "remark": ""}, list[Label]()
    messages, tasks = list[MessageFacts](), list[TaskFacts]()
    for number, block in enumerate(_blocks(body), 1):
        is_typed = block.kind in typed
        at, source = OPENED + timedelta(minutes=number), HANDOFF_ID if is_typed else UUID(int=1000 + number)
        said, found = _unmarked("\n".join(block.lines).strip(), source)
        labels += found
        if is_typed:
            typed[block.kind] = said
        elif block.kind == "task":
            state, _, title = block.rest.partition(" ")
            tasks.append(TaskFacts(source, number, title, None, _STATES.validate_python(state), said or None, by, at))
        else:
            # A client is quoted by the engineer.
            author = block.rest if block.kind == "note" else header.by
            person = people.setdefault(author, Person(UUID(int=2 + len(people)), author))
            messages.append(MessageFacts(source, number, person, _KINDS.validate_python(block.kind), said, at))
    facts = SessionFacts(UUID(int=3), header.title, header.client, typed["problem"], by, OPENED)
    request = HandoffRequest(HANDOFF_ID, header.severity, header.reason, typed["ask"], typed["remark"] or None, by)
    return LabelledSession(
        name, Evidence(facts, tuple(messages), tuple(tasks), len(messages) + len(tasks)), request, labels
    )


def _blocks(body: str) -> list[_Block]:
    blocks: list[_Block] = []
    for line in body.splitlines():
        if opening := _BLOCK.match(line):
            blocks.append(_Block(opening[1], opening[2] or ""))
        elif blocks:
            blocks[-1].lines.append(line)
        elif line.strip():
            raise ValueError(f"text before the first block: {line}")
    kinds = [block.kind for block in blocks]
    if kinds[:1] != ["problem"] or any(kinds.count(kind) > 1 for kind in ("problem", "ask", "remark")):
        raise ValueError(f"the blocks are {', '.join(kinds)}")
    return blocks


def _unmarked(text: str, source: UUID) -> tuple[str, list[Label]]:
    """One closing mark ends a step together with its result."""
    plain, labels, at = "", list[Label](), 0
    opened: list[tuple[Mark, int]] = []
    step: tuple[Mark, str] | None = None
    for match in _MARK.finditer(text):
        plain += text[at : match.start()]
        at = match.end()
        if match[1] == "/":
            if not opened:
                raise ValueError(f"nothing to close at: {text[at - 20 : at + 20]}")
            mark, start = opened.pop()
            said = plain[start:].strip()
            if mark == "result" and step is not None:
                labels.append(Label(*step, source, said))
                step = None
            else:
                labels.append(Label(mark, said, source))
        elif match[1] == "result" and opened and opened[-1][0] in {"tried", "maybe_tried"}:
            mark, start = opened.pop()
            step = mark, plain[start:].strip()
            opened.append(("result", len(plain)))
        else:
            opened.append((_MARKS.validate_python(match[1]), len(plain)))
    if opened:
        raise ValueError(f"{opened[-1][0]} is not closed")
    plain += text[at:]
    if "⟦" in plain or "⟧" in plain:
        raise ValueError(f"half a mark in: {plain}")
    return plain, labels
