"""What a client hears, and what it makes of it: the words of the wire, the folds (R7), the view of one room (R6).

The folds are pure: they return a new state and leave the one given as it was. Folding an event twice changes nothing.
Instants are compared as instants: an RFC 3339 text without a fraction sorts behind its own half-second as text.
"""

# ruff: noqa: N818 - Refused and its like are the contract's words: answers, not errors of the program

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

T = TypeVar("T")

KEEP = 10_000
"""Applied events a view keeps unless told otherwise."""
HELD = 1_024
"""Events held while a join is under way; what falls out shows as a gap and comes from the log."""
MESSAGES_KEPT = 200
WAITING = ("queued", "claimed")
SEVERITIES = ("critical", "high", "normal", "low")

Snapshot = dict[str, Any]
Item = dict[str, Any]


class Refused(Exception):
    """The server's no (A1, A3). Nothing took effect; `retryable` says whether the same may be tried again."""

    def __init__(self, code: str, status: int, message: str, *, retryable: bool, details: dict[str, Any]) -> None:
        super().__init__(f"{code} ({status}): {message} {details or ''}".rstrip())
        self.code, self.status, self.message = code, status, message
        self.retryable, self.details = retryable, details

    @classmethod
    def parse(cls, error: dict[str, Any], status: int, message: str) -> "Refused":
        """A refusal from either door; HTTP's problem may leave `retryable` to its status."""
        retryable = bool(error.get("retryable", status in (429, 503)))
        return cls(error["code"], status, message, retryable=retryable, details=error.get("details") or {})


class ConnectRefused(Exception):
    """No connection. `code` is the server's (T4), or of what came in its place.

    `handshake` (`status` is that of HTTP, 0 where nobody listens), `closed` or `timeout` where it said nothing.
    """

    def __init__(self, message: str, code: str, status: int) -> None:
        super().__init__(f"{code} ({status}): {message}")
        self.message, self.code, self.status = message, code, status


class AckLost(Exception):
    """The connection closed, or time was up, before the answer came: whether the command took effect is open (A5)."""


class RoomEnded(Exception):
    """The view gets no more events: left, evicted, refused on joining again, or its client is gone."""


class WireError(Exception):
    """What arrived breaks the contract."""


@dataclass(frozen=True, slots=True)
class Signal:
    """What is ephemeral: no number, not in the log."""

    name: str
    data: Any


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Account(_Wire):
    id: str
    name: str


class User(Account):
    role: str


class Hello(_Wire):
    """The server's first word (T5)."""

    protocol: int
    user: User
    account: Account
    replica: str
    server_time: str
    token_expires_at: str
    limits: dict[str, Any]


class Joined(_Wire):
    """The answer to a join (R5): what was missed, or the state as of exactly `seq`."""

    room: str
    epoch: int | str
    seq: int
    recovered: bool
    events: list[dict[str, Any]] = []
    snapshot: dict[str, Any] | None = None

    @classmethod
    def parse(cls, data: dict[str, Any]) -> "Joined":
        """Raises WireError."""
        try:
            return cls.model_validate(data)
        except ValidationError as exc:
            raise WireError(f"the answer to a join breaks R5: {exc}") from exc


def read_ack(name: str, args: tuple[Any, ...]) -> dict[str, Any]:
    """The `data` of the ack of a command, raising Refused, or WireError for one that breaks A1."""
    match args:
        case ({"ok": True, "data": dict(data)},):
            return data
        case (
            {"ok": False, "error": {"code": str(), "status": int(), "message": str(), "retryable": bool()} as error},
        ):
            raise Refused.parse(error, error["status"], error["message"])
    raise WireError(f"{name}: the ack breaks A1: {args!r:.200}")


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a room's log (R2); `seq` counts from 1 without holes, `at` is RFC 3339 UTC."""

    room: str
    seq: int
    type: str
    at: str
    actor: dict[str, str] | None
    data: dict[str, Any]

    @classmethod
    def parse(cls, raw: Any) -> "Event":  # noqa: ANN401 - the edge: what the socket brought
        """Raises WireError for anything that is not an event; members unknown to R2 are passed over."""
        try:
            event = cls(raw["room"], raw["seq"], raw["type"], raw["at"], raw["actor"], raw["data"])
        except (KeyError, TypeError) as exc:
            raise WireError(f"no event (R2), {exc!r}: {raw!r:.200}") from exc
        texts = all(isinstance(text, str) for text in (event.room, event.type, event.at))
        numbered = type(event.seq) is int and event.seq >= 1
        if not (texts and numbered and isinstance(event.data, dict) and isinstance(event.actor, dict | None)):
            raise WireError(f"no event (R2): {raw!r:.200}")
        return event


