"""From the log and the bus to the members of this process: every event once, in order, whoever wrote it.

Each room with a member here has a position: the number of the last event that was handed to its members. The next
in line goes out; an older one is dropped; one too far ahead waits while the log is read for what is missing. A
periodic look at the log's heads finds what no later message would have revealed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from functools import partial
from typing import Protocol
from uuid import UUID

import structlog

from server.fanout import Audience, Fanout, Receiver
from server.telemetry import Telemetry
from server.transport import Outgoing
from store import events, watch
from store.bus import Bus, Signal
from store.db import Database
from store.errors import Refusal
from store.events import REPLAY_LIMIT, Reading, Recovered, Snapshot
from store.models import Event, Json, Room
from store.watch import Positions, Seen

log = structlog.get_logger()

DOUBT = 4.0
"""Seconds after hearing again in which other replicas may still be deaf: their longest pause and one more try."""


class Member(Receiver, Protocol):
    """A connection, as delivery sees it."""

    def end(self, reason: str) -> None:
        """Close the connection; the client comes back by itself."""
        ...


class LocalRoom:
    """A room with at least one member, or one about to join, on this process."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.seq: int | None = None
        """The last event delivered; None until the log was first asked."""
        self.epoch: UUID | None = None
        self.opened = asyncio.get_running_loop().create_future()
        self.members = Audience[Member]()
        self.joining: set[Member] = set()
        self.ahead: dict[Member, int] = {}
        """Whose state already holds events that are still to be delivered to the members, and up to which."""
        self.backlog: list[Event] = []
        """What was delivered since the first of those now joining came."""
        self.waiting: dict[int, Event] = {}
        """Events that overtook an earlier one."""
        self.repair: asyncio.Task[None] | None = None
        self.readings: dict[Hashable, SharedReading] = {}
        """The latest of those under way, by what was asked."""


class SharedReading:
    """A reading for all who come before it has begun. It begins when the one before it is over."""

    def __init__(self, reading: Reading, previous: SharedReading | None) -> None:
        self.reader = reading.reader
        self.begun = False
        self.task = asyncio.create_task(self._run(reading, previous), name="read a room")

    async def _run(self, reading: Reading, previous: SharedReading | None) -> Recovered | Snapshot:
        if previous is not None:
            await asyncio.wait([previous.task])
        self.begun = True
        return await reading.read()


