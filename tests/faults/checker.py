"""Holds what the clients recorded against the log, once everything is over. Pure: no clock, no socket, no database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from itertools import pairwise
from typing import Any

from tests.faults.records import Entry, Heard, Joined, Log, Recording, RoomKey, Sent

REPLAY_LIMIT = 1000
"""R5: whoever is further behind gets a snapshot."""
PROBLEMS_TOLD = 40

LOGGED = {
    "session:create": ("session:created", "session", "session_id"),
    "message:post": ("message:posted", "message", "message_id"),
    "task:add": ("task:added", "task", "task_id"),
    "handoff:create": ("handoff:created", "handoff", "handoff_id"),
    "handoff:claim": ("handoff:claimed", "handoff", "handoff_id"),
    "handoff:resolve": ("handoff:resolved", "handoff", "handoff_id"),
}
"""The event of each command, the noun of its data, and the field of the payload that holds the noun's id."""


@dataclass
class Verdict:
    """Counts. All but `events` are violations; the times are in seconds."""

    events: int = 0
    """In the log."""
    lost: int = 0
    """Never told to a client that was owed them."""
    twice: int = 0
    out_of_order: int = 0
    """Told at another place than right behind their predecessor, or without a join."""
    double_claims: int = 0
    across_tenants: int = 0
    unanswered: int = 0
    """Commands without a final answer, although they were sent again."""
    failed: int = 0
    """Commands whose final answer is one that no client of the suite deserves."""
    acked_not_logged: int = 0
    logged_twice: int = 0
    not_in_log: int = 0
    """Told, but not what the log holds under that number: before the commit, or never committed."""
    gaps: int = 0
    """Numbers of a room that the log holds not once, and times that run backwards."""
    delays: list[tuple[float, float]] = field(default_factory=list)
    """Of every event told to a client: when it was committed, and how long it took from then on."""
    problems: list[str] = field(default_factory=list)
    """The first of the violations, in words."""

    @property
    def violations(self) -> dict[str, int]:
        """What is not 0."""
        counts = {f.name: getattr(self, f.name) for f in fields(self) if f.type == "int" and f.name != "events"}
        return {name: count for name, count in counts.items() if count}

    @property
    def longest_silence(self) -> float:
        return max((delay for _, delay in self.delays), default=0.0)

    def blame(self, what: str, problem: str, count: int = 1) -> None:
        setattr(self, what, getattr(self, what) + count)
        if len(self.problems) < PROBLEMS_TOLD:
            self.problems.append(f"{what}: {problem}")


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that is at least as large as this share of them; 0 of none."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)] if ordered else 0.0


def check(recordings: Sequence[Recording], log: Log) -> Verdict:
    """Everything that can be wrong. All clients are taken to be connected, and given time, when it ended."""
    verdict = Verdict(events=sum(len(entries) for entries in log.events.values()))
    _check_log(log, verdict)
    _check_commands(recordings, log, verdict)
    _check_claims(recordings, log, verdict)
    index = _Index(log)
    for recording in recordings:
        _check_client(recording, index, verdict)
    return verdict


