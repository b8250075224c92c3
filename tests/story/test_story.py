"""One handoff from the first message to the closed session, on stock clients against the demo."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from server.demo_story import DEMO_PASSWORD
from tests.conftest import MakeWorld, open_session
from tests.story.conftest import Demo
from tests.story.people import CLIENTS, WEBSOCKET, Client, Data, NotConnected, Person, person

pytestmark = pytest.mark.usefixtures("node_modules")

JUNIOR = "engineer@resolutionflow.example.com"
SENIORS = ("teamadmin@resolutionflow.example.com", "senior@resolutionflow.example.com")


def new_id() -> str:
    return str(uuid4())


@asynccontextmanager
async def connected(demo: Demo, client: Client, email: str) -> AsyncIterator[Person]:
    async with person(client, demo.url) as somebody:
        await somebody.sign_in(email, DEMO_PASSWORD)
        await somebody.connect(**WEBSOCKET)
        hello = await somebody.hears("hello")
        assert hello["protocol"] == 1
        assert hello["user"] == somebody.user
        yield somebody


async def troubleshoot(junior: Person) -> str:
    """The junior opens a session, sees all of it, and gets stuck."""
    session_id = new_id()
    opened = await junior.do(
        "session:create",
        session_id=session_id,
        title="Label printers offline since the switch was replaced",
        client_name="Harbor Dental",
        problem="Two label printers cannot be reached, everything else on that switch works",
    )
    assert opened["session"]["status"] == "open"
    joined = await junior.join("session:join", session_id=session_id)
    assert (joined["room"], joined["seq"], joined["recovered"]) == (f"session:{session_id}", 1, False)
    said = (("client", "Both printers show no network cable"), ("note", "Link lights on ports 7 and 8 are dark"))
    for kind, body in said:
        await junior.do("message:post", session_id=session_id, message_id=new_id(), kind=kind, body=body)
    tasks = [new_id(), new_id()]
    for task_id, title in zip(tasks, ("Swap the patch cables", "Set the ports to 100 Mbit/s"), strict=True):
        await junior.do("task:add", session_id=session_id, task_id=task_id, title=title)
    moved = await junior.do(
        "task:update", session_id=session_id, task_id=tasks[0], version=1, state="failed", result="Lights stay dark"
    )
    assert moved["task"]["version"] == 2
    await junior.hears("task:updated", room=joined["room"])
    return session_id


async def escalate(junior: Person, seniors: list[Person], session_id: str) -> str:
    """Who waits at the queue sees the handoff come; the junior's own queue leaves it out."""
    queue = await junior.join("queue:join")
    assert all(handoff["handed_off_by"]["id"] != junior.user["id"] for handoff in queue["snapshot"]["handoffs"])
    for senior in seniors:
        waiting = (await senior.join("queue:join"))["snapshot"]["handoffs"]
        assert any(handoff["handed_off_by"]["id"] == junior.user["id"] for handoff in waiting)
    created = await junior.do(
        "handoff:create",
        handoff_id=new_id(),
        session_id=session_id,
        severity="high",
        reason="no_access",
        ask="Which speed do ports 7 and 8 run at?",
    )
    handoff_id: str = created["handoff"]["id"]
    for senior in seniors:
        seen = await senior.hears("handoff:created", room=queue["room"], handoff=created["handoff"])
        assert seen["actor"]["id"] == junior.user["id"]
        assert seen["data"]["handoff"]["handed_off_by_name"] == junior.user["name"]
        listed = (await senior.do("queue:get"))["handoffs"]
        assert created["handoff"] in listed
    await junior.hears("handoff:created", room=queue["room"], handoff=created["handoff"])
    again = await junior.do("queue:join")
    assert handoff_id not in {handoff["id"] for handoff in again["snapshot"]["handoffs"]}
    session = (await junior.http("GET", f"/api/sessions/{session_id}"))["session"]
    assert session["escalation_package"]["handoff_id"] == handoff_id
    return handoff_id


async def race(demo: Demo, seniors: list[Person], handoff_id: str) -> tuple[Person, int, Person]:
    """Both claim at once, held at a barrier in PostgreSQL; the winner, its fencing token, and the loser."""
    async with AsyncExitStack() as connections:
        holder, watcher = [await connections.enter_async_context(looking_into(demo.data_dir)) for _ in range(2)]
        async with asyncio.timeout(10), holder.transaction():
            await holder.execute("SELECT FROM handoffs WHERE id = $1 FOR UPDATE", handoff_id)
            claims = [
                asyncio.create_task(senior.send("handoff:claim", {"handoff_id": handoff_id, "claim_id": new_id()}))
                for senior in seniors
            ]
            while await watcher.fetchval("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted") < len(claims):
                pass
    acks = await asyncio.gather(*claims)
    assert sorted(ack["ok"] for ack in acks) == [False, True]
    winner, loser = sorted(seniors, key=lambda senior: not acks[seniors.index(senior)]["ok"])
    won, lost = (acks[seniors.index(senior)] for senior in (winner, loser))
    assert won["data"]["replayed"] is False
    assert won["data"]["handoff"]["claimed_by"]["id"] == winner.user["id"]
    assert lost["error"]["code"] == "already_claimed"
    details = lost["error"]["details"]
    assert details["claimed_by"] == {"id": winner.user["id"], "name": winner.user["name"]}
    assert details["claimed_at"] == won["data"]["handoff"]["claimed_at"]
    assert details["lost_by_ms"] >= 0
    assert details["next"]["status"] == "queued"
    assert details["next"]["handed_off_by"]["id"] != loser.user["id"]
    return winner, won["data"]["claim"]["fencing_token"], loser


