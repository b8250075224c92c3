"""Splits what people wrote into sentences and says which cues each one holds, in English and German.

A sentence is at most `MAX_SENTENCE` characters long, so what any pattern costs on one is bounded.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, NamedTuple

MAX_SENTENCE: Final = 300

Cue = Literal[
    "action",  # says that the author did something
    "likely_action",  # says so only if a result is stated too
    "change",
    "left",  # says that a change is still in place
    "change_asked",  # a task's title that asks for a change
    "undone",
    "undo",  # says how to take a change back
    "hypothesis",
    "ruled_out",
    "reported",  # says what the client said
    "measured",
    "contradiction",
    "question",
    "do_not",
    "if_then",
    "promise",
    "plan",
    "small_talk",
    "impact",
    "since",
    "recent",
]


class Sentence(NamedTuple):
    """`text` is as its author wrote it, but for white space and list marks.

    `quoted`: it stood in a code block or a quotation, so it is not the author's own word.
    """

    text: str
    cues: frozenset[Cue]
    quoted: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """A sentence that holds one of the phrases as whole words, and `pattern` if there is one, holds the cue."""

    cue: Cue
    phrases: tuple[str, ...]
    pattern: re.Pattern[str] | None


_APART: Final = str.maketrans(dict.fromkeys('.,;:!?()[]{}<>"/\\|=-\u2013\u2014\u2192*_`~\u201e\u201c\u201d\u2026', " "))
_FREQUENT: Final = frozenset(
    {"a", "an", "the", "is", "it", "to", "we", "in", "on", "be", "of", "der", "die", "das", "ist", "es"}
)


def _phrases(table: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for line in table.splitlines() for phrase in line.split("|") if phrase.strip())


def _any_of(table: str) -> str:
    """An alternation that takes the longest phrase first."""
    return "|".join(re.escape(phrase) for phrase in sorted(_phrases(table), key=len, reverse=True))


def _row(cue: Cue, table: str, pattern: str | None = None) -> _Row:
    """`ANY` in the pattern stands for the phrases of the table."""
    return _Row(cue, _phrases(table), None if pattern is None else re.compile(pattern.replace("ANY", _any_of(table))))


_CHANGED: Final = """
disabled|enabled|added|removed|created|deleted|changed|switched|moved|migrated|installed|uninstalled|replaced
rolled back|blocked|allowed|whitelisted|excluded|turned off|turned on|opened|closed|renamed|granted|revoked
assigned|pointed|paused|redirected|forwarded|bypassed|increased|raised|lowered|decreased|configured|reconfigured
adjusted|applied|stopped|upgraded|downgraded|updated|mapped|reverted|swapped|suspended|rerouted
"""
_DID: Final = f"""{_CHANGED}
restarted|rebooted|power cycled|power-cycled|cleared|reinstalled|re-installed|re-added|readded|re-enabled
patched|restored|rebuilt|recreated|re-created|repaired|flushed|renewed|released|unlocked|checked|verified
confirmed|tested|tried|attempted|ran|re-ran|executed|compared|reviewed|looked|searched|scanned|pinged|traced
captured|collected|exported|imported|unblocked|killed|terminated|logged|unplugged|reseated|reconnected|remapped
rejoined|joined|synced|resynced|forced|extended|freed|copied|registered|re-registered|cleaned|purged|emptied
signed out|relaunched|retried
"""
_CHANGED_DE: Final = """
deaktiviert|aktiviert|hinzugefügt|angelegt|entfernt|geändert|umgestellt|zurückgerollt|gestoppt|installiert
umgeleitet|deinstalliert|eingetragen|freigegeben|gelöscht|ersetzt|ausgetauscht|angepasst|eingerichtet
aktualisiert
"""
_DID_DE: Final = f"""{_CHANGED_DE}
neu gestartet|neugestartet|geleert|zurückgesetzt|neuinstalliert|neu installiert|geprüft|überprüft|getestet
getauscht|ausgeführt|durchgeführt|entsperrt|kontrolliert|versucht|angepingt|verglichen|neu verbunden
neu angelegt
"""
_PAST_OR_IMPERATIVE: Final = "reset|set|put|cut"
_CLIENT: Final = (
    "client|customer|user|users|caller|end user|kunde|kundin|kunden|anwender|anwenderin|benutzer|benutzerin"
)
_OUTCOMES: Final = _any_of("""
no change|no effect|no luck|no difference|no improvement|no success|no joy|to no avail|no better|no result
no errors|no reply|no response|didn't help|did not help|doesn't help|does not help|hasn't helped|didn't work
did not work|didn't fix|did not fix|didn't change|did not change|still|same|works|worked|working|fixed|failed
fails|failing|succeeded|successful|unsuccessful|resolved|helped|came back|comes back|returned|access denied
timed out|times out|without success|error|errors|ok|okay|passed|clean|unchanged|nothing|crashed|crashes|hangs
all good|keine änderung|keine besserung|ohne erfolg|kein erfolg|hat nicht geholfen|half nicht|hilft nicht
immer noch|weiterhin|gleicher fehler|derselbe fehler|unverändert|erfolglos|erfolgreich|funktioniert|geht wieder
geht nicht|fehlgeschlagen|nach wie vor|ohne ergebnis|ohne befund
""")

_LEAD: Final = (
    r"(?:(?:\[?\d{1,2}[:.]\d{2}(?::\d{2})?\]?(?: ?(?:am|pm|uhr))?|i|we|i've|we've|have|then|next|first|also"
    r"|already|just|so|since|ok|okay|and|now|today|yesterday|earlier|again|finally|manually|remotely|tried|done|update"
    r"|step \d{1,2})"
    r"[ ,:.\u2013-]{1,3}){0,5}"
)
_ACTIVE: Final = r"\b(?! (?:by|like|to that|itself|due|everything|nothing)\b)"
_CLAUSE_END: Final = r"(?=[,.;:!]|$| [-\u2013\u2014\u2192=]| and | but | und | aber )"
_NOT_SO: Final = (
    r"(?!(?:not|never|nobody|nothing|be|if|when|after|until|before|that|which|nicht|noch|nie|bitte|wenn|falls|sobald"
    r"|nachdem)\W|\w{1,8}n't\W|should|would|could|will\W|must|need|soll|m[uü]ss|k[oö]nn|kann|würde)"
)
_GERMAN_CLAUSE: Final = (
    rf"(?:(?!(?:ist|sind|war|waren|wird|wurde|wurden|kunde|kundin|anwender|benutzer)\W){_NOT_SO}"
    r"[^\s,;]{1,40} ){0,9}"
)
_PERCEPTION: Final = (
    "know|think|have|see|believe|understand|remember|get|worry|hesitate|seem|want|need|receive|show|print|connect|appear"
    "|respond|work|load|start|sync|find|match|help|exist|reply|care|recall|mind|seen|saw|happened|had|been|got|worked"
)
_WHEN: Final = (
    r"(?:\d|yesterday|today|this (?:morning|afternoon|week|month)|last|monday|tuesday|wednesday|thursday"
    r"|friday|saturday|sunday|jan|feb|mar|apr|may |jun|jul|aug|sep|oct|nov|dec|noon|midnight|morning|after|heute"
    r"|gestern|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|letzte|update|upgrade|patch|reboot"
    r"|migration|umstellung|firmware)"
)
SINCE: Final = re.compile(
    r"\b(?:since|seit|started|starting|began|begann)\s(?:(?:about|around|roughly|ca\.|etwa|on|at|um|am|the|der|dem"
    rf"|den)\s){{0,2}}(?P<when>{_WHEN}(?:[^,.;!?]|[,.](?=\d)){{0,80}})",
    re.IGNORECASE,
)

_ROWS: Final = (
    _row("action", _DID, rf"^{_LEAD}(?:ANY){_ACTIVE}"),
    _row("action", _DID_DE, rf"^{_GERMAN_CLAUSE}(?:ANY){_CLAUSE_END}"),
    _row("action", _PAST_OR_IMPERATIVE, rf"^{_LEAD}(?:i|we|i've|we've|have|already) (?:ANY)\b"),
    _row("likely_action", _PAST_OR_IMPERATIVE, rf"^{_LEAD}(?:ANY)\b"),
    _row(
        "likely_action",
        _DID,
        rf"^(?:{_NOT_SO}[^\s,;:]{{1,40}} ){{1,5}}(?:ANY)"
        rf"(?: (?:again|twice|remotely|manually|(?:at|by) \S+)){{0,2}}{_CLAUSE_END}",
    ),
    _row("change", f"{_CHANGED}|set", rf"(?:^{_LEAD}|(?:[,;]| and| then| &) )(?:ANY){_ACTIVE}"),
    _row("change", _CHANGED_DE, rf"\b(?:ANY){_CLAUSE_END}"),
    _row(
        "left",
        f"{_CHANGED}|{_CHANGED_DE}",
        r"\b(?:left|is now|are now|temporarily|remains?|vorübergehend)(?: \S+){0,5} (?:ANY)\b"
        r"|\b(?:ANY)(?: \S+){0,6} (?:for now|temporarily|until further notice|vorübergehend)\b",
    ),
    _row(
        "change_asked",
        """disable|enable|add|remove|create|delete|change|switch|move|migrate|install|uninstall|replace|roll back|block
        allow|whitelist|exclude|turn off|turn on|open|close|rename|grant|revoke|assign|redirect|forward|bypass|increase
        raise|lower|decrease|configure|reconfigure|adjust|apply|stop|upgrade|downgrade|update|set""",
        r"^(?:ANY)\b",
    ),
    _row(
        "change_asked",
        """deaktivieren|aktivieren|hinzufügen|anlegen|entfernen|ändern|umstellen|installieren|deinstallieren|löschen
        ersetzen|freigeben|eintragen|anpassen|umleiten|einrichten|stoppen""",
        rf"\b(?:ANY){_CLAUSE_END}",
    ),
    _row(
        "undone",
        """re-enabled it|re-enabled them|put it back|put them back|switched it back|switched back|turned it back on
        undid|changed it back|changed back|set it back|reverted it|rolled it back|removed it again
        wieder aktiviert|wieder deaktiviert|rückgängig gemacht|zurückgestellt""",
    ),
    _row("undo", "undo|revert|roll back|rückgängig", r"^(?:to )?(?:ANY)\b"),
    _row(
        "hypothesis",
        """might be|may be|maybe|could be|perhaps|possibly|probably|presumably|likely|suspect|suspecting|suspicion
        my guess|i guess|i think|we think|i believe|looks like|looked like|seems like|seems to be|appears to be
        sounds like|not sure|unsure|not ruled out|can't rule out|cannot rule out|haven't ruled out
        have not ruled out|might have|may have|could have been|theory|hypothesis|wonder if|wondering if
        often caused by|usually caused by|typically caused by|vermutlich|wahrscheinlich|vielleicht|eventuell
        möglicherweise|könnte|könnten|vermute|vermuten|verdacht|evtl|ich glaube|ich denke|scheint
        nicht ausgeschlossen|nicht ausschließen|sieht aus wie|sieht nach""",
    ),
    _row(
        "ruled_out",
        """ruled out|is fine|are fine|looks fine|look fine|seems fine|is ok|is okay|are ok|looks ok|looks good
        is good|all good|is healthy|are healthy|not the cause|not related to|unrelated to|nothing to do with
        can be excluded|can exclude|works fine|working fine|no issue with|no issues with|no problem with
        no problems with|ausgeschlossen|in ordnung|ist ok|sind ok|liegt nicht am|liegt nicht an
        nicht die ursache|hat nichts mit|funktioniert einwandfrei|unauffällig|ohne befund|nicht schuld""",
    ),
    _row(
        "ruled_out",
        "not the|isn't the|it's not a|is not a|ist nicht der|ist nicht die|ist nicht das|nicht der|nicht am",
        r"\b(?:ANY)(?! (?:first|only|same|case|best|right|latest|one|way|time|erste|einzige|fall)\b)\b",
    ),
    _row(
        "reported",
        _CLIENT,
        r"^(?:the |our |der |die )?(?:ANY)(?: [^\s:]+){0,3}?(?::| (?:says?|said|reports?|reported|told|claims?|claimed"
        r"|mentions|mentioned|confirms?|confirmed|complains?|states?|stated|sagt|sagte|meldet|meldete|berichtet|meint)\b)",
    ),
    _row("reported", "client|customer|user|kunde|kundin|anwender", r"^(?:per|according to|laut) (?:the )?(?:ANY)\b"),
    _row(
        "contradiction",
        """contradicts|contradict|contradicting|contradiction|contradictory|inconsistent|doesn't match
        does not match|doesn't add up|conflicting|contrary to|unlike what|widerspricht|widersprüchlich
        passt nicht zu|entgegen""",
    ),
    _row(
        "do_not",
        "do not|don't|dont|never",
        rf"(?:^|[,;:\u2013-] |please |and |but |so |also )(?:ANY)(?! (?:{_PERCEPTION})\b)\b",
    ),
    _row(
        "do_not",
        "want",
        r"\b(?:don't|do not|doesn't|does not) ANY (?:you|anyone|anybody|us|it|this|that|them)\b",
    ),
    _row(
        "do_not",
        """must not|mustn't|under no circumstances|hands off|auf keinen fall|keinesfalls|unter keinen umständen
        darf nicht|dürfen nicht""",
    ),
    _row("do_not", "bitte", r"\bANY (?:[^\s,;]{1,40} ){0,6}(?:nicht|nichts|niemals|keine?[nmrs]?)\b"),
    _row("do_not", "nicht", r"^ANY (?!sicher|klar|möglich|erreichbar|verfügbar|vorhanden|mehr|nur|bekannt|aus)"),
    _row("if_then", "if", r"\bANY (?=.{2,}\bthen\b)"),
    _row("if_then", "wenn|falls|sobald", r"\b(?:ANY) (?=.{2,}\bdann\b)"),
    _row(
        "promise",
        _CLIENT,
        r"\b(?:told|informed|assured|promised) (?:the |our )?(?:ANY)\b",
    ),
    _row("promise", "told", r"\bANY (?!me\W|us\W)(?:\S+ ){1,3}(?:we|i|we'll|we'd|i'll|i'd|it|that)\b"),
    _row(
        "promise",
        """promised|committed to|will call back|call back at|call back by|call them back|call him back
        call her back|will get back to|calling back at|rückruf|rufe zurück|rufen zurück|versprochen|zugesagt
        melden uns|melde mich""",
    ),
    _row(
        "plan",
        """i'll|we'll|i will|we will|will|going to|gonna|need to|next|next step|plan|let's|todo|should|ich werde
        wir werden|werde|als nächstes""",
        rf"^{_LEAD}(?:ANY)\b",
    ),
    _row(
        "small_talk",
        """hi|hello|hey|thanks|thank you|thx|many thanks|regards|kind regards|best regards|good morning
        good afternoon|dear|cheers|hallo|guten morgen|guten tag|danke|vielen dank|mit freundlichen grüßen
        viele grüße|beste grüße|any update|any updates|any news|sounds good|great|perfect|taking a look|on it
        looking into it|sent from my""",
        r"^(?:ANY)(?:[ ,!.]{1,3}\w+){0,2}[ ,!.?]{0,4}$",
    ),
    _row(
        "impact",
        """users|people|staff|employees|mailboxes|clients|sites|workstations|pcs|computers|machines|branches
        benutzer|mitarbeiter|anwender|arbeitsplätze|kollegen|standorte""",
        r"\b(?:\d+|all|several|many|multiple|most|some|both|alle|mehrere|viele|sämtliche)"
        r"(?: of)?(?: \w+)? (?:ANY)\b",
    ),
    _row(
        "impact",
        """everyone|everybody|nobody|no one|whole office|entire office|whole team|whole company|production is down
        production down|cannot work|can't work|unable to work|business critical|payroll|outage|standstill
        niemand|gesamte|ganze firma|stillstand|nicht arbeiten|steht still""",
    ),
    _row("since", "since|seit|started|starting|began|begann", SINCE.pattern),
    _row(
        "recent",
        """after the update|since the update|after updating|after an update|was updated|were updated
        updated yesterday|update last|was upgraded|were upgraded|after the upgrade|since the upgrade|migrated
        after the migration|since the migration|was replaced|were replaced|new firewall|new switch|new router
        new server|new isp|got patched|was patched|patch tuesday|firmware update|firmware upgrade|windows update
        cumulative update|was moved to|were moved to|changed yesterday|changed last|recently|last reboot
        went live|rolled out|nach dem update|seit dem update|seit der umstellung|nach der umstellung|migriert
        neue firewall|neuer router|kürzlich|vor kurzem|firmware-update""",
    ),
)


def _index() -> dict[str, tuple[tuple[str, _Row], ...]]:
    """For each phrase's rarest word the phrase, its words apart, and its row."""
    phrases_of: defaultdict[str, list[tuple[str, _Row]]] = defaultdict(list)
    for row in _ROWS:
        for phrase in row.phrases:
            words = phrase.translate(_APART).split()
            rarest = max(words, key=lambda word: (word not in _FREQUENT, len(word)))
            phrases_of[rarest].append((f" {' '.join(words)} ", row))
    return {word: tuple(phrases) for word, phrases in phrases_of.items()}


