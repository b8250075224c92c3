"""Holds the package that the built-in summariser makes of a labelled session against the labels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Final, NamedTuple
from uuid import UUID

from handlers.package import Package, build_package
from tests.corpus.sessions import HANDOFF_ID, Half, Label, LabelledSession, Mark, labelled_sessions

SHARE: Final = 0.6
"""Two texts that share so much of their words (F1) say the same."""
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_EDGES: Final = " .,;:!?()[]{}<>\"'`„“”\u2018\u2019*_…=|-\u2013\u2014\u2192"

FIELDS: Final[tuple[Mark, ...]] = (
    "fact",
    "observation",
    "tried",
    "hypothesis",
    "ruled_out",
    "client_said",
    "change",
    "recent",
    "do_not",
    "if_then",
    "promise",
    "question",
    "symptom",
    "impact",
    "since",
)


class Extracted(NamedTuple):
    """`sources` is None for what the package gives without a reference: it may come from anywhere."""

    text: str
    sources: frozenset[UUID] | None
    result: str | None = None


@dataclass(slots=True)
class Score:
    labels: int = 0
    extracted: int = 0
    matched: int = 0

    @property
    def precision(self) -> float | None:
        return self.matched / self.extracted if self.extracted else None

    @property
    def recall(self) -> float | None:
        return self.matched / self.labels if self.labels else None

    def add(self, other: Score) -> None:
        self.labels += other.labels
        self.extracted += other.extracted
        self.matched += other.matched


@dataclass(slots=True)
class Report:
    """`results` counts the results of those steps that were matched; `leaks` the secrets that stand in a package."""

    fields: dict[Mark, Score]
    results: Score
    leaks: int = 0
    without_source: int = 0


def scored(half: Half) -> Report:
    report = Report({mark: Score() for mark in FIELDS}, Score())
    for session in labelled_sessions(half):
        package = build_package(session.evidence, session.request)
        for mark in FIELDS:
            labels, items = _labels(session, mark), _items(package, mark, session)
            pairs = matched(labels, items)
            doubtful = [label for label in session.labels if label.mark == f"maybe_{mark}"]
            again = sum(_is_part(item, pairs) or _is_doubtful(item, pairs, doubtful) for item in items)
            report.fields[mark].add(Score(len(labels), len(items) - again, len(pairs)))
            if mark == "tried":
                report.results.add(_results(pairs))
        whole = _ID.sub("", package.model_dump_json())
        report.leaks += sum(label.text in whole for label in session.labels if label.mark == "secret")
        report.without_source += _without_source(package, session)
    return report


def matched(labels: list[Label], items: list[Extracted]) -> list[tuple[Label, Extracted]]:
    """Each label with the first item that says the same in the same block; each at most once."""
    left, pairs = list(items), []
    for label in labels:
        for item in left:
            if (item.sources is None or label.source in item.sources) and same(label.text, item.text):
                pairs.append((label, item))
                left.remove(item)
                break
    return pairs


def _is_part(item: Extracted, pairs: list[tuple[Label, Extracted]]) -> bool:
    """Whether it is a further sentence of a label that holds several and was found by another one."""
    if any(item is found for _, found in pairs):
        return False
    text = " ".join(_words(item.text))
    return any(
        (item.sources is None or label.source in item.sources) and text in " ".join(_words(label.text))
        for label, _ in pairs
    )


def _is_doubtful(item: Extracted, pairs: list[tuple[Label, Extracted]], doubtful: list[Label]) -> bool:
    """Whether it is what the two labellers do not agree about: it counts neither way."""
    return not any(item is found for _, found in pairs) and bool(matched(doubtful, [item]))


def same(one: str, other: str) -> bool:
    """Whether one text holds the other, or they share enough words; case, white space and edge punctuation aside."""
    first, second = _words(one), _words(other)
    if " ".join(first) in " ".join(second) or " ".join(second) in " ".join(first):
        return True
    shared = (Counter(first) & Counter(second)).total()
    return 2 * shared >= SHARE * (len(first) + len(second))


def _words(text: str) -> list[str]:
    return [word for word in (part.strip(_EDGES) for part in text.casefold().split()) if word]


def _labels(session: LabelledSession, mark: Mark) -> list[Label]:
    labels = [label for label in session.labels if label.mark == mark]
    if mark == "tried":
        tasks = [task for task in session.evidence.tasks if task.state in {"done", "failed"}]
        labels += [Label("tried", task.title, task.id, task.result) for task in tasks]
    return labels


def _items(package: Package, mark: Mark, session: LabelledSession) -> list[Extracted]:
    """A finished task may change something too, but its title, which says so, carries no mark: it is left out."""
    titles = {task.id: task.title for task in session.evidence.tasks}
    situation = package.situation
    match mark:
        case "tried":
            return [Extracted(step.action, frozenset({step.ref.id}), step.result) for step in package.steps_tried]
        case "change":
            changes = package.changes_in_place
            found = [Extracted(change.what, frozenset(ref.id for ref in change.refs)) for change in changes]
            return [item for item in found if item.text not in {titles.get(one) for one in item.sources or ()}]
        case "symptom" | "impact" | "since":
            text = {"symptom": situation.symptom, "impact": situation.impact, "since": situation.since}[mark]
            return [Extracted(text, None)] if text else []
        case "recent":
            listed = package.background.recent_changes
        case "do_not":
            listed = package.do_not
        case "if_then":
            listed = package.if_then
        case "promise":
            listed = package.promises
        case "question":
            listed = package.open_questions
        case _:
            listed = tuple(item for item in package.what_we_know if item.kind == mark)
    return [Extracted(item.text, frozenset(ref.id for ref in item.refs)) for item in listed]


def _results(pairs: Iterable[tuple[Label, Extracted]]) -> Score:
    score = Score()
    for label, item in pairs:
        score.labels += label.result is not None
        score.extracted += item.result is not None
        score.matched += bool(label.result and item.result and same(label.result, item.result))
    return score


def _without_source(package: Package, session: LabelledSession) -> int:
    """Items that refer to nothing, or to what is not in the session."""
    evidence = session.evidence
    known = {HANDOFF_ID, *(one.id for one in evidence.messages), *(one.id for one in evidence.tasks)}
    lists = (package.what_we_know, package.in_flight, package.do_not, package.if_then, package.promises)
    items = chain(*lists, package.open_questions, package.background.recent_changes)
    refs = [item.refs for item in items] + [change.refs for change in package.changes_in_place]
    refs += [(step.ref,) for step in package.steps_tried]
    return sum(not listed or any(ref.id not in known for ref in listed) for listed in refs)


def table(half: Half, report: Report) -> str:
    lines = [f"{half:13} labels  extracted  precision  recall"]
    lines += [_line(mark, score) for mark, score in report.fields.items()]
    lines.append(_line("step's result", report.results))
    lines.append(f"secrets in a package: {report.leaks}; items without a source: {report.without_source}")
    return "\n".join(lines)


def _line(name: str, score: Score) -> str:
    precision, recall = (f"{share:.3f}" if share is not None else "-" for share in (score.precision, score.recall))
    return f"{name:13} {score.labels:6}  {score.extracted:9}  {precision:>9}  {recall:>6}"
