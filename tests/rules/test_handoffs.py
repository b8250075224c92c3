"""The rules of handoffs, each through real sockets."""

from __future__ import annotations

import asyncio

import pytest

from loadtest.client import Refused
from tests.conftest import World, claim, hand_off


async def test_claim_has_exactly_one_winner(world: World) -> None:
    """[H1]"""
    engineer = await world.client("engineer")
    seniors = [await world.client("senior", f"Senior {n}") for n in range(5)]
    handoff = await hand_off(engineer)
    answers = await asyncio.gather(*(claim(senior, handoff["id"]) for senior in seniors), return_exceptions=True)
    winners = [answer for answer in answers if isinstance(answer, dict)]
    losers = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(winners) == 1
    assert len(losers) == 4
    assert {loser.details["claimed_by"]["id"] for loser in losers} == {winners[0]["handoff"]["claimed_by"]["id"]}


async def test_claim_by_the_originator_is_refused(world: World) -> None:
    """[H2] Before any other refusal, whatever the role."""
    engineer = await world.client("engineer")
    handoff = await hand_off(engineer)
    with pytest.raises(Refused) as refused:
        await claim(engineer, handoff["id"])
    assert refused.value.code == "self_claim"