class _Index:
    """The log, to look things up in."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.by_seq = {key: {entry.seq: entry for entry in entries} for key, entries in log.events.items()}
        self.owners: dict[str, set[str]] = defaultdict(set)
        for account, name in log.heads:
            self.owners[name].add(account)

    def first(self, key: RoomKey) -> int:
        """The oldest number retained; behind the head where the log holds nothing of the room."""
        entries = self.log.events.get(key)
        return entries[0].seq if entries else self.log.heads.get(key, 0) + 1


def _check_log(log: Log, verdict: Verdict) -> None:
    """R3: contiguous up to the head, in the order of time."""
    for key, entries in log.events.items():
        for before, after in pairwise(entries):
            if after.seq != before.seq + 1:
                verdict.blame("gaps", f"{key[1]}: {after.seq} follows {before.seq}")
            elif after.at < before.at:
                verdict.blame("gaps", f"{key[1]}: {after.seq} is older than {before.seq}")
        if entries[-1].seq != log.heads.get(key):
            verdict.blame("gaps", f"{key[1]}: ends at {entries[-1].seq}, its head is {log.heads.get(key)}")


# What one client was told


@dataclass
class _Position:
    """How far a client is in one room."""

    last: int
    epoch: str
    missing: set[int] = field(default_factory=set)
    """Passed over, and not told since."""


def _check_client(recording: Recording, index: _Index, verdict: Verdict) -> None:
    positions: dict[str, _Position] = {}
    joined: set[str] = set()
    for life in recording.lives:
        joined.clear()
        for came in life.came:
            if isinstance(came, Joined):
                _check_join(recording, index, positions, came, verdict)
                joined.add(came.room)
            elif came.event.room not in joined:
                verdict.blame("out_of_order", f"{recording.name}: {_name(came.event)} without a join")
                _check_entry(recording, index, came.event, verdict)
            else:
                _check_live(recording, index, positions[came.event.room], came, verdict)
    for room, position in positions.items():
        behind = index.log.heads.get((recording.account, room), 0) - position.last if room in joined else 0
        if lost := len(position.missing) + max(0, behind):
            verdict.blame("lost", f"{recording.name}: {room} stands at {position.last}, {lost} never came", lost)


def _check_join(
    recording: Recording, index: _Index, positions: dict[str, _Position], joined: Joined, verdict: Verdict
) -> None:
    """R5: all that was missed, or the state; the state only where the log could not tell."""
    position = positions.get(joined.room)
    told: set[int] = set()
    if joined.recovered and joined.after is not None:
        numbers = [event.seq for event in joined.events]
        told.update(numbers)
        if numbers != list(range(joined.after + 1, joined.seq + 1)):
            verdict.blame("out_of_order", f"{recording.name}: {joined.room} recovered {joined.after} with {numbers}")
        for event in joined.events:
            _check_entry(recording, index, event, verdict)
            if not recording.asleep:
                verdict.delays.append((event.at, joined.when - event.at))
    else:
        _check_state(recording, index, joined, verdict)
    if position is None:
        positions[joined.room] = _Position(joined.seq, joined.epoch)
        return
    owed = position.missing | set(range(position.last + 1, joined.seq + 1))
    position.missing = owed - told if joined.recovered else set()
    position.last, position.epoch = joined.seq, joined.epoch


def _check_state(recording: Recording, index: _Index, joined: Joined, verdict: Verdict) -> None:
    """A snapshot shows nothing of others, and does not stand in for events that the log could have told."""
    for handoff in joined.handoffs:
        if index.log.handoffs.get(handoff) != recording.account:
            verdict.blame("across_tenants", f"{recording.name}: handoff {handoff} in the snapshot of {joined.room}")
    if joined.after is None or not joined.same_epoch:
        return
    behind = joined.seq - joined.after
    retained = index.first((recording.account, joined.room)) <= joined.after + 1
    if retained and 0 <= behind <= REPLAY_LIMIT:
        verdict.blame("lost", f"{recording.name}: {joined.room} told the state instead", max(1, behind))


def _check_live(recording: Recording, index: _Index, position: _Position, heard: Heard, verdict: Verdict) -> None:
    """R4: each once, right behind its predecessor."""
    event = heard.event
    _check_entry(recording, index, event, verdict)
    if not recording.asleep:
        verdict.delays.append((event.at, heard.when - event.at))
    if event.seq <= position.last:
        late = event.seq in position.missing
        position.missing.discard(event.seq)
        verdict.blame("out_of_order" if late else "twice", f"{recording.name}: {_name(event)} after {position.last}")
        return
    first = index.first((recording.account, event.room))
    passed_over = {seq for seq in range(position.last + 1, event.seq) if seq >= first}
    if passed_over:
        verdict.blame("out_of_order", f"{recording.name}: {_name(event)} came right after {position.last}")
    position.missing |= passed_over
    position.last = event.seq


def _check_entry(recording: Recording, index: _Index, event: Entry, verdict: Verdict) -> None:
    """What was told is what is committed, and the client's to see."""
    key = (recording.account, event.room)
    owners = index.owners.get(event.room, set())
    handoff = event.data.get("handoff", {}).get("id")
    if (owners and recording.account not in owners) or index.log.handoffs.get(handoff, recording.account) != (
        recording.account
    ):
        verdict.blame("across_tenants", f"{recording.name}: {_name(event)}")
        return
    logged = index.by_seq.get(key, {}).get(event.seq)
    trimmed = logged is None and event.seq < index.first(key) and key in index.log.heads
    if not trimmed and (logged is None or (logged.type, logged.data) != (event.type, event.data)):
        verdict.blame("not_in_log", f"{recording.name}: {_name(event)}")


def _name(event: Entry) -> str:
    return f"{event.type} {event.seq} of {event.room}"


