"""Reload, sleep, a dead replica and a Redis that comes back empty: what is shown is what the server has."""

from __future__ import annotations

import signal

import pytest
from playwright.async_api import expect

from deploy.cluster import Cluster
from tests.console.line import Line
from tests.console.office import Office, Person


async def shows_the_session(person: Person, session_id: str) -> None:
    """All that the server has, once each and in order."""
    served = await person.served_messages(session_id)
    await expect(person.page.locator("[role=log] [data-ref^='message:'] p")).to_have_text(served)


async def shows_the_queue(person: Person) -> None:
    ids = [f"queue-{each}" for each in await person.served_queue()]
    rows = person.page.locator("[id^=queue-]")
    await expect(rows).to_have_count(len(ids))
    for index, each in enumerate(ids):
        await expect(rows.nth(index)).to_have_id(each)


async def went_away_and_came_back(person: Person) -> None:
    await expect(person.page.locator("[data-light]")).to_have_attribute("data-light", "live")
    lights = await person.lights()  # it may have caught up within a frame, which nobody would see
    assert [light for light in lights if light != "catching_up"][-3:] == ["live", "offline", "live"], lights


async def wakes(person: Person) -> None:
    """As the browser says it when the network is back."""
    await person.page.evaluate("dispatchEvent(new Event('online'))")


async def test_reload_in_the_middle_of_the_work_loses_nothing(office: Office) -> None:
    """[R5] Draft, place, ownership and conversation are there again."""
    junior = await office.door(office.principal("engineer", "Juno"))
    session_id = await office.session(junior)
    await office.note(junior, session_id, "It drops every four minutes.")
    handoff_id = await office.handoff(junior, session_id)
    dana = await office.person("senior", "Dana", f"/handoffs/{handoff_id}")
    await dana.button("Claim").click()
    await dana.page.reload()
    await dana.page.get_by_role("button", name="My own thing").click()
    await dana.composer.fill("I look at the lifetime")
    await dana.page.reload()
    await expect(dana.composer).to_have_value("I look at the lifetime")
    await dana.button("Send").click()
    await expect(dana.shows("You have it since")).to_be_visible()
    await expect(dana.page.locator("[data-unsent]")).to_have_count(0)
    await shows_the_session(dana, session_id)
    await dana.goes("/")
    await shows_the_queue(dana)


async def test_after_sleep_the_page_shows_what_the_server_has(office: Office) -> None:
    """[R5, R6] The socket looked alive; on waking it is asked, given up, and all that was missed comes."""
    line = Line()
    dana = await office.person("senior", "Dana", line=line)
    junior = await office.door(office.principal("engineer", "Juno"))
    gone = await office.handoff(junior, await office.session(junior))
    await expect(dana.row(gone)).to_be_visible()
    line.sleep()
    await junior.request("POST", f"/api/handoffs/{gone}/withdraw", {"reason": "mistake"})
    for severity in ("low", "critical", "normal"):
        await office.handoff(junior, await office.session(junior), severity=severity)
    await expect(dana.row(gone)).to_be_visible()
    await wakes(dana)
    await shows_the_queue(dana)
    await went_away_and_came_back(dana)
    await expect(dana.page).to_have_title("(3) ResolutionFlow")


async def test_answer_that_was_lost_is_asked_for_again(office: Office) -> None:
    """[A5] The server has the message, the page cannot know: it is sent again under its id, and is there once."""
    line = Line()
    junior = await office.person("engineer", "Juno", line=line)
    session_id = await junior.begins("Harbor Dental", "VPN drops", "The VPN drops for all users today.")
    line.lose_answers()
    await junior.writes("Nobody answers this")
    await expect(junior.page.locator("[data-unsent]")).to_have_count(1)
    await wakes(junior)
    await expect(junior.page.locator("[data-unsent]")).to_have_count(0)
    assert line.sent.count("message:post") == 2
    await shows_the_session(junior, session_id)
    assert await junior.messages() == ["Nobody answers this"]


