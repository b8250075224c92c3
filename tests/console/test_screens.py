"""How every screen looks, reads and sounds: pictures to look at, axe, and the other language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from deploy.cluster import Cluster
from server import demo
from store.db import Database, PoolLimits
from tests.console.office import Office
from tests.console.pictures import picture
from tests.console.screens import LOOKS, everybody
from tests.lacking import lacking

ROOT = Path(__file__).parents[2]
AXE = ROOT / "tests" / "js" / "node_modules" / "axe-core" / "axe.min.js"
WORDS = ROOT / "web" / "src" / "app" / "words"

VIOLATIONS = """
    async () => {
      const found = await axe.run(document, { resultTypes: ["violations"] });
      return found.violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
    }
"""
SAID = """
    () => {
      const said = [document.title];
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) said.push(texts.currentNode.data);
      for (const one of document.body.querySelectorAll("*")) {
        for (const name of ["aria-label", "placeholder", "title", "alt"]) said.push(one.getAttribute(name) ?? "");
      }
      return said.map((text) => text.trim()).filter((text) => text !== "");
    }
"""


@pytest.fixture(scope="module", autouse=True)
async def _furnished(replicas: Cluster) -> None:
    """The demo's people and their stories."""
    async with Database.open(replicas.database_url, PoolLimits()) as db:
        await demo.fill(db)


async def violations(page: Page) -> list[str]:
    if not AXE.is_file():
        lacking("axe is not installed (npm ci in tests/js)")
    await page.evaluate(AXE.read_text())  # the page's policy admits no script tag, and is right to
    return list(await page.evaluate(VIOLATIONS))


def phrases(language: str) -> set[str]:
    """The texts of one language; those that are made by a function are not among them."""
    found: set[str] = set()
    for file in sorted((WORDS / language).glob("*.ts")):
        found |= set(re.findall(r'[:,\[]\s*"([^"]+)"', file.read_text()))
    return found


@pytest.mark.parametrize("look", LOOKS)
async def test_every_screen_is_accessible(office: Office, look: str) -> None:
    """axe finds nothing serious; nothing hangs over the edge; a picture of each is kept."""
    found: list[tuple[str, list[str]]] = []
    stranger = await (await office.context(**LOOKS[look])).new_page()
    await stranger.goto(office.url)
    await expect(stranger.get_by_role("heading", name="ResolutionFlow")).to_be_visible()
    found.append(("signin", await violations(stranger)))
    await picture(stranger, "signin", look)
    for person, screens in await everybody(office, **LOOKS[look]):
        for screen in screens:
            await screen.show(person)
            await picture(person.page, screen.name, look)
            found.append((screen.name, await violations(person.page)))
            too_wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            if await person.page.evaluate(too_wide):
                found.append((screen.name, ["wider than the window"]))
    assert [(name, wrong) for name, wrong in found if wrong] == []


async def test_every_screen_speaks_german(office: Office) -> None:
    """No English phrase of ours is left, in what is seen and in what is read aloud."""
    english = phrases("en") - phrases("de")
    assert len(english) > 300
    stranger = await (await office.context(locale="de-DE")).new_page()
    await stranger.goto(office.url)
    await expect(stranger.get_by_role("button", name="Anmelden")).to_be_visible()
    left = {"signin": english & set(await stranger.evaluate(SAID))}
    for person, screens in await everybody(office, locale="de-DE"):
        for screen in screens:
            await screen.show(person)
            left[screen.name] = english & set(await person.page.evaluate(SAID))
        await expect(person.page.locator("html")).to_have_attribute("lang", "de")
    assert {name: words for name, words in left.items() if words} == {}
