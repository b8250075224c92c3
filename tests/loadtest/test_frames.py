"""Frames as they are sent and read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.frames import BadFrame, command, masked, split
from server.frames import text_frame

TEXTS = st.lists(st.sampled_from([0, 1, 125, 126, 127, 65_535, 65_536]).map(lambda size: "x" * size), max_size=4)


@given(TEXTS, st.data())
def test_frames_are_found_wherever_the_stream_was_cut(texts: list[str], data: st.DataObject) -> None:
    stream = b"".join(text_frame(text) for text in texts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=3)))
    found, rest = [], b""
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        more, rest = split(rest + stream[start:end])
        found += more
    assert ([text.decode() for text in found], rest) == (texts, b"")


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_a_sent_frame_is_masked_and_says_its_length(size: int) -> None:
    frame = masked("x" * size)
    head = 6 if size < 126 else 8 if size < 65_536 else 14
    assert frame[0] == 0x81
    assert frame[1] & 0x80
    assert len(frame) == head + size
    assert frame[head - 4 : head] == bytes(4)


def test_a_command_is_one_socketio_packet() -> None:
    assert command("queue:join", {}, 7)[6:] == b'427["queue:join",{}]'


@pytest.mark.parametrize("frame", [b"\x82\x01x", b"\x01\x01x", b"\x81\x81\0\0\0\0x", b"\x81\x7f" + b"\xff" * 8])
def test_what_no_server_of_this_contract_sends_is_told(frame: bytes) -> None:
    """Binary, fragmented, masked, endless."""
    with pytest.raises(BadFrame):
        split(frame + b"x")


def test_a_close_ends_what_is_read() -> None:
    assert split(text_frame("one") + b"\x88\x02\x03\xe9" + text_frame("two")) == ([b"one", b""], b"")
