"""What reaches a senior who does not look at the page: a tone, a notification, the number in the title."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from store.models import Principal, Severity
from tests.console.line import Line
from tests.console.office import Office, Person

SOUND = """
    window.tones = [];
    window.AudioContext = class {
      state = "suspended"; currentTime = 0; destination = {};
      resume() { this.state = "running"; return Promise.resolve(); }
    };
    window.OscillatorNode = class {
      constructor(audio, { frequency }) { this.frequency = frequency; }
      connect(next) { return next; }
      start() { window.tones.push(this.frequency); }
      stop() {}
    };
    window.GainNode = class {
      gain = { setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} };
      connect(next) { return next; }
    };
"""
"""As the browser's: silent until the first gesture. What is played is written down."""

NOTIFICATIONS = """{
    const Native = window.Notification;
    window.notified = [];
    window.Notification = class {
      static get permission() { return Native.permission; }
      constructor(title, { body }) { Object.assign(this, { title, body, isShown: true }); window.notified.push(this); }
      close() { this.isShown = false; }
    };
    let isHidden = false;
    Object.defineProperty(document, "hidden", { get: () => isHidden });
    window.hide = (hidden) => { isHidden = hidden; document.dispatchEvent(new Event("visibilitychange")); };
}"""
"""The permission is the browser's own; what would be shown is written down. `hide` as if another tab were in front."""

ONE_RING = [660, 880]
CALM: tuple[Severity, ...] = ("low", "normal")


async def tabs(office: Office, script: str, *lines: Line) -> list[Person]:
    """Tabs of one senior in one browser, one over each line."""
    browser = await office.context(permissions=["notifications"])
    await browser.add_init_script(script)
    dana = office.principal("senior", "Dana")
    return [await office.tab(browser, dana, line=line) for line in lines]


async def has_come(handoff_id: str, shown: list[Person]) -> None:
    """Each of the tabs has heard of it and knows whether it is the one that tells: it has asked for a lock before."""
    for tab in shown:
        await expect(tab.row(handoff_id)).to_be_visible()
        await tab.page.evaluate("navigator.locks.query().then(() => undefined)")


async def rung(shown: list[Person]) -> list[list[int]]:
    return [await tab.page.evaluate("tones") for tab in shown]


async def notified(shown: list[Person], which: str = "true") -> list[list[str]]:
    return [await tab.page.evaluate(f"notified.filter((one) => {which}).map((one) => one.title)") for tab in shown]


@pytest.fixture
def juno(office: Office) -> Principal:
    return office.principal("engineer", "Juno")


async def handed_off(office: Office, by: Principal, severity: Severity) -> str:
    door = await office.door(by)
    return await office.handoff(door, await office.session(door), severity=severity)


async def test_urgent_handoff_rings_in_one_tab(office: Office, juno: Principal) -> None:
    """However many a senior has open, and though one was told first that nobody has touched: it could not be heard."""
    lines = [Line(), Line(), Line()]
    untouched, *touched = every = await tabs(office, SOUND, *lines)
    for tab in touched:
        await tab.page.keyboard.press("Shift")
    for severity in CALM:
        await has_come(await handed_off(office, juno, severity), every)
    assert await rung(every) == [[], [], []]
    for line in lines[1:]:
        line.holds = "handoff:created"
    urgent = await handed_off(office, juno, "critical")
    await has_come(urgent, [untouched])
    for line in lines[1:]:
        line.let_go()
    await has_come(urgent, touched)
    assert await rung([untouched]) == [[]]
    assert sorted(await rung(touched)) == [[], ONE_RING]


async def test_nothing_rings_where_the_sound_is_off(office: Office, juno: Principal) -> None:
    """One switch for all tabs that are opened from then on; it stays off over a reload."""
    (tab,) = await tabs(office, SOUND, Line())
    await tab.button("Sound on").click()
    await tab.page.reload()
    await expect(tab.button("Sound off")).to_be_visible()
    await tab.page.keyboard.press("Shift")
    await has_come(await handed_off(office, juno, "critical"), [tab])
    assert await rung([tab]) == [[]]
    await tab.button("Sound off").click()
    assert await rung([tab]) == [ONE_RING]


async def test_notification_goes_when_somebody_claims(office: Office, juno: Principal) -> None:
    """One, from one of the tabs, and none from a tab that is in sight."""
    shown = await tabs(office, NOTIFICATIONS, Line(), Line())
    await has_come(await handed_off(office, juno, "critical"), shown)
    assert await notified(shown) == [[], []]
    for tab in shown:
        await tab.page.evaluate("hide(true)")
    handoff_id = await handed_off(office, juno, "high")
    await has_come(handoff_id, shown)
    assert sorted(await notified(shown, "one.isShown")) == [[], ["High · Handoff from Harbor Dental"]]
    eli = await office.door(office.principal("senior", "Eli"))
    await office.claim(eli, handoff_id)
    for tab in shown:
        await expect(tab.entry(handoff_id)).to_contain_text("Eli has it")
    assert await notified(shown, "one.isShown") == [[], []]


async def test_notification_leads_to_the_handoff(office: Office, juno: Principal) -> None:
    (tab,) = await tabs(office, NOTIFICATIONS, Line())
    await tab.page.evaluate("hide(true)")
    handoff_id = await handed_off(office, juno, "critical")
    await has_come(handoff_id, [tab])
    await tab.page.evaluate("notified[0].onclick()")
    await expect(tab.button("Claim")).to_be_visible()
    assert handoff_id in tab.page.url
    assert await notified([tab], "one.isShown") == [[]]


async def test_title_counts_what_waits(office: Office, juno: Principal) -> None:
    """Whatever page is open: up with each handoff, down with each claim and withdrawal."""
    dana = await office.person("senior", "Dana", "/sessions")
    await expect(dana.page).to_have_title("ResolutionFlow")
    one, other = [await handed_off(office, juno, severity) for severity in ("low", "critical")]
    await expect(dana.page).to_have_title("(2) ResolutionFlow")
    await office.claim(await office.door(office.principal("senior", "Eli")), one)
    await expect(dana.page).to_have_title("(1) ResolutionFlow")
    await (await office.door(juno)).request("POST", f"/api/handoffs/{other}/withdraw", {"reason": "solved_self"})
    await expect(dana.page).to_have_title("ResolutionFlow")
