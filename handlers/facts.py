"""Tells what somebody saw or measured, and another could check, from what people think, plan and talk about."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final, Literal, TypeAlias

from handlers.cues import cues_of, rows_of, words_of
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
    words,
)
from handlers.wording_stated import (
    AGENDA,
    AGENDA_WORDS,
    ASKED,
    ASKED_WORDS,
    CHAT,
    CHAT_OPENS,
    CHAT_PHRASES,
    CONTACT,
    CONTACT_WORDS,
    EXISTENCE,
    FINITE,
    INFINITIVES,
    JUDGES,
    JUDGING_WORDS,
    OF_MANY,
    TIME_WORDS,
    TOOLS,
    VERBLESS_ENDS,
    VERBLESS_OPENS,
    VERBLESS_STATES,
)

Fact: TypeAlias = tuple[Literal["fact", "observation"], str]
"""What is stated, and whether it holds a value."""

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
    r"(?:(?:and|but|aber|und),?|(?:oh|yes|no|ja|nein|nope|ok|(?:hi|hello|hallo|moin|bonjour|hola|ciao)(?: \w+)?"
    r"|good (?:morning|afternoon|evening)|guten (?:morgen|tag|abend)|morning|right|well|fine"
    r"|good|great|and|so),) ",
    re.IGNORECASE,
)
_CONCLUDES: Final = words("so then therefore thus hence also damit somit dann sonst")
_THEN_VALUE: Final = re.compile(r"(?:then|dann|danach),? [\"„“«「\d]", re.IGNORECASE)
_QUOTES: Final = '"„“«「'
_OPENS_VAGUELY: Final = re.compile(
    r"(?:(?:(?:that|this)(?= (?:is|was|'s|would|will|can|could|has|had|does|did|makes?|fits?|explains?|sounds?|looks?"
    r"|seems?"
    r"|happen\w*|works?|worked|helps?|helped|way|should|might|may|one|part|all)\b)|that's|it(?!-)|he|she|they|who"
    r"|what|where|which|es"
    r"|das(?! (?-i:[A-ZÄÖÜ]))|er|sie|da)(?:'s)?|by|if"
    r"|when|until|because|since|to|for|even|wenn|falls|bis|weil|um|mit|als|solange|had|got|told"
    r"|did|looks?|seems?|sieht|(?!\w*thing\b|string\b|ring\b|wing\b|building\b|meeting\b|wiring\b|cabling\b"
    r"|\w+ing (?:[^\s,]+ ){0,4}?(?:is|are|was|goes|works|stops|fails|takes|runs|has|shows|hangs)\b)\w+ing)\b",
    re.IGNORECASE,
)
_NAMES: Final = re.compile(
    r"[A-Z]{2}|\w\W+[A-ZÄÖÜ]|^[\w-]+ \w{3,}[^s'u]s\b|[\d\\/_@\"„=]|\w\.\w{2}"
    r"|(?i:^(?:both|all|no|only|other|every|each|some|none|beide|alle|keine?|nur) )"
    r"|\b(?:is|are|was|were|has|have|had|does|do|did|can|cannot|\w+n't|(?:do|does|did|is|are|was|has|ca|wo)nt|ist|sind"
    r"|war|waren|ok|fine|läuft|geht|works?|hat|haben|kann|können|wird|werden)\b"
)
_IT: Final = re.compile(
    r"(?:it|they|this|that)\b(?! (?:makes?|fits?|sounds?|looks?|seems?|might|may|should|would|could)\b)", re.IGNORECASE
)
_VERSION: Final = re.compile(r"[\w+-]+ v?\d+(?:\.\d+){1,4}\b", re.IGNORECASE)
_WE_HAVE: Final = re.compile(
    r"(?:(?:i|we)(?:'ve(?: only)?| have| only have| can| can't| can only| cannot| lack| hold| don't have| do not have"
    r"| haven't got| have only| don't own)|neither (?:\w+ ){1,4}(?:have|has)) (?!to\b|not\b|no idea|time\b|no time"
    r"|\w+ed\b)|(?:ich|wir) (?:habe|haben|kann|können|sehe|darf|komme) (?:\S+ ){0,6}?(?:kein\w*|nur|nicht)\b"
    r"(?! (?:zeit|ahnung|idee|mehr zeit)\b)",
    re.IGNORECASE,
)
_ASKS: Final = re.compile(
    r"^(?:[^:?]{3,60}: )?(?:and |but |so |also |und |aber |or |ok |then |hm,? )*(?:who|what|when|where"
    r"|which|why|how|whose|is|are|was"
    r"|were|do|does|did|has|have|had|can|could|should|would|will"
    r"|may|might|must|shall|any|anyone|anybody|wer|was|wann|wo|welche\w*|warum|wieso|weshalb|wie|ist|sind|war|hat"
    r"|haben|kann|können|kannst|darf|dürfen|soll|sollen|muss|müssen"
    r"|gibt|kennt|weiß|wurde|wurden|wird|werden|woher|wohin|wozu|lässt|geht|roll|isn't|aren't|doesn't|don't|didn't"
    r"|hasn't|\w+(?:en|t|st) (?:wir|ich|ihr|sie|er|es|man|das|die|der)|in which|for how|since when"
    r"|to whom|from where|ob)\b",
    re.IGNORECASE,
)
_REASON: Final = re.compile(r"(?:since|because|as|weil|da|denn)\b", re.IGNORECASE)
_MAX_GUESS: Final = 15
"""Words of a guess with a question mark."""
_PLAIN: Final = re.compile(
    r"(?:my|the|both|all|our|their|its|der|die|das|mein\w*|unser\w*|[\w-]+ (?:of|log|list)) \S.*\b(?:is|are|was|were"
    r"|ist|sind"
    r"|war|waren|has|have|hat|came|runs?|stops?|doesn't|didn'?t)\b",
    re.IGNORECASE,
)
_MANY: Final = words(
    "they we you both all people ones staff others who that which not never can cannot also still only"
)
_ARE: Final = words("is are am ist sind bin")
_OPTION: Final = re.compile(r" (?:--?|/)[A-Za-z]|://")
_SUBORDINATES: Final = words("when if until once because that which as before after while wenn falls bis dass weil")
_SAME: Final = [["same", after] for after in ("on", "for", "in", "at")]
_IS: Final = re.compile(r"\b(?:is|are|was|were|has|had|shows?|says?|writes?|ist|sind|war|waren|hat|steht|zeigt)\b")
_SETTING: Final = re.compile(r"\w=[^\s=].*[;&]|\w=\S.*\w=\S")
_COPULA: Final = re.compile(
    r"(?!(?:it|that|this|he|she|they|es|das)\b)(?:[\w.-]+ ){1,4}(?:is|are|isn't|aren't|ist|sind) |(?:there's "
    r"|there is )?(?:no|kein\w*) (?!window|time|need|rush|idea|hurry|zeit|fenster)\w+"
    r"|that exists|(?:they|we) (?:only )?have ",
    re.IGNORECASE,
)
_WORKS: Final = re.compile(
    r"\b(?:works?(?! on\b| with\b| by\b| from\b| over\b| around\b)|fine|ok|okay|normal|in ordnung"
    r"|normally|unaffected|(?:not|isn't"
    r"|aren't|never|nicht) (?:affected|betroffen)|goes on(?! since| for)"
    r"|goes out|go out|come in|go through|keeps? (?:working|running|recording|printing)|funktionier(?:t|en)|läuft"
    r"|laufen|geht"
    r"|gehen|as usual|as always|wie immer|without (?:any )?(?:trouble|problems?|errors?)|all good|no problems?"
    r"|are spared|still open"
    r"|still print|still work)\b",
    re.IGNORECASE,
)
_BUT_TROUBLE: Final = re.compile(
    r"\b(?:late|slow\w*|not (?!affected)|no longer|no more|nothing|nobody|cannot|can't|won't|don't"
    r"|doesn't|fails?|stopped|kein\w*"
    r"|nicht (?!betroffen)|nichts|niemand|nur noch)\b|n't (?!affected)",
    re.IGNORECASE,
)
_PROMPT: Final = re.compile(
    r"[A-Z]:\\[^>]*>|PS[^>]{0,40}>|[$#%] |[\w.@~:-]+[#>$] ?\w|>>> |<[\w-]+>$"
    r"|(?:sudo )?(?:ping|tracert|traceroute|nslookup|dig|curl|wget|ipconfig|show|display|select|netsh|net|sc|dir|type"
    r"|cat"
    r"|grep|ssh|telnet|systemctl|journalctl|esxcli|repadmin|dcdiag|certutil|openssl|iperf3?|nltest|klist|w32tm|gpresult"
    r"|[A-Z][a-z]+-[A-Z]\w+) (?!\d)[^:]*$"
)
_TROUBLE: Final = (
    """