async def test_event_that_did_not_arrive_is_fetched(office: Office) -> None:
    """[R6] The next one's number shows that one is missing; both are shown, in order."""
    line = Line()
    junior = await office.door(office.principal("engineer", "Juno"))
    session_id = await office.session(junior)
    dana = await office.person("senior", "Dana", f"/sessions/{session_id}", line=line)
    await expect(dana.composer).to_be_visible()
    line.lost_next = "message:posted"
    await office.note(junior, session_id, "This one is lost on its way")
    await office.note(junior, session_id, "This one arrives")
    await shows_the_session(dana, session_id)
    assert line.lost_next is None


async def test_what_is_done_offline_is_marked_and_goes_out_later(office: Office) -> None:
    """[A5] A message waits, is counted beside the light, and is sent once there is a connection; a claim is refused."""
    line = Line()
    junior = await office.door(office.principal("engineer", "Juno"))
    session_id = await office.session(junior)
    handoff_id = await office.handoff(junior, session_id)
    dana = await office.person("senior", "Dana", f"/sessions/{session_id}", line=line)
    await expect(dana.composer).to_be_visible()
    await line.cut()
    light = dana.page.locator("[data-light]")
    await expect(light).to_have_attribute("data-light", "offline")
    await dana.writes("Written without a connection")
    await expect(light).to_contain_text("1 change waits to be sent")
    await dana.goes("/")
    await dana.selects(handoff_id)
    await dana.page.keyboard.press("c")
    await expect(dana.shows("There is no connection to the server. Try again when it is back.")).to_be_visible()
    await expect(light).to_contain_text("1 change waits to be sent")
    await line.mend()
    await dana.is_live()
    await expect(light).not_to_contain_text("to be sent")
    assert await dana.served_messages(session_id) == ["Written without a connection"]
    assert "handoff:claim" not in line.sent


@pytest.mark.parametrize("whose", ["Juno", "Dana"])
async def test_killed_replica_loses_nothing_on_the_screen(office: Office, replicas: Cluster, whose: str) -> None:
    """[R4, A5] Whoever was on it is taken on by the other; what was sent meanwhile arrives once, for everybody."""
    lines = {"Juno": Line(), "Dana": Line()}
    junior = await office.person("engineer", "Juno", line=lines["Juno"])
    session_id = await junior.begins("Harbor Dental", "VPN drops", "The VPN drops for all users today.")
    dana = await office.person("senior", "Dana", f"/sessions/{session_id}", line=lines["Dana"])
    await junior.writes("Before it")
    await expect(dana.shows("Before it")).to_be_visible()
    replica = replicas.replicas[int(lines[whose].replica.removeprefix("replica"))]
    try:
        await replica.end(signal.SIGKILL)
        await junior.writes("While it was away, from the junior")
        await dana.writes("While it was away, from the senior")
        for person in (junior, dana):
            await expect(person.shows("away, from the junior")).to_be_visible()
            await expect(person.shows("away, from the senior")).to_be_visible()
            await expect(person.page.locator("[data-unsent]")).to_have_count(0)
            await shows_the_session(person, session_id)
        await went_away_and_came_back(junior if whose == "Juno" else dana)
    finally:
        await replica.start()


async def test_redis_that_restarts_empty_loses_nothing_on_the_screen(office: Office, replicas: Cluster) -> None:
    """[R4] The log is in PostgreSQL: what was written while Redis was away is shown, on every replica."""
    junior = await office.person("engineer", "Juno")
    session_id = await junior.begins("Harbor Dental", "VPN drops", "The VPN drops for all users today.")
    dana = await office.person("senior", "Dana", f"/sessions/{session_id}")
    eli = await office.person("senior", "Eli")
    await replicas.redis.end(signal.SIGKILL)
    try:
        await junior.writes("Without Redis, from the junior")
        await dana.writes("Without Redis, from the senior")
        handoff_id = await office.handoff(junior.door, session_id)
        await expect(junior.shows("Waits for a senior")).to_be_visible()
    finally:
        await replicas.redis.start()
    await junior.writes("Redis is back")
    for person in (junior, dana):
        await expect(person.shows("Redis is back")).to_be_visible()
        await shows_the_session(person, session_id)
    await expect(eli.row(handoff_id)).to_be_visible()
    await shows_the_queue(eli)
