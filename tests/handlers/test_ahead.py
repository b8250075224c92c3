"""What is posted is read soon after, one after the other."""

from __future__ import annotations

import asyncio

import pytest

from handlers import ahead
from handlers.ahead import ReadAhead
from handlers.reading import Reading, Voice
from store.models import TaskState
from tests.conftest import MakeWorld, open_session
from tests.rules.scenes import new_id

Read = list[tuple[Voice, str, str, TaskState | None]]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Read:
    found: Read = []
    """Of these tests alone: servers of earlier ones may still be reading."""

    def reading_of(voice: Voice, text: str, title: str = "", state: TaskState | None = None) -> Reading:
        if "quokka" in text:
            found.append((voice, text, title, state))
        return Reading()

    monkeypatch.setattr(ahead, "reading_of", reading_of)
    return found


async def until(read: Read, count: int) -> None:
    async with asyncio.timeout(5):
        while len(read) < count:  # noqa: ASYNC110  # it is told by nobody
            await asyncio.sleep(0)


async def test_texts_are_read_in_their_order_and_not_at_once(read: Read) -> None:
    """Without secrets, as the package reads them; of very many the latest."""
    read_ahead = ReadAhead(most=2)
    for number in range(3):
        read_ahead("note", f"The password of quokka{number} is Hunter{number}!x")
    assert read == []
    await until(read, 2)
    assert read == [("note", f"The password of quokka{number} is [redacted]", "", None) for number in (1, 2)]
    read_ahead("note", "A pasted log of quokka. " * 200)  # it would take long, for one turn
    read_ahead("client", "Thanks, quokka")
    await until(read, 3)
    assert read[-1] == ("client", "Thanks, quokka", "", None)


async def test_a_text_that_cannot_be_read_does_not_end_reading(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes after it is."""
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    monkeypatch.setattr(ahead, "redact", lambda text: text if "bad" not in text else 1 / 0)
    read_ahead = ReadAhead()
    for text in ("bad quokka", "good quokka"):
        read_ahead("note", text)
    await until(read, 1)
    asyncio.get_running_loop().set_exception_handler(None)
    assert read == [("note", "good quokka", "", None)]


async def test_messages_and_results_of_tasks_are_read_once_posted(make_world: MakeWorld, read: Read) -> None:
    """So that `handoff:create` finds them read."""
    async with make_world() as world:
        engineer = await world.client("engineer")
        session = {"session_id": await open_session(engineer)}
        note = session | {"message_id": new_id(), "kind": "note", "body": "The quokka hangs"}
        await engineer.command("message:post", note)
        task = session | {"task_id": new_id()}
        added = await engineer.command("task:add", task | {"title": "Restart it"})
        done = {"state": "done", "result": "No quokka", "version": added["task"]["version"]}
        await engineer.command("task:update", task | done)
        await until(read, 2)
    assert read == [("note", "The quokka hangs", "", None), ("task", "No quokka", "Restart it", "done")]


async def test_a_long_session_that_nobody_read_is_read_while_others_work(
    make_world: MakeWorld, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each source once, and between any two of them others have a turn where reading takes long."""
    monkeypatch.setattr(ahead, "SLICE", 0)
    async with make_world() as world:
        engineer = await world.client("engineer")
        session_id = await open_session(engineer)
        for number in range(5):
            note = {"session_id": session_id, "message_id": new_id(), "kind": "note", "body": f"quokka {number}"}
            await engineer.command("message:post", note)
        await until(read, 5)
        read.clear()
        turns: list[int] = []

        async def others() -> None:
            while len(read) < 5:
                turns.append(len(read))
                await asyncio.sleep(0)

        working = asyncio.create_task(others())
        await engineer.command("session:status_update", {"session_id": session_id, "context": "internal"})
        await working
    assert [text for _, text, _, _ in read] == [f"quokka {number}" for number in range(5)]
    assert set(turns) == set(range(5))