error|fail|denied|deny|unreach|timeout|timed out|time-out|timed-out|exception|not found|reject|refus|warn
critical|stopped|missing| dead| down|lost|locked|expired|invalid|unable|cannot|can't|could not|corrupt
degraded|offline|fragmented|disabled|mismatch|violation|abort|rolled|rolling|drop|unknown|no such
insufficient|exceed|not running|not responding|duplicate|fehler|nicht|verweigert|abgelehnt|ungültig
abgelaufen|unbekannt|dépassé|perdus|échec|erreur|impossible|refusé|tiempo|no se pudo|denegado|169.254.
delete|disable|kill|terminat| fault|faulty|segfault|fatal| full|redirected|junk|quarantin|blocked|unavail|unhealthy
overdue|stale
unexpected|loss|not trusted|untrusted|flapping|collision|conflict|retransmi|pending|stuck|overflow|throttl|panic
not trust|no response|no route|no answer|not allowed|not permitted|unsupported|too many|too long|too large|too old
gestört|getrennt|gesperrt|angehalten|beendet mit|unterbrochen|verloren|deaktiviert|desactivad|désactivé
reason code|ursachencode|0 match|no match|cause=
introuvable|expiré|interdit|caducad|rechazad|perdid|agotado
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
_STATES: Final = ("state:", "status:")
_NO_TROUBLE: Final = re.compile(
    r"\b(?:no(?: known)?|0|without|keine?|aucune?|sin|ohne) (?:\w+ )?(?:errors?|fail\w*|loss|warnings?|drops?|problems?"
    r"|fehler\w*|warnung\w*|verlust\w*|erreurs?|err\w*)|\b0% (?:packet )?loss|\((?:0% \w+|perte 0%)\)"
    r"|\b(?:error|fail|drop|lost|loss|warn)\w*\s*[:=]\s*0\b",
    re.IGNORECASE,
)
_CODE: Final = re.compile(r"\b0x[0-9a-f]{5}|\b(?:time|temps|zeit)=\d{4}")
_HEALTHY: Final = re.compile(
    r"\b(?:success\w*|succeeded|ok|passed|active|optimized|online|healthy|normal|erfolgreich|bestanden|réussi\w*"
    r"|correcto|optimal|up to date|in sync|established)\b",
    re.IGNORECASE,
)
_NO_NEWS: Final = re.compile(
    r"\b(?:Info|Debug)\b(?!:)|^(?:IPv[46][- ]?Addres|IPv4-Adresse|Adresse IPv|Subnet Mask|Subnetzmaske"
    r"|Masque de|Link-local"
    r"|Physical Address|Physische Adresse|Level:|Ebene:|Niveau |Keywords:|Log Name:|Protokollname:"
    r"|Task Category:|Current"
    r" LogonId|Network Policy Server (?:denied|granted))(?!.*169\.254\.)|\b0\s+0\s+0\b|-{4,}|^(?:\W*$|Pinging "
    r"|Ping wird |Envoi d'une |Haciendo ping )",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"\d[\s%]")
