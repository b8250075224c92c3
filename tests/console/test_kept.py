"""What somebody did without a connection outlives the page; what changes who answers for a handoff waits for nobody."""

from __future__ import annotations

import asyncio
from typing import Any

from playwright.async_api import expect

from tests.console.line import Line
from tests.console.office import Office, Person

LEAVES = "dispatchEvent(new Event('beforeunload', { cancelable: true }))"
"""True if the browser would let the page go without asking."""


async def leaves(person: Person, *, unasked: bool) -> None:
    """Wait until the browser would. By asking again: the page's policy forbids the browser's own way of waiting."""
    async with asyncio.timeout(10):
        while await person.page.evaluate(LEAVES) is not unasked:  # noqa: ASYNC110  # it is told by nobody
            await asyncio.sleep(0.05)


async def served_tasks(person: Person, session_id: str) -> list[tuple[str, str, str | None]]:
    session = await person.door.request("GET", f"/api/sessions/{session_id}")
    return [(task["title"], task["state"], task["result"]) for task in session["tasks"]]


async def test_changes_to_the_task_lane_outlive_a_page_without_a_connection(office: Office) -> None:
    """[A5] A task, a step and its result: sent by the next page, on whatever screen, each once."""
    line = Line()
    junior = await office.person("engineer", "Juno", line=line)
    session_id = await junior.begins("Harbor Dental", "VPN drops", "The VPN drops for all users today.")
    await office.task(junior.door, session_id, "Restart the tunnel")
    await expect(junior.card(0)).to_be_visible()
    await line.cut()
    await expect(junior.page.locator("[data-light]")).to_have_attribute("data-light", "offline")
    await junior.finishes(0, "It drops again after four minutes")
    await junior.page.get_by_label("New task").fill("Look at the lifetime")
    await junior.button("Add").click()
    await junior.writes("Said without a connection")
    await expect(junior.page.locator("[data-light]")).to_contain_text("3 changes wait to be sent")
    assert await junior.page.evaluate(LEAVES) is True
    context = junior.page.context
    page = await context.new_page()
    await junior.page.close()
    await context.set_offline(False)
    later = Person(junior.who, page, junior.door, junior.url)
    await page.goto(f"{office.url}/#token={office.token(junior.who)}")
    await later.is_live()
    await expect(page.locator("[data-light]")).not_to_contain_text("to be sent")
    await later.goes(f"/sessions/{session_id}")
    await expect(later.card(1)).to_contain_text("Look at the lifetime")
    await expect(later.shows("Said without a connection")).to_be_visible()
    assert await served_tasks(later, session_id) == [
        ("Restart the tunnel", "done", "It drops again after four minutes"),
        ("Look at the lifetime", "todo", None),
    ]
    assert await later.served_messages(session_id) == ["Said without a connection"]


async def test_answer_lost_with_the_page_is_asked_for_again(office: Office) -> None:
    """[A5] The server has the task and the page is gone before it could know: it is there once."""
    line = Line()
    junior = await office.person("engineer", "Juno", line=line)
    session_id = await junior.begins("Harbor Dental", "VPN drops", "The VPN drops for all users today.")
    line.lose_answers()
    await junior.page.get_by_label("New task").fill("Look at the lifetime")
    await junior.button("Add").click()
    await junior.page.reload()
    await junior.is_live()
    await expect(junior.card(0)).to_contain_text("Look at the lifetime")
    assert line.sent.count("task:add") == 2
    assert await served_tasks(junior, session_id) == [("Look at the lifetime", "todo", None)]


async def test_refusal_of_what_a_former_page_did_is_told(office: Office) -> None:
    """Somebody was faster with the task while its page was away."""
    line = Line()
    junior = await office.person("engineer", "Juno", line=line)
    session_id = await junior.begins("Harbor Dental", "VPN drops", "The VPN drops for all users today.")
    task_id = await office.task(junior.door, session_id, "Restart the tunnel")
    await expect(junior.card(0)).to_be_visible()
    line.sleep()
    await junior.finishes(0, "It drops again")
    change: dict[str, Any] = {"version": 1, "state": "skipped"}
    await junior.door.request("PATCH", f"/api/sessions/{session_id}/tasks/{task_id}", change)
    await junior.page.reload()
    await expect(junior.shows("What you did before could not be sent")).to_be_visible()
    assert await served_tasks(junior, session_id) == [("Restart the tunnel", "skipped", None)]


