"""Questions to the assistant: streamed as signals, posted once whole, whatever happens."""

from __future__ import annotations

import asyncio
import json
from typing import Any, TypeAlias
from uuid import UUID, uuid4, uuid5

import asyncpg
import pytest

from handlers.answers import FAILED, PACE, answer
from handlers.assistant import MAX_ANSWER, Assistant
from handlers.signals import SIGNALS
from handlers.wire import dumps
from store.asks import MAX_OPEN
from store.errors import Refusal
from store.models import Event, Room
from tests.assistant.desk import MESSAGES, Desk
from tests.assistant.model_server import Babbles, Hangs, ModelServer

Sql: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

QUESTION = "What else can make the spooler crash?"
EARLIER = "Which driver does the reception use?"


class Heard:
    """The signals that were sent, and a clock that goes on by one step whenever it is read."""

    def __init__(self, step: float = 0.0) -> None:
        self.texts: list[str] = []
        self._now, self._step = 0.0, step

    async def signal(self, room: Room, name: str, data: dict[str, object]) -> None:
        SIGNALS[name].model_validate_json(dumps(data))
        assert (name, data["room"]) == ("assistant:delta", room.name)
        self.texts.append(str(data["text"]))

    def clock(self) -> float:
        self._now += self._step
        return self._now


async def answered(desk: Desk, message_id: UUID, model: ModelServer | None, heard: Heard, **kw: Any) -> dict[str, Any]:
    """The message that the answer is."""
    (event,) = await events(desk, message_id, model, heard, **kw)
    body = json.loads(event.body)
    assert (body["type"], body["actor"], set(body["data"])) == ("message:posted", None, {"message"})
    message: dict[str, Any] = body["data"]["message"]
    assert message["id"] == str(uuid5(message_id, "answer"))
    assert message["author"] == {"id": str(desk.engineer.user_id), "name": desk.engineer.name}
    return message


async def events(desk: Desk, message_id: UUID, model: ModelServer | None, heard: Heard, **kw: Any) -> tuple[Event, ...]:
    address = (None, None) if model is None else (model.url, "scripted")
    async with Assistant.open(*address, **kw) as assistant:
        return await answer(desk.db, assistant, desk.account_id, message_id, heard.signal, clock=heard.clock)


@pytest.fixture
async def asked(desk: Desk) -> UUID:
    return await desk.post(await desk.session(), "note", QUESTION, ask=True)


async def test_answer_is_streamed_and_posted_once_whole(desk: Desk, asked: UUID, model: ModelServer, sql: Sql) -> None:
    """Each signal holds all of it so far."""
    text = "The port monitor may be broken. Look at it."
    model.says(text)
    heard = Heard(step=PACE)
    message = await answered(desk, asked, model, heard)
    assert (message["kind"], message["body"].strip()) == ("assistant", text)
    assert len(heard.texts) > 3
    for before, after in zip(heard.texts, heard.texts[1:], strict=False):
        assert after.startswith(before)
    assert text.startswith(heard.texts[-1].strip())
    assert model.material()["question"] == QUESTION
    assert await sql.fetchval("SELECT count(*) FROM asks") == 0
    assert await events(desk, asked, model, heard) == ()
    assert len(model.requests) == 1


async def test_signals_keep_their_pace(desk: Desk, asked: UUID, model: ModelServer) -> None:
    """However many words come at once."""
    model.says("word " * 500)
    heard = Heard(step=PACE / 100)
    await answered(desk, asked, model, heard)
    assert 1 < len(heard.texts) < 20


async def test_two_replicas_answer_once(desk: Desk, asked: UUID, model: ModelServer, sql: Sql) -> None:
    """One of them after a crash of the other, or both at the same time."""
    model.says("The port monitor may be broken.")
    both = await asyncio.gather(*(events(desk, asked, model, Heard()) for _ in range(2)))
    assert [len(one) for one in both if one] == [1]
    assert await sql.fetchval("SELECT count(*) FROM messages WHERE kind = 'assistant'") == 1


async def test_crash_in_the_middle_leaves_the_question_to_another(
    desk: Desk, asked: UUID, model: ModelServer, sql: Sql
) -> None:
    """Once the lease of the try is over. Nothing half is in the log."""
    model.says(Hangs())
    async with asyncio.timeout(10):
        running = asyncio.create_task(events(desk, asked, model, Heard()))
        await model.asked.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    model.says("The port monitor may be broken.")
    assert await events(desk, asked, model, Heard()) == ()
    await sql.execute("UPDATE asks SET next_at = now()")
    assert (await answered(desk, asked, model, Heard()))["kind"] == "assistant"


async def test_question_that_nobody_gets_through_is_given_up(desk: Desk, asked: UUID, sql: Sql) -> None:
    """After three tries of which nobody heard again the fourth says so, and asks no model."""
    await sql.execute("UPDATE asks SET tries = 3")
    assert (await answered(desk, asked, None, Heard()))["body"] == FAILED


