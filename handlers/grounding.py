"""Holds a model's draft against the evidence it cites: what is not shown by it does not get into the package.

The model is believed in nothing. It may choose, shorten and order what people said, and it may guess, as a guess.

- A citation that names no evidence is dropped; what is left without one is rejected.
- A number, name, address, path or code that the cited evidence does not hold rejects the text.
- A fact has to be said, part by part, by sentences of the cited evidence that their authors mean: all its words and
  names, negated alike. It is then of their kind and has the author of the first. Else it is a guess of the model.
- A guess has to be about what it cites, and never says that something is solved.
- Headline, situation, what it is stuck on and prose fall back to the built-in text, each by itself.
- Nothing the built-in summariser found is lost, and tried steps, changes, promises, severity and ask stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from handlers.analysis import MAX_CHECKS, MAX_HYPOTHESES, Analysis, Check, Hypothesis, check
from handlers.clauses import MAX_SENTENCE
from handlers.drafts import Cited, Draft, DraftedCheck, DraftedHypothesis, DraftedProse
from handlers.evidence import Piece, Statement, statements
from handlers.findings import MAX_REFS, plain
from handlers.package import (
    MAX_BYTES,
    MAX_HEADLINE,
    Author,
    Known,
    Package,
    Ref,
    Situation,
    completeness_of,
    prose_of,
)
from handlers.prose import MAX_PROSE_SENTENCE, NOT_RECORDED
from handlers.reading import KnownKind, Voice
from handlers.words import content, is_negated, names, occurs, parts, share

ASSISTANT: Final = Author(id=UUID(int=0), name="Assistant")
"""Who makes the model's own guesses: nobody of the account."""

MAX_FACTS: Final = 20
"""That are looked at."""
MAX_NEW: Final = 12
"""Texts that are added to what is known."""
_ABOUT: Final = 1 / 3
"""The share of a guess's content words in the cited evidence by which it is about that."""
_ALMOST: Final = 0.8
"""The share of a text's content words in another by which it says the same, or the opposite."""
_STRENGTH: Final[tuple[KnownKind, ...]] = ("client_said", "observation", "ruled_out", "fact")

_ORDER: Final[tuple[KnownKind, ...]] = ("fact", "observation", "ruled_out", "hypothesis", "client_said")
_OURS: Final[frozenset[Voice]] = frozenset({"problem", "note", "task"})

_LABELS: Final = re.compile(r"\s*[\[(]\s*E\d+(?:\s*[,;]\s*E\d+)*\s*[\])]")
_GAP: Final = re.compile(rf"[a-z ]+: {NOT_RECORDED}")
_STOP: Final = re.compile(r"[.!?…]+(?=\s|$)")
_SOLVED: Final = re.compile(
    r"\b(?:fixed|resolved|solved|repaired|recovered|healthy|fully operational|(?:is|are|now|again|back|up and) (?:work"
    r"(?:s|ing)|running|online|fine|ok|okay|normal)|works? (?:again|now|fine)|back (?:to normal|up)"
    r"|no (?:longer|further|more) (?:an? )?(?:issue|problem|action|work|impact)\w*|false alarm|nothing to do"
    r"|can be closed|behoben|gelöst|erledigt|repariert|funktioniert wieder|wieder in ordnung|fehlalarm)\b",
    re.IGNORECASE,
)


def grounded(draft: Draft, pieces: Sequence[Piece], package: Package, *, rev: int) -> tuple[Package, Analysis | None]:
    """The package as of `rev`, improved by what of the draft holds; and the analysis, None if none of it does."""
    court = _Court({piece.label: piece for piece in pieces if piece.may_be_cited}, statements(pieces))
    hypotheses = [one for one in map(court.hypothesis, draft.hypotheses[:MAX_HYPOTHESES]) if one]
    checks = [one for one in (court.check(drafted, package) for drafted in draft.next_checks[:MAX_CHECKS]) if one]
    facts = [one for one in map(court.known, draft.facts[:MAX_FACTS]) if one]
    known = _merged([*facts, *(_guess(one.text, one.support) for one in hypotheses)], package.what_we_know)
    mine = package.model_copy(update={"meta": package.meta.model_copy(update={"rev": rev, "producer": "ai"})})
    told = _told(court, draft, mine)
    better = told.model_copy(update={"what_we_know": known})
    fitting = (one for one in (better, told) if len(one.model_dump_json().encode()) <= MAX_BYTES)
    analysis = Analysis(producer="ai", hypotheses=tuple(hypotheses), next_checks=tuple(checks))
    return next(fitting, mine), analysis if hypotheses or checks else None


