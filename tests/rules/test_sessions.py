"""Sessions: making, listing, reading and closing them, and the status update, each rule through real sockets."""

from __future__ import annotations

import asyncio

import pytest

from loadtest.client import Client
from tests.conftest import World, hand_off, open_session
from tests.rules.scenes import Data, Sql, act, imprint, new_id, refused, set_scene

SESSION = {
    "id",
    "title",
    "client_name",
    "problem",
    "status",
    "resolution",
    "created_by",
    "created_at",
    "closed_by",
    "closed_at",
    "escalation_package",
}
MESSAGE = {"id", "session_id", "seq", "author", "kind", "body", "at"}


def waiting(client: Client) -> set[str]:
    """The names of the signals that came and were not asked for; they are gone then."""
    return {client.signals.get_nowait().name for _ in range(client.signals.qsize())}


async def test_session_create_is_told_as_it_was_answered(world: World) -> None:
    """[S] The whole view, in the answer, the log and the snapshot; it is the first event of its room."""
    engineer = await world.client("engineer", "Eve")
    fields = {"session_id": new_id(), "title": "Wi-Fi", "client_name": "Harbor", "problem": "Drops\nat noon"}
    session = (await engineer.command("session:create", fields))["session"]
    assert set(session) == SESSION
    by = {"id": engineer.hello.user.id, "name": "Eve"}
    assert session == session | {
        "id": fields["session_id"],
        "title": "Wi-Fi",
        "client_name": "Harbor",
        "problem": "Drops\nat noon",
        "status": "open",
        "created_by": by,
        **dict.fromkeys(("resolution", "closed_by", "closed_at", "escalation_package")),
    }
    told = await engineer.command("room:events", {"kind": "session", "id": fields["session_id"]})
    (created,) = told["events"]
    assert (created["seq"], created["type"], created["actor"]) == (1, "session:created", by)
    assert (created["at"], created["data"]) == (session["created_at"], {"session": session})
    state = await engineer.command("session:get", {"session_id": fields["session_id"]})
    assert state == {"session": session, "messages": [], "tasks": [], "handoffs": []}


async def test_session_list_is_paged_from_the_newest(world: World, sql: Sql) -> None:
    """[A8] `next` is the `before` of the following page, null on the last one, also among equal times."""
    engineer = await world.client("engineer")
    ids = [await open_session(engineer) for _ in range(7)]
    await sql.execute("UPDATE sessions SET created_at = '2026-01-01' WHERE id = ANY ($1)", ids[:4])
    expected = [*reversed(ids[4:]), *sorted(ids[:4], reverse=True)]
    for limit in (1, 2, 3, 7, 50):
        listed: list[str] = []
        cursor: Data = {}
        while True:
            page = await engineer.command("session:list", {"limit": limit, **cursor})
            assert len(page["sessions"]) <= limit
            listed += [session["id"] for session in page["sessions"]]
            if page["next"] is None:
                break
            assert page["next"] == listed[-1]
            cursor = {"before": page["next"]}
        assert listed == expected
    for payload in ({"limit": 0}, {"limit": 201}, {"limit": "7"}):
        told = await refused(engineer.command("session:list", payload))
        assert told.code == "invalid_payload"


async def test_session_list_tells_open_from_closed_and_mine_from_all(world: World) -> None:
    """[A9] Of the whole account; `mine` are those that the caller made."""
    engineer, colleague, viewer = [await world.client(role) for role in ("engineer", "engineer", "viewer")]
    mine, closed, other = await open_session(engineer), await open_session(engineer), await open_session(colleague)
    await colleague.command("session:close", {"session_id": closed, "resolution": "Rebooted"})

    async def listed(**filters: object) -> list[str]:
        answer = await engineer.command("session:list", filters)
        return [session["id"] for session in answer["sessions"]]

    assert await listed() == [other, closed, mine]
    assert await listed(status="open") == [other, mine]
    assert await listed(status="closed") == [closed]
    assert await listed(mine=True) == [closed, mine]
    assert await listed(mine=True, status="open") == [mine]
    assert await listed(status="open", before=other) == [mine]
    assert (await viewer.command("session:list", {"mine": True})) == {"sessions": [], "next": None}
    assert len((await viewer.command("session:list", {}))["sessions"]) == 3


