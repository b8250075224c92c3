"""A claim made by mistake is put back within 15 seconds, as long as nothing was written under it."""

from __future__ import annotations

import re

from playwright.async_api import Locator, expect

from tests.console.office import Office, Person


async def claimed_by_mistake(office: Office) -> tuple[Person, str, str]:
    """Dana has just claimed the older of two; her browser's clock can be put forward. Answers her and both ids."""
    junior = await office.door(office.principal("engineer", "Juno"))
    older, newer = [await office.handoff(junior, await office.session(junior)) for _ in range(2)]
    browser = await office.context()
    await browser.clock.install()
    dana = await office.tab(browser, office.principal("senior", "Dana"), f"/handoffs/{older}")
    await dana.button("Claim").click()
    await expect(undo(dana)).to_be_visible()
    return dana, older, newer


def undo(dana: Person) -> Locator:
    return dana.page.get_by_role("button", name=re.compile(r"Undo the claim \(\d+ s\)"))


async def test_claim_that_is_undone_leaves_the_handoff_in_its_old_place(office: Office) -> None:
    """[H8] It waits again, for everybody, before what was handed off later; and can be claimed again."""
    eli = await office.person("senior", "Eli")
    dana, older, newer = await claimed_by_mistake(office)
    await expect(eli.entry(older)).to_contain_text("Dana has it")
    assert await eli.queue() == [newer, older]
    await undo(dana).click()
    await expect(dana.shows("It is back in the queue.")).to_be_visible()
    await expect(eli.entry(older)).not_to_contain_text("has it")
    assert await eli.queue() == [older, newer] == await eli.served_queue()
    await dana.button("Claim").click()
    await expect(dana.shows("You have had it for")).to_be_visible()


async def test_undo_is_offered_for_fifteen_seconds(office: Office) -> None:
    """And its button says how many are left."""
    dana, *_ = await claimed_by_mistake(office)
    await dana.page.clock.fast_forward(5_000)
    await expect(undo(dana)).to_have_text(re.compile(r"\((10|\d) s\)"))
    await dana.page.clock.fast_forward(10_000)
    await expect(undo(dana)).to_have_count(0)
    await expect(dana.shows("You have had it for")).to_be_visible()
    await expect(dana.button("Release")).to_be_visible()


async def test_what_was_written_under_a_claim_ends_its_undoing(office: Office) -> None:
    """At once, from wherever it was written; what others write does not."""
    dana, older, _ = await claimed_by_mistake(office)
    handoff = (await dana.door.request("GET", f"/api/handoffs/{older}"))["handoff"]
    eli = await office.door(office.principal("senior", "Eli"))
    await office.note(eli, handoff["session_id"], "I had the same last week.")
    await expect(dana.shows("I had the same last week.")).to_be_visible()
    await expect(undo(dana)).to_be_visible()
    token = {"fencing_token": handoff["fencing_token"]}
    await office.note(dana.door, handoff["session_id"], "I look at the lifetime.", **token)
    await expect(dana.shows("I look at the lifetime.")).to_be_visible()
    await expect(undo(dana)).to_have_count(0)