_INDEX: Final = _index()
_NUMBER: Final = re.compile(r"[0-9](?:(?<![\w-].)|(?<=\bv.)|(?<=\bkb.)|(?<=\bcu.))")
_LIST_MARK: Final = re.compile(r"^[\s>*#•·+✓✔✅☑❌\ufe0f-]*+(?:\[[ xX]\]\s*+)?(?:\d{1,2}[.)]\s++)?")
# A full stop after an abbreviation or after the number of a list's item ends nothing.
_SENTENCE_END: Final = re.compile(
    r"[.!?;\u2026\u061f\u3002\uff01\uff1f](?:(?<=[\u3002\uff01\uff1f])|(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bz\.B\.)"
    r"(?<!\bca\.)(?<!\bbzw\.)(?<!\bapprox\.)(?<!\bNr\.)(?<!\bNo\.)(?<!\bDr\.)(?<!\bMr\.)(?<!\bMrs\.)(?<!\bvs\.)"
    r"(?<!\s\d\.)[\"')\]]? )"
)
_OUTCOME: Final = re.compile(rf"^(?:[^\s,;:]+ ){{0,2}}(?:{_OUTCOMES})\b", re.IGNORECASE)
_OUTCOME_FOLLOWS: Final = re.compile(
    r"[,;: ](?:(?:(?<=[,;:])|[-\u2013\u2014]|but|and|aber|und)\s"
    rf"(?=(?:[^\s,;:]+ ){{0,4}}(?i:{_OUTCOMES})\b)|(?<= )(?:->|=>|\u2192)\s)"
)
_UNDO: Final = re.compile(
    r"\b(?:to undo|undo(?: it)?(?: by| with)?|to revert|revert (?:by|with)|to roll back|roll ?back by"
    r"|rückgängig(?: machen)?(?: mit| durch)?)\b[:, ]{0,3}(?P<undo>.+)",
    re.IGNORECASE,
)


