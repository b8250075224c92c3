"""How the page is served."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import expect

from deploy.cluster import Cluster, Program, free_port, program
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


async def test_token_of_somebody_else_waits_for_a_yes(office: Office) -> None:
    """A page that opened this one may change its address: nobody works on as another without knowing."""
    juno = await office.person("engineer", "Juno")
    mia = f"{office.url}/#token={office.token(office.principal('engineer', 'Mia'))}"
    dialog = juno.page.get_by_role("dialog", name="Go on as Mia?")
    for way in (f"location.assign({mia!r})", f"location.replace({mia!r}.replace('#', '?again#'))"):
        await juno.page.evaluate(way)
        await dialog.get_by_role("button", name="Stay Juno").click()
        await expect(dialog).to_have_count(0)
        assert "token" not in juno.page.url
        await juno.page.reload()
        await juno.is_live()
        await expect(juno.page.get_by_role("banner")).to_contain_text("Juno")
    await juno.page.evaluate(f"location.assign({mia!r})")
    await dialog.get_by_role("button", name="Go on as Mia").click()
    await expect(juno.page.get_by_role("banner")).to_contain_text("Mia")
    await juno.is_live()
    assert "token" not in juno.page.url


async def test_new_token_of_the_same_person_needs_no_yes(office: Office) -> None:
    juno = await office.person("engineer", "Juno", "/sessions")
    await juno.page.evaluate(f"location.assign('{office.url}/#token={office.token(juno.who)}')")
    await expect(juno.page).to_have_url(f"{office.url}/#/")
    await juno.is_live()
    await expect(juno.page.get_by_role("dialog")).to_have_count(0)


NGINX = """
daemon off; pid {folder}/nginx.pid; error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location /help/desk/ {{
            proxy_pass {upstream}/;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection upgrade;
        }}
    }}
}}
"""


@pytest.fixture
async def below(replicas: Cluster, tmp_path: Path) -> AsyncIterator[str]:
    """The address of an nginx that serves the page below a prefix, which it takes off."""
    port = free_port()
    (tmp_path / "nginx.conf").write_text(NGINX.format(folder=tmp_path, port=port, upstream=replicas.url))
    command = (program("nginx", "nginx"), "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"))
    nginx = Program(command, {}, tmp_path / "nginx.log", f"127.0.0.1:{port}")
    await nginx.start()
    yield f"http://127.0.0.1:{port}/help/desk"
    await nginx.end()


async def test_page_works_below_a_prefix(office: Office, below: str) -> None:
    """[T7] Its files, its socket and its commands are found, and after a reload again."""
    office.url = below
    person = await office.person("engineer", "Juno")
    session_id = await person.begins("Harbor Dental", "VPN drops", "The VPN drops for all users today.")
    await person.page.reload()
    await person.writes("Written below a prefix")
    await expect(person.page.locator("[data-unsent]")).to_have_count(0)
    assert await person.served_messages(session_id) == ["Written below a prefix"]
    assert person.page.url.startswith(f"{below}/#/sessions/")
