"""What the session's problem says: what is broken and whom it stops."""

from __future__ import annotations

import re
from typing import Final

from handlers.clauses import Sentence
from handlers.wording import IMPACT, QUESTION, SMALL_TALK

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
    r"|vanish\w*|differs?|none|recovery (?:screen|key)|bluescreen|degraded|mismatch\w*|pauses?|fault\w*|odd|strange)\b",
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
_INSTRUCTED: Final = re.compile(
    r"(?:i |we |have |also |and )*(?:told|asked|informed|advised|warned|instructed)\b", re.IGNORECASE
)


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
    others = [one for one in plain if one is not symptom]
    stated = next((one.text for one in (*others, symptom) if says_whom(one)), None)
    counted = next((one.text for one in (*others, symptom) if _PEOPLE.search(one.text) and _is_hit(one.text)), None)
    return symptom.text, stated or counted
