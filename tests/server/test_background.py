"""When steps beside the commands are due."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.background import next_multiple, repeating

BOUND = 10.0
EARLY = 2e-3
"""Seconds: timers of an event loop are as coarse."""


@given(st.floats(0, 1e7), st.sampled_from([0.05, 0.1, 0.2, 0.3, 1.0, 2.0, 15.0]))
def test_steps_are_due_at_the_next_multiple_of_their_pace(now: float, pace: float) -> None:
    """Never at the present one, at which an event loop may see its clock stand still."""
    at = next_multiple(now, pace)
    assert now < at <= now + pace * 1.01
    again = next_multiple(at, pace)
    assert again - at == pytest.approx(pace, rel=0.01)


async def test_step_runs_at_each_multiple_and_no_oftener() -> None:
    time, times = asyncio.get_running_loop().time, list[float]()
    enough = asyncio.Event()

    async def step() -> None:
        times.append(time())
        if len(times) == 5:
            enough.set()

    async with repeating("step", lambda: 0.05, step), asyncio.timeout(BOUND):
        await enough.wait()
    assert len({(at + EARLY) // 0.05 for at in times}) == len(times)


async def test_what_comes_soon_after_the_first_goes_with_it() -> None:
    """Without a pace nothing happens unless it is asked for, and a pace that is due first is not put off."""
    time, soon, times = asyncio.get_running_loop().time, asyncio.Event(), asyncio.Queue[float]()

    async def step() -> None:
        soon.clear()
        times.put_nowait(time())

    async with repeating("step", None, step, soon=soon, gather=0.1), asyncio.timeout(BOUND):
        asked = time()
        for _ in range(3):
            soon.set()
            await asyncio.sleep(0.01)
        assert await times.get() >= asked + 0.1 - EARLY
        await asyncio.sleep(0.15)
        assert times.empty()
    async with repeating("step", lambda: 0.05, step, soon=soon, gather=3600.0), asyncio.timeout(BOUND):
        await times.get()
