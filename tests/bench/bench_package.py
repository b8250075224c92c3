"""The package of a session of 300 messages: how long it takes, and how well it reads the labelled corpus.

    make bench-package

The session is the first 300 messages and the first 40 tasks of the corpus's half `tune`, one after the other, with
other digits in each run so that no two read the same. Beside it, in turns, the least that any reader of these
texts does: divide them at the ends of sentences, and each sentence, in small letters, into words.
"""

from __future__ import annotations

import random
import re
import statistics
import time
from dataclasses import replace
from itertools import chain, islice
from typing import Final

from handlers.package import HandoffRequest, build_package
from store.models import Evidence
from tests.corpus.scoring import scored, table
from tests.corpus.sessions import Half, labelled_sessions

MESSAGES: Final = 300
TASKS: Final = 40
RUNS: Final = 60
_END: Final = re.compile(r"(?<=[.!?])\s+|\n+")
_WORDS: Final = re.compile(r"[\w'.-]+")


def long_session() -> tuple[Evidence, HandoffRequest]:
    sessions = labelled_sessions("tune")
    messages = islice(chain.from_iterable(one.evidence.messages for one in sessions), MESSAGES)
    tasks = islice(chain.from_iterable(one.evidence.tasks for one in sessions), TASKS)
    first = sessions[0]
    return replace(first.evidence, messages=tuple(messages), tasks=tuple(tasks)), first.request


def renewed(evidence: Evidence, run: int) -> Evidence:
    """The same session with other digits, so that its numbers, hosts and codes were not read before."""
    digits = str.maketrans("0123456789", "".join(random.Random(run).choices("123456789", k=10)))
    messages = tuple(replace(one, body=one.body.translate(digits)) for one in evidence.messages)
    tasks = tuple(replace(one, result=(one.result or "").translate(digits)) for one in evidence.tasks)
    return replace(evidence, messages=messages, tasks=tasks)


def least(evidence: Evidence) -> int:
    texts = [*(one.body for one in evidence.messages), *(one.result or "" for one in evidence.tasks)]
    return sum(len(_WORDS.findall(piece.lower())) for text in texts for piece in _END.split(text))


def measure() -> tuple[list[float], list[float]]:
    """Milliseconds of processor time of each run: of the package, and of the least."""
    evidence, request = long_session()
    package, floor = list[float](), list[float]()
    for run in range(RUNS):
        fresh = renewed(evidence, run)
        started = time.process_time()
        build_package(fresh, request).model_dump_json()
        built = time.process_time()
        least(fresh)
        package.append((built - started) * 1e3)
        floor.append((time.process_time() - built) * 1e3)
    return package, floor


def main() -> None:
    evidence, _ = long_session()
    letters = sum(len(one.body) for one in evidence.messages)
    package, floor = measure()
    for name, times in (("package as JSON", package), ("sentences and words alone", floor)):
        middle, best, worst = statistics.median(times), min(times), max(times)
        print(f"{name:26} median {middle:6.2f} ms of processor time   best {best:6.2f}   worst {worst:6.2f}")
    ratio = statistics.median(package) / statistics.median(floor)
    read = f"{len(evidence.messages)} messages of {letters} characters and {len(evidence.tasks)} tasks"
    print(f"ratio {ratio:.1f}; {read}, {RUNS} runs")
    halves: tuple[Half, ...] = ("tune", "held_out")
    for half in halves:
        print(f"\n{table(half, scored(half))}")


if __name__ == "__main__":
    main()
