"""What one thing that somebody wrote says by itself, sorted by what it is good for.

A reading depends on nothing but its arguments, and a message is read again with every package, status update and
analysis of its session: readings are kept, up to a bound.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import zip_longest
from typing import Final, Literal, TypeAlias

from handlers.clauses import Sentence, opens_with_outcome, sentences, split_outcome, split_undo, tells_outcome
from handlers.cues import cues_of, rows_of
from handlers.facts import (
    clauses,
    fact_in,
    is_asked,
    reason_in,
    shown_in,
    states_plainly,
    working_in,
)
from handlers.prose import on_one_line
from handlers.redaction import MAX_REMEMBERED, REMEMBERED, REMEMBERED_AT_LENGTH
from handlers.situation import MIN_WORDS, says_something, says_whom, says_why, since_in, symptom_and_impact
from handlers.wording import (
    ACTION,
    CHANGE,
    CHANGE_ASKED,
    COMMAND,
    CONTRADICTION,
    COURTESY,
    DEED_ASKED,
    DO_NOT,
    FOR_NOW,
    GENERAL,
    HYPOTHESIS,
    IF_THEN,
    IMPACT,
    LEFT,
    LIKELY_ACTION,
    MEASURED,
    NOT_DONE,
    PLAN,
    PROMISE,
    QUESTION,
    RECENT,
    REPORTED,
    RULED_OUT,
    SINCE,
    SMALL_TALK,
    TALK,
    UNDO,
    UNDONE,
    Cue,
    when_in,
)
from handlers.wording_stated import ANSWERS
from store.models import TaskState

Voice = Literal["problem", "note", "client", "assistant", "task", "ask"]
KnownKind = Literal["fact", "observation", "ruled_out", "hypothesis", "client_said"]
ListName = Literal["do_not", "if_then", "promises", "open_questions", "recent_changes", "in_flight", "remark"]
StepEvidence = Literal["task_done", "task_failed", "note"]
Said: TypeAlias = tuple[KnownKind | ListName, str]


@dataclass(slots=True)
class Reading:
    """All texts are on one line and as their author has them. Of symptom, impact and since it is the first there is."""

    said: list[Said] = field(default_factory=list)
    tried: list[tuple[str, str | None, StepEvidence]] = field(default_factory=list)
    """Each action with its result."""
    changed: list[tuple[str, str | None]] = field(default_factory=list)
    """What is still in place, and how to undo it."""
    symptom: str | None = None
    impact: str | None = None
    since: str | None = None
    asset: str | None = None
    contradictions: int = 0


_ALL: Final[frozenset[Voice]] = frozenset({"problem", "note", "client", "task", "ask"})
_LISTS: Final[tuple[tuple[Cue, ListName, frozenset[Voice]], ...]] = (
    (DO_NOT, "do_not", _ALL),
    (IF_THEN, "if_then", _ALL - {"client"}),  # a client tells what follows, not what to do
    (PROMISE, "promises", _ALL - {"client"}),  # a client's "you promised" is no promise of ours
    (RECENT, "recent_changes", _ALL - {"client", "ask"}),  # of what the client says, `_learned`
)
_LISTED: Final = DO_NOT | IF_THEN | PROMISE | RECENT
_KINDS: Final[tuple[tuple[Cue, KnownKind], ...]] = (
    (HYPOTHESIS, "hypothesis"),
    (RULED_OUT, "ruled_out"),
    (REPORTED, "client_said"),
)
_NO_KNOWLEDGE: Final = DO_NOT | IF_THEN | PROMISE | UNDO | SMALL_TALK
_MAYBE_ACTION: Final = ACTION | COMMAND | LIKELY_ACTION
_NO_OUTCOME: Final = _NO_KNOWLEDGE | PLAN | _MAYBE_ACTION | RULED_OUT | HYPOTHESIS | REPORTED | QUESTION
_OF_SITUATION: Final = CONTRADICTION | IMPACT | SINCE
_KNOWN: Final = HYPOTHESIS | RULED_OUT | REPORTED
_NO_RECENT: Final = DO_NOT | IF_THEN | PROMISE
_ELSE_THAN_RECENT: Final = HYPOTHESIS | REPORTED | LEFT | FOR_NOW | NOT_DONE
_OF_TITLES: Final = rows_of(CHANGE_ASKED | DEED_ASKED)
_OF_HUMANS: Final = rows_of(((1 << 32) - 1) & ~(CHANGE_ASKED | DEED_ASKED | COURTESY | GENERAL | CHANGE))
_OF_CHANGES: Final = rows_of(CHANGE)
_OF_UNDONE: Final = rows_of(UNDONE)
_OF_LEFT: Final = rows_of(LEFT | FOR_NOW)
_OF_RECENT: Final = rows_of(RECENT)
_OF_RECENT_OR_ELSE: Final = rows_of(RECENT | _ELSE_THAN_RECENT)
_OF_GUESSES: Final = rows_of(HYPOTHESIS | RULED_OUT)
_OF: Final[dict[Voice, int]] = {
    "problem": _OF_HUMANS & ~rows_of(_MAYBE_ACTION | LEFT | FOR_NOW),
    "note": _OF_HUMANS,
    "task": _OF_HUMANS & ~rows_of(_MAYBE_ACTION),
    "client": rows_of(SMALL_TALK | COURTESY | DO_NOT | IF_THEN | UNDO | CONTRADICTION | IMPACT | SINCE | RECENT),
    "assistant": rows_of(HYPOTHESIS | GENERAL),
    "ask": rows_of(DO_NOT | IF_THEN | PROMISE | SMALL_TALK),
}
"""The cues that count in what each of them writes."""
_DOERS: Final[frozenset[Voice]] = frozenset({"note", "task"})
_TASK_EVIDENCE: Final[dict[TaskState | None, StepEvidence]] = {"done": "task_done", "failed": "task_failed"}

_UPKEEP: Final = re.compile(
    r"\b(?:statistics|definitions|signatures|docs|documentation|tickets?) (?:was|were|got|has been|have been) ",
    re.IGNORECASE,
)
_FORBIDDEN: Final = re.compile(
    r"(?:i |we )?(?:told|asked|warned) [^:]{2,40}: (?:please )?(?:do not|don't|not) ", re.IGNORECASE
)
_DEED: Final = re.compile(
    r"[A-Z]?[a-z-]+ed\b|(?:Found|Ran|Took|Sent|Got|Made|Put|Gone|Done|Went|Built|Wrote|Left|Rang|Spoke|Told|Gave)\b"
)
_SHORT: Final = 6
_IS_OVER: Final = re.compile(
    r"\b(?:done|fixed|solved|over|resolved|erledigt|gelöst|behoben|durch)[.!]?(?:$| )", re.IGNORECASE
)
"""Of a guess in a few words: that the case is closed, not what the cause is."""
_WAS: Final = re.compile(r"\b(?:was|were|had been|wurden?)\b", re.IGNORECASE)
_BEGAN_WITH: Final = re.compile(
    r"\b(?:started|began|begann|stopped|broke|happen\w*|since|after|seit|nach)\b.{0,40}"
    r"\b(?:updates?|upgrade\w*|patch\w*|drivers?|firmware|migrat\w*|install\w*|replac\w*|umstellung)\b",
    re.IGNORECASE,
)
_STILL_IS: Final = re.compile(
    r"[^,;:]{3,60}? (?:is|are|stays?|remains?|ist|sind|bleibt) (?:still|now|noch|weiterhin|jetzt)\b", re.IGNORECASE
)
_WE: Final = re.compile(r"(?!.*\btoday\b).*\b(?:i|we|wir|ich)\b", re.IGNORECASE)
_CAPITALS: Final = re.compile(r"[A-Z0-9-](?<![A-Z0-9-].)[A-Z0-9-]*+(?<!-)(?!\w)")
_HOST: Final = re.compile(
    r"(?:[A-Z0-9]{2,15}-){0,3}(?:SRV|SVR|SERVER|DC|FS|FILE|WS|WKS|PC|NB|LT|PRN|PRT|PRINT|EX|EXCH|MX|MAIL|SQL|DB|APP|WEB"
    r"|RDS|RDP|TS|HV|ESX|ESXI|NAS|SAN|BKP|BACKUP|FW|SW|AP|RTR|VPN|GW|AADC|CA|DHCP|DNS|HOST|CLIENT|CTX|VM)"
    r"(?:-[A-Z]{1,8}|[A-Z]{2,8})?-?[0-9]{1,3}|(?:DESKTOP|LAPTOP)-[A-Z0-9]{4,12}"
)


def reading_of(voice: Voice, text: str, title: str = "", state: TaskState | None = None) -> Reading:
    """`text` and a task's `title` are free of secrets. The answer is shared: nobody changes it."""
    remembered = _read_at_length if len(text) + len(title) > MAX_REMEMBERED else _remembered
    return remembered(voice, text, title, state)


