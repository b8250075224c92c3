"""What the sources of a session say, sorted by what it is good for: the raw material of the escalation package."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from typing import Final, Literal
from uuid import UUID

from handlers.clauses import (
    MAX_SENTENCE,
    Sentence,
    opens_with_outcome,
    sentences,
    split_outcome,
    split_undo,
)
from handlers.cues import cues_of, rows_of
from handlers.facts import clauses, fact_in, is_asked, says_it_works, shows_fact, states_plainly
from handlers.prose import on_one_line
from handlers.redaction import redact, redact_all
from handlers.situation import MIN_WORDS, says_something, symptom_and_impact
from handlers.wording import (
    ACTION,
    CHANGE,
    CHANGE_ASKED,
    CHECK_ASKED,
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
    SINCE_WHEN,
    SMALL_TALK,
    STATE,
    UNDO,
    UNDONE,
    Cue,
)
from store.models import Person, TaskState

MAX_SOURCE: Final = 65_536
"""Characters read of one source: no message is longer."""
MAX_REFS: Final = 5
"""Sources kept of one text."""
RefKind = Literal["message", "task", "handoff"]
Voice = Literal["problem", "note", "client", "assistant", "task", "ask"]
KnownKind = Literal["fact", "ruled_out", "hypothesis", "client_said", "observation"]
ListName = Literal["do_not", "if_then", "promises", "open_questions", "recent_changes", "in_flight"]
StepEvidence = Literal["task_done", "task_failed", "note"]


@dataclass(frozen=True, slots=True)
class Source:
    """One thing somebody wrote. `title` and `state` are a task's; its `text` is the result."""

    voice: Voice
    text: str
    ref_kind: RefKind
    ref_id: UUID
    by: Person
    at: datetime | None
    title: str = ""
    state: TaskState | None = None


@dataclass(slots=True)
class Mention:
    """A text, and the sources that say it in the same words, the first one first."""

    text: str
    sources: list[Source]


@dataclass(frozen=True, slots=True)
class Tried:
    action: str
    result: str | None
    evidence: StepEvidence
    source: Source


@dataclass(frozen=True, slots=True)
class Changed:
    what: str
    undo: str | None
    source: Source


@dataclass(slots=True)
class Findings:
    """All texts are free of secrets, on one line, and as the source has them."""

    mentions: defaultdict[KnownKind | ListName, dict[str, Mention]] = field(default_factory=lambda: defaultdict(dict))
    tried: list[Tried] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    symptom: str | None = None
    impact: str | None = None
    since: str | None = None
    asset: str | None = None
    contradictions: int = 0

    def mention(self, name: KnownKind | ListName, text: str, source: Source) -> None:
        mention = self.mentions[name].setdefault(text.casefold(), Mention(text, []))
        if len(mention.sources) < MAX_REFS and source not in mention.sources:
            mention.sources.append(source)

    def newest(self, name: KnownKind | ListName, limit: int) -> list[tuple[str, list[Source]]]:
        return [(mention.text, mention.sources) for mention in [*self.mentions[name].values()][-limit:]]


