"""Who is in a room, over all replicas, for people to see. It is in no predicate (P3) and in no storage.

Each replica says to the others, in every room with a member of its own, who its members there are: when that changes,
when one of them asks, and now and then again, so that what was lost heals. A replica's word holds until its next
one, until it says that it stops, or until nothing was heard of it for a while during which others were heard.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import islice
from time import monotonic
from typing import Protocol
from uuid import UUID, uuid4

import structlog
from pydantic import ValidationError

from handlers.wire import dumps
from server.fanout import Audience, Receiver
from server.presence_signals import ALIVE, HERE, Alive, Here
from server.transport import Outgoing
from store.bus import REPLICAS, Signal
from store.models import Attention, Json, Present, Principal, Room

log = structlog.get_logger()


class Guest(Receiver, Protocol):
    """A connection, as presence sees it."""

    @property
    def who(self) -> Principal: ...
    @property
    def state(self) -> Attention: ...
    @property
    def looking_at(self) -> UUID | None: ...

    def write(self, out: Outgoing) -> object: ...


@dataclass(frozen=True, slots=True)
class Rhythm:
    """All times in seconds. A change is told within two ticks, and two pauses in a crowded room: less than 2 s (P1)."""

    tick: float = 0.2
    pause: float = 0.7
    """The longest pause between two signals to one room, and what a crowd of `crowd` makes of it."""
    crowd: int = 1000
    beat: float = 2.0
    silence: float = 20.0
    """How long a replica is unheard until its members are gone."""
    refresh: float = 30.0
    """About how often each room's members are said again."""
    hold: float = 75.0
    """How long a replica's word about a room holds when it isn't repeated."""
    stalled: float = 5.0
    """A process that has not had its turn for so long may have missed what was said meanwhile."""
    listed: int = 200
    """How many members a signal names."""
    rooms: int = 500
    """How many rooms are dealt with in one tick."""


@dataclass(slots=True)
class _Word:
    """What a replica said last about a room. An empty list stays for a while, so that no older one takes its place."""

    said: Here
    expires: float


@dataclass(slots=True, eq=False)
class _Room:
    refresh_at: float
    guests: set[Guest] = field(default_factory=set)
    members: Audience[Guest] = field(default_factory=Audience)
    """Guests whose join was acked."""
    fresh: set[Guest] = field(default_factory=set)
    """Those of them who have not been told yet."""
    others: dict[str, _Word] = field(default_factory=dict)
    told: str = ""
    shown: tuple[int, list[Present], bool] = (0, [], False)
    """What all were told last."""
    said: tuple[int, list[Present]] = (0, [])
    owes: bool = True
    """Its members are to be said to the others, changed or not."""
    asks: bool = True
    """And the others asked for theirs."""
    not_before: float = 0.0
    crowd: tuple[int, list[Present]] | None = None
    """Its members as of a moment ago, while they are more than are listed."""
    crowd_until: float = 0.0


