"""Starts the workers of a run, keeps them together, shows how it goes and adds up what they say."""

from __future__ import annotations

import pickle
import queue
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import IO, Any, NoReturn

from rich.console import Console
from rich.live import Live
from rich.table import Table

from loadtest.histogram import Histogram
from loadtest.ledger import Tally
from loadtest.stage import Beat, Done, Failed, Measured, Run, Scenario, Stop, Together

LOOK = 0.25
"""Seconds between two looks at the workers."""
ENDING = 10.0


class Broken(Exception):  # noqa: N818
    """A run that could not be carried through; the message says why."""


class CutShort(Broken):
    """It ends before its time, and what was measured so far may be asked for."""


@dataclass
class Moment:
    """All workers at one time of the measured part."""

    seconds: float
    delivered: int
    connections: int
    cpu: float
    latency: Histogram


@dataclass
class Outcome:
    """What a run came to, all workers together."""

    workers: int
    seconds: float = 0.0
    """From the first worker's start to the last one's end."""
    tally: Tally = field(default_factory=Tally)
    measured: list[Measured] = field(default_factory=list)
    latency: Histogram = field(default_factory=Histogram)
    histograms: dict[str, Histogram] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    incomplete: str = ""
    """Why it ended before its time: these are the figures so far. Empty if it did not."""
    given_up: bool = False
    """Whether it ended so because it was told to, or its time was up."""

    @property
    def span(self) -> float:
        """Seconds of the measured part."""
        return max((one.seconds for one in self.measured), default=0.0)

    @property
    def in_span(self) -> Tally:
        return sum((one.tally for one in self.measured), Tally())

    @property
    def busiest(self) -> float:
        """The share of one core that the busiest worker used in the measured part."""
        return max((one.cpu / one.seconds for one in self.measured if one.seconds), default=0.0)


