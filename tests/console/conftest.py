"""Several people in a real Chromium, each in a browser context of their own, through nginx on two replicas."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from playwright.async_api import Browser, async_playwright, expect

from deploy.cluster import Cluster, Lacking, cluster
from server.console import BUILT
from tests.console.office import PATIENCE, Office
from tests.lacking import lacking
from tests.server.commandline import folder

ARGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        lacking("chromium is not installed")
    if not (BUILT / "index.html").is_file():
        lacking("the console is not built (make console)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=[*ARGS])
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
async def replicas() -> AsyncIterator[Cluster]:
    """nginx before two replicas. A test that hurts one of them starts it again."""
    with folder() as data_dir:
        try:
            async with cluster(data_dir, replicas=2) as made:
                yield made
        except Lacking as missing:
            lacking(str(missing))


@pytest.fixture
async def office(replicas: Cluster, chromium: Browser) -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        made = Office(replicas.url, replicas.secret, chromium, stack)
        yield made
        assert [(person.name, person.said) for person in made.people if person.said] == []
