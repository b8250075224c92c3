"""How fast a client may go."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Hashable
from time import monotonic
from typing import Final
from uuid import UUID, uuid4

from handlers.wire import dumps, loads
from store.errors import Refusal
from store.models import Json, Principal

BODY_WITHIN: Final = 20.0
"""Seconds in which the body of a request has to be there."""


class TokenBucket:
    """`rate` a second in the long run, `burst` at once: without one, twice the rate."""

    __slots__ = ("_full", "_level", "_rate", "_then")

    def __init__(self, rate: float, burst: float | None = None) -> None:
        self._rate = rate
        self._full = self._level = max(1.0, 2 * rate if burst is None else burst)
        self._then = monotonic()

    def take(self) -> float:
        """0 if one may go now; otherwise how many seconds until one may, and nothing is taken."""
        self._refill()
        if self._level >= 1:
            self._level -= 1
            return 0.0
        return (1 - self._level) / self._rate

    def debit(self, count: int) -> None:
        """What was taken elsewhere; below 0, what is given back. The debt is at most what may be taken at once."""
        self._refill()
        self._level = max(-self._full, self._level - count)

    def _refill(self) -> None:
        now = monotonic()
        self._level = min(self._full, self._level + (now - self._then) * self._rate)
        self._then = now


class Buckets:
    """A bucket for each key, of which the least recently used are forgotten."""

    def __init__(self, rate: float, burst: float | None = None, *, keep: int = 10_000) -> None:
        self._rate = rate
        self._burst = burst
        self._keep = keep
        self._buckets: OrderedDict[Hashable, TokenBucket] = OrderedDict()

    def __getitem__(self, key: Hashable) -> TokenBucket:
        bucket = self._buckets.get(key)
        if bucket is not None:
            self._buckets.move_to_end(key)
            return bucket
        bucket = self._buckets[key] = TokenBucket(self._rate, self._burst)
        if len(self._buckets) > self._keep:
            self._buckets.popitem(last=False)
        return bucket


class Pace:
    """How many commands a user and an account may send a second, over all connections of all replicas.

    Each replica decides alone and at once, and a moment later tells the others what it let pass; they count it as if
    it had been sent to them. So a limit may be exceeded for as long as that takes, and by each replica alone while
    Redis is away.
    """

    WORTH_TELLING = 0.02
    """Of a limit, in the time between two tellings: less is not told."""

    def __init__(self, per_user: float, per_account: float, *, every: float = 0.2) -> None:
        self.every = every
        """How soon after `spent` was set `tell` is to be called, in seconds."""
        self._limits = {"user": per_user, "account": per_account}
        self._buckets = {kind: Buckets(rate) for kind, rate in self._limits.items()}
        self._passed: dict[tuple[UUID, UUID], int] = {}
        """How many commands of each account's user since the last telling."""
        self._me = uuid4().hex
        self.spent = asyncio.Event()
        """Set while there is something for `tell`."""

    def take(self, who: Principal) -> float:
        """0 if one more command may pass; otherwise how many seconds until one may."""
        key = who.account_id, who.user_id
        user = self._buckets["user"][key]
        if wait := user.take():
            return wait
        if wait := self._buckets["account"][who.account_id, None].take():
            user.debit(-1)
            return wait
        self._passed[key] = self._passed.get(key, 0) + 1
        self.spent.set()
        return 0.0

    def tell(self) -> Json | None:
        """What was let pass since the last time, for the other replicas; None if it is next to nothing."""
        passed, self._passed = self._passed, {}
        self.spent.clear()
        spent: Counter[tuple[str, UUID, UUID | None]] = Counter()
        for (account_id, user_id), count in passed.items():
            spent["user", account_id, user_id] = count
            spent["account", account_id, None] += count
        told = [
            [kind, account_id, user_id, count]
            for (kind, account_id, user_id), count in spent.items()
            if count > self._limits[kind] * self.every * self.WORTH_TELLING
        ]
        return Json(dumps({"replica": self._me, "spent": told})) if told else None

    def hear(self, body: Json) -> None:
        """What another replica told."""
        told = loads(str(body))
        if told["replica"] == self._me:
            return
        for kind, account_id, user_id, count in told["spent"]:
            key = UUID(account_id), UUID(user_id) if user_id else None
            self._buckets[kind][key].debit(count)


def slow_down(wait: float) -> Refusal:
    """`rate_limited` with `details.retry_after_ms`."""
    return Refusal("rate_limited", "Too many at once. Slow down.", details={"retry_after_ms": int(wait * 1000) + 1})
