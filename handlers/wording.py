"""What a cue is, and how one row of the tables of wordings is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

Cue: TypeAlias = int
"""One bit: a sentence's cues are the sum of those it holds."""

ACTION: Final[Cue] = 1 << 0
"""Says that the author did something."""
COMMAND: Final[Cue] = 1 << 1
"""Names what may have been done: it was, if a result is stated too."""
LIKELY_ACTION: Final[Cue] = 1 << 2
"""The same, if what is stated is worded like a result."""
CHANGE: Final[Cue] = 1 << 3
LEFT: Final[Cue] = 1 << 4
"""Says that a change is still in place."""
FOR_NOW: Final[Cue] = 1 << 5
"""The same, also of what the sentence says was done."""
UNDONE: Final[Cue] = 1 << 6
UNDO: Final[Cue] = 1 << 7
"""Says how to take a change back."""
HYPOTHESIS: Final[Cue] = 1 << 8
RULED_OUT: Final[Cue] = 1 << 9
REPORTED: Final[Cue] = 1 << 10
"""Says what the client said."""
MEASURED: Final[Cue] = 1 << 11
CONTRADICTION: Final[Cue] = 1 << 13
QUESTION: Final[Cue] = 1 << 14
DO_NOT: Final[Cue] = 1 << 15
IF_THEN: Final[Cue] = 1 << 16
PROMISE: Final[Cue] = 1 << 17
PLAN: Final[Cue] = 1 << 18
TALK: Final[Cue] = 1 << 19
"""People speak of themselves and to each other."""
NOT_DONE: Final[Cue] = 1 << 20
SMALL_TALK: Final[Cue] = 1 << 21
COURTESY: Final[Cue] = 1 << 22
IMPACT: Final[Cue] = 1 << 23
SINCE: Final[Cue] = 1 << 24
RECENT: Final[Cue] = 1 << 25
REDACTED: Final[Cue] = 1 << 26
GENERAL: Final[Cue] = 1 << 31
"""Says how things are as a rule: a hypothesis of an assistant, nothing of a person."""
CHANGE_ASKED: Final[Cue] = 1 << 27
"""Of a task's title, as the next one: it asks for a change, for another deed."""
DEED_ASKED: Final[Cue] = 1 << 28


def words(table: str) -> frozenset[str]:
    return frozenset(table.split())


_CHANGED: Final = """
disabled|enabled|added|removed|created|deleted|changed|switched|moved|migrated|installed|uninstalled|replaced
rolled back|blocked|allowed|whitelisted|excluded|turned off|turned on|opened|closed|renamed|granted|revoked
assigned|pointed|paused|redirected|forwarded|bypassed|increased|raised|lowered|decreased|configured|reconfigured
adjusted|applied|stopped|upgraded|downgraded|updated|mapped|reverted|swapped|suspended|rerouted|drained|exempted
isolated|pinned|parked
"""
_CHANGED_DE: Final = """
deaktiviert|aktiviert|hinzugefügt|angelegt|entfernt|geändert|umgestellt|zurückgerollt|gestoppt|installiert
umgeleitet|deinstalliert|eingetragen|freigegeben|gelöscht|ersetzt|ausgetauscht|angepasst|eingerichtet
aktualisiert|gesetzt|vergeben|verschoben|ausgenommen|umgebogen|abgeschaltet|eingeschaltet|ausgeschaltet|pausiert
"""
_CLIENT: Final = (
    "client|customer|user|users|caller|end user|kunde|kundin|kunden|anwender|anwenderin|benutzer|benutzerin"
)
# What "don't" says about a thing rather than to a colleague.
_PERCEPTION: Final = (
    "know|think|have|see|believe|understand|remember|get|worry|hesitate|seem|want|need|receive|show"
    "|print|connect|appear"
    "|respond|work|load|start|sync|find|match|help|exist|reply|care|recall|mind|seen|saw|happened|had|been|got|worked"
    "|forget|trust|even|look|fit|come|go|answer|resolve|like|say|agree|support|use|laugh|panic|ask|reach|accept|allow|contain|list"
)
_WHEN: Final = (
    r"(?:\d|yesterday|today|this (?:morning|afternoon|week|month)|last|monday|tuesday|wednesday|thursday|friday"
    r"|saturday|sunday|(?:mon|tues?|weds?|thurs?|fri|sat|sun) |jan|feb|mar|apr|may |jun|jul|aug|sep|oct"
    r"|nov|dec|noon|midnight|morning|after|heute|gestern"
    r"|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|letzte|update|upgrade|patch|reboot|migration"
    r"|umstellung|firmware|lunch|early|the |about|around|night|weekend|shortly|vorgestern|anfang|mitte|ende|diese"
    r"|dem |der |den |ca\.|kurz|nach|easter|christmas|ein|zwei|drei|vier|mehreren|on (?!site|guest|hold"
    r"|leave|call|duty|the phone)|at |um |am )"
)
SINCE_WHEN: Final = re.compile(
    r"\b(?:(?:started|starting|began|begann|beginn|ab|came|noticed|first seen|reported|happened|beginning|going on"
    r"|been)"
    r"\b:?|(?:first|erste) [^\s,.;]{1,20} [^\s,.;]{1,20} (?:is|ist)) "
    r"(?:(?:about|around|roughly|ca\.|etwa|in|with|right|from|is|first|again|just|since|gradually|suddenly|slowly"
    r"|plötzlich|schleichend) ){0,2}"
    rf"(?P<when>{_WHEN}(?:[^,.;!?()]|[,.](?=\d)){{0,80}})"
    r"|\b(?:since|seit) (?!(?:it|he|she|we|they|i|you|this is|that|there|all|then|only|my|our|her|his|both|no)\b)"
    r"(?P<since>(?:[^,.;!?()]|[,.](?=\d)|(?<=ca)\.){1,80})"
    r"|\bfor (?<!interruption for )(?<!a break for )(?<!success for )(?<!valid for )(?<!stable for )(?<!online for )"
    r"(?<!running for )(?:(?:about|over|the last|the past|some|almost|more than|at least) )?"
    r"(?:an?|\d+|two|three|four|five|six|seven|several|a few|a couple of|many|the) "
    r"(?:hour|night|day|week|month|morning|evening)s?\b",
    re.IGNORECASE,
)


