# ruff: noqa: T201  # it prints what it measures
"""How the page bears a long and busy queue, and how soon it is there.

    make bench-console

A queue of 2,000 handoffs and 500 events a second about any of them, for ten seconds: still, and while its reader
scrolls. Frames are counted by the page (requestAnimationFrame) and by the browser's own trace; a headless browser
makes 60 a second at the most. The first load is of an empty cache, from nginx and one replica on loopback. Whatever
else runs on the machine takes frames away: the load is printed with them.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, CDPSession, Page, async_playwright, expect

from deploy.cluster import cluster, program
from server import demo
from server.auth import Tokens
from server.config import Settings
from server.demo import principal
from store.db import Database, PoolLimits
from tests.console.loud import Loud, loud

ENTRIES: Final = 2_000
RATE: Final = 500
SECONDS: Final = 10
LOADS: Final = 5
WINDOW: Final[Any] = {"width": 1280, "height": 800}

FRAMES = """
    (seconds) => new Promise((resolve) => {
      const times = [performance.now()];
      const next = (now) => {
        times.push(now);
        if (now - times[0] < seconds * 1000) { requestAnimationFrame(next); return; }
        const gaps = times.slice(1).map((time, i) => time - times[i]);
        const rate = (gaps.length * 1000) / (times.at(-1) - times[0]);
        resolve({ rate, worst: Math.max(...gaps), late: gaps.filter((gap) => gap > 50).length });
      };
      requestAnimationFrame(next);
    })
"""
FIRST_ROW = """
    window.firstRow = new Promise((resolve) => {
      new MutationObserver((_, observer) => {
        if (document.querySelector("[id^=queue-]") === null) return;
        observer.disconnect();
        requestAnimationFrame(() => resolve(performance.now()));
      }).observe(document, { subtree: true, childList: true });
    });
"""


async def busy(browser: Browser, page: Page, server: Loud, rate: float, *, scrolls: bool) -> None:
    async def scroll() -> None:
        await page.mouse.move(640, 500)
        for _ in range(SECONDS * 10 if scrolls else 0):
            await page.mouse.wheel(0, 240)
            await asyncio.sleep(0.08)

    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable")
    before = await working(session)
    await browser.start_tracing(page=page, categories=["disabled-by-default-devtools.timeline.frame"])
    sent, counted, _ = await asyncio.gather(server.pump(rate, SECONDS), page.evaluate(FRAMES, SECONDS - 1), scroll())
    names = [event["name"] for event in json.loads(await browser.stop_tracing())["traceEvents"]]
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    share = (await working(session) - before) / SECONDS
    print(
        f"{'scrolling' if scrolls else 'still':9} {sent / SECONDS:5.0f} events/s   {counted['rate']:5.1f} frames/s   "
        f"longest {counted['worst']:4.0f} ms, {counted['late']} over 50 ms   main thread {share:4.0%} at work   "
        f"trace: {names.count('DrawFrame')} drawn, {names.count('DroppedFrame')} dropped   load {load:.1f} a core"
    )


async def working(session: CDPSession) -> float:
    """Seconds of the page's main thread so far."""
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


async def heap(session: CDPSession) -> float:
    """Megabytes of JavaScript that are in use after a collection."""
    await session.send("HeapProfiler.collectGarbage")
    usage = await session.send("Runtime.getHeapUsage")
    return float(usage["usedSize"]) / 1e6


async def first_load(browser: Browser, url: str, token: str) -> tuple[float, int]:
    """Milliseconds until the first row of the queue is drawn, and the bytes that came over HTTP."""
    context = await browser.new_context(viewport=WINDOW)
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    received: list[int] = []
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    await session.send("Network.enable")
    await page.add_init_script(FIRST_ROW)
    await page.goto(f"{url}/#token={token}")
    took = float(await page.evaluate("window.firstRow"))
    await context.close()
    return took, sum(received)


async def measure(browser: Browser, url: str, token: str) -> None:
    for _ in range(LOADS):
        took, received = await first_load(browser, url, token)
        print(f"first load {took:5.0f} ms to the first row, {received / 1e3:.0f} kB over HTTP")
    async with loud(url, ENTRIES) as server:
        page = await (await browser.new_context(viewport=WINDOW)).new_page()
        session = await page.context.new_cdp_session(page)
        await page.goto(f"{server.url}/#token={token}")
        await expect(page.locator("[id^=queue-]").first).to_be_visible()
        print(f"{len(server.handoffs)} handoffs in the queue, {await heap(session):.0f} MB of JavaScript in use")
        for rate, scrolls in ((0, False), (RATE, False), (RATE, True)):
            await busy(browser, page, server, rate, scrolls=scrolls)
        print(f"afterwards {await heap(session):.0f} MB of JavaScript in use")


async def main() -> None:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rf-bench-", ignore_cleanup_errors=True)))
        folder.chmod(0o755)  # noqa: ASYNC240  # PostgreSQL runs as another user when this runs as root
        running = await stack.enter_async_context(cluster(folder, replicas=1))
        async with Database.open(running.database_url, PoolLimits()) as db:
            await demo.fill(db)
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(
            executable_path=program("chromium", "chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        stack.push_async_callback(browser.close)
        token = Tokens(Settings(jwt_secret=running.secret)).issue(principal("tomasz"))[0]
        await measure(browser, running.url, token)


if __name__ == "__main__":
    asyncio.run(main())