def host_in(text: str) -> str | None:
    """The first word of `text` that is shaped like the name of a machine."""
    if text.islower():
        return None
    for word in _CAPITALS.findall(text):
        name: str = word.lstrip("-0123456789")
        if (name[-1:].isdigit() or "TOP-" in name) and _HOST.fullmatch(name):
            return name
    return None


def reasons_in(note: str) -> list[str]:
    """The sentences of what was typed with an escalation that say why: what its author lacks, shuns or has used up."""
    return [one.text for one in sentences(note, _OF["note"]) if says_why(one)]


def _read(voice: Voice, text: str, title: str, state: TaskState | None) -> Reading:
    found = Reading()
    if title and (title := on_one_line(title)):
        _read_task(found, title, text, state)
    listed = sentences(text, _OF[voice])
    if voice == "assistant":
        _read_assistant(found, listed)
        return found
    found.asset = found.asset or host_in(text)
    if voice == "problem":
        found.symptom, found.impact = symptom_and_impact(listed)
    if voice != "client" and (output := [one.text for one in listed if one.quoted]):
        found.said += [("fact", line) for line in shown_in(output)]
    taken = is_planned = False
    asked = cues_of(title, _OF_TITLES) if title else 0
    for number, (sentence, following) in enumerate(zip_longest(listed, listed[1:])):
        if sentence.quoted:
            taken = False
            continue
        if sentence.text.endswith(":"):
            is_planned = bool(sentence.cues & (PLAN | NOT_DONE))
        told = None if taken or is_planned else _told(voice, state, sentence, number, asked)
        taken = _read_human(found, sentence, following, voice, told)
    if voice == "problem" and found.since is None:
        found.since = since_in(listed, found.symptom, found.impact)
    return found


