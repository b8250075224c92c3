"""What a senior may start with: leading causes with what speaks for and against them, and what to look at next."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from handlers.package import Known, Package, Ref, Step
from handlers.words import content, share

MAX_HYPOTHESES: Final = 5
MAX_CHECKS: Final = 8

Risk = Literal["low", "medium", "high"]
RISKS: Final[tuple[Risk, ...]] = ("low", "medium", "high")

_ALIKE: Final = 0.6
"""The share of the content words of the shorter of two texts in the other by which they speak of the same action."""
_RELATED: Final = 2
"""Content words in common by which a statement bears on a hypothesis."""

_HIGH: Final = re.compile(
    r"\b(?:delet|wip|format|eras|drop|truncat|purg|re-?imag|re-?install|rebuild|re-?creat|restor|fail-?over|demot"
    r"|factory|migrat|overwrit|repartition|revok|lösch|formatier|neu ?install|wiederherst|zurücksetz)\w*",
    re.IGNORECASE,
)
_MEDIUM: Final = re.compile(
    r"\b(?:re-?start|reboot|power-?cycl|reset|disabl|enabl|stop|kill|chang|modif|edit|updat|upgrad|downgrad|patch"
    r"|roll(?:ing)? ?back|block|remov|replac|switch|mov|disconnect|unplug|clear|flush|renew|grant|add|set|apply|install"
    r"|neu ?start|deaktivier|aktivier|änder|entfern|ersetz|tausch|stopp|leer)\w*",
    re.IGNORECASE,
)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Hypothesis(_Part):
    text: str
    support: tuple[Ref, ...]
    against: tuple[Ref, ...]


class Check(_Part):
    """`repeats_step` is the `n` of the tried step that this does again, null if it is new."""

    text: str
    risk: Risk
    why: str
    repeats_step: int | None
    refs: tuple[Ref, ...]


class Analysis(_Part):
    """The likeliest cause and the best check first."""

    producer: Literal["builtin", "ai"]
    hypotheses: tuple[Hypothesis, ...]
    next_checks: tuple[Check, ...]


def analysed(package: Package) -> Analysis:
    """The analysis that the package itself gives, without a model: the same for the same package."""
    return Analysis(
        producer="builtin",
        hypotheses=tuple(_hypotheses(package.what_we_know)),
        next_checks=tuple(_checks(package))[:MAX_CHECKS],
    )


def check(text: str, why: str, refs: Iterable[Ref], package: Package, *, risk: Risk = "low") -> Check:
    """A check whose risk is at least what its words say, and that names the tried step it repeats."""
    return Check(
        text=text,
        risk=max(risk, _risk(text, package), key=RISKS.index),
        why=why,
        repeats_step=_repeated(text, package.steps_tried),
        refs=tuple(refs),
    )


def _risk(text: str, package: Package) -> Risk:
    warned = any(_is_alike(text, item.text) for item in package.do_not)
    return "high" if warned or _HIGH.search(text) else "medium" if _MEDIUM.search(text) else "low"


def _repeated(text: str, steps: Sequence[Step]) -> int | None:
    return next((step.n for step in reversed(steps) if _is_alike(text, step.action)), None)


def _is_alike(one: str, other: str) -> bool:
    shorter, longer = sorted((content(one), content(other)), key=len)
    return len(shorter & longer) >= min(_RELATED, len(shorter)) and share(shorter, longer) >= _ALIKE


def _hypotheses(known: Sequence[Known]) -> list[Hypothesis]:
    """What most speaks for comes first, then what was said last."""
    guesses = [item for item in known if item.kind == "hypothesis"]
    found = [
        Hypothesis(
            text=guess.text,
            support=(*guess.refs, *_bearing(guess, known, {"fact", "observation", "client_said"})),
            against=tuple(_bearing(guess, known, {"ruled_out"})),
        )
        for guess in reversed(guesses)
    ]
    return sorted(found, key=lambda one: len(one.against) - len(one.support))[:MAX_HYPOTHESES]


def _bearing(guess: Known, known: Sequence[Known], kinds: set[str]) -> Iterator[Ref]:
    about = content(guess.text)
    refs = (
        ref for item in known if item.kind in kinds and len(content(item.text) & about) >= _RELATED for ref in item.refs
    )
    yield from dict.fromkeys(ref for ref in refs if ref not in guess.refs)


def _checks(package: Package) -> Iterator[Check]:
    """Open questions, agreed conditions, results never stated, causes neither proved nor ruled out."""
    for item in package.open_questions:
        yield _look(item.text, "An open question.", item.refs)
    for item in package.if_then:
        yield check(item.text, "Agreed beforehand.", item.refs, package)
    for step in package.steps_tried:
        if step.result is None:
            yield _look(f"Find out what came of: {step.action}", "No result is recorded.", (step.ref,), step.n)
    for item in package.what_we_know:
        if item.kind == "hypothesis":
            yield _look(f"Confirm or rule out: {item.text}", "Suspected, not shown.", item.refs)


def _look(text: str, why: str, refs: tuple[Ref, ...], step: int | None = None) -> Check:
    """A check that changes nothing."""
    return Check(text=text, risk="low", why=why, repeats_step=step, refs=refs)
