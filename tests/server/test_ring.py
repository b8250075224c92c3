"""What sends to many sockets: by one system call each, and by one for all, with the same outcome."""

from __future__ import annotations

import socket
import struct
from array import array
from collections.abc import Iterator
from contextlib import ExitStack
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from server import ring
from server.ring import ARENA, FEW, SIZE, Ring, Send, one_by_one

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def made() -> Iterator[Ring]:
    try:
        made = Ring()
    except OSError as error:
        pytest.skip(f"this kernel lets nobody have io_uring: {error}")
    yield made
    made.close()


@pytest.fixture(params=["one by one", "ring"])
def send(request: pytest.FixtureRequest) -> Send:
    if request.param == "one by one":
        return one_by_one
    made: Ring = request.getfixturevalue("made")
    return made.send


@pytest.fixture
def pairs() -> Iterator[list[Pair]]:
    """A server's side and a client's of TCP connections, with room for little."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        made = []
        for _ in range(2 * FEW):
            theirs = stack.enter_context(socket.socket())
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            theirs.connect(listener.getsockname())
            ours = stack.enter_context(listener.accept()[0])
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
            ours.setblocking(False)
            theirs.settimeout(10)
            made.append((ours, theirs))
        yield made


def received(there: socket.socket, size: int) -> bytes:
    taken = b""
    while len(taken) < size:
        taken += there.recv(size - len(taken))
    return taken


def descriptors(pairs: list[Pair]) -> array[int]:
    return array("i", [ours.fileno() for ours, _ in pairs])


def test_each_gets_the_bytes_once(send: Send, pairs: list[Pair]) -> None:
    """[R4] Whatever was sent before, and however often."""
    for number in range(3 * SIZE):
        data = b"%d" % (number % 1001)
        assert send(descriptors(pairs) + array("i", [-1]), data) == [(len(pairs), 0)]
        assert {received(theirs, len(data)) for _, theirs in pairs} == {data}


def test_as_many_as_go_together(send: Send, pairs: list[Pair]) -> None:
    ours, theirs = pairs[0]
    for number in range(5):
        data = b"%d" % number
        assert send(array("i", [ours.fileno()]) * (SIZE - 1) + array("i", [-1]), data) == [(SIZE - 1, 0)]
        assert received(theirs, SIZE - 1) == data * (SIZE - 1)


def test_who_takes_a_part_is_told(send: Send, pairs: list[Pair]) -> None:
    """[L2] How much that was."""
    data = bytes(range(256)) * (ARENA // 256)
    left = dict(send(descriptors(pairs), data))
    assert left.keys() == set(range(len(pairs)))
    for place, (_, theirs) in enumerate(pairs):
        assert 0 < left[place] < len(data)
        assert received(theirs, left[place]) == data[: left[place]]
        assert not more(theirs)


def test_who_does_not_take_all_is_told(send: Send, pairs: list[Pair]) -> None:
    """[L2] A part, nothing, or never again: nobody is waited for, and the others have it."""
    full, gone, closed = 3, 5, 7
    pairs[gone][1].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    pairs[gone][1].close()
    room, sent, data = descriptors(pairs), 0, b"x" * 1000
    room[closed] = -1
    for _ in range(1000):
        left = dict(send(room, data))
        assert left.keys() <= {full, gone, closed}
        for place, (_, theirs) in enumerate(pairs):
            if place not in {full, gone, closed}:
                assert received(theirs, 1000) == data
        sent += left.get(full, 1000)
        if full in left:
            break
    assert left.keys() == {full, gone, closed}
    assert left[gone] == left[closed] == 0
    assert received(pairs[full][1], sent) == b"x" * sent
    assert not more(pairs[full][1])


def more(there: socket.socket) -> bytes:
    there.setblocking(False)
    try:
        return there.recv(1)
    except BlockingIOError:
        return b""


@given(st.lists(st.integers(1, ARENA + 10), min_size=1, max_size=4))
@example([ARENA + 1])
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_size_arrives(send: Send, sizes: list[int]) -> None:
    with ExitStack() as stack:
        made = [socket.socketpair() for _ in range(FEW + 1)]
        for ours, theirs in made:
            stack.enter_context(ours)
            stack.enter_context(theirs)
        for size in sizes:
            assert send(descriptors(made), b"y" * size) == []
            assert {received(theirs, size) for _, theirs in made} == {b"y" * size}


def test_kernel_short_of_memory_is_no_loss(monkeypatch: pytest.MonkeyPatch, made: Ring, pairs: list[Pair]) -> None:
    """It takes on a part of the requests, or none."""
    enter = made._system_call
    for takes in (0, 5):

        def limited(number: int, descriptor: int, count: int, *more: int, takes: int = takes) -> int:
            if takes == 0:
                raise OSError(12, "out of memory")
            return enter(number, descriptor, min(count, takes), *more)

        monkeypatch.setattr(made, "_system_call", limited)
        for number in range(3):
            assert made.send(descriptors(pairs), b"%d" % number) == []
            assert {received(theirs, 1) for _, theirs in pairs} == {b"%d" % number}


@pytest.mark.usefixtures("made")
def test_ring_is_used_where_there_is_one() -> None:
    with ring.opened() as send:
        assert send is not one_by_one


@pytest.mark.parametrize(("name", "value"), [("_SETUP", 100_000), ("_try", None), ("sys", None)])
def test_without_a_ring_it_goes_one_by_one(monkeypatch: pytest.MonkeyPatch, name: str, value: object) -> None:
    """Where the kernel has none, a sandbox forbids it, it behaves as none should, or the system is another one."""

    def fails(_: Ring) -> None:
        raise OSError("a trial that failed")

    monkeypatch.setattr(ring, name, {"_try": fails, "sys": SimpleNamespace(platform="darwin")}.get(name, value))
    with ring.opened() as send:
        assert send is one_by_one
