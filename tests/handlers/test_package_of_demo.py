"""The demo's own sessions fill the package: what a visitor of the demo sees comes from the built-in summariser.

`demo_packages.txt` beside it holds what is shown of each, read line by line. It is written anew, to be read again, by
`python -m tests.handlers.test_package_of_demo > tests/handlers/demo_packages.txt`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import takewhile
from operator import attrgetter
from pathlib import Path

import pytest

from handlers.package import HandoffRequest, Package, build_package
from server.demo_stories import STORIES
from server.demo_story import PEOPLE, Escalated, Said, Story, TaskAdded, TaskMoved, demo_id
from store.models import Evidence, MessageFacts, Person, SessionFacts, TaskFacts

NOW = datetime(2026, 3, 16, 12, tzinfo=UTC)
ESCALATED = [story for story in STORIES if any(isinstance(step, Escalated) for step in story.steps)]
FIELDS = (
    *("headline", "severity.why", "situation.symptom", "situation.impact", "situation.since", "background.client"),
    *("background.asset", "background.recent_changes", "what_we_know", "steps_tried", "changes_in_place", "in_flight"),
    *("stuck_because", "ask", "do_not", "if_then", "promises", "open_questions", "confidence.reasons", "prose"),
)
EXPECTED = Path(__file__).with_name("demo_packages.txt")
KINDS = {"fact", "observation", "hypothesis", "ruled_out", "client_said"}


def person(key: str) -> Person:
    return Person(demo_id("user", key), PEOPLE[key].name)


def package_of(story: Story) -> Package:
    """As it stands when the story's session is first escalated."""
    messages: list[MessageFacts] = []
    tasks: dict[str, TaskFacts] = {}
    steps = list(takewhile(lambda step: not isinstance(step, Escalated), story.steps))
    for number, step in enumerate(steps, 1):
        at, by = NOW - step.ago, person(step.by)
        if isinstance(step, Said):
            messages.append(MessageFacts(demo_id("message", f"{number}"), number, by, step.kind, step.body, at))
        elif isinstance(step, TaskAdded):
            given = TaskFacts(demo_id("task", step.key), number, step.title, step.detail, "todo", None, by, at)
            tasks[step.key] = given
        elif isinstance(step, TaskMoved):
            old = tasks[step.key]
            tasks[step.key] = TaskFacts(old.id, old.seq, old.title, old.detail, step.state, step.result, by, at)
    opener = person(story.by)
    session = SessionFacts(
        demo_id("session", story.key), story.title, story.client_name, story.problem, opener, NOW - story.opened_ago
    )
    typed = next(step for step in story.steps if isinstance(step, Escalated))
    handoff = demo_id("handoff", story.key)
    request = HandoffRequest(handoff, typed.severity, typed.reason, typed.ask, typed.note, person(typed.by))
    return build_package(Evidence(session, tuple(messages), tuple(tasks.values()), len(steps)), request)


def shown(package: Package) -> Iterator[str]:
    situation = package.situation
    yield f"# {package.headline}"
    yield f"stuck because: {package.stuck_because}"
    yield f"symptom: {situation.symptom or '-'}"
    yield f"impact: {situation.impact or '-'}"
    yield f"since: {situation.since or '-'}"
    yield f"asset: {package.background.asset or '-'}"
    yield from (f"recent change: {item.text}" for item in package.background.recent_changes)
    yield from (f"step: {step.action} -> {step.result or '-'}" for step in package.steps_tried)
    for change in package.changes_in_place:
        yield f"in place: {change.what}" + (f" (undo: {change.undo})" if change.undo else "")
    yield from (f"do not: {item.text}" for item in package.do_not)
    yield from (f"if then: {item.text}" for item in package.if_then)
    yield from (f"promise: {item.text}" for item in package.promises)
    yield f"prose: {package.prose}"


@pytest.fixture(scope="module")
def packages() -> list[Package]:
    return [package_of(story) for story in ESCALATED]


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_is_filled_from_a_demo_session(packages: list[Package], field: str) -> None:
    assert any(attrgetter(field)(package) for package in packages)


def test_each_kind_of_knowledge_comes_from_a_demo_session(packages: list[Package]) -> None:
    assert {item.kind for package in packages for item in package.what_we_know} == KINDS


def test_one_session_of_the_demo_fills_almost_every_field(packages: list[Package]) -> None:
    """It misses only what it did not have when it was escalated: a change in place and a promise to the client."""
    assert ("changes_in_place", "promises") in [package.completeness.missing for package in packages]


@pytest.mark.parametrize("story", ESCALATED, ids=lambda story: story.key)
def test_what_is_shown_of_a_demo_session_is_what_was_read_and_found_sensible(story: Story) -> None:
    told = [*shown(package_of(story))]
    expected = {one.partition("\n")[0]: one for one in EXPECTED.read_text(encoding="utf-8").strip().split("\n\n")}
    assert told == expected[told[0]].splitlines()


def test_no_other_package_is_expected() -> None:
    assert EXPECTED.read_text(encoding="utf-8").count("# ") == len(ESCALATED)


if __name__ == "__main__":
    sys.stdout.write("\n\n".join("\n".join(shown(package_of(story))) for story in ESCALATED) + "\n")
