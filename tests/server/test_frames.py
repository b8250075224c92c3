"""RFC 6455 without a socket: what a client's frames say, however they are cut."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from aiohttp import WSCloseCode

from server import frames
from server.frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, FrameReader, Violation
from tests.hostile.row import frame

LIMIT = 1000
MESSAGE = "427[\u00e9\u20ac\U0001f600]".encode()

SAID: dict[str, tuple[bytes, list[tuple[int, bytes]]]] = {
    "nothing": (b"", []),
    "a text": (frame(TEXT, MESSAGE), [(TEXT, MESSAGE)]),
    "an empty text": (frame(TEXT), [(TEXT, b"")]),
    "bytes": (frame(BINARY, b"\x00\xff"), [(BINARY, b"\x00\xff")]),
    "a text of 125 bytes": (frame(TEXT, b"x" * 125), [(TEXT, b"x" * 125)]),
    "a text of 126 bytes": (frame(TEXT, b"x" * 126), [(TEXT, b"x" * 126)]),
    "a text one byte below the limit": (frame(TEXT, b"x" * 999), [(TEXT, b"x" * 999)]),
    "a length longer than it need be": (frame(TEXT, MESSAGE, width=8), [(TEXT, MESSAGE)]),
    "no mask": (frame(TEXT, MESSAGE, mask=None), [(TEXT, MESSAGE)]),
    "two texts": (frame(TEXT, b"1") + frame(TEXT, b"2"), [(TEXT, b"1"), (TEXT, b"2")]),
    "fragments": (
        frame(TEXT, b"1", fin=False) + frame(CONTINUATION, b"2", fin=False) + frame(CONTINUATION, b"3"),
        [(TEXT, b"123")],
    ),
    "fragments of nothing": (
        frame(BINARY, fin=False) + frame(CONTINUATION, fin=False) * 50 + frame(CONTINUATION),
        [(BINARY, b"")],
    ),
    "control frames between fragments": (
        frame(TEXT, b"1", fin=False) + frame(PING, b"a") + frame(PONG) + frame(CONTINUATION, b"2"),
        [(PING, b"a"), (PONG, b""), (TEXT, b"12")],
    ),
    "a ping of 125 bytes": (frame(PING, b"x" * 125), [(PING, b"x" * 125)]),
    "a close": (frame(CLOSE, b"\x03\xe8bye"), [(CLOSE, b"\x03\xe8bye")]),
    "half a frame": (frame(TEXT, b"12345")[:-1], []),
    "fragments without an end": (frame(TEXT, b"1", fin=False) + frame(CONTINUATION, b"2", fin=False), []),
}

BROKEN: dict[str, tuple[bytes, int]] = {
    **{f"reserved bits {rsv}": (frame(TEXT, b"x", rsv=rsv), 1002) for rsv in range(1, 8)},
    **{f"opcode {opcode}": (frame(opcode, b"x"), 1002) for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)},
    **{f"control frame {opcode} in parts": (frame(opcode, fin=False), 1002) for opcode in (CLOSE, PING, PONG)},
    **{f"control frame {opcode} of 126 bytes": (frame(opcode, bytes(126)), 1002) for opcode in (CLOSE, PING, PONG)},
    "a continuation of nothing": (frame(CONTINUATION, b"x"), 1002),
    "a text within a text": (frame(TEXT, b"1", fin=False) + frame(TEXT, b"2"), 1002),
    "a continuation behind the end": (
        frame(TEXT, b"1", fin=False) + frame(CONTINUATION) + frame(CONTINUATION),
        1002,
    ),
    "the limit": (frame(TEXT, b"x" * LIMIT), 1009),
    "2**63 bytes": (frame(TEXT, b"", length=1 << 63), 1009),
    "fragments to the limit": (frame(TEXT, b"x" * 600, fin=False) + frame(CONTINUATION, b"x" * 400, fin=False), 1009),
}


def cuts(data: bytes) -> Iterable[list[bytes]]:
    """The same bytes in one piece, byte by byte, and in pieces at random."""
    yield [data]
    yield [data[at : at + 1] for at in range(len(data))]
    dice = random.Random(len(data))
    for _ in range(20):
        ends = sorted(dice.randrange(len(data) + 1) for _ in range(dice.randrange(1, 6)))
        yield [data[start:end] for start, end in zip([0, *ends], [*ends, len(data)], strict=True)]


def outcome(pieces: list[bytes]) -> tuple[list[tuple[int, bytes]], int]:
    """What was said, and the code of what broke off."""
    reader, said = FrameReader(LIMIT), []
    try:
        for piece in pieces:
            for message in reader.read(piece):
                said.append(message)  # noqa: PERF402  # what came before a violation counts
    except Violation as violation:
        return said, violation.code
    return said, 0


@pytest.mark.parametrize("name", SAID)
def test_message_is_the_same_however_it_is_cut(name: str) -> None:
    """[T1]"""
    data, said = SAID[name]
    for pieces in cuts(data):
        assert outcome(pieces) == (said, 0), pieces


@pytest.mark.parametrize("name", BROKEN)
def test_broken_frame_ends_what_was_said_before_it(name: str) -> None:
    """[T1] And its head is enough."""
    data, code = BROKEN[name]
    for pieces in cuts(frame(TEXT, MESSAGE) + frame(PING) + data):
        said, told = outcome(pieces)
        assert (said[:2], told) == ([(TEXT, MESSAGE), (PING, b"")], code), pieces


def test_claimed_length_is_refused_before_its_bytes_come() -> None:
    """[L1]"""
    for length in (LIMIT, 1 << 20, (1 << 64) - 1):
        assert outcome([frame(TEXT, b"", length=length)[:10]]) == ([], 1009)


def test_close_codes_are_those_that_may_be_sent() -> None:
    """[T1] RFC 6455, 7.4."""
    assert frames.close_code(b"") == WSCloseCode.OK
    for code in (1000, 1001, 1003, 1007, 1014, 3000, 4999):
        assert frames.close_code(code.to_bytes(2, "big") + b"bye") == code
    for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535):
        with pytest.raises(Violation):
            frames.close_code(code.to_bytes(2, "big"))
    for body in (b"\x03", b"\x03\xe8\xff"):
        with pytest.raises(Violation):
            frames.close_code(body)


def test_frames_of_the_server_are_as_short_as_they_can_be() -> None:
    """[T1]"""
    for length, head in ((0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)):
        whole = frames.text_frame("x" * length)
        assert len(whole) == head + length
        reader = FrameReader(1 << 20)
        assert list(reader.read(whole)) == [(TEXT, b"x" * length)]
