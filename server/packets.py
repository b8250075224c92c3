"""Socket.IO packets, strictly: what a client may send, and the answers. The only importer of socketio in the server."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Final, TypeAlias

from socketio import packet

from handlers.wire import dumps, error_body, loads
from server.transport import Outgoing
from store.errors import Refusal
from store.models import Json

_EVENT: Final = re.compile(r"2([0-9]{1,15})?(?=\[)")
"""The head of nearly every packet: an event of the only namespace, without attachments."""


@dataclass(frozen=True, slots=True)
class Connect:
    namespace: str
    auth: object


@dataclass(frozen=True, slots=True)
class Event:
    name: str
    args: list[object]
    ack_id: int | None


@dataclass(frozen=True, slots=True)
class Disconnect:
    pass


Read: TypeAlias = Connect | Event | Disconnect | None
"""None is a packet that no client of ours sends."""


class _Packet(packet.Packet):  # type: ignore[misc]  # socketio has no types
    """Strict JSON, and only here: the library's own switch for the codec would change every client of the process."""

    uses_binary_events = False
    json = SimpleNamespace(dumps=lambda value, **_: dumps(value), loads=loads)


def read(text: str) -> Read:
    """Raises ValueError or RecursionError for what cannot be read."""
    head = _EVENT.match(text)
    if head is not None:
        return _event(loads(text[head.end() :]), None if head[1] is None else int(head[1]))
    parsed = _Packet(encoded_packet=text)
    if parsed.packet_type == packet.CONNECT and not parsed.attachment_count:
        return Connect(parsed.namespace or "/", parsed.data)
    if parsed.packet_type == packet.EVENT and not parsed.attachment_count and parsed.namespace in (None, "/"):
        return _event(parsed.data, parsed.id)
    return Disconnect() if parsed.packet_type == packet.DISCONNECT else None


def _event(data: object, ack_id: int | None) -> Event | None:
    if not isinstance(data, list) or not data or not isinstance(data[0], str):
        return None
    return Event(data[0], data[1:], ack_id)


def wants_ack(text: str) -> int | None:
    """Where the answer to an event goes that could not be read, if it says so."""
    head = _EVENT.match(text)
    return None if head is None or head[1] is None else int(head[1])


def accepted() -> Outgoing:
    """The answer to a CONNECT, with a new id."""
    return Outgoing(f'0{{"sid":"{secrets.token_urlsafe(15)}"}}')


def refused(refusal: Refusal, namespace: str = "/") -> Outgoing:
    """CONNECT_ERROR (T4)."""
    told = {"message": refusal.message, "data": {"code": refusal.code, "status": refusal.status}}
    return Outgoing(f"4{'' if namespace == '/' else namespace + ','}{dumps(told)}")


def ack(ack_id: int, answer: Json | Refusal) -> Outgoing:
    """The answer to a command (A1)."""
    if isinstance(answer, Refusal):
        return Outgoing(f'3{ack_id}[{{"ok":false,"error":{dumps(error_body(answer))}}}]')
    return Outgoing(f'3{ack_id}[{{"ok":true,"data":{answer}}}]')
