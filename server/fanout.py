"""What one turn of the event loop sends to a socket leaves in one write.

An event for a room is kept until the turn ends, or until what came before it is written; then all that is kept for
the room is joined once and the same bytes are written to each member. What is for one socket alone, an answer above
all, is written at once, after whatever is kept for that socket: nobody's answer waits for a broadcast, and the order
of the calls is the order on each wire.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final, Protocol

from server.transport import Outgoing

SLICE: Final = 512
"""Sockets written to before other work is let in."""


class Receiver(Protocol):
    """A connection, as it is written to."""

    def put(self, out: Outgoing) -> bool:
        """Write now. False if the connection has ended, or was cut because its client does not read."""
        ...


class Audience(Protocol):
    """A room."""

    @property
    def members(self) -> AbstractSet[Receiver]:
        """Those of now."""
        ...


class _Group:
    """Sockets that get the same."""

    __slots__ = ("out", "unwritten")

    def __init__(self, unwritten: set[Receiver], out: Outgoing) -> None:
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
        """Send to one now, after all that is kept for it. False as `Receiver.put`."""
        if not self._kept and not self._groups:
            return receiver.put(out)
        before = self._take(receiver)
        return receiver.put(Outgoing.joined([*before, out]) if before else out)

    def flush(self, receiver: Receiver) -> None:
        """Write now what is kept for one. Of a room that it enters next it then gets only what comes from then on."""
        if before := self._take(receiver):
            receiver.put(Outgoing.joined(before))

    def _take(self, receiver: Receiver) -> list[Outgoing]:
        taken = []
        for group in self._groups:
            if receiver in group.unwritten:
                group.unwritten.remove(receiver)
                taken.append(group.out)
        if self._kept:
            taken += [self._packets[number] for number in self._numbers_for(receiver)]
            self._given[receiver] = self._number
        return taken

    def _numbers_for(self, receiver: Receiver) -> tuple[int, ...]:
        """Of what is kept, in order, what it does not have yet."""
        given = self._given.get(receiver, 0)
        rooms = [numbers for audience, numbers in self._kept.items() if receiver in audience.members]
        return tuple(sorted(number for numbers in rooms for number in numbers if number > given))

    def _joined(self, numbers: Sequence[int]) -> Outgoing:
        outs = [self._packets[number] for number in numbers]
        return outs[0] if len(outs) == 1 else Outgoing.joined(outs)

    def _be_due(self) -> None:
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._go_on)

    def _go_on(self) -> None:
        self._is_due = False
        if not self._groups:
            self._close_turn()  # while a room is being written, what comes for it is joined
        left = SLICE
        while self._groups and left > 0:
            group = self._groups[0]
            left -= self._write(group, left)
            if not group.unwritten:
                self._groups.popleft()
        if self._groups or self._kept:
            self._be_due()

    def _write(self, group: _Group, most: int) -> int:
        out, unwritten = group.out, group.unwritten
        if len(unwritten) <= most:
            group.unwritten = set()
            for receiver in unwritten:
                receiver.put(out)
            return len(unwritten)
        for _ in range(most):
            unwritten.pop().put(out)
        return most

    def _close_turn(self) -> None:
        """Who gets the same becomes a group: a room's members, or those who are in the same ones of several rooms."""
        kept = self._kept
        if not kept:
            return
        several = set(self._given)
        if len(kept) > 1:
            seen: set[Receiver] = set()
            for audience in kept:
                several |= seen & audience.members
                seen |= audience.members
        alike: defaultdict[tuple[int, ...], set[Receiver]] = defaultdict(set)
        for receiver in several:
            alike[self._numbers_for(receiver)].add(receiver)
        for audience, numbered in kept.items():
            others = set(audience.members)
            others -= several
            alike[tuple(numbered)] |= others
        for numbers, receivers in alike.items():
            if numbers and receivers:
                self._groups.append(_Group(receivers, self._joined(numbers)))
        self._kept = {}
        self._packets.clear()
        self._given.clear()