async def test_session_history_goes_on_where_the_snapshot_ends(world: World) -> None:
    """[A8] The newest 200 in the snapshot, older ones page by page, each page in the order they were posted."""
    engineer = await world.client("engineer")
    session_id = await open_session(engineer)
    notes = [
        {"session_id": session_id, "message_id": new_id(), "body": f"Note {n}", "kind": "note"} for n in range(207)
    ]
    posted = await asyncio.gather(*(engineer.command("message:post", note) for note in notes))
    messages = [answer["message"] for answer in posted]
    assert set(messages[0]) == MESSAGE
    room = await engineer.join_session(session_id)
    assert room.snapshot is not None
    assert room.snapshot["messages"] == messages[7:]
    at = {"session_id": session_id}
    for cursor in ("id", "seq"):
        older = await engineer.command("session:history", {**at, "before": messages[7][cursor], "limit": 5})
        assert older == {"messages": messages[2:7], "next": messages[2]["id"]}
        oldest_page = await engineer.command("session:history", {**at, "before": older["next"], "limit": 5})
        assert oldest_page == {"messages": messages[:2], "next": None}
    assert await engineer.command("session:history", at) == {"messages": messages[7:], "next": messages[7]["id"]}
    exact = await engineer.command("session:history", {**at, "before": messages[5]["id"], "limit": 5})
    assert exact == {"messages": messages[:5], "next": None}


async def test_session_history_knows_only_its_own_session_s_messages(world: World) -> None:
    """[A6] A message of another session is no cursor here, and a session that is not there is `not_found`."""
    engineer, senior = await act(world, "engineer"), await act(world, "senior")
    here, there = [await set_scene(world, "open", engineer, senior) for _ in range(2)]
    (foreign,) = (await engineer.socket.command("session:history", {"session_id": there.session_id}))["messages"]
    page = {"session_id": here.session_id, "before": foreign["id"]}
    assert (await engineer.socket.command("session:history", page)) == {"messages": [], "next": None}
    assert (await refused(engineer.socket.command("session:history", {"session_id": new_id()}))).code == "not_found"


async def test_session_close_ends_the_work(world: World, sql: Sql) -> None:
    """[H9] By whom, when and how is in the view; from then on every write into it is `closed`, told the same."""
    engineer, senior = await act(world, "engineer"), await act(world, "senior", "Ada")
    scene = await set_scene(world, "open", engineer, senior)
    room, at = await engineer.socket.join_session(scene.session_id), {"session_id": scene.session_id}
    session = (await senior.socket.command("session:close", {**at, "resolution": "New toner"}))["session"]
    closed = await room.next()
    by = {"id": str(senior.who.user_id), "name": "Ada"}
    assert (closed.type, closed.data) == ("session:closed", {"session": session})
    assert [session[field] for field in ("status", "resolution", "closed_by", "closed_at")] == [
        "closed",
        "New toner",
        by,
        closed.at,
    ]
    before = await imprint(sql)
    writes: dict[str, Data] = {
        "message:post": {"message_id": new_id(), "body": "One more", "kind": "note"},
        "task:add": {"task_id": new_id(), "title": "One more"},
        "task:update": {"task_id": scene.task_id, "version": 1, "state": "done"},
        "session:close": {"resolution": "Another one"},
    }
    for name, fields in writes.items():
        told = await refused(engineer.socket.command(name, {**at, **fields}))
        assert told.code == "closed"
        assert told.details == {"status": "closed", "at": closed.at, "by": by, "outcome": None}
    assert await imprint(sql) == before


async def test_escalation_package_names_the_handoff_from_its_first_moment(world: World) -> None:
    """[S2] In the event that tells the handoff, in the snapshot of any moment since, and for a further try anew."""
    engineer, senior = await world.client("engineer"), await world.client("senior")
    session_id = await open_session(engineer)
    room = await senior.join_session(session_id)
    for _ in range(2):
        handoff = await hand_off(engineer, session_id)
        created = await room.next("handoff:created")
        told = [created.data["session"], room.folded()["session"]]
        told.append((await senior.command("session:get", {"session_id": session_id}))["session"])
        told.append((await senior.command("handoff:get", {"handoff_id": handoff["id"]}))["session"])
        told.append((await senior.command("session:list", {}))["sessions"][0])
        for session in told:
            package = session["escalation_package"]
            assert package["handoff_id"] == handoff["id"]
            for field in ("attempt_no", "severity", "reason", "ask", "summary_prose", "confidence", "created_at"):
                assert package[field] == handoff[field]
        await engineer.command("handoff:withdraw", {"handoff_id": handoff["id"], "reason": "mistake"})


async def test_status_update_answers_the_saved_prose(world: World, sql: Sql) -> None:
    """[S3] That of the newest handoff, word for word, at every stage, and nothing is generated or written."""
    engineer, senior = await act(world, "engineer"), await act(world, "senior")
    scene = await set_scene(world, "queued", engineer, senior)
    handoff = (await engineer.socket.command("handoff:get", {"handoff_id": scene.handoff_id}))["handoff"]
    saved = "Saved on Monday. Not what anyone would write today."
    await sql.execute("UPDATE handoffs SET package = jsonb_set(package, '{prose}', to_jsonb($1::text))", saved)
    update = {"session_id": scene.session_id, "context": "escalation"}
    before = await imprint(sql)
    for actor in (engineer, senior, await act(world, "viewer")):
        answer = await actor.socket.command("session:status_update", update)
        about = {"context": "escalation", "text": saved}
        assert answer == {**about, "handoff_id": scene.handoff_id, "summary_prose": saved}
    assert await imprint(sql) == before
    await engineer.socket.command("handoff:withdraw", {"handoff_id": scene.handoff_id, "reason": "mistake"})
    assert (await senior.socket.command("session:status_update", update))["summary_prose"] == saved
    again = await hand_off(engineer.socket, scene.session_id)
    answer = await senior.socket.command("session:status_update", update)
    assert (answer["handoff_id"], answer["summary_prose"]) == (again["id"], again["summary_prose"])
    assert handoff["summary_prose"]


