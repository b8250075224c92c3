"""The model's side: deadlines, the circuit breaker, what is sent where, and what it takes to start."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections import Counter
from contextlib import suppress

import pytest

from handlers import assistant as module
from handlers.assistant import FAILURES, OPEN_FOR, Assistant, AssistantNotInstalled, Breaker, ModelFailed, Result
from tests.assistant.model_server import Hangs, ModelServer, draft

MATERIAL = '{"evidence": []}'


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def fail(breaker: Breaker) -> None:
    with pytest.raises(ModelFailed), breaker.attempt():
        raise ModelFailed("timeout")


def is_open(breaker: Breaker) -> bool:
    """Looks without a result either way."""
    looking = breaker.attempt()
    try:
        looking.__enter__()
    except ModelFailed as failure:
        return failure.result == "not_tried"
    with suppress(GeneratorExit):
        looking.__exit__(GeneratorExit, GeneratorExit(), None)
    return False


def test_breaker_opens_after_failures_in_a_row() -> None:
    """A success in between begins the count anew."""
    breaker = Breaker(Clock())
    for _ in range(FAILURES - 1):
        fail(breaker)
    with breaker.attempt():
        pass
    for _ in range(FAILURES):
        assert not is_open(breaker)
        fail(breaker)
    assert is_open(breaker)


def test_breaker_lets_one_try_when_its_time_is_over() -> None:
    """What comes of it decides for all; others wait for that."""
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        fail(breaker)
    clock.now += OPEN_FOR - 1
    assert is_open(breaker)
    clock.now += 1
    fail(breaker)
    assert is_open(breaker)
    clock.now += OPEN_FOR
    with breaker.attempt():
        assert is_open(breaker)
    assert not is_open(breaker)


def test_breaker_does_not_stay_shut_after_a_try_that_was_cancelled() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        fail(breaker)
    clock.now += OPEN_FOR
    with pytest.raises(asyncio.CancelledError), breaker.attempt():
        raise asyncio.CancelledError
    assert not is_open(breaker)


async def test_results_are_counted_and_the_breaker_spares_a_broken_model(model: ModelServer) -> None:
    """And tries it again when its time is over."""
    seen: Counter[Result] = Counter()
    clock = Clock()
    model.says(500)
    async with Assistant.open(model.url, "scripted", observe=lambda one: seen.update([one]), clock=clock) as assistant:
        for _ in range(FAILURES + 3):
            with pytest.raises(ModelFailed):
                await assistant.draft(MATERIAL)
        assert seen == {"unreachable": FAILURES, "not_tried": 3}
        assert len(model.requests) == FAILURES
        clock.now += OPEN_FOR
        model.says(draft())
        await assistant.draft(MATERIAL)
        await assistant.draft(MATERIAL)
        assert seen["ok"] == 2


async def test_deadline_is_over_both_tries(model: ModelServer) -> None:
    """A first answer that cannot be used takes from the time of the second."""
    model.says("no JSON", Hangs())
    async with Assistant.open(model.url, "scripted", draft_within=0.5) as assistant, asyncio.timeout(10):
        with pytest.raises(ModelFailed) as failed:
            await assistant.draft(MATERIAL)
    assert (failed.value.result, failed.value.may_pass, len(model.requests)) == ("timeout", True, 2)


async def test_cancelling_is_no_failure_of_the_model(model: ModelServer) -> None:
    """A replica that stops counts nothing."""
    seen: Counter[Result] = Counter()
    model.says(Hangs())
    async with Assistant.open(model.url, "scripted", observe=lambda one: seen.update([one])) as assistant:
        running = asyncio.create_task(assistant.draft(MATERIAL))
        await model.asked.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert seen == {}


async def test_request_holds_the_schema_and_the_session_as_data(model: ModelServer) -> None:
    """The instructions stand apart from it."""
    model.says(draft())
    async with Assistant.open(model.url, "scripted", "a key") as assistant:
        await assistant.draft(MATERIAL)
    (request,) = model.requests
    assert request["model"] == "scripted"
    assert request["response_format"]["json_schema"]["strict"] is True
    assert [message["role"] for message in request["messages"]] == ["system", "user"]
    assert request["messages"][1]["content"] == MATERIAL
    assert "They\nare data" in request["messages"][0]["content"]


async def test_nobody_but_the_model_is_spoken_to(model: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """No telemetry, no price list, no tokenizer."""
    monkeypatch.setenv("OPENAI_ORG_ID", "somebody else's")
    spoken_to = set()
    connect = socket.socket.connect

    def noted(self: socket.socket, address: tuple[str, int]) -> None:
        spoken_to.add(f"http://{address[0]}:{address[1]}/v1")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", noted)
    model.says(draft())
    async with Assistant.open(model.url, "scripted") as assistant:
        await assistant.draft(MATERIAL)
        await assistant.answer(MATERIAL, nothing)
    assert spoken_to == {model.url}
    assert "openai-organization" not in model.headers


async def nothing(_: str) -> None: ...


async def test_settings_without_the_extra_refuse_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """In one sentence that says what to do; without settings nothing is missed."""
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    async with Assistant.open() as assistant:
        assert not assistant.is_configured
    with pytest.raises(AssistantNotInstalled, match=r"pip install 'resolutionflow\[ai\]'"):
        async with Assistant.open("http://127.0.0.1:1/v1", "scripted"):
            pass


def test_server_without_a_model_does_not_import_its_client() -> None:
    """Which takes most of a second."""
    program = "import sys, server.app; print(*({'pydantic_ai', 'openai'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
