"""What travels between replicas: sealed with a keyed hash, so that whoever can write to Redis cannot speak for one."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from hmac import compare_digest

from store.bus import Signal
from store.models import Event, Json, Room


class Seal:
    """Verifies that a message was made by a holder of the key, and for this channel.

    BLAKE2b in keyed mode (RFC 7693), 16 bytes, over the channel's name and the message.
    """

    BYTES = 16

    def __init__(self, key: bytes) -> None:
        self._keyed = blake2b(key=key, digest_size=self.BYTES)

    def close(self, channel: bytes, message: bytes) -> bytes:
        return self._digest(channel, message) + message

    def open(self, channel: bytes, sealed: bytes) -> bytes | None:
        """The message, or None if it was not sealed for this channel."""
        message = sealed[self.BYTES :]
        return message if compare_digest(sealed[: self.BYTES], self._digest(channel, message)) else None

    def _digest(self, channel: bytes, message: bytes) -> bytes:
        keyed = self._keyed.copy()
        keyed.update(channel)
        keyed.update(b"\0")  # no channel's name holds one
        keyed.update(message)
        return keyed.digest()


@dataclass(frozen=True, slots=True)
class Beat:
    """A replica's own heartbeat, by which it knows that it hears."""


def pack(origin: str, message: Event | Signal | Beat) -> bytes:
    """One line that says who sent what, then the body as it goes to the wire.

    `E origin seq type`, `S origin name` or `B origin`. Kinds that come later are passed over by this release.
    """
    match message:
        case Event(seq=seq, type=name, body=body):
            return f"E {origin} {seq} {name}\n{body}".encode()
        case Signal(name=name, body=body):
            return f"S {origin} {name}\n{body}".encode()
        case Beat():
            return f"B {origin}\n".encode()


def unpack(room: Room, packed: bytes) -> tuple[str, Event | Signal | Beat]:
    """Who sent it, and what. Raises ValueError for what this release does not know."""
    head, _, body = packed.decode().partition("\n")
    match head.split(" "):
        case ["E", origin, seq, name]:
            return origin, Event(room, int(seq), name, Json(body))
        case ["S", origin, name]:
            return origin, Signal(room, name, Json(body))
        case ["B", origin]:
            return origin, Beat()
    raise ValueError("an unknown kind of message")
