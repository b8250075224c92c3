"""Tells what somebody saw or measured, and another could check, from what people think, plan and talk about."""

from __future__ import annotations

import re
from typing import Final

from handlers.cues import cues_of, rows_of
from handlers.wording import (
    ACTION,
    DO_NOT,
    FOR_NOW,
    HYPOTHESIS,
    IF_THEN,
    LEFT,
    MEASURED,
    NOT_DONE,
    PLAN,
    PROMISE,
    QUESTION,
    RECENT,
    REDACTED,
    REPORTED,
    RULED_OUT,
    TALK,
    UNDO,
    Cue,
)

_NEVER: Final = (
    QUESTION | DO_NOT | IF_THEN | PROMISE | LEFT | FOR_NOW | UNDO | REPORTED | PLAN | HYPOTHESIS | RECENT | ACTION
)
"""Of a sentence with one of these no part is a fact."""
_ELSE: Final = RULED_OUT | TALK | NOT_DONE | REDACTED
"""Of these another part of the sentence may be one."""
_LOOKED_FOR: Final = rows_of(_NEVER | _ELSE | MEASURED)
_MIN_WORDS: Final = 3
_CLAUSE: Final = re.compile(
    r"[,;:] (?:but |and |so |aber |und |also |denn |weil )?| since | because | but | and | aber | und | \(| - "
)
_LEAD: Final = re.compile(
    r"(?:(?:and|but|aber|und),?|(?:oh|yes|no|ja|nein|nope|ok|(?:hi|hello|hallo|moin|bonjour|hola|ciao)(?: \w+)?),) |",
    re.IGNORECASE,
)
_CONCLUDES: Final = re.compile(r"(?:so|then|therefore|thus|hence|also|damit|somit|dann|sonst)\b", re.IGNORECASE)
_OPENS_VAGUELY: Final = re.compile(
    r"(?:(?:that|it|he|she|they|who|what|where|which|es|das(?! (?-i:[A-ZÄÖÜ]))|er|sie|da)(?:'s)?|by|if"
    r"|when|until|because|since|to|for|even|wenn|falls|bis|weil|um|mit|als|solange|had|got|told"
    r"|did|looks?|seems?|sieht|\w+ing)\b",
    re.IGNORECASE,
)
_NAMES: Final = re.compile(
    r"[A-Z]{2}|\w\W+[A-ZÄÖÜ]|^[\w-]+ \w{3,}[^s'u]s\b|[\d\\/_@\"„=]|\w\.\w{2}"
    r"|(?i:^(?:both|all|no|only|other|every|each|some|none|beide|alle|keine?|nur) )"
    r"|\b(?:is|are|was|were|has|have|had|does|do|did|can|cannot|\w+n't|(?:do|does|did|is|are|was|has|ca|wo)nt|ist|sind"
    r"|war|waren|ok|fine|läuft|geht|works?|hat|haben|kann|können|wird|werden)\b"
)
_WE_HAVE: Final = re.compile(
    r"(?:i|we|ich|wir)(?:'ve| have| can| can't| cannot| lack| habe| haben| kann) (?!to\b|not\b|no idea)", re.IGNORECASE
)
_ASKS: Final = re.compile(
    r"^(?:and |but |so |also |und |aber |or |ok |then |hm,? )*(?:who|what|when|where|which|why|how|whose|is|are|was"
    r"|were|do|does|did|has|have|had|can|could|should|would|will"
    r"|may|might|must|shall|any|anyone|anybody|wer|was|wann|wo|welche\w*|warum|wieso|weshalb|wie|ist|sind|war|hat"
    r"|haben|kann|können|kannst|darf|dürfen|soll|sollen|muss|müssen"
    r"|gibt|kennt|weiß|wurde|wurden|wird|werden|woher|wohin|wozu|lässt|geht|roll|isn't|aren't|doesn't|don't|didn't"
    r"|hasn't|in which|for how|since when|to whom|from where|ob)\b",
    re.IGNORECASE,
)
_MAX_GUESS: Final = 15
"""Words of a guess with a question mark."""
_COPULA: Final = re.compile(r"\w+ (?:is|are|ist|sind) ")
_WORKS: Final = re.compile(r"\b(?:works|fine|ok|okay|normal|in ordnung|normally|unaffected)\b")
_PROMPT: Final = re.compile(r"(?:[A-Z]:\\[^>]*>|PS[^>]{0,40}>|\$ |# |[\w.@~:-]+[#>$] ?\w|>>> )")
_TROUBLE: Final = (
    """
error|fail|denied|deny|unreach|timeout|timed out|time-out|timed-out|exception|not found|reject|refus|warn
critical|stopped|missing| dead| down|lost|locked|expired|invalid|unable|cannot|can't|could not|corrupt
degraded|offline|fragmented|disabled|mismatch|violation|abort|rolled|rolling|drop|unknown|no such
insufficient|exceed|not running|not responding|duplicate|fehler|nicht|verweigert|abgelehnt|ungültig
abgelaufen|unbekannt|dépassé|perdus|échec|erreur|impossible|refusé|tiempo|no se pudo|denegado|169.254.|0x
state:|status:|delete|disable|kill|terminat
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
_NO_NEWS: Final = re.compile(r"\b(?:Info|Debug)\b(?!:)|\b0\s+0\s+0\b|-{4,}|^(?:\W*$|Pinging )", re.IGNORECASE)
_NUMBER: Final = re.compile(r"\d[\s%]")
_DIGIT: Final = re.compile(r"\d")


def fact_in(text: str, cues: Cue) -> str | None:
    """The sentence, or the clause of it, that states one."""
    if cues & TALK and _WE_HAVE.match(text):
        cues &= ~TALK
    if cues & _NEVER:
        return None
    if not cues & _ELSE:
        return text if _stands(text, cues) else None
    parts = [(part, cues_of(part, _LOOKED_FOR)) for part in clauses(text) if part]
    return next((part for part, held in parts if not held & (_NEVER | _ELSE) and _stands(part, held)), None)


def clauses(text: str) -> list[str]:
    return [part.strip(" )(") for part in _CLAUSE.split(text)]


def _stands(text: str, cues: Cue) -> bool:
    """It names what it is about and says more than a name."""
    text = _LEAD.sub("", text, count=1)
    if text.endswith(":") or _CONCLUDES.match(text):
        return False
    is_long = text.count(" ") >= _MIN_WORDS - 1
    if cues & MEASURED:
        return is_long or ": " in text
    return is_long and not _OPENS_VAGUELY.match(text) and _NAMES.search(text) is not None


def shows_fact(line: str) -> bool:
    """Whether a line of a tool's output or of a log shows something."""
    if _PROMPT.match(line) or _NO_NEWS.search(line):
        return False
    lowered = line.lower()
    return any(word in lowered for word in _TROUBLE) or _holds_numbers(line)


def _holds_numbers(line: str) -> bool:
    number = _NUMBER.search(line)
    return number is not None and _DIGIT.search(line, number.end()) is not None


def says_it_works(text: str) -> bool:
    return _WORKS.search(text) is not None


def states_plainly(text: str) -> bool:
    """Unlike `needs a window` or `not before Saturday`."""
    return _COPULA.match(text) is not None


def is_asked(text: str) -> bool:
    """Whether a question is put like one: else it is a guess."""
    return _ASKS.match(text) is not None or " or " in text or text.count(" ") > _MAX_GUESS