_TIME: Final = re.compile(
    r"(?:\d{1,2}[:.]\d\d(?:[:.]\d\d)?h?|\d{1,2}\.(?:\d{1,2}\.(?:\d{2,4})?)?|\d{1,2}(?:st|nd|rd|th|am|pm"
    r"|h)|20\d\d(?:-\d\d-\d\d)?"
    r"|yesterday|today|tonight|noon|midnight|lunch(?:time)?|early|mornings?|afternoons?|evenings?|night"
    r"|nite|weekend|week|month|year"
    r"|hours?|minutes?|days?|nights|weeks|months|years|spring|summer|autumn|winter|easter|christmas|time|am|pm|o'clock"
    r"|mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
    r"|jan(?:uary)?|feb(?:ruary)?|march|april|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?|gestern|vorgestern|heute|nacht|früh|morgens?|mittags?|vormittags?|nachmittags?|abends?"
    r"|(?:mon|diens|donners|frei|sams|sonn)tags?(?:morgen|abend|mittag|früh|nacht)?|mittwoch(?:s|morgen|abend)?|uhr"
    r"|wochenende|woche|monat|jahr|stunden?|minuten?|tage?n?|wochen|januar|februar|märz|mai|juni|juli|oktober|dezember"
    r"|ostern|weihnachten)\b|\d{1,2}(?= (?:st|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|am|pm|uhr|hours?|days?"
    r"|minutes?|nights?|weeks?|months?|stunden?|tage|wochen|monat|okt|dez|mär|mai))",
    re.IGNORECASE,
)
_JOINS: Final = words(
    """
    on at in of from about around roughly shortly just last this the a past next first second before after between
    since one two three four five six seven half ten ca. um am im vom gegen kurz vor nach seit dem der den letzte
    letzten letzter dieser zwei drei vier zehn etwa
    """
)
"""Words that lead from one time word to the next."""
_FROM: Final = words("from since seit")
_PREPOSITIONS: Final = _JOINS - words("just last this the a past next") | words(
    "to for with by into onto over under and & von des für mit bei an auf zum zur aus durch ins und the a an our"
)
_SUBJECTS: Final = words(
    """
    the all some every each both half many several most nobody everyone everybody nothing it we they he she i no none
    about users people my our their alle einige viele mehrere niemand keiner nichts es wir sie er ich die das kein
    keine der jeder
    """
)
"""After a noun they begin the next clause."""
_FINITE: Final = re.compile(
    r"(?:is|are|was|were|has|have|had|does?|did|can|cannot|could|will|would|\w+n't|fails?|failed|loses?"
    r"|gets?|got|shows?"
    r"|goes|drops?|crash(?:es)?|keeps?|stops?|hangs?|needs?|says?|takes?|that|which|who|where|while|so|but|because"
    r"|and|und|aber|ist|sind|war|waren|hat|haben|kann|können|wird|werden|geht|gehen|kommt|kommen|läuft|laufen|dass)$",
    re.IGNORECASE,
)
_LONGEST: Final = 8
"""Words of an event."""


