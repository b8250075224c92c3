"""One row of a table: what is sent, and the one thing that has to come of it.

An expectation is written as an outcome reads:

- on a socket: `ok`, or the refusal's code with the first field it names (`invalid_payload body`), of each ack in order;
  `connected` or `refused <code>` for a CONNECT; `alive` where nothing is to be answered and the connection serves on;
  `closed`, with the close code where it matters (`closed 1002`);
- over long-polling: as on a socket, and before it the status of the POST unless that is 200;
- over HTTP: the status, and behind it the code of the problem (`422 invalid_payload`).

`$names` in what is sent stand for what the running server knows, as `$session` or `$token`; `$new` is a new id each
time.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

Who = Literal["engineer", "senior", "viewer"]

MASK = b"\x37\xfa\x21\x3d"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
WELCOME = '40{"token":"$token"}'


@dataclass(frozen=True)
class Forged:
    """A token made by hand, for which `$jwt` stands. Header and claims are JSON texts."""

    claims: str
    header: str = '{"alg":"HS256","typ":"JWT"}'
    signed: Literal["HS256", "HS384", "HS512", "HS256 by another", "with the header's key", "not"] = "HS256"


@dataclass(frozen=True)
class Socket:
    """What goes over one WebSocket in one piece: the packets, a text frame each, and then the bytes as they are.

    It goes out after the answer to `greeting`, or right behind the handshake where that is empty.
    """

    packets: tuple[str, ...] = ()
    data: bytes = b""
    greeting: str = WELCOME
    by: Who = "engineer"
    ends: bool = False
    """Whether the sender ends its side behind the bytes."""
    token: Forged | None = None


@dataclass(frozen=True)
class Request:
    """An HTTP request; `$length` in its head stands for the length of the body."""

    head: str
    body: bytes = b""
    by: Who = "engineer"
    ends: bool = False
    token: Forged | None = None


@dataclass(frozen=True)
class Poll:
    """The body of one POST of a connection over long-polling, which is then asked whether it still answers."""

    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    greeting: str = WELCOME
    by: Who = "engineer"
    token: Forged | None = None


@dataclass(frozen=True)
class Row:
    id: str
    send: Socket | Request | Poll
    expect: str
    echo: tuple[str, str] | None = None
    """Where in the ack's `data` this very text has to come back: `("message.body", text)`."""


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    rsv: int = 0,
    mask: bytes | None = MASK,
    length: int | None = None,
    width: int | None = None,
) -> bytes:
    """A WebSocket frame. `length` is what it claims to hold, `width` the number of bytes (0, 2, 8) that say so."""
    length = len(payload) if length is None else length
    if width is None:
        width = 0 if length < 126 else 2 if length < 1 << 16 else 8
    short = {0: length, 2: 126, 8: 127}[width]
    head = bytes((fin << 7 | rsv << 4 | opcode, (mask is not None) << 7 | short))
    head += length.to_bytes(8, "big")[8 - width :]
    if mask is None:
        return head + payload
    key = (mask * (len(payload) // 4 + 1))[: len(payload)]
    masked = int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")
    return head + mask + masked.to_bytes(len(payload), "big")


def packets(*texts: str, greeting: str = WELCOME, token: Forged | None = None) -> Socket:
    """Engine.IO packets."""
    return Socket(texts, greeting=greeting, token=token)


def command(name: str, payload: str, *, ack: str = "7", by: Who = "engineer", token: Forged | None = None) -> Socket:
    """One command, with the JSON text of its payload."""
    return Socket((f"42{ack}[{json.dumps(name)},{payload}]",), by=by, token=token)


def request(
    method: str,
    target: str,
    body: str | bytes | None = None,
    *headers: str,
    by: Who = "engineer",
    auth: str | None = "Bearer $token",
    token: Forged | None = None,
) -> Request:
    """A well-formed request around hostile parts."""
    lines = [f"{method} {target} HTTP/1.1", "Host: $host", "Connection: close"]
    lines += [] if auth is None else [f"Authorization: {auth}"]
    lines += [] if body is None else ["Content-Type: application/json", "Content-Length: $length"]
    content = body if isinstance(body, bytes) else (body or "").encode()
    return Request("\r\n".join((*lines, *headers, "", "")), content, by, token=token)


def upgrade(
    query: str = "EIO=4&transport=websocket",
    *headers: str,
    without: str = "",
    method: str = "GET",
    path: str = "/socket.io/",
    version: str = "HTTP/1.1",
) -> Request:
    """A WebSocket handshake. `headers` take the place of its own of that name; the one named `without` is left out."""
    own = {
        "Host": "$host",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    }
    given = {header.partition(":")[0] for header in headers} | {without}
    kept = [f"{name}: {value}" for name, value in own.items() if name not in given]
    target = f"{path}?{query}" if query else path
    return Request("\r\n".join((f"{method} {target} {version}", *kept, *headers, "", "")))
