"""Workers are kept together, added up, and never left behind."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from io import StringIO

import psutil
import pytest
from rich.console import Console

from loadtest.conductor import Broken, Conductor, Outcome
from loadtest.people import People
from loadtest.stage import Run, Scenario, Stage
from tests.conftest import SECRET


@dataclass(frozen=True)
class Counting:
    """Each worker brings its number, and counts what the others brought."""

    async def run(self, stage: Stage) -> None:
        said = await stage.together("counting", stage.index)
        async with stage.measuring():
            stage.ledger.tally.delivered += stage.index + 1
            stage.counts["brought"] += sum(said)
            stage.notes.append(str(said))
            stage.histogram("times").record(stage.index)
            await asyncio.sleep(0.01)
        await stage.together("done")


@dataclass(frozen=True)
class Raising:
    async def run(self, stage: Stage) -> None:
        if stage.index:
            raise ValueError("no more")
        await stage.together("for ever")


@dataclass(frozen=True)
class Dying:
    async def run(self, stage: Stage) -> None:
        os._exit(3 if stage.index else await stage.together("for ever") is None)


@dataclass(frozen=True)
class Endless:
    async def run(self, stage: Stage) -> None:
        await stage.together("waiting")
        await asyncio.sleep(3600)


async def play(scenario: Scenario, *, bound: float = 60, workers: int = 3) -> tuple[Outcome, str]:
    said = StringIO()
    run = Run(("http://127.0.0.1:1",), People(SECRET, "seed"), workers)
    conductor = Conductor(run, scenario, bound, Console(file=said))
    return await asyncio.to_thread(conductor.play), said.getvalue()


def workers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "loadtest.worker" in " ".join(child.cmdline())]


async def test_what_all_workers_say_is_added_up() -> None:
    outcome, said = await play(Counting())
    assert outcome.tally.delivered == outcome.in_span.delivered == 1 + 2 + 3
    assert outcome.counts["brought"] == 3 * (0 + 1 + 2)
    assert outcome.notes == ["[0, 1, 2]"] * 3
    assert sorted(outcome.histograms["times"]) == [(0, 1), (1, 1), (2, 1)]
    assert outcome.span >= 0.01
    assert "starting" in said
    assert workers() == []


@pytest.mark.parametrize(
    ("scenario", "bound", "says"),
    [
        (Raising(), 60, "ValueError: no more"),
        (Dying(), 60, "ended without a word"),
        (Endless(), 3, "not done within 3 s, in the phase: "),
    ],
)
async def test_a_run_that_cannot_go_on_says_why_and_leaves_nobody(scenario: Scenario, bound: float, says: str) -> None:
    with pytest.raises(Broken, match=says):
        await play(scenario, bound=bound, workers=2)
    assert workers() == []


def test_a_secret_is_in_no_picture_of_the_run() -> None:
    assert SECRET not in repr(Run(("http://127.0.0.1:1",), People(SECRET, "seed"), 1))
