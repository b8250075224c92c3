"""What people write is text, whatever is in it."""

from __future__ import annotations

from playwright.async_api import expect

from tests.console.office import Office, Person

SCRIPT = "<script>alert(1)</script>"
IMAGE = '<img src="x" onerror="alert(2)">'
TAGGED = "document.querySelectorAll('img, #root script, iframe, main script').length"


async def shows_it_as_text(person: Person, *texts: str) -> None:
    for text in texts:
        await expect(person.page.locator("body")).to_contain_text(text)
    assert await person.page.evaluate(TAGGED) == 0


async def test_markup_in_what_people_write_stays_text(office: Office) -> None:
    """In a message, a name, a title, a client, a task, an ask: on every page that shows it."""
    mallory = f"Mallory {SCRIPT}"
    mallet = await office.door(office.principal("engineer", mallory))
    client, title = f"Client {SCRIPT}", f"Title {IMAGE}"
    said = {"client_name": client, "title": title, "problem": f"Nothing works for anybody {SCRIPT}"}
    session_id = await office.session(mallet, **said)
    await office.note(mallet, session_id, f"The cause is not the firewall {SCRIPT}{IMAGE}")
    await office.note(mallet, session_id, f"javascript:alert(3) {IMAGE}", kind="client")
    await office.task(mallet, session_id, f"Task {SCRIPT}", f"Result {IMAGE}")
    handoff_id = await office.handoff(mallet, session_id, ask=f"Ask {IMAGE}")

    dana = await office.person("senior", f"Dana {SCRIPT}")
    alerts: list[str] = []
    dana.page.on("dialog", lambda dialog: alerts.append(dialog.message))
    await expect(dana.row(handoff_id)).to_be_visible()
    await shows_it_as_text(dana, client, mallory)
    await dana.goes("/sessions?whose=all")
    await shows_it_as_text(dana, client, title, mallory)
    await dana.goes(f"/sessions/{session_id}")
    await shows_it_as_text(dana, client, title, f"firewall {SCRIPT}{IMAGE}", f"Task {SCRIPT}", f"Result {IMAGE}")
    await dana.goes(f"/handoffs/{handoff_id}")
    await expect(dana.button("Claim")).to_be_visible()
    await shows_it_as_text(dana, client, f"Ask {IMAGE}", mallory, f"firewall {SCRIPT}{IMAGE}")
    await dana.button("Claim").click()
    await expect(dana.shows("You have had it for")).to_be_visible()
    assert alerts == []
