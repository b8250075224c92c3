"""The folds (R7) and the room's view (R6), both without a socket."""

import asyncio
import copy
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.fold import (
    Event,
    Item,
    Joined,
    RoomEnded,
    RoomView,
    Snapshot,
    WireError,
    fold,
    fold_queue,
    fold_session,
)

ROOM = "session:5b1f"
ME = "me"


def event(seq: int, type_: str = "message:posted", room: str = ROOM, **data: Any) -> Event:
    return Event(room, seq, type_, "2026-03-01T10:00:00Z", {"id": "u", "name": "Uma"}, data)


def handoff(id_: str, **fields: Any) -> Item:
    instant = "2026-03-01T10:00:00Z"
    made = {"id": id_, "status": "queued", "severity": "normal", "created_at": instant, "first_queued_at": instant}
    return {**made, "handed_off_by": {"id": "other", "name": "Olu"}, **fields}


def session_state() -> Snapshot:
    return {"session": {"title": "VPN"}, "messages": [], "tasks": [], "handoffs": [], "members": [{"id": "u"}]}


def ids(items: list[Item]) -> list[str]:
    return [item["id"] for item in items]


def test_a_fold_leaves_the_state_it_was_given() -> None:
    """[R7]"""
    before = session_state()
    kept = copy.deepcopy(before)
    after = fold_session(before, event(1, message={"id": "m1"}, task={"id": "t1", "seq": 1}, handoff=handoff("h1")))
    assert before == kept
    assert after != before


def test_session_replaces_and_members_and_unknown_keys_stay_out() -> None:
    """[R7]"""
    after = fold_session(session_state(), event(1, session={"title": "DNS"}, members=[], analysis={"text": "x"}))
    assert after == {**session_state(), "session": {"title": "DNS"}}


def test_messages_are_appended_and_the_newest_200_kept() -> None:
    """[R7] [A8]"""
    state = session_state()
    for seq in range(1, 204):
        state = fold_session(state, event(seq, message={"id": f"m{seq}"}))
    assert ids(state["messages"]) == [f"m{seq}" for seq in range(4, 204)]


def test_tasks_are_replaced_by_id_and_ordered_by_their_seq() -> None:
    """[R7] [S1]"""
    state = session_state()
    for seq, (id_, place, todo) in enumerate([("b", 2, "todo"), ("a", 1, "todo"), ("b", 2, "done"), ("c", 3, "todo")]):
        state = fold_session(state, event(seq + 1, task={"id": id_, "seq": place, "state": todo}))
    assert [(task["id"], task["state"]) for task in state["tasks"]] == [("a", "todo"), ("b", "done"), ("c", "todo")]


def test_session_handoffs_are_ordered_by_creation_then_id_whatever_their_status() -> None:
    """[R7] A text without a fraction is earlier than the same second with one."""
    made = [
        handoff("d", created_at="2026-03-01T10:00:00.5Z", status="withdrawn"),
        handoff("c", created_at="2026-03-01T10:00:00Z"),
        handoff("a", created_at="2026-03-01T10:00:00.500000+00:00", status="resolved"),
        handoff("b", created_at="2026-03-01T09:59:59.9Z"),
    ]
    for order in permutations(made):
        state = session_state()
        for seq, one in enumerate(order):
            state = fold_session(state, event(seq + 1, handoff=one))
        assert ids(state["handoffs"]) == ["b", "c", "a", "d"]


def test_one_event_may_carry_several_things() -> None:
    """[R7] [S2]"""
    made = handoff("h1")
    after = fold_session(session_state(), event(1, handoff=made, session={"escalation_package": {"handoff_id": "h1"}}))
    assert after["handoffs"] == [made]
    assert after["session"] == {"escalation_package": {"handoff_id": "h1"}}


def test_queue_is_ordered_by_severity_then_first_queued_then_id() -> None:
    """[Q1]"""
    made = [
        handoff("b", severity="low", first_queued_at="2026-03-01T08:00:00Z"),
        handoff("c", severity="critical", first_queued_at="2026-03-01T10:00:00.25Z"),
        handoff("d", severity="critical", first_queued_at="2026-03-01T10:00:00Z"),
        handoff("a", severity="critical", first_queued_at="2026-03-01T10:00:00.25Z"),
        handoff("e", severity="high"),
        handoff("f", severity="normal", status="claimed"),
    ]
    for order in permutations(made):
        state: Snapshot = {"handoffs": []}
        for seq, one in enumerate(order):
            state = fold_queue(state, event(seq + 1, room="escalations:1", handoff=one), ME)
        assert ids(state["handoffs"]) == ["d", "a", "c", "e", "f", "b"]


