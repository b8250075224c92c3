"""One-line texts cut to size, and the sentences of a summary made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

MAX_PROSE_SENTENCE: Final = 220
"""Four of them stay below 900 characters."""
MAX_LINE: Final = 300
NOT_RECORDED: Final = "not recorded"

_MIN_PART: Final = 48
"""Characters that each but the first part of a sentence is sure of."""
_STOP: Final = re.compile(r"[.!?…؟]+(?=[\s;,:]|$)|[\u3002\uff01\uff1f]")
_CLAUSE_END: Final = re.compile(r"[,;:](?= )| \(| [-\u2013] | (?:and|but|und|aber) ")


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

    It ends in a full stop, the only mark in it that ends a sentence before white space. What is too long ends in "…",
    the first part last.
    """
    texts = [_STOP.sub(";", text or NOT_RECORDED).strip(" ;,") for text in parts.values()]
    room = MAX_PROSE_SENTENCE - len(subject) - sum(len(name) + 4 for name in parts)
    first = min(len(texts[0]), room - sum(min(len(text), _MIN_PART) for text in texts[1:]))
    longest = _level(map(len, texts[1:]), room - first)
    told = (
        f"{name.replace('_', ' ')}: {_cut(text, longest if at else first).rstrip(' .;,:')}"
        for at, (name, text) in enumerate(zip(parts, texts, strict=True))
    )
    return f"{subject} - {'; '.join(told)}."


def _cut(text: str, limit: int) -> str:
    """`text` cut to at most `limit` characters: after a clause if that leaves most of it, else between words."""
    if len(text) <= limit:
        return text
    ends = [end.start() for end in _CLAUSE_END.finditer(text, limit * 2 // 3, limit)]
    kept = text[: ends[-1]] if ends else clip(text, limit)[:-1]
    return kept.rstrip(" .;,:(-\u2013'\"") + "…"


def _level(lengths: Iterable[int], room: int) -> int:
    """The length to which the longest must be cut so that all fit in `room`."""
    ordered = sorted(lengths)
    level = room
    for at, length in enumerate(ordered):
        level = room // (len(ordered) - at)
        room -= min(length, level)
    return level
