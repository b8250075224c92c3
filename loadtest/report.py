"""A run's figures: for the terminal, as JSON, as a page that needs nothing else, and held against thresholds."""

from __future__ import annotations

import html
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from loadtest import plot
from loadtest.conductor import Outcome
from loadtest.histogram import Histogram
from loadtest.stage import BEAT

DELIVERIES = "sent to each socket"
PACE = "the server's pace limits (RF_COMMANDS_PER_SECOND, RF_COMMANDS_PER_SECOND_USER, RF_COMMANDS_PER_SECOND_ACCOUNT)"
PERCENTILES = (50.0, 90.0, 99.0, 99.9)
NEVER = ("double wins", "races without a winner", "losers told of another winner", "claims not told once")
"""Counts of scenarios that may never be anything but zero."""

WORDS = {
    "arrived": "at all sockets of a worker",
    "disorder": "out of order",
    "stray": "astray",
    "reset": "answered with a snapshot instead of what was missed",
    "cut": "connections that ended by themselves",
    "paced": "messages at a rate",
    "dropped": "messages at a rate refused",
}


@dataclass(frozen=True)
class Thresholds:
    """What a run has to keep to. None: it is not looked at."""

    p99_ms: float | None = None
    """Of the scenario's main latency."""
    min_rate: float | None = None
    """Of its main rate, a second."""


@dataclass(frozen=True)
class Kind:
    """What stands for a scenario as a whole."""

    name: str
    latency: str = ""
    """The histogram that `p99_ms` is of; the deliveries' own if empty."""
    rate: str = ""
    """The count that `min_rate` is of; deliveries if empty."""
    never: tuple[str, ...] = NEVER


