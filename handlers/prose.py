"""One-line texts cut to size, and the sentences of a summary made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

MAX_PROSE_SENTENCE: Final = 220
"""Four of them stay below 900 characters."""
MAX_LINE: Final = 300
NOT_RECORDED: Final = "not recorded"

_STOP: Final = re.compile(r"[.!?…؟]+(?=[\s;,:]|$)|[\u3002\uff01\uff1f]")


def clip(line: str, limit: int) -> str:
    """`line` cut between words, where there are any, to at most `limit` characters."""
    if len(line) <= limit:
        return line
    space = line.rfind(" ", limit // 2, limit)
    return line[: space if space > 0 else limit - 1] + "…"


def on_one_line(text: str, limit: int = MAX_LINE) -> str:
    return clip(" ".join(text.split()), limit)


def prose_sentence(subject: str, **parts: str | None) -> str:
    """One sentence that names each part and says "not recorded" for a gap.

    It ends in a full stop, the only mark in it that ends a sentence before white space; what is too long is cut.
    """
    texts = [_STOP.sub(";", text or NOT_RECORDED).strip(" ;,") for text in parts.values()]
    room = MAX_PROSE_SENTENCE - len(subject) - sum(len(name) + 4 for name in parts)
    longest = _level(map(len, texts), room)
    told = (
        f"{name.replace('_', ' ')}: {clip(text, longest).rstrip(' .;,:…')}"
        for name, text in zip(parts, texts, strict=True)
    )
    return f"{subject} - {'; '.join(told)}."


def _level(lengths: Iterable[int], room: int) -> int:
    """The length to which the longest must be cut so that all fit in `room`."""
    ordered = sorted(lengths)
    level = room
    for at, length in enumerate(ordered):
        level = room // (len(ordered) - at)
        room -= min(length, level)
    return level
