"""Charts as SVG, from numbers alone: nothing is loaded, nothing runs."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence

Point = tuple[float, float]

COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#7f7f7f")
WIDTH, HEIGHT, LEFT, TOP, BELOW = 720, 200, 64, 34, 40
TICKS = 4


def lines(title: str, series: Mapping[str, Sequence[Point]], across: str, up: str) -> str:
    """One chart with a line for each series that has points; empty text if none has."""
    drawn = {name: points for name, points in series.items() if points}
    if not drawn:
        return ""
    widest = max(x for points in drawn.values() for x, _ in points) or 1.0
    top = nice(max(y for points in drawn.values() for _, y in points))
    parts = [_frame(title, across, up, top, widest)]
    for number, points in enumerate(drawn.values()):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{_x(x / widest):.1f},{_y(y / top):.1f}" for x, y in points)
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{path}"/>')
    return _svg([*parts, _legend(list(drawn))], TOP + HEIGHT + BELOW)


def bars(title: str, groups: Sequence[str], series: Mapping[str, Sequence[float | None]], up: str) -> str:
    """One chart with a group of bars for each of `groups`, one bar a series; what is None is left out."""
    values = [value for each in series.values() for value in each if value is not None]
    if not values:
        return ""
    top = nice(max(values))
    parts = [_frame(title, "", up, top, None)]
    slot = WIDTH / len(groups)
    width = slot * 0.8 / len(series)
    for number, each in enumerate(series.values()):
        colour = COLOURS[number % len(COLOURS)]
        for group, value in enumerate(each):
            if value is not None:
                x, y = LEFT + group * slot + slot * 0.1 + number * width, _y(value / top)
                parts.append(
                    f'<rect x="{x:.1f}" y="{y:.1f}" width="{width * 0.92:.1f}" '
                    f'height="{TOP + HEIGHT - y:.1f}" fill="{colour}"/>'
                    f'<text x="{x + width * 0.46:.1f}" y="{y - 3:.1f}" font-size="9" text-anchor="middle">'
                    f"{short(value)}</text>"
                )
    parts += [
        f'<text x="{LEFT + (number + 0.5) * slot:.1f}" y="{TOP + HEIGHT + 16}" text-anchor="middle">'
        f"{html.escape(name)}</text>"
        for number, name in enumerate(groups)
    ]
    return _svg([*parts, _legend(list(series))], TOP + HEIGHT + BELOW)


def stacked(charts: Sequence[str]) -> str:
    """Several charts, one below the other, as one SVG."""
    height = TOP + HEIGHT + BELOW
    inner = "".join(chart.replace("<svg ", f'<svg y="{number * height}" ', 1) for number, chart in enumerate(charts))
    size = f'viewBox="0 0 {LEFT + WIDTH + 16} {height * len(charts)}" width="{LEFT + WIDTH + 16}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}><rect width="100%" height="100%" fill="#fff"/>{inner}</svg>\n'
    )


def short(value: float) -> str:
    """A number as it stands at a bar or an axis."""
    if value >= 10_000:  # noqa: PLR2004
        return f"{value / 1000:,.0f}k"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004


def nice(value: float) -> float:
    """The next round number above."""
    if value <= 0:
        return 1.0
    scale = 10.0 ** math.floor(math.log10(value))
    steps = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)
    return next((step * scale for step in steps if step * scale >= value * 0.999), value)


def _x(share: float) -> float:
    return LEFT + share * WIDTH


def _y(share: float) -> float:
    return TOP + HEIGHT * (1 - share)


def _frame(title: str, across: str, up: str, top: float, widest: float | None) -> str:
    measured = f'<tspan font-weight="normal" fill="#555">, {html.escape(up)}</tspan>' if up else ""
    parts = [f'<text x="4" y="14" font-weight="bold">{html.escape(title)}{measured}</text>']
    for tick in range(TICKS + 1):
        y = _y(tick / TICKS)
        parts.append(
            f'<line x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{short(top * tick / TICKS)}</text>'
        )
        if widest is not None:
            x = _x(tick / TICKS)
            parts.append(
                f'<text x="{x:.1f}" y="{TOP + HEIGHT + 16}" text-anchor="middle">{short(widest * tick / TICKS)}</text>'
            )
    if across:
        parts.append(
            f'<text x="{LEFT + WIDTH}" y="{TOP + HEIGHT + 32}" text-anchor="end" fill="#555">'
            f"{html.escape(across)}</text>"
        )
    return "".join(parts)


def _legend(names: Sequence[str]) -> str:
    parts, x = [], float(LEFT)
    for number, name in enumerate(names):
        colour = COLOURS[number % len(COLOURS)]
        parts.append(
            f'<rect x="{x:.0f}" y="{TOP + HEIGHT + 24}" width="10" height="10" fill="{colour}"/>'
            f'<text x="{x + 14:.0f}" y="{TOP + HEIGHT + 33}">{html.escape(name)}</text>'
        )
        x += 30 + 6.5 * len(name)
    return "".join(parts)


def _svg(parts: Sequence[str], height: int) -> str:
    size = f'width="{LEFT + WIDTH + 16}" height="{height}"'
    text = 'font-family="system-ui, sans-serif" font-size="11"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {text}>{"".join(parts)}</svg>'
