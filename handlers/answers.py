"""The assistant's answers in a session: streamed as signals, logged once whole."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Final
from uuid import UUID, uuid5

from handlers.assistant import MAX_ANSWER, Assistant, ModelFailed
from handlers.evidence import material, numbered, package_of
from handlers.package import Package
from handlers.prose import clip
from handlers.redaction import redact
from store import asks, sessions
from store.db import Database
from store.models import Event, Room

PACE: Final = 0.25
"""Seconds between two signals of one answer."""
MAX_LISTED: Final = 8

FAILED: Final = "The assistant could not answer this time. Ask again."

Signal = Callable[[Room, str, dict[str, object]], Awaitable[None]]


async def answer(
    db: Database,
    assistant: Assistant,
    account_id: UUID,
    message_id: UUID,
    signal: Signal,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[Event, ...]:
    """Answer the message if it still waits for one, and say what to publish.

    Any number may do it at once, and again after a crash, three times at most: the answer is posted once, under an id
    that follows from the message's. Meanwhile each signal `assistant:delta` holds the whole text so far, so that
    nobody who missed one reads anything wrong.
    """
    asked = await asks.take(db, account_id, message_id)
    if asked is None:
        return ()
    answer_id = uuid5(message_id, "answer")
    room = Room.of_session(account_id, asked.session_id)
    about = {"room": room.name, "session_id": asked.session_id, "message_id": message_id, "answer_id": answer_id}
    last = -PACE

    async def tell(text: str) -> None:
        nonlocal last
        if clock() - last >= PACE:
            last = clock()
            await signal(room, "assistant:delta", {**about, "text": _presentable(text)})

    kind, body = await _answered(db, assistant, account_id, message_id, asked, tell)
    return await asks.answer(db, account_id, message_id, answer_id=answer_id, kind=kind, body=body)


async def _answered(
    db: Database,
    assistant: Assistant,
    account_id: UUID,
    message_id: UUID,
    asked: asks.Asked,
    tell: Callable[[str], Awaitable[None]],
) -> tuple[asks.AnswerKind, str]:
    if asked.is_over:
        return "system", FAILED
    evidence = await sessions.evidence(db, account_id, asked.session_id)
    package = await asyncio.to_thread(package_of, evidence)
    if not assistant.is_configured:
        return "assistant", "\n".join(_builtin(package, message_id))
    try:
        text = await assistant.answer(
            material(await asyncio.to_thread(numbered, evidence, asked.session_id), package, asked.question), tell
        )
    except ModelFailed:
        return "system", FAILED
    return ("assistant", _presentable(text)) if text.strip() else ("system", FAILED)


def _presentable(text: str) -> str:
    return clip(redact(text), MAX_ANSWER)


def _builtin(package: Package, asked: UUID) -> Iterator[str]:
    """What the session says, without the question that is being answered."""
    yield "Built-in answer, since no language model is configured: this is what the session says."
    facts = [item.text for item in package.what_we_know if item.kind in ("fact", "observation", "ruled_out")]
    tried = [": ".join(filter(None, (step.action, step.result))) for step in package.steps_tried]
    questions = [one.text for one in package.open_questions if all(ref.id != asked for ref in one.refs)]
    for title, texts in (("Known", facts), ("Tried", tried), ("Open", questions)):
        yield f"{title}:"
        yield from (f"- {text}" for text in texts[-MAX_LISTED:] or ["nothing recorded"])
