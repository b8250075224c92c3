"""Lists that are filtered, or have nothing for their reader, and the handoffs behind a number."""

from __future__ import annotations

from playwright.async_api import expect

from tests.console.office import Office


async def test_filtered_queue_counts_what_it_shows(office: Office) -> None:
    """[Q1] Of how many; and says of a group that none of it matches."""
    junior = await office.door(office.principal("engineer", "Juno"))
    high, low, taken = [
        await office.handoff(junior, await office.session(junior), severity=severity)
        for severity in ("high", "low", "critical")
    ]
    await office.claim(await office.door(office.principal("senior", "Eli")), taken)
    dana = await office.person("senior", "Dana")
    await expect(dana.shows("2 waiting · 1 in work")).to_be_visible()
    await dana.goes("/?severity=high")
    await expect(dana.shows("1 of 2 waiting · 0 of 1 in work")).to_be_visible()
    await expect(dana.shows("None of those in work matches")).to_be_visible()
    assert await dana.queue() == [high]
    await dana.goes("/?severity=critical")
    await expect(dana.shows("0 of 2 waiting · 1 of 1 in work")).to_be_visible()
    await expect(dana.shows("None of those that wait matches")).to_be_visible()
    await dana.goes("/?severity=low&waiting=1")
    await expect(dana.row(low)).to_be_visible()
    await expect(dana.page.get_by_text("None of those")).to_have_count(0)


async def test_viewer_without_sessions_is_not_told_to_begin_one(office: Office) -> None:
    """[T3] The role may not."""
    vera = await office.person("viewer", "Vera", "/sessions")
    await expect(vera.shows("Your role reads sessions and begins none.")).to_be_visible()
    await expect(vera.page.get_by_text("Begin one when a client calls")).to_have_count(0)


async def test_handoffs_behind_a_number_are_told_by_client_and_subject(office: Office) -> None:
    """[Q2] The subject, without the client's name again, leads to the handoff."""
    junior = await office.door(office.principal("engineer", "Juno"))
    handoff_id = await office.handoff(junior, await office.session(junior, client_name="Quarry Books"))
    dana = await office.person("senior", "Dana", "/metrics?figure=created")
    row = dana.page.get_by_role("dialog").get_by_role("row").nth(1)
    await expect(row.locator("b").first).to_have_text("Quarry Books")
    package = (await dana.door.request("GET", f"/api/handoffs/{handoff_id}"))["handoff"]["package"]
    assert package["headline"].startswith("Quarry Books: ")
    link = row.get_by_role("link", name=package["headline"].removeprefix("Quarry Books: "), exact=True)
    await expect(link).to_have_attribute("href", f"#/handoffs/{handoff_id}")
