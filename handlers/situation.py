"""What the session's problem says: what is broken, whom it stops and since when; and why it is handed off."""

from __future__ import annotations

import re
from typing import Final

from handlers.clauses import Sentence
from handlers.cues import words_of
from handlers.facts import working_in
from handlers.wording import (
    ACTION,
    DO_NOT,
    FOR_NOW,
    IF_THEN,
    IMPACT,
    LEFT,
    PLAN,
    PROMISE,
    QUESTION,
    RECENT,
    REPORTED,
    SMALL_TALK,
    UNDO,
    UNDONE,
    time_in,
    words,
)

MIN_WORDS: Final = 3
"""An observation or a statement of the client in fewer words says nothing."""

_TROUBLE: Final = re.compile(
    r"\b(?:not|no|cannot|can't|cant|won't|doesn't|fail\w*|error\w*|slow\w*|stuck|drop\w*|crash\w*|freez\w*|froze"
    r"|hang\w*|lost|lose\w*|unable|never|wrong|missing|broken|dead|down"
    r"|stop\w*|blank|black|reject\w*|bounc\w*|time\w* out|den(?:ied|y)|block\w*|unreachable|unusable|offline"
    r"|disconnect\w*|nobody|nothing|unavailable|corrupt\w*|full|expired|locked"
    r"|nicht|kein\w*|hängt|fehler|langsam|stürzt|ausgefallen|gesperrt|steht|stehen|abgebrochen|bricht|weg|kaputt"
    r"|takes|minutes|keeps|instead|empty|garbled|reboots?|restarts?|loop\w*|alarm\w*|alert\w*"
    r"|ransom\w*|encrypted|duplicate\w*|delay\w*|late|flood\w*|spam\w*|phish\w*|hacked|refus\w*|disappear\w*"
    r"|vanish\w*|differs?|none|recovery (?:screen|key)|bluescreen|degraded|mismatch\w*|pauses?|fault\w*|odd|strange"
    r"|throw\w*|kick\w*|partial\w*|incomplete|over and over|several times|gaps?|beep\w*|unresponsive|rolls? back"
    r"|isn't|aren't)\b",
    re.IGNORECASE,
)
_PEOPLE: Final = re.compile(
    r"\b(?:all|several|many|most|both|half(?!-)|every|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|alle"
    r"|viele|mehrere|zwei|drei|vier|fünf|acht|neun|zehn|everyone|everybody|nobody|no one|nothing|niemand|whole|entire"
    r"|ganze\w*|gesamte\w*|business|production|shop floor|users?|staff|team|payroll|\d+ (?:\w+ )?(?!errors|numbers"
    r"|headers|letters)\w+(?:ers|ors|ists|ants|reps|ppl)|\d+ of (?:the )?\d+ \w+s|\w+ of the (?:\d+|\w+teen|twenty"
    r"|thirty))\b",
    re.IGNORECASE,
)
_SPARED: Final = re.compile(
    r"\b(?:else|others?|rest|andere\w*|übrige\w*)\b.*\b(?:fine|ok|okay|works?|goes|normal\w*|unaffected|geht|gehen"
    r"|läuft)\b",
    re.IGNORECASE,
)
_DATED: Final = re.compile(
    r"\d|\b(?:yesterday|today|weekend|gestern|heute|wochenende|mittwoch)|(?:day|tag)(?:s|morgen|abend|mittag|früh)?\b",
    re.IGNORECASE,
)
_NOW: Final = words(
    """
    is are has have can cannot can't do does don't doesn't must need needs lose loses stop stops wait waits use uses
    work
    works run runs get gets write writes count counts carry stands stand ist sind hat haben kann können muss müssen
    arbeiten arbeitet schreibt schreiben verkaufen steht stehen warten wartet geht gehen läuft
    """
)
_SAYS_WHEN: Final = re.compile(
    r"(?:\S+ ){0,3}(?:since|seit)\b|(?:it |es |das |this |that |all of this |trouble |first |last |only |the |been "
    r"|was )*(?:since|seit|ab|from|began|begann"
    r"|started|starting|noticed|reported|discovered|broke|happen\w*|goes on|going on|geht|tritt|calls?|tickets?"
    r"|contact|seen"
    r"|aufgefallen|fing|has been|is like|like this|began|for (?:\w+ )?(?:days|weeks|nights|hours))\b",
    re.IGNORECASE,
)
_GREETS: Final = re.compile(r"(?:hi|hello|hey|dear|hallo|moin|good \w+|guten \w+|ticket)\b", re.IGNORECASE)
_INSTRUCTED: Final = re.compile(
    r"(?:i |we |have |also |and )*(?:told|asked|informed|advised|warned|instructed)\b", re.IGNORECASE
)
_WHY: Final = re.compile(
    r"\b(?:i|i'm|i've|we|we're|we've|my|our|ich|wir|mir|uns|mein\w*|unser\w*|because|weil|no(?: \w+)? (?:access|rights?"
    r"|permissions?|licen[cs]e|experience|idea|credentials)|kein\w* (?:zugriff|zugang|rechte?|erfahrung|ahnung)"
    r"|lack\w*|approv\w*|not allowed|beyond|too risky|fehlt|fehlen)\b",
    re.IGNORECASE,
)
_SPENT: Final = re.compile(
    r"\b(?:tried (?:all|everything)|(?:alles|schon alles) (?:versucht|probiert))\b", re.IGNORECASE
)
_NOT: Final = re.compile(r"\b(?:not|cannot|no|nicht|kein\w*)\b|n't\b", re.IGNORECASE)
_NO_REASON: Final = DO_NOT | IF_THEN | PROMISE | UNDO | SMALL_TALK | QUESTION | LEFT | FOR_NOW | UNDONE


