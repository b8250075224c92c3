"""One timer for all, and turns at the door."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest

from server import wheel as wheels
from server.turns import Turns
from server.wheel import Wheel

BOUND = 5.0


class Item:
    def __init__(self, note: Callable[[Item], None]) -> None:
        self.slot = 0
        self._note = note

    def due(self) -> None:
        self._note(self)


async def test_each_is_due_once_and_never_early() -> None:
    """[T3] Also those whose deadline was moved; those disarmed are not."""
    wheel, loop = Wheel(), asyncio.get_running_loop()
    came: dict[Item, float] = {}
    done = asyncio.Event()
    dice = random.Random(1)

    def note(item: Item) -> None:
        assert item not in came
        came[item] = loop.time()
        if len(came) == len(deadlines):
            done.set()

    items = [Item(note) for _ in range(300)]
    deadlines: dict[Item, float] = {}
    for item in items:
        after = dice.uniform(0, 0.3)
        wheel.arm(item, after)
        deadlines[item] = loop.time() + after
    for item in items[:100]:
        after = dice.uniform(0, 0.3)
        wheel.arm(item, after)
        deadlines[item] = loop.time() + after
    for item in items[100:200]:
        wheel.disarm(item)
        del deadlines[item]
    async with asyncio.timeout(BOUND):
        await done.wait()
    assert came.keys() == deadlines.keys()
    assert all(came[item] >= deadlines[item] - 1e-3 for item in came)
    assert all(item.slot == 0 for item in items)


async def test_item_may_arm_itself_and_others_when_it_is_due() -> None:
    """[T3] As a ping does."""
    wheel, done = Wheel(), asyncio.Event()
    left = 3

    def again(item: Item) -> None:
        nonlocal left
        left -= 1
        wheel.disarm(other)
        if left:
            wheel.arm(item, 0)
        else:
            done.set()

    other = Item(lambda _: pytest.fail("it was disarmed"))
    wheel.arm(other, BOUND)
    wheel.arm(Item(again), 0)
    async with asyncio.timeout(BOUND):
        await done.wait()


async def test_item_that_fails_keeps_nobody_from_being_due() -> None:
    """[T3]"""
    wheel, done = Wheel(), asyncio.Event()

    def fail(_: Item) -> None:
        raise RuntimeError

    for note in (fail, lambda _: done.set(), fail):
        wheel.arm(Item(note), 0)
    async with asyncio.timeout(BOUND):
        await done.wait()


async def test_distant_deadline_comes_at_most_a_minute_early() -> None:
    """[T6] And many of them share a slot."""
    wheel, loop = Wheel(), asyncio.get_running_loop()
    items = [Item(lambda _: None) for _ in range(100)]
    for number, item in enumerate(items):
        after = 3600 + number / 10
        wheel.arm_about(item, after)
        assert 0 <= (loop.time() + after) - item.slot * wheels.TICK <= 60 + wheels.TICK
    assert len({item.slot for item in items}) <= 2
    for item in items:
        wheel.disarm(item)


async def test_turns_let_so_many_through_at_a_time_in_order() -> None:
    """[L1] Others have their turn of the event loop between them."""
    turns, came, rounds = Turns(3), [], []
    for number in range(10):
        turns.take(lambda number=number: came.append(number))  # type: ignore[misc]
    while len(came) < 10:
        rounds.append(len(came))
        await asyncio.sleep(0)
    assert came == list(range(10))
    assert rounds == [3, 6, 9]


async def test_turn_of_one_who_gave_up_is_lost_to_nobody() -> None:
    """[L1]"""
    turns = Turns(1)
    waiting = [asyncio.create_task(turns.taken()) for _ in range(5)]
    await asyncio.sleep(0)
    waiting[2].cancel()
    async with asyncio.timeout(BOUND):
        ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert [isinstance(end, asyncio.CancelledError) for end in ended] == [False, False, True, False, False]
