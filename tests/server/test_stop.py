"""The real process is told to stop in the middle of its work."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import asyncpg

from loadtest.client import AckLost, Client
from server.auth import Tokens
from server.config import Settings
from store.models import Principal, Role
from tests.conftest import SECRET, claim, hand_off, open_session
from tests.server.commandline import started

STOPS_WITHIN = 5.0
"""Seconds from SIGTERM to the end, with the default drain and two hundred clients. Part of the contract."""
BUSY = 400
"""After so many acks, with every client in the middle of its next command, the signal comes."""


class Crowd:
    """People of one account, each of whom sends one command after the other until the server goes."""

    def __init__(self, url: str, stack: AsyncExitStack) -> None:
        self._url = url
        self._stack = stack
        self._tokens = Tokens(Settings(jwt_secret=SECRET))
        self._account = uuid4()
        self.acked: Counter[str] = Counter()
        """How often the server said that this session, this message or this claimed handoff is made."""
        self.busy = asyncio.Event()

    async def person(self, role: Role) -> Client:
        who = Principal(self._account, "Acme MSP", uuid4(), role.title(), role)
        token = self._tokens.issue(who)[0]
        return await self._stack.enter_async_context(Client.connect(self._url, token, timeout=30))

    async def keep_on(self, client: Client, send: Callable[[Client], Awaitable[str]]) -> None:
        while True:
            try:
                self.acked[await send(client)] += 1
            except AckLost:
                return
            if self.acked.total() >= BUSY:
                self.busy.set()


MADE = """
SELECT data -> 'session' ->> 'id' AS id FROM events WHERE type = 'session:created'
UNION ALL SELECT data -> 'message' ->> 'id' FROM events WHERE type = 'message:posted'
UNION ALL SELECT data -> 'handoff' ->> 'id' FROM events WHERE type = 'handoff:claimed' AND room LIKE 'session:%'
"""


async def test_sigterm_loses_nothing_that_was_acked(
    database_url: str, sql: asyncpg.Connection[asyncpg.Record], tmp_path: Path
) -> None:
    """[L3] Two hundred clients with commands in flight: in the log is what was acked, no less and no more,
    each once; and the process ends in time without a complaint."""
    settings = {"RF_PORT": "0", "RF_DATABASE_URL": database_url, "RF_DATA_DIR": str(tmp_path), "RF_JWT_SECRET": SECRET}
    async with started("serve", **settings) as server, AsyncExitStack() as stack:
        crowd = Crowd(await server.url(), stack)
        engineer = await crowd.person("engineer")
        waiting = [handoff["id"] for handoff in await asyncio.gather(*(hand_off(engineer) for _ in range(150)))]
        session_id = await open_session(engineer)
        before = Counter(row["id"] for row in await sql.fetch(MADE))

        async def post(client: Client) -> str:
            message = {"session_id": session_id, "message_id": str(uuid4()), "body": "On it", "kind": "note"}
            return str((await client.command("message:post", message))["message"]["id"])

        async def take(client: Client) -> str:
            return str((await claim(client, waiting.pop()))["handoff"]["id"]) if waiting else await post(client)

        engineers = [await crowd.person("engineer") for _ in range(140)]
        seniors = [await crowd.person("senior") for _ in range(60)]
        async with asyncio.TaskGroup() as crowded:
            for clients, send in ((engineers[:60], open_session), (engineers[60:], post), (seniors, take)):
                for client in clients:
                    crowded.create_task(crowd.keep_on(client, send))
            await crowd.busy.wait()
            server.process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(STOPS_WITHIN):
                ended = await server.end()
        made = Counter(row["id"] for row in await sql.fetch(MADE)) - before
        assert ended.code == 0, ended.err
        assert "Traceback" not in ended.err
        assert made == crowd.acked
