"""Which cues a sentence holds, in English and German.

Each word is looked up once, and only the rows of wordings that it may stand for are tried.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Final

from handlers.deeds import deed, hints_of_deed
from handlers.wording import ACTION, COMMAND, LIKELY_ACTION, MEASURED, QUESTION, REPORTED, Cue, words
from handlers.wording_done import DONE
from handlers.wording_known import KNOWN
from handlers.wording_said import SAID
from handlers.wording_stated import PROGRAMS

_CUES: Final = 32
_FLAGS: Final = (1 << _CUES) - 1
_DIGIT: Final = 1 << _CUES
_SAYS: Final = 1 << _CUES + 1
_PHRASE: Final = 1 << _CUES + 2
"""The word is the rarest of a phrase of several words."""
_DEED: Final = _CUES + 3
_FIRST_ROW: Final = _DEED + 8
_HINTED: Final = (1 << _FIRST_ROW) - (1 << _DEED)
"""The word may be part of a deed."""
MAX_WORDS: Final = 50_000
MAX_KEPT: Final = 40
"""Characters of a word that is remembered."""

_MARKS: Final = '.,;:!?()[]{}<>"/\\|=-\u2013\u2014\u2192*_`~\u201e\u201c\u201d\u2026\u300c\u300d'
_APART: Final = str.maketrans(dict.fromkeys(_MARKS, " "))
_APART_ASCII: Final = bytes(0x20 if chr(code) in _MARKS else code for code in range(256))
_FREQUENT: Final = words(
    "a an the is are was were it to we in on be of for at by up has have not that and der die das ist es nicht"
)
_VERBS_OF_SAYING: Final = words(
    """
    says said say reports reported mentions mentioned claims claimed swears insists complains tells told confirms
    confirmed thinks noticed writes wrote sees gets saw phoned rang called sagt sagte meldet meldete meint berichtet
    schreibt bestätigt gesagt sieht remembers adds
    """
)


class _Lexicon(dict[str, int]):
    """For each word the bits of what it may stand for; words met for the first time are added, up to a bound."""

    def __missing__(self, word: str) -> int:
        if word.isdigit() or (not word.isalpha() and any(map(str.isdigit, word))):
            return _DIGIT
        bits = hints_of_deed(word) << _DEED
        if word in _VERBS_OF_SAYING:
            bits |= _SAYS
        if len(self) < MAX_WORDS and len(word) <= MAX_KEPT:
            self[word] = bits
        return bits


_WORDS: Final = _Lexicon()
_PHRASES: Final[defaultdict[str, list[tuple[str, int]]]] = defaultdict(list)
_ROWS: Final[dict[int, tuple[Cue, re.Pattern[str]]]] = {}
_ROWS_OF: Final[defaultdict[Cue, int]] = defaultdict(int)


def _add_rows() -> None:
    for number, row in enumerate((*KNOWN, *DONE, *SAID), _FIRST_ROW):
        bit = row.cue
        if row.pattern is not None:
            bit = 1 << number
            _ROWS[bit] = row.cue, row.pattern
            _ROWS_OF[row.cue] |= bit
        for phrase in row.phrases:
            parts = phrase.translate(_APART).split()
            if len(parts) == 1:
                _WORDS[parts[0]] |= bit
            else:
                rarest = max(parts, key=lambda word: (word not in _FREQUENT, len(word)))
                _WORDS[rarest] |= _PHRASE
                _PHRASES[rarest].append((f" {' '.join(parts)} ", bit))


_add_rows()


def rows_of(cues: Cue) -> int:
    """What `cues_of` takes to look for these cues: the sum of their rows."""
    return sum(rows for cue, rows in _ROWS_OF.items() if cue & cues) | cues


_QUOTED: Final = re.compile(r'"[^"]*"|“[^”]*”|„[^“”]*[“”]|「[^」]*」|«[^»]*»')
_TELLING: Final = re.compile(r"[\w-]\W+[\w-]|\d|_")
_SEEN: Final = '""""'
_CLOCK: Final = re.compile(r"\[?\d{1,2}[:.]\d{2}(?::\d{2})?\]?(?: ?(?:am|pm|uhr|h))?(?: ?[-\u2013:])? ")
_NUMBER: Final = re.compile(r"[0-9](?:(?<![\w-].)|(?<=\bv.)|(?<=\bkb.)|(?<=\bcu.))")
_SAYING: Final = (
    r"(?:says?|said|reports|reported|mentions|mentioned|claims|claimed|swears|insists|complains|tells (?:me|us)"
    r"|told (?:me|us)|confirms|confirmed|thinks|noticed|writes|wrote|sees|gets|saw|phoned|rang|called back|sagt|sagte"
    r"|meldet|meldete|meint|berichtet|schreibt|bestätigt|hat gesagt|sieht|remembers|adds)"
)
_SOMEBODY_SAYS: Final = re.compile(
    r"(?:(?P<name>(?!(?:Logs?|Events?|Errors?|Message|Docu|Docs|Documentation|Portal|Console|Audit|Monitoring|Vendor"
    r"|Support|One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten|Eleven|Twelve|Isolation|Hypothesis|Theory"
    r"|Backup|Test|Status|Output|Report|Dashboard|Nobody|Everyone|It|That|This|Firewall|Server|Router|Switch)\b)"
    r"[A-Z][a-zà-ÿ]+)|(?:Herr|Frau|Hr\.|Fr\.|Mr\.?|Mrs\.?|Ms\.?|Dr\.?|Mme|M\.) [A-Z]\S+|[Ss]he|[Hh]e|[Tt]hey|[Ss]ie"
    r"|[Ee]r"
    r"|(?:(?:[Tt]he|[Tt]heir|[Hh]is|[Hh]er|[Mm]y) )?(?:[Rr]eception(?:ist)?|[Oo]wner|[Oo]ffice|[Ww]arehouse"
    r"|[Aa]ccountant|[Tt]eacher|[Nn]urse"
    r"|[Ss]ecretary|[Ss]taff|[Bb]oss|[Cc]lient|[Uu]sers?))"
    rf"(?: (?:aus|von|vom|from|in|at) (?:(?:der|dem|the|our) )?\w+)?(?: on the phone)?,? (?:also |just "
    rf"|now |still )?{_SAYING}\b(?! (?:the )?(?:error|code|event)\b"
    rf"| (?:by|at|in)\b|[,.;]|$)"
)
_CODE: Final = re.compile(
    r":? (?:(?:error|code|event|status|http|the|an?) )?(?:[\"'«„“(\d]|[A-Z][A-Z_]{2,}|0x|(?i:errors?|code|status|http"
    r"|invalid"
    r"|access|denied|not|cannot|unable|unknown|no)\b)"
)
_RINGS: Final = re.compile(
    r"(?:rang|phoned|called back|insists|swears|thinks|complains|tells me|told me|wrote|mentions|claims)$"
)
_DEEDS: Final = {"action": ACTION, "command": COMMAND, "likely_action": LIKELY_ACTION}