_DIGIT: Final = re.compile(r"\d")
_SIGN: Final = re.compile(r"[\d\"„“”«»「`'\u2018=_]")
_CONSTANT: Final = re.compile(r"\b[A-Z]{2,}(?:_[A-Z]{2,})+\b")
_QUOTING: Final = re.compile(r"[\"„“”«»「`].*[\"“”«»」`]|['\u2018](?<!\w.)(?=\w).*\w[.!]?['\u2019](?!\w)")


def fact_in(text: str, cues: Cue) -> Fact | None:
    """The sentence, or the clause of it, that states one."""
    if cues & (TALK | NOT_DONE) and _WE_HAVE.match(text):
        cues &= ~(TALK | NOT_DONE)
    if cues & REDACTED and "=" in text and _SETTING.search(text):
        cues &= ~REDACTED
    if cues & _NEVER:
        return _planned_apart(text, cues)
    if not cues & _ELSE:
        told = _standing(text, cues)
        if told and holds_value(text):
            return "fact", text
        return ("observation", text) if told and _says(told) and not _is_chat(text, told) else None
    if cues & RULED_OUT:
        return None
    said = (part for part in clauses(text) if holds_value(part) or _is_plain(part, cues))
    return next((("fact" if holds_value(part) else "observation", part) for part in said if _is_apart(part)), None)


