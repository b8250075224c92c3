"""Reads what is posted soon after it was, so that whoever hands off a long session finds it read."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from handlers.reading import Voice, reading_of
from handlers.redaction import redact
from store.models import TaskState

_PAUSE: Final = 0.01
"""Seconds between two readings: commands come first."""


class ReadAhead:
    """What it has not come to, or what another replica was given, is read with the handoff: that is all it costs."""

    def __init__(self, most: int = 512) -> None:
        """`most` texts wait: of more the latest."""
        self._waiting: deque[tuple[Voice, str, str, TaskState | None]] = deque(maxlen=most)
        self._timer: asyncio.TimerHandle | None = None

    def __call__(self, voice: Voice, text: str, title: str = "", state: TaskState | None = None) -> None:
        self._waiting.append((voice, text, title, state))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_PAUSE, self._read)

    def _read(self) -> None:
        voice, text, title, state = self._waiting.popleft()
        reading_of(voice, redact(text), redact(title), state)
        self._timer = asyncio.get_running_loop().call_later(_PAUSE, self._read) if self._waiting else None
