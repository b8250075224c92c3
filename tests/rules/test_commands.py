"""What holds for every command: one ack, in order, named data. Each rule through real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID, uuid4

import pytest

from handlers import COMMANDS
from handlers.command import Caller, Command, Payload
from handlers.dispatch import Dispatch
from handlers.queue import Nothing
from store import enrichment
from store.models import Answer, Event, Json, Principal, Room
from tests.conftest import World, hand_off, open_session
from tests.rules.scenes import CATALOGUE, Data, Scene, Sql, acks, act, age, new_id, piled_up, rightful, send, set_scene
from tests.rules.wire import connected, event

NAMED: Mapping[str, set[str]] = {
    name: set(words.split())
    for name, words in {
        "session:create": "session",
        "session:list": "sessions next",
        "session:get": "session messages tasks handoffs",
        "session:join": "room epoch seq recovered snapshot",
        "session:leave": "room",
        "session:history": "messages next",
        "session:close": "session",
        "session:status_update": "context text handoff_id summary_prose",
        "typing": "",
        "presence:set": "",
        "message:post": "message",
        "task:add": "task",
        "task:update": "task",
        "handoff:create": "handoff",
        "handoff:claim": "handoff claim replayed",
        "handoff:release": "handoff",
        "handoff:reassign": "handoff",
        "handoff:resolve": "handoff",
        "handoff:withdraw": "handoff",
        "handoff:start": "handoff analysis",
        "handoff:tag": "handoff",
        "handoff:get": "handoff offered_package session messages tasks",
        "handoff:log": "events next",
        "queue:join": "room epoch seq recovered snapshot",
        "queue:leave": "room",
        "queue:get": "handoffs",
        "queue:metrics": "window created time_to_claim time_to_first_action time_to_resolve queue_wait_total sla"
        " abandonment conflicts rebound breakdown outcomes previous now targets people",
        "queue:metrics_handoffs": "handoffs next",
        "room:events": "room epoch seq events next",
        "me:get": "user account",
        "auth:renew": "token_expires_at",
    }.items()
}
"""The names of what each command's answer carries."""

TOLD: Mapping[str, set[str]] = {
    name: set(words.split())
    for name, words in {
        "session:created": "session",
        "session:closed": "session",
        "message:posted": "message",
        "task:added": "task",
        "task:updated": "task asked",
        "handoff:created": "handoff session note",
        "handoff:claimed": "handoff",
        "handoff:started": "handoff mode analysis",
        "handoff:enriched": "handoff session result",
        "handoff:released": "handoff note",
        "handoff:reassigned": "handoff note previous",
        "handoff:resolved": "handoff",
        "handoff:withdrawn": "handoff reason",
        "handoff:expired": "handoff",
        "handoff:cancelled": "handoff",
        "handoff:tagged": "handoff",
        "handoff:nudged": "handoff nudge",
        "handoff:resumed": "handoff",
    }.items()
}
"""The names of what each event carries."""


async def well(_: Caller, __: Payload) -> Answer:
    return Answer({})


async def raises(_: Caller, __: Payload) -> Answer:
    raise RuntimeError("a secret of the house")


async def answers_what_is_no_json(_: Caller, __: Payload) -> Answer:
    return Answer({"odd": object()})


async def waits_for_what_was_cancelled(_: Caller, __: Payload) -> Answer:
    gone: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    gone.cancel()
    return await gone


def plant(world: World, monkeypatch: pytest.MonkeyPatch, **handlers: Callable[..., Awaitable[Answer]]) -> None:
    """Serve these handlers too, each as the command `planted:` and its name."""
    planted = {f"planted:{name}": Command(f"planted:{name}", Nothing, handler) for name, handler in handlers.items()}
    monkeypatch.setattr(world.server.dispatch, "_commands", {**COMMANDS, **planted})


@pytest.mark.parametrize("handler", [raises, answers_what_is_no_json, waits_for_what_was_cancelled])
async def test_command_whose_handler_breaks_is_acked(
    world: World, monkeypatch: pytest.MonkeyPatch, handler: Callable[..., Awaitable[Answer]]
) -> None:
    """[A1] With `internal`, which says nothing but an id to look for; the connection goes on."""
    plant(world, monkeypatch, broken=handler, well=well)
    async with connected(world.url, world.token(world.person("engineer"))) as wire:
        for number, name in enumerate(("broken", "broken", "well"), 1):
            await wire.send(event(f"planted:{name}", {}, number))
        first, second, after = await acks(wire, 3)
    assert [first.id, second.id, after.id] == [1, 2, 3]
    assert after.data == {"ok": True, "data": {}}
    errors = [answer.data["error"] for answer in (first, second)]
    for error in errors:
        assert (error["code"], error["status"], set(error["details"])) == ("internal", 500, {"error_id"})
        assert "secret" not in json.dumps(error)
    assert len({error["details"]["error_id"] for error in errors}) == 2


