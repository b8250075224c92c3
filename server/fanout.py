"""What one turn of the event loop sends to a socket leaves in one write.

An event for a room is kept until the turn ends, or until what came before it is written; then all that is kept for
the room is joined once and the same bytes are written to each member. What is for one socket alone, an answer above
all, is written at once, after whatever is kept for that socket: nobody's answer waits for a broadcast, and the order
of the calls is the order on each wire.
"""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, Protocol

from server.transport import Outgoing

SLICE: Final = 512
"""Sockets written to before other work is let in."""


class Wire(Protocol):
    """`server.transport.Socket`, as it is written to."""

    @property
    def fd(self) -> int:
        """As there."""
        ...

    def write(self, out: Outgoing) -> bool: ...

    def write_rest(self, out: Outgoing, written: int) -> None: ...


class Receiver(Protocol):
    """A connection."""

    @property
    def socket(self) -> Wire: ...


class Members(Collection[Receiver], Protocol):
    """A dictionary's keys are."""

    def keys(self) -> AbstractSet[Receiver]: ...


class Audience(Protocol):
    """A room."""

    @property
    def members(self) -> Members:
        """Those of now, in the order in which they came: their sockets lie in memory like that, and it shows."""
        ...


class _Group:
    """Sockets that get the same."""

    __slots__ = ("out", "unwritten")

    def __init__(self, unwritten: dict[Receiver, None], out: Outgoing) -> None:
        self.unwritten = unwritten
        self.out = out


class Fanout:
    """Guarantees: each receiver is given every packet once, in the order in which they were handed over here."""

    def __init__(self) -> None:
        self._kept: dict[Audience, list[int]] = {}
        """The numbers of what each room was sent, in this turn or while earlier ones are being written."""
        self._packets: dict[int, Outgoing] = {}
        """Those, by their numbers, which rise over all rooms."""
        self._number = 0
        self._given: dict[Receiver, int] = {}
        """Up to which number some of them have it already."""
        self._groups: deque[_Group] = deque()
        """Of earlier turns, being written."""
        self._is_due = False

    def __len__(self) -> int:
        """How many sockets what was kept in earlier turns is still to be written to."""
        return sum(len(group.unwritten) for group in self._groups)

    def broadcast(self, audience: Audience, out: Outgoing) -> None:
        """Send to all who are its members when the turn ends."""
        self._number += 1
        self._packets[self._number] = out
        self._kept.setdefault(audience, []).append(self._number)
        self._be_due()

    def write(self, receiver: Receiver, out: Outgoing) -> bool:
        """Send to one now, after all that is kept for it. False as `Socket.write`."""
        if not self._kept and not self._groups:
            return receiver.socket.write(out)
        before = self._take(receiver)
        return receiver.socket.write(Outgoing.joined([*before, out]) if before else out)

    def flush(self, receiver: Receiver) -> None:
        """Write now what is kept for one. Of a room that it enters next it then gets only what comes from then on."""
        if before := self._take(receiver):
            receiver.socket.write(Outgoing.joined(before))

    def _take(self, receiver: Receiver) -> list[Outgoing]:
        taken = []
        for group in self._groups:
            if receiver in group.unwritten:
                del group.unwritten[receiver]
                taken.append(group.out)
        if self._kept:
            numbers = self._numbers_for({receiver}, self._kept).get(receiver, ())
            taken += [self._packets[number] for number in numbers]
            self._given[receiver] = self._number
        return taken

    def _numbers_for(
        self, receivers: set[Receiver], kept: Mapping[Audience, Sequence[int]]
    ) -> dict[Receiver, tuple[int, ...]]:
        """Of what is kept for these rooms, in order, what each does not have yet; nothing for who is in none."""
        found: defaultdict[Receiver, list[int]] = defaultdict(list)
        for audience, numbers in kept.items():
            for receiver in audience.members.keys() & receivers:
                given = self._given.get(receiver, 0)
                found[receiver] += [number for number in numbers if number > given]
        return {receiver: tuple(sorted(numbers)) for receiver, numbers in found.items()}

    def _joined(self, numbers: Sequence[int]) -> Outgoing:
        outs = [self._packets[number] for number in numbers]
        return outs[0] if len(outs) == 1 else Outgoing.joined(outs)

    def _be_due(self) -> None:
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._go_on)

    def _go_on(self) -> None:
        self._is_due = False
        if self._groups:  # what comes for a room that is being written is joined
            self._let_pass()
        else:
            self._groups.extend(self._close(self._kept))
        left = SLICE
        while self._groups and left > 0:
            group = self._groups[0]
            left -= self._write(group, left)
            if not group.unwritten:
                self._groups.popleft()
        if self._groups or self._kept:
            self._be_due()

    def _let_pass(self) -> None:
        """Rooms that are small do not wait until a large one is written."""
        left, passing = SLICE, {}
        for audience, numbers in self._kept.items():
            if len(audience.members) <= left:
                left -= len(audience.members)
                passing[audience] = numbers
        if not passing:
            return
        passing_to = {one for audience in passing for one in audience.members}
        waiting: list[Members] = [group.unwritten for group in self._groups]
        waiting += [audience.members for audience in self._kept if audience not in passing]
        for receiver in {one for those in waiting for one in those.keys() & passing_to}:
            self.flush(receiver)  # it has something older to come
        for group in self._close(passing):
            _write_to(group.unwritten, group.out)

    def _write(self, group: _Group, most: int) -> int:
        unwritten = group.unwritten
        if len(unwritten) <= most:
            group.unwritten = {}
            _write_to(unwritten, group.out)
            return len(unwritten)
        _write_to([unwritten.popitem()[0] for _ in range(most)], group.out)
        return most

    def _close(self, kept: Mapping[Audience, Sequence[int]]) -> list[_Group]:
        """What is kept for these rooms is so no longer.

        Who gets the same becomes a group: a room's members, or those who are in the same ones of several rooms.
        """
        several = set(self._given)
        if len(kept) > 1:
            seen: set[Receiver] = set()
            for audience in kept:
                several.update(seen.intersection(audience.members))
                seen.update(audience.members)
        alike: defaultdict[tuple[int, ...], dict[Receiver, None]] = defaultdict(dict)
        for receiver, numbers in self._numbers_for(several, kept).items():
            alike[numbers][receiver] = None
        for audience, numbered in kept.items():
            others = [one for one in audience.members if one not in several] if several else audience.members
            alike[tuple(numbered)].update(dict.fromkeys(others))
        groups = [_Group(those, self._joined(numbers)) for numbers, those in alike.items() if numbers and those]
        for audience in list(kept):
            for number in self._kept.pop(audience):
                del self._packets[number]
        if not self._kept:
            self._given.clear()
        return groups


def _write_to(receivers: Iterable[Receiver], out: Outgoing) -> None:
    """`Socket.write` to each of them, without a call for those that have nothing waiting: it is the hottest loop."""
    write, frames = os.write, out.frames
    size = len(frames)
    for receiver in receivers:
        socket = receiver.socket
        fd = socket.fd
        if fd < 0:
            socket.write(out)
            continue
        try:
            written = write(fd, frames)
        except OSError:
            written = 0
        if written != size:
            socket.write_rest(out, written)