_remembered = lru_cache(maxsize=REMEMBERED)(_read)
_read_at_length = lru_cache(maxsize=REMEMBERED_AT_LENGTH)(_read)


def _read_task(found: Reading, title: str, text: str, state: TaskState | None) -> None:
    result = on_one_line(text)
    found.asset = host_in(title)
    if state == "doing":
        found.said.append(("in_flight", title))
    if (evidence := _TASK_EVIDENCE.get(state)) is not None:
        found.tried.append((title, result or None, evidence))
    is_undone = result and cues_of(result, _OF_UNDONE) & UNDONE
    if state == "done" and cues_of(title, _OF_TITLES) & CHANGE_ASKED and not is_undone:
        found.changed.append((title, split_undo(result)[1]))


def _read_assistant(found: Reading, listed: list[Sentence]) -> None:
    """Nothing an assistant wrote becomes more than a hypothesis."""
    for sentence in listed:
        if sentence.cues & (HYPOTHESIS | GENERAL) and not sentence.cues & QUESTION:
            found.said.append(("hypothesis", sentence.text))


def _read_human(  # noqa: C901  # one kind of finding after the other
    found: Reading, sentence: Sentence, following: Sentence | None, voice: Voice, told: str | None
) -> bool:
    """Whether the following sentence is the result of this one's step; `told` is what of it may state a fact."""
    cues = sentence.cues
    if voice == "client" or cues & _OF_SITUATION:
        _read_situation(found, sentence, voice)
    if cues & QUESTION:
        is_open = is_asked(sentence.text)
        if voice != "client" and sentence.text.count(" ") >= (2 if is_open else 1):
            found.said.append(("open_questions" if is_open else "hypothesis", sentence.text))
        return False
    tried = _tried(sentence, following) if voice == "note" and cues & _MAYBE_ACTION else None
    if tried is not None:
        found.tried.append((*tried, "note"))
    if (learned := _learned(sentence, voice, tried[1] if tried else None)) is not None:
        found.said.append(("recent_changes", learned))
    if voice in _DOERS and (tried or cues & (LEFT | FOR_NOW)):
        _read_change(found, sentence, following, voice, tried[0] if tried else None)
    if cues & _LISTED:
        for cue, name, voices in _LISTS:
            if cues & cue and voice in voices and not _is_else(name, sentence, is_step=tried is not None):
                found.said.append((name, sentence.text))
    fact = None
    if told and tried is None:
        fact = fact_in(told, cues if told is sentence.text else cues_of(told, _OF[voice]))
    if fact is not None:
        found.said.append(fact)
    found.said += _kinds(sentence, voice, is_known=tried is not None or fact is not None)
    return tried is not None and following is not None and tried[1] == following.text


