"""The handoff's page: where things were said, the ways to start, and what stays when the claim is lost."""

from __future__ import annotations

import re

from playwright.async_api import Locator, expect

from tests.console.line import Line
from tests.console.office import Office, Person


async def started(by: Person, handoff_id: str) -> list[str]:
    """The ways to start that the queue's log knows of the handoff."""
    page = await by.door.request("GET", f"/api/rooms/escalations/{by.who.account_id}/events?after=0")
    events = [one for one in page["events"] if one["type"] == "handoff:started"]
    return [one["data"]["mode"] for one in events if one["data"]["handoff"]["id"] == handoff_id]


async def is_lit(shown: Locator) -> None:
    """In view and told apart, so that the eye finds it."""
    await expect(shown).to_have_attribute("data-lit", "true")
    await expect(shown).to_be_in_viewport()


async def test_chip_leads_to_the_message_or_card_it_rests_on(office: Office) -> None:
    """[S1] Each chip lights what its reference names, brought into view, on the page and in the session."""
    junior = await office.door(office.principal("engineer", "Juno"))
    session_id = await office.session(junior)
    task_id = await office.task(junior, session_id, "Restart the gateway", "The tunnel drops again after 4 minutes.")
    for n in range(12):
        await office.note(junior, session_id, f"Ping {n}: nothing strange at all, the line is quiet for the moment.")
    message_id = await office.note(junior, session_id, "The firewall is not the cause: it logs no drops.")
    for n in range(12):
        await office.note(junior, session_id, f"Call {n}: the front desk would like to hear when it is back.")
    handoff_id = await office.handoff(junior, session_id)
    dana = await office.person("senior", "Dana", f"/handoffs/{handoff_id}")

    served = (await dana.door.request("GET", f"/api/handoffs/{handoff_id}"))["handoff"]
    known = [item for item in served["what_we_know"] if {"kind": "message", "id": message_id} in item["refs"]]
    assert known, served["what_we_know"]
    chips = dana.page.get_by_role("region", name="What we know")
    await chips.get_by_role("button", name=known[0]["text"]).first.click()
    await is_lit(dana.page.locator(f"[data-ref='message:{message_id}']"))
    await dana.page.get_by_role("region", name="What was tried").get_by_role("button", name="Task done").click()
    await is_lit(dana.card(0))
    await expect(dana.card(0)).to_have_attribute("data-ref", f"task:{task_id}")

    await dana.goes(f"/sessions/{session_id}?ref=message:{message_id}")
    await is_lit(dana.page.locator(f"[data-ref='message:{message_id}']"))
    await dana.goes(f"/sessions/{session_id}?ref=task:{task_id}")
    await is_lit(dana.card(0))


async def test_analysis_is_asked_for_once_and_shown(office: Office) -> None:
    """However often its button is pressed; then likely causes and checks, and the way into the session."""
    junior = await office.door(office.principal("engineer", "Juno"))
    session_id = await office.session(junior)
    await office.note(junior, session_id, "I suspect the IKE lifetime, it was changed yesterday.")
    await office.task(junior, session_id, "Restart the gateway", "The tunnel drops again after 4 minutes.")
    handoff_id = await office.handoff(junior, session_id)
    line = Line()
    dana = await office.person("senior", "Dana", f"/handoffs/{handoff_id}", line=line)
    await dana.button("Claim").click()
    await dana.page.get_by_role("button", name="AI analysis").dblclick()
    analysis = dana.page.get_by_role("region", name="Analysis")
    await expect(analysis).to_contain_text("Built-in")
    await expect(analysis.locator("ol").last.locator("li")).not_to_have_count(0)
    assert line.sent.count("handoff:start") == 1
    assert await started(dana, handoff_id) == ["ai_analysis"]
    await analysis.get_by_role("link", name="On to the session").click()
    await expect(dana.composer).to_be_visible()
    assert session_id in dana.page.url


async def test_ways_to_start_are_those_there_are(office: Office) -> None:
    """[H5] Without tasks nothing is there to continue with; where none is open, no open one is promised."""
    junior = await office.door(office.principal("engineer", "Juno"))
    bare = await office.handoff(junior, await office.session(junior))
    session_id = await office.session(junior)
    await office.task(junior, session_id, "Restart the gateway", "The tunnel drops again after 4 minutes.")
    done = await office.handoff(junior, session_id)
    dana = await office.person("senior", "Dana")
    for handoff_id, told, ways in ((bare, "then two ways to start", 2), (done, "then three ways to start", 3)):
        await dana.goes(f"/handoffs/{handoff_id}")
        await expect(dana.shows(told)).to_be_visible()
        await office.claim(dana.door, handoff_id)
        starts = dana.page.get_by_role("group", name="How do you want to start?")
        await expect(starts.get_by_role("button")).to_have_count(ways)
    await expect(starts.get_by_role("button").first).to_contain_text("no task of the lane is open")


async def test_loser_with_the_page_open_can_only_read_on(office: Office) -> None:
    """[H10] Somebody else took it: the button goes, who has it is said, and nothing else moves."""
    junior = await office.door(office.principal("engineer", "Juno"))
    handoff_id = await office.handoff(junior, await office.session(junior))
    dana = await office.person("senior", "Dana", f"/handoffs/{handoff_id}")
    await expect(dana.button("Claim")).to_be_visible()
    eli = await office.door(office.principal("senior", "Eli"))
    await office.claim(eli, handoff_id)
    await expect(dana.shows("Eli has it since")).to_be_visible()
    await expect(dana.button("Claim")).to_have_count(0)
    await dana.page.keyboard.press("c")
    await expect(dana.page.get_by_role("heading", name="How do you want to start?")).to_have_count(0)


async def test_drafts_outlive_a_lost_claim_and_a_reload(office: Office) -> None:
    """[H7, S4] What was being written stays, readable and not to be sent, in the session and in a dialog."""
    junior = await office.door(office.principal("engineer", "Juno"))
    session_id = await office.session(junior)
    handoff_id = await office.handoff(junior, session_id)
    dana = await office.person("senior", "Dana", f"/sessions/{session_id}")
    token = await office.claim(dana.door, handoff_id)
    await dana.composer.fill("I was about to say that")
    await dana.button("Release").click()
    note = dana.page.get_by_role("dialog").get_by_label("What did you find, and what comes next?")
    await note.fill("Half a note")

    eli = office.principal("senior", "Eli")
    await (await office.door(eli)).request("GET", "/api/me")  # known to the account from now on
    change = {"fencing_token": token, "to_user_id": str(eli.user_id), "note": "Shift ends"}
    await dana.door.request("POST", f"/api/handoffs/{handoff_id}/reassign", change)
    await expect(dana.page.get_by_role("dialog")).to_contain_text("Eli has it now.")
    await expect(note).to_have_attribute("readonly", "")
    await expect(note).to_have_value("Half a note")
    await dana.page.get_by_role("dialog").locator("form").get_by_role("button", name="Close").click()
    await expect(dana.composer).to_have_attribute("readonly", "")
    await expect(dana.composer).to_have_value("I was about to say that")
    await expect(dana.page.get_by_text(re.compile("Eli has it now"))).to_be_visible()

    await dana.page.reload()
    await expect(dana.composer).to_have_value("I was about to say that")
    assert await dana.served_messages(session_id) == []