async def test_command_of_a_caller_who_is_cancelled_is_carried_through(world: World) -> None:
    """[A5] Once it has begun: what it committed is published and counted."""
    begun, free, published, counted = asyncio.Event(), asyncio.Event(), list[Event](), list[str]()
    told = Event(Room(world.account_id, "session:1"), 1, "message:posted", Json("{}"))

    async def slow(_: Caller, __: Payload) -> Answer:
        begun.set()
        await free.wait()
        return Answer({}, (told,))

    async def publish(events: Sequence[Event]) -> None:
        published.extend(events)

    commands = {"slow": Command("slow", Nothing, slow)}
    dispatch = Dispatch(publish, commands=commands, observe=lambda _, result: counted.append(result))
    who = Principal(world.account_id, "Acme", uuid4(), "Ann", "engineer")
    waiting = asyncio.create_task(dispatch.shielded("slow", {}, Caller(who, world.server.db)))
    await begun.wait()
    waiting.cancel()
    ending = asyncio.create_task(dispatch.finish(10))
    await asyncio.sleep(0)
    assert not ending.done()
    free.set()
    await ending
    assert (published, counted) == ([told], ["ok"])
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_every_command_is_acked_exactly_once(world: World) -> None:
    """[A1] With a payload it takes and with what is none; anything but one object that fits is `invalid_payload`."""
    engineer, owner = await act(world, "engineer"), await act(world, "senior")
    for name in sorted(COMMANDS):
        await acked_exactly_once(await set_scene(world, CATALOGUE[name].standing, engineer, owner), name)


async def acked_exactly_once(scene: Scene, name: str) -> None:
    who = rightful(scene, name).who
    payload = CATALOGUE[name].payload(scene, who)
    no_objects: list[list[object]] = [
        [],
        [payload, payload],
        [[payload]],
        [None],
        ["text"],
        [7],
        [{**payload, "more": 1}],
    ]
    async with connected(scene.world.url, scene.world.token(who)) as wire:
        await wire.send(event("session:join", {"session_id": scene.session_id}, 1))
        for number, args in enumerate(no_objects, 2):
            await wire.send(f"42{number}{json.dumps([name, *args])}")
        last = len(no_objects) + 2
        await wire.send(event(name, payload, last))
        await wire.send(event("me:get", {}, last + 1))
        answers = await acks(wire, last + 1)
    assert [answer.id for answer in answers] == list(range(1, last + 2)), name
    assert [answer.data["ok"] for answer in answers] == [True, *[False] * len(no_objects), True, True], name
    for answer in answers[1:-2]:
        assert answer.data["error"]["code"] == "invalid_payload", name
        assert answer.data["error"]["details"]["fields"], name


async def test_command_that_does_not_exist_is_acked_exactly_once(world: World) -> None:
    """[A1] Also under a name that the library or the server uses itself."""
    names = ["handoff:steal", "", "connect", "disconnect", "message", "__disconnect_final", "hello", "presence", "*"]
    async with connected(world.url, world.token(world.person("engineer"))) as wire:
        for number, name in enumerate(names, 1):
            await wire.send(event(name, {}, number))
        await wire.send(event("me:get", {}, len(names) + 1))
        answers = await acks(wire, len(names) + 1)
    assert [answer.id for answer in answers] == list(range(1, len(names) + 2))
    assert [answer.data["error"]["code"] for answer in answers[:-1]] == ["unknown_command"] * len(names)


async def test_command_without_an_ack_id_takes_effect_and_is_not_acked(world: World) -> None:
    """[A1] Who asks for no answer gets none, and the next command's answer is its own."""
    who = world.person("engineer")
    session_id = await open_session(await world.client(who))
    message = {"session_id": session_id, "message_id": new_id(), "body": "Unasked", "kind": "note"}
    async with connected(world.url, world.token(who)) as wire:
        await wire.send(event("message:post", message))
        await wire.send(event("session:history", {"session_id": session_id}, 1))
        (history,) = await acks(wire, 1)
    assert [posted["id"] for posted in history.data["data"]["messages"]] == [message["message_id"]]


async def test_commands_of_a_connection_are_applied_and_acked_in_order(world: World) -> None:
    """[A4] Fifty sent without waiting: quick ones, slow ones and refused ones alike."""
    who = world.person("engineer")
    session_id = await open_session(await world.client(who))
    room = await (await world.client("viewer")).join_session(session_id)
    posted = []
    async with connected(world.url, world.token(who)) as wire:
        for number in range(1, 51):
            message = {"session_id": session_id, "message_id": new_id(), "body": f"{number}", "kind": "note"}
            match number % 5:
                case 0:
                    await wire.send(event("me:get", {}, number))
                case 1:
                    await wire.send(event("no:such", {}, number))
                case _:
                    posted.append(message["body"])
                    await wire.send(event("message:post", message, number))
        answers = await acks(wire, 50)
    assert [answer.id for answer in answers] == list(range(1, 51))
    assert [
        answer.data["data"]["message"]["body"] for answer in answers if "message" in answer.data.get("data", ())
    ] == posted
    assert [(await room.next("message:posted")).data["message"]["body"] for _ in posted] == posted


