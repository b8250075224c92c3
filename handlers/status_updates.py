"""What colleagues and clients are told of a session: made of what it says now, without a model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from handlers.evidence import package_of
from handlers.package import Package
from handlers.prose import NOT_RECORDED
from handlers.reading import host_in
from handlers.redaction import REDACTED
from handlers.words import EDGES
from store.models import Evidence, Person
from store.status_updates import HandedOff, Standing

MAX_LISTED: Final = 3

_A_SYSTEM: Final = "one of your systems"
_ADDRESS: Final = re.compile(
    r"\b\d{1,3}(?:\.\d{1,3}){3}(?:[:/]\d+)?\b|(?<!\w)(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{1,4}\b", re.IGNORECASE
)
_INNER: Final = re.compile(
    r"[@\\_<>{}=]|\w[./:]+\w|^[./]+\w|\d.*[A-Za-z]|[A-Za-z].*\d|^[A-Z0-9]+(?:-[A-Z0-9]+)+$|^[A-Z]{5,}$"
)
_PLAIN: Final = re.compile(
    r"\d+(?:[.,:/-]\d+)*(?:%|am|pm|h|st|nd|rd|th|uhr)?|and/or|n/a|[ap]\.m|e\.g|i\.e|z\.b", re.IGNORECASE
)
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_BLAME: Final = re.compile(
    r"\b(?:fault|blam\w+|guilty|mistake\w*|forgot\w*|careless\w*|negligen\w+|incompeten\w+|stupid\w*|idiot\w*|clueless"
    r"|lazy|sloppy|messed|screwed|botched|misconfigured|should(?: not|n't)? have|schuld\w*|vergessen|verpfuscht"
    r"|schlamp\w*|versäumt|hätte\w*|dumm\w*|unfähig\w*)\b",
    re.IGNORECASE,
)


def for_colleagues(evidence: Evidence, standing: Standing) -> str:
    """The state of things in full, free of secrets."""
    return "\n".join(_for_colleagues(package_of(evidence), standing.handoff, is_closed=standing.is_closed))


def _for_colleagues(now: Package, handoff: HandedOff | None, *, is_closed: bool) -> Iterator[str]:
    handed_off = None if handoff is None else Package.model_validate_json(handoff.package)
    situation = now.situation if handed_off is None else handed_off.situation
    yield f"{(handed_off or now).headline or NOT_RECORDED}."
    yield _standing(handoff, is_closed=is_closed)
    yield f"Symptom: {situation.symptom or NOT_RECORDED}"
    yield f"Impact: {situation.impact or NOT_RECORDED}"
    yield f"Since: {situation.since or NOT_RECORDED}"
    facts = [item.text for item in now.what_we_know if item.kind in ("fact", "observation", "ruled_out")]
    yield from _listed("Known", facts)
    yield from _listed("Tried", [": ".join(filter(None, (step.action, step.result))) for step in now.steps_tried])
    yield from _listed("In work", [item.text for item in now.in_flight])
    yield from _listed("Open", [item.text for item in now.open_questions])
    if handed_off is not None:
        yield f"Handed off because: {handed_off.stuck_because}"
        yield f"Asked: {handed_off.ask or NOT_RECORDED}"


def _standing(handoff: HandedOff | None, *, is_closed: bool) -> str:
    if is_closed:
        return "The session is closed."
    if handoff is None:
        return "Not handed off."
    if handoff.owner is not None:
        return f"Handed off, in the hands of {handoff.owner.name}."
    return f"Handed off; the handoff is {handoff.status}."


def _listed(title: str, texts: list[str]) -> Iterator[str]:
    more = len(texts) - MAX_LISTED
    shown = "; ".join(text.rstrip(".") for text in texts[-MAX_LISTED:])
    yield f"{title}: {shown or NOT_RECORDED}" + (f" (and {more} before)" if more > 0 else "")


def for_client(evidence: Evidence, standing: Standing) -> str:
    """What a client may read: nothing of machines, addresses, codes, secrets, our people, or of whose fault it is.

    A text that holds any of it is left out; the name or address of a machine gives way to words.
    """
    return "\n".join(_for_client(evidence, standing))


def _for_client(evidence: Evidence, standing: Standing) -> Iterator[str]:
    package = package_of(evidence)
    people = _people(evidence, standing)
    situation = package.situation
    symptom, impact, since = (
        _presentable(text, people) for text in (situation.symptom, situation.impact, situation.since)
    )
    yield f"The problem: {symptom}" if symptom else "This is about the problem that was reported."
    if impact and impact != symptom:
        yield f"Who is affected: {impact}"
    if since:
        yield f"Since: {since}"
    yield _to_the_client(standing, len(people))
    for promise in package.promises[-MAX_LISTED:]:
        if text := _presentable(promise.text, people):
            yield f"Agreed: {text}"


def _to_the_client(standing: Standing, people: int) -> str:
    team = "One engineer" if people == 1 else f"{people} engineers"
    if standing.is_closed:
        return f"{team} worked on it. The work has ended."
    status = standing.handoff and standing.handoff.status
    if status == "queued":
        return f"{team} worked on it so far. It has been escalated and waits for a senior engineer."
    working = f"{team} {'is' if people == 1 else 'are'} working on it."
    return f"It has been escalated. {working}" if status == "claimed" else working


def _people(evidence: Evidence, standing: Standing) -> set[Person]:
    """Who works on it."""
    found = {evidence.session.created_by, *(task.updated_by for task in evidence.tasks)}
    found |= {message.author for message in evidence.messages if message.kind == "note"}
    if standing.handoff is not None and standing.handoff.owner is not None:
        found.add(standing.handoff.owner)
    return found


def _presentable(text: str | None, people: Iterable[Person]) -> str | None:
    """The text as a client may read it, None if there is none."""
    if text is None or REDACTED in text or _BLAME.search(text):
        return None
    text = _ADDRESS.sub(_A_SYSTEM, text)
    while host := host_in(text):
        text = text.replace(host, _A_SYSTEM)
    words = {word.strip(EDGES) for word in text.split()}
    spoken = {part.casefold() for part in _LETTERS.findall(text)}
    named = {part.casefold() for person in people for part in person.name.split() if len(part) > 2}  # noqa: PLR2004
    is_internal = any(_INNER.search(word) and not _PLAIN.fullmatch(word) for word in words)
    return None if is_internal or named & spoken else text