def sentences(text: str) -> list[Sentence]:
    """The sentences of `text` in their order, each at most `MAX_SENTENCE` characters long, none empty."""
    found: list[Sentence] = []
    for number, block in enumerate(text.split("```")):
        for line in block.splitlines():
            quoted = number % 2 == 1 or line.lstrip().startswith(">")
            found += [Sentence(piece, _cues(piece), quoted) for piece in _pieces(line)]
    return found


def opens_with_outcome(text: str) -> bool:
    return _OUTCOME.match(text) is not None


def split_outcome(text: str) -> tuple[str, str | None]:
    """What was done, and what is said to have come of it."""
    divider = _OUTCOME_FOLLOWS.search(text)
    if divider is None or not divider.start():
        return text, None
    return text[: divider.start()], text[divider.end() :].rstrip(".") or None


def split_undo(text: str) -> tuple[str, str | None]:
    """What was changed, and how it is said to be undone."""
    undo = _UNDO.search(text)
    return (text, None) if undo is None else (text[: undo.start()].rstrip(" ,(-"), undo["undo"].rstrip(" )."))


def _pieces(line: str) -> list[str]:
    flat = " ".join(_LIST_MARK.sub("", line).replace("**", "").split())
    cuts = [0, *[end.end() for end in _SENTENCE_END.finditer(flat)], len(flat)]
    pieces = [flat[start:end].strip(" ;") for start, end in pairwise(cuts)]
    return [part for piece in pieces if piece for part in _bounded(piece)]


def _bounded(piece: str) -> list[str]:
    """Divides at spaces what is too long for one sentence, so that nothing of it is lost."""
    parts = []
    while len(piece) > MAX_SENTENCE:
        space = piece.rfind(" ", MAX_SENTENCE // 2, MAX_SENTENCE)
        end = space if space > 0 else MAX_SENTENCE
        parts.append(piece[:end])
        piece = piece[end:].lstrip()
    return [*parts, piece] if piece else parts


def _cues(text: str) -> frozenset[Cue]:
    lowered = text.lower().replace("\u2019", "'")
    words = lowered.translate(_APART).split()
    spaced = f" {' '.join(words)} "
    rows = {row for word in _INDEX.keys() & words for phrase, row in _INDEX[word] if phrase in spaced}
    cues = {row.cue for row in rows if row.pattern is None or row.pattern.search(lowered)}
    if _NUMBER.search(lowered):
        cues.add("measured")
    if lowered.rstrip("\"')]* ").endswith(("?", "\u061f", "\uff1f")):
        cues.add("question")
    return frozenset(cues)
