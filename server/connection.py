"""One socket, and who is on it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from handlers.wire import dumps
from server.auth import Doorkeeper, Token
from server.config import Settings
from server.delivery import Delivery
from server.limits import TokenBucket
from server.presence import Presence
from server.roll import Roll
from server.transport import Outgoing, Socket
from server.wheel import Wheel
from store.accounts import Rights
from store.errors import Refusal
from store.events import Reading, Recovered, Snapshot
from store.models import Attention, Json, Present, Principal, Room


class Connection:
    """One socket, and once its CONNECT succeeded who is on it. The `Seat` of its commands."""

    __slots__ = (
        "_delivery",
        "_doorkeeper",
        "_presence",
        "_roll",
        "_settings",
        "_wheel",
        "bucket",
        "busy",
        "closed",
        "leaving",
        "looking_at",
        "rooms",
        "slot",
        "socket",
        "state",
        "token",
    )

    def __init__(
        self,
        socket: Socket,
        settings: Settings,
        delivery: Delivery,
        presence: Presence,
        doorkeeper: Doorkeeper,
        roll: Roll,
        wheel: Wheel,
    ) -> None:
        self.socket = socket
        self._settings = settings
        self._delivery = delivery
        self._doorkeeper = doorkeeper
        self._presence = presence
        self.state: Attention = "viewing"
        self.looking_at: UUID | None = None
        self.token: Token | None = None
        self.bucket = TokenBucket(settings.commands_per_second)
        self.rooms: dict[Room, int | None] = {}
        """The rooms joined, each with the number to be admitted at as soon as the join is acked."""
        self.busy = asyncio.Lock()
        """Held while one of its packets is dealt with."""
        self.closed = False
        self.leaving = False
        """Told to go: what still arrives is not read."""
        self._roll = roll
        self._wheel = wheel
        self.slot = 0
        wheel.arm(self, settings.connect_timeout)

    @property
    def who(self) -> Principal:
        if self.token is None:
            raise LookupError("not connected")
        return self.token.who

    def write(self, out: Outgoing) -> None:
        """Send to this client alone, after what was sent to its rooms before."""
        self._delivery.fanout.write(self, out)

    def emit(self, name: str, data: dict[str, object]) -> None:
        """Send a signal to this client alone."""
        self.write(Outgoing(f'2["{name}",{dumps(data)}]'))

    def accept(self, token: Token) -> None:
        """The token is good: who this is, and when it ends."""
        self.token = token
        left = (token.expires_at - datetime.now(UTC)).total_seconds() + self._settings.token_grace
        self._wheel.arm_about(self, min(max(left, 0), 30 * 86_400))

    def comply(self, rights: Rights) -> None:
        """Hold to what the user may now: in another role, or no longer at all."""
        if self.token is None:
            return
        issued_at = self.token.issued_at
        if rights.disabled or (rights.revoked_at and (issued_at is None or issued_at <= rights.revoked_at)):
            reason = "access_removed" if rights.disabled else "token_revoked"
            for room in list(self.rooms):
                self.evict(room, reason)
            self.dismiss(reason)
        elif rights.role != self.who.role:
            self.token = replace(self.token, who=replace(self.who, role=rights.role))
            self._roll.changed(self)

    def due(self) -> None:
        """The time for a CONNECT is up, or that of the token, unless it was a look ahead."""
        if self.token is None:
            self.end("no connect")
        elif (self.token.expires_at - datetime.now(UTC)).total_seconds() + self._settings.token_grace > 0:
            self.accept(self.token)
        else:
            self.emit("auth:expired", {})
            self.dismiss("token expired")

    def dismiss(self, reason: str) -> None:
        """End the connection for good: a client is not to come back by itself."""
        self.write(Outgoing("1"))
        self.end(reason)

    def end(self, reason: str | None = None) -> None:
        """Close the transport once what was written is out; nothing more is read. Without a reason the client asked."""
        self.leaving = True
        self.socket.end(reason)

    def gone(self) -> None:
        self.closed = True
        self._wheel.disarm(self)
        for room in list(self.rooms):
            self._leave(room)

    def admit(self) -> None:
        """Let the rooms joined since the last ack deliver."""
        for room, seq in self.rooms.items():
            if seq is not None:
                self.rooms[room] = None
                self._delivery.admit(self, room, seq)
                self._presence.admit(self, room)

    def evict(self, room: Room, reason: str) -> None:
        """Take the right to the room away."""
        if room in self.rooms:
            self._leave(room)
            self.emit("room:evicted", {"room": room.name, "reason": reason})

    # The Seat of this connection's commands

    async def join(self, room: Room, reading: Reading) -> Recovered | Snapshot:
        limit = self._settings.rooms_per_connection
        if room not in self.rooms and len(self.rooms) >= limit:
            raise Refusal("too_large", f"One connection may be in {limit} rooms.", details={"limit": limit})
        state = await self._delivery.join(self, room, reading)
        if self.closed:
            self._delivery.leave(self, room)
        else:
            self.rooms[room] = state.seq
            self._presence.enter(self, room)
        return state

    async def leave(self, room: Room) -> None:
        if room in self.rooms:
            self._leave(room)

    def _leave(self, room: Room) -> None:
        del self.rooms[room]
        self._delivery.leave(self, room)
        self._presence.leave(self, room)

    def has_joined(self, room: Room) -> bool:
        return room in self.rooms

    def members(self, room: Room) -> list[Present]:
        return self._presence.members(room)[1]

    def attend(self, state: Attention, handoff_id: UUID | None) -> None:
        self.state, self.looking_at = state, handoff_id
        self._presence.changed(self.rooms)

    async def signal(self, room: Room, name: str, data: dict[str, object]) -> None:
        await self._delivery.signal(room, name, Json(dumps(data)))

    async def renew(self, token: str) -> datetime:
        renewed = await self._doorkeeper.admit(token)
        if (renewed.who.account_id, renewed.who.user_id) != (self.who.account_id, self.who.user_id):
            raise Refusal("unauthorized", "The token is another user's.")
        if not self.closed:
            self.accept(renewed)
            self._roll.changed(self)
        return renewed.expires_at