@pytest.mark.parametrize("status", ["resolved", "withdrawn", "expired", "cancelled"])
def test_an_ended_handoff_leaves_the_queue(status: str) -> None:
    """[Q1] One that never was there leaves nothing behind."""
    state = {"handoffs": [handoff("h1"), handoff("h2")]}
    after = fold_queue(state, event(1, handoff=handoff("h1", status=status)), ME)
    assert ids(after["handoffs"]) == ["h2"]
    assert fold_queue(after, event(2, handoff=handoff("h3", status=status)), ME) == after


def test_a_released_handoff_keeps_its_place() -> None:
    """[H8]"""
    first = handoff("z", first_queued_at="2026-03-01T09:00:00Z")
    state: Snapshot = {"handoffs": [first, handoff("a")]}
    for status in ("claimed", "queued"):
        state = fold_queue(state, event(1, handoff={**first, "status": status}), ME)
        assert [(one["id"], one["status"]) for one in state["handoffs"]] == [("z", status), ("a", "queued")]


def test_own_handoffs_and_events_without_one_leave_the_queue_as_it_is() -> None:
    """[Q1]"""
    state = {"handoffs": [handoff("h1")]}
    own = handoff("h2", handed_off_by={"id": ME, "name": "Mo"})
    assert fold_queue(state, event(1, handoff=own), ME) == state
    assert fold_queue(state, event(2, session={"title": "x"}), ME) == state


def test_folding_an_event_twice_changes_nothing() -> None:
    """[R7]"""
    events = [
        event(1, message={"id": "m1", "body": "x"}),
        event(2, task={"id": "t1", "seq": 1}),
        event(3, handoff=handoff("h1", severity="high"), session={"title": "x"}),
        event(4, handoff=handoff("h1", status="resolved")),
    ]
    state: Snapshot = {**session_state(), "handoffs": [handoff("h2")]}
    for one in events:
        state = fold_session(state, one)
        assert fold_session(state, one) == state
        queue = fold_queue(state, one, ME)
        assert fold_queue(queue, one, ME) == queue


def test_fold_goes_by_the_kind_of_room() -> None:
    own = handoff("h1", handed_off_by={"id": ME, "name": "Mo"})
    assert ids(fold(session_state(), event(1, handoff=own), ME)["handoffs"]) == ["h1"]
    assert fold({"handoffs": []}, event(1, room="escalations:1", handoff=own), ME) == {"handoffs": []}


def wire(seq: int, **changed: Any) -> dict[str, Any]:
    raw = {"room": ROOM, "seq": seq, "type": "message:posted", "at": "2026-03-01T10:00:00Z", "actor": None, "data": {}}
    return {**raw, **changed}


@pytest.mark.parametrize(
    "changed",
    [{"seq": "1"}, {"seq": True}, {"seq": 0}, {"room": None}, {"at": 1.5}, {"data": []}, {"actor": "Uma"}, {"type": 1}],
)
def test_what_is_no_event_is_refused(changed: dict[str, Any]) -> None:
    """[R2]"""
    assert Event.parse({**wire(1), "later": "addition"}).seq == 1
    with pytest.raises(WireError, match="R2"):
        Event.parse({**wire(1), **changed})
    for missing in wire(1):
        with pytest.raises(WireError, match=missing):
            Event.parse({key: value for key, value in wire(1).items() if key != missing})


class Log:
    """A room's log that answers joins when told to."""

    def __init__(self, length: int, *, keep: int = 1_000) -> None:
        self.events = [wire(seq, data={"message": {"id": f"m{seq}"}}) for seq in range(1, length + 1)]
        self.asked = 0
        self.view = RoomView("session", {}, ME, keep, rejoin=self._ask, leave=self._never)
        self.view.answer(Joined(room=ROOM, epoch=1, seq=0, recovered=False, snapshot=session_state()))

    def send(self, *seqs: int) -> None:
        for seq in seqs:
            self.view.receive(Event.parse(self.events[seq - 1]))

    def answer(self, upto: int) -> None:
        self.asked = 0
        missed = self.events[self.view.seq : upto]
        self.view.answer(Joined(room=ROOM, epoch=1, seq=upto, recovered=True, events=missed))

    def _ask(self, _: RoomView) -> None:
        self.asked += 1

    async def _never(self, _: RoomView) -> None:
        raise AssertionError


