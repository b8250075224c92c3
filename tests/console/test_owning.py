"""What the owner of a handoff does with it, and how the others see it without touching their pages."""

from __future__ import annotations

from playwright.async_api import Locator, expect

from tests.console.office import Office, Person


async def owned(office: Office) -> tuple[Person, Person, Person, str]:
    """Juno in the session, Dana who has claimed on the handoff's page, Eli on the queue; and the handoff's id."""
    juno = await office.person("engineer", "Juno")
    session_id = await office.session(juno.door)
    await juno.goes(f"/sessions/{session_id}")
    handoff_id = await office.handoff(juno.door, session_id)
    await expect(juno.shows("Waits for a senior")).to_be_visible()
    dana = await office.person("senior", "Dana", f"/handoffs/{handoff_id}")
    eli = await office.person("senior", "Eli")
    await dana.button("Claim").click()
    await expect(juno.shows("Dana has it since")).to_be_visible()
    await expect(eli.entry(handoff_id)).to_contain_text("Dana has it")
    return juno, dana, eli, handoff_id


async def asked(dana: Person, action: str) -> Locator:
    await dana.button(action).click()
    return dana.page.get_by_role("dialog")


def told(juno: Person, text: str) -> Locator:
    """A line of the conversation about the handoff."""
    return juno.page.get_by_role("log").get_by_text(text)


async def test_released_with_a_note_it_waits_for_all_and_the_note_is_a_tried_step(office: Office) -> None:
    """[H8] Nothing is released without a note."""
    juno, dana, eli, handoff_id = await owned(office)
    note = "Rebuilt the tunnel: it held for four minutes. The lifetime is next."
    dialog = await asked(dana, "Release")
    await dialog.get_by_role("button", name="Release it").click()
    await expect(dialog.get_by_role("alert")).to_have_text("Write a sentence first.")
    await dialog.get_by_label("What did you find, and what comes next?").fill(note)
    await dialog.get_by_role("button", name="Release it").click()
    await expect(dialog).to_have_count(0)
    await expect(dana.button("Claim")).to_be_visible()
    await expect(juno.shows("Waits for a senior")).to_be_visible()
    await expect(told(juno, "Dana gave it back to the queue")).to_be_visible()
    await expect(told(juno, note)).to_be_visible()
    await expect(eli.entry(handoff_id)).not_to_contain_text("has it")
    await eli.goes(f"/handoffs/{handoff_id}")
    step = eli.page.get_by_role("region", name="What was tried").get_by_role("listitem").last
    await expect(step).to_contain_text(note)
    await expect(step).to_contain_text("Said when it was put back")
    await eli.button("Claim").click()
    await expect(juno.shows("Eli has it since")).to_be_visible()


async def test_reassigned_to_somebody_who_is_here_it_is_theirs_at_once(office: Office) -> None:
    """[H10] They are told and led there; for who had it the page can only be read."""
    juno, dana, eli, handoff_id = await owned(office)
    dialog = await asked(dana, "Reassign")
    await expect(dialog.locator("label").filter(has_text="Eli")).to_contain_text("here now")
    await expect(dialog.locator("label").filter(has_text="Juno")).to_have_count(0)
    await dialog.get_by_role("radio", name="Eli").check()
    await dialog.get_by_label("What should they know?").fill("You know this firewall.")
    await dialog.get_by_role("button", name="Hand it over").click()
    await expect(dana.shows("Eli has it since")).to_be_visible()
    await expect(dana.button("Release")).to_have_count(0)
    await expect(juno.shows("Eli has it since")).to_be_visible()
    await expect(told(juno, "It passed from Dana to Eli")).to_be_visible()
    await expect(told(juno, "You know this firewall.")).to_be_visible()
    news = eli.page.locator("[data-tone]")
    await expect(news).to_contain_text("Dana handed this to you")
    await news.get_by_role("button", name="Open").click()
    await expect(eli.page.get_by_role("heading", name="How do you want to start?")).to_be_visible()
    assert handoff_id in eli.page.url


async def test_resolved_with_an_outcome_it_leaves_the_queue_and_the_junior_reads_how(office: Office) -> None:
    """Nothing is resolved without an outcome."""
    juno, dana, eli, handoff_id = await owned(office)
    dialog = await asked(dana, "Resolve")
    await dialog.get_by_label("What was it, and what was done?").fill("The lifetime was 300 s; it is 28,800 again.")
    await dialog.get_by_role("button", name="Resolve it").click()
    await expect(dialog.get_by_role("alert")).to_have_text("Choose an outcome first.")
    await dialog.get_by_label("Outcome").select_option("guided_engineer")
    await dialog.get_by_role("button", name="Resolve it").click()
    await expect(dana.shows("Resolved by Dana")).to_be_visible()
    await expect(told(juno, "Dana resolved it")).to_be_visible()
    await expect(told(juno, "Guided the engineer: The lifetime was 300 s; it is 28,800 again.")).to_be_visible()
    await expect(juno.button("Escalate")).to_be_visible()
    await expect(eli.entry(handoff_id)).to_have_count(0)