def fold(state: Snapshot, event: Event, me: str) -> Snapshot:
    """`state` after `event`, by the kind of the event's room. `me` is the id of the user whose view it is."""
    return fold_queue(state, event, me) if event.room.startswith("escalations:") else fold_session(state, event)


def fold_session(state: Snapshot, event: Event) -> Snapshot:
    """`{session, messages, tasks, handoffs, members}` after `event`; `members` is presence and stands outside (R7)."""
    data = event.data
    folded = dict(state)
    if "session" in data:
        folded["session"] = data["session"]
    if "message" in data:
        folded["messages"] = _upsert(state["messages"], data["message"])[-MESSAGES_KEPT:]
    if "task" in data:
        folded["tasks"] = _upsert(state["tasks"], data["task"], lambda task: task["seq"])
    if "handoff" in data:
        folded["handoffs"] = _upsert(state["handoffs"], data["handoff"], _by_creation)
    return folded


def fold_queue(state: Snapshot, event: Event, me: str) -> Snapshot:
    """`{handoffs}` after `event`: queued and claimed ones in the order of Q1, without those that `me` handed off."""
    handoff = event.data.get("handoff")
    if handoff is None or handoff["handed_off_by"]["id"] == me:
        return state
    if handoff["status"] in WAITING:
        handoffs = _upsert(state["handoffs"], handoff, _by_urgency)
    else:
        handoffs = [other for other in state["handoffs"] if other["id"] != handoff["id"]]
    return {**state, "handoffs": handoffs}


def _upsert(items: list[Item], item: Item, key: Callable[[Item], Any] | None = None) -> list[Item]:
    """`items` with `item` in the place of the one with its id, else at the end; then sorted where there is a `key`."""
    known = any(other["id"] == item["id"] for other in items)
    put = [item if other["id"] == item["id"] else other for other in items] if known else [*items, item]
    return put if key is None else sorted(put, key=key)


def _by_creation(handoff: Item) -> tuple[datetime, str]:
    return datetime.fromisoformat(handoff["created_at"]), handoff["id"]


def _by_urgency(handoff: Item) -> tuple[int, datetime, str]:
    return SEVERITIES.index(handoff["severity"]), datetime.fromisoformat(handoff["first_queued_at"]), handoff["id"]