async def test_another_tab_goes_on_when_the_one_that_wrote_is_closed(office: Office) -> None:
    """[A5] And no sooner: a living page's changes are its own to send, and to say anew."""
    asleep, awake = Line(), Line()
    junior = await office.person("engineer", "Juno", line=asleep)
    session_id = await junior.begins("Harbor Dental", "VPN drops", "The VPN drops for all users today.")
    asleep.sleep()
    await junior.page.get_by_label("New task").fill("Look at the lifetime")
    await junior.button("Add").click()
    await junior.writes("Said into a dead connection")
    other = await office.tab(junior.page.context, junior.who, f"/sessions/{session_id}", line=awake)
    await expect(other.composer).to_be_visible()
    assert not {"task:add", "message:post"} & set(awake.sent)
    await junior.page.close()
    await expect(other.card(0)).to_contain_text("Look at the lifetime")
    await expect(other.shows("Said into a dead connection")).to_be_visible()
    await expect(other.page.locator("[data-unsent]")).to_have_count(0)
    assert [awake.sent.count(name) for name in ("task:add", "message:post")] == [1, 1]
    assert await served_tasks(other, session_id) == [("Look at the lifetime", "todo", None)]
    assert await other.served_messages(session_id) == ["Said into a dead connection"]


async def test_nobody_elses_page_sends_it(office: Office) -> None:
    line = Line()
    junior = await office.person("engineer", "Juno", line=line)
    session_id = await junior.begins("Harbor Dental", "VPN drops", "The VPN drops for all users today.")
    line.sleep()
    await junior.page.get_by_label("New task").fill("Look at the lifetime")
    await junior.button("Add").click()
    await expect(junior.page.get_by_text("Look at the lifetime")).to_be_visible()
    other = office.principal("engineer", "Mia")
    await junior.page.goto(f"{office.url}/#token={office.token(other)}")
    await junior.button("Go on as Mia").click()
    await expect(junior.shows("Mia")).to_be_visible()
    await junior.is_live()
    assert await served_tasks(junior, session_id) == []


async def test_what_changes_a_handoff_is_refused_without_a_connection(office: Office) -> None:
    """Its text stays, and nothing goes out by itself later."""
    line = Line()
    junior = await office.door(office.principal("engineer", "Juno"))
    session_id = await office.session(junior)
    handoff_id = await office.handoff(junior, session_id)
    dana = await office.person("senior", "Dana", f"/handoffs/{handoff_id}", line=line)
    await dana.button("Claim").click()
    await dana.button("Release").click()
    dialog = dana.page.get_by_role("dialog")
    await line.cut()
    await expect(dana.page.locator("[data-light]")).to_have_attribute("data-light", "offline")
    await dialog.get_by_role("textbox").fill("Somebody with access to the firewall")
    await dialog.locator("button[type=submit]").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("There is no connection to the server.")
    await line.mend()
    await dana.is_live()
    assert "handoff:release" not in line.sent
    await expect(dialog.get_by_role("textbox")).to_have_value("Somebody with access to the firewall")


async def test_asks_before_leaving_only_while_something_would_be_lost(office: Office) -> None:
    """What is being written is kept; a claim that is under way is not."""
    line = Line()
    junior = await office.door(office.principal("engineer", "Juno"))
    session_id = await office.session(junior)
    handoff_id = await office.handoff(junior, session_id)
    dana = await office.person("senior", "Dana", f"/sessions/{session_id}", line=line)
    await dana.composer.fill("Half a sentence")
    assert await dana.page.evaluate(LEAVES) is True
    await dana.goes(f"/handoffs/{handoff_id}")
    line.lose_answers()
    await dana.button("Claim").click()
    await leaves(dana, unasked=False)
    await dana.page.evaluate("dispatchEvent(new Event('online'))")
    await expect(dana.shows("You have had it for")).to_be_visible()
    await leaves(dana, unasked=True)