@given(st.lists(st.integers(1, 12), max_size=60), st.data())
def test_view_applies_each_event_once_and_in_order_whatever_arrives(seqs: list[int], data: st.DataObject) -> None:
    """[R6]"""
    log = Log(12)
    for seq in seqs:
        log.send(seq)
        assert log.asked <= 1
        if log.asked and data.draw(st.booleans()):
            log.answer(data.draw(st.integers(max(seq, log.view.seq), 12)))
    while log.asked:
        log.answer(12)
    seen = [one.seq for one in log.view.events]
    assert seen == list(range(1, log.view.seq + 1))
    assert max(seqs, default=0) <= log.view.seq
    assert ids(log.view.folded()["messages"]) == [f"m{seq}" for seq in seen]


def test_what_an_answer_told_already_is_no_duplicate_but_a_repeat_is() -> None:
    """[R6]"""
    log = Log(6)
    log.send(1, 4, 5)
    log.answer(5)
    assert (log.view.applied, log.view.gaps, log.view.duplicates) == (5, 1, 0)
    log.send(5, 6, 6)
    assert (log.view.applied, log.view.gaps, log.view.duplicates) == (6, 1, 2)


def test_held_events_are_bounded_and_what_fell_out_comes_from_the_log() -> None:
    """[R6]"""
    log = Log(3_000)
    log.send(*range(2, 2_501))
    log.answer(3)
    assert log.asked == 1
    log.answer(3_000)
    assert [one.seq for one in log.view.events] == list(range(2_001, 3_001))
    assert log.view.applied == 3_000
    with pytest.raises(LookupError, match="no longer"):
        log.view.folded()


def test_a_view_folds_only_what_came_after_its_newest_snapshot() -> None:
    """[R7]"""
    log = Log(6)
    log.send(1, 2, 5)
    log.view.answer(Joined(room=ROOM, epoch=2, seq=5, recovered=False, snapshot=session_state()))
    log.send(6)
    assert [one.seq for one in log.view.events] == [1, 2, 6]
    assert ids(log.view.folded()["messages"]) == ["m6"]


@pytest.mark.parametrize("seqs", [[3], [2, 4], [3, 2], [2, 3, 4], []])
def test_a_recovered_answer_with_a_part_of_the_events_is_refused_whole(seqs: list[int]) -> None:
    """[R5]"""
    log = Log(4)
    log.send(1)
    events = [wire(seq) for seq in seqs]
    with pytest.raises(WireError, match="R5"):
        log.view.answer(Joined(room=ROOM, epoch=1, seq=3, recovered=True, events=events))
    assert log.view.seq == 1


async def test_waiting_finds_what_came_before_and_what_comes_after() -> None:
    log = Log(5)
    view = log.view
    log.send(1, 2)
    assert [(await view.next()).seq, (await view.next("message:posted")).seq] == [1, 2]
    with pytest.raises(TimeoutError, match=r"no handoff:claimed within 0\.01 s; live at seq 2"):
        await view.next("handoff:claimed", timeout=0.01)
    assert (await view.wait_for(lambda one: one.seq == 2)).seq == 2
    async with asyncio.TaskGroup() as group:
        found = group.create_task(view.wait_for(lambda one: one.seq == 4))
        reached = group.create_task(view.until_seq(5))
        upcoming = group.create_task(view.next())
        asyncio.get_running_loop().call_soon(log.send, 3, 4, 5)
    assert (found.result().seq, reached.result(), upcoming.result().seq) == (4, None, 3)


async def test_iteration_hands_out_what_was_applied_and_ends_with_the_room() -> None:
    log = Log(3)
    log.send(1, 2, 3)
    log.view.end("left")
    assert [one.seq async for one in log.view] == [1, 2, 3]
    with pytest.raises(RoomEnded, match=r"session:5b1f: left"):
        await log.view.next()


async def test_a_reader_that_lags_behind_is_told() -> None:
    log = Log(4, keep=2)
    log.send(1, 2, 3, 4)
    assert [one.seq for one in log.view.events] == [3, 4]
    with pytest.raises(LookupError, match="no longer among the 2 kept"):
        await log.view.next()
