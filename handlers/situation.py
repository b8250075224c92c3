"""What the session's problem says: what is broken and whom it stops."""

from __future__ import annotations

import re
from typing import Final

from handlers.clauses import Sentence
from handlers.wording import IMPACT, MEASURED, QUESTION, SMALL_TALK

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
    r"|vanish\w*|fault\w*|odd|strange)\b",
    re.IGNORECASE,
)
_PEOPLE: Final = re.compile(
    r"\b(?:all|several|many|most|both|half|every|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|alle|viele|mehrere|zwei|drei|vier|fünf|acht|neun|zehn"
    r"|everyone|everybody|nobody|no one|nothing|niemand|whole|entire|ganze\w*|gesamte\w*|business|production"
    r"|shop floor|users?|staff|team|payroll)\b",
    re.IGNORECASE,
)


def says_something(sentence: Sentence) -> bool:
    return not sentence.cues & SMALL_TALK and sentence.text.count(" ") >= MIN_WORDS - 1


def symptom_and_impact(problem: list[Sentence]) -> tuple[str | None, str | None]:
    """The first sentence that tells of trouble, and the first other, or itself, that says whom or how many it stops."""
    plain = [one for one in problem if not one.quoted and not one.cues & QUESTION]
    told = [one for one in plain if says_something(one)]
    symptom = next((one for one in told if _TROUBLE.search(one.text)), told[0] if told else None)
    if symptom is None:
        return None, None
    others = [one for one in plain if one is not symptom]
    stated = next((one.text for one in (*others, symptom) if one.cues & IMPACT), None)
    counted = next((one.text for one in others if _PEOPLE.search(one.text) or one.cues & MEASURED), None)
    return symptom.text, stated or counted or (symptom.text if _PEOPLE.search(symptom.text) else None)
