"""A server with people and things on it, and all about it that has to be as before when the hostile have gone."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import AsyncIterator, Iterator, MutableMapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from structlog.testing import capture_logs

from loadtest.client import Client, Event, RoomView
from server.app import Server, pool_limits, running
from server.config import Settings
from store.db import Database
from store.models import Principal
from tests.conftest import Postgres, World, claim, hand_off, open_session
from tests.hostile.raw import answer_to
from tests.hostile.row import Row, Who

BYSTANDER = "Bystander"
WRITTEN = """
SELECT (SELECT count(*) FROM events WHERE actor ->> 'name' IS DISTINCT FROM $1) AS events,
       (SELECT count(*) FROM users WHERE name <> $1) AS users, (SELECT count(*) FROM accounts) AS accounts
"""

SECRET = "a secret of 64 bytes or more, so that a token of HS512 is refused for nothing else"
AT_ONCE = 8
KEEP = 10_000
RETURN = 30.0
"""How long the server may take until nothing of the hostile is left, in seconds."""


class Noise(logging.Handler):
    """What is logged through `logging` from WARNING on: by asyncio, aiohttp and the Socket.IO libraries."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@dataclass
class Logs:
    noise: Noise
    structured: list[MutableMapping[str, Any]]

    def clear(self) -> None:
        self.noise.records.clear()
        self.structured.clear()

    def complaints(self) -> list[str]:
        """Everything that says more than that a handshake was refused, which engineio tells once a kind."""
        gc.collect()  # a task's exception that nobody retrieved is told when the task is collected
        told = [
            f"{record.name} {record.getMessage()} {record.exc_info and record.exc_info[1]!r}"
            for record in self.noise.records
            if record.exc_info
            or record.name == "asyncio"
            or (record.levelno >= logging.ERROR and "(further occurrences" not in record.getMessage())
        ]
        return told + [repr(entry) for entry in self.structured]


@contextmanager
def heard() -> Iterator[Logs]:
    """All that is logged meanwhile."""
    noise = Noise()
    logging.getLogger().addHandler(noise)
    try:
        with capture_logs() as structured:
            yield Logs(noise, structured)
    finally:
        logging.getLogger().removeHandler(noise)


@dataclass
class Stage:
    world: World
    logs: Logs
    names: dict[str, str]

    @property
    def server(self) -> Server:
        return self.world.server

    @property
    def host(self) -> str:
        return self.world.url.removeprefix("http://")

    def value(self, who: Who, name: str) -> str | None:
        match name:
            case "new":
                return str(uuid4())
            case "token":
                return self.names[f"{who}_token"]
            case "soon":
                return str(int(time.time()) + 3_600)
            case "past":
                return str(int(time.time()) - 60)
            case "sid":
                return next(iter(self.server.gateway._sockets), "nosuch")
        return self.names.get(name)

    async def outcome(self, row: Row) -> str:
        return await answer_to(row, self.host, lambda name: self.value(row.send.by, name), SECRET)

    def left(self) -> dict[str, int]:
        """What the server keeps for those who are connected."""
        gateway = self.server.gateway
        return {
            "connections": len(gateway._sockets),
            "connections counted by user": len(gateway._roll._by_user),
            "engine sockets": len(gateway._engine.sockets),
            "delivery rooms": len(self.server.delivery._rooms),
            "running commands": self.server.dispatch._running,
        }

    async def written(self) -> dict[str, int]:
        """How much the database holds, without what the bystander did."""
        row = await self.server.db.row(WRITTEN, BYSTANDER)
        assert row is not None
        return dict(row)

    async def endures(self, rows: Sequence[Row], *, events: int = 0, users: int = 0) -> list[Event]:
        """Send every row, and tell of all at once that had another outcome, or left something behind.

        `events` and `users` say how many of them the accepted rows make in all. Meanwhile a bystander is served as if
        nothing were, once for each row; what it saw of the session `$texts` is returned.
        """
        self.logs.clear()
        before, tasks = self.left(), asyncio.all_tasks()
        rights = await self.written()
        rights |= {"events": rights["events"] + events, "users": rights["users"] + users}
        wrong: list[str] = []
        try:
            async with self.bystander() as bystander:
                waiting = iter(rows)

                async def work() -> None:
                    for row in waiting:
                        bystander.turns.put_nowait(True)
                        outcome = await self.outcome(row)
                        if not matches(outcome, row.expect):
                            wrong.append(f"{row.id}: {outcome}, not {row.expect}")

                await asyncio.gather(*(work() for _ in range(AT_ONCE)))
                seen = await bystander.all_seen()
        finally:
            async with asyncio.timeout(RETURN):
                while alive := asyncio.all_tasks() - tasks:
                    await asyncio.wait(alive)
        found = self.left() | await self.written()
        wrong += [
            f"left behind: {found[what]} {what}, not {n}" for what, n in (before | rights).items() if found[what] != n
        ]
        wrong += [f"logged: {text}" for text in self.logs.complaints()]
        assert not wrong, "\n".join([f"{len(wrong)} of {len(rows)} rows:", *wrong])
        return seen

    @asynccontextmanager
    async def client(self, who: Who) -> AsyncIterator[Client]:
        async with Client.connect(self.world.url, self.names[f"{who}_token"]) as connected:
            yield connected

    @asynccontextmanager
    async def bystander(self) -> AsyncIterator[Bystander]:
        """Somebody who works in the same account; at the end, that nothing of the work was lost or late."""
        token = self.world.token(self.world.person("senior", BYSTANDER))
        async with Client.connect(self.world.url, token) as client:
            session_id = await open_session(client)
            own = await client.join_session(session_id, keep=KEEP)
            quiet = Bystander(client, session_id, own, await client.join_session(self.names["texts"], keep=KEEP))
            posting = asyncio.create_task(quiet.post())
            try:
                yield quiet
            finally:
                quiet.turns.put_nowait(False)
                await posting
            await quiet.check()


