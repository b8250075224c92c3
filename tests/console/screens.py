"""Every screen of the page, of the demo's people, and what it takes to have it in front of one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from playwright.async_api import expect

from server.demo import principal
from server.demo_story import demo_id
from tests.console.office import Office, Person

STORY = "harbor-mail-flow"
SESSION = f"/sessions/{demo_id('session', STORY)}"
HANDOFF = f"/handoffs/{demo_id('handoff', STORY + '/1')}"
OWNED = f"/handoffs/{demo_id('handoff', 'erlenwall-raid/1')}"
RESOLVED = f"/handoffs/{demo_id('handoff', 'steinlohe-rds-profiles/1')}"
NOT_HANDED_OFF = f"/sessions/{demo_id('session', 'dunmarrow-scan-to-mail')}"

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 800}},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
}


@dataclass(frozen=True)
class Screen:
    name: str
    at: str
    ready: str
    """A selector of what is there once it is drawn."""
    then: Callable[[Person], Awaitable[object]] | None = None

    async def show(self, person: Person) -> None:
        await person.goes("/metrics" if self.at == "/" else "/")  # a screen is shown afresh, without an open dialog
        await person.goes(self.at)
        await expect(person.page.locator(self.ready).first).to_be_visible()
        if self.then is not None:
            await self.then(person)


async def _keys(person: Person) -> None:
    await person.page.keyboard.press("?")
    await expect(person.page.get_by_role("dialog")).to_be_visible()


def _after(button: str) -> Callable[[Person], Awaitable[None]]:
    """A dialog, opened by the button that the selector finds last, whatever the language."""

    async def press(person: Person) -> None:
        await person.page.locator(button).last.click()
        await expect(person.page.get_by_role("dialog")).to_be_visible()

    return press


OF_A_SENIOR = (
    Screen("queue", "/", "#my-handoffs"),
    Screen("keys", "/", "#my-handoffs", _keys),
    Screen("handoff", HANDOFF, "[data-pane] [data-ref]"),
    Screen("owned", OWNED, "#start"),
    Screen("resolve", OWNED, "#start", _after("main [role=group] button")),
    Screen("resolved", RESOLVED, "[data-pane] [data-ref]"),
    Screen("metrics", "/metrics", "table"),
)
OF_A_JUNIOR = (
    Screen("sessions", "/sessions", "main a[href*='/sessions/']"),
    Screen("new-session", "/sessions", "main a[href*='/sessions/']", _after("main header button")),
    Screen("session", SESSION, "section[data-status]"),
    Screen("escalate", NOT_HANDED_OFF, "[role=log] [data-ref]", _after("main header button")),
)


async def everybody(office: Office, **look: Any) -> list[tuple[Person, tuple[Screen, ...]]]:
    """Whose screens there are, each at their page."""
    senior = await office.opens(principal("tomasz"), **look)
    junior = await office.opens(principal("jonas"), **look)
    return [(senior, OF_A_SENIOR), (junior, OF_A_JUNIOR)]
