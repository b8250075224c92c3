"""What one turn of the event loop sends to a socket leaves in one write.

An event for a room is kept until the turn ends, or until what came before it is written; then all that is kept for
the room is joined once and the same bytes are written to each member. What is for one socket alone, an answer above
all, goes with what is kept for that socket, and first of all: nobody's answer waits for a broadcast, and the order of
the calls is the order on each wire.
"""

from __future__ import annotations

import asyncio
from array import array
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, Protocol, TypeVar

from server.ring import SIZE, Send, one_by_one
from server.transport import Outgoing, Socket

SLICE: Final = SIZE
"""Sockets written to before other work is let in."""


class Wire(Protocol):
    """`server.transport.Socket`, as it is written to."""

    @property
    def fd(self) -> int:
        """As there; `Socket.changes` counts its changes."""
        ...

    def write(self, out: Outgoing) -> bool: ...

    def write_rest(self, out: Outgoing, written: int) -> None: ...


class Receiver(Protocol):
    """A connection."""

    @property
    def socket(self) -> Wire: ...


R = TypeVar("R", bound=Receiver)


class Audience(Collection[R]):
    """Who gets what is sent to a room, in the order in which they came: their sockets lie in memory like that."""

    def __init__(self, members: Iterable[R] = ()) -> None:
        self._members: dict[R, None] = dict.fromkeys(members)
        self._roster: Roster | None = None

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[R]:
        return iter(self._members)

    def __contains__(self, one: object) -> bool:
        return one in self._members

    def add(self, one: R) -> None:
        self._members[one] = None
        self._roster = None

    def discard(self, one: R) -> None:
        if one in self._members:
            del self._members[one]
            self._roster = None

    def among(self, receivers: set[Receiver]) -> AbstractSet[Receiver]:
        return self._members.keys() & receivers

    @property
    def roster(self) -> Roster:
        """Those of now."""
        if self._roster is None:
            self._roster = Roster(self._members)
        return self._roster


class Roster:
    """An audience as it was at one time. While nothing changes, none of its members is looked at to write to them."""

    __slots__ = ("_as_of", "_descriptors", "_places", "members")

    def __init__(self, members: Iterable[Receiver]) -> None:
        self.members = tuple(members)
        self._descriptors = array("i")
        self._as_of = -1
        self._places: dict[Receiver, int] | None = None

    def __len__(self) -> int:
        return len(self.members)

    @property
    def places(self) -> Mapping[Receiver, int]:
        if self._places is None:
            self._places = {one: place for place, one in enumerate(self.members)}
        return self._places

    def descriptors(self, start: int, stop: int) -> array[int]:
        """Of the sockets of these members, as they are now."""
        if self._as_of != Socket.changes:
            if start > 0:  # or each slice of a large room would look at all of it
                return array("i", [one.socket.fd for one in self.members[start:stop]])
            self._descriptors = array("i", [one.socket.fd for one in self.members])
            self._as_of = Socket.changes
        return self._descriptors[start:stop]


class _Group:
    """Sockets that get the same."""

    __slots__ = ("_next", "_out", "_passed", "_roster")

    def __init__(self, roster: Roster, out: Outgoing, given: Iterable[Receiver]) -> None:
        """All of the roster but those who have it already, or get it otherwise."""
        self._roster, self._out = roster, out
        self._passed = {roster.places[one] for one in given}
        self._next = 0
        """The place of the first that was not written to; those passed over lie behind it."""

    def __len__(self) -> int:
        """How many places are left, those passed over included."""
        return len(self._roster) - self._next

    def awaiting(self, receivers: set[Receiver]) -> Iterator[Receiver]:
        """Which of them are still to get it."""
        places = self._roster.places
        return (one for one in places.keys() & receivers if self._awaits(places[one]))

    def _awaits(self, place: int) -> bool:
        return place >= self._next and place not in self._passed

    def take(self, receiver: Receiver) -> Outgoing | None:
        """What that one is still to get. It is then the caller's to write."""
        place = self._roster.places.get(receiver, -1)
        if not self._awaits(place):
            return None
        self._passed.add(place)
        return self._out

    def write(self, most: int, send: Send) -> int:
        """Write to so many more, and answer to how many."""
        start, stop = self._next, min(self._next + most, len(self._roster))
        descriptors = self._roster.descriptors(start, stop)
        passed = {place for place in self._passed if place < stop}
        self._next, self._passed = stop, self._passed - passed
        for place in sorted(passed, reverse=True):
            del descriptors[place - start]
        if left := send(descriptors, self._out.frames):
            places = [place for place in range(start, stop) if place not in passed]
            for number, written in left:
                socket = self._roster.members[places[number]].socket
                if descriptors[number] < 0:
                    socket.write(self._out)
                else:
                    socket.write_rest(self._out, written)
        return stop - start


