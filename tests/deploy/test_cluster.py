"""nginx before replicas, as deployed: round robin, reloads, ends, and a restart of all replicas under load."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest

from deploy.cluster import Cluster, Lacking, cluster
from loadtest.client import AckLost, Client, ConnectRefused, HttpDoor, Refused, RoomView
from server.auth import Tokens
from server.config import Settings
from store.embedded import embedded_postgres
from store.models import Principal, Role
from tests.conftest import open_session
from tests.lacking import lacking
from tests.proxy import Proxy
from tests.server.commandline import folder

BOUND = 60.0
HANDSHAKES = int(os.environ.get("HANDSHAKES", "500"))
"""`make test ARGS="-k handshakes"` with HANDSHAKES=5000 tries as many."""
ACCOUNT = uuid4()


@dataclass(frozen=True)
class Reached:
    """The cluster, and the relay through which its replicas reach PostgreSQL."""

    cluster: Cluster
    database: Proxy


@pytest.fixture(scope="module")
async def reached() -> AsyncIterator[Reached]:
    with folder() as data_dir:
        async with embedded_postgres(data_dir) as url, Proxy.to(url) as database:
            try:
                async with cluster(
                    data_dir,
                    RF_DATABASE_URL=database.url,
                    RF_DATABASE_RECOVERY="0.2",
                    RF_DRAIN="1",
                    RF_COMMANDS_PER_SECOND_USER="100000",
                ) as made:
                    yield Reached(made, database)
            except Lacking as missing:
                lacking(str(missing))


@pytest.fixture
def running(reached: Reached) -> Cluster:
    return reached.cluster


def token(running: Cluster, role: Role, user_id: UUID | None = None) -> str:
    who = Principal(ACCOUNT, "Acme MSP", user_id or uuid4(), role.title(), role)
    return Tokens(Settings(jwt_secret=running.secret)).issue(who)[0]


async def test_handshakes_through_nginx_all_succeed(running: Cluster) -> None:
    """[T1] Round robin, without stickiness, twenty at once; each replica gets its share."""
    served: Counter[str] = Counter()
    shared = token(running, "viewer")
    at_once = asyncio.Semaphore(20)

    async def shake() -> None:
        async with at_once, Client.connect(running.url, shared, timeout=BOUND) as client:
            served[client.hello.replica] += 1

    await asyncio.gather(*(shake() for _ in range(HANDSHAKES)))
    assert served.total() == HANDSHAKES
    assert min(served.values()) > HANDSHAKES / 6, served
    assert len(served) == 3


async def post(client: Client, session_id: str, message_id: str) -> None:
    message = {"session_id": session_id, "message_id": message_id, "kind": "note", "body": "On it"}
    await client.command("message:post", message)


async def come_back(client: Client) -> list[int]:
    """Connect again until it works, as a page would; the statuses of the refusals before that."""
    refused = []
    async with asyncio.timeout(BOUND):
        while True:
            try:
                await client.reconnect()
            except ConnectRefused as refusal:
                refused.append(refusal.status)
            except (AckLost, Refused):
                pass
            else:
                return refused
            await asyncio.sleep(0.05)


def without_a_hole(view: RoomView, seq: int) -> None:
    assert (view.seq, view.gaps, view.duplicates, view.reset_count) == (seq, 0, 0, 0)


async def test_clients_outlive_reload_and_end_of_nginx(running: Cluster) -> None:
    """[R4] [R5] A reload ends nobody's connection; after a kill they come back and have missed nothing."""
    async with (
        Client.connect(running.url, token(running, "engineer")) as writer,
        Client.connect(running.url, token(running, "viewer")) as reader,
    ):
        session_id = await open_session(writer)
        view = await reader.join_session(session_id)
        running.nginx.send(signal.SIGHUP)
        for _ in range(5):
            await post(writer, session_id, str(uuid4()))
        await view.until_seq(6)
        assert not reader.closed.is_set()
        await running.nginx.end(signal.SIGKILL)
        await asyncio.wait_for(reader.closed.wait(), BOUND)
        async with Client.connect(running.replica_urls[0], token(running, "engineer")) as direct:
            for _ in range(5):
                await post(direct, session_id, str(uuid4()))
        await running.nginx.start()
        await asyncio.gather(come_back(writer), come_back(reader))
        await post(writer, session_id, str(uuid4()))
        await view.until_seq(12)
        without_a_hole(view, 12)


