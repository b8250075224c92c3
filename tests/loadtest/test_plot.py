"""Charts are whole SVG, whatever they are called."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest import plot

NAME = "<script>&\"'"


def drawn(svg: str, tag: str) -> list[ET.Element]:
    return ET.fromstring(svg).findall(f".//{{http://www.w3.org/2000/svg}}{tag}")  # noqa: S314


def test_a_line_for_each_series_that_has_points() -> None:
    svg = plot.lines(NAME, {NAME: [(0, 1), (2, 3)], "none": []}, NAME, NAME)
    assert len(drawn(svg, "polyline")) == 1
    assert plot.lines("empty", {"none": []}, "", "") == ""


def test_a_bar_for_each_value_there_is() -> None:
    svg = plot.bars(NAME, [NAME, "two"], {NAME: [1.0, None], "other": [2.0, 12_345.0]}, NAME)
    legend, bars = 2, 3
    assert len(drawn(svg, "rect")) == legend + bars
    assert "12k" in svg
    assert plot.bars("empty", ["one"], {"none": [None]}, "") == ""


def test_several_stand_below_each_other() -> None:
    one = plot.lines("one", {"one": [(0, 0)]}, "", "")
    assert len(drawn(plot.stacked([one, one]), "polyline")) == 2


@given(st.floats(0, 1e12))
def test_the_top_of_an_axis_is_above_all_and_not_far(value: float) -> None:
    top = plot.nice(value)
    assert top >= value * 0.998
    assert value < 1e-300 or top <= value * 2.001


@pytest.mark.parametrize(("value", "said"), [(0.1234, "0.123"), (123.4, "123"), (1_500, "1,500"), (20_000, "20k")])
def test_numbers_are_short(value: float, said: str) -> None:
    assert plot.short(value) == said