def _planned_apart(text: str, cues: Cue) -> Fact | None:
    """Of a sentence with a plan the clause that tells a figure."""
    if cues & _NEVER != PLAN or not cues & MEASURED:
        return None
    said = (part for part in clauses(text) if holds_value(part) and _IS.search(part))
    return next((("fact", part) for part in said if _is_apart(part)), None)


def _is_apart(part: str) -> bool:
    """Whether the clause stands by itself, and holds nothing of what the sentence is."""
    if _REASON.match(part) or _OPENS_VAGUELY.match(part):
        return False
    held = cues_of(part, _LOOKED_FOR)
    return not held & (_NEVER | _ELSE) and _standing(part, held) is not None


def _is_plain(part: str, cues: Cue) -> bool:
    return not cues & REDACTED and _PLAIN.match(part) is not None and not _is_chat(part, _told_in(part))


def _told_in(text: str) -> list[str]:
    lowered = text.lower()
    return words_of(lowered.replace("\u2019", "'") if "\u2019" in lowered else lowered)


def _has_verb(told: list[str]) -> bool:
    if not FINITE.isdisjoint(told):
        return True
    return not OF_MANY.isdisjoint(told) and any(
        verb in OF_MANY and (noun in _MANY or noun[-1] == "s") for noun, verb in pairwise(told)
    )


def _says(told: list[str]) -> bool:
    """It has a verb, or is of a kind that says something without."""
    if told[0] in VERBLESS_OPENS or told[-1] in VERBLESS_ENDS or told[:2] in _SAME or _has_verb(told):
        return True
    return not VERBLESS_STATES.isdisjoint(told) and "then" not in told


def _is_chat(text: str, told: list[str]) -> bool:
    if not CHAT.isdisjoint(told) or CHAT_OPENS.match(text):
        return True
    return CHAT_PHRASES.search(f" {' '.join(told)} ") is not None


def _is_agenda(text: str, told: list[str]) -> bool:
    """It says what people do, plan or thought, or is no more than a time."""
    first = told[0]
    if first in AGENDA_WORDS and AGENDA.match(text):
        return True
    if first in ASKED_WORDS and ASKED.match(text) and FINITE.isdisjoint(_main_clause(told)):
        return True
    if first in TIME_WORDS or first[:1].isdigit():
        is_time = all(word in TIME_WORDS or word[0].isdigit() for word in told)
        if is_time and not TIME_WORDS.isdisjoint(told):
            return True
    if told[-1] in INFINITIVES and FINITE.isdisjoint(told):
        return True
    if not CONTACT_WORDS.isdisjoint(told) and CONTACT.search(text.lower()):
        return True
    return not _ARE.isdisjoint(told[1:4]) and EXISTENCE.match(text) is not None


