"""The whole story in three browsers: a junior is stuck, two seniors race, one goes on in the same session."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import expect

from tests.console.line import Barrier, Line
from tests.console.office import Office, Person

TOOK_IT = re.compile(r"took it \d+\.\d s before you\.")


async def works_and_escalates(junior: Person) -> tuple[str, str]:
    """A note, a task with its result, and the handoff; answers the ids of the session and the handoff."""
    session_id = await junior.begins("Harbor Dental", "Mail bounces", "Mail bounces for all users since 09:10.")
    await junior.button("Escalate").click()
    dialog = junior.page.get_by_role("dialog")
    await expect(dialog.get_by_text("what you have tried")).to_be_visible()
    await junior.page.keyboard.press("Escape")

    await junior.writes("NDR says 550 5.7.64 TenantAttribution.")
    await junior.page.get_by_label("New task").fill("Check the connector")
    await junior.button("Add").click()
    await junior.finishes(0, "It is switched off.")
    await expect(junior.card(0)).to_contain_text("It is switched off.")

    await junior.button("Escalate").click()
    await expect(dialog.get_by_text("Nothing obvious is missing.")).to_be_visible()
    await dialog.get_by_label("What do you need from the senior?").fill("May I switch the connector on?")
    await dialog.get_by_text("High", exact=True).click()
    await dialog.get_by_role("button", name="Hand it off").click()
    await expect(junior.shows("Waits for a senior")).to_be_visible()
    served = await junior.door.request("GET", f"/api/sessions/{session_id}")
    return session_id, served["handoffs"][0]["id"]


async def race(office: Office, dana: Person, eli: Person, handoff_id: str) -> tuple[Person, Person]:
    """Both press the key; the claims leave together. Answers who won and who lost."""
    await asyncio.gather(dana.page.keyboard.press("c"), eli.page.keyboard.press("c"))
    has_it = [person.page.get_by_text("You have had it for") for person in (dana, eli)]
    await expect(has_it[0].or_(dana.page.get_by_text(TOOK_IT))).to_be_visible()
    await expect(has_it[1].or_(eli.page.get_by_text(TOOK_IT))).to_be_visible()
    assert sorted([await one.count() for one in has_it]) == [0, 1]
    view = (await office.people[0].door.request("GET", f"/api/handoffs/{handoff_id}"))["handoff"]
    winner, loser = (dana, eli) if await has_it[0].count() == 1 else (eli, dana)
    assert view["claimed_by"]["id"] == winner.id
    return winner, loser


async def resolves(winner: Person) -> None:
    await winner.button("Resolve").click()
    dialog = winner.page.get_by_role("dialog")
    await dialog.get_by_label("Outcome").select_option("fixed_by_senior")
    await dialog.get_by_label("What was it, and what was done?").fill("The connector was off.")
    await dialog.get_by_role("button", name="Resolve it").click()


async def test_story_of_a_handoff_in_three_browsers(office: Office) -> None:
    """[H1, H3, S2, S4, P1] Escalated, read, raced for, lost calmly, won, worked on under the token, resolved."""
    barrier = Barrier("handoff:claim", parties=2)
    junior = await office.person("engineer", "Juno")
    dana, eli = [await office.person("senior", name, line=Line(barrier)) for name in ("Dana", "Eli")]
    printer = await office.session(junior.door, title="Printer offline")
    other = await office.handoff(junior.door, printer, severity="low", ask="Who has the printer's contract?")

    session_id, handoff_id = await works_and_escalates(junior)
    await asyncio.gather(dana.selects(handoff_id), eli.selects(handoff_id))
    assert [await dana.queue(), await eli.queue()] == [[handoff_id, other]] * 2
    await expect(junior.page.get_by_text(re.compile("(Dana, Eli|Eli, Dana) are reading it now"))).to_be_visible()

    winner, loser = await race(office, dana, eli, handoff_id)
    said = loser.page.get_by_role("status").filter(has_text=TOOK_IT)
    await expect(said).to_contain_text(winner.name)
    await expect(said).to_contain_text("Printer offline")
    await expect(junior.page.get_by_text(f"{winner.name} has it since")).to_be_visible()
    await loser.page.keyboard.press("Enter")
    await expect(loser.page).to_have_url(re.compile(other))
    await expect(loser.shows("You have had it for")).to_be_visible()

    await winner.page.get_by_role("button", name="Continue where Juno left off").click()
    await expect(winner.composer).to_be_visible()
    await winner.writes("I switched it on, please test.")
    await expect(junior.shows("I switched it on, please test.")).to_be_visible()
    await expect(junior.shows(f"{winner.name} is here now")).to_be_visible()
    await junior.writes("It works again, thank you.")
    await expect(winner.shows("It works again, thank you.")).to_be_visible()

    await resolves(winner)
    await expect(junior.shows(f"{winner.name} resolved it")).to_be_visible()
    for person in (junior, winner):
        assert await person.messages() == await person.served_messages(session_id)


async def test_own_handoff_is_neither_on_the_queue_nor_in_the_title(office: Office) -> None:
    """[Q1] Not for whoever handed it off, who may even be one who may claim; what others handed off is."""
    junior = await office.person("senior", "Juno")
    other = await office.person("engineer", "Ola")
    own = await office.handoff(junior.door, await office.session(junior.door))
    await expect(other.row(own)).to_be_visible()
    await expect(other.page).to_have_title("(1) ResolutionFlow")
    await expect(junior.page.get_by_role("heading", name="Handed off by you")).to_be_visible()
    strange = await office.handoff(other.door, await office.session(other.door))
    await expect(junior.row(strange)).to_be_visible()
    await expect(junior.page).to_have_title("(1) ResolutionFlow")
    assert await junior.queue() == [strange] == await junior.served_queue()
    assert await other.queue() == [own] == await other.served_queue()


async def test_story_by_keys_alone(office: Office) -> None:
    """From the queue into the session without a pointer: j, Enter, c, Tab to a way to start, Enter."""
    junior = await office.door(office.principal("engineer", "Juno"))
    session_id = await office.session(junior)
    await office.handoff(junior, session_id)
    dana = await office.person("senior", "Dana")
    await expect(dana.page.locator("[id^=queue-]")).to_have_count(1)
    keys = dana.page.keyboard
    await keys.press("j")
    await expect(dana.page.locator("[id^=queue-]:focus")).to_have_count(1)
    await keys.press("Enter")
    await expect(dana.button("Claim")).to_be_visible()
    await keys.press("c")
    await expect(dana.page.get_by_role("heading", name="How do you want to start?")).to_be_visible()
    way = dana.page.get_by_role("button", name="My own thing")
    for _ in range(30):
        if await way.evaluate("button => button === document.activeElement"):
            break
        await keys.press("Tab")
    await expect(way).to_be_focused()
    await keys.press("Enter")
    await expect(dana.composer).to_be_visible()
    assert session_id in dana.page.url
