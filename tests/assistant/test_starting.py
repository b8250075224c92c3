"""`handoff:start` with `ai_analysis`: at once, with what there is, and a retry is answered as the first was."""

from __future__ import annotations

import json
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import pytest

from handlers.analysis import MAX_CHECKS, Analysis, analysed
from handlers.assistant import Assistant
from handlers.enrichment import enrich
from handlers.events import EVENTS
from handlers.package import Package, build_package
from store.errors import Refusal
from tests.assistant.desk import MESSAGES, Desk
from tests.assistant.model_server import ModelServer, draft, label
from tests.assistant.recorded import evidence, request, session, task

Sql: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


def package_of(*notes: str) -> Package:
    tasks = (task(1, "Clear the print queue", "done"), task(2, "Swap the cable", "failed", "still crashes"))
    return build_package(evidence(session(), *(("note", note) for note in notes), tasks=tasks), request())


def test_built_in_analysis_is_made_of_what_the_package_holds() -> None:
    """Hypotheses with what bears on them, checks for what is open; everything has refs."""
    package = package_of(
        "Maybe the spooler service crashes because of the driver.",
        "Event 372: the spooler service crashes 3 times an hour.",
        "Ruled out the driver of the spooler.",
        "Is the port monitor signed?",
        "Do not swap the cable again before Friday.",
    )
    analysis = analysed(package)
    assert analysis == analysed(package)
    (guess,) = analysis.hypotheses
    assert guess.text == "Maybe the spooler service crashes because of the driver."
    assert (len(guess.support), len(guess.against)) == (2, 1)
    checks = {check.text: check for check in analysis.next_checks}
    assert checks["Is the port monitor signed?"].repeats_step is None
    result = checks["Find out what came of: Clear the print queue"]
    assert package.steps_tried[(result.repeats_step or 0) - 1].action == "Clear the print queue"
    assert f"Confirm or rule out: {guess.text}" in checks
    assert all(one.refs for one in analysis.next_checks)
    assert all(one.support for one in analysis.hypotheses)


def test_built_in_analysis_of_nothing_is_empty() -> None:
    empty = build_package(evidence(session()), request())
    assert analysed(empty) == Analysis(producer="builtin", hypotheses=(), next_checks=())


def test_built_in_analysis_is_bounded() -> None:
    """However many questions are open."""
    many = package_of(*(f"Is port {number} of the switch patched?" for number in range(60)))
    assert len(analysed(many).next_checks) == MAX_CHECKS


async def started(desk: Desk, handoff_id: UUID, token: int, mode: str = "ai_analysis") -> dict[str, Any]:
    return await desk.do(desk.senior, "handoff:start", handoff_id=handoff_id, fencing_token=token, mode=mode)


async def test_start_with_analysis_never_waits_for_a_model(desk: Desk) -> None:
    """The event tells what the answer does."""
    handoff_id = await desk.hand_off(await desk.session(*MESSAGES, ("note", "Maybe the driver update broke it.")))
    answer = await started(desk, handoff_id, await desk.claim(handoff_id))
    assert answer["analysis"]["producer"] == "builtin"
    assert answer["analysis"]["hypotheses"]
    told = [json.loads(event.body) for event in desk.told if event.type == "handoff:started"]
    assert [body["data"] for body in told] == [answer | {"mode": "ai_analysis"}] * 2
    EVENTS["handoff:started"].model_validate_json(json.dumps(told[0]))


async def test_other_modes_have_no_analysis(desk: Desk) -> None:
    """And say so."""
    handoff_id = await desk.hand_off(await desk.session())
    assert (await started(desk, handoff_id, await desk.claim(handoff_id), "own_thing"))["analysis"] is None
    told = json.loads(next(event.body for event in desk.told if event.type == "handoff:started"))
    assert told["data"]["analysis"] is None


def broken_port_monitor(material: dict[str, Any]) -> str:
    at = label(material, "Event 372")
    again = {"text": "Restart the spooler", "why": "It may hang", "risk": "low", "evidence": [at]}
    guess = {"text": "A broken port monitor crashes the spooler", "support": [at], "against": []}
    return draft(hypotheses=[guess], checks=[again])


async def test_start_tells_the_models_analysis_and_its_retry_the_same(desk: Desk, model: ModelServer, sql: Sql) -> None:
    """[A5] Even when there is another one by then. A check that repeats a tried step says which."""
    model.says(broken_port_monitor)
    handoff_id = await desk.hand_off(await desk.session())
    async with Assistant.open(model.url, "scripted") as assistant:
        await enrich(desk.db, assistant, desk.account_id, handoff_id)
    token = await desk.claim(handoff_id)
    answer = await started(desk, handoff_id, token)
    assert answer["analysis"]["producer"] == "ai"
    (check,) = answer["analysis"]["next_checks"]
    steps = {step["n"]: step["action"] for step in answer["handoff"]["package"]["steps_tried"]}
    assert (steps[check["repeats_step"]], check["risk"]) == ("Restarted the spooler", "medium")
    await sql.execute("UPDATE handoffs SET analysis = NULL")
    assert await started(desk, handoff_id, token) == answer
    await desk.do(desk.senior, "handoff:release", handoff_id=handoff_id, fencing_token=token, note="Out of time")
    assert await started(desk, handoff_id, token) == answer


async def test_only_the_owner_gets_an_analysis(desk: Desk) -> None:
    """[H7] Under the token of the claim."""
    handoff_id = await desk.hand_off(await desk.session())
    with pytest.raises(Refusal, match="not_owner"):
        await started(desk, handoff_id, 1)
    token = await desk.claim(handoff_id)
    with pytest.raises(Refusal, match="not_owner"):
        await started(desk, handoff_id, token + 1)
    with pytest.raises(Refusal, match="not_found"):
        await started(desk, UUID(int=1), token)
