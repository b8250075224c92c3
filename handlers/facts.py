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
    SMALL_TALK,
    STATE,
    TALK,
    TECHNICAL,
    UNDO,
    Cue,
    words,
)

_NEVER: Final = QUESTION | DO_NOT | IF_THEN | PROMISE | PLAN | LEFT | FOR_NOW | UNDO | ACTION | REPORTED
"""Of a sentence with one of these no part is a fact."""
_ELSE: Final = HYPOTHESIS | RULED_OUT | TALK | NOT_DONE | SMALL_TALK | RECENT | REDACTED
"""Of these another part of the sentence may be one."""
_LOOKED_FOR: Final = rows_of(_NEVER | _ELSE | MEASURED | STATE | TECHNICAL)
_MIN_WORDS: Final = 3
_CLAUSE: Final = re.compile(r"[,;:] (?:but |and |so |aber |und |also |denn |weil )?| but | and | aber | und | \(| - ")
_IDENTITY: Final = re.compile(
    r"(?:so |and |also )?(?!all|both|only)\S+(?: \S+)? (?:is|are|ist|sind|was|=)"
    r" (?:(?:the|a|an|our|der|die|das|ein|eine) )?(?P<what>[\w./\\-]+)(?: new)?(?:\.?$|, so\b|, \S+ \S+$)"
)
_CONDITIONS: Final = words(
    """
    up down on off running stopped working missing empty full healthy degraded online offline dead alive active inactive
    enabled disabled pending expired valid invalid locked unlocked blocked reachable unreachable affected normal fine ok
    okay correct wrong identical different unchanged constant intermittent none unmanaged encrypted open closed
    listening connected disconnected idle busy stuck hanging hung frozen slow fast green red amber corrupt damaged
    broken bent loose present absent available unavailable unknown undefined installed licensed gone back optimal leer
    voll aus an aktiv inaktiv offen erreichbar falsch richtig defekt gesperrt abgelaufen true false yes no registered
    dark lit clean dirty visible da weg grün rot
    """
)
_VAGUE: Final = re.compile(
    r"(?:(?:so|and|but|then|also|aber|und) )?(?:that|it|its|it's|they|this|these|which|there|he|she|that's|da|das"
    r"|es|sonst"
    r"|even|by|if|when|than|as|for|with|alles|all good|everything|looks|sieht|makes|needs|different|going|had|works"
    r"|lots"
    r"|do|don't|picking|having|being|sounds|seems|got|getting|using|still|again|back|well|anyway|funny|odd|weird|jetzt"
    r"|direct|restore|all of|so (?!only)(?!our)(?!the .*\bonly\b)|others?|who|what|where|to|in|until|because|lucky"
    r"|progress|taking|yes|no,|nope|since|says|same|told|den|dem|der)\b",
    re.IGNORECASE,
)
_LOOSE: Final = re.compile(
    r"(?:then an?|it made|even|plus|until|by|if|when|to|for|other \w+ \w+ through|now to|maybe|also an?|see"
    r"|it'?s \d|half)\b",
    re.IGNORECASE,
)
_INVENTORY: Final = re.compile(
    r"(?:so |and )?\S+(?: \S+)? (?:is|are|has|have|holds|owns|uses|hat|haben|ist)"
    r" (?:an?|two|three|four|five|six|ein|eine|einen|zwei|drei|\d) (?!.{0,30}\b(?:only|missing|different|wrong|same"
    r"|old)\b)"
    r"|.*\b(?:managed|owned|run|hosted|done|handled|made|looked after) by\b",
    re.IGNORECASE,
)
_NAMES_THING: Final = re.compile(r"[A-Z]{2}|[A-Z]\w*[A-Z0-9]|[\d\\/_@\"„=]|\w\.\w{2}")
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
_NO_NEWS: Final = re.compile(r"\b(?:Info|Debug)\b|\b0\s+0\s+0\b|-{4,}|^(?:\W*$|Pinging )", re.IGNORECASE)
_STAMP: Final = re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?\b|^\w{3} \d{1,2}\b|^\d{4}-\d\d-\d\d|\b20\d{6}\b")
_NUMBERED: Final = re.compile(r"\w+:? [^\d]*\d")
_NUMBER: Final = re.compile(r"\d[\s%]")
_DIGIT: Final = re.compile(r"\d")


def fact_in(text: str, cues: Cue) -> str | None:
    """The sentence, or the clause of it, that states one."""
    if cues & _NEVER or not cues & (_ELSE | MEASURED | STATE):
        return None
    if not cues & _ELSE:
        return text if _stands(text, cues) else None
    parts = [(part, cues_of(part, _LOOKED_FOR)) for part in clauses(text) if part]
    if cues & HYPOTHESIS and any(held & HYPOTHESIS and part.count(" ") < _MIN_WORDS for part, held in parts):
        return None
    for part, held in parts:
        is_long = part.count(" ") >= _MIN_WORDS - 1 and (not cues & TALK or held & MEASURED)
        if is_long and not held & (_NEVER | _ELSE) and _stands(part, held):
            return part
    return None


def clauses(text: str) -> list[str]:
    return [part.strip(" )(") for part in _CLAUSE.split(text)]


def _stands(text: str, cues: Cue) -> bool:
    """It names what it is about and says more than a name."""
    if text.endswith(":") or not cues & (MEASURED | STATE):
        return False
    named = _IDENTITY.match(text)
    if named is not None and named["what"].lower().rstrip(".") not in _CONDITIONS and not named["what"][0].isdigit():
        return False
    if cues & MEASURED:
        return (text.count(" ") >= _MIN_WORDS - 1 or ": " in text or "0x" in text) and not _LOOSE.match(text)
    return (
        text.count(" ") >= _MIN_WORDS - 1
        and not _VAGUE.match(text)
        and not _INVENTORY.match(text)
        and (bool(cues & TECHNICAL) or _NAMES_THING.search(text) is not None)
    )


def shows_fact(line: str) -> bool:
    """Whether a line of a tool's output or of a log shows something."""
    if _PROMPT.match(line) or _NO_NEWS.search(line):
        return False
    lowered = line.lower()
    return any(word in lowered for word in _TROUBLE) or _holds_numbers(line)


def _holds_numbers(line: str) -> bool:
    number = _NUMBER.search(line)
    is_row = number is not None and _DIGIT.search(line, number.end()) is not None
    return is_row or bool(_STAMP.search(line) or _NUMBERED.match(line))


def says_it_works(text: str) -> bool:
    return _WORKS.search(text) is not None


def states_plainly(text: str) -> bool:
    """Unlike `needs a window` or `not before Saturday`."""
    return _COPULA.match(text) is not None


def is_asked(text: str) -> bool:
    """Whether a question is put like one: else it is a guess."""
    return _ASKS.match(text) is not None or " or " in text or text.count(" ") > _MAX_GUESS