@dataclass
class Bystander:
    client: Client
    session_id: str
    own: RoomView
    other: RoomView
    """The room of `$texts`, to which rows are written."""
    turns: asyncio.Queue[bool] = field(default_factory=asyncio.Queue)
    posted: list[str] = field(default_factory=list)

    async def post(self) -> None:
        """A message for each turn, the next one after the ack of the last; the turn False is the end."""
        while await self.turns.get():
            message_id = str(uuid4())
            message = {"message_id": message_id, "kind": "note", "body": f"turn {len(self.posted)}"}
            answer = await self.client.command("message:post", {"session_id": self.session_id} | message)
            assert answer["message"]["id"] == message_id
            self.posted.append(message_id)

    async def all_seen(self) -> list[Event]:
        """The events of the other room, as soon as there are as many as the log holds."""
        log = await self.client.command("room:events", {"kind": "session", "id": self.other.key["session_id"]})
        await self.other.until_seq(log["seq"])
        return self.other.events

    async def check(self) -> None:
        await self.own.until_seq(self.own.snapshot_seq + len(self.posted))
        assert [event.data["message"]["id"] for event in self.own.events] == self.posted
        for room in (self.own, self.other):
            assert (room.gaps, room.duplicates, room.reset_count, room.ended) == (0, 0, 0, None)
        assert not self.client.strays
        assert not self.client.closed.is_set()


def matches(outcome: str, expect: str) -> bool:
    """`closed` means whatever close code, and `*` whatever field."""
    if expect.endswith("closed"):
        return outcome == expect or outcome.startswith(f"{expect} ")
    return outcome == expect or (expect.endswith(" *") and outcome.startswith(expect[:-1]))


@asynccontextmanager
async def opened(postgres: Postgres, logs: Logs, **settings: Any) -> AsyncIterator[Stage]:
    """A server of its own on a database of its own, with what the rows name."""
    # Room for a bystander who works once for each row; what is too fast has a test of its own.
    fast: dict[str, Any] = {"commands_per_second": 500, "commands_per_second_user": 5_000, "sign_ins_per_minute": 6_000}
    plain: dict[str, Any] = {
        "port": 0,
        "jwt_secret": SECRET,
        "drain": 0.0,
        "connect_timeout": 4.0,
        "background": False,  # its tasks come and go by themselves
    }
    chosen = Settings(**(plain | fast | settings))
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(postgres.copy())
        db = await stack.enter_async_context(Database.open(url, pool_limits(chosen)))
        server = await stack.enter_async_context(running(chosen, db))
        world = World(server, uuid4(), uuid4(), await stack.enter_async_context(AsyncExitStack()))
        people: dict[Who, Principal] = {
            "engineer": world.person("engineer", "Engineer"),
            "senior": world.person("senior", "Senior"),
            "viewer": world.person("viewer", "Viewer"),
        }
        yield Stage(world, logs, await _furnished(world, people))


async def _furnished(world: World, people: dict[Who, Principal]) -> dict[str, str]:
    """Sessions and handoffs, by the names that rows give them."""
    names = {f"{who}_token": world.token(principal) for who, principal in people.items()}
    names |= {"host": world.url.removeprefix("http://"), "account": str(world.account_id)}
    names |= {"user": str(people["engineer"].user_id), "senior": str(people["senior"].user_id)}
    async with (
        Client.connect(world.url, names["engineer_token"]) as engineer,
        Client.connect(world.url, names["senior_token"]) as senior,
        Client.connect(world.url, names["viewer_token"]),
        Client.connect(world.url, world.token(world.person("engineer", other_tenant=True))) as stranger,
    ):
        names["session"] = await open_session(engineer)
        names["texts"] = await open_session(engineer)
        names["foreign_session"] = await open_session(stranger)
        names["message"], names["task"] = str(uuid4()), str(uuid4())
        of_session = {"session_id": names["session"]}
        message = {"message_id": names["message"], "kind": "note", "body": "The first"}
        await engineer.command("message:post", of_session | message)
        await engineer.command("task:add", of_session | {"task_id": names["task"], "title": "Look"})
        names["waiting"] = (await hand_off(engineer))["id"]
        owned = await hand_off(engineer)
        names["owned"], names["owned_session"] = owned["id"], owned["session_id"]
        await claim(senior, owned["id"])
        names["epoch"] = (await engineer.command("session:join", of_session))["epoch"]
    return names
