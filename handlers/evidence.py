"""The session as numbered evidence: all that leaves for a language model, and what its answers are held against."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Final
from uuid import UUID

from handlers.findings import Source, plain, read
from handlers.package import MAX_NAME, Author, HandoffRequest, Package, Ref, build_package, newest_work
from handlers.prose import clip
from handlers.reading import KnownKind, ListName
from handlers.redaction import redact, secrets_in, without
from handlers.wire import dumps
from handlers.words import content, is_negated, parts
from store.models import Evidence, Person, SessionFacts

MAX_SEARCHED: Final = 2_000
"""Characters of each text that are searched for secrets which other texts repeat."""
MAX_PIECE: Final = 2_000
"""Characters of one message or task that a model is shown."""
MAX_SHOWN: Final = 24_000
"""Characters of them all; the newest are shown. What was handed off is shown always."""

_KNOWN: Final[dict[KnownKind | ListName, KnownKind]] = {
    "fact": "fact",
    "observation": "observation",
    "ruled_out": "ruled_out",
    "client_said": "client_said",
}
_STATED: Final[tuple[KnownKind | ListName, ...]] = (*_KNOWN, "remark", "recent_changes", "in_flight")
"""Not guesses and questions; not warnings, conditions and promises, which hold what is not so."""

# Words for a machine, not for colleagues. Such a text is shown like any other, but cannot be cited.
_ADDRESSED: Final = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass|ignoriere?|vergiss)\b.{0,40}\b(?:instruction|prompt|anweisung)"
    r"|\b(?:ignore|disregard|forget|ignoriere?|vergiss) (?:all |everything |the |alle[ns]? )*(?:above|previous|prior"
    r"|vorherig|obig)|\bsystem ?prompt\b|\b(?:as an|dear) (?:ai|assistant|llm|language model)\b"
    r"|\byou are (?:now )?(?:an? |in )?(?:ai|assistant|language model|(?:developer|maintenance|debug|admin) mode)\b"
    r"|</?(?:system|assistant|user|evidence|instructions?)>"
    r"|(?:^|[.!?:;,]\s{1,3}|\b(?:and|please|und|bitte) )(?:say|state|claim|report|answer|reply|respond|write|output"
    r"|behaupte|antworte|schreibe?) (?:only |nur )?(?:that|with|dass|mit|the (?:server|problem|issue)|everything)\b",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True)
class Piece:
    """One numbered piece, free of secrets. The label is for the model alone and means nothing outside one request."""

    label: str
    source: Source

    @cached_property
    def text(self) -> str:
        """What the model reads."""
        source = self.source
        return f"{source.title} ({source.state}): {source.text or 'no result'}" if source.title else source.text

    @property
    def ref(self) -> Ref:
        return Ref(kind=self.source.ref_kind, id=self.source.ref_id)

    @property
    def by(self) -> Author:
        return Author(id=self.source.by.id, name=plain(self.source.by.name, MAX_NAME))

    @cached_property
    def about(self) -> frozenset[str]:
        return content(self.text)

    @cached_property
    def may_be_cited(self) -> bool:
        """Not if it speaks to a machine."""
        return _ADDRESSED.search(self.text) is None


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence that somebody means, or a part of one. `kind` is what the built-in reading makes of it."""

    kind: KnownKind
    text: str
    about: frozenset[str]
    is_negated: bool
    pieces: frozenset[str]
    """The labels of those that say it."""


def numbered(evidence: Evidence, subject_id: UUID, typed: Iterable[Source] = ()) -> tuple[Piece, ...]:
    """What the session is about and what was `typed` when handing off, then messages and tasks in the order of time.

    The former refer to `subject_id`.
    """
    sources = [*_problem(evidence.session, subject_id), *typed, *_work(evidence)]
    written = [
        evidence.session.problem,
        *(it.body for it in evidence.messages),
        *(it.result or "" for it in evidence.tasks),
    ]
    if secrets := secrets_in(text[:MAX_SEARCHED] for text in written):
        sources = [
            replace(source, text=without(source.text, secrets), title=without(source.title, secrets))
            for source in sources
        ]
    return tuple(Piece(f"E{number}", source) for number, source in enumerate(sources, 1))


def typed_with(package: Package, handoff_id: UUID, by: Person) -> Iterator[Source]:
    """What the one who handed off said to it, and the notes of those who gave it back."""
    yield Source("note", package.stuck_because, "handoff", handoff_id, by, None)
    background = package.background
    listed = (package.what_we_know, package.do_not, package.if_then, package.promises, package.open_questions)
    for item in chain(*listed, background.recent_changes):
        if any(ref.id == handoff_id for ref in item.refs):
            yield Source("note", _shown(item.text), "handoff", handoff_id, by, None)
    for step in package.steps_tried:
        if step.evidence == "release_note":
            yield Source("note", _shown(step.action), "handoff", handoff_id, Person(step.by.id, step.by.name), step.at)


def package_of(evidence: Evidence) -> Package:
    """What the built-in summariser finds in the session now, whether or not it was handed off.

    Severity, ask and what it is stuck on say nothing.
    """
    session = evidence.session
    return build_package(evidence, HandoffRequest(session.id, "normal", "skill", "", None, session.created_by))


def _shown(text: str) -> str:
    return clip(redact(text[: 4 * MAX_PIECE]), MAX_PIECE)


def _problem(session: SessionFacts, subject_id: UUID) -> Iterator[Source]:
    for text in (f"{session.client_name}: {session.title}", session.problem):
        yield Source("problem", _shown(text), "handoff", subject_id, session.created_by, session.created_at)


def _work(evidence: Evidence) -> Iterator[Source]:
    sources, _ = newest_work(evidence, of_each=MAX_PIECE, in_all=MAX_SHOWN)
    for source in sources:
        yield replace(source, text=_shown(source.text), title=plain(source.title))


def statements(pieces: Sequence[Piece]) -> list[Statement]:
    """What people state in the pieces, as the built-in summariser reads them; to it an assistant only guesses."""
    witnesses = {piece.source: piece for piece in pieces if piece.may_be_cited}
    found = read(witnesses)
    said: list[tuple[KnownKind, str, Sequence[Source]]] = [
        (_KNOWN.get(name, "observation"), mention.text, mention.sources)
        for name in _STATED
        for mention in found.mentions[name].values()
    ]
    said += (("observation", f"{step.action}: {step.result or ''}", [step.source]) for step in found.tried)
    return [
        Statement(kind, part, content(part), is_negated(part), frozenset(witnesses[source].label for source in sources))
        for kind, text, sources in said
        for part in dict.fromkeys((text, *parts(text)))
    ]


def material(pieces: Sequence[Piece], package: Package, question: str | None = None) -> str:
    """All that a model is given to read, as one JSON object."""
    return dumps(
        {
            "ask": package.ask,
            "steps_tried": [
                {"n": step.n, "action": step.action, "result": step.result} for step in package.steps_tried
            ],
            "do_not": [item.text for item in package.do_not],
            "evidence": [
                {"id": one.label, "from": one.source.voice, "at": one.source.at, "text": one.text} for one in pieces
            ],
            **({} if question is None else {"question": _shown(question)}),
        }
    )