def says_something(sentence: Sentence) -> bool:
    return not sentence.cues & SMALL_TALK and sentence.text.count(" ") >= MIN_WORDS - 1


def says_whom(sentence: Sentence) -> bool:
    """Whether it says whom or how many the trouble stops, not whom it spares nor what somebody was told to do."""
    return bool(sentence.cues & IMPACT) and _is_hit(sentence.text)


def _is_hit(text: str) -> bool:
    return not (_SPARED.search(text) or _INSTRUCTED.match(text))


def symptom_and_impact(problem: list[Sentence]) -> tuple[str | None, str | None]:
    """The first sentence that tells of trouble, and the first other, or itself, that says whom or how many it stops."""
    plain = [one for one in problem if not one.quoted and not one.cues & QUESTION]
    told = [one for one in plain if says_something(one)]
    symptom = next((one for one in told if _TROUBLE.search(one.text)), told[0] if told else None)
    if symptom is None:
        return None, None
    at = plain.index(symptom)
    after = [one for one in plain[at + 1 :] if not _is_aside(one.text)]
    others = [*after, *(one for one in plain[:at] if not _GREETS.match(one.text))]
    impact = (
        next((one for one in others if says_whom(one)), None)
        or next((one for one in others if _counts(one)), None)
        or (symptom if says_whom(symptom) else None)
        or next((one for one in after if says_something(one) and _goes_on(one)), None)
        or (symptom if _counts(symptom) else None)
    )
    return symptom.text, impact.text if impact else None


def since_in(problem: list[Sentence], symptom: str | None, impact: str | None) -> str | None:
    """The time that a sentence of the problem names, one that says since when before the others."""
    plain = [one.text for one in problem if not one.quoted and not one.cues & (RECENT | QUESTION)]
    others = [text for text in plain if text not in (symptom, impact)]
    others.sort(key=lambda text: _SAYS_WHEN.match(text) is None)
    times = ((text, time_in(text)) for text in others)
    return next((when for text, when in times if when and (_SAYS_WHEN.match(text) or _DATED.search(when))), None)


def _is_aside(text: str) -> bool:
    """It says since when, or what works, and nothing else."""
    if "," not in text and _SAYS_WHEN.match(text):
        return True
    return _PEOPLE.search(text) is None and working_in(text) == text


def _counts(sentence: Sentence) -> bool:
    return not sentence.cues & RECENT and _PEOPLE.search(sentence.text) is not None and _is_hit(sentence.text)


def _goes_on(sentence: Sentence) -> bool:
    """It tells more of the trouble: neither what still works nor what was before."""
    is_now = not _NOW.isdisjoint(words_of(sentence.text.lower()))
    is_else = sentence.cues & (REPORTED | RECENT) or working_in(sentence.text) is not None
    return is_now and not is_else and _is_hit(sentence.text)


def says_why(sentence: Sentence) -> bool:
    """What its author lacks, shuns or has used up."""
    if sentence.quoted or sentence.cues & _NO_REASON:
        return False
    if sentence.cues & ACTION:
        return _SPENT.search(sentence.text) is not None
    is_plan = sentence.cues & PLAN and not _NOT.search(sentence.text)
    return not is_plan and _WHY.search(sentence.text) is not None
