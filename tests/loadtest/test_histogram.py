"""Histograms of several processes are one."""

import pickle
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.histogram import LARGEST, Histogram, bucket, highest

VALUES = st.lists(st.integers(0, 10**9), min_size=1, max_size=300)


def recorded(values: list[int]) -> Histogram:
    made = Histogram()
    for value in values:
        made.record(value)
    return made


@given(st.integers(0, LARGEST))
def test_a_value_is_known_to_a_sixtieth(value: int) -> None:
    assert value <= highest(bucket(value)) <= value * (1 + 1 / 60)


def test_buckets_follow_each_other_without_a_hole() -> None:
    tops = [highest(number) for number in range(bucket(10**6))]
    assert tops == sorted(set(tops))
    assert all(bucket(top) + 1 == bucket(top + 1) for top in tops)


@given(VALUES, VALUES)
def test_merged_it_is_as_if_one_had_recorded_all(some: list[int], others: list[int]) -> None:
    merged = recorded(some)
    merged.merge(pickle.loads(pickle.dumps(recorded(others))))  # noqa: S301
    assert merged.counts == recorded(some + others).counts


@given(VALUES, st.sampled_from([1, 50, 90, 99, 99.9, 100]))
def test_a_percentile_is_that_of_all_values(values: list[int], percent: float) -> None:
    exact = sorted(values)[max(0, -int(-len(values) * percent // 100) - 1)]
    assert recorded(values).percentile(percent) == highest(bucket(exact))


def test_percentiles_of_parts_are_not_averaged() -> None:
    """A slow worker of two: the mean of their p99 is far from the p99 of all."""
    quick, slow = recorded([10] * 10_000), recorded([1_000] * 100)
    mean = statistics.mean([quick.percentile(99) or 0, slow.percentile(99) or 0])
    quick.merge(slow)
    assert mean > 500
    assert quick.percentile(99) == 10


def test_what_was_drained_is_gone_and_the_list_stays() -> None:
    histogram = recorded([5, 7])
    counts = histogram.counts
    assert list(histogram.drain()) == [(5, 1), (7, 1)]
    assert histogram.counts is counts
    assert (histogram.total, histogram.percentile(50), histogram.largest) == (0, None, None)


@pytest.mark.parametrize("value", [-5, LARGEST * 4])
def test_what_is_out_of_range_counts_at_the_end_of_it(value: int) -> None:
    assert recorded([value]).total == 1
