"""The escalation package: what a senior needs to know, taken from the session as its people wrote it.

Extraction, never paraphrase: a text here is a sentence of the evidence, cleared of secrets, and names its source and
its author. What was not found is null or empty and stands in `completeness.missing`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import accumulate
from operator import attrgetter
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from handlers.findings import MAX_SOURCE, Changed, Findings, RefKind, Source, Tried, plain, read
from handlers.prose import clip, on_one_line, prose_sentence
from handlers.reading import KnownKind, ListName, Voice, host_in, reasons_in
from handlers.redaction import redact
from store import models

__all__ = ["HandoffRequest", "Package", "build_package", "redact"]

MAX_ITEMS: Final = 40
"""In each list, of `what_we_know` for each kind at most; the newest are kept."""
MAX_NAME: Final = 80
MAX_HEADLINE: Final = 120
MAX_READ: Final = 131_072
"""Characters read of the messages and tasks of a session; the newest are read."""
MAX_BYTES: Final = 44 * 1024
"""Of the package as compact JSON, so that with the spaces that PostgreSQL prints it stays below 48 KiB."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ref(_Part):
    """Where a text comes from. What the session's problem and the escalating engineer say refers to the handoff."""

    kind: RefKind
    id: UUID


class Author(_Part):
    id: UUID
    name: str


class Item(_Part):
    """`at` is null for what was typed with the escalation itself, whose time is the handoff's."""

    text: str
    refs: tuple[Ref, ...]
    by: Author
    at: datetime | None


class Known(Item):
    kind: KnownKind


class Step(_Part):
    """`evidence` says how it is known that this was tried; `result` is null where none is stated."""

    n: int
    action: str
    result: str | None
    evidence: Literal["task_done", "task_failed", "note", "release_note"]
    by: Author
    at: datetime | None
    ref: Ref


class Change(_Part):
    what: str
    undo: str | None
    refs: tuple[Ref, ...]
    by: Author
    at: datetime | None


class SeverityOf(_Part):
    level: models.Severity
    why: str | None


class Situation(_Part):
    symptom: str | None
    impact: str | None
    since: str | None


class Background(_Part):
    client: str | None
    asset: str | None
    recent_changes: tuple[Item, ...]


class Confidence(_Part):
    """How well the package is supported, not how likely a cause is."""

    label: Literal["low", "medium", "high"]
    score: float
    reasons: tuple[str, ...]


class Completeness(_Part):
    """`score` is the share of the fields that hold something; `missing` names the others.

    `earliest_messages` in `missing`: the session is longer than what is read.
    """

    score: float
    missing: tuple[str, ...]


class Meta(_Part):
    rev: int
    producer: Literal["builtin", "ai"]
    covers_until: int


class Package(_Part):
    headline: str | None
    severity: SeverityOf
    situation: Situation
    background: Background
    what_we_know: tuple[Known, ...]
    steps_tried: tuple[Step, ...]
    changes_in_place: tuple[Change, ...]
    in_flight: tuple[Item, ...]
    stuck_because: str
    ask: str | None
    do_not: tuple[Item, ...]
    if_then: tuple[Item, ...]
    promises: tuple[Item, ...]
    open_questions: tuple[Item, ...]
    confidence: Confidence
    completeness: Completeness
    prose: str
    meta: Meta


@dataclass(frozen=True)
class HandoffRequest:
    """What the engineer typed when escalating."""

    handoff_id: UUID
    severity: models.Severity
    reason: models.Reason
    ask: str
    note: str | None
    by: models.Person


_VOICES: Final[dict[models.MessageKind, Voice]] = {"note": "note", "client": "client", "assistant": "assistant"}
_QUOTAS: Final[dict[KnownKind, int]] = {
    "fact": 40,
    "observation": 20,
    "ruled_out": 8,
    "hypothesis": 14,
    "client_said": 14,
}
"""No kind crowds out another."""
MAX_KNOWN: Final = sum(_QUOTAS.values())
_SHORTER: Final = (28, 20, 14, 10, 7, 5, 3, 2, 1)
_STUCK: Final[dict[models.Reason, str]] = {
    "no_access": "The engineer lacks the access that is needed",
    "skill": "The problem is beyond the engineer's experience",
    "out_of_ideas": "The engineer has run out of ideas",
    "time_box": "The time set for this problem is used up",
    "approval": "An approval is needed to go on",
    "risk": "The next step is too risky to take alone",
    "vendor": "The vendor is needed to go on",
    "client_request": "The client asked for the escalation",
}
_LOOKED_FOR: Final = (
    *("headline", "severity.why", "situation.symptom", "situation.impact", "situation.since", "background.client"),
    *("background.asset", "background.recent_changes", "what_we_know", "steps_tried", "changes_in_place", "in_flight"),
    *("ask", "do_not", "if_then", "promises", "open_questions"),
)
_MEDIUM: Final = 0.4
_HIGH: Final = 0.7
_ENOUGH: Final = 4
"""So many results, or facts, count in full."""


