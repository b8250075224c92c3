"""What the built-in summariser makes of the labelled corpus. The figures: `make bench-package`."""

from __future__ import annotations

from itertools import chain
from uuid import UUID

import pytest

from tests.corpus.scoring import Extracted, Report, matched, same, scored
from tests.corpus.sessions import Half, Label, labelled_sessions, parsed

HALVES: tuple[Half, ...] = ("tune", "held_out")
HEAD = "client: A\ntitle: B\nseverity: low\nreason: skill\nby: Dana\n\n"


@pytest.fixture(scope="module")
def held_out() -> Report:
    return scored("held_out")


@pytest.fixture(scope="module")
def reports(held_out: Report) -> list[Report]:
    return [scored("tune"), held_out]


def test_a_quarter_of_the_sessions_is_held_out() -> None:
    """No session stands in both folders, and each has labels."""
    halves = [labelled_sessions(half) for half in HALVES]
    names = [session.name for session in chain(*halves)]
    assert len(halves[0]) >= 144
    assert len(halves[1]) >= 48
    assert len({session.evidence.session.client_name for session in chain(*halves)}) == len(names)
    assert all(session.labels for session in chain(*halves))


def test_no_secret_is_in_any_package(reports: list[Report]) -> None:
    """Of either half."""
    assert [report.leaks for report in reports] == [0, 0]


def test_nothing_is_without_a_source(reports: list[Report]) -> None:
    """Each reference points at something in the session."""
    assert [report.without_source for report in reports] == [0, 0]


@pytest.mark.parametrize(("mark", "precision", "recall"), [("fact", 0.88, 0.83), ("tried", 0.98, 0.91)])
def test_the_held_out_half_is_read_no_worse_than_it_was(
    held_out: Report, mark: str, precision: float, recall: float
) -> None:
    """A floor under what was reached; the aim is a precision of 0.95 and a recall of 0.85."""
    score = next(score for name, score in held_out.fields.items() if name == mark)
    assert score.precision is not None
    assert score.recall is not None
    assert score.precision >= precision
    assert score.recall >= recall


def test_marks_become_labels() -> None:
    """A step's result ends with it, a secret may stand within a fact, and the text is what was written."""
    session = parsed(
        "one",
        HEAD
        + "== problem\n⟦symptom⟧It is down.⟦/⟧\n\n"
        + "== note Dana\n⟦tried⟧Restarted it⟦result⟧, no change⟦/⟧. ⟦fact⟧The pin ⟦secret⟧4711⟦/⟧ fails.⟦/⟧",
    )
    source = session.evidence.messages[0].id
    assert session.evidence.messages[0].body == "Restarted it, no change. The pin 4711 fails."
    assert session.labels[1:] == [
        Label("tried", "Restarted it", source, ", no change"),
        Label("secret", "4711", source),
        Label("fact", "The pin 4711 fails.", source),
    ]


@pytest.mark.parametrize(
    "body",
    [
        "== note Dana\nNo problem first.",
        "== problem\n⟦guess⟧x⟦/⟧",
        "== problem\n⟦fact⟧x",
        "== problem\nx⟦/⟧",
        "== problem\nx ⟦fact",
        "== problem\nx\n\n== gossip Dana\ny",
        "== problem\nx\n\n== task dropped Title",
    ],
)
def test_what_the_guide_does_not_know_is_refused(body: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parsed("one", HEAD + body)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The service is stopped", "the service  is stopped."),
        ("40 is missing on Te1/1/1", "There it is, 40 is missing on Te1/1/1."),
        ("Port 25 is closed from outside", "port 25 is closed from here"),
    ],
)
def test_texts_that_say_the_same(one: str, other: str) -> None:
    assert same(one, other)


def test_each_label_and_each_item_is_matched_at_most_once() -> None:
    """And only where both come from the same block."""
    here, there = UUID(int=1), UUID(int=2)
    said = [("DNS answers", here), ("DNS answers", here), ("Port 25 is closed", there)]
    labels = [Label("fact", text, source) for text, source in said]
    items = [Extracted("DNS answers", frozenset({here})), Extracted("Port 25 is closed", frozenset({here}))]
    assert matched(labels, items) == [(labels[0], items[0])]
    assert not same("DNS answers", "Nothing else happened")