def _learned(sentence: Sentence, voice: Voice, result: str | None) -> str | None:
    """The recent change that a step brought to light, or with which a client says that it began."""
    if result is not None:
        return result if _WAS.search(result) and cues_of(result, _OF_RECENT) & RECENT else None
    if voice == "client" and sentence.cues & RECENT and not sentence.cues & _NO_RECENT:
        return sentence.text if _BEGAN_WITH.search(sentence.text) else None
    return None


def _is_else(name: ListName, sentence: Sentence, *, is_step: bool) -> bool:
    """What may come was not before the trouble; what somebody was told not to do was not promised to them."""
    if name == "recent_changes":
        return is_step or _is_unlike_recent(sentence) or _UPKEEP.search(sentence.text) is not None
    return name == "promises" and _FORBIDDEN.match(sentence.text) is not None


def _is_unlike_recent(sentence: Sentence) -> bool:
    """It is something else in the first place, and no clause of it only tells of a change."""
    if not sentence.cues & _ELSE_THAN_RECENT:
        return bool(sentence.cues & _NO_RECENT)
    held = [cues_of(part, _OF_RECENT_OR_ELSE) for part in clauses(sentence.text) if part]
    return bool(sentence.cues & _NO_RECENT) or not any(one & RECENT and not one & _ELSE_THAN_RECENT for one in held)


def _told(voice: Voice, state: TaskState | None, sentence: Sentence, number: int, asked: Cue) -> str | None:
    """What of the sentence may state a fact.

    What the client says is none, nor is the first sentence of a result that tells how its step went.
    """
    text = sentence.text
    if voice == "problem":
        return None if sentence.cues & SINCE or says_whom(sentence) else working_in(text)
    if voice == "note" or (voice == "task" and _states_in_task(state, sentence, number, asked)):
        return text
    if state != "failed" or number:
        return None
    return text if ANSWERS.match(text) else reason_in(text)


def _states_in_task(state: TaskState | None, sentence: Sentence, number: int, asked: Cue) -> bool:
    if state not in _TASK_EVIDENCE:
        return bool(sentence.cues & MEASURED) or states_plainly(sentence.text)
    if _DEED.match(sentence.text):
        return False
    is_check = state == "done" and not asked & (CHANGE_ASKED | DEED_ASKED)
    return number > 0 or (is_check and not tells_outcome(sentence.text))


def _read_situation(found: Reading, sentence: Sentence, voice: Voice) -> None:
    cues = sentence.cues
    if cues & CONTRADICTION:
        found.contradictions += 1
    if found.symptom is None and voice == "client" and says_something(sentence):
        found.symptom = sentence.text
    is_told = voice in {"client", "note"} and not cues & (PLAN | IF_THEN | QUESTION | ACTION | PROMISE | DO_NOT)
    if found.impact is None and is_told and says_whom(sentence):
        found.impact = sentence.text
    if found.since is None and cues & SINCE and voice != "task":
        found.since = when_in(sentence.text)


