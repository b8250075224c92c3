"""Latencies counted in log-linear buckets: histograms of any number of processes merge by addition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

FINE = 7
"""Each power of two is cut into 2**(FINE - 1) buckets: a value is known to 1.6 %."""
HALF = 1 << (FINE - 1)
EXACT = 1 << FINE
"""Below it each value has a bucket of its own."""
LARGEST = 1 << 40
BUCKETS = (40 - FINE + 2) * HALF + 1


def bucket(value: int) -> int:
    """The number of the bucket of a value; negative ones count as 0, too large ones as `LARGEST`."""
    if value < EXACT:
        return max(value, 0)
    value = min(value, LARGEST)
    shift = value.bit_length() - FINE
    return (shift << (FINE - 1)) + (value >> shift)


def highest(number: int) -> int:
    """The highest value that falls into this bucket."""
    if number < EXACT:
        return number
    shift = (number >> (FINE - 1)) - 1
    return (((number & (HALF - 1)) + HALF + 1) << shift) - 1


class Histogram:
    """Counts of whole numbers, for latencies microseconds.

    `counts` is open to the one hot loop that adds to it without a call; its indices are those of `bucket`.
    """

    __slots__ = ("counts",)

    def __init__(self, counts: Mapping[int, int] | None = None) -> None:
        self.counts = [0] * BUCKETS
        for number, count in (counts or {}).items():
            self.counts[number] = count

    def record(self, value: int) -> None:
        self.counts[bucket(value)] += 1

    @property
    def total(self) -> int:
        return sum(self.counts)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Each used bucket's highest value and count, from the lowest on."""
        return ((highest(number), count) for number, count in enumerate(self.counts) if count)

    def merge(self, other: Histogram) -> None:
        """Afterwards this one is as if it had recorded the other's values too."""
        for number, count in enumerate(other.counts):
            if count:
                self.counts[number] += count

    def drain(self) -> Histogram:
        """What was recorded so far, which this one forgets. The list of counts stays the same object."""
        taken = Histogram()
        taken.counts[:] = self.counts
        self.counts[:] = [0] * BUCKETS
        return taken

    def percentile(self, percent: float) -> int | None:
        """The smallest value that at least so many percent do not exceed, to the bucket's precision; None if empty."""
        total = self.total
        if not total:
            return None
        rank = max(1, -(-total * percent // 100))
        for value, count in self:
            rank -= count
            if rank <= 0:
                return value
        return None

    @property
    def largest(self) -> int | None:
        return self.percentile(100)

    def __getstate__(self) -> dict[int, int]:
        return dict(Counter({number: count for number, count in enumerate(self.counts) if count}))

    def __setstate__(self, state: dict[int, int]) -> None:
        self.__init__(state)  # type: ignore[misc]  # a pickled one holds used buckets only
