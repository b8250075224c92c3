"""What one turn of the event loop sends to a socket leaves in one write.

An event for a room is kept until the turn ends; then all that came for the room is joined once and the same bytes are
written to each member. What is for one socket alone, an answer above all, is written at once, after whatever is kept
for that socket: nobody's answer waits for a broadcast, and the order of the calls is the order on each wire.
"""

from __future__ import annotations

import asyncio
from collections import deque
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
        self._kept: dict[Audience, list[tuple[int, Outgoing]]] = {}
        """Of this turn, numbered over all rooms."""
        self._number = 0
        self._given: dict[Receiver, int] = {}
        """Up to which number some of them have it already."""
        self._groups: deque[_Group] = deque()
        """Of earlier turns, being written."""
        self._is_due = False

    def broadcast(self, audience: Audience, out: Outgoing) -> None:
        """Send to all who are its members when the turn ends, or when `settle` is called."""
        self._number += 1
        self._kept.setdefault(audience, []).append((self._number, out))
        self._be_due()

    def write(self, receiver: Receiver, out: Outgoing) -> bool:
        """Send to one now, after all that is kept for it. False as `Receiver.put`."""
        if not self._kept and not self._groups:
            return receiver.put(out)
        before = self._take(receiver)
        return receiver.put(_joined([*before, out]) if before else out)

    def settle(self, audience: Audience) -> None:
        """What was sent to the audience is for those who are its members now: who comes later does not get it."""
        if audience in self._kept:
            self._close_turn()

    def _take(self, receiver: Receiver) -> list[Outgoing]:
        taken = []
        for group in self._groups:
            if receiver in group.unwritten:
                group.unwritten.remove(receiver)
                taken.append(group.out)
        taken += self._kept_for(receiver)
        if self._kept:
            self._given[receiver] = self._number
        return taken

    def _kept_for(self, receiver: Receiver) -> list[Outgoing]:
        given = self._given.get(receiver, 0)
        numbered = [
            pair
            for audience, kept in self._kept.items()
            if receiver in audience.members
            for pair in kept
            if pair[0] > given
        ]
        numbered.sort(key=_number)
        return [out for _, out in numbered]

    def _be_due(self) -> None:
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._go_on)

    def _go_on(self) -> None:
        self._is_due = False
        self._close_turn()
        left = SLICE
        while self._groups and left > 0:
            group = self._groups[0]
            left -= self._write(group, left)
            if not group.unwritten:
                self._groups.popleft()
        if self._groups:
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
        """Who gets the same becomes a group; who is in several of the rooms gets a group of their own."""
        kept = self._kept
        if not kept:
            return
        several = set(self._given)
        if len(kept) > 1:
            seen: set[Receiver] = set()
            for audience in kept:
                several |= seen & audience.members
                seen |= audience.members
        for receiver in several:
            if mine := self._kept_for(receiver):
                self._groups.append(_Group({receiver}, _joined(mine)))
        for audience, numbered in kept.items():
            others = set(audience.members)
            others -= several
            if others:
                self._groups.append(_Group(others, _joined([out for _, out in numbered])))
        self._kept = {}
        self._given.clear()


def _number(pair: tuple[int, Outgoing]) -> int:
    return pair[0]


def _joined(outs: Sequence[Outgoing]) -> Outgoing:
    return outs[0] if len(outs) == 1 else Outgoing.joined(outs)