@asynccontextmanager
async def looking_into(data_dir: Path) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """A connection to the demo's own database."""
    pid_file = (data_dir / "demo" / "postgres" / "postmaster.pid").read_text().splitlines()
    connection = await asyncpg.connect(
        host=pid_file[4], port=int(pid_file[3]), user="postgres", database="resolutionflow"
    )
    try:
        yield connection
    finally:
        await connection.close()


async def take_over(winner: Person, loser: Person, session_id: str, handoff_id: str, token: int) -> None:
    """The winner reads what is known, goes on where the junior stopped, and resolves."""
    room, (queue,) = f"session:{session_id}", winner.joined.values()
    joined = await winner.join("session:join", session_id=session_id, after=0, epoch=queue["epoch"])
    assert (joined["room"], joined["recovered"]) == (room, True)
    screen = await winner.do("handoff:get", handoff_id=handoff_id)
    assert screen["handoff"]["claimed_by"]["id"] == winner.user["id"]
    assert [message["kind"] for message in screen["messages"]] == ["client", "note"]
    assert [(task["state"], task["result"]) for task in screen["tasks"]] == [
        ("failed", "Lights stay dark"),
        ("todo", None),
    ]
    assert screen["handoff"]["package"]["steps_tried"][0]["result"] == "Lights stay dark"
    prose = await winner.do("session:status_update", session_id=session_id, context="escalation")
    assert prose["summary_prose"] == screen["handoff"]["summary_prose"] != ""
    await winner.do("handoff:start", handoff_id=handoff_id, fencing_token=token, mode="continue")
    work = {"session_id": session_id, "fencing_token": token}
    note = {"kind": "note", "body": "They were fixed to 1 Gbit/s, these printers speak 100 Mbit/s"}
    refusal = await loser.refused("message:post", **work, message_id=new_id(), **note)
    assert refusal["code"] == "not_owner"
    await winner.do("message:post", **work, message_id=new_id(), **note)
    lane = screen["tasks"][1]
    await winner.do(
        "task:update", **work, task_id=lane["id"], version=lane["version"], state="done", result="Both printers online"
    )
    await winner.do(
        "handoff:resolve", handoff_id=handoff_id, fencing_token=token, outcome="fixed_by_senior", note="Port speed set"
    )


async def log_of(somebody: Person, kind: str, room_id: str) -> list[Data]:
    """The whole log of a room as the HTTP door gives it."""
    events: list[Data] = []
    after: int | None = 0
    while after is not None:
        page = await somebody.http("GET", f"/api/rooms/{kind}/{room_id}/events?after={after}")
        events += page["events"]
        after = page["next"]
    return events


async def compare(people: list[Person], log: list[Data]) -> None:
    """Each heard exactly what the log holds after what its join told: the same events, in order, each once."""
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
    room = log[0]["room"]
    for somebody in people:
        await somebody.hears(log[-1]["type"], room=room, seq=log[-1]["seq"])
        # Whatever was on its way stands before this answer.
        kind, _, name = room.partition(":")
        await somebody.do("queue:leave") if kind == "escalations" else await somebody.do(
            "session:leave", session_id=name
        )
        assert somebody.record(room) == log[somebody.joined[room]["after"] :]


@pytest.mark.parametrize(
    "cast",
    [
        pytest.param(("javascript", "javascript", "javascript"), id="javascript"),
        pytest.param(("python", "python", "python"), id="python"),
        pytest.param(("javascript", "javascript", "python"), id="mixed"),
    ],
)
async def test_handoff_is_claimed_once_and_told_to_everyone(demo: Demo, cast: tuple[Client, Client, Client]) -> None:
    """[H1] The loser learns who won [H3], the owner works under its token [S4], every log is heard as it is [R4]."""
    await play(demo, cast, replicas=1)


async def test_handoff_is_claimed_once_over_replicas_behind_nginx(demo_of_replicas: Demo) -> None:
    """[H1] [H3] [R4] [S4] The same story, each of the three on another replica, without stickiness."""
    await play(demo_of_replicas, ("javascript", "javascript", "javascript"), replicas=3)