class _Worker:
    """One process. What it says is put into `said`, beside itself; None when it has ended."""

    def __init__(self, said: queue.Queue[tuple[_Worker, Any]]) -> None:
        self.last: Beat | None = None
        self.brought: Together | None = None
        self.done = False
        self._process = subprocess.Popen(
            [sys.executable, "-m", "loadtest.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._said = said
        self._listener = threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True, name="worker")
        self._listener.start()

    def _listen(self, pipe: IO[bytes]) -> None:
        with pipe:
            try:
                while True:
                    self._said.put((self, pickle.load(pipe)))  # noqa: S301  # from a process of our own
            except (EOFError, OSError, pickle.UnpicklingError):
                self._said.put((self, None))

    def tell(self, what: object) -> None:
        """Raises Broken when it is not there any more."""
        if self._process.stdin is None:
            raise Broken("a worker has no ear")
        try:
            pickle.dump(what, self._process.stdin)
            self._process.stdin.flush()
        except OSError:
            raise Broken("a worker ended without a word") from None

    def end(self) -> None:
        """Afterwards it does not run."""
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(ENDING if self.done else 0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join()


class Conductor:
    """One run. `play` does all of it, within `bound` seconds."""

    def __init__(self, run: Run, scenario: Scenario, bound: float, console: Console, *, every: float = 0.0) -> None:
        self._run, self._scenario, self._bound = run, scenario, bound
        self._console = console
        self._every = every
        """Seconds between two printed lines, where 0 stands for a live view."""
        self._printed = 0.0
        self._began = time.monotonic()
        self._workers: list[_Worker] = []
        self._said: queue.Queue[tuple[_Worker, Any]] = queue.Queue()
        self.outcome = Outcome(run.workers)
        self._since_moment = Histogram()
        self._stopped = ""

    def stop(self, reason: str) -> None:
        """`play` ends soon, with what was measured so far. From a signal handler or any thread."""
        self._stopped = reason

    def play(self) -> Outcome:
        """What was measured, `incomplete` if the run was stopped, ran out of time or lost its server meanwhile.

        Raises Broken: a worker could not go on, or nothing had been measured yet. No worker is left behind.
        """
        try:
            self._workers += [_Worker(self._said) for _ in range(self._run.workers)]
            for index, worker in enumerate(self._workers):
                worker.tell((self._run, index, self._scenario))
            with self._showing() as show:
                while not all(worker.done for worker in self._workers):
                    self._listen()
                    show()
        except CutShort as why:
            self._gather()
            if not self.outcome.span:
                raise
            self.outcome.incomplete = str(why)
        finally:
            for worker in self._workers:
                worker.end()
        self.outcome.seconds = time.monotonic() - self._began
        return self.outcome

    def _listen(self) -> None:
        with suppress(queue.Empty):
            worker, said = self._said.get(timeout=LOOK)
            if said is not None:
                self._hear(worker, said)
            elif not worker.done:
                raise Broken("a worker ended without a word")
        if time.monotonic() - self._began > self._bound:
            self._give_up(f"not done within {self._bound:.0f} s, in the phase: {self.phase}")
        if self._stopped:
            self._give_up(self._stopped)

    def _give_up(self, reason: str) -> NoReturn:
        self.outcome.given_up = True
        raise CutShort(reason)

    def _hear(self, worker: _Worker, said: Any) -> None:  # noqa: ANN401
        match said:
            case Beat():
                worker.last = said
                self.outcome.latency.merge(said.latency)
                self._since_moment.merge(said.latency)
                if worker is self._workers[0] and said.seconds:
                    self._note_moment(said.seconds)
            case Together():
                worker.brought = said
                if all(one.brought is not None for one in self._workers):
                    values = [one.brought.value for one in self._workers if one.brought is not None]
                    for one in self._workers:
                        one.brought = None
                        one.tell(values)
            case Done():
                worker.done = True
                self._add(worker, said)
                if said.early:
                    raise CutShort(said.early)
            case Failed(reason):
                raise Broken(reason)

    def _gather(self) -> None:
        """What all have so far, from those who still answer."""
        left = [worker for worker in self._workers if not worker.done]
        for worker in left:
            with suppress(Broken):
                worker.tell(Stop())
        end = time.monotonic() + ENDING
        while left and time.monotonic() < end:
            with suppress(queue.Empty):
                worker, said = self._said.get(timeout=LOOK)
                if said is None or isinstance(said, Failed):
                    left = [one for one in left if one is not worker]
                elif isinstance(said, Beat | Done):
                    with suppress(CutShort):
                        self._hear(worker, said)
            left = [one for one in left if not one.done]

    def _add(self, worker: _Worker, done: Done) -> None:
        outcome = self.outcome
        outcome.measured.append(done.measured)
        for name, histogram in done.histograms.items():
            outcome.histograms.setdefault(name, Histogram()).merge(histogram)
        outcome.counts.update(done.counts)
        outcome.notes += done.notes
        if worker.last is not None:
            outcome.tally += worker.last.tally

    def _note_moment(self, seconds: float) -> None:
        beats = [worker.last for worker in self._workers if worker.last is not None]
        self.outcome.moments.append(
            Moment(
                seconds,
                sum(beat.tally.delivered for beat in beats),
                sum(beat.connections for beat in beats),
                sum(beat.cpu for beat in beats),
                self._since_moment.drain(),
            )
        )

    # How it goes

    @property
    def phase(self) -> str:
        return next((worker.last.phase for worker in self._workers if worker.last is not None), "starting")

    @contextmanager
    def _showing(self) -> Iterator[Callable[[], None]]:
        if self._every or not self._console.is_terminal:
            yield self._print
        else:
            with Live(console=self._console, refresh_per_second=4, transient=True) as live:
                yield lambda: live.update(self._view())

    def _print(self) -> None:
        now = time.monotonic()
        if now - self._printed >= (self._every or 10.0):
            self._printed = now
            tally = self._tally()
            self._console.print(
                f"{now - self._began:6.0f} s  {self.phase:<12} {self._connections():>7} connections "
                f"{tally.delivered:>10} delivered  {tally.wrong} wrong",
                highlight=False,
            )

    def _tally(self) -> Tally:
        return sum((worker.last.tally for worker in self._workers if worker.last is not None), Tally())

    def _connections(self) -> int:
        return sum(worker.last.connections for worker in self._workers if worker.last is not None)

    def _view(self) -> Table:
        tally, moments = self._tally(), self.outcome.moments
        rate = "-"
        if len(moments) > 1 and moments[-1].seconds > moments[-2].seconds:
            last, before = moments[-1], moments[-2]
            rate = f"{(last.delivered - before.delivered) / (last.seconds - before.seconds):,.0f}"
        p99 = moments[-1].latency.percentile(99) if moments else None
        table = Table(box=None, show_header=False)
        for name, value in (
            ("phase", f"{self.phase}, {time.monotonic() - self._began:.0f} s"),
            ("connections", f"{self._connections():,}"),
            ("delivered", f"{tally.delivered:,}  ({rate} a second)"),
            ("p99 of late", "-" if p99 is None else f"{p99 / 1000:.1f} ms"),
            ("not in order", f"{tally.twice} twice, {tally.disorder} out of order, {tally.stray} astray"),
            ("refused", f"{tally.refused}"),
        ):
            table.add_row(name, value)
        return table