def when_in(text: str) -> str | None:
    """Since when something is so: time words, with the event before them; of a clause that follows nothing.

    Where the event's end cannot be told, the first time words.
    """
    since = SINCE_WHEN.search(text)
    if since is None:
        return None
    held: str | None = since["when"] or since["since"]
    return (held and _bounded(held.split())) or since[0].strip()


def time_in(text: str) -> str | None:
    """The first words of time in `text`, with those that lead to them."""
    told = text.split()
    first = next((at for at in range(len(told)) if _TIME.match(" ".join(told[at : at + 2]))), None)
    if first is None:
        return None
    while first and told[first - 1].lower() in _JOINS - _FROM:
        first -= 1
    return _bounded(told[first:]).rstrip(".,;") or None


def _bounded(told: list[str]) -> str:
    end = 0
    is_time = False
    for at, word in enumerate(told):
        if _TIME.match(" ".join(told[at : at + 2])) and not _FINITE.match(word):
            end, is_time = at + 1, True
        elif is_time and word.lower() not in _JOINS and not (word[0].isupper() and told[at + 1 : at + 2] == ["time"]):
            break
        elif not is_time:
            after_noun = at > 0 and told[at - 1].lower() not in _PREPOSITIONS
            if _FINITE.match(word) or (after_noun and _begins_clause(word, told[at - 1])):
                break
            end = min(at + 1, _LONGEST)
    if told[end:] == ["before"]:  # on the day before
        end += 1
    return " ".join(told[:end])


def _begins_clause(word: str, noun: str) -> bool:
    """After a German noun, which has a capital, comes a verb in small letters."""
    lowered = word.lower()
    return lowered in _SUBJECTS or (
        noun[0].isupper() and word.endswith(("t", "en")) and word.islower() and lowered not in _PREPOSITIONS
    )


@dataclass(frozen=True, slots=True, eq=False)
class Wording:
    """A sentence that holds one of the phrases as whole words, and `pattern` if there is one, holds the cue."""

    cue: Cue
    phrases: tuple[str, ...]
    pattern: re.Pattern[str] | None


def phrases(table: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for line in table.splitlines() for phrase in line.split("|") if phrase.strip())


def any_of(table: str) -> str:
    """An alternation that takes the longest phrase first."""
    return "|".join(re.escape(phrase) for phrase in sorted(phrases(table), key=len, reverse=True))


_NAMED: Final = {"<CHANGED>": _CHANGED, "<CHANGED_DE>": _CHANGED_DE, "<CLIENT>": _CLIENT}
_PARTS: Final = {
    **{name: any_of(table) for name, table in _NAMED.items()},
    "<PERCEPTION>": _PERCEPTION,
    "<SINCE>": SINCE_WHEN.pattern,
    "<CLAUSE_END>": r"(?=[,.;:!]|$| [-\u2013\u2014\u2192=]| and | but | und | aber )",
    "<ACTIVE>": r"\b(?! (?:by|like|to that|itself|due|everything|nothing)\b)",
    "<START>": r"^(?:(?:so|and|but|then|ok|okay|also|well|now|\W|therefore|thus|hence|damit) ?)*",
}


def wording(cue: Cue, table: str, pattern: str | None = None) -> Wording:
    """`<NAME>` stands for the table or the part of a pattern of that name, `ANY` for all phrases of this row."""
    for name, named in _NAMED.items():
        table = table.replace(name, named)
    if pattern is None:
        return Wording(cue, phrases(table), None)
    for name, part in _PARTS.items():
        pattern = pattern.replace(name, part)
    return Wording(cue, phrases(table), re.compile(pattern.replace("ANY", any_of(table))))