async def test_commands_may_build_on_those_sent_before(world: World) -> None:
    """[A4] A whole escalation, sent without waiting for one answer."""
    session_id, task_id, handoff_id = new_id(), new_id(), new_id()
    steps: list[tuple[str, Data]] = [
        ("session:create", {"session_id": session_id, "title": "VPN", "client_name": "Harbor", "problem": "Drops"}),
        ("task:add", {"session_id": session_id, "task_id": task_id, "title": "Ping"}),
        ("task:update", {"session_id": session_id, "task_id": task_id, "version": 1, "state": "doing"}),
        ("task:update", {"session_id": session_id, "task_id": task_id, "version": 2, "state": "done"}),
        (
            "handoff:create",
            {"handoff_id": handoff_id, "session_id": session_id, "severity": "low", "reason": "risk", "ask": "Look"},
        ),
        ("handoff:withdraw", {"handoff_id": handoff_id, "reason": "solved_self"}),
        ("session:close", {"session_id": session_id, "resolution": "New firmware"}),
    ]
    async with connected(world.url, world.token(world.person("engineer"))) as wire:
        for number, (name, payload) in enumerate(steps, 1):
            await wire.send(event(name, payload, number))
        answers = await acks(wire, len(steps))
    assert [answer.data["ok"] for answer in answers] == [True] * len(steps)


async def test_command_waits_for_the_one_before_it(world: World, sql: Sql) -> None:
    """[A4] One that is held up in the database is not overtaken by one that needs nothing from there."""
    engineer, senior = await world.client("engineer"), world.person("senior")
    handoff = await hand_off(engineer)
    async with connected(world.url, world.token(senior)) as wire:
        async with sql.transaction():
            await sql.execute("SELECT FROM handoffs FOR UPDATE")
            await wire.send(event("handoff:claim", {"handoff_id": handoff["id"], "claim_id": new_id()}, 1))
            await wire.send(event("no:such", {}, 2))
            await piled_up(sql, 1)
            # Another connection is not held up, and by its answer the one above was long received.
            await engineer.command("me:get", {})
        assert [answer.id for answer in await acks(wire, 2)] == [1, 2]


async def test_snapshots_name_what_they_carry(world: World) -> None:
    """[A8] The session's and the queue's, and where both say what has been missed."""
    engineer, senior = await act(world, "engineer"), await act(world, "senior")
    scene = await set_scene(world, "queued", engineer, senior)
    room, queue = await senior.socket.join_session(scene.session_id), await senior.socket.join_queue()
    assert room.snapshot is not None
    assert queue.snapshot is not None
    assert set(room.snapshot) == {"session", "messages", "tasks", "handoffs", "members"}
    assert [len(room.snapshot[part]) for part in ("messages", "tasks", "handoffs", "members")] == [1, 1, 1, 1]
    assert room.snapshot["session"]["escalation_package"]["handoff_id"] == scene.handoff_id
    assert set(queue.snapshot) == {"handoffs"}
    resumed = {"session_id": scene.session_id, "after": room.seq, "epoch": room.epoch}
    again = await (await world.client("senior")).command("session:join", resumed)
    assert set(again) == {"room", "epoch", "seq", "recovered", "events"}


async def test_answers_and_events_name_what_they_carry(world: World, sql: Sql) -> None:
    """[A8] For each command of the table and each event of the log; a new one has to be written down here."""
    engineer, owner = await act(world, "engineer"), await act(world, "senior")
    answers: dict[str, set[str]] = {}
    for name in sorted(COMMANDS):
        entry = CATALOGUE[name]
        scene = await set_scene(world, entry.standing, engineer, owner)
        sender = rightful(scene, name)
        if entry.joined:
            await sender.socket.join_session(scene.session_id)
        answers[name] = set(await send(sender.socket, name, entry.payload(scene, sender.who)))
    assert answers == NAMED
    scene = await set_scene(world, "queued", engineer, owner)
    await sql.execute("UPDATE handoffs SET expires_at = now() WHERE id = $1", scene.handoff_id)
    await hand_off(engineer.socket, scene.session_id)
    await engineer.socket.command("session:close", {"session_id": scene.session_id, "resolution": "Solved"})
    scene = await set_scene(world, "claimed", engineer, owner)
    for _ in range(2):
        await age(sql, scene.handoff_id, 30)
        await world.server.sweep()
    await owner.socket.command(
        "message:post", CATALOGUE["message:post"].payload(scene, owner.who) | {"fencing_token": scene.fencing_token}
    )
    await world.server.sweep()
    await sql.execute("UPDATE handoffs SET enrich_at = now() WHERE id = $1", scene.handoff_id)
    taken = await enrichment.take(world.server.db, world.account_id, UUID(scene.handoff_id))
    assert taken is not None
    await enrichment.give_up(world.server.db, taken)
    told = await sql.fetch("SELECT DISTINCT type, ARRAY(SELECT jsonb_object_keys(data)) AS names FROM events")
    assert {row["type"]: set(row["names"]) for row in told} == TOLD
    assert len(told) == len(TOLD)
