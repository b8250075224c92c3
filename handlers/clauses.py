"""Splits what people wrote into sentences, and a sentence into what was done and what came of it.

A sentence is at most `MAX_SENTENCE` characters long, so what any pattern costs on one is bounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from handlers.cues import cues_of
from handlers.wording import ACTION, Cue, any_of

MAX_SENTENCE: Final = 300


@dataclass(slots=True)
class Sentence:
    """`text` is as its author wrote it, but for white space and list marks.

    `quoted`: it stood in a code block or a quotation, so it is not the author's own word. `opens`: it opens its line.
    """

    text: str
    cues: Cue
    quoted: bool
    opens: bool = True


_OUTCOMES: Final = any_of("""
no change|no effect|no luck|no difference|no improvement|no success|no joy|to no avail|no better|no result
no errors|no reply|no response|no diff|no dice|didn't help|did not help|doesn't help|does not help
hasn't helped|didn't work
did not work|didn't fix|did not fix|didn't change|did not change|still|same|works|worked|working|fixed|failed
fails|failing|succeeded|successful|unsuccessful|resolved|helped|came back|comes back|returned|access denied
timed out|times out|without success|error|errors|ok|okay|passed|clean|unchanged|nothing|crashed|crashes|hangs
all good|keine änderung|keine besserung|ohne erfolg|kein erfolg|hat nicht geholfen|half nicht|hilft nicht
down to|up to|gone|jetzt geht|immer noch|weiterhin|gleicher fehler|derselbe fehler|unverändert|erfolglos|erfolgreich
funktioniert|geht wieder
geht nicht|fehlgeschlagen|nach wie vor|ohne ergebnis|ohne befund
""")

_LIST_MARK: Final = re.compile(r"^[\s>*#•·+✓✔✅☑❌\ufe0f-]*+(?:\[[ xX]\]\s*+)?(?:\d{1,2}[.)]\s++)?")
# A full stop after an abbreviation or after the number of a list's item ends nothing.
_SENTENCE_END: Final = re.compile(
    r"[.!?\u2026\u061f\u3002\uff01\uff1f](?:(?<=[\u3002\uff01\uff1f])|(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bz\.B\.)"
    r"(?<!\bca\.)(?<!\bbzw\.)(?<!\bapprox\.)(?<!\bNr\.)(?<!\bNo\.)(?<!\bDr\.)(?<!\bMr\.)(?<!\bMrs\.)(?<!\bvs\.)"
    r"(?<!\b[aA]m \d\.)(?<!\b[aA]m \d\d\.)(?<!\bvom \d\.)(?<!\bvom \d\d\.)(?<!\bzum \d\.)(?<!\bzum \d\d\.)"
    r"(?<!\bden \d\.)(?<!\bden \d\d\.)(?<!\bder \d\.)(?<!\bMio\.)(?<!\bMrd\.)(?<!\bTsd\.)(?<!\bStd\.)"
    r"(?<!\bStk\.)(?<!\bTel\.)(?<!\bFr\.)(?<!\bHr\.)(?<!\binkl\.)(?<!\bevtl\.)"
    r"(?<!\bseit \d\d\.\d\d\.)(?<!\bam \d\d\.\d\d\.)(?<!\bvom \d\d\.\d\d\.)(?<!\bbis \d\d\.\d\d\.)"
    r"(?<!\bzum \d\d\.\d\d\.)"
    r"(?:(?<!\d\.)|(?! (?:um|aus|vom|bis|und|ab|auf|gegen|im|mit|war|ist)\b))[\"')\]]? )"
)
_MAY_END: Final = re.compile(r"[.!?\u2026\u061f\u3002\uff01\uff1f](?:(?<=[\u3002\uff01\uff1f])|[\"')\]]? )")
_OUTCOME: Final = re.compile(rf"^(?:[^\s,;:]+ ){{0,3}}(?:{_OUTCOMES})\b", re.IGNORECASE)
_WENT: Final = re.compile(
    r"^(?:ran|took|went|done|came|sent|made|got|set|put|lief|dauerte|ging|erledigt|fertig|gemacht)\b"
    r"|\b(?:again|wieder|as before|wie vorher|wie zuvor)[.!]?$",
    re.IGNORECASE,
)
_CODE: Final = re.compile(r"\b(?:error|fehler|code|event|status) \w*\d|0x|\".+\"|\d+ (?!min|sec|hour|day|time)\w+.*\d")
_OUTCOME_FOLLOWS: Final = re.compile(
    r"[,;: ](?:(?:(?<=[,;:])|[-\u2013\u2014]|but|and|aber|und)\s"
    rf"(?=(?:[^\s,;:]+ ){{0,4}}(?i:{_OUTCOMES})\b)|(?<= )(?:->|=>|=|\u2192)\s"
    r"|(?<= )(?=(?i:no change|no luck|no diff(?:erence)?|no dice|no joy|no effect|same (?:error|thing|result"
    r"|code|issue|problem)|still "
    r"|didn't (?:help|work|change|fix)"
    r"|did not (?:help|work|change|fix)|does not help|drops again|made no|brought no\w*|makes no|changed nothing"
    r"|came back (?:with|clean|empty|as)|came up (?:with|clean|empty)"
    r"|keine änderung|ohne erfolg|ohne wirkung|bringt nichts|brachte nichts|half nicht|hat nichts|helped|fixed it"
    r"|works again|worked|did nothing|does nothing|fixes it|brachte|failed|it works|\w+(?:s|ed)(?: again)? after \d"
    r"|jedes ?mal|immer noch|wieder)\b))"
)
_IN_APOSTROPHES: Final = re.compile(r"(?<!\w)'(?=\w)[^']*'(?!\w)")
_QUOTATION: Final = ("\u201c\u201d", "\u201e\u201c", "\u300c\u300d", "\u00ab\u00bb")
_DIVIDER: Final = re.compile(
    r"(?:,|;|:| [-\u2013\u2014]| but| aber|, but|, aber) "
    r"| (?:and|und) (?=(?:it|they|nothing|nobody|none|es|sie|nichts|niemand|caught|got|saw|found) "
    r"|(?:the|both|all|his|her|its|their|der|die|das|beide|alle) (?:\S+ ){1,3}?(?:is|are|was|were|has|have|had"
    r"|do|does"
    r"|did|can|cannot|came|comes|went|goes|got|gets|opens?|opened|works?|worked|prints?|printed|starts?|started"
    r"|shows?"
    r"|showed|stops?|stopped|stays?|stayed|runs?|ran|fails?|failed|drops?|dropped|fell|rose|boots?|booted|loads?"
    r"|loaded|syncs?|synced|connects?|connected|answers?|answered|appears?|appeared|disappeared|cleared|ist|sind|war"
    r"|waren|hat|läuft|geht|kommt|steht|druckt|startet)\b)"
)
_AND: Final = (" and ", " und ")
_GOES_ON: Final = re.compile(
    r"(?:to|so that|so|because|as|then|which|who|where|when|if|after|before|with|using|via|per|for|by|from|into"
    r"|also|e\.g|i\.e|and|or"
    r"|incl|including|like|will|next|plus|once|twice|again|should|i|we|he|she|they|since|just|in case|um|damit|weil"
    r"|und|oder|mit|dann|auch|wie|at|on the|in the|update|check|try|call|ask|rescan|restart|reboot|let|put|set|take"
    r"|use|see|look|tell|please|thanks|should|if)\b"
    r"|(?:the|a|an|der|die|das)\b(?!.*\b(?:is|are|was|has|have|still|shows?|no|not|works?|comes?|stays?|came|went"
    r"|fell|ist|sind"
    r"|hat|geht|steht|kam|\w+ed again|\w+ wieder)\b)",
    re.IGNORECASE,
)
_UNDOING: Final = ("undo", "revert", "roll", "rückgängig")
_UNDO: Final = re.compile(
    r"\b(?:to undo|undo(?: it)?(?: by| with)?|to revert|revert (?:by|with)|to roll back|roll ?back by"
    r"|rückgängig(?: machen)?(?: mit| durch)?)\b[:, ]{0,3}(?P<undo>.+)",
    re.IGNORECASE,
)


def sentences(text: str, wanted: int) -> list[Sentence]:
    """The sentences of `text` in their order, each at most `MAX_SENTENCE` characters long, none empty.

    Of their cues those that are `wanted`, a sum of `rows_of`. A line of a code block or a quotation is one sentence and
    holds no cue.
    """
    if "```" not in text:
        return _sentences(text, wanted, is_code=False)
    blocks = enumerate(text.split("```"))
    return [one for number, block in blocks for one in _sentences(block, wanted, is_code=number % 2 == 1)]


def _sentences(text: str, wanted: int, *, is_code: bool) -> list[Sentence]:
    found: list[Sentence] = []
    for line in text.splitlines():
        if is_code or line.lstrip().startswith(">"):
            found += [Sentence(piece, 0, quoted=True) for piece in _bounded(_flat(line))]
        else:
            opens = True
            for piece in _pieces(line):
                found.append(Sentence(piece, cues_of(piece, wanted), False, opens))
                opens = False
    return found


def opens_with_outcome(text: str) -> bool:
    return _OUTCOME.match(text) is not None


def tells_outcome(text: str) -> bool:
    """Whether the first sentence of a task's result says no more than how it went."""
    return (opens_with_outcome(text) and not _CODE.search(text)) or _WENT.search(text) is not None