class RoomView:
    """One joined room: each event of its log once and in order (R6), over gaps and reconnections.

    `snapshot` is the state as of `snapshot_seq`, None before the first; `events` are the newest `keep` applied ones.
    `duplicates` counts what the server sent twice, `gaps` the holes that made the view join again,
    `reset_count` the snapshots that replaced an earlier state: what happened meanwhile is in no event here. `ended`
    says why nothing more comes.
    It touches no socket: `rejoin` is called on a gap and has to bring an `answer` or the `end`.
    """

    def __init__(
        self,
        kind: str,
        key: dict[str, Any],
        me: str,
        keep: int,
        *,
        rejoin: Callable[["RoomView"], None],
        leave: Callable[["RoomView"], Awaitable[None]],
    ) -> None:
        self.kind, self.key = kind, key
        self.name = ""
        self.seq = self.snapshot_seq = 0
        self.epoch: int | str = ""
        self.recovered = False
        self.snapshot: Snapshot | None = None
        self.events: list[Event] = []
        self.applied = self.duplicates = self.gaps = self.reset_count = 0
        self.ended: str | None = None
        self._me, self._keep, self._rejoin, self._leave = me, keep, rejoin, leave
        self._joining = True
        self._held: deque[Event] = deque(maxlen=HELD)
        self._taken = self._applied_before = 0
        self._changed: asyncio.Event | None = None

    async def next(self, type: str | None = None, *, timeout: float = 10.0) -> Event:  # noqa: A002 - the wire's word
        """The next event (of `type`) behind the one returned last, those of other types passed over.

        Raises TimeoutError, and then has taken nothing; RoomEnded; LookupError when `keep` events behind.
        """
        return await self._next(type, timeout)

    async def wait_for(self, predicate: Callable[[Event], bool], timeout: float = 10.0) -> Event:
        """The first kept event that `predicate` likes, among those applied already too; takes nothing from `next`."""
        oldest = self.applied - len(self.events)
        return self._kept(await self._search(oldest, predicate, "event to the predicate's liking", timeout))

    async def until_seq(self, seq: int, timeout: float = 10.0) -> None:
        """Returns when everything up to `seq` was applied or is in the snapshot."""
        await self._until(lambda: True if self.seq >= seq else None, f"seq {seq}", timeout)

    async def leave(self) -> None:
        """When it returns the server sends nothing more of this room, and the view has ended."""
        await self._leave(self)

    def folded(self) -> Snapshot:
        """The snapshot with all later events folded into it (R7), as the client's user sees it."""
        if self.snapshot is None:
            raise LookupError(f"{self.name}: no snapshot")
        later = [self._kept(at) for at in range(self._applied_before, self.applied)]
        return reduce(lambda state, event: fold(state, event, self._me), later, self.snapshot)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        """Like `next` without a bound; ends when the room does."""
        try:
            return await self._next(None, None)
        except RoomEnded:
            raise StopAsyncIteration from None

    def receive(self, event: Event) -> None:
        """R6 for what the socket brought. While a join is under way it is held: the answer decides what is new."""
        if self._joining:
            self._held.append(event)
        elif event.seq <= self.seq:
            self.duplicates += 1
        elif event.seq == self.seq + 1:
            self._apply(event)
        else:
            self.gaps += 1
            self.suspend()
            self._held.append(event)
            self._rejoin(self)

    def answer(self, joined: Joined, early: Iterable[Event] = ()) -> None:
        """The answer to a join, then what arrived ahead of it. If it breaks R5: WireError, the view as it was."""
        missed = [Event.parse(raw) for raw in joined.events]
        numbers = [event.seq for event in missed]
        whole = joined.seq >= self.seq and numbers == list(range(self.seq + 1, joined.seq + 1))
        if joined.recovered and not whole:
            raise WireError(f"{joined.room}: recovered from {self.seq} to {joined.seq} with {numbers} (R5)")
        if not joined.recovered and joined.snapshot is None:
            raise WireError(f"{joined.room}: neither recovered nor a snapshot (R5)")
        if joined.recovered:
            for event in missed:
                self._apply(event)
        else:
            self.reset_count += 1 if self.name else 0
            self.snapshot, self.seq, self.snapshot_seq = joined.snapshot, joined.seq, joined.seq
            self._applied_before = self.applied
        self.name, self.epoch, self.recovered = joined.room, joined.epoch, joined.recovered
        held, self._held = [*self._held, *early], deque(maxlen=HELD)
        self._joining = False
        for event in held:
            # What the answer told already is no duplicate of the server's making.
            if self._joining or event.seq > self.seq:
                self.receive(event)
        self._wake()

    def suspend(self) -> None:
        """Until the next answer events are held; what was held so far is forgotten, for it comes again from the log."""
        self._joining = True
        self._held.clear()

    def end(self, reason: str) -> None:
        """No more events; whoever waits is told."""
        self.ended = self.ended or reason
        self._wake()

    def _apply(self, event: Event) -> None:
        self.seq = event.seq
        self.applied += 1
        self.events.append(event)
        if len(self.events) > self._keep:
            del self.events[0]
        self._wake()

    def _wake(self) -> None:
        if self._changed is not None:
            self._changed.set()
            self._changed = None

    async def _next(self, kind: str | None, timeout: float | None) -> Event:
        at = await self._search(self._taken, lambda event: kind in (None, event.type), kind or "event", timeout)
        self._taken = max(self._taken, at + 1)
        return self._kept(at)

    async def _search(self, start: int, likes: Callable[[Event], bool], what: str, timeout: float | None) -> int:
        """The number, counted from the first applied one, of the first event from `start` on that `likes` accepts."""
        at = start

        def look() -> int | None:
            nonlocal at
            while at < self.applied:
                at += 1
                if likes(self._kept(at - 1)):
                    return at - 1
            return None

        return await self._until(look, what, timeout)

    def _kept(self, at: int) -> Event:
        index = at - (self.applied - len(self.events))
        if index < 0:
            raise LookupError(f"{self.name}: event {at} is no longer among the {self._keep} kept")
        return self.events[index]

    async def _until(self, look: Callable[[], T | None], what: str, timeout: float | None) -> T:
        """What `look` finds, asked again after every change; what was applied before the room ended is still found."""
        try:
            async with asyncio.timeout(timeout):
                while (found := look()) is None:
                    if self.ended is not None:
                        raise RoomEnded(f"{self.name}: {self.ended}")
                    self._changed = self._changed or asyncio.Event()
                    await self._changed.wait()
                return found
        except TimeoutError:
            state = "joining" if self._joining else "live"
            raise TimeoutError(f"{self.name}: no {what} within {timeout} s; {state} at seq {self.seq}") from None
