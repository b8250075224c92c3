"""Claiming from a handoff's page: two who press at once, and one whose own it is."""

from __future__ import annotations

import asyncio
import re
from uuid import uuid4

from playwright.async_api import expect

from tests.console.line import Barrier, Line
from tests.console.office import Office, Person

READ_ONLY_WITHIN = 1_000
"""Milliseconds from the press to the loser's page that can only be read."""

IS_CLAIMING = "document.querySelector('main [data-loading]') !== null"
IS_READ_ONLY = "document.querySelector('main').innerText.includes(' has it since ')"


async def test_race_from_the_page_makes_the_losers_read_only_at_once(office: Office) -> None:
    """[H1, H3] The claims leave together: one has it, the other is told who and by how much, and loses no text."""
    junior = await office.door(office.principal("engineer", "Juno"))
    session_id = await office.session(junior)
    handoff_id = await office.handoff(junior, session_id)
    barrier = Barrier("handoff:claim", 2)
    names = ("Dana", "Eli")
    both = [await office.person("senior", name, f"/sessions/{session_id}", line=Line(barrier)) for name in names]
    for person in both:
        await person.composer.fill(f"What {person.name} was about to say")
        await person.goes(f"/handoffs/{handoff_id}")
        await expect(person.button("Claim")).to_be_visible()
        await person.marks("pressed", IS_CLAIMING)
        await person.marks("readonly", IS_READ_ONLY)
    await asyncio.gather(*(person.button("Claim").click() for person in both))

    winner, loser = await winner_first(both)
    said = loser.page.get_by_role("status").filter(has_text=re.compile(r"took it \d+\.\d s before you\."))
    await expect(said).to_contain_text(winner.name)
    await expect(loser.shows(f"{winner.name} has it since")).to_be_visible()
    for name in ("Claim", "Release", "Resolve"):
        await expect(loser.button(name)).to_have_count(0)
    left = max([await person.marked("pressed") for person in both])
    assert await loser.marked("readonly") - left < READ_ONLY_WITHIN

    for person in both:
        await person.goes(f"/sessions/{session_id}")
        await expect(person.composer).to_have_value(f"What {person.name} was about to say")
        await expect(person.composer).to_be_editable()


async def winner_first(both: list[Person]) -> list[Person]:
    """Once each page has said how it ended."""
    has_it = [person.page.get_by_text("You have had it for") for person in both]
    for mine, person in zip(has_it, both, strict=True):
        await expect(mine.or_(person.page.get_by_text(" has it since "))).to_be_visible()
    won = [await mine.count() for mine in has_it]
    assert sorted(won) == [0, 1]
    return both if won == [1, 0] else both[::-1]


async def test_own_handoff_is_withdrawn_instead_of_claimed(office: Office) -> None:
    """[H2] Its page says that it waits and offers the way back; no key and no button claims it."""
    line = Line()
    juno = await office.person("senior", "Juno", line=line)
    handoff_id = await office.handoff(juno.door, await office.session(juno.door))
    await juno.goes(f"/handoffs/{handoff_id}")
    await expect(juno.shows("You handed this off. It waits for a senior.")).to_be_visible()
    await expect(juno.button("Claim")).to_have_count(0)
    await juno.page.keyboard.press("c")
    await juno.button("Withdraw it").click()
    dialog = juno.page.get_by_role("dialog")
    await dialog.get_by_label("I solved it myself").check()
    await dialog.get_by_role("button", name="Withdraw it").click()
    await expect(juno.shows("It is withdrawn.")).to_be_visible()
    await expect(juno.shows("Withdrawn by Juno")).to_be_visible()
    assert "handoff:claim" not in line.sent


async def test_claim_of_the_own_handoff_is_refused_calmly(office: Office) -> None:
    """[H2] Where a page does not know whose it is and sends the claim: a toast that leads to the withdrawal."""
    line = Line()
    juno = await office.person("senior", "Juno", line=line)
    line.rewords = lambda frame: frame.replace(juno.id, str(uuid4()))
    handoff_id = await office.handoff(juno.door, await office.session(juno.door))
    await juno.selects(handoff_id)
    await juno.page.keyboard.press("c")
    toast = juno.page.locator("[data-tone]")
    await expect(toast).to_contain_text("You handed this off yourself, so somebody else has to take it.")
    await expect(toast).to_have_attribute("data-tone", "calm")
    await toast.get_by_role("button", name="Withdraw it").click()
    await expect(toast).to_have_count(0)
    await expect(juno.page.get_by_role("dialog", name="Withdraw the handoff")).to_be_visible()
    assert handoff_id in juno.page.url