class Fanout:
    """Guarantees: each receiver is given every packet once, in the order in which they were handed over here."""

    def __init__(self, send: Send = one_by_one) -> None:
        self._send = send
        self._kept: dict[Audience[Receiver], list[int]] = {}
        """The numbers of what each room was sent, in this turn or while earlier ones are being written."""
        self._own: dict[Receiver, list[int]] = {}
        """The numbers of what some were sent alone in this turn, among that."""
        self._packets: dict[int, Outgoing] = {}
        """Those, by their numbers, which rise over all of it."""
        self._number = 0
        self._given: dict[Receiver, int] = {}
        """Up to which number some of them have it already."""
        self._groups: deque[_Group] = deque()
        """Of earlier turns, being written."""
        self._is_due = False

    def __len__(self) -> int:
        """How many sockets what was kept in earlier turns is still to be written to, at most."""
        return sum(len(group) for group in self._groups)

    def broadcast(self, audience: Audience[Any], out: Outgoing) -> None:
        """Send to all who are its members when the turn ends."""
        self._kept.setdefault(audience, []).append(self._numbered(out))
        self._be_due()

    def write(self, receiver: Receiver, out: Outgoing) -> None:
        """Send to one, after all that is kept for it: at once, or with that when the turn ends."""
        if self._groups:  # which it does not wait for
            receiver.socket.write(Outgoing.joined([*self._take(receiver), out]))
        elif self._kept:
            self._own.setdefault(receiver, []).append(self._numbered(out))
        else:
            receiver.socket.write(out)

    def flush(self, receiver: Receiver) -> None:
        """Write now what is kept for one. Of a room that it enters next it then gets only what comes from then on."""
        if before := self._take(receiver):
            receiver.socket.write(Outgoing.joined(before))

    def _numbered(self, out: Outgoing) -> int:
        self._number += 1
        self._packets[self._number] = out
        return self._number

    def _take(self, receiver: Receiver) -> list[Outgoing]:
        taken = [out for group in self._groups if (out := group.take(receiver)) is not None]
        if self._kept:
            given, own = self._given.get(receiver, 0), self._own.pop(receiver, [])
            kept = [number for audience, numbers in self._kept.items() if receiver in audience for number in numbers]
            taken += [self._packets[number] for number in sorted(kept + own) if number > given]
            for number in own:
                del self._packets[number]
            self._given[receiver] = self._number
        return taken

    def _numbers_for(
        self, receivers: set[Receiver], kept: Mapping[Audience[Receiver], Sequence[int]]
    ) -> dict[Receiver, tuple[int, ...]]:
        """Of what is kept for these rooms, in order, what each does not have yet; nothing for who is in none."""
        found: defaultdict[Receiver, list[int]] = defaultdict(list)
        for audience, numbers in kept.items():
            for receiver in audience.among(receivers):
                given = self._given.get(receiver, 0)
                found[receiver] += [number for number in numbers if number > given]
        return {receiver: tuple(sorted(numbers)) for receiver, numbers in found.items()}

    def _joined(self, numbers: Sequence[int]) -> Outgoing:
        return Outgoing.joined([self._packets[number] for number in numbers])

    def _be_due(self) -> None:
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._go_on)

    def _go_on(self) -> None:
        self._is_due = False
        if self._groups:  # what comes for a room that is being written is joined
            self._let_pass()
        else:
            for receiver in list(self._own):
                self.flush(receiver)
            self._groups.extend(self._close(self._kept))
        left = SLICE
        while self._groups and left > 0:
            left -= self._groups[0].write(left, self._send)
            if not self._groups[0]:
                self._groups.popleft()
        if self._groups or self._kept:
            self._be_due()

    def _let_pass(self) -> None:
        """Rooms that are small do not wait until a large one is written."""
        left, passing = SLICE, {}
        for audience, numbers in self._kept.items():
            if len(audience) <= left:
                left -= len(audience)
                passing[audience] = numbers
        if not passing:
            return
        passing_to = {one for audience in passing for one in audience}
        waiting = [group.awaiting(passing_to) for group in self._groups]
        waiting += [iter(audience.among(passing_to)) for audience in self._kept if audience not in passing]
        for receiver in {one for those in waiting for one in those}:
            self.flush(receiver)  # it has something older to come
        for group in self._close(passing):
            group.write(len(group), self._send)

    def _close(self, kept: Mapping[Audience[Receiver], Sequence[int]]) -> list[_Group]:
        """What is kept for these rooms is so no longer.

        Who gets the same becomes a group: a room's members, or those who are in the same ones of several rooms.
        """
        several = set(self._given)
        if len(kept) > 1:
            seen: set[Receiver] = set()
            for audience in kept:
                several |= audience.among(seen)
                seen.update(audience)
        alike: defaultdict[tuple[int, ...], list[Receiver]] = defaultdict(list)
        for receiver, numbers in self._numbers_for(several, kept).items():
            alike[numbers].append(receiver)
        rosters = [(Roster(those), numbers, set[Receiver]()) for numbers, those in alike.items() if numbers]
        for audience, numbered in kept.items():
            given = set(audience.among(several))
            if 2 * len(given) <= len(audience):
                rosters.append((audience.roster, tuple(numbered), given))
            else:
                rosters.append((Roster(one for one in audience if one not in given), tuple(numbered), set()))
        groups = [_Group(roster, self._joined(numbers), given) for roster, numbers, given in rosters if len(roster)]
        for audience in list(kept):
            for number in self._kept.pop(audience):
                del self._packets[number]
        if not self._kept:
            self._given.clear()
        return groups