def split_outcome(text: str, *, is_deed: bool) -> tuple[str, str | None]:
    """What was done, and what is said to have come of it.

    After what is surely a deed that is any clause that does not go on with it, else only one worded like a result.
    """
    divider = _OUTCOME_FOLLOWS.search(text)
    if divider is not None and not divider.start():
        divider = None
    if divider is None and is_deed:
        divider = next((cut for cut in _DIVIDER.finditer(text) if cut.start() and _is_outcome(text, cut)), None)
    if divider is None:
        return text, None
    return text[: divider.start()], text[divider.end() :].rstrip(".") or None


def _is_outcome(text: str, cut: re.Match[str]) -> bool:
    if text.count('"', 0, cut.start()) % 2:
        return False
    rest = text[cut.end() :]
    has_verb = cut[0] in _AND
    return bool(rest) and (has_verb or _GOES_ON.match(rest) is None) and not cues_of(rest, ACTION) & ACTION


def split_undo(text: str) -> tuple[str, str | None]:
    """What was changed, and how it is said to be undone."""
    lowered = text.lower()
    undo = _UNDO.search(text) if any(map(lowered.__contains__, _UNDOING)) else None
    return (text, None) if undo is None else (text[: undo.start()].rstrip(" ,(-"), undo["undo"].rstrip(" )."))