_ALL: Final[frozenset[Voice]] = frozenset({"problem", "note", "client", "task", "ask"})
_LISTS: Final[tuple[tuple[Cue, ListName, frozenset[Voice]], ...]] = (
    (DO_NOT, "do_not", _ALL),
    (IF_THEN, "if_then", _ALL),
    (PROMISE, "promises", _ALL - {"client"}),  # a client's "you promised" is no promise of ours
    (RECENT, "recent_changes", _ALL - {"client", "ask"}),
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
_OF_TITLES: Final = rows_of(CHANGE_ASKED | DEED_ASKED | CHECK_ASKED)
_OF_HUMANS: Final = rows_of(((1 << 32) - 1) & ~(CHANGE_ASKED | DEED_ASKED | CHECK_ASKED | COURTESY | GENERAL | CHANGE))
_OF_IMPACT: Final = rows_of(IMPACT)
_OF_SINCE: Final = rows_of(SINCE)
_OF_CHANGES: Final = rows_of(CHANGE)
_OF_GUESSES: Final = rows_of(HYPOTHESIS | RULED_OUT)
_OF: Final[dict[Voice, int]] = {
    "problem": _OF_HUMANS & ~rows_of(_MAYBE_ACTION | LEFT | FOR_NOW),
    "note": _OF_HUMANS,
    "task": _OF_HUMANS & ~rows_of(_MAYBE_ACTION),
    "client": rows_of(SMALL_TALK | COURTESY | DO_NOT | IF_THEN | UNDO | CONTRADICTION | IMPACT | SINCE),
    "assistant": rows_of(HYPOTHESIS | GENERAL),
    "ask": rows_of(DO_NOT | IF_THEN | PROMISE | SMALL_TALK),
}
"""The cues that count in what each of them writes."""
_DOERS: Final[frozenset[Voice]] = frozenset({"note", "task"})
_TASK_EVIDENCE: Final[dict[TaskState | None, StepEvidence]] = {"done": "task_done", "failed": "task_failed"}

_CAPITALS: Final = re.compile(r"(?<![A-Z0-9-])[A-Z0-9-]++(?<!-)(?!\w)")
_HOST: Final = re.compile(
    r"(?:[A-Z0-9]{2,15}-){0,3}(?:SRV|SVR|SERVER|DC|FS|FILE|WS|WKS|PC|NB|LT|PRN|PRT|PRINT|EX|EXCH|MX|MAIL|SQL|DB|APP|WEB"
    r"|RDS|RDP|TS|HV|ESX|ESXI|NAS|SAN|BKP|BACKUP|FW|SW|AP|RTR|VPN|GW|AADC|CA|DHCP|DNS|HOST|CLIENT|CTX|VM)"
    r"(?:-?[A-Z]{1,8})?-?[0-9]{1,3}|(?:DESKTOP|LAPTOP)-[A-Z0-9]{4,12}"
)


def read(sources: Iterable[Source]) -> Findings:
    """What the sources say. Nothing an assistant wrote becomes more than a hypothesis."""
    found, all_sources = Findings(), list(sources)
    written = [source.text[:MAX_SOURCE] for source in all_sources] + [source.title for source in all_sources]
    clear = redact_all(written)
    for at, source in enumerate(all_sources):
        text = clear[at]
        if source.voice == "task":
            _read_task(source, on_one_line(clear[len(all_sources) + at]), text, found)
        listed = sentences(text, _OF[source.voice] & ~_told(found))
        if source.voice == "assistant":
            _read_assistant(listed, source, found)
            continue
        found.asset = found.asset or host_in(text)
        if source.voice == "problem":
            found.symptom, found.impact = symptom_and_impact(listed)
        taken = False
        asked = cues_of(source.title, _OF_TITLES) if source.title else 0
        for number, (sentence, following) in enumerate(zip_longest(listed, listed[1:])):
            may_state = not taken and _may_state(source, sentence, number, asked)
            taken = _read_human(sentence, following, source, found, may_state=may_state)
    return found


def _told(found: Findings) -> int:
    """What the first to say it has said already need not be looked for again."""
    return (_OF_IMPACT if found.impact else 0) | (_OF_SINCE if found.since else 0)


def host_in(text: str) -> str | None:
    """The first word of `text` that is shaped like the name of a machine."""
    words = (match[0].lstrip("-0123456789") for match in _CAPITALS.finditer(text))
    return next((word for word in words if _HOST.fullmatch(word)), None)


def plain(text: str, limit: int = MAX_SENTENCE) -> str:
    """`text` without secrets, on one line, cut to `limit` characters; empty if nothing is left."""
    return on_one_line(redact(text[:MAX_SOURCE]), limit)


def _read_task(source: Source, title: str, text: str, found: Findings) -> None:
    result = on_one_line(text)
    if not title:
        return
    found.asset = found.asset or host_in(title)
    if source.state == "doing":
        found.mention("in_flight", title, source)
    if (evidence := _TASK_EVIDENCE.get(source.state)) is not None:
        found.tried.append(Tried(title, result or None, evidence, source))
    if source.state == "done" and _asks_for_a_change(title):
        found.changed.append(Changed(title, split_undo(result)[1], source))


def _asks_for_a_change(title: str) -> bool:
    return bool(cues_of(title, _OF_TITLES) & CHANGE_ASKED)


def _read_assistant(listed: list[Sentence], source: Source, found: Findings) -> None:
    for sentence in listed:
        if sentence.cues & (HYPOTHESIS | GENERAL) and not sentence.cues & QUESTION:
            found.mention("hypothesis", sentence.text, source)


def _read_human(  # noqa: C901  # one kind of finding after the other
    sentence: Sentence, following: Sentence | None, source: Source, found: Findings, *, may_state: bool
) -> bool:
    """Whether the following sentence is the result of this one's step."""
    if sentence.quoted:
        if source.voice != "client" and shows_fact(sentence.text):
            found.mention("fact", sentence.text, source)
        return False
    _read_situation(sentence, source, found)
    cues = sentence.cues
    if cues & QUESTION:
        is_open = is_asked(sentence.text)
        if source.voice != "client" and sentence.text.count(" ") >= (2 if is_open else 1):
            found.mention("open_questions" if is_open else "hypothesis", sentence.text, source)
        return False
    tried = _tried(sentence, following, source) if source.voice == "note" and cues & _MAYBE_ACTION else None
    if tried is not None:
        found.tried.append(tried)
    if source.voice in _DOERS and _is_left_changed(sentence, source, is_step=tried is not None):
        what, undo = split_undo(tried.action if tried else sentence.text)
        undo = undo or split_undo(sentence.text)[1] or (split_undo(following.text)[1] if following else None)
        found.changed.append(Changed(what or sentence.text, undo, source))
    if cues & _LISTED:
        for cue, name, voices in _LISTS:
            if cues & cue and source.voice in voices and not (tried and name == "recent_changes"):
                found.mention(name, sentence.text, source)
    fact = fact_in(sentence.text, cues) if may_state and tried is None else None
    if fact is not None:
        found.mention("fact", fact, source)
    for kind, text in _kinds(sentence, source.voice):
        if not ((tried or fact) and kind == "observation"):
            found.mention(kind, text, source)
    return tried is not None and following is not None and tried.result == following.text


def _may_state(source: Source, sentence: Sentence, number: int, asked: Cue) -> bool:
    """What the client says is no fact; the result of an action is, from its second sentence on, of a check always."""
    if source.voice == "note":
        return True
    if source.voice == "problem":
        return says_it_works(sentence.text)
    if source.voice != "task":
        return False
    if source.state not in _TASK_EVIDENCE:
        return bool(sentence.cues & MEASURED or (sentence.cues & STATE and states_plainly(sentence.text)))
    if not asked & (CHANGE_ASKED | DEED_ASKED) and (source.state == "done" or asked & CHECK_ASKED):
        return True
    return number > 0 and bool(sentence.cues & MEASURED)


def _read_situation(sentence: Sentence, source: Source, found: Findings) -> None:
    """The first to say it counts: sources come in the order of time, and the session's problem is the first."""
    cues = sentence.cues
    if cues & CONTRADICTION:
        found.contradictions += 1
    if found.symptom is None and source.voice == "client" and says_something(sentence):
        found.symptom = sentence.text
    is_told = source.voice in {"client", "note"} and not cues & (PLAN | IF_THEN | QUESTION)
    if found.impact is None and cues & IMPACT and is_told:
        found.impact = sentence.text
    if found.since is None and cues & SINCE and (since := SINCE_WHEN.search(sentence.text)):
        found.since = (since["when"] or since["since"] or since[0]).strip()


def _tried(sentence: Sentence, following: Sentence | None, source: Source) -> Tried | None:
    """A step is an action said to be past; where the wording leaves that open, only a stated result makes it one."""
    cues = sentence.cues
    if cues & (FOR_NOW | DO_NOT | IF_THEN | PROMISE):
        return None
    if not cues & ACTION and cues & (PLAN | HYPOTHESIS | NOT_DONE):
        return None
    action, result = split_outcome(sentence.text, is_deed=bool(cues & (ACTION | COMMAND)))
    if result is None and following is not None and not following.cues & _NO_OUTCOME:
        result = following.text if opens_with_outcome(following.text) else None
    if result is None and not cues & ACTION:
        return None
    return Tried(action, result, "note", source)


def _is_left_changed(sentence: Sentence, source: Source, *, is_step: bool) -> bool:
    cues = sentence.cues
    if cues & UNDONE:
        return False
    if cues & FOR_NOW or (cues & LEFT and not cues & _MAYBE_ACTION):
        return True
    return source.voice == "note" and is_step and bool(cues_of(sentence.text, _OF_CHANGES) & CHANGE)


def _kinds(sentence: Sentence, voice: Voice) -> Iterator[tuple[KnownKind, str]]:
    cues = sentence.cues
    if voice == "ask" or cues & _NO_KNOWLEDGE:
        return
    if voice == "client":
        if not cues & COURTESY and says_something(sentence):
            yield "client_said", sentence.text
    elif cues & HYPOTHESIS and cues & RULED_OUT:
        yield from _guesses_apart(sentence.text)
    elif stated := next((kind for cue, kind in _KINDS if cues & cue), None):
        yield stated, sentence.text
    elif not cues & PLAN and says_something(sentence):
        yield "observation", sentence.text


def _guesses_apart(text: str) -> list[tuple[KnownKind, str]]:
    """The clause that guesses and the one that excludes; where they cannot be told apart the sentence excludes."""
    held = [(cues_of(part, _OF_GUESSES), part) for part in clauses(text) if part]
    guessed = next((part for cues, part in held if cues & HYPOTHESIS and not cues & RULED_OUT), None)
    excluded = next((part for cues, part in held if cues & RULED_OUT and not cues & HYPOTHESIS), None)
    if guessed is None or excluded is None or guessed.count(" ") < MIN_WORDS:
        return [("ruled_out", text)]
    return [("hypothesis", guessed), ("ruled_out", excluded)]