class Delivery:
    """Takes the bus over: what it carries goes to the members who joined here."""

    def __init__(self, db: Database, bus: Bus, telemetry: Telemetry, fanout: Fanout, *, gap_grace: float) -> None:
        self._db = db
        self._bus = bus
        self._telemetry = telemetry
        self._gap_grace = gap_grace
        self._rooms: dict[Room, LocalRoom] = {}
        self._between_replicas: dict[str, Callable[[Room, Json], None]] = {}
        self.behind = asyncio.Event()
        """Set when the log should be looked at now: messages of other replicas may have been missed."""
        self._stood: tuple[dict[Room, tuple[LocalRoom, int]], Positions] | None = None
        """The rooms that were open and how far each was, until that changes."""
        self._in_doubt_until = 0.0
        self._resumed: list[Callable[[], None]] = [self.behind.set]
        self.fanout = fanout
        bus.listen(self._hear, self._resume)

    @property
    def hearing(self) -> bool:
        """False while other replicas' events are found in the log only."""
        return self._bus.hearing

    @property
    def in_doubt(self) -> bool:
        """True while events may only be found in the log: not hearing, or for a while after, since other replicas may
        come back from the same trouble later and until then tell nothing.
        """
        return not self._bus.hearing or asyncio.get_running_loop().time() < self._in_doubt_until

    def between_replicas(self, name: str, listener: Callable[[Room, Json], None]) -> None:
        """Name who is called with the signals of that name. They are the replicas' own and go to no client."""
        self._between_replicas[name] = listener

    def on_resumed(self, listener: Callable[[], None]) -> None:
        """Name who is called too when other replicas are heard again."""
        self._resumed.append(listener)

    def _resume(self) -> None:
        self._in_doubt_until = asyncio.get_running_loop().time() + DOUBT
        for listener in self._resumed:
            listener()

    # Joining: subscribe, then read, then catch up from what was delivered meanwhile.

    async def join(self, member: Member, room: Room, reading: Reading) -> Recovered | Snapshot:
        """Read the room's state for a member, which receives nothing of the room until `admit`.

        Whoever gets an answer calls `admit` with its `seq`, once the member has been told, or `leave`.

        Raises:
            Refusal: what the reading raises. The member is as it was before.
        """
        local = await self._open(room)
        self.fanout.flush(member)
        position = local.ahead.pop(member, None)
        was_member = position is not None or member in local.members
        local.members.discard(member)
        local.joining.add(member)
        before = local.seq or 0
        try:
            state = await self._read(local, reading)
        except BaseException:
            if member not in local.joining:
                pass  # it left meanwhile
            elif was_member:
                self._admit(local, member, before if position is None else max(before, position))
            else:
                self._leave(local, member)
            raise
        self._telemetry.joins.labels("recovered" if isinstance(state, Recovered) else "snapshot").inc()
        return state

    async def _read(self, local: LocalRoom, reading: Reading) -> Recovered | Snapshot:
        """What is read after the call, in one go for all who ask the same before it begins.

        What somebody is reading already is not shared: it may lack what the one who asks now has seen or written, and
        what was delivered since it began was kept for nobody.
        """
        latest = local.readings.get(reading.asks)
        if latest is not None and not latest.begun:
            state = await asyncio.shield(latest.task)
            if isinstance(state, Recovered) or latest.reader == reading.reader:
                return state
            return await reading.read()
        shared = local.readings[reading.asks] = SharedReading(reading, latest)
        shared.task.add_done_callback(partial(_forget, local.readings, reading.asks))
        return await asyncio.shield(shared.task)

    def admit(self, member: Member, room: Room, seq: int) -> None:
        """The member stands at `seq` and gets all that follows. Nothing happens if it left meanwhile."""
        local = self._rooms.get(room)
        if local is not None and member in local.joining:
            self._admit(local, member, seq)

    def _admit(self, local: LocalRoom, member: Member, seq: int) -> None:
        self.fanout.flush(member)
        local.joining.discard(member)
        for event in local.backlog:
            if event.seq > seq:
                self.fanout.write(member, _packet(event))
        if local.seq is not None and seq > local.seq:
            local.ahead[member] = seq
        else:
            local.members.add(member)
        if not local.joining:
            local.backlog.clear()

    async def _open(self, room: Room) -> LocalRoom:
        while True:
            local = self._rooms.get(room)
            if local is None:
                return await self._open_first(room)
            await asyncio.shield(local.opened)
            if self._rooms.get(room) is local:
                return local

    async def _open_first(self, room: Room) -> LocalRoom:
        local = self._rooms[room] = LocalRoom(room)
        self._telemetry.rooms.set(len(self._rooms))
        try:
            await self._bus.subscribe(room)
            local.epoch, head = await events.head(self._db, room)
        except BaseException as error:
            self._close(local)
            local.opened.set_exception(error if isinstance(error, Refusal) else Refusal("unavailable", "Try again."))
            local.opened.exception()  # retrieved, should nobody else be waiting
            raise
        local.seq, self._stood = head or 0, None
        local.opened.set_result(None)
        self._advance(local)
        return local

    def leave(self, member: Member, room: Room) -> None:
        local = self._rooms.get(room)
        if local is not None and (member in local.members or member in local.joining or member in local.ahead):
            self._leave(local, member)

    def _leave(self, local: LocalRoom, member: Member) -> None:
        local.members.discard(member)
        local.joining.discard(member)
        local.ahead.pop(member, None)
        if not local.joining:
            local.backlog.clear()
            if not (local.members or local.ahead) and local.opened.done():
                self._close(local)

    def _close(self, local: LocalRoom) -> None:
        if self._rooms.get(local.room) is local:
            del self._rooms[local.room]
            self._stood = None
            self._telemetry.rooms.set(len(self._rooms))
            self._bus.unsubscribe(local.room)
        if local.repair is not None:
            local.repair.cancel()

    def members(self, room: Room) -> set[Member]:
        local = self._rooms.get(room)
        return set() if local is None else self._all(local)

    @staticmethod
    def _all(local: LocalRoom) -> set[Member]:
        return local.joining.union(local.members, local.ahead)

    # Delivering

    def _hear(self, message: Event | Signal) -> None:
        if isinstance(message, Signal) and message.name in self._between_replicas:
            try:
                self._between_replicas[message.name](message.room, message.body)
            except Exception:  # another release may say it otherwise; the bus goes on
                log.exception("message of a replica failed", name=message.name)
            return
        local = self._rooms.get(message.room)
        if local is None:
            return
        if isinstance(message, Signal):
            out = Outgoing(f'2["{message.name}",{message.body}]')
            self.fanout.broadcast(local.members, out)
            for member in local.ahead:
                self.fanout.write(member, out)
        elif (local.seq is None or message.seq > local.seq) and len(local.waiting) < REPLAY_LIMIT:
            local.waiting[message.seq] = message
            self._advance(local)

    def _advance(self, local: LocalRoom) -> None:
        if local.seq is None:
            return
        while event := local.waiting.pop(local.seq + 1, None):
            self._fan_out(local, event)
            local.seq, self._stood = event.seq, None
        for seq in [seq for seq in local.waiting if seq <= local.seq]:
            del local.waiting[seq]
        if local.waiting:
            self._repair(local, max(local.waiting))

    def _fan_out(self, local: LocalRoom, event: Event) -> None:
        self._catch_up(local, event.seq - 1)
        self.fanout.broadcast(local.members, _packet(event))
        self._catch_up(local, event.seq)
        if local.joining:
            local.backlog.append(event)
        self._telemetry.delivered(event, len(local.members))

    def _catch_up(self, local: LocalRoom, seq: int) -> None:
        """Those who were ahead up to there get all that follows, as the others do."""
        for member in [member for member, at in local.ahead.items() if at <= seq]:
            del local.ahead[member]
            self.fanout.flush(member)
            local.members.add(member)

    async def check_heads(self) -> Seen:
        """Repair every local room of which the log holds more than was delivered. One query, which tells more.

        Where it holds less, or is in another life, it was restored to an earlier state: members are sent to join anew.
        """
        self.behind.clear()
        if self._stood is None:
            opened = {room: (local, local.seq) for room, local in self._rooms.items() if local.seq is not None}
            self._stood = opened, Positions({room: seq for room, (_, seq) in opened.items()})
        opened, positions = self._stood
        seen = await watch.look(self._db, positions)
        restored = {local for local, _ in opened.values() if local.epoch != seen.epoch}
        for room, head in seen.moved.items():
            local, seq = opened[room]
            if head < seq:
                restored.add(local)
            elif local not in restored:
                self._repair(local, head)
        for local in restored:
            self._abandon(local)
        return seen

    def _abandon(self, local: LocalRoom) -> None:
        """The log was restored to an earlier state: what was delivered is not in it any more. Members reload."""
        self._close(local)
        for member in self._all(local):
            member.end("log restored")

    def _repair(self, local: LocalRoom, target: int) -> None:
        behind = local.seq is not None and local.seq < target and self._rooms.get(local.room) is local
        if behind and (local.repair is None or local.repair.done()):
            local.repair = asyncio.create_task(self._read_missing(local, target), name=f"repair {local.room.name}")

    async def _read_missing(self, local: LocalRoom, target: int) -> None:
        await asyncio.sleep(self._gap_grace)
        while local.seq is not None and local.seq < (target := max(target, *local.waiting, 0)):
            try:
                page = await events.after(self._db, local.room, local.seq)
            except Exception as error:  # noqa: BLE001  # the next look at the heads tries again
                log.warning("repair failed", room=local.room.name, error=repr(error))
                return
            self._telemetry.repairs.inc()
            if not page:
                local.waiting.clear()  # told, but not in the log: it never happened
                return
            # Where the log was trimmed, members see the gap and join again.
            local.seq, self._stood = max(local.seq, page[0].seq - 1), None
            local.waiting.update((event.seq, event) for event in page)
            self._advance(local)

    async def signal(self, room: Room, name: str, body: Json) -> None:
        """Tell the room's members something ephemeral, on every replica."""
        await self._bus.publish([Signal(room, name, body)])


def _forget(readings: dict[Hashable, SharedReading], asks: Hashable, task: asyncio.Task[Recovered | Snapshot]) -> None:
    if asks in readings and readings[asks].task is task:
        del readings[asks]
    if not task.cancelled():
        task.exception()  # retrieved, should everyone who asked have gone


def _packet(event: Event) -> Outgoing:
    return Outgoing(f'2["{event.type}",{event.body}]')