def _flat(line: str) -> str:
    if line[:1].isalpha() and "**" not in line:
        return " ".join(line.split())
    return " ".join(_LIST_MARK.sub("", line).replace("**", "").split())


def _pieces(line: str) -> list[str]:
    """Nothing ends within quotation marks."""
    flat = _flat(line)
    ends = [end.end() for end in _SENTENCE_END.finditer(flat)] if _MAY_END.search(flat) else []
    if not ends:
        return _bounded(flat.strip(" ;"))
    if '"' in flat:
        ends = [end for end in ends if flat.count('"', 0, end) % 2 == 0]
    if "'" in flat and (spans := [found.span() for found in _IN_APOSTROPHES.finditer(flat)]):
        ends = [end for end in ends if not any(start < end < stop for start, stop in spans)]
    if not flat.isascii():
        for opening, closing in _QUOTATION:
            ends = [end for end in ends if flat.count(opening, 0, end - 1) <= flat.count(closing, 0, end)]
    pieces = [flat[start:end].strip(" ;") for start, end in pairwise([0, *ends, len(flat)])]
    return [part for piece in pieces if piece for part in _bounded(piece)]


def _bounded(piece: str) -> list[str]:
    """Divides at spaces what is too long for one sentence, so that nothing of it is lost."""
    if len(piece) <= MAX_SENTENCE:
        return [piece] if piece else []
    parts = []
    while len(piece) > MAX_SENTENCE:
        space = piece.rfind(" ", MAX_SENTENCE // 2, MAX_SENTENCE)
        end = space if space > 0 else MAX_SENTENCE
        parts.append(piece[:end])
        piece = piece[end:].lstrip()
    return [*parts, piece] if piece else parts
