"""The demo's stories hold the rules of PROTOCOL.md, so that the server accepts every step of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from datetime import timedelta
from itertools import pairwise
from typing import assert_never, get_args

import pytest

from server.demo_stories import STORIES
from server.demo_story import (
    PEOPLE,
    TENANTS,
    Claimed,
    Closed,
    Escalated,
    Released,
    Resolved,
    Said,
    Started,
    Step,
    Story,
    Tagged,
    TaskAdded,
    TaskMoved,
    Withdrawn,
    ago,
    demo_id,
)
from store.models import MessageKind, Outcome, Reason, Severity, TaskState, WithdrawReason

ACME = tuple(story for story in STORIES if story.tenant == "acme")


@dataclass
class Handoff:
    by: str
    at: timedelta
    severity: Severity
    status: str = "queued"
    owner: str | None = None
    owners: list[str] = field(default_factory=list)
    worked_by_owner: bool = False
    outcome: Outcome | None = None
    tags: tuple[str, ...] = ()


@dataclass
class Play:
    """One session as far as it has been played; it refuses what the server would refuse."""

    story: Story
    closed: bool = False
    tasks: dict[str, TaskState] = field(default_factory=dict)
    handoffs: list[Handoff] = field(default_factory=list)

    def active(self) -> Handoff | None:
        return next((handoff for handoff in self.handoffs if handoff.status in {"queued", "claimed"}), None)

    def queued(self) -> Handoff:
        handoff = self.active()
        assert handoff is not None
        assert handoff.status == "queued"
        return handoff

    def owned_by(self, by: str) -> Handoff:
        handoff = self.active()
        assert handoff is not None
        assert handoff.status == "claimed"
        assert handoff.owner == by
        return handoff

    def apply(self, step: Step) -> None:
        assert not self.closed, "nothing happens after the session was closed"
        assert PEOPLE[step.by].tenant == self.story.tenant
        assert PEOPLE[step.by].role != "viewer"
        match step:
            case Said() | TaskAdded() | TaskMoved():
                self.work(step)
            case Escalated():
                assert self.active() is None, "one active handoff of a session at a time"
                self.handoffs.append(Handoff(step.by, step.ago, step.severity))
            case Tagged():
                handoff = self.active()
                assert handoff is not None
                assert not handoff.tags, "a demo tags a handoff once"
                handoff.tags = step.tags
            case Claimed() | Started() | Released() | Resolved() | Withdrawn():
                self.hand_over(step)
            case Closed():
                assert self.active() is None, "a demo closes a session only after its handoff has ended"
                self.closed = True
            case _:
                assert_never(step)

    def work(self, step: Said | TaskAdded | TaskMoved) -> None:
        """S4: while a handoff is claimed, only its owner and the one who handed it off work on the session."""
        handoff = self.active()
        if handoff is not None and handoff.status == "claimed":
            assert step.by in {handoff.owner, handoff.by}
            handoff.worked_by_owner |= step.by == handoff.owner
        match step:
            case Said():
                assert step.kind != "system", "a person does not speak as the system"
            case TaskAdded():
                assert step.key not in self.tasks
                self.tasks[step.key] = "todo"
            case TaskMoved():
                assert self.tasks[step.key] in {"todo", "doing"}
                assert self.tasks[step.key] != step.state
                assert step.result or step.state == "doing", "who ends a task says what was seen"
                self.tasks[step.key] = step.state

    def hand_over(self, step: Claimed | Started | Released | Resolved | Withdrawn) -> None:
        match step:
            case Claimed():
                handoff = self.queued()
                assert PEOPLE[step.by].role in {"senior", "admin"}
                assert step.by != handoff.by, "nobody claims what they handed off"
                handoff.status, handoff.owner, handoff.worked_by_owner = "claimed", step.by, False
                handoff.owners.append(step.by)
            case Started():
                self.owned_by(step.by)
                assert step.mode == "own_thing" or self.tasks, "nothing to continue without a task lane"
            case Released():
                handoff = self.owned_by(step.by)
                handoff.status, handoff.owner = "queued", None
            case Resolved():
                handoff = self.owned_by(step.by)
                handoff.status, handoff.outcome = "resolved", step.outcome
            case Withdrawn():
                handoff = self.queued()
                assert step.by == handoff.by
                handoff.status = "withdrawn"


def played(story: Story) -> Play:
    play = Play(story)
    for step in story.steps:
        play.apply(step)
    return play


def acme_plays() -> list[Play]:
    return [played(story) for story in ACME]


def texts(value: Story | Step) -> Iterator[str]:
    for each in fields(value):
        text = getattr(value, each.name)
        if isinstance(text, str):
            yield text


def steps() -> list[Step]:
    return [step for story in STORIES for step in story.steps]


every_story = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.key)


@every_story
def test_story_plays_without_a_refusal(story: Story) -> None:
    assert PEOPLE[story.by].tenant == story.tenant
    assert PEOPLE[story.by].role != "viewer"
    played(story)


@every_story
def test_story_runs_strictly_forward_within_14_days(story: Story) -> None:
    times = [story.opened_ago, *(step.ago for step in story.steps)]
    assert all(earlier > later for earlier, later in pairwise(times))
    assert times[0] <= ago(d=14)
    assert times[-1] > timedelta(0)


@every_story
def test_story_has_6_to_20_messages_and_no_text_too_long_or_empty(story: Story) -> None:
    assert 6 <= sum(isinstance(step, Said) for step in story.steps) <= 20
    assert len(story.title) <= 120
    for value in (story, *story.steps):
        for text in texts(value):
            assert text == text.strip() != ""
            assert len(text) <= 1500


def test_stories_are_told_apart_by_key() -> None:
    assert len({story.key for story in STORIES}) == len(STORIES)
    assert len({demo_id("session", story.key) for story in STORIES}) == len(STORIES)
    assert demo_id("session", "a") == demo_id("session", "a") != demo_id("handoff", "a")


def test_tenants_have_the_people_their_stories_need() -> None:
    assert {person.tenant for person in PEOPLE.values()} == set(TENANTS) == {story.tenant for story in STORIES}
    emails = [person.email for person in PEOPLE.values()]
    assert len(set(emails)) == len(emails)
    assert all(email.endswith("@resolutionflow.example.com") for email in emails)
    roles = {tenant: Counter(p.role for p in PEOPLE.values() if p.tenant == tenant) for tenant in TENANTS}
    assert roles["acme"] == {"engineer": 2, "senior": 2, "admin": 1, "viewer": 1}
    assert roles["birchwood"] == {"engineer": 1, "senior": 1, "admin": 1}
    by_email = {person.email: person.role for person in PEOPLE.values()}
    assert by_email["engineer@resolutionflow.example.com"] == "engineer"
    assert by_email["teamadmin@resolutionflow.example.com"] == "senior"


def test_both_tenants_have_enough_stories() -> None:
    assert len(ACME) >= 14
    assert len(STORIES) - len(ACME) >= 2


def test_queue_holds_fresh_handoffs_of_every_severity() -> None:
    queued = [handoff for play in acme_plays() for handoff in play.handoffs if handoff.status == "queued"]
    assert len(queued) >= 4
    assert {handoff.severity for handoff in queued} == set(get_args(Severity))
    assert all(handoff.at <= ago(h=20) for handoff in queued)
    assert min(handoff.at for handoff in queued) < ago(m=15)
    assert sum(bool(handoff.tags) for handoff in queued) == 2
    for key in ("priya", "tomasz", "helen"):
        assert sum(handoff.by != key for handoff in queued) >= 4, "each of those who may claim has a choice"


def test_two_claimed_handoffs_are_being_worked_on_by_their_owner() -> None:
    claimed = [handoff for play in acme_plays() for handoff in play.handoffs if handoff.status == "claimed"]
    assert len(claimed) >= 2
    assert all(handoff.worked_by_owner for handoff in claimed)


@pytest.mark.parametrize(
    ("at_least", "ending"),
    [
        pytest.param(3, lambda play: not play.closed and not play.handoffs, id="open without a handoff"),
        pytest.param(2, lambda play: play.closed and not play.handoffs, id="closed without a handoff"),
        pytest.param(2, lambda play: play.closed and play.handoffs, id="closed after a handoff"),
        pytest.param(
            1,
            lambda play: not play.closed and play.handoffs and play.handoffs[-1].status == "resolved",
            id="resolved and still open",
        ),
        pytest.param(
            1, lambda play: any(len(set(handoff.owners)) > 1 for handoff in play.handoffs), id="released and taken over"
        ),
        pytest.param(1, lambda play: len(play.handoffs) > 1, id="second attempt"),
    ],
)
def test_endings_are_all_told(at_least: int, ending: Callable[[Play], bool]) -> None:
    assert sum(bool(ending(play)) for play in acme_plays()) >= at_least


def test_handoffs_ended_in_different_ways() -> None:
    outcomes = {handoff.outcome for play in acme_plays() for handoff in play.handoffs if handoff.outcome}
    assert len(outcomes) >= 3
    assert outcomes <= set(get_args(Outcome))
    withdrawn = [step.reason for story in ACME for step in story.steps if isinstance(step, Withdrawn)]
    assert "solved_self" in withdrawn
    assert set(withdrawn) <= set(get_args(WithdrawReason))


def test_every_task_state_is_shown() -> None:
    states = Counter(state for play in acme_plays() for state in play.tasks.values())
    assert set(states) == set(get_args(TaskState))


def test_people_the_assistant_and_clients_speak() -> None:
    kinds = {step.kind for step in steps() if isinstance(step, Said)}
    assert kinds == set(get_args(MessageKind)) - {"system"}


def test_reasons_vary() -> None:
    reasons = {step.reason for step in steps() if isinstance(step, Escalated)}
    assert reasons <= set(get_args(Reason))
    assert len(reasons) >= 6