@dataclass(frozen=True, slots=True)
class _Court:
    """Judges one text at a time. `pieces` are those that may be cited."""

    pieces: Mapping[str, Piece]
    said: Sequence[Statement]

    def told(self, cited: Cited | None, limit: int, *, hearsay: bool) -> str | None:
        """The text if all of it is said, by others than clients too unless `hearsay` will do."""
        if cited is None:
            return None
        text, pieces = _clean(cited.text, limit), self._cited(cited.evidence)
        kinds = [one.kind for one in self._witnesses(text, pieces)]
        is_believed = kinds and (hearsay or "client_said" not in kinds) and not _SOLVED.search(text)
        return text if is_believed and _holds_names(text, pieces) else None

    def known(self, cited: Cited) -> Known | None:
        text, pieces = _clean(cited.text), self._cited(cited.evidence)
        if not _holds_names(text, pieces):
            return None
        witnesses = self._witnesses(text, pieces)
        if not witnesses:
            return _guess(text, _refs(pieces)) if self._may_be_guessed(text, pieces) else None
        labels = frozenset[str]().union(*(one.pieces for one in witnesses))
        saying = [piece for piece in pieces if piece.label in labels]
        return Known(
            text=text, kind=_common_kind(witnesses), refs=_refs(saying), by=saying[0].by, at=saying[0].source.at
        )

    def hypothesis(self, drafted: DraftedHypothesis) -> Hypothesis | None:
        text, support, against = _clean(drafted.text), self._cited(drafted.support), self._cited(drafted.against)
        if not support or not _holds_names(text, support) or not self._may_be_guessed(text, support):
            return None
        return Hypothesis(text=text, support=_refs(support), against=_refs(against))

    def check(self, drafted: DraftedCheck, package: Package) -> Check | None:
        text, why, pieces = _clean(drafted.text), _clean(drafted.why), self._cited(drafted.evidence)
        ours = [piece for piece in pieces if piece.source.voice in _OURS]  # no client's link to follow
        if not text or not pieces or not _holds_names(f"{text} {why}", ours) or not content(text) & _about(pieces):
            return None
        return check(text, why, _refs(pieces), package, risk=drafted.risk)

    def _cited(self, labels: Iterable[str]) -> list[Piece]:
        known = (self.pieces.get(label.strip("[]() ")) for label in labels)
        return list(dict.fromkeys(filter(None, known)))[:MAX_REFS]

    def _witnesses(self, text: str, pieces: Iterable[Piece]) -> list[Statement]:
        """For each part of the text the strongest statement that says it; none at all if one part is not said."""
        cited = [one for one in self.said if not one.pieces.isdisjoint(piece.label for piece in pieces)]
        found = []
        for part in parts(text):
            saying = [one for one in cited if _states(one, part)]
            if not saying:
                return []
            found.append(max(saying, key=lambda one: _STRENGTH.index(one.kind)))
        return found

    def _may_be_guessed(self, text: str, pieces: Sequence[Piece]) -> bool:
        """About what it cites, not the opposite of a sentence of it, and not that all is well."""
        about, labels = content(text), {piece.label for piece in pieces}
        opposite = (one for one in self.said if labels & one.pieces and one.is_negated != is_negated(text))
        is_denied = any(share(about, one.about) >= _ALMOST for one in opposite)
        return share(about, _about(pieces)) >= _ABOUT and not is_denied and not _SOLVED.search(text)


