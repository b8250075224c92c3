"""What was delivered to whom: exact counts by each event's number, latencies by the time its sender put into it.

The counts are of deliveries to sockets. A socket stands at a number in each of its rooms; the next one is in order.
One further on leaves a hole: what comes later to fill it was out of order, what never comes is lost.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime

import orjson

from loadtest.histogram import Histogram

MARK = "rf-load"
"""Begins the body of a message whose rest is the time it was sent (monotonic, ns) and the number of its sender."""
REMEMBERED = 4_096
"""Frames whose meaning is kept; members of a room receive the same bytes."""


@dataclass(slots=True)
class Tally:
    """Counts, which add up over processes."""

    sent: int = 0
    """Commands of all kinds, joins and what is made beforehand included."""
    acked: int = 0
    refused: int = 0
    unanswered: int = 0
    paced: int = 0
    """Messages that were due at a rate and were sent."""
    dropped: int = 0
    """Of them, those that were refused: their time is over, they are not sent again."""
    arrived: int = 0
    """Events that reached every socket of a process, counted in each."""
    delivered: int = 0
    """Events taken by a socket, each for the first time."""
    lost: int = 0
    twice: int = 0
    disorder: int = 0
    stray: int = 0
    """Events of a room that the socket had not joined."""
    resumed: int = 0
    """Deliveries that came by the answer to a join, counted in `delivered` too."""
    reset: int = 0
    """Rooms that were resumed with a snapshot instead of the events missed."""
    cut: int = 0
    """Connections that ended without being asked to."""

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Tally)))

    @property
    def wrong(self) -> int:
        """What may never be anything but zero."""
        return self.lost + self.twice + self.disorder + self.stray


class Room:
    """One room as this process knows it."""

    __slots__ = ("head", "members", "name", "open")

    def __init__(self, name: str) -> None:
        self.name = name
        self.members = 0
        """Sockets of this process that each event is to reach."""
        self.head = 0
        """The highest number seen."""
        self.open: dict[int, Sighting] = {}
        """Events that have not reached all of them."""


class Sighting:
    """One event, seen by this process."""

    __slots__ = ("at", "left", "room", "sender", "sent", "seq")

    def __init__(self, room: Room, seq: int, sent: int, sender: int, at: str) -> None:
        self.room, self.seq, self.at = room, seq, at
        self.sent, self.sender = sent, sender
        self.left = room.members


class Seat:
    """A socket's place in one room: the number it stands at, and the holes behind it."""

    __slots__ = ("at", "holes", "room")

    def __init__(self, room: Room, at: int) -> None:
        self.room, self.at = room, at
        self.holes: set[int] = set()


Chunk = tuple[Room, int, tuple[Sighting, ...]]
"""Frames that came together and were of one room, contiguous: the room, the first number, and all of them."""


class Ledger:
    """Everything one process was told."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.latency = Histogram()
        """From sending to each socket, in microseconds."""
        self.to_last = Histogram()
        """From an event's `at` to the last socket of this process, in microseconds."""
        self.rooms: dict[str, Room] = {}
        self.on_event: Callable[[Sighting], None] = lambda _: None
        """Called when an event has reached all sockets of this process that were in the room when it was first seen."""
        self.on_first: Callable[[Sighting, dict[str, object]], None] | None = None
        """Called, if set, with each event when it is first seen."""
        self.chunks: dict[bytes, Chunk] = {}
        self._texts: dict[bytes, Sighting | None] = {}

    def room(self, name: str) -> Room:
        found = self.rooms.get(name)
        if found is None:
            found = self.rooms[name] = Room(name)
        return found

    def remember(self, data: bytes, chunk: Chunk) -> None:
        """The same bytes mean the same."""
        if len(self.chunks) >= REMEMBERED:
            self.chunks.clear()
        self.chunks[data] = chunk

    def read(self, text: bytes) -> Sighting | None:
        """The event in a Socket.IO event packet, or None if it is a signal."""
        try:
            return self._texts[text]
        except KeyError:
            pass
        if len(self._texts) >= REMEMBERED:
            self._texts.clear()
        name, *rest = orjson.loads(text[2:])
        body = rest[0] if rest else None
        sighting = self.sight(body) if isinstance(body, dict) and "seq" in body and name == body["type"] else None
        self._texts[text] = sighting
        return sighting

    def sight(self, event: dict[str, object]) -> Sighting:
        """The one object for this event, as long as it has not reached all."""
        room, seq = self.room(str(event["room"])), event["seq"]
        if not isinstance(seq, int):
            raise TypeError(f"seq {seq!r}")
        known = room.open.get(seq)
        if known is not None:
            return known
        sent, sender = _stamp(event)
        made = Sighting(room, seq, sent, sender, str(event["at"]))
        room.head = max(room.head, seq)
        if made.left:
            room.open[seq] = made
        if self.on_first is not None:
            self.on_first(made, event)
        return made

    def take(self, seats: dict[Room, Seat], sighting: Sighting, now: int) -> bool:
        """Count one event that came to a socket; whether it was the next in line."""
        seat = seats.get(sighting.room)
        if seat is None:
            self.tally.stray += 1
            return False
        seq = sighting.seq
        in_line = seq == seat.at + 1
        if in_line:
            seat.at = seq
        elif seq > seat.at:
            seat.holes.update(range(seat.at + 1, seq))
            seat.at = seq
        elif seq in seat.holes:
            seat.holes.discard(seq)
            self.tally.disorder += 1
        else:
            self.tally.twice += 1
            return False
        self.tally.delivered += 1
        if sighting.sent:
            self.latency.record((now - sighting.sent) // 1000)
        sighting.left -= 1
        if not sighting.left:
            self.complete(sighting)
        return in_line

    def complete(self, sighting: Sighting) -> None:
        """It has reached all sockets of this process."""
        if sighting.room.open.pop(sighting.seq, None) is None:
            return
        self.tally.arrived += 1
        self.to_last.record(time.time_ns() // 1000 - microseconds(sighting.at))
        self.on_event(sighting)

    def close(self, seats: dict[Room, Seat], heads: dict[str, int]) -> None:
        """A socket gets nothing more: what its rooms hold up to `heads` and it did not get is lost."""
        for room, seat in seats.items():
            self.tally.lost += len(seat.holes) + max(0, heads.get(room.name, room.head) - seat.at)


def microseconds(at: str) -> int:
    """An event's `at` in microseconds since 1970."""
    moment = datetime.fromisoformat(at)
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


def stamp(sender: int, size: int) -> str:
    """The body of a message sent now, of at least so many characters."""
    return f"{MARK} {time.monotonic_ns()} {sender} ".ljust(size, ".")


def _stamp(event: dict[str, object]) -> tuple[int, int]:
    data = event.get("data")
    message = data.get("message") if isinstance(data, dict) else None
    words = str(message.get("body", "")).split(" ", 3) if isinstance(message, dict) else []
    if len(words) < 3 or words[0] != MARK:  # noqa: PLR2004
        return 0, -1
    return int(words[1]), int(words[2])
