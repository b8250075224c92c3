"""The package of a session of 300 messages: how long it takes, and how well it reads the labelled corpus.

    make bench-package

The session is the first 300 messages and the first 40 tasks of the corpus's half `tune`, one after the other, each
text other in each run. It is handed off twice: once when none of it was read before, as after a restart, and once when
all of it was, as by the replica on which it was posted. Beside it, in turns, the least that any reader of these
texts does: divide them at the ends of sentences, and each sentence, in small letters, into words.
"""

from __future__ import annotations

import random
import re
import statistics
import time
from collections import defaultdict
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from typing import Final

from handlers.package import HandoffRequest, build_package
from store.models import Evidence
from tests.corpus.scoring import scored, table
from tests.corpus.sessions import Half, labelled_sessions

MESSAGES: Final = 300
TASKS: Final = 40
RUNS: Final = 60
FLOOR: Final = "sentences and words alone"
COLD: Final = "package, nothing read"
WARM: Final = "package, all was read"
_END: Final = re.compile(r"(?<=[.!?])\s+|\n+")
_WORDS: Final = re.compile(r"[\w'.-]+")


def long_session() -> tuple[Evidence, HandoffRequest]:
    sessions = labelled_sessions("tune")
    messages = islice(chain.from_iterable(one.evidence.messages for one in sessions), MESSAGES)
    tasks = islice(chain.from_iterable(one.evidence.tasks for one in sessions), TASKS)
    first = sessions[0]
    return replace(first.evidence, messages=tuple(messages), tasks=tuple(tasks)), first.request


def renewed(evidence: Evidence, run: int) -> Evidence:
    """The same session with other digits and a word that no text had before, so that none of it was read."""
    digits = str.maketrans("0123456789", "".join(random.Random(run).choices("123456789", k=10)))

    def other(text: str | None) -> str:
        return f"{(text or '').translate(digits)} run-{run}"

    messages = tuple(replace(one, body=other(one.body)) for one in evidence.messages)
    tasks = tuple(replace(one, result=other(one.result)) for one in evidence.tasks)
    return replace(evidence, messages=messages, tasks=tasks)


def least(evidence: Evidence) -> int:
    texts = [*(one.body for one in evidence.messages), *(one.result or "" for one in evidence.tasks)]
    return sum(len(_WORDS.findall(piece.lower())) for text in texts for piece in _END.split(text))


def measure() -> dict[str, list[float]]:
    """Milliseconds of processor time of each run."""
    evidence, request = long_session()
    times = defaultdict[str, list[float]](list)
    for run in range(RUNS):
        fresh = renewed(evidence, run)
        for name, work in (
            (FLOOR, partial(least, fresh)),
            (COLD, partial(build_package, fresh, request)),
            (WARM, partial(build_package, fresh, request)),
        ):
            started = time.process_time()
            work()
            times[name].append((time.process_time() - started) * 1e3)
    return times


def main() -> None:
    evidence, _ = long_session()
    letters = sum(len(one.body) for one in evidence.messages)
    times = measure()
    for name, taken in times.items():
        middle, best, worst = statistics.median(taken), min(taken), max(taken)
        print(f"{name:26} median {middle:6.2f} ms of processor time   best {best:6.2f}   worst {worst:6.2f}")
    floor, cold, warm = (statistics.median(times[name]) for name in (FLOOR, COLD, WARM))
    read = f"{len(evidence.messages)} messages of {letters} characters and {len(evidence.tasks)} tasks"
    print(f"ratios {cold / floor:.1f} and {warm / floor:.1f}; {read}, {RUNS} runs")
    halves: tuple[Half, ...] = ("tune", "held_out")
    for half in halves:
        print(f"\n{table(half, scored(half))}")


if __name__ == "__main__":
    main()