def _states(statement: Statement, part: str) -> bool:
    about = content(part)
    return (
        bool(about)
        and about <= statement.about
        and statement.is_negated == is_negated(part)
        and all(occurs(name, statement.text) for name in names(part))
        and (about == statement.about or not _SOLVED.search(part))  # that not out of a longer sentence
    )


def _common_kind(witnesses: Iterable[Statement]) -> KnownKind:
    kinds = {one.kind for one in witnesses}
    return kinds.pop() if len(kinds) == 1 else "client_said" if "client_said" in kinds else "observation"


def _clean(text: str, limit: int = MAX_SENTENCE) -> str:
    return plain(_LABELS.sub("", text), limit)


def _refs(pieces: Iterable[Piece]) -> tuple[Ref, ...]:
    return tuple(dict.fromkeys(piece.ref for piece in pieces))


def _about(pieces: Iterable[Piece]) -> frozenset[str]:
    return frozenset[str]().union(*(piece.about for piece in pieces))


def _holds_names(text: str, pieces: Iterable[Piece]) -> bool:
    """Whether all that cannot be paraphrased stands in the pieces."""
    shown = "\n".join(piece.text for piece in pieces)
    return all(occurs(name, shown) for name in names(text))


def _guess(text: str, refs: tuple[Ref, ...]) -> Known:
    return Known(text=text, kind="hypothesis", refs=refs, by=ASSISTANT, at=None)


def _merged(drafted: Sequence[Known], builtin: tuple[Known, ...]) -> tuple[Known, ...]:
    """All of `builtin`, and what of `drafted` it does not hold already, of each kind in the order of the draft."""
    first: dict[Known, None] = {}
    new = MAX_NEW
    for item in drafted:
        same = [one for one in builtin if _says(one, item)]
        first.update(dict.fromkeys(same))
        if not same and new > 0 and not any(_says(one, item) for one in first):
            first[item] = None
            new -= 1
    return tuple(sorted({**first, **dict.fromkeys(builtin)}, key=lambda one: _ORDER.index(one.kind)))


def _says(one: Known, other: Known) -> bool:
    """Whether `other` is no news beside `one`."""
    is_from_there = not set(one.refs).isdisjoint(other.refs)
    return one.kind == other.kind and is_from_there and share(content(other.text), content(one.text)) >= _ALMOST


def _told(court: _Court, draft: Draft, package: Package) -> Package:
    """The package with those texts of the draft that hold."""
    was = package.situation
    situation = Situation(
        symptom=court.told(draft.symptom, MAX_SENTENCE, hearsay=True) or was.symptom,
        impact=court.told(draft.impact, MAX_SENTENCE, hearsay=True) or was.impact,
        since=court.told(draft.since, MAX_SENTENCE, hearsay=True) or was.since,
    )
    told = package.model_copy(
        update={
            "headline": court.told(draft.headline, MAX_HEADLINE, hearsay=True) or package.headline,
            "situation": situation,
            "stuck_because": court.told(draft.stuck, MAX_SENTENCE, hearsay=False) or package.stuck_because,
        }
    )
    return told.model_copy(
        update={
            "completeness": completeness_of(told, is_cut="earliest_messages" in package.completeness.missing),
            "prose": _prose(court, draft.prose, prose_of(told)),
        }
    )


def _prose(court: _Court, drafted: DraftedProse, builtin: str) -> str:
    """`builtin` with those sentences of the draft that hold; what is not recorded stays named."""
    sentences = [f"{sentence.rstrip('.')}." for sentence in builtin.split(". ")]
    for number, (subject, cited) in enumerate(
        (("Situation", drafted.situation), ("Background", drafted.background), ("Assessment", drafted.assessment))
    ):
        gaps = "".join(f"; {gap.strip()}" for gap in _GAP.findall(sentences[number]))
        limit = MAX_PROSE_SENTENCE - len(f"{subject} - {gaps}.")
        if text := court.told(cited, limit, hearsay=subject == "Situation"):
            sentences[number] = f"{subject} - {_STOP.sub(';', text).rstrip(' ;,…')}{gaps}."
    return " ".join(sentences)
