"""How the replicas tell each other what was just committed. The log is the truth; the bus only makes it fast."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from store.models import Event, Json, Room


@dataclass(frozen=True, slots=True)
class Signal:
    """Something ephemeral told to whoever subscribed to a room: not numbered, not in the log."""

    room: Room
    name: str
    body: Json


REPLICAS = Room(UUID(int=0), "replicas")
"""Where replicas tell each other what is of no room. No account has this id."""


class Bus(Protocol):
    """Carries events and signals to every replica that subscribed to their room.

    Guarantees: while `hearing`, a message published after `subscribe` returned is handed to the listener at most once
    for each publish, unaltered, and never to a subscriber of another room. A subscriber on the publishing replica has
    it when `publish` returns, `hearing` or not.
    Does not guarantee that it arrives elsewhere, nor an order: whoever needs all events in order reads the log where
    the numbers leave a gap. `publish` never raises and waits for nobody that is slow; `subscribe` waits a bounded time.
    """

    @property
    def hearing(self) -> bool:
        """False from when messages of other replicas may be missed until they are heard again."""
        ...

    def listen(self, listener: Callable[[Event | Signal], None], resumed: Callable[[], None]) -> None:
        """Name who is called, on the event loop: with what arrives, and when `hearing` has become true.

        What was published before `resumed` is called may have been missed.
        """
        ...

    async def subscribe(self, room: Room) -> None: ...

    def unsubscribe(self, room: Room) -> None:
        """Stop soon. What still arrives until then is for the listener to drop."""
        ...

    async def publish(self, messages: Sequence[Event | Signal]) -> None: ...


class MemoryBus:
    """The bus of one process: what is published has been handed over when `publish` returns."""

    hearing = True

    def __init__(self) -> None:
        self._listener: Callable[[Event | Signal], None] = lambda _: None
        self._rooms: set[Room] = set()

    def listen(self, listener: Callable[[Event | Signal], None], resumed: Callable[[], None]) -> None:  # noqa: ARG002
        self._listener = listener

    async def subscribe(self, room: Room) -> None:
        self._rooms.add(room)

    def unsubscribe(self, room: Room) -> None:
        self._rooms.discard(room)

    async def publish(self, messages: Sequence[Event | Signal]) -> None:
        for message in messages:
            if message.room in self._rooms:
                self._listener(message)
