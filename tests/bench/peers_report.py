"""What was measured, as medians, as ratios to Node's, and held against what was set out to be reached."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from loadtest import plot as plots
from tests.bench.sides import FLOOR, NODE_TWO, NODEJS, PRODUCT, PRODUCT_TWO, STOCK, STOCK_TWO, Side

SIDES = (PRODUCT, NODEJS, STOCK, FLOOR, PRODUCT_TWO, NODE_TWO, STOCK_TWO)


class Figures:
    """Every value of every round, by side, size and what it is of."""

    def __init__(self) -> None:
        self._values: defaultdict[tuple[str, int, str], list[float]] = defaultdict(list)

    def noting(self, side: Side, size: int) -> Callable[[str, float], None]:
        return lambda what, value: self._values[side.name, size, what].append(value)

    def median(self, side: Side, size: int, what: str) -> float | None:
        values = self._values.get((side.name, size, what))
        return statistics.median(values) if values else None

    def rows(self) -> list[tuple[int, str]]:
        """Sizes and kinds there are, in the order of their first appearance."""
        return list(dict.fromkeys((size, what) for _, size, what in self._values))

    def plain(self) -> list[dict[str, object]]:
        return [
            {"side": side, "size": size, "what": what, "values": values, "median": statistics.median(values)}
            for (side, size, what), values in self._values.items()
        ]


@dataclass(frozen=True)
class Bound:
    """One line of what was set out: the product's figure, beside another side's, at most so many times as much."""

    text: str
    size: int
    what: str
    beside: Side
    at_most: float
    side: Side = PRODUCT
    strictly: bool = False


def bounds() -> list[Bound]:
    made = []
    for size in (200, 1_000, 5_000):
        one_room = f"a room of {size:,}, "
        made += [
            Bound(f"{one_room}{each} in flight: {name}", size, f"delivery/{each}", side, ratio)
            for name, side, ratios in (("Node's", NODEJS, (0.65, 0.4, 0.15)), ("stock's", STOCK, (1 / 8,) * 3))
            for each, ratio in zip((1, 4, 16), ratios, strict=True)
        ]
        made.append(Bound(f"{one_room}1 in flight: the C loop's", size, "delivery/1", FLOOR, 1.2))
        made.append(Bound(f"{one_room}4 in flight: the C loop's", size, "delivery/4", FLOOR, 1.0, strictly=True))
    made += [
        Bound(f"two replicas, 1,000, {each} in flight: Node's", 1_000, f"delivery/{each}", NODE_TWO, 0.45, PRODUCT_TWO)
        for each in (1, 4, 16)
    ]
    made += [
        Bound("a hundred rooms of 25: Node's", 25, "rooms", NODEJS, 0.6),
        Bound("event to last socket, 1,000, p99: Node's", 1_000, "p99", NODEJS, 1.0),
        Bound("memory of an idle connection, 5,000: Node's", 5_000, "memory", NODEJS, 1.0, strictly=True),
        Bound("idle CPU, 5,000: Node's", 5_000, "idle", NODEJS, 1.0, strictly=True),
        Bound("CPU of a connect, known user, 5,000: Node's", 5_000, "again", NODEJS, 1.0),
        Bound("CPU of a connect, new user, 5,000: Node's", 5_000, "connect", NODEJS, 1.0),
        Bound("CPU of a client of a mass disconnect, 5,000: Node's", 5_000, "disconnect", NODEJS, 1.0),
    ]
    return made


ROOMS_MAY_COST = 1.5

UNITS = {
    "delivery": "us a delivery, {} in flight",
    "generator": "generator's share of its core, {}",
    "server": "server's share of its core, {} in flight",
    "deliveries": "deliveries a second, {} in flight",
    "connect": "us a connect, new users",
    "turned away": "connects refused at first",
    "wrong": "deliveries lost, twice or out of order",
    "again": "us a connect, known users",
    "disconnect": "us a client of a mass disconnect",
    "memory": "KiB a connection, idle and joined",
    "idle": "cores while idle",
    "p50": "ms to the last socket, p50",
    "p99": "ms to the last socket, p99",
    "rooms": "us a delivery, a hundred rooms of 25",
    "pairs": "us a delivery, ten of so many rooms of two",
    "pairs net": "the same without what is used while idle",
    "pairs idle": "cores while idle, so many rooms of two",
}
SUMMED = ("generator", "turned away", "wrong", "server", "deliveries")
"""What tells about the measuring; no ratio."""


def table(about: dict[str, object], figures: Figures) -> str:
    lines = [f"{name:>12}  {value}" for name, value in about.items()]
    for sides in ((PRODUCT, NODEJS, STOCK, FLOOR), (PRODUCT_TWO, NODE_TWO, STOCK_TWO)):
        node = sides[1]
        rows = []
        for size, what in figures.rows():
            values = [figures.median(side, size, what) for side in sides]
            if any(value is not None for value in values):
                cells = "".join(_cell(value, figures.median(node, size, what), what) for value in values)
                rows.append(f"{size:>6,}  {_named(what):<44}{cells}")
        if rows:
            lines += ["", " " * 52 + "".join(f"{side.name:>20}" for side in sides), *rows]
    lines += ["", "Medians; in brackets the ratio to Node's.", "", *checked(figures)]
    return "\n".join(lines)


def _named(what: str) -> str:
    kind, _, each = what.partition("/")
    return UNITS[kind].format(each)


def _cell(value: float | None, node: float | None, what: str) -> str:
    if value is None:
        return f"{'-':>20}"
    said = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    ratio = f" ({value / node:.2f})" if node and what.partition("/")[0] not in SUMMED else ""
    return f"{said + ratio:>20}"


def checked(figures: Figures) -> list[str]:
    """Each bound that was measured, with what came of it."""
    lines, left_out = [], 0
    for bound in bounds():
        ours = figures.median(bound.side, bound.size, bound.what)
        theirs = figures.median(bound.beside, bound.size, bound.what)
        if ours is None or theirs is None:
            left_out += 1
            continue
        ratio = ours / theirs if theirs else float("inf")
        holds = ratio < bound.at_most if bound.strictly else ratio <= bound.at_most
        sign = "<" if bound.strictly else "<="
        lines.append(f"{'holds' if holds else 'FAILS':<6} {bound.text:<52} {ratio:7.3f} {sign} {bound.at_most:.3g}")
    few, many = figures.median(PRODUCT, 10, "pairs net"), figures.median(PRODUCT, 9_000, "pairs net")
    if few and many:
        sign = "holds" if many / few <= ROOMS_MAY_COST else "FAILS"
        lines.append(
            f"{sign:<6} {'9,000 rooms of two, net: ten rooms of two':<52} {many / few:7.3f} <= {ROOMS_MAY_COST:g}"
        )
    return [*lines, f"{left_out} more bounds are of what this run did not measure."] if left_out else lines


def plot(figures: Figures) -> str:
    """The README's: what a delivery costs, by side, size and events in flight; and what an idle connection holds."""
    sides = (PRODUCT, NODEJS, STOCK, FLOOR)
    sizes = sorted({size for size, what in figures.rows() if what == "delivery/1"})
    charts = [
        plots.bars(
            f"Server CPU per delivery, one room, {each} event{'s' if each > 1 else ''} in flight",
            [f"{size:,} sockets" for size in sizes],
            {side.label: [figures.median(side, size, f"delivery/{each}") for size in sizes] for side in sides},
            "microseconds",
        )
        for each in (1, 4, 16)
    ]
    rooms = sorted({size for size, what in figures.rows() if what == "pairs net"})
    pairs = {"an event to both of one": [figures.median(PRODUCT, size, "pairs net") for size in rooms]}
    if rooms:
        title = "Server CPU per delivery as the number of rooms grows"
        charts.append(plots.bars(title, [f"{size:,} rooms" for size in rooms], pairs, "microseconds"))
    return plots.stacked([chart for chart in charts if chart])