async def play(demo: Demo, cast: tuple[Client, Client, Client], *, replicas: int) -> None:
    async with AsyncExitStack() as doors:
        junior, *seniors = [
            await doors.enter_async_context(connected(demo, client, email))
            for client, email in zip(cast, (JUNIOR, *SENIORS), strict=True)
        ]
        assert len({(await one.hears("hello"))["replica"] for one in (junior, *seniors)}) == replicas
        session_id = await troubleshoot(junior)
        handoff_id = await escalate(junior, seniors, session_id)
        winner, token, loser = await race(demo, seniors, handoff_id)
        room = f"session:{session_id}"
        claimed = await junior.hears("handoff:claimed", room=room)
        assert claimed["data"]["handoff"]["claimed_by"]["id"] == winner.user["id"]
        await take_over(winner, loser, session_id, handoff_id, token)
        assert (await junior.hears("handoff:started", room=room))["data"]["mode"] == "continue"
        resolved = await junior.hears("handoff:resolved", room=room)
        assert resolved["data"]["handoff"]["outcome"] == "fixed_by_senior"
        await junior.do("session:close", session_id=session_id, resolution="Port speed of the printers fixed")
        closed = await winner.hears("session:closed", room=room)
        assert closed["data"]["session"]["status"] == "closed"
        log = await log_of(junior, "session", session_id)
        assert [event["type"] for event in log] == [
            *("session:created", "message:posted", "message:posted", "task:added", "task:added", "task:updated"),
            *("handoff:created", "handoff:claimed", "handoff:started", "message:posted", "task:updated"),
            *("handoff:resolved", "session:closed"),
        ]
        await compare([junior, winner], log)
        account_id = next(room for room in junior.joined if room.startswith("escalations:")).partition(":")[2]
        await compare([junior, *seniors], await log_of(loser, "escalations", account_id))


@pytest.mark.parametrize("client", CLIENTS)
async def test_connect_with_default_options_is_refused_cleanly(demo: Demo, client: Client) -> None:
    """[T1] They begin with long-polling, which is off: an error at once, and the same client may then do better."""
    async with person(client, demo.url) as somebody:
        await somebody.sign_in(JUNIOR, DEMO_PASSWORD)
        with pytest.raises(NotConnected, match="400"):
            await somebody.connect()
        await somebody.connect(**WEBSOCKET)
        await somebody.hears("hello")


async def test_connect_with_all_transports_ends_up_on_websocket(demo: Demo) -> None:
    """[T1] The refusal of long-polling is one that the stock client's own fallback understands."""
    async with person("javascript", demo.url) as somebody:
        await somebody.sign_in(JUNIOR, DEMO_PASSWORD)
        await somebody.connect(tryAllTransports=True)
        assert (await somebody.hears("hello"))["user"] == somebody.user


@pytest.mark.parametrize("transports", [["polling", "websocket"], ["polling"], ["websocket"]], ids="-then-".join)
@pytest.mark.parametrize("client", CLIENTS)
async def test_every_event_comes_once_and_in_order(
    make_world: MakeWorld, client: Client, transports: list[str]
) -> None:
    """[R4] [T1] To stock clients, whatever they come by; also while they change from one transport to the other."""
    async with make_world(transports=("websocket", "polling")) as world, person(client, world.url) as somebody:
        writer = await world.client("engineer")
        session_id = await open_session(writer)
        stop = asyncio.Event()

        async def write() -> int:
            for number in count(1):
                note = {"session_id": session_id, "message_id": new_id(), "kind": "note", "body": f"Note {number}"}
                await writer.command("message:post", note)
                if stop.is_set():
                    return number
                await asyncio.sleep(0.006)  # within its pace (L1)
            raise AssertionError

        writing = asyncio.create_task(write())
        somebody.token = world.token(world.person("engineer"))
        await somebody.connect(transports=transports)
        room = (await somebody.join("session:join", session_id=session_id))["room"]
        first = somebody.joined[room]["after"]
        while len(somebody.record(room)) < 100:  # noqa: ASYNC110  # it is told by nobody
            await asyncio.sleep(0.01)
        stop.set()
        last = 1 + await writing
        await somebody.hears("message:posted", seq=last)
        heard = [data["seq"] for name, data in somebody.heard if name == "message:posted"]
        assert heard == list(range(first + 1, last + 1))


@pytest.mark.parametrize("client", CLIENTS)
async def test_connect_without_a_valid_token_is_refused(demo: Demo, client: Client) -> None:
    """[T4] The code stands in the data of the error."""
    async with person(client, demo.url) as somebody:
        somebody.token = "made up"
        with pytest.raises(NotConnected) as refused:
            await somebody.connect(**WEBSOCKET)
        assert refused.value.data == {"code": "unauthorized", "status": 401}
        assert refused.value.message != ""
