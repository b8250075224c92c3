"""Two ways to send commands and follow rooms: straight into the process, and over sockets."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from handlers.command import Caller
from handlers.dispatch import Dispatch
from loadtest.client import Client, Refused, RoomView
from loadtest.fold import KEEP, Event, Joined
from server.app import running
from server.config import Settings
from server.delivery import Delivery
from server.fanout import Fanout
from server.telemetry import Telemetry
from server.transport import Outgoing
from store import accounts
from store.bus import MemoryBus
from store.db import Database
from store.errors import Refusal
from store.events import Reading, Recovered, Snapshot
from store.models import Attention, Present, Principal, Room
from tests.conftest import SECRET
from tests.rules.wires import Unwired


class House(Protocol):
    """Where people work. Whoever follows a room has seen all of it once `caught_up` returned."""

    async def enter(self, who: Principal) -> None: ...

    async def send(self, who: Principal, name: str, payload: dict[str, Any]) -> dict[str, Any]:
        """The command's data. Raises `Refused`."""
        ...

    async def follow(self, who: Principal, session_id: str | None) -> RoomView:
        """The session's room, or the queue."""
        ...

    async def unfollow(self, who: Principal, view: RoomView) -> None: ...

    async def caught_up(self, view: RoomView, seq: int) -> None: ...

    async def empty(self) -> None:
        """All leave."""
        ...


class _Seat(Unwired):
    """A connection without a wire."""

    def __init__(self, delivery: Delivery, who: Principal) -> None:
        self.views: dict[str, RoomView] = {}
        self._delivery, self._who = delivery, who
        self._joined: list[tuple[Room, int]] = []

    def write(self, out: Outgoing) -> bool:
        for text in out.texts:
            _, raw = json.loads(text.removeprefix("42"))
            self.views[raw["room"]].receive(Event.parse(raw))
        return True

    def end(self, reason: str) -> None:
        raise AssertionError(reason)

    def admit(self) -> None:
        for room, seq in self._joined:
            self._delivery.admit(self, room, seq)
        self._joined.clear()

    async def join(self, room: Room, reading: Reading) -> Recovered | Snapshot:
        state = await self._delivery.join(self, room, reading)
        self._joined.append((room, state.seq))
        return state

    async def leave(self, room: Room) -> None:
        self._delivery.leave(self, room)

    def has_joined(self, room: Room) -> bool:
        return room.name in self.views

    def members(self, _: Room) -> list[Present]:
        return [Present(self._who.user_id, self._who.name, "viewing", None)]

    def attend(self, state: Attention, handoff_id: UUID | None) -> None: ...

    async def signal(self, room: Room, name: str, data: dict[str, object]) -> None: ...

    async def renew(self, _: str) -> datetime:
        return datetime.now(UTC)


class InProcess:
    """Dispatch, store and delivery as the gateway joins them, without sockets between."""

    def __init__(self, db: Database) -> None:
        bus = MemoryBus()
        self._db = db
        self._delivery = Delivery(db, bus, Telemetry(), Fanout(), gap_grace=0)
        self._dispatch = Dispatch(bus.publish)
        self._seats: dict[Principal, _Seat] = {}

    async def enter(self, who: Principal) -> None:
        await accounts.provision(self._db, who)
        self._seats[who] = _Seat(self._delivery, who)

    async def send(self, who: Principal, name: str, payload: dict[str, Any]) -> dict[str, Any]:
        answer = await self._dispatch(name, payload, Caller(who, self._db, self._seats[who]))
        if isinstance(answer, Refusal):
            details = answer.details if isinstance(answer.details, dict) else json.loads(str(answer.details))
            raise Refused(answer.code, answer.status, answer.message, retryable=answer.retryable, details=details)
        data: dict[str, Any] = json.loads(answer)
        return data

    async def follow(self, who: Principal, session_id: str | None) -> RoomView:
        seat = self._seats[who]
        kind, key = ("queue", {}) if session_id is None else ("session", {"session_id": session_id})
        joined = Joined.parse(await self.send(who, f"{kind}:join", key))
        view = RoomView(kind, key, str(who.user_id), KEEP, rejoin=lambda _: None, leave=_never)
        view.answer(joined)
        seat.views[view.name] = view
        seat.admit()
        return view

    async def unfollow(self, who: Principal, view: RoomView) -> None:
        await self.send(who, f"{view.kind}:leave", view.key)
        del self._seats[who].views[view.name]

    async def caught_up(self, view: RoomView, seq: int) -> None:
        await self._delivery.check_heads()
        await view.until_seq(seq)

    async def empty(self) -> None:
        for who, seat in self._seats.items():
            for view in list(seat.views.values()):
                await self.unfollow(who, view)
        self._seats.clear()


async def _never(_: RoomView) -> None:
    raise NotImplementedError


class Sockets:
    """A server, and a connection for each."""

    def __init__(self, url: str, issue: Callable[[Principal], str]) -> None:
        self._url, self._issue = url, issue
        self._clients: dict[Principal, Client] = {}
        self._stack = AsyncExitStack()

    @classmethod
    @asynccontextmanager
    async def open(cls, db: Database) -> AsyncIterator[Sockets]:
        settings = Settings.model_validate(
            {"port": 0, "jwt_secret": SECRET, "drain": 0.0, "head_check": 0.05, "background": False}
        )
        async with running(settings, db) as server:
            yield cls(server.url, lambda who: server.tokens.issue(who)[0])

    async def enter(self, who: Principal) -> None:
        self._clients[who] = await self._stack.enter_async_context(Client.connect(self._url, self._issue(who)))

    async def send(self, who: Principal, name: str, payload: dict[str, Any]) -> dict[str, Any]:
        return await self._clients[who].command(name, payload)

    async def follow(self, who: Principal, session_id: str | None) -> RoomView:
        client = self._clients[who]
        return await (client.join_queue() if session_id is None else client.join_session(session_id))

    async def unfollow(self, who: Principal, view: RoomView) -> None:  # noqa: ARG002
        await view.leave()

    async def caught_up(self, view: RoomView, seq: int) -> None:
        await view.until_seq(seq)

    async def empty(self) -> None:
        await self._stack.aclose()
        self._clients.clear()