def _tried(sentence: Sentence, following: Sentence | None) -> tuple[str, str | None] | None:
    """A step is an action said to be past; where the wording leaves that open, only a stated result makes it one.

    What the author changed on an earlier day is none. What comes after a step on its line is its result.
    """
    cues = sentence.cues
    if cues & LEFT and _STILL_IS.match(sentence.text):
        return None
    if cues & (FOR_NOW | DO_NOT | IF_THEN | PROMISE) or (cues & RECENT and _WE.match(sentence.text)):
        return None
    if not cues & ACTION and cues & (PLAN | HYPOTHESIS | NOT_DONE | (0 if cues & COMMAND else RECENT)):
        return None
    action, result = split_outcome(sentence.text, is_deed=bool(cues & (ACTION | COMMAND)))
    if result is None and following is not None and not (following.quoted or following.cues & _NO_OUTCOME):
        is_next = cues & (ACTION | COMMAND) and not following.opens and not following.cues & (RECENT | TALK)
        result = following.text if opens_with_outcome(following.text) or is_next else None
    if result is None and not cues & ACTION:
        return None
    return action, result


def _read_change(
    found: Reading, sentence: Sentence, following: Sentence | None, voice: Voice, action: str | None
) -> None:
    what, undo = split_undo(action or sentence.text)
    undo = undo or split_undo(sentence.text)[1] or (split_undo(following.text)[1] if following else None)
    if _is_left_changed(sentence, voice, is_step=action is not None, has_undo=undo is not None):
        found.changed.append((_left_of(sentence, what), undo))


def _is_left_changed(sentence: Sentence, voice: Voice, *, is_step: bool, has_undo: bool) -> bool:
    """It says so, or its step says how it is undone or is of a kind that lasts."""
    cues = sentence.cues
    if cues & (UNDONE | PROMISE | IF_THEN) or (cues & (REPORTED | HYPOTHESIS) and not is_step):
        return False
    if cues & FOR_NOW or (cues & LEFT and (not cues & (_MAYBE_ACTION | NOT_DONE) or _STILL_IS.match(sentence.text))):
        return True
    is_noted = voice == "note" and is_step
    return is_noted and (has_undo or bool(cues_of(sentence.text, _OF_CHANGES) & CHANGE))


def _left_of(sentence: Sentence, what: str) -> str:
    """What is left changed; of a warning that says so too, that clause alone."""
    if not sentence.cues & DO_NOT:
        return what or sentence.text
    parts = [part for part in sentence.text.split(", ") if part and cues_of(part, _OF_LEFT) & (LEFT | FOR_NOW)]
    return parts[0] if parts else what or sentence.text


def _kinds(sentence: Sentence, voice: Voice, *, is_known: bool) -> list[Said]:
    cues, text = sentence.cues, sentence.text
    if voice == "ask" or cues & _NO_KNOWLEDGE:
        return []
    if voice == "client":
        return [("client_said", text)] if not cues & COURTESY and says_something(sentence) else []
    if cues & _KNOWN:
        if cues & HYPOTHESIS and cues & RULED_OUT:
            return _guesses_apart(text)
        if cues & HYPOTHESIS and text.count(" ") <= _SHORT and _IS_OVER.search(text):
            return []
        return [(next(kind for cue, kind in _KINDS if cues & cue), text)]
    return [("remark", text)] if not (is_known or cues & PLAN) and says_something(sentence) else []


def _guesses_apart(text: str) -> list[Said]:
    """The clause that guesses and the one that excludes; where they cannot be told apart the sentence excludes."""
    held = [(cues_of(part, _OF_GUESSES), part) for part in clauses(text) if part]
    guessed = next((part for cues, part in held if cues & HYPOTHESIS and not cues & RULED_OUT), None)
    excluded = next((part for cues, part in held if cues & RULED_OUT and not cues & HYPOTHESIS), None)
    if guessed is None or excluded is None or guessed.count(" ") < MIN_WORDS:
        return [("ruled_out", text)]
    return [("hypothesis", guessed), ("ruled_out", excluded)]