class Presence:
    """The members of this process's rooms, and what other replicas said of theirs.

    Guarantees, for as long as `tick` is called `Rhythm.tick` seconds after `stirred` was set, and every `Rhythm.beat`
    seconds: members of a room are told who is in it
    after their join was acked and whenever it changed. Work for a change does not grow with the square of the members.
    While the bus is not `hearing`, nobody on another replica is reported as gone, and what is told says `stale`.
    """

    def __init__(
        self,
        publish: Callable[[Sequence[Signal]], Awaitable[None]],
        hearing: Callable[[], bool],
        broadcast: Callable[[Audience[Guest], Outgoing], None],
        *,
        clock: Callable[[], float] = monotonic,
        rhythm: Rhythm = Rhythm(),
    ) -> None:
        self.rhythm = rhythm
        self.stirred = asyncio.Event()
        """Set while something is due that `tick` tells: without it there is only the beat."""
        self._publish = publish
        self._broadcast = broadcast
        self._hearing = hearing
        self._clock = clock
        self._origin = uuid4().hex
        self._number = 0
        self._rooms: dict[Room, _Room] = {}
        self._due: dict[Room, None] = {}
        """Rooms where something has to be told or said, the oldest first."""
        self._left: dict[Room, None] = {}
        """Rooms whose last member here has gone, which the others have not heard."""
        self._peers: dict[str, float] = {}
        """When each other replica was heard last."""
        self._stopped: dict[str, float] = {}
        self._heard_before = True
        self._ticked = clock()
        self._next_beat = self._ticked
        self._over = False

    # What happens here

    def enter(self, guest: Guest, room: Room) -> None:
        """The guest is a member from now on; it is told nothing before `admit`."""
        here = self._rooms.get(room)
        if here is None:
            here = self._rooms[room] = _Room(self._refresh_at())
        here.guests.add(guest)
        self._owe(room)

    def admit(self, guest: Guest, room: Room) -> None:
        here = self._rooms.get(room)
        if here is not None and guest in here.guests:
            here.members.add(guest)
            here.fresh.add(guest)
            self._owe(room)

    def leave(self, guest: Guest, room: Room) -> None:
        here = self._rooms.get(room)
        if here is None or guest not in here.guests:
            return
        here.guests.discard(guest)
        here.fresh.discard(guest)
        here.members.discard(guest)
        if here.guests:
            self._owe(room)
            return
        del self._rooms[room]
        if here.said[0]:
            self._left[room] = None
            self.stirred.set()

    def changed(self, rooms: Iterable[Room]) -> None:
        """A member of these shows itself otherwise."""
        for room in rooms:
            if room in self._rooms:
                self._owe(room)

    def _owe(self, room: Room) -> None:
        self._due[room] = None
        self.stirred.set()

    def members(self, room: Room) -> tuple[int, list[Present]]:
        """How many there are, and the first of them by name. Of a crowd it may be what was so a tick ago.

        The number is exact up to as many as are listed; above, one person on two replicas may count twice.
        """
        here = self._rooms.get(room)
        if here is None:
            return 0, []
        now = self._clock()
        if here.crowd is None or now >= here.crowd_until:
            own = self._own(room, here)
            found = self._with_others(here, own, self._first(own))
            here.crowd, here.crowd_until = found, now + self.rhythm.tick
        else:
            found = here.crowd
        if found[0] <= self.rhythm.listed:
            here.crowd = None
        return found

    def _own(self, room: Room, here: _Room) -> dict[UUID, Present]:
        queue = room == Room.of_escalations(room.account_id)
        everyone: dict[UUID, Present] = {}
        for guest in here.guests:
            who = guest.who
            shown = Present(who.user_id, who.name, guest.state, guest.looking_at if queue else None)
            known = everyone.setdefault(who.user_id, shown)
            if known is not shown and _weight(shown) > _weight(known):
                everyone[who.user_id] = shown
        return everyone

    def _with_others(self, here: _Room, own: dict[UUID, Present], first: list[Present]) -> tuple[int, list[Present]]:
        if not here.others:
            return len(own), first
        everyone, beyond = dict(own), 0
        for word in here.others.values():
            _merge(everyone, word.said.members)
            beyond += max(0, word.said.count - len(word.said.members))
        return len(everyone) + beyond, self._first(everyone)

    def _first(self, everyone: dict[UUID, Present]) -> list[Present]:
        return nsmallest(self.rhythm.listed, everyone.values(), key=_by_name)

    # What other replicas say

    def hear(self, room: Room, body: Json) -> None:
        """A replica's `HERE` in a room, or `ALIVE` in `REPLICAS`. What cannot be read is passed over."""
        try:
            if room == REPLICAS:
                self._hear_alive(Alive.model_validate_json(body))
            else:
                self._hear_here(room, Here.model_validate_json(body))
        except ValidationError:
            log.warning("presence unread", room=room.name)

    def _hear_alive(self, alive: Alive) -> None:
        if alive.stops and alive.origin != self._origin:
            self._stopped[alive.origin] = self._clock()
            self._forget(alive.origin)
        else:
            self._lives(alive.origin)

    def _hear_here(self, room: Room, said: Here) -> None:
        here = self._rooms.get(room)
        if not self._lives(said.origin) or here is None:
            return
        if said.asks:
            here.owes = True
            self._owe(room)
        known = here.others.get(said.origin)
        if known is not None and known.said.number >= said.number:
            return
        here.others[said.origin] = _Word(said, self._clock() + self.rhythm.hold)
        self._owe(room)

    def _lives(self, origin: str) -> bool:
        """Whether it is another replica that has not stopped."""
        if origin == self._origin or origin in self._stopped:
            return False
        self._peers[origin] = self._clock()
        return True

    def _forget(self, origin: str) -> None:
        self._peers.pop(origin, None)
        for room, here in self._rooms.items():
            if here.others.pop(origin, None) is not None:
                self._owe(room)

    def resumed(self) -> None:
        """Others' messages may have been missed: ask them, say everything again, and give them time to be heard."""
        now = self._clock()
        self._peers = dict.fromkeys(self._peers, now)
        for room, here in self._rooms.items():
            here.owes = here.asks = True
            for word in here.others.values():
                word.expires = now + self.rhythm.silence
            self._owe(room)

    # Time

    async def tick(self) -> None:
        """Tell and say what is due."""
        self.stirred.clear()
        if self._over:
            return
        now, hearing = self._clock(), self._hearing()
        if now - self._ticked > self.rhythm.stalled:
            self.resumed()
        self._ticked = now
        if hearing != self._heard_before:
            self._heard_before = hearing
            self.changed(list(self._rooms))
        messages: list[Signal] = []
        if now >= self._next_beat - 2 * self.rhythm.tick:  # a tick comes up to one later than the beat
            self._next_beat = now + self.rhythm.beat
            messages.append(self._alive(stops=False))
            self._sweep(now, hearing=hearing)
        left = list(islice(self._left, self.rhythm.rooms))
        for room in left:
            del self._left[room]
        left = [room for room in left if room not in self._rooms]
        messages += [self._say(room, asks=False, count=0, members=[]) for room in left]
        for room in list(islice(self._due, self.rhythm.rooms)):
            messages += self._deal_with(room, now, stale=not hearing)
        if self._due or self._left:
            self.stirred.set()
        await self._publish(messages)

    async def stop(self) -> None:
        """Tell the others that all who are still here are gone."""
        self._over = True
        await self._publish([self._alive(stops=True)])

    def _deal_with(self, room: Room, now: float, *, stale: bool) -> list[Signal]:
        here = self._rooms.get(room)
        if here is not None and now < here.not_before:
            if here.told:
                _tell(here.fresh, here.told)
                here.fresh.clear()
            return []
        del self._due[room]
        if here is None:
            return []
        own = self._own(room, here)
        first = self._first(own)
        count, members = self._with_others(here, own, first)
        here.not_before = now + min(1.0, count / self.rhythm.crowd) * self.rhythm.pause
        told = dumps({"room": room.name, "members": members, "count": count, "stale": stale})
        if told == here.told or self._is_no_news(here.shown, (count, members, stale)):
            _tell(here.fresh, told)
        else:
            self._broadcast(here.members, _packet(told))
            here.shown = count, members, stale
        here.fresh.clear()
        here.told = told
        said = len(own), first
        if said == here.said and not here.owes:
            return []
        message = self._say(room, asks=here.asks, count=said[0], members=said[1])
        here.said, here.owes, here.asks = said, False, False
        return [message]

    def _is_no_news(self, before: tuple[int, list[Present], bool], now: tuple[int, list[Present], bool]) -> bool:
        """Of a crowd who is named alike it is none that it grew or shrank by less than a twentieth."""
        return now[0] > self.rhythm.listed and before[1:] == now[1:] and abs(now[0] - before[0]) * 20 < now[0]

    def _say(self, room: Room, *, asks: bool, count: int, members: list[Present]) -> Signal:
        self._number += 1
        body = {"origin": self._origin, "number": self._number, "asks": asks, "count": count, "members": members}
        return Signal(room, HERE, Json(dumps(body)))

    def _alive(self, *, stops: bool) -> Signal:
        return Signal(REPLICAS, ALIVE, Json(dumps({"origin": self._origin, "stops": stops})))

    def _sweep(self, now: float, *, hearing: bool) -> None:
        """Say again what is old, and drop what others have not repeated. One who hears nobody drops nothing."""
        for room, here in self._rooms.items():
            if now >= here.refresh_at:
                here.refresh_at = self._refresh_at()
                here.owes = True
                self._owe(room)
        if not hearing:
            return
        for origin in [origin for origin, heard in self._peers.items() if now - heard > self.rhythm.silence]:
            self._forget(origin)
        self._stopped = {origin: at for origin, at in self._stopped.items() if now - at <= self.rhythm.hold}
        for room, here in self._rooms.items():
            for origin in [origin for origin, word in here.others.items() if now > word.expires]:
                del here.others[origin]
                self._owe(room)

    def _refresh_at(self) -> float:
        return self._clock() + self.rhythm.refresh * random.uniform(0.8, 1.2)  # noqa: S311  # spread, not a secret


def _merge(everyone: dict[UUID, Present], more: Iterable[Present]) -> None:
    """One entry for each person, the same on every replica: viewing wins over away, a handoff over none."""
    for one in more:
        known = everyone.get(one.id)
        if known is None or _weight(one) > _weight(known):
            everyone[one.id] = one


def _by_name(one: Present) -> tuple[str, int]:
    return one.name, one.id.int  # numbers are in the order of their texts


def _weight(one: Present) -> tuple[bool, str, str]:
    return one.state == "viewing", str(one.handoff_id or ""), one.name


def _tell(guests: Iterable[Guest], body: str) -> None:
    out = _packet(body)
    for guest in guests:
        guest.write(out)


def _packet(body: str) -> Outgoing:
    return Outgoing(f'2["presence",{body}]')
