"""Closing a tab: the browser asks only where something would be lost, and what it does not ask about is there again."""

from __future__ import annotations

import asyncio

from playwright.async_api import Dialog, expect

from tests.console.line import Barrier, Line
from tests.console.office import PATIENCE, Office, Person


async def closes(person: Person) -> bool:
    """Closes the tab as its user would. False: the browser asked, and they stayed."""
    ended: asyncio.Queue[bool] = asyncio.Queue()

    async def stay(dialog: Dialog) -> None:
        assert dialog.type == "beforeunload"
        await dialog.dismiss()
        await ended.put(False)

    person.page.once("dialog", stay)
    person.page.once("close", lambda _: ended.put_nowait(True))
    await person.page.close(run_before_unload=True)
    async with asyncio.timeout(PATIENCE / 1_000):
        return await ended.get()


async def test_tab_asks_while_a_claim_is_under_way(office: Office) -> None:
    """Whose answer would come to nobody; with the answer there is nothing to lose any more."""
    junior = await office.door(office.principal("engineer", "Juno"))
    handoff_id = await office.handoff(junior, await office.session(junior))
    barrier = Barrier("handoff:claim", 2)
    both = [
        await office.person("senior", name, f"/handoffs/{handoff_id}", line=Line(barrier)) for name in ("Dana", "Eli")
    ]
    dana, eli = both
    await dana.button("Claim").click()
    assert not await closes(dana)
    await eli.button("Claim").click()
    for person in both:
        await expect(person.page.locator("main [data-loading]")).to_have_count(0)
        async with asyncio.timeout(PATIENCE / 1_000):
            while not await closes(person):  # the answer was drawn before it was over
                pass


async def test_tab_does_not_ask_about_what_is_kept(office: Office) -> None:
    """[A5] A draft, and a message written without a connection: the next tab has both, and sends the message once."""
    line = Line()
    juno = await office.person("engineer", "Juno", line=line)
    session_id = await office.session(juno.door)
    at = f"/sessions/{session_id}"
    await juno.goes(at)
    await expect(juno.composer).to_be_visible()
    await line.cut()
    light = juno.page.locator("[data-light]")
    await expect(light).to_have_attribute("data-light", "offline")
    await juno.writes("Written without a connection")
    await expect(light).to_contain_text("1 change waits to be sent")
    await juno.composer.fill("Half a sentence")
    assert await closes(juno)

    await line.mend()
    again = await office.tab(juno.page.context, juno.who, at)
    await expect(again.composer).to_have_value("Half a sentence")
    await expect(again.page.locator("[data-unsent]")).to_have_count(0)
    assert await again.messages() == ["Written without a connection"] == await again.served_messages(session_id)
