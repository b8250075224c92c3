"""RFC 6455 frames as a client sends and reads them, and the texts of Engine.IO 4 and Socket.IO 5 inside of them.

Only what a server of this contract sends: whole, unmasked text frames. Anything else raises `BadFrame`.
"""

from __future__ import annotations

import orjson

TEXT, CLOSE = 0x81, 0x88
"""First bytes of a frame that is the last of its message."""
SHORT, LONG = 126, 127
"""Values of the length byte that stand for a longer length."""
LONGEST = 64 * 2**20

CONNECT, CONNECTED, REFUSED, EVENT, ACK, LEFT = b"40", b"40", b"44", b"42", b"43", b"41"
OPEN, END, PING, PONG = b"0", b"1", b"2", "3"


class BadFrame(Exception):  # noqa: N818
    """What arrived is no frame that this client knows."""


def masked(text: str) -> bytes:
    """A text frame as a client sends it. The mask is four zeros, which leaves the text as it is."""
    body = text.encode()
    size = len(body)
    if size < SHORT:
        return bytes((TEXT, 0x80 | size, 0, 0, 0, 0)) + body
    if size < 1 << 16:
        return b"\x81\xfe" + size.to_bytes(2, "big") + bytes(4) + body
    return b"\x81\xff" + size.to_bytes(8, "big") + bytes(4) + body


def command(name: str, payload: object, ack_id: int) -> bytes:
    """The frame of a command that is to be acked under this number."""
    return masked(f"42{ack_id}" + orjson.dumps([name, payload]).decode())


def split(data: bytes) -> tuple[list[bytes], bytes]:
    """The texts of the whole frames in `data`, and what is left of it: the beginning of another.

    Raises:
        BadFrame: something other than a text frame. A close frame ends the list with an empty text.
    """
    texts: list[bytes] = []
    at, size = 0, len(data)
    while size - at >= 2:  # noqa: PLR2004  # the shortest head
        kind, length = data[at], data[at + 1]
        start = at + 2
        if length == SHORT:
            length, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
        elif length == LONG:
            length, start = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
        if kind == CLOSE:
            texts.append(b"")
            return texts, b""
        if kind != TEXT or length > LONGEST or data[at + 1] > LONG:
            raise BadFrame(data[at : at + 16].hex())
        if size < start + length:
            break
        at = start + length
        texts.append(data[start:at])
    return texts, data[at:]
