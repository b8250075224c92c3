"""How fast a client may go."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from time import monotonic

from store.errors import Refusal


class TokenBucket:
    """`rate` a second in the long run, `burst` at once: without one, twice the rate."""

    __slots__ = ("_full", "_level", "_rate", "_then")

    def __init__(self, rate: float, burst: float | None = None) -> None:
        self._rate = rate
        self._full = self._level = max(1.0, 2 * rate if burst is None else burst)
        self._then = monotonic()

    def take(self) -> float:
        """0 if one may go now; otherwise how many seconds until one may, and nothing is taken."""
        now = monotonic()
        self._level = min(self._full, self._level + (now - self._then) * self._rate)
        self._then = now
        if self._level >= 1:
            self._level -= 1
            return 0.0
        return (1 - self._level) / self._rate


class Buckets:
    """A bucket for each key, of which the least recently used are forgotten."""

    def __init__(self, rate: float, burst: float | None = None, *, keep: int = 10_000) -> None:
        self._rate = rate
        self._burst = burst
        self._keep = keep
        self._buckets: OrderedDict[Hashable, TokenBucket] = OrderedDict()

    def __getitem__(self, key: Hashable) -> TokenBucket:
        bucket = self._buckets.pop(key, None) or TokenBucket(self._rate, self._burst)
        self._buckets[key] = bucket
        if len(self._buckets) > self._keep:
            self._buckets.popitem(last=False)
        return bucket


def slow_down(wait: float) -> Refusal:
    """`rate_limited` with `details.retry_after_ms`."""
    return Refusal("rate_limited", "Too many at once. Slow down.", details={"retry_after_ms": int(wait * 1000) + 1})