def cues_of(text: str, wanted: int) -> Cue:
    """Those of the `wanted` cues that the sentence holds; `wanted` is a sum of `rows_of`.

    What is quoted counts as something seen and its words for nothing; so does the time at which a line was written.
    """
    held, said = 0, text
    if '"' in text or "“" in text or "「" in text or "«" in text:
        said = _QUOTED.sub(_unquoted, text)
        held = MEASURED if _SEEN in said else 0
    if "0" <= said[0] <= "9" or said[0] == "[":
        said = said[clock.end() :] if (clock := _CLOCK.match(said)) else said
    lowered = said.lower()
    if "\u2019" in lowered:
        lowered = lowered.replace("\u2019", "'")
    bits = _bits_of(lowered, wanted)
    found = bits & wanted
    held |= found & _FLAGS
    rows = found >> _FIRST_ROW << _FIRST_ROW
    while rows:
        row = rows & -rows
        rows ^= row
        cue, pattern = _ROWS[row]
        if not held & cue and pattern.search(lowered):
            held |= cue
    if bits & _HINTED and wanted & ACTION and (did := deed(lowered, bits >> _DEED)) is not None:
        held |= _DEEDS[did]
    if bits & _DIGIT and _NUMBER.search(lowered):
        held |= MEASURED
    if bits & _SAYS and wanted & REPORTED and (somebody := _SOMEBODY_SAYS.match(said)):
        # A single name with a code or a figure is a program's: Chrome says ERR_FAILED.
        held |= 0 if _is_program(somebody, said) else REPORTED
    return held | QUESTION if "?" in lowered[-4:] or lowered[-1] in "\u061f\uff1f" else held


def _is_program(somebody: re.Match[str], said: str) -> bool:
    name: str | None = somebody["name"]
    if name is None or _RINGS.search(somebody[0]):
        return False
    return name.lower() in PROGRAMS or somebody[0].endswith(" say") or _CODE.match(said, somebody.end()) is not None


def words_of(lowered: str) -> list[str]:
    if lowered.isascii():  # ten times as fast
        return lowered.encode().translate(_APART_ASCII).decode().split()
    return lowered.translate(_APART).split()


def _bits_of(lowered: str, wanted: int) -> int:
    """What its words and phrases may stand for."""
    if lowered.isascii():  # not by `words_of`: a call for each sentence is felt
        told = lowered.encode().translate(_APART_ASCII).decode().split()
    else:
        told = lowered.translate(_APART).split()
    bits = 0
    for word in told:
        bits |= _WORDS[word]
    if not bits & _PHRASE:
        return bits
    spaced = f" {' '.join(told)} "
    for word in told:
        if word in _PHRASES:
            for phrase, bit in _PHRASES[word]:
                if bit & wanted and phrase in spaced:
                    bits |= bit
    return bits


def _unquoted(match: re.Match[str]) -> str:
    return _SEEN if _TELLING.search(match[0]) else '""'