def build_package(evidence: models.Evidence, request: HandoffRequest) -> Package:
    """The first revision of the package: the same for the same input, at most `MAX_BYTES` long, never blank.

    Only people's notes and finished tasks make a tried step; what an assistant wrote makes hypotheses at most.
    """
    work, is_cut = newest_work(evidence)
    ask = Source("ask", request.ask, "handoff", request.handoff_id, request.by, None)
    typed = Source("note", request.note or "", "handoff", request.handoff_id, request.by, None)
    found = read((_problem(evidence.session, request.handoff_id), *work, ask, typed))
    return _fitted(_assembled(evidence, request, found, is_cut=is_cut))


def _problem(session: models.SessionFacts, handoff_id: UUID) -> Source:
    return Source("problem", session.problem, "handoff", handoff_id, session.created_by, session.created_at)


def newest_work(
    evidence: models.Evidence, *, of_each: int = MAX_SOURCE, in_all: int = MAX_READ
) -> tuple[list[Source], bool]:
    """Messages and tasks in the order of time, and whether the earliest were left out.

    As many as have `in_all` characters, of which each counts for `of_each` and its title at most.
    """
    sources = [
        Source(_VOICES[message.kind], message.body, "message", message.id, message.author, message.at)
        for message in evidence.messages
        if message.kind in _VOICES
    ]
    sources += (
        Source("task", task.result or "", "task", task.id, task.updated_by, task.updated_at, task.title, task.state)
        for task in evidence.tasks
    )
    sources.sort(key=attrgetter("at"))
    lengths = accumulate(min(len(source.text), of_each) + len(source.title) for source in reversed(sources))
    kept = sum(length <= in_all for length in lengths)
    return sources[len(sources) - kept :], kept < len(sources)


def _assembled(evidence: models.Evidence, request: HandoffRequest, found: Findings, *, is_cut: bool) -> Package:
    client, title = plain(evidence.session.client_name, MAX_NAME), plain(evidence.session.title)
    ask, reasons = plain(request.ask), reasons_in(redact((request.note or "")[:MAX_SOURCE]))
    package = Package(
        headline=clip(": ".join(filter(None, (client, title or found.symptom or ask))), MAX_HEADLINE) or None,
        severity=SeverityOf(level=request.severity, why=found.impact),
        situation=Situation(symptom=found.symptom, impact=found.impact, since=found.since),
        background=Background(
            client=client or None,
            asset=host_in(title) or found.asset or host_in(ask),
            recent_changes=_items(found, "recent_changes"),
        ),
        what_we_know=tuple(_known(found)),
        steps_tried=tuple(_step(number, tried) for number, tried in enumerate(found.tried, 1))[-MAX_ITEMS:],
        changes_in_place=tuple(map(_change, found.changed[-MAX_ITEMS:])),
        in_flight=_items(found, "in_flight"),
        stuck_because=_STUCK[request.reason] + (f": {on_one_line(' '.join(reasons))}" if reasons else ""),
        ask=ask or None,
        do_not=_items(found, "do_not"),
        if_then=_items(found, "if_then"),
        promises=_items(found, "promises"),
        open_questions=_items(found, "open_questions"),
        confidence=_confidence(found, is_cut=is_cut),
        completeness=Completeness(score=0, missing=()),
        prose="",
        meta=Meta(rev=1, producer="builtin", covers_until=evidence.covers_until),
    )
    return package.model_copy(
        update={"completeness": completeness_of(package, is_cut=is_cut), "prose": prose_of(package)}
    )


@lru_cache(maxsize=1024)
def _author(person: models.Person) -> Author:
    return Author(id=person.id, name=plain(person.name, MAX_NAME))


def _refs(*sources: Source) -> tuple[Ref, ...]:
    return tuple(Ref(kind=source.ref_kind, id=source.ref_id) for source in sources)


def _items(found: Findings, name: ListName) -> tuple[Item, ...]:
    return tuple(
        Item(text=text, refs=_refs(*sources), by=_author(sources[0].by), at=sources[0].at)
        for text, sources in found.newest(name, MAX_ITEMS)
    )