@dataclass(frozen=True)
class Report:
    """One run, judged."""

    kind: Kind
    options: dict[str, Any]
    urls: Sequence[str]
    outcome: Outcome
    thresholds: Thresholds

    @property
    def latency(self) -> Histogram:
        return self.latencies.get(self.kind.latency, Histogram()) if self.kind.latency else self.outcome.latency

    @property
    def latencies(self) -> dict[str, Histogram]:
        """All that were measured, in microseconds, by what they are of."""
        deliveries = {DELIVERIES: self.outcome.latency} if self.outcome.latency.total else {}
        return deliveries | dict(sorted(self.outcome.histograms.items()))

    @property
    def rate(self) -> float:
        """A second of the measured part."""
        outcome = self.outcome
        total = outcome.counts[self.kind.rate] if self.kind.rate else outcome.in_span.delivered
        return total / outcome.span if outcome.span else 0.0

    @property
    def counts(self) -> dict[str, int]:
        """All that was counted, under the words it is told in."""
        tally = asdict(self.outcome.tally)
        return {WORDS.get(name, name): count for name, count in tally.items()} | dict(self.outcome.counts)

    def failures(self) -> list[str]:
        """What did not hold; empty if all did."""
        tally, counts = self.outcome.tally, self.outcome.counts
        wrong = {name: getattr(tally, name) for name in ("lost", "twice", "disorder", "stray", "unanswered", "reset")}
        found = [f"{count} {WORDS.get(name, name)}" for name, count in wrong.items() if count]
        found += [f"{counts[name]} {name}" for name in self.kind.never if counts[name]]
        found += [f"{tally.cut} connections ended by themselves"] if tally.cut else []
        found += [self._dropped()] if tally.dropped else []
        p99, limits = self.latency.percentile(99), self.thresholds
        if limits.p99_ms is not None and (p99 is None or p99 / 1000 > limits.p99_ms):
            said = "unknown" if p99 is None else f"{p99 / 1000:.1f} ms"
            found.append(f"p99 of '{self.kind.latency or DELIVERIES}' {said}, more than {limits.p99_ms:g} ms")
        if limits.min_rate is not None and self.rate < limits.min_rate:
            found.append(f"{self.rate:.0f} {self.kind.rate or 'deliveries'} a second, less than {limits.min_rate:g}")
        return found

    def _dropped(self) -> str:
        """How far a rate was not kept."""
        tally, rate = self.outcome.tally, float(self.options.get("rate", 0))
        through = rate * (tally.paced - tally.dropped) / tally.paced
        why = f": {PACE}" if self.outcome.counts["refused rate_limited"] else ""
        messages = f"{tally.dropped:,} of {tally.paced:,} messages were refused"
        return f"asked {plot.short(rate)} a second, {plot.short(through)} were let through ({messages}){why}"

    @property
    def warnings(self) -> list[str]:
        """What makes the figures less than they seem."""
        outcome = self.outcome
        found = [f"incomplete: {outcome.incomplete}"] if outcome.incomplete else []
        refused = outcome.counts["refused rate_limited"]
        if refused and not outcome.tally.dropped:
            found.append(f"{refused:,} were refused to slow down, so the rate may be what is let through by {PACE}")
        if self.strained:
            share = f"the busiest worker used {outcome.busiest:.0%} of a core"
            found.append(f"the load scripts may be the bottleneck: {share}, latencies may be their own")
        return found

    def plain(self) -> dict[str, Any]:
        outcome = self.outcome
        return {
            "scenario": self.kind.name,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
            "urls": list(self.urls),
            "options": self.options,
            "thresholds": asdict(self.thresholds),
            "workers": outcome.workers,
            "seconds": round(outcome.span, 3),
            "rate": round(self.rate, 1),
            "tally": asdict(outcome.tally),
            "counts": dict(outcome.counts),
            "latency_ms": {name: _milliseconds(each) for name, each in self.latencies.items()},
            "worker_cores": [round(one.cpu / one.seconds, 3) for one in outcome.measured if one.seconds],
            "moments": [
                {
                    "seconds": round(one.seconds, 2),
                    "delivered": one.delivered,
                    "connections": one.connections,
                    "p50_ms": _ms(one.latency, 50),
                    "p99_ms": _ms(one.latency, 99),
                }
                for one in outcome.moments
            ],
            "notes": outcome.notes,
            "incomplete": outcome.incomplete or None,
            "warnings": self.warnings,
            "failures": self.failures(),
        }

    def json(self) -> bytes:
        return orjson.dumps(self.plain(), option=orjson.OPT_INDENT_2)

    # The terminal

    def show(self, console: Console) -> None:
        outcome, tally = self.outcome, self.outcome.tally
        what = self.kind.rate or "deliveries"
        console.print(
            f"{self.kind.name}: {self.rate:,.0f} {what} a second over {outcome.span:.1f} s; busiest worker "
            f"{outcome.busiest:.0%} of a core",
            highlight=False,
            soft_wrap=True,
        )
        table = Table("latency, ms", *(f"p{percent:g}" for percent in PERCENTILES), "max", "n", box=None)
        for name, each in self.latencies.items():
            table.add_row(name, *(_said(_ms(each, percent)) for percent in (*PERCENTILES, 100)), f"{each.total:,}")
        console.print(table)
        counts = self.counts
        console.print(
            ", ".join(f"{count:,} {name}" for name, count in counts.items() if count), highlight=False, soft_wrap=True
        )
        console.print(
            f"{tally.lost} lost, {tally.twice} twice, {tally.disorder} out of order, {tally.stray} astray",
            highlight=False,
            soft_wrap=True,
        )
        for warning in self.warnings:
            console.print(f"[bold yellow]{warning}[/]", highlight=False, soft_wrap=True)
        for failure in self.failures():
            console.print(f"[bold red]FAILED[/]: {failure}", highlight=False, soft_wrap=True)

    @property
    def strained(self) -> bool:
        """Whether a worker had so little time left that latencies may be its own."""
        return self.outcome.busiest > 0.9  # noqa: PLR2004

    # The page

    def page(self) -> str:
        """HTML with everything in it."""
        plain, failures = self.plain(), self.failures()
        whole = "So far all held." if self.outcome.incomplete else "All held."
        verdict = "; ".join(failures) if failures else whole
        warned = "".join(f"<p class=failed>{html.escape(warning)}</p>" for warning in self.warnings)
        rows = "".join(
            f"<tr><th>{html.escape(name)}</th>"
            + "".join(f"<td>{_said(_ms(each, percent))}</td>" for percent in (*PERCENTILES, 100))
            + f"<td>{each.total:,}</td></tr>"
            for name, each in self.latencies.items()
        )
        head = "".join(f"<th>p{percent:g}</th>" for percent in PERCENTILES)
        facts = {
            "Rate": f"{self.rate:,.0f} {self.kind.rate or 'deliveries'} a second over {self.outcome.span:.1f} s",
            "Workers": f"{self.outcome.workers}, the busiest at {self.outcome.busiest:.0%} of a core",
            "Addresses": ", ".join(self.urls),
            "Options": ", ".join(f"{name} {value}" for name, value in self.options.items()),
            "Counts": ", ".join(f"{count:,} {name}" for name, count in self.counts.items()),
            "When, where": f"{plain['at']}, {plain['machine']}",
        }
        listed = "".join(f"<dt>{name}</dt><dd>{html.escape(str(text))}</dd>" for name, text in facts.items())
        return (
            f"<!doctype html><html lang=en><meta charset=utf-8><title>{self.kind.name}</title><style>{STYLE}</style>"
            f"<h1>{self.kind.name}</h1><p class={'failed' if failures else 'held'}>{html.escape(verdict)}</p>"
            f"{warned}<dl>{listed}</dl><table><tr><th>latency, ms</th>{head}<th>max</th><th>n</th></tr>{rows}</table>"
            f"{''.join(self._charts())}</html>\n"
        )

    def _charts(self) -> list[str]:
        moments = self.outcome.moments
        rates = [
            (after.seconds, (after.delivered - before.delivered) / (after.seconds - before.seconds))
            for before, after in pairwise(moments)
            if after.seconds - before.seconds >= BEAT / 2  # of a shorter slice the workers' counts are of other times
        ]
        over_time = {
            f"p{percent}": [(one.seconds, value) for one in moments if (value := _ms(one.latency, percent)) is not None]
            for percent in (50, 99)
        }
        curves = {
            name: [(float(percent), value) for percent in range(1, 101) if (value := _ms(each, percent)) is not None]
            for name, each in self.latencies.items()
        }
        connections = {"connections": [(one.seconds, float(one.connections)) for one in moments]}
        return [
            plot.lines("Deliveries a second", {"deliveries": rates}, "seconds", "a second"),
            plot.lines("Latency over time", over_time, "seconds", "ms"),
            plot.lines("Latency by percentile", curves, "percentile", "ms"),
            plot.lines("Connections", connections, "seconds", ""),
        ]

    def write(self, json: Path | None, page: Path | None) -> None:
        if json is not None:
            json.write_bytes(self.json())
        if page is not None:
            page.write_text(self.page(), "utf-8")


STYLE = (
    "body{font:14px system-ui,sans-serif;margin:2em;max-width:60em}table{border-collapse:collapse;margin:1em 0}"
    "td,th{padding:.2em .8em;text-align:right;border-bottom:1px solid #ddd}th:first-child{text-align:left}"
    "dt{float:left;width:8em;color:#555}dd{margin-left:8em}.failed{color:#b00020}.held{color:#1b6e2e}svg{display:block}"
)


def _ms(histogram: Histogram, percent: float) -> float | None:
    value = histogram.percentile(percent)
    return None if value is None else value / 1000


def _milliseconds(histogram: Histogram) -> dict[str, Any]:
    figures: dict[str, Any] = {f"p{percent:g}": _ms(histogram, percent) for percent in PERCENTILES}
    return figures | {"max": _ms(histogram, 100), "n": histogram.total}


def _said(milliseconds: float | None) -> str:
    if milliseconds is None:
        return "-"
    return f"{milliseconds:,.0f}" if milliseconds >= 100 else f"{milliseconds:.1f}"  # noqa: PLR2004