# Commands and claims

Key = tuple[str, str, str, int]
"""Account, type, id and, of claims, the fencing token."""


def _key(account: str, kind: str, item: dict[str, Any]) -> Key:
    return account, kind, item["id"], item["fencing_token"] if kind == "handoff:claimed" else 0


def _counted(log: Log, rooms: str) -> Counter[Key]:
    nouns = {kind: noun for kind, noun, _ in LOGGED.values()}
    return Counter(
        _key(account, entry.type, entry.data[nouns[entry.type]])
        for (account, room), entries in log.events.items()
        for entry in entries
        if room.startswith(rooms) and entry.type in nouns
    )


DESERVED = frozenset({"already_claimed", "claim_ended", "closed", "not_owner", "active_handoff", "self_claim"})
"""Refusals that a race may end in."""


def _check_commands(recordings: Sequence[Recording], log: Log, verdict: Verdict) -> None:
    """A5: answered at last, in the log exactly once where it succeeded, in both rooms where it is of a handoff."""
    in_sessions, in_queues = _counted(log, "session:"), _counted(log, "escalations:")
    trimmed = {account for (account, room), entries in log.events.items() if entries[0].seq > 1 or not entries}
    for kind, counts in (("session", in_sessions), ("queue", in_queues)):
        for key, count in counts.items():
            if count > 1:
                verdict.blame("logged_twice", f"{key[1]} {key[2]} stands {count} times in its {kind}", count - 1)
    for recording in recordings:
        for sent in recording.sent:
            _check_answer(recording, sent, verdict)
            data = sent.data
            if data is None or sent.name not in LOGGED or recording.account in trimmed:
                continue
            kind, noun, field_name = LOGGED[sent.name]
            token = data["claim"]["fencing_token"] if sent.name == "handoff:claim" else 0
            key = (recording.account, kind, sent.payload[field_name], token)
            in_both = in_sessions[key] and (noun != "handoff" or in_queues[key])
            if not in_both:
                verdict.blame("acked_not_logged", f"{recording.name}: {sent.name} {key[2]}")


def _check_answer(recording: Recording, sent: Sent, verdict: Verdict) -> None:
    if sent.answer is None:
        verdict.blame("unanswered", f"{recording.name}: {sent.name}, sent {sent.tries} times")
    elif not sent.answer["ok"] and sent.answer["error"]["code"] not in DESERVED:
        verdict.blame("failed", f"{recording.name}: {sent.name} {sent.answer['error']['code']}")


def _check_claims(recordings: Sequence[Recording], log: Log, verdict: Verdict) -> None:
    """H1: one owner under a fencing token, and nobody becomes it while another one is."""
    owners: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    rows: Counter[tuple[str, int]] = Counter()
    for claim in log.claims:
        owners[claim.handoff, claim.fencing_token].add(claim.user)
        rows[claim.handoff, claim.fencing_token] += 1
    for recording in recordings:
        for sent in recording.sent:
            if sent.name == "handoff:claim" and (data := sent.data) is not None:
                owners[sent.payload["handoff_id"], data["claim"]["fencing_token"]].add(recording.user)
    for (_, room), entries in log.events.items():
        if room.startswith("escalations:"):
            holders: dict[str, str] = {}
            for entry in entries:
                _follow(entry, holders, owners, verdict)
    for (handoff, token), users in owners.items():
        if len(users) > 1 or rows[handoff, token] > 1:
            verdict.blame("double_claims", f"{handoff} under {token}: {sorted(users)}")


def _follow(entry: Entry, holders: dict[str, str], owners: dict[tuple[str, int], set[str]], verdict: Verdict) -> None:
    """One event of a queue: who holds the handoff after it."""
    handoff = entry.data.get("handoff", {})
    if entry.type == "handoff:claimed":
        if handoff["id"] in holders:
            verdict.blame("double_claims", f"{handoff['id']} claimed while {holders[handoff['id']]} held it")
        holders[handoff["id"]] = handoff["claimed_by"]["id"]
        owners[handoff["id"], handoff["fencing_token"]].add(handoff["claimed_by"]["id"])
    elif entry.type == "handoff:reassigned":
        holders[handoff["id"]] = handoff["claimed_by"]["id"]
    elif entry.type in ("handoff:released", "handoff:resolved", "handoff:cancelled", "handoff:expired"):
        holders.pop(handoff["id"], None)