def _known(found: Findings) -> Iterator[Known]:
    for kind, quota in _QUOTAS.items():
        for text, sources in found.newest(kind, quota):
            first = sources[0]
            yield Known(text=text, refs=_refs(*sources), by=_author(first.by), at=first.at, kind=kind)


def _step(number: int, tried: Tried) -> Step:
    source = tried.source
    return Step(
        n=number,
        action=tried.action,
        result=tried.result,
        evidence=tried.evidence,
        by=_author(source.by),
        at=source.at,
        ref=_refs(source)[0],
    )


def _change(changed: Changed) -> Change:
    source = changed.source
    return Change(what=changed.what, undo=changed.undo, refs=_refs(source), by=_author(source.by), at=source.at)


def _count(number: int, one: str, many: str) -> str:
    return f"{number or 'No'} {one if number == 1 else many}."


def _confidence(found: Findings, *, is_cut: bool) -> Confidence:
    """0.45 for results of steps, 0.35 for facts, 0.2 for a symptom, less 0.15 for each contradiction, two at most."""
    results = sum(tried.result is not None for tried in found.tried)
    facts = len(found.mentions["fact"]) + len(found.mentions["observation"])
    score = 0.45 * min(results, _ENOUGH) / _ENOUGH + 0.35 * min(facts, _ENOUGH) / _ENOUGH
    score += 0.2 * (found.symptom is not None) - 0.15 * min(found.contradictions, 2)
    score = round(max(score, 0), 2)
    reasons = [
        _count(results, "tried step has a stated result", "tried steps have a stated result"),
        _count(facts, "fact is recorded", "facts are recorded"),
        *(["The symptom is not recorded."] if found.symptom is None else ()),
        *(
            [_count(found.contradictions, "statement contradicts another", "statements contradict others")]
            * (found.contradictions > 0)
        ),
        *(["The earliest messages were not read."] if is_cut else ()),
    ]
    label: Literal["low", "medium", "high"] = "high" if score >= _HIGH else "medium" if score >= _MEDIUM else "low"
    return Confidence(label=label, score=score, reasons=tuple(reasons))


def completeness_of(package: Package, *, is_cut: bool) -> Completeness:
    missing = tuple(name for name in _LOOKED_FOR if not attrgetter(name)(package))
    score = round(1 - len(missing) / len(_LOOKED_FOR), 2)
    return Completeness(score=score, missing=(*missing, "earliest_messages") if is_cut else missing)


def prose_of(package: Package) -> str:
    """Four sentences, each of which ends in the only full stop that white space or the end follows."""
    situation, background = package.situation, package.background
    impact = "stated with the symptom" if situation.impact == situation.symptom else situation.impact
    changes, steps = background.recent_changes, package.steps_tried
    last = steps[-1] if steps else None
    return " ".join(
        (
            prose_sentence("Situation", symptom=situation.symptom, impact=impact, since=situation.since),
            prose_sentence(
                "Background",
                client=background.client,
                asset=background.asset,
                recent_change=changes[-1].text if changes else None,
            ),
            prose_sentence(
                "Assessment",
                steps_tried=str(len(steps)) if steps else None,
                last_step=": ".join(filter(None, (last.action, last.result))) if last else None,
                stuck_because=package.stuck_because,
            ),
            prose_sentence("Request", ask=package.ask, severity=package.severity.level),
        )
    )


def _by_quota(known: tuple[Known, ...], limit: int) -> tuple[Known, ...]:
    quotas = ((kind, max(1, quota * limit // MAX_ITEMS)) for kind, quota in _QUOTAS.items())
    return tuple(item for kind, quota in quotas for item in [one for one in known if one.kind == kind][-quota:])


def _fitted(package: Package) -> Package:
    """The package itself, or with the longest lists that keep it within `MAX_BYTES`."""
    fitted = package
    for limit in _SHORTER:
        if len(fitted.model_dump_json().encode()) <= MAX_BYTES:
            break
        fitted = _shortened(package, limit)
    return fitted


def _shortened(package: Package, limit: int) -> Package:
    background = package.background
    return package.model_copy(
        update={
            "background": background.model_copy(update={"recent_changes": background.recent_changes[-limit:]}),
            "what_we_know": _by_quota(package.what_we_know, limit),
            "steps_tried": package.steps_tried[-limit:],
            "changes_in_place": package.changes_in_place[-limit:],
            "in_flight": package.in_flight[-limit:],
            "do_not": package.do_not[-limit:],
            "if_then": package.if_then[-limit:],
            "promises": package.promises[-limit:],
            "open_questions": package.open_questions[-limit:],
        }
    )
