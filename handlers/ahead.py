"""Reads what is posted soon after it was, so that whoever hands off a long session finds it read."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Final
from uuid import UUID

from handlers.findings import MAX_SOURCE, Source
from handlers.package import newest_work
from handlers.reading import Voice, reading_of
from handlers.redaction import MAX_REMEMBERED, redact
from store import sessions
from store.db import Database
from store.models import Evidence, TaskState

_PAUSE, _AT_A_TIME = 0.02, 0.0005
"""Seconds between two times of reading, and of each: commands come first, and several at a time cost less."""
SLICE: Final = 0.003
"""Seconds of reading before others are let in."""


class ReadAhead:
    """What it has not come to, or what another replica was given, is read with the handoff: that is all it costs."""

    def __init__(self, most: int = 512) -> None:
        """`most` texts wait: of more the latest."""
        self._waiting: deque[tuple[Voice, str, str, TaskState | None]] = deque(maxlen=most)
        self._timer: asyncio.TimerHandle | None = None

    def __call__(self, voice: Voice, text: str, title: str = "", state: TaskState | None = None) -> None:
        if len(text) + len(title) > MAX_REMEMBERED:
            return  # it would hold others up
        self._waiting.append((voice, text, title, state))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_PAUSE, self._read)

    def _read(self) -> None:
        until = time.perf_counter() + _AT_A_TIME
        try:
            while self._waiting and time.perf_counter() < until:
                voice, text, title, state = self._waiting.popleft()
                reading_of(voice, redact(text), title and redact(title), state)
        finally:
            self._timer = asyncio.get_running_loop().call_later(_PAUSE, self._read) if self._waiting else None


async def read_evidence(db: Database, account_id: UUID, session_id: UUID) -> Evidence:
    """What is recorded of the session; what of it was not read before is now, while others work in between.

    Raises:
        Refusal: `not_found`.
    """
    evidence = await sessions.evidence(db, account_id, session_id)
    until = time.perf_counter() + SLICE
    for source in newest_work(evidence)[0]:
        if len(source.text) > MAX_REMEMBERED:
            await asyncio.to_thread(_read, source)
        else:
            _read(source)
        if time.perf_counter() > until:
            await asyncio.sleep(0)
            until = time.perf_counter() + SLICE
    return evidence


def _read(source: Source) -> None:
    text = redact(source.text[:MAX_SOURCE])
    reading_of(source.voice, text, redact(source.title), source.state)
