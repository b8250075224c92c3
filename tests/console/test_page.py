"""How the page is served."""

from __future__ import annotations

import aiohttp
from playwright.async_api import expect

from deploy.cluster import Cluster
from server.console import POLICY
from tests.console.office import Office


async def test_page_has_a_strict_policy_and_its_files_are_kept(replicas: Cluster) -> None:
    """[T7] Nothing from elsewhere, nothing unsafe; files whose names change are cached for a year, and compressed."""
    async with aiohttp.ClientSession(replicas.url, auto_decompress=False) as http:
        async with http.get("/", headers={"Accept-Encoding": "identity"}) as page:
            assert (page.status, page.headers["Content-Security-Policy"]) == (200, POLICY)
            assert (page.headers["Cache-Control"], "unsafe" in POLICY) == ("no-cache", False)
            text = await page.text()
        for part in text.split('"'):
            if part.startswith("./assets/"):
                async with http.get(part.removeprefix("."), headers={"Accept-Encoding": "br"}) as asset:
                    assert asset.status == 200
                    assert asset.headers["Content-Encoding"] == "br"
                    assert "immutable" in asset.headers["Cache-Control"]
        async with http.get("/assets/../../console.py") as other:
            assert other.status == 404


async def test_signed_in_by_token_is_live(office: Office) -> None:
    """[T3] The token leaves the address at once; the light says that what is shown is what the server has."""
    person = await office.person("senior", "Sam Senior")
    await expect(person.page.get_by_text("Live", exact=False).first).to_be_visible()
    assert "token" not in person.page.url