def _main_clause(told: list[str]) -> list[str]:
    return told[: next((at for at, word in enumerate(told) if word in _SUBORDINATES), None)]


def _is_comment(text: str, told: list[str]) -> bool:
    """It is a command to type, says what somebody makes of a finding, or is no statement by its first words."""
    if told[0] in TOOLS and FINITE.isdisjoint(told) and _OPTION.search(text):
        return True
    return not JUDGING_WORDS.isdisjoint(told) and JUDGES.search(text.lower()) is not None


def holds_value(text: str) -> bool:
    """Whether it holds what another can look up: a digit, words that are quoted, the name of an error."""
    return _SIGN.search(text) is not None and (
        _DIGIT.search(text) is not None
        or _QUOTING.search(text) is not None
        or ("=" in text and _SETTING.search(text) is not None)
        or ("_" in text and _CONSTANT.search(text) is not None)
    )


def clauses(text: str) -> list[str]:
    return [part.strip(" )(") for part in _CLAUSE.split(text)]


def _standing(text: str, cues: Cue) -> list[str] | None:
    """The words, in small letters, of what names a thing and says more than a name; None of anything else."""
    if lead := _LEAD.match(text):
        text = text[lead.end() :]
    is_long = text.count(" ") >= _MIN_WORDS - 1
    if text.endswith(":") or not (
        is_long or (cues & MEASURED and (": " in text or text[0] in _QUOTES or _VERSION.match(text)))
    ):
        return None
    told = _told_in(text)
    if (
        not told
        or (told[0] in _CONCLUDES and not _THEN_VALUE.match(text))
        or _is_agenda(text, told)
        or _is_comment(text, told)
        or ("or" in told and not _has_verb(told))
    ):
        return None
    if cues & MEASURED:
        return told
    if _OPENS_VAGUELY.match(text) and not (_IT.match(text) and holds_value(text)):
        return None
    return told if _says(told) or _NAMES.search(text) else None


def shown_in(output: list[str]) -> list[str]:
    """The lines of a tool's output or of a log that show the trouble, or if none does, a value."""
    return [line for line in output if _shows_trouble(line)] or [line for line in output if _shows_value(line)]


def _shows_trouble(line: str) -> bool:
    if _PROMPT.match(line) or _NO_NEWS.search(line):
        return False
    lowered = line.lower()
    found = any(map(lowered.__contains__, _TROUBLE)) or _CODE.search(lowered) is not None
    return found and _NO_TROUBLE.search(lowered) is None


def _shows_value(line: str) -> bool:
    """Whether it shows a state or numbers, of which nothing says that they are in order."""
    if any(found(line) for found in (_PROMPT.match, _NO_NEWS.search, _HEALTHY.search, _NO_TROUBLE.search)):
        return False
    lowered = line.lower()
    return any(map(lowered.__contains__, _STATES)) or _holds_numbers(line)


def _holds_numbers(line: str) -> bool:
    number = _NUMBER.search(line)
    return number is not None and _DIGIT.search(line, number.end()) is not None


def working_in(text: str) -> str | None:
    """The sentence of a problem, or the clause of it, that says what works."""
    if _WORKS.search(text) is None:
        return None
    return next((one for one in (text, *clauses(text)) if _WORKS.search(one) and not _BUT_TROUBLE.search(one)), None)


def states_plainly(text: str) -> bool:
    """Unlike `needs a window` or `not before Saturday`."""
    return _COPULA.match(text) is not None


def reason_in(refusal: str) -> str | None:
    """Why a step failed: what the last clause says of how things are."""
    *before, last = clauses(refusal) or [""]
    if not any(before) or last.count('"') % 2 or _OPENS_VAGUELY.match(last):
        return None
    told = _told_in(last)
    return last if told and told[0] not in FINITE and (_has_verb(told[1:]) or _WE_HAVE.match(last)) else None


def is_asked(text: str) -> bool:
    """Whether a question is put like one: else it is a guess."""
    return _ASKS.match(text) is not None or " or " in text or text.count(" ") > _MAX_GUESS
