"""RFC 6455: frames of a server without extensions, and the messages in a client's frames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aiohttp import WSCloseCode

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
CONTROL_BYTES: Final = 125
NO_CODE: Final = 1000
"""What a close frame without a code counts as."""


class Violation(Exception):  # noqa: N818
    """The client broke the protocol; `code` is the close code that says how."""

    def __init__(self, code: WSCloseCode) -> None:
        self.code = int(code)
        super().__init__(code.name)


def frame(opcode: int, body: bytes) -> bytes:
    """Unmasked and unfragmented."""
    length = len(body)
    if length <= CONTROL_BYTES:
        return bytes((0x80 | opcode, length)) + body
    if length < 1 << 16:
        return bytes((0x80 | opcode, 126)) + length.to_bytes(2, "big") + body
    return bytes((0x80 | opcode, 127)) + length.to_bytes(8, "big") + body


def text_frame(text: str) -> bytes:
    return frame(TEXT, text.encode())


def close_frame(code: int) -> bytes:
    return frame(CLOSE, code.to_bytes(2, "big"))


class FrameReader:
    """What one client sends, put together. Of a connection that is between two frames it keeps nothing."""

    __slots__ = ("_limit", "_message", "_needed", "_opcode", "_tail")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        """A message of so many bytes is refused as soon as a frame's head tells of it."""
        self._tail: bytearray | None = None
        """The beginning of a frame."""
        self._needed = 0
        """How long it has to be before it is worth a look."""
        self._message: bytearray | None = None
        """Of one in fragments, those that came."""
        self._opcode = CONTINUATION

    def read(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """The opcode and the body of each message and each control frame that is whole now.

        Raises:
            Violation: behind those which came before it. Nothing may be read after that.
        """
        source: bytes | bytearray = data
        if self._tail is not None:
            self._tail += data
            if len(self._tail) < self._needed:
                return
            source, self._tail = self._tail, None
        at, end, needed = 0, len(source), 0
        while end - at >= 2:  # noqa: PLR2004  # RFC 6455, 5.2
            first, second = source[at], source[at + 1]
            length, start = second & 0x7F, at + 2
            if length > CONTROL_BYTES:
                wide = 2 if length == 126 else 8  # noqa: PLR2004
                _check(first, length)
                if end - start < wide:
                    break
                length = int.from_bytes(source[start : start + wide], "big")
                start += wide
            self._refuse(first, length)
            masked = second & 0x80
            body = start + 4 if masked else start
            if end - body < length:
                needed = body + length - at
                break
            at = body + length
            payload = bytes(source[body:at])
            if masked:
                payload = _unmasked(payload, source[start:body])
            whole = self._whole(first, payload)
            if whole is not None:
                yield whole
        if at < end:
            self._tail, self._needed = bytearray(source[at:]), needed

    def _refuse(self, first: int, length: int) -> None:
        """Raises `Violation` for a head that may not come now, before its body has."""
        _check(first, length)
        opcode = first & 0x0F
        if opcode >= CLOSE:
            return
        if (opcode == CONTINUATION) != (self._message is not None):
            raise Violation(WSCloseCode.PROTOCOL_ERROR)
        if length + (len(self._message) if self._message is not None else 0) >= self._limit:
            raise Violation(WSCloseCode.MESSAGE_TOO_BIG)

    def _whole(self, first: int, payload: bytes) -> tuple[int, bytes] | None:
        opcode, final = first & 0x0F, first & 0x80
        if opcode >= CLOSE or (final and self._message is None):
            return opcode, payload
        if self._message is None:
            self._message, self._opcode = bytearray(), opcode
        self._message += payload
        if not final:
            return None
        message, self._message = self._message, None
        return self._opcode, bytes(message)


def _check(first: int, length: int) -> None:
    """Raises `Violation` for reserved bits and opcodes, and for control frames that are too long or in parts."""
    opcode = first & 0x0F
    if first & 0x70 or BINARY < opcode < CLOSE or opcode > PONG:
        raise Violation(WSCloseCode.PROTOCOL_ERROR)
    if opcode >= CLOSE and (length > CONTROL_BYTES or not first & 0x80):
        raise Violation(WSCloseCode.PROTOCOL_ERROR)


def _unmasked(payload: bytes, key: bytes | bytearray) -> bytes:
    length = len(payload)
    if not length:
        return payload
    mask = (bytes(key) * (length // 4 + 1))[:length]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(mask, "big")).to_bytes(length, "big")


def text_of(body: bytes) -> str:
    """Raises `Violation` where it is not UTF-8."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Violation(WSCloseCode.INVALID_TEXT) from None


def close_code(body: bytes) -> int:
    """The code of a close frame. Raises `Violation` for one that may not be sent."""
    if not body:
        return NO_CODE
    code = int.from_bytes(body[:2], "big")
    if len(body) == 1 or not (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999):  # noqa: PLR2004  # RFC 6455, 7.4
        raise Violation(WSCloseCode.PROTOCOL_ERROR)
    text_of(body[2:])
    return code
