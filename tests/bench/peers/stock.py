"""Stock python-socketio on aiohttp and uvloop, with the commands the generator sends: stock.py PORT [REDIS_URL]."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import socketio  # type: ignore[import-untyped, unused-ignore] # ships no types
import uvloop
from aiohttp import web

AUTHOR = {"id": "00000000-0000-4000-8000-000000000000", "name": "Load engineer 1"}


def application(redis_url: str | None) -> web.Application:
    manager = socketio.AsyncRedisManager(redis_url) if redis_url else None
    io = socketio.AsyncServer(async_mode="aiohttp", transports=["websocket"], client_manager=manager)
    numbers: Counter[str] = Counter()

    async def create(_sid: str, _payload: Any) -> Any:
        return {"ok": True, "data": {}}

    async def join(sid: str, payload: Any) -> Any:
        room = f"session:{payload['session_id']}"
        await io.enter_room(sid, room)
        joined = {"room": room, "epoch": "1", "seq": numbers[room], "recovered": False, "snapshot": {}}
        return {"ok": True, "data": joined}

    async def post(_sid: str, payload: Any) -> Any:
        room = f"session:{payload['session_id']}"
        numbers[room] += 1
        at = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        message = {
            "at": at, "id": payload["message_id"], "seq": numbers[room], "body": payload["body"],
            "kind": payload["kind"], "author": AUTHOR, "session_id": payload["session_id"],
        }  # fmt: skip
        event = {
            "at": at, "seq": numbers[room], "data": {"message": message}, "room": room, "type": "message:posted",
            "actor": AUTHOR,
        }  # fmt: skip
        await io.emit("message:posted", event, room=room)
        return {"ok": True, "data": {"message": message}}

    for name, handler in (("session:create", create), ("session:join", join), ("message:post", post)):
        io.on(name, handler)
    app = web.Application()
    io.attach(app)
    return app


async def main(port: int, redis_url: str | None) -> None:
    runner = web.AppRunner(application(redis_url), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
    print("listening", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None))
