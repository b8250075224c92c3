"""What the sources of a session say together: the raw material of the escalation package."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from handlers.clauses import MAX_SENTENCE
from handlers.prose import on_one_line
from handlers.reading import KnownKind, ListName, StepEvidence, Voice, reading_of
from handlers.redaction import redact, redact_all
from store.models import Person, TaskState

MAX_SOURCE: Final = 65_536
"""Characters read of one source: no message is longer."""
MAX_REFS: Final = 5
"""Sources kept of one text."""
RefKind = Literal["message", "task", "handoff"]


@dataclass(frozen=True, slots=True)
class Source:
    """One thing somebody wrote. `title` and `state` are a task's; its `text` is the result."""

    voice: Voice
    text: str
    ref_kind: RefKind
    ref_id: UUID
    by: Person
    at: datetime | None
    title: str = ""
    state: TaskState | None = None


@dataclass(slots=True)
class Mention:
    """A text, and the sources that say it in the same words, the first one first."""

    text: str
    sources: list[Source]


@dataclass(frozen=True, slots=True)
class Tried:
    action: str
    result: str | None
    evidence: StepEvidence
    source: Source


@dataclass(frozen=True, slots=True)
class Changed:
    what: str
    undo: str | None
    source: Source


@dataclass(slots=True)
class Findings:
    """All texts are free of secrets, on one line, and as the source has them."""

    mentions: defaultdict[KnownKind | ListName, dict[str, Mention]] = field(default_factory=lambda: defaultdict(dict))
    tried: list[Tried] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    symptom: str | None = None
    impact: str | None = None
    since: str | None = None
    asset: str | None = None
    contradictions: int = 0

    def mention(self, name: KnownKind | ListName, text: str, source: Source) -> None:
        mention = self.mentions[name].setdefault(text.casefold(), Mention(text, []))
        if len(mention.sources) < MAX_REFS and source not in mention.sources:
            mention.sources.append(source)

    def newest(self, name: KnownKind | ListName, limit: int) -> list[tuple[str, list[Source]]]:
        return [(mention.text, mention.sources) for mention in [*self.mentions[name].values()][-limit:]]


def read(sources: Iterable[Source]) -> Findings:
    """What the sources say. Of what only one can tell, the first to tell it counts: they come in the order of time."""
    found, all_sources = Findings(), list(sources)
    written = [source.text[:MAX_SOURCE] for source in all_sources] + [source.title for source in all_sources]
    clear = redact_all(written)
    for at, source in enumerate(all_sources):
        read = reading_of(source.voice, clear[at], clear[len(all_sources) + at], source.state)
        for name, text in read.said:
            found.mention(name, text, source)
        found.tried += [Tried(*tried, source) for tried in read.tried]
        found.changed += [Changed(*changed, source) for changed in read.changed]
        found.symptom = found.symptom or read.symptom
        found.impact = found.impact or read.impact
        found.since = found.since or read.since
        found.asset = found.asset or read.asset
        found.contradictions += read.contradictions
    return found


def plain(text: str, limit: int = MAX_SENTENCE) -> str:
    """`text` without secrets, on one line, cut to `limit` characters; empty if nothing is left."""
    return on_one_line(redact(text[:MAX_SOURCE]), limit)
