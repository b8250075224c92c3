"""One system call for all sockets of a room, where the kernel has io_uring.

Without it each socket costs a call into the kernel and a step of the interpreter. There is no kept library that sends
many with less. The numbers here are those of Linux's `include/uapi/linux/io_uring.h` and do not change; a machine on
which others hold is found out when it is tried.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import socket
import struct
import sys
from array import array
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import Final, TypeAlias

import structlog

Left: TypeAlias = list[tuple[int, int]]
"""To whom less was sent than all: their places among the descriptors, and how many bytes the kernel took."""
Send: TypeAlias = Callable[["array[int]", bytes], Left]
"""Sends the same bytes to all of these descriptors, `SIZE` at most, without waiting for any. -1 is one that takes
nothing.
"""

SIZE: Final = 512
"""Sends of one system call, at most."""
FEW: Final = 8
"""Up to so many one by one are cheaper."""
ARENA: Final = 64 * 1024
"""Bytes of what is sent that way."""

log = structlog.get_logger()

_SETUP, _ENTER = 425, 426
_OFFSET_RINGS, _OFFSET_ENTRIES = 0, 0x10000000
_SETUP_SUBMIT_ALL = 1 << 7
_ENTER_GETEVENTS = 1 << 0
_SEND = 26
_ENTRY: Final = struct.Struct("=BBHiQQIIQ24x")
"""`struct io_uring_sqe`: opcode, flags, ioprio, fd, off, addr, len, msg_flags, user_data."""
_FD, _LENGTH, _ENTRY_WORDS = 1, 6, 16
"""Where they are in it, in words of 32 bits, and how many it has."""
_RESULT, _DONE_WORDS = 2, 4
"""The same of `struct io_uring_cqe`: user_data, res, flags."""
_FLAGS: Final = 0x4000 | 0x40
"""MSG_NOSIGNAL, MSG_DONTWAIT: nothing is left to be done later, what the socket does not take at once is told."""
_COUNTERS: Final = 1 << 32


class _Offsets(ctypes.Structure):
    """`struct io_sqring_offsets` with what differs in `struct io_cqring_offsets`."""

    _fields_ = [
        *((name, ctypes.c_uint32) for name in ("head", "tail", "ring_mask", "ring_entries", "flags_or_overflow")),
        *((name, ctypes.c_uint32) for name in ("dropped_or_cqes", "array_or_flags", "reserved")),
        ("user_addr", ctypes.c_uint64),
    ]


class _Parameters(ctypes.Structure):
    """`struct io_uring_params`."""

    _fields_ = [
        *((name, ctypes.c_uint32) for name in ("sq_entries", "cq_entries", "flags", "sq_thread_cpu")),
        *((name, ctypes.c_uint32) for name in ("sq_thread_idle", "features", "wq_fd", "r0", "r1", "r2")),
        ("sq", _Offsets),
        ("cq", _Offsets),
    ]


def one_by_one(descriptors: array[int], data: bytes) -> Left:
    """A `Send` that works everywhere."""
    write, size, left = os.write, len(data), []
    for place, descriptor in enumerate(descriptors):
        try:
            written = write(descriptor, data) if descriptor >= 0 else 0
        except OSError:
            written = 0
        if written != size:
            left.append((place, written))
    return left


class Ring:
    """Requests to the kernel, and its answers, in memory that both see. All of them are done when a call returns."""

    def __init__(self) -> None:
        """Raises `OSError` where the kernel has none, or does not let us."""
        if sys.platform != "linux":
            raise OSError("this is not Linux")
        self._call = ctypes.CDLL(None, use_errno=True).syscall
        self._call.argtypes, self._call.restype = [ctypes.c_long] * 7, ctypes.c_long
        given = _Parameters(flags=_SETUP_SUBMIT_ALL)
        self._fd = self._system_call(_SETUP, SIZE, ctypes.addressof(given))
        try:
            self._map(given)
        except OSError:
            self.close()
            raise

    def _map(self, given: _Parameters) -> None:
        entries_at, done_at = given.sq.array_or_flags, given.cq.dropped_or_cqes
        size = max(entries_at + given.sq_entries * 4, done_at + given.cq_entries * _DONE_WORDS * 4)
        rings = memoryview(mmap.mmap(self._fd, size, offset=_OFFSET_RINGS))
        entries = memoryview(mmap.mmap(self._fd, SIZE * _ENTRY.size, offset=_OFFSET_ENTRIES))
        self._arena = ctypes.create_string_buffer(ARENA)
        arena_at = ctypes.addressof(self._arena)
        self._data = memoryview(self._arena).cast("B")
        for number in range(SIZE):
            entry = _ENTRY.pack(_SEND, 0, 0, -1, 0, arena_at, 0, _FLAGS, number)
            entries[number * _ENTRY.size : (number + 1) * _ENTRY.size] = entry
        self._descriptors = entries.cast("i")[_FD::_ENTRY_WORDS]
        self._lengths = entries.cast("i")[_LENGTH::_ENTRY_WORDS]
        self._counters = rings[: size // 4 * 4].cast("I")
        self._sq_head, self._sq_tail = given.sq.head // 4, given.sq.tail // 4
        self._cq_head, self._cq_tail = given.cq.head // 4, given.cq.tail // 4
        self._order = self._counters[entries_at // 4 : entries_at // 4 + SIZE]
        """Which entry comes at each place of the queue."""
        self._orders = memoryview(array("I", [*range(SIZE), *range(SIZE)]))
        self._done = rings[done_at : done_at + given.cq_entries * _DONE_WORDS * 4].cast("i")
        self._mask = given.cq_entries - 1
        self._size = 0
        self._wanted = memoryview(array("i", [word for number in range(SIZE) for word in (number, 0, 0, 0)]))
        """What is answered where all is well."""

    def close(self) -> None:
        os.close(self._fd)

    def send(self, descriptors: array[int], data: bytes) -> Left:
        """A `Send`."""
        if len(descriptors) <= FEW or len(data) > ARENA:
            return one_by_one(descriptors, data)
        self._data[: len(data)] = data
        self._expect(len(data))
        sent = self._submit(descriptors)
        left = self._left(sent)
        if sent < len(descriptors):  # the kernel is short of memory
            left += [(sent + place, written) for place, written in one_by_one(descriptors[sent:], data)]
        return left

    def _expect(self, size: int) -> None:
        if size != self._size:
            lengths = array("i", [size]) * SIZE
            self._lengths[:] = lengths
            self._wanted[_RESULT::_DONE_WORDS] = lengths
            self._size = size

    def _submit(self, descriptors: array[int]) -> int:
        """How many of them the kernel took on."""
        count, counters = len(descriptors), self._counters
        tail = counters[self._sq_tail]
        first = -tail % SIZE
        self._descriptors[:count] = descriptors
        self._order[:] = self._orders[first : first + SIZE]
        counters[self._sq_tail] = (tail + count) % _COUNTERS
        try:
            sent = self._system_call(_ENTER, self._fd, count)
        except OSError:
            sent = 0
        if sent < count:
            counters[self._sq_tail] = counters[self._sq_head]
        while self._answered() < sent:  # it did not do all of it at once after all
            with suppress(InterruptedError):
                self._system_call(_ENTER, self._fd, 0, sent, _ENTER_GETEVENTS)
        return sent

    def _answered(self) -> int:
        counters = self._counters
        return int(counters[self._cq_tail] - counters[self._cq_head]) % _COUNTERS

    def _left(self, sent: int) -> Left:
        """Reads the answers."""
        head = self._counters[self._cq_head]
        at = (head & self._mask) * _DONE_WORDS
        words = sent * _DONE_WORDS
        answers = self._done[at : at + words].tobytes() + self._done[: max(0, at + words - len(self._done))].tobytes()
        self._counters[self._cq_head] = (head + sent) % _COUNTERS
        if answers == self._wanted[:words].tobytes():
            return []
        several = struct.iter_unpack("=Qii", answers)
        return [(place, max(0, written)) for place, written, _ in several if written != self._size]

    def _system_call(self, number: int, first: int, second: int, third: int = 0, fourth: int = 0) -> int:
        result = int(self._call(number, first, second, third, fourth, 0, 0))
        if result < 0:
            error = ctypes.get_errno()
            raise OSError(error, os.strerror(error))
        return result


@contextmanager
def opened() -> Iterator[Send]:
    """The `Send` of a ring that was tried, or `one_by_one` where there is none."""
    with ExitStack() as stack:
        try:
            ring = stack.enter_context(closing(Ring()))
            _try(ring)
        except OSError as error:
            log.info("no io_uring", why=str(error))
            yield one_by_one
        else:
            yield ring.send


def _try(ring: Ring) -> None:
    """On a socket that takes all, on none, and on one that becomes full. Raises `OSError` for what is unusual."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ARENA)
        ours.setblocking(False)
        theirs.setblocking(False)
        several = array("i", [ours.fileno()]) * (2 * FEW)
        missing = ring.send(several + array("i", [-1]), b"fine")
        left = ring.send(several, bytes(ARENA))
        sent = 4 * len(several) + ARENA * (len(several) - len(left)) + sum(written for _, written in left)
        if missing != [(len(several), 0)] or not left or sent != _received(theirs):
            raise OSError("it does not do what it should")


def _received(there: socket.socket) -> int:
    received = 0
    with suppress(BlockingIOError):
        while some := len(there.recv(ARENA)):
            received += some
    return received
