"""People of one account, each at a page of their own, and what the server says beside what they see."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID, uuid4

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from loadtest.client import HttpDoor
from server.auth import Tokens
from server.config import Settings
from store.models import Principal, Role
from tests.console.line import Line

Data = dict[str, Any]

PATIENCE = 15_000
"""Milliseconds: a bound for the slowest machine, never a time that is waited."""

WATCH = """
    window.lights = [];
    new MutationObserver(() => {
      const light = document.querySelector("[data-light]")?.dataset.light;
      if (light !== undefined && light !== window.lights.at(-1)) window.lights.push(light);
    }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-light"] });
    window.marks = {};
    window.now = () => performance.timeOrigin + performance.now();
    window.when = (isSo) => new Promise((resolve) => {
      const look = () => isSo() && (seen.disconnect(), resolve(now()));
      const seen = new MutationObserver(look);
      seen.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
      look();
    });
"""


@dataclass
class Person:
    """Somebody with the page open."""

    who: Principal
    page: Page
    door: HttpDoor
    """What the server answers them over HTTP."""
    url: str
    said: list[str] = field(default_factory=list)
    """Errors and warnings on the browser's console: the page must not make any, breaches of its policy among them."""

    @property
    def name(self) -> str:
        return self.who.name

    @property
    def id(self) -> str:
        return str(self.who.user_id)

    async def goes(self, at: str) -> Self:
        await self.page.goto(f"{self.url}/#{at}")
        return self

    def row(self, handoff_id: str) -> Locator:
        """The handoff on their queue."""
        return self.page.locator(f"#queue-{handoff_id}")

    def entry(self, handoff_id: str) -> Locator:
        """All that their queue says of the handoff."""
        return self.page.locator(f"[data-row='{handoff_id}']")

    def shows(self, text: str) -> Locator:
        return self.page.get_by_text(text).first

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    @property
    def composer(self) -> Locator:
        return self.page.get_by_label("Write a message")

    def card(self, index: int) -> Locator:
        return self.page.locator(f"#task-lane-card-{index}")

    async def is_live(self) -> None:
        await expect(self.page.locator("[data-light]")).to_have_attribute("data-light", "live")

    async def lights(self) -> list[str]:
        """What the light said, in order, since the page was loaded."""
        return list(await self.page.evaluate("window.lights"))

    async def marks(self, name: str, is_so: str) -> None:
        """From here on the page itself looks for the moment from which on the expression is true."""
        await self.page.evaluate(f"void (marks.{name} = when(() => {is_so}))")

    async def marked(self, name: str) -> float:
        """When it was, once it has been: milliseconds since 1970 by the browser's clock, which all its pages share."""
        async with asyncio.timeout(PATIENCE / 1_000):
            return float(await self.page.evaluate(f"marks.{name}"))

    async def begins(self, client: str, title: str, problem: str) -> str:
        """Begins a session in the page; answers its id."""
        await self.goes("/sessions")
        await self.button("New session").click()
        dialog = self.page.get_by_role("dialog")
        await dialog.get_by_label("Client").fill(client)
        await dialog.get_by_label("Title").fill(title)
        await dialog.get_by_label("Problem").fill(problem)
        await dialog.get_by_role("button", name="Begin the session").click()
        await expect(self.page.get_by_role("heading", name=title)).to_be_visible()
        return self.page.url.rpartition("/")[2]

    async def writes(self, text: str) -> None:
        await self.composer.fill(text)
        await self.button("Send").click()

    async def finishes(self, index: int, result: str) -> None:
        """Moves the task card to done and records what was seen."""
        await self.card(index).get_by_role("combobox").select_option("done")
        await self.card(index).get_by_label("Result").fill(result)
        await self.card(index).get_by_role("button", name="Save the result").click()

    async def selects(self, handoff_id: str) -> None:
        """Goes down the queue by key until the handoff's row has the focus."""
        await expect(self.row(handoff_id)).to_be_visible()
        rows = await self.page.locator("[id^=queue-]").count()
        for _ in range(rows):
            await self.page.keyboard.press("j")
            await expect(self.page.locator("[id^=queue-]:focus")).to_have_count(1)
            if await self.row(handoff_id).evaluate("row => row === document.activeElement"):
                return
        raise AssertionError(f"{handoff_id} is not on the queue of {self.name}")

    async def messages(self) -> list[str]:
        """The texts of the conversation as the page shows them."""
        found = await self.page.locator("[role=log] [data-ref^='message:'] p").all_inner_texts()
        return [text.strip() for text in found]

    async def queue(self) -> list[str]:
        """The ids on the queue as the page shows them, from the top."""
        ids = await self.page.locator("[id^=queue-]").evaluate_all("rows => rows.map((row) => row.id.slice(6))")
        return list(ids)

    async def served_messages(self, session_id: str) -> list[str]:
        answer = await self.door.request("GET", f"/api/sessions/{session_id}")
        return [message["body"] for message in answer["messages"]]

    async def served_queue(self) -> list[str]:
        """What waits comes before what is in work, as on the page; the server orders by urgency alone."""
        handoffs = (await self.door.request("GET", "/api/queue"))["handoffs"]
        return [one["id"] for one in sorted(handoffs, key=lambda one: one["status"] != "queued")]


@dataclass
class Office:
    """One account's people, each signed in by a token."""

    url: str
    secret: str
    browser: Browser
    stack: AsyncExitStack
    account_id: UUID = field(default_factory=uuid4)
    people: list[Person] = field(default_factory=list)

    def principal(self, role: Role, name: str) -> Principal:
        return Principal(self.account_id, "Acme MSP", uuid4(), name, role)

    def token(self, who: Principal) -> str:
        return Tokens(Settings(jwt_secret=self.secret)).issue(who)[0]

    async def door(self, who: Principal) -> HttpDoor:
        return await self.stack.enter_async_context(HttpDoor(self.url, self.token(who), timeout=30))

    async def context(self, **options: Any) -> BrowserContext:
        made = await self.browser.new_context(**{"locale": "en-GB", **options})
        self.stack.push_async_callback(made.close)
        await made.add_init_script(WATCH)
        return made

    async def person(self, role: Role, name: str, at: str = "/", *, line: Line | None = None, **options: Any) -> Person:
        """Opens the page at the address behind the hash, over the line if one is given."""
        return await self.opens(self.principal(role, name), at, line=line, **options)

    async def opens(self, who: Principal, at: str = "/", *, line: Line | None = None, **options: Any) -> Person:
        return await self.tab(await self.context(**options), who, at, line=line)

    async def tab(self, browser: BrowserContext, who: Principal, at: str = "/", *, line: Line | None = None) -> Person:
        """One more page in the browser of somebody."""
        page = await browser.new_page()
        page.set_default_timeout(PATIENCE)
        if line is not None:
            await line.carry(page)
        person = Person(who, page, await self.door(who), self.url)
        page.on("console", lambda message: person.said.extend(_complaint(message)))
        page.on("pageerror", lambda error: person.said.append(str(error)))
        self.people.append(person)
        await page.goto(f"{self.url}/#token={self.token(who)}")
        await person.is_live()
        if at != "/":
            await person.goes(at)
        return person

    async def session(self, by: HttpDoor, **said: str) -> str:
        """A session made over HTTP; answers its id."""
        session_id = str(uuid4())
        usual = {"title": "VPN drops", "client_name": "Harbor Dental", "problem": "The VPN drops for all users today."}
        await by.request("POST", "/api/sessions", {"session_id": session_id, **usual, **said})
        return session_id

    async def note(self, by: HttpDoor, session_id: str, body: str, **more: Any) -> str:
        message_id = str(uuid4())
        message = {"message_id": message_id, "kind": "note", "body": body, **more}
        await by.request("POST", f"/api/sessions/{session_id}/messages", message)
        return message_id

    async def task(self, by: HttpDoor, session_id: str, title: str, result: str | None = None) -> str:
        """A task, done if there is a result."""
        task_id = str(uuid4())
        path = f"/api/sessions/{session_id}/tasks"
        made = await by.request("POST", path, {"task_id": task_id, "title": title})
        if result is not None:
            change = {"version": made["task"]["version"], "state": "done", "result": result}
            await by.request("PATCH", f"{path}/{task_id}", change)
        return task_id

    async def handoff(self, by: HttpDoor, session_id: str, **said: str) -> str:
        handoff_id = str(uuid4())
        usual = {"severity": "high", "reason": "skill", "ask": "May I reset the tunnel?"}
        await by.request("POST", f"/api/sessions/{session_id}/handoffs", {"handoff_id": handoff_id, **usual, **said})
        return handoff_id

    async def claim(self, by: HttpDoor, handoff_id: str) -> int:
        """Claims over HTTP; answers the fencing token."""
        answer = await by.request("POST", f"/api/handoffs/{handoff_id}/claim", {"claim_id": str(uuid4())})
        return int(answer["claim"]["fencing_token"])


def _complaint(message: ConsoleMessage) -> list[str]:
    """A lost connection is reported by the browser itself, whatever the page does."""
    is_network = "WebSocket connection to" in message.text or "ERR_" in message.text
    return [message.text] if message.type in ("error", "warning") and not is_network else []
