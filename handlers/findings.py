"""What the sources of a session say, sorted by what it is good for: the raw material of the escalation package."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from typing import Final, Literal
from uuid import UUID

from handlers.clauses import (
    MAX_SENTENCE,
    SINCE,
    Cue,
    Sentence,
    opens_with_outcome,
    sentences,
    split_outcome,
    split_undo,
)
from handlers.prose import clip
from handlers.redaction import redact
from store.models import Person, TaskState

MAX_SOURCE: Final = 65_536
"""Characters read of one source: no message is longer."""
MAX_REFS: Final = 5
"""Sources kept of one text."""
MIN_WORDS: Final = 3
"""An observation, a question or a statement of the client in fewer words says nothing."""

RefKind = Literal["message", "task", "handoff"]
Voice = Literal["problem", "note", "client", "assistant", "task"]
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


_ALL: Final[frozenset[Voice]] = frozenset({"problem", "note", "client", "task"})
_LISTS: Final[tuple[tuple[Cue, ListName, frozenset[Voice]], ...]] = (
    ("do_not", "do_not", _ALL),
    ("if_then", "if_then", _ALL),
    ("promise", "promises", _ALL - {"client"}),  # a client's "you promised" is no promise of ours
    ("recent", "recent_changes", _ALL),
)
_KINDS: Final[tuple[tuple[Cue, KnownKind], ...]] = (
    ("hypothesis", "hypothesis"),
    ("ruled_out", "ruled_out"),
    ("reported", "client_said"),
    ("measured", "fact"),
)
_NO_KNOWLEDGE: Final[frozenset[Cue]] = frozenset({"do_not", "if_then", "promise", "plan", "undo", "small_talk"})
_NO_OUTCOME: Final[frozenset[Cue]] = _NO_KNOWLEDGE | {
    "action",
    "likely_action",
    "ruled_out",
    "hypothesis",
    "reported",
    "question",
}
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
    found = Findings()
    for source in sources:
        if source.voice == "task":
            _read_task(source, found)
        text = redact(source.text[:MAX_SOURCE])
        listed = sentences(text)
        if source.voice == "assistant":
            _read_assistant(listed, source, found)
            continue
        found.asset = found.asset or host_in(text)
        for sentence, following in zip_longest(listed, listed[1:]):
            _read_human(sentence, following, source, found)
    return found


def host_in(text: str) -> str | None:
    """The first word of `text` that is shaped like the name of a machine."""
    words = (match[0].lstrip("-0123456789") for match in _CAPITALS.finditer(text))
    return next((word for word in words if _HOST.fullmatch(word)), None)


def plain(text: str, limit: int = MAX_SENTENCE) -> str:
    """`text` without secrets, on one line, cut to `limit` characters; empty if nothing is left."""
    return clip(" ".join(redact(text[:MAX_SOURCE]).split()), limit)


def _read_task(source: Source, found: Findings) -> None:
    title = plain(source.title)
    if not title:
        return
    found.asset = found.asset or host_in(title)
    if source.state == "doing":
        found.mention("in_flight", title, source)
    if (evidence := _TASK_EVIDENCE.get(source.state)) is not None:
        found.tried.append(Tried(title, plain(source.text) or None, evidence, source))
    if source.state == "done" and _asks_for_a_change(title):
        found.changed.append(Changed(title, split_undo(plain(source.text))[1], source))


def _asks_for_a_change(title: str) -> bool:
    return any(not sentence.cues.isdisjoint({"change", "change_asked"}) for sentence in sentences(title)[:1])


def _read_assistant(listed: list[Sentence], source: Source, found: Findings) -> None:
    for sentence in listed:
        if "hypothesis" in sentence.cues and "question" not in sentence.cues and not sentence.quoted:
            found.mention("hypothesis", sentence.text, source)


def _read_human(sentence: Sentence, following: Sentence | None, source: Source, found: Findings) -> None:
    if sentence.quoted:
        if "measured" in sentence.cues and source.voice != "client":
            found.mention("fact", sentence.text, source)
        return
    _read_situation(sentence, source, found)
    if "question" in sentence.cues:
        if _says_something(sentence):
            found.mention("open_questions", sentence.text, source)
        return
    tried = _tried(sentence, following, source) if source.voice == "note" else None
    if tried is not None:
        found.tried.append(tried)
    if source.voice in _DOERS and _is_left_changed(sentence, is_step=tried is not None):
        what, undo = split_undo(tried.action if tried else sentence.text)
        undo = undo or split_undo(sentence.text)[1] or (split_undo(following.text)[1] if following else None)
        found.changed.append(Changed(what or sentence.text, undo, source))
    for cue, name, voices in _LISTS:
        if cue in sentence.cues and source.voice in voices and not (tried and name == "recent_changes"):
            found.mention(name, sentence.text, source)
    if (kind := _kind(sentence, source.voice)) is not None and not (tried and kind == "observation"):
        found.mention(kind, sentence.text, source)


def _read_situation(sentence: Sentence, source: Source, found: Findings) -> None:
    """The first to say it counts: sources come in the order of time, and the session's problem is the first."""
    if "contradiction" in sentence.cues:
        found.contradictions += 1
    if found.symptom is None and source.voice in {"problem", "client"} and _says_something(sentence):
        found.symptom = sentence.text
    if found.impact is None and "impact" in sentence.cues and sentence.cues.isdisjoint({"plan", "if_then"}):
        found.impact = sentence.text
    if found.since is None and "since" in sentence.cues and (since := SINCE.search(sentence.text)):
        found.since = since["when"].strip()


def _tried(sentence: Sentence, following: Sentence | None, source: Source) -> Tried | None:
    """A step is an action said to be past; where the wording leaves that open, only a stated result makes it one."""
    if sentence.cues.isdisjoint({"action", "likely_action"}):
        return None
    action, result = split_outcome(sentence.text)
    if result is None and following is not None and following.cues.isdisjoint(_NO_OUTCOME):
        result = following.text if opens_with_outcome(following.text) else None
    if "action" not in sentence.cues and (result is None or "hypothesis" in sentence.cues):
        return None
    return Tried(action, result, "note", source)


def _is_left_changed(sentence: Sentence, *, is_step: bool) -> bool:
    if "undone" in sentence.cues:
        return False
    return "left" in sentence.cues or ("change" in sentence.cues and (is_step or "action" in sentence.cues))


def _kind(sentence: Sentence, voice: Voice) -> KnownKind | None:
    if not sentence.cues.isdisjoint(_NO_KNOWLEDGE):
        return None
    if voice == "client":
        return "client_said" if _says_something(sentence) else None
    stated = next((kind for cue, kind in _KINDS if cue in sentence.cues), None)
    return stated or ("observation" if _says_something(sentence) else None)


def _says_something(sentence: Sentence) -> bool:
    return "small_talk" not in sentence.cues and sentence.text.count(" ") >= MIN_WORDS - 1