async def test_refusal_of_a_replica_passes_nginx_while_postgresql_is_away(reached: Reached) -> None:
    """[A3] [A7] [T4] In the product's own words, however often: that is no reason to take replicas out."""
    url, engineer = reached.cluster.url, token(reached.cluster, "engineer")
    async with HttpDoor(url, engineer) as door:
        await door.request("GET", "/api/queue")
        reached.database.down = True
        reached.database.cut()
        try:
            for _ in range(9):
                with pytest.raises(Refused, match="unavailable"):
                    await door.request("GET", "/api/queue")
            with pytest.raises(ConnectRefused) as refused:
                await Client.connect(url, engineer, timeout=BOUND).__aenter__()
        finally:
            reached.database.down = False
        assert (refused.value.code, refused.value.status) == ("unavailable", 503)
        await door.request("GET", "/api/queue")
        async with Client.connect(url, engineer, timeout=BOUND) as client:
            await client.command("queue:join", {})


async def test_workers_do_not_outlive_a_killed_nginx(running: Cluster) -> None:
    """Whoever kills the master alone leaves its workers listening: they end with it all the same."""
    master = running.nginx.process
    assert master is not None
    os.kill(master.pid, signal.SIGKILL)
    await master.wait()
    try:
        await running.nginx.end()
        async with asyncio.timeout(BOUND):
            while await listening(running.url):  # noqa: ASYNC110  # they are nobody's children any more
                await asyncio.sleep(0.05)
    finally:
        await running.nginx.start()


async def listening(url: str) -> bool:
    try:
        _, writer = await asyncio.open_connection(urlsplit(url).hostname, urlsplit(url).port)
    except ConnectionRefusedError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


async def test_rolling_restart_fails_no_command(running: Cluster) -> None:
    """[L3] [A5] Each replica is told to stop and comes back, one after the other, while ten people work: whoever is
    sent away goes on elsewhere, where nginx finds room for all, and in the log each message stands once."""
    posted: list[str] = []
    refused: list[int] = []
    stop = asyncio.Event()
    told = 0

    async def work(client: Client, session_id: str) -> None:
        nonlocal told
        while not stop.is_set():
            message_id = str(uuid4())
            while True:
                try:
                    await post(client, session_id, message_id)
                    break
                except AckLost:
                    told += "server:draining" in names_of_signals(client)
                    refused.extend(await come_back(client))
            posted.append(message_id)

    async with asyncio.timeout(3 * BOUND), AsyncExitStack() as stack:
        roles: list[Role] = [*("engineer",) * 10, "viewer"]
        made = [Client.connect(running.url, token(running, role)) for role in roles]
        *clients, reader = [await stack.enter_async_context(each) for each in made]
        session_id = await open_session(clients[0])
        view = await reader.join_session(session_id, keep=100_000)
        working = [asyncio.create_task(work(client, session_id)) for client in clients]
        watching = asyncio.create_task(keep_up(reader, stop, refused))
        for replica in running.replicas:
            assert await replica.end() == 0
            await replica.start()
        stop.set()
        await asyncio.gather(*working, watching)
        if reader.closed.is_set():
            refused.extend(await come_back(reader))
        assert max(refused, default=0) < 500, "two replicas were always there"
        await view.until_seq(len(posted) + 1)
        without_a_hole(view, len(posted) + 1)
        assert sorted(event.data["message"]["id"] for event in view.events) == sorted(posted)
        assert told > 0, "nobody was sent away"


def names_of_signals(client: Client) -> set[str]:
    return {client.signals.get_nowait().name for _ in range(client.signals.qsize())}


async def keep_up(reader: Client, stop: asyncio.Event, refused: list[int]) -> None:
    while not stop.is_set():
        if reader.closed.is_set():
            refused.extend(await come_back(reader))
        await asyncio.sleep(0.05)
