"""The assistant of a running server, with its background work, as people and operators see it."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from pydantic import ValidationError

from server.config import Settings
from tests.assistant.model_server import ModelServer, cited, draft, label
from tests.conftest import MakeWorld, hand_off, open_session

SECRET = "Tr0ub4dor&3xyz"
QUESTION = "What else can make the spooler crash?"


def says(material: dict[str, Any]) -> str:
    if "question" in material:
        return f"The password {SECRET} may have expired. Look at the port monitor."
    return draft(
        headline=cited("Harbor Dental: the spooler crashes with 0x0000011b", "E1", label(material, "0x0000011b"))
    )


async def test_people_hear_of_the_better_package_and_of_the_answer(make_world: MakeWorld, model: ModelServer) -> None:
    """In their rooms, without asking again; a secret is told to nobody, the operators' figures included."""
    model.says(says)
    settings = {"background": True, "head_check": 0.1, "llm_base_url": model.url, "llm_model": "scripted"}
    async with make_world(**settings) as world, asyncio.timeout(30):
        engineer, senior = await world.client("engineer"), await world.client("senior")
        session_id = await open_session(engineer)
        room, queue = await senior.join_session(session_id), await senior.join_queue()
        body = f"The spooler crashes with 0x0000011b on PRN-01, the admin password is {SECRET}."
        note = {"session_id": session_id, "kind": "note"}
        await engineer.command("message:post", {**note, "message_id": str(uuid4()), "body": body})
        await hand_off(engineer, session_id)
        told = await queue.next("handoff:enriched", timeout=20)
        assert (told.data["result"], told.data["handoff"]["package_state"]) == ("ai", "ai")
        assert (await room.next("handoff:enriched")).data == told.data

        asked = {**note, "message_id": str(uuid4()), "body": QUESTION, "ask": True}
        await engineer.command("message:post", asked)
        delta = await senior.signal("assistant:delta", timeout=20)
        while (answer := (await room.next("message:posted", timeout=20)).data["message"])["kind"] != "assistant":
            pass
        assert (delta.data["message_id"], delta.data["answer_id"]) == (asked["message_id"], answer["id"])
        assert answer["body"].startswith("The password [redacted] may have expired.")
        async with aiohttp.ClientSession(world.url) as http, http.get("/metrics") as response:
            figures = await response.text()
        assert SECRET not in figures + model.heard + str(told.data["handoff"]["package"]) + str(delta.data)
        assert model.url not in figures


@pytest.mark.parametrize("half", [{"llm_base_url": "http://127.0.0.1:1/v1"}, {"llm_model": "scripted"}])
def test_half_of_the_settings_is_refused(half: dict[str, Any]) -> None:
    """Rather than that nobody notices why the packages are built in."""
    with pytest.raises(ValidationError, match="set both or neither"):
        Settings(**half)
