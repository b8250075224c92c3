"""The assistant's answers in the conversation: while they are written, and whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Locator, expect

from deploy.cluster import Cluster, Lacking, cluster
from tests.assistant.model_server import PAUSE, ModelServer
from tests.console.office import Office, Person
from tests.lacking import lacking
from tests.server.commandline import folder

QUESTION = "What else can make the tunnel drop every four minutes?"
FIRST, REST = "Lifetimes", "that differ between its two ends."


@pytest.fixture(scope="module")
async def model() -> AsyncIterator[ModelServer]:
    async with ModelServer.open() as server:
        yield server


@pytest.fixture(scope="module")
async def replicas(model: ModelServer) -> AsyncIterator[Cluster]:
    """As the others, with a language model."""
    with folder() as data_dir:
        try:
            async with cluster(data_dir, replicas=2, RF_LLM_BASE_URL=model.url, RF_LLM_MODEL="scripted") as made:
                yield made
        except Lacking as missing:
            lacking(str(missing))


async def together(office: Office) -> tuple[Person, Person, str]:
    """Juno and Dana in one session, and its id."""
    juno = await office.person("engineer", "Juno")
    session_id = await office.session(juno.door)
    await juno.goes(f"/sessions/{session_id}")
    dana = await office.person("senior", "Dana", f"/sessions/{session_id}")
    await expect(dana.composer).to_be_visible()
    return juno, dana, session_id


async def asks(juno: Person) -> None:
    await juno.composer.fill(QUESTION)
    await juno.page.get_by_role("button", name="Ask the assistant").click()
    await expect(juno.composer).to_have_value("")


def coming(person: Person) -> Locator:
    return person.page.get_by_role("log").locator("[aria-busy=true]")


async def test_answer_is_seen_while_it_is_written_and_stands_there_once(office: Office, model: ModelServer) -> None:
    """By whoever is in the session; that the model thinks by who asked. What is half is in no log."""
    model.says(f"{FIRST} {PAUSE} {REST}")
    model.holds, model.goes_on = asyncio.Event(), asyncio.Event()
    juno, dana, session_id = await together(office)
    await asks(juno)
    await expect(coming(juno)).to_contain_text("The assistant is thinking …")
    await expect(dana.shows(QUESTION)).to_be_visible()
    await expect(coming(dana)).to_have_count(0)

    model.holds.set()
    for person in (juno, dana):
        await expect(coming(person)).to_contain_text("The assistant is writing")
        await expect(coming(person).locator("p")).to_have_text(FIRST)
    assert await juno.served_messages(session_id) == [QUESTION]

    model.goes_on.set()
    answer = f"{FIRST} {REST}"
    for person, by in ((juno, "you"), (dana, "Juno")):
        whole = person.page.locator("article[data-kind=assistant][data-ref]")
        await expect(whole.locator("p")).to_have_text(answer)
        await expect(whole).to_contain_text(f"asked by {by}")
        await expect(whole).to_have_count(1)
        await expect(coming(person)).to_have_count(0)
        assert await person.messages() == [QUESTION, answer]
    assert [body.strip() for body in await juno.served_messages(session_id)] == [QUESTION, answer]


async def test_answer_that_fails_is_told_to_everybody(office: Office, model: ModelServer) -> None:
    """And nobody goes on waiting for it."""
    model.says(503)
    juno, dana, _ = await together(office)
    await asks(juno)
    for person in (juno, dana):
        await expect(person.shows("The assistant could not answer this time. Ask again.")).to_be_visible()
        await expect(coming(person)).to_have_count(0)
