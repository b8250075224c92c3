"""Dashboard and alert rules ask for what a running server exposes, and the dashboard for all of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from tests.conftest import World

DEPLOY = Path(__file__).parents[2] / "deploy"
SERIES = re.compile(r"\brf_\w+")


def values_of(node: Any, key: str) -> Iterator[str]:
    """All texts under that key, however deep."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == key and isinstance(value, str):
                yield value
            else:
                yield from values_of(value, key)
    elif isinstance(node, list):
        for item in node:
            yield from values_of(item, key)


def on_the_dashboard() -> list[str]:
    return [*values_of(json.loads((DEPLOY / "grafana" / "resolutionflow.json").read_text()), "expr")]


def in_the_rules() -> list[str]:
    return [*values_of(YAML(typ="safe", pure=True).load(DEPLOY / "prometheus" / "alerts.yml"), "expr")]


SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}


async def exposed(world: World) -> set[str]:
    """The names that a query may use."""
    async with aiohttp.ClientSession() as http, http.get(f"{world.url}/metrics") as response:
        families = list(text_string_to_metric_families(await response.text()))
    return {family.name + suffix for family in families for suffix in SUFFIXES.get(family.type, ("",))}


async def test_every_series_asked_for_is_exposed_and_all_are_on_the_dashboard(world: World) -> None:
    """A series that is renamed would leave an empty graph, and an alert that never fires."""
    series = await exposed(world)
    panels, rules = on_the_dashboard(), in_the_rules()
    assert len(rules) >= 7
    asked = {name for query in panels + rules for name in SERIES.findall(query)}
    assert asked <= series
    shown = {name for query in panels for name in SERIES.findall(query)}
    assert {name for name in series if not name.endswith(("_sum", "_count", "_created"))} == shown