async def test_status_update_of_what_was_never_handed_off_is_not_found(world: World) -> None:
    """[S3] There is no saved prose; and no context that nobody knows is served."""
    engineer = await world.client("engineer")
    session_id = await open_session(engineer)
    at = {"session_id": session_id}
    told = await refused(engineer.command("session:status_update", {**at, "context": "escalation"}))
    assert told.code == "not_found"
    told = await refused(engineer.command("session:status_update", {**at, "context": "press"}))
    assert told.code == "invalid_payload"


async def test_typing_is_told_to_the_room_and_kept_nowhere(world: World, sql: Sql) -> None:
    """[S] A signal to all who are in the room, and to nobody else: no number, not in the log."""
    engineer, onlooker, outsider = [await world.client(role, "Eve") for role in ("engineer", "viewer", "senior")]
    session_id, other_id = await open_session(engineer), await open_session(engineer)
    await outsider.join_session(other_id)
    room = await onlooker.join_session(session_id)
    await engineer.join_session(session_id)
    before = await imprint(sql)
    for typing in (True, False):
        assert await engineer.command("typing", {"session_id": session_id, "typing": typing}) == {}
        signal = await onlooker.signal("typing")
        assert signal.data == {
            "room": room.name,
            "session_id": session_id,
            "user": {"id": engineer.hello.user.id, "name": "Eve"},
            "typing": typing,
        }
    assert await imprint(sql) == before
    note = {"session_id": session_id, "message_id": new_id(), "body": "Here it is", "kind": "note"}
    posted = (await engineer.command("message:post", note))["message"]
    assert (await room.next()).seq == posted["seq"] == 2
    # The signal, had it been sent to this one too, would be here by now.
    await outsider.command("me:get", {})
    assert "typing" not in waiting(outsider)


async def test_typing_is_for_who_joined(world: World) -> None:
    """[S] From outside a room nothing is told into it; a room that was left is outside again."""
    engineer, onlooker = await world.client("engineer"), await world.client("senior")
    session_id = await open_session(engineer)
    await onlooker.join_session(session_id)
    typing = {"session_id": session_id, "typing": True}
    assert (await refused(engineer.command("typing", typing))).code == "not_found"
    room = await engineer.join_session(session_id)
    await engineer.command("typing", typing)
    assert (await onlooker.signal("typing")).data["typing"] is True
    await room.leave()
    assert (await refused(engineer.command("typing", typing))).code == "not_found"
    await onlooker.command("me:get", {})
    assert "typing" not in waiting(onlooker)


@pytest.mark.parametrize("kind", ["note", "assistant", "client", "system"])
async def test_message_is_told_as_it_was_posted(world: World, kind: str) -> None:
    """[S] Each kind, with any text that is one; its number is that of the event which told it."""
    engineer = await world.client("engineer", "Eve")
    session_id = await open_session(engineer)
    room = await engineer.join_session(session_id)
    body = " Zeile\n\t“日本語” 👩‍🔧 \\u0000 <b>&amp;</b> "
    note = {"session_id": session_id, "message_id": new_id(), "body": body, "kind": kind}
    message = (await engineer.command("message:post", note))["message"]
    posted = await room.next("message:posted")
    assert posted.data == {"message": message}
    assert message == {
        "id": note["message_id"],
        "session_id": session_id,
        "seq": posted.seq,
        "author": {"id": engineer.hello.user.id, "name": "Eve"},
        "kind": kind,
        "body": body,
        "at": posted.at,
    }


@pytest.mark.parametrize("body", ["", " \n\t ", "nul\x00", "x" * 32_001])
async def test_message_without_a_text_is_invalid(world: World, sql: Sql, body: str) -> None:
    """[A3] Blank, too long, or with the one character that no text in the database can have."""
    engineer = await world.client("engineer")
    session_id = await open_session(engineer)
    before = await imprint(sql)
    note = {"session_id": session_id, "message_id": new_id(), "body": body, "kind": "note"}
    told = await refused(engineer.command("message:post", note))
    assert (told.code, [field["loc"] for field in told.details["fields"]]) == ("invalid_payload", [["body"]])
    assert await imprint(sql) == before
