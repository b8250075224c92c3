"""What a report says of the figures, and of how far they may be trusted."""

from __future__ import annotations

from collections import Counter

import orjson

from loadtest.conductor import Moment, Outcome
from loadtest.histogram import Histogram
from loadtest.ledger import Tally
from loadtest.report import DELIVERIES, Kind, Report, Thresholds
from loadtest.stage import Measured


def report(outcome: Outcome, thresholds: Thresholds = Thresholds(), **options: float) -> Report:  # noqa: B008
    return Report(Kind("fanout"), dict(options), ["http://127.0.0.1:1"], outcome, thresholds)


def test_a_worker_without_time_left_is_a_warning_everywhere() -> None:
    busy = report(Outcome(1, measured=[Measured(10, 9.5)]))
    (warning,) = orjson.loads(busy.json())["warnings"]
    assert "bottleneck" in warning
    assert warning in busy.page()
    assert report(Outcome(1, measured=[Measured(10, 5)])).warnings == []


def test_a_rate_that_may_be_the_server_s_limit_is_a_warning() -> None:
    """And not said twice where the run has failed for it."""
    refused = Counter({"refused rate_limited": 2_895})
    (warning,) = report(Outcome(1, counts=refused)).warnings
    assert warning.startswith("2,895 were refused to slow down")
    assert report(Outcome(1, counts=refused, tally=Tally(paced=2, dropped=1)), rate=800).warnings == []


def test_a_threshold_says_what_it_is_of() -> None:
    p99, rate = report(Outcome(1), Thresholds(p99_ms=1, min_rate=2)).failures()
    assert DELIVERIES in p99
    assert rate == "0 deliveries a second, less than 2"


def test_what_a_rate_lost_is_said() -> None:
    (failure,) = report(Outcome(1, tally=Tally(paced=2_400, dropped=1_401)), rate=800).failures()
    assert failure.startswith("asked 800 a second, 333 were let through (1,401 of 2,400 messages were refused)")


def test_a_slice_too_short_for_a_rate_has_none() -> None:
    """Its counts are of different times in different workers."""
    whole = [Moment(at, int(at * 100), 1, 0.0, Histogram()) for at in (0.5, 1.0, 1.5)]
    with_rest = [*whole, Moment(1.51, 400, 1, 0.0, Histogram())]
    plotted, expected = (report(Outcome(1, moments=each))._charts()[0] for each in (with_rest, whole))
    assert plotted == expected