async def test_answer_whose_id_is_taken_ends_the_question(desk: Desk, sql: Sql) -> None:
    """Whoever guesses the id of an answer gets no answer, and nothing goes on for ever."""
    session_id, question = await desk.session(), uuid4()
    same = {"session_id": session_id, "kind": "note", "body": QUESTION}
    await desk.do(desk.engineer, "message:post", **same, message_id=str(uuid5(question, "answer")))
    await desk.do(desk.engineer, "message:post", **same, message_id=str(question), ask=True)
    assert await events(desk, question, None, Heard()) == ()
    assert await sql.fetchval("SELECT count(*) FROM asks") == 0


async def test_session_has_few_questions_open_at_once(desk: Desk, sql: Sql) -> None:
    """[L1] More are refused as too fast, and are not posted."""
    session_id = await desk.session()
    for _ in range(MAX_OPEN):
        await desk.post(session_id, "note", QUESTION, ask=True)
    with pytest.raises(Refusal, match="rate_limited"):
        await desk.post(session_id, "note", QUESTION, ask=True)
    assert await sql.fetchval("SELECT count(*) FROM messages WHERE asks") == MAX_OPEN


@pytest.mark.parametrize("line", [500, 401, "", Hangs()], ids=["broken", "refused", "empty", "slow"])
async def test_failure_says_so_in_the_session(desk: Desk, asked: UUID, model: ModelServer, sql: Sql, line: Any) -> None:
    """The question does not wait for ever."""
    model.says(line)
    message = await answered(desk, asked, model, Heard(), answer_within=0.5 if isinstance(line, Hangs) else 10)
    assert (message["kind"], message["body"]) == ("system", FAILED)
    assert await sql.fetchval("SELECT count(*) FROM asks") == 0


async def test_without_a_model_the_session_itself_answers(desk: Desk) -> None:
    """And says that it is built in. What is asked now is not told as an open question, what was asked before is."""
    heard = Heard()
    session_id = await desk.session(*MESSAGES, ("note", EARLIER))
    message = await answered(desk, await desk.post(session_id, "note", QUESTION, ask=True), None, heard)
    assert message["kind"] == "assistant"
    assert message["body"].startswith("Built-in answer")
    for known in ("Event 372 shows up on PRN-01", "Restarted the spooler: still crashes", f"Open:\n- {EARLIER}"):
        assert known in message["body"]
    assert QUESTION not in message["body"]
    assert heard.texts == []


async def test_closed_session_is_not_answered(desk: Desk, model: ModelServer, sql: Sql) -> None:
    session_id = await desk.session()
    asked = await desk.post(session_id, "note", QUESTION, ask=True)
    await desk.do(desk.engineer, "session:close", session_id=session_id, resolution="New driver")
    assert await events(desk, asked, model, Heard()) == ()
    assert model.requests == []
    assert await sql.fetchval("SELECT count(*) FROM asks") == 0


async def test_message_that_asks_nothing_waits_for_nothing(desk: Desk, sql: Sql) -> None:
    session_id = await desk.session()
    message_id = await desk.post(session_id, "note", QUESTION)
    assert await events(desk, message_id, None, Heard()) == ()
    assert await sql.fetchval("SELECT count(*) FROM asks") == 0


async def test_retried_question_is_asked_once(desk: Desk, sql: Sql) -> None:
    """[A5] Also when it was answered meanwhile; without `ask` it is another body."""
    session_id = await desk.session()
    asked = await desk.post(session_id, "note", QUESTION, ask=True)
    same = {"session_id": session_id, "message_id": asked, "kind": "note", "body": QUESTION}
    first = await desk.do(desk.engineer, "message:post", **same, ask=True)
    assert await sql.fetchval("SELECT count(*) FROM asks") == 1
    await answered(desk, asked, None, Heard())
    assert await desk.do(desk.engineer, "message:post", **same, ask=True) == first
    assert await sql.fetchval("SELECT count(*) FROM asks") == 0
    for other in ({}, {"ask": False}):
        with pytest.raises(Refusal, match="id_conflict"):
            await desk.do(desk.engineer, "message:post", **same, **other)


async def test_answer_holds_no_secret(desk: Desk, asked: UUID, model: ModelServer) -> None:
    """Nor do the signals on the way."""
    secret = "Tr0ub4dor&3xyz"
    model.says(f"The password is {secret} here.")
    heard = Heard(step=PACE)
    body = (await answered(desk, asked, model, heard))["body"]
    assert "[redacted] here" in body
    assert secret not in body + "".join(heard.texts)


async def test_answer_without_an_end_is_cut_off(desk: Desk, asked: UUID, model: ModelServer) -> None:
    """And what there is of it is posted."""
    model.says(Babbles())
    message = await answered(desk, asked, model, Heard())
    assert message["kind"] == "assistant"
    assert MAX_ANSWER - 10 < len(message["body"]) <= MAX_ANSWER
