"""Hours in minutes: faults drawn by lot, and what the replicas hold meanwhile, drawn as one page of SVG."""

from __future__ import annotations

import asyncio
import html
import random
import re
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import aiohttp
import psutil

from tests.faults import outages
from tests.faults.outages import Fault
from tests.faults.stage import Stage, Topology

PACE = 20
EVERY = 10.0
"""Seconds between the end of one fault and the next."""
SAMPLE = 5.0

DRAWN: tuple[Fault, ...] = (
    outages.replica_kill_one,
    outages.replica_rolling,
    outages.replica_stop,
    outages.redis_kill_3,
    outages.redis_client_kill,
    outages.redis_stop,
    outages.redis_overflow,
    outages.bus_junk,
    outages.postgres_fast,
    outages.postgres_immediate,
    outages.postgres_backends,
)

Point: TypeAlias = tuple[float, float]
_TASKS = re.compile(r"^rf_tasks (\S+)", re.MULTILINE)
COLOURS = ("#1f77b4", "#d62728", "#2ca02c")
WIDTH, HEIGHT, MARGIN = 900, 180, 60


@dataclass
class Samples:
    """By figure and replica; `marks` are when which fault began."""

    began: float
    series: defaultdict[str, defaultdict[str, list[Point]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    marks: list[tuple[float, str]] = field(default_factory=list)

    def now(self) -> float:
        return time.monotonic() - self.began

    async def sample(self, topology: Topology) -> None:
        """Once from every replica that runs."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=1)) as http:
            for number, replica in enumerate(topology.replicas):
                name = f"replica{number}"
                try:
                    process = psutil.Process(replica.pid)
                    figures = {"memory, MB": process.memory_info().rss / 2**20, "files": float(process.num_fds())}
                    async with http.get(f"{replica.url}/metrics") as response:
                        found = _TASKS.search(await response.text())
                except (psutil.Error, aiohttp.ClientError, TimeoutError):
                    continue  # it was killed, or stands still
                if found is not None:
                    figures["tasks"] = float(found[1])
                for what, value in figures.items():
                    self.series[what][name].append((self.now(), value))


async def soak(stage: Stage, seconds: float) -> Samples:
    """Draw faults for so long."""
    samples = Samples(time.monotonic())

    async def watch() -> None:
        while True:
            await samples.sample(stage.topology)
            await asyncio.sleep(SAMPLE)

    watching = asyncio.create_task(watch(), name="samples")
    drawn = 0
    while samples.now() < seconds:
        await asyncio.sleep(EVERY)
        fault = random.choice(DRAWN)
        samples.marks.append((samples.now(), fault.__name__))
        await fault(stage)
        drawn += 1
    await asyncio.sleep(EVERY)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    stage.measures.clear()  # each fault's own limits are looked at where it stands alone
    stage.notes.append(f"{drawn} faults in {samples.now():.0f} s")
    return samples


def plot(samples: Samples, file: Path) -> None:
    """A page that needs nothing else: one chart a figure, a line a replica, a thin line where a fault began."""
    charts = [_chart(what, lines, samples.marks) for what, lines in sorted(samples.series.items())]
    file.write_text(f"<!doctype html><meta charset=utf-8><title>Soak</title>{''.join(charts)}\n")


def _chart(what: str, lines: Mapping[str, Sequence[Point]], marks: Sequence[tuple[float, str]]) -> str:
    width = max(at for points in lines.values() for at, _ in points) or 1.0
    top = max(value for points in lines.values() for _, value in points) * 1.1 or 1.0

    def place(at: float, value: float) -> str:
        return f"{MARGIN + at / width * WIDTH:.1f},{HEIGHT - value / top * HEIGHT + 20:.1f}"

    drawn = [
        f'<line x1="{MARGIN + at / width * WIDTH:.1f}" x2="{MARGIN + at / width * WIDTH:.1f}" y1="20" '
        f'y2="{HEIGHT + 20}" stroke="#ccc"><title>{html.escape(name)} at {at:.0f} s</title></line>'
        for at, name in marks
    ]
    drawn += [
        f'<polyline fill="none" stroke="{colour}" points="{" ".join(place(*point) for point in points)}">'
        f"<title>{name}</title></polyline>"
        for colour, (name, points) in zip(COLOURS, sorted(lines.items()), strict=False)
    ]
    labels = "".join(
        f'<text x="0" y="{y}">{label}</text>' for y, label in ((14, what), (32, f"{top:.0f}"), (HEIGHT + 20, 0))
    )
    end = f'<text x="{MARGIN + WIDTH - 40}" y="{HEIGHT + 36}">{width:.0f} s</text>'
    size = f'width="{WIDTH + MARGIN + 10}" height="{HEIGHT + 44}"'
    text = 'font-family="sans-serif" font-size="12"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {text}>{labels}{end}{"".join(drawn)}</svg>'
