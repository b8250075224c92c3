"""A server before the server: it makes the queue long, and then busy. Everything else passes through."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import orjson
from aiohttp import web

SEVERITIES = ("critical", "high", "normal", "low")
TURN = 0.004
"""Seconds between two looks at how many events are due."""


@dataclass
class Loud:
    """Who joins the queue finds so many waiting handoffs in it, each a copy of one that the server has."""

    upstream: str
    entries: int
    url: str = ""
    handoffs: list[dict[str, Any]] = field(default_factory=list)
    _seq: int = 0
    _room: str = ""
    _line: web.WebSocketResponse | None = None
    _chance: random.Random = field(default_factory=lambda: random.Random(1))

    async def pump(self, rate: float, seconds: float) -> int:
        """Changes to handoffs at random at that rate: claimed, released or tagged. Answers how many were sent."""
        assert self._line is not None, "nobody has joined the queue"
        began, sent = time.monotonic(), 0
        while (passed := time.monotonic() - began) < seconds:
            while sent < rate * passed:
                await self._line.send_str("42" + orjson.dumps(self._event()).decode())
                sent += 1
            await asyncio.sleep(TURN)
        return sent

    def _event(self) -> list[Any]:
        handoff = self._chance.choice(self.handoffs)
        handoff["version"] += 1
        self._seq += 1
        if self._chance.random() < 0.5:
            handoff["tags"], name = [f"skill:area-{self._chance.randint(1, 9)}"], "handoff:tagged"
        elif handoff["status"] == "queued":
            owner = {"id": str(uuid4()), "name": "Dana Example"}
            handoff.update(status="claimed", claimed_by=owner, claimed_by_name=owner["name"])
            handoff["claimed_at"], name = handoff["created_at"], "handoff:claimed"
        else:
            handoff.update(status="queued", claimed_by=None, claimed_by_name=None, claimed_at=None)
            name = "handoff:released"
        data = {"handoff": handoff, "note": ""}
        event = {"room": self._room, "seq": self._seq, "type": name, "at": handoff["created_at"], "actor": None}
        return [name, event | {"data": data}]

    def lengthen(self, frame: str) -> str:
        """The answer to queue:join with many more handoffs in it; any other frame as it is."""
        start = frame.find("[")
        if not frame.startswith("43") or "escalations:" not in frame[:200] or '"snapshot"' not in frame:
            return frame
        ack = orjson.loads(frame[start:])
        joined = ack[0]["data"]
        found = joined["snapshot"]["handoffs"]
        for handoff in found:  # the large part, which no event changes, is written once
            handoff["package"] = orjson.Fragment(orjson.dumps(handoff["package"]))
        self.handoffs = [self._another(found[number % len(found)], number) for number in range(self.entries)]
        self.handoffs.sort(key=lambda one: (SEVERITIES.index(one["severity"]), one["first_queued_at"], one["id"]))
        self._seq, self._room = joined["seq"], joined["room"]
        joined["snapshot"]["handoffs"] = self.handoffs
        return frame[:start] + orjson.dumps(ack).decode()

    def _another(self, handoff: dict[str, Any], number: int) -> dict[str, Any]:
        made = dict(handoff)
        waits = {"status": "queued", "claimed_by": None, "claimed_by_name": None, "claimed_at": None, "version": 1}
        made |= waits | {"id": str(UUID(int=self._chance.getrandbits(128), version=4))}
        made["severity"] = SEVERITIES[number % len(SEVERITIES)]
        return made

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        page = web.WebSocketResponse(max_msg_size=0)
        await page.prepare(request)
        self._line = page
        at = self.upstream + request.path_qs
        async with aiohttp.ClientSession() as http, http.ws_connect(at, max_msg_size=0) as server:

            async def up() -> None:
                async for message in page:
                    await server.send_str(message.data)

            async def down() -> None:
                async for message in server:
                    await page.send_str(self.lengthen(message.data))

            ways = [asyncio.create_task(up()), asyncio.create_task(down())]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
        return page

    async def passed(self, request: web.Request) -> web.Response:
        kept = {name: value for name, value in request.headers.items() if name in ("Authorization", "Content-Type")}
        async with (
            aiohttp.ClientSession() as http,
            http.request(
                request.method, self.upstream + request.path_qs, headers=kept, data=await request.read()
            ) as answer,
        ):
            named = ("Content-Type", "Content-Security-Policy")
            headers = {name: answer.headers[name] for name in named if name in answer.headers}
            return web.Response(status=answer.status, body=await answer.read(), headers=headers)


@asynccontextmanager
async def loud(upstream: str, entries: int) -> AsyncIterator[Loud]:
    """Listening on a port of its own until the context is left."""
    made = Loud(upstream, entries)
    app = web.Application()
    app.router.add_get("/socket.io/", made.socket)
    app.router.add_route("*", "/{rest:.*}", made.passed)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()
