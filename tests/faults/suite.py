"""Runs faults one after the other on one topology and says what the checker found."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.faults.checker import Verdict, check
from tests.faults.faults import FAULTS, LONG
from tests.faults.load import Load
from tests.faults.outages import Fault
from tests.faults.records import read_log
from tests.faults.soak import PACE, plot, soak
from tests.faults.stage import Stage, Topology

CLIENTS, CLIENTS_SHORT = 60, 20


@dataclass(frozen=True)
class Row:
    """One fault and what came of it."""

    fault: str
    verdict: Verdict
    notes: tuple[str, ...]
    broken: tuple[str, ...]
    seconds: float

    @property
    def holds(self) -> bool:
        return not self.verdict.violations and not self.broken


async def run(names: Sequence[str], *, short: bool) -> list[Row]:
    """These faults, or all; each on accounts of its own, so that its log is its own."""
    chosen = names or [name for name in FAULTS if not (short and name in LONG)]
    rows = []
    async with Topology.started() as topology:
        for name in chosen:
            rows.append(row := await _one(topology, name, *FAULTS[name], short=short))
            told = "ok" if row.holds else f"VIOLATED {row.verdict.violations} {'; '.join(row.broken)}"
            Console(stderr=True).print(f"{name}: {row.seconds:.0f} s, {told}", highlight=False)
    return rows


async def run_soak(seconds: float, file: Path) -> Row:
    """Faults drawn by lot for so long, each in its short form, and a page of what the replicas held."""

    async def fault(stage: Stage) -> None:
        plot(await soak(stage, seconds), file)

    async with Topology.started() as topology:
        return await _one(topology, "soak", fault, PACE, short=True)


async def _one(topology: Topology, name: str, fault: Fault, pace: float, *, short: bool) -> Row:
    began = time.time()
    clients = CLIENTS_SHORT if short else CLIENTS
    async with Load.opened(topology.urls, topology.secret, clients=clients, javascript=True) as load:
        stage = Stage(topology, load, short)
        if pace:
            load.begin(pace)
            await asyncio.sleep(1)
        try:
            await fault(stage)
        except Exception as error:  # noqa: BLE001  # a row says so, and the others follow
            stage.expect(False, repr(error))
            await topology.heal()
        finished = await load.finish(topology.postgres.url)
        log = await read_log(topology.postgres.url, load.accounts)
        verdict = check(load.recordings, log)
    stage.conclude(verdict)
    stage.expect(finished, "not everything was answered and told in time")
    return Row(name, verdict, tuple(stage.notes), tuple(stage.broken), time.time() - began)


def table(rows: Sequence[Row]) -> Table:
    """What is read first: one line a fault, and what it broke."""
    made = Table(box=None, pad_edge=False)
    heads = ("events", "lost", "twice", "out of order", "double claims", "unanswered", "across tenants", "other")
    made.add_column("fault")
    for head in (*heads, "longest silence"):
        made.add_column(head, justify="right")
    made.add_column("")
    for row in rows:
        v = row.verdict
        named = ("lost", "twice", "out_of_order", "double_claims", "unanswered", "across_tenants")
        other = sum(count for what, count in v.violations.items() if what not in named)
        counts = (v.events, *(getattr(v, what) for what in named), other)
        told = ", ".join((*row.notes, *(f"BROKEN: {what}" for what in row.broken)))
        made.add_row(row.fault, *map(str, counts), f"{v.longest_silence:.2f} s", told)
    return made
