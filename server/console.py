"""The browser page, as `make console` built it into the folder `console` beside this file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from aiohttp import web

BUILT: Final = Path(__file__).parent / "console"

_SOURCES: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
    "require-trusted-types-for": "'script'",
}
POLICY: Final = "; ".join(f"{directive} {source}" for directive, source in _SOURCES.items())
"""Nothing from elsewhere, nothing written into the page: a script in a message stays text."""

_PAGE: Final = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_KEPT: Final = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
"""Of files whose names change with what is in them."""


def add_routes(router: web.UrlDispatcher, built: Path = BUILT) -> None:
    """Serve the page at `/`. All its addresses are relative: it works below any prefix a proxy takes off.

    Where it was not built, `/` says what there is instead.
    """
    if not (built / "index.html").is_file():
        router.add_get("/", _no_page)
        return

    async def page(_: web.Request) -> web.StreamResponse:
        return web.FileResponse(built / "index.html", headers=_PAGE)

    async def asset(request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name not in assets:
            raise web.HTTPNotFound
        return web.FileResponse(built / "assets" / name, headers=_KEPT)

    async def icon(_: web.Request) -> web.StreamResponse:
        return web.FileResponse(built / "icon.svg", headers={"Cache-Control": "public, max-age=86400"})

    assets = {file.name for file in (built / "assets").iterdir()}
    router.add_get("/", page)
    router.add_get("/assets/{name}", asset)
    router.add_get("/icon.svg", icon)


async def _no_page(_: web.Request) -> web.StreamResponse:
    return web.Response(
        text="ResolutionFlow. Socket.IO at /socket.io/, HTTP under /api, contracts: /openapi.json, /asyncapi.json\n"
    )
