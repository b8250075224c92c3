"""The HTTP door against its own contract: requests made from /openapi.json, answers held against it."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from tests.conftest import MakeWorld, claim, hand_off, open_session

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
)
OPTIONS = ("--phases", "coverage,fuzzing", "--max-examples", "20", "--generation-deterministic", "--no-color")
EXISTING = """
[warnings]
enabled = false
[dictionaries]
sessions.values = {sessions}
handoffs.values = {handoffs}
tasks.values = {tasks}
tokens.values = [0, 1]
[parameters]
"path.session_id" = {{ dictionary = "sessions", probability = 0.7 }}
"path.handoff_id" = {{ dictionary = "handoffs", probability = 0.7 }}
"path.task_id" = {{ dictionary = "tasks", probability = 0.7 }}
"body.fencing_token" = {{ dictionary = "tokens", probability = 0.5 }}
"""


@pytest.mark.timeout(300)  # half a minute on a machine that does nothing else
async def test_every_route_keeps_to_its_contract(
    make_world: MakeWorld, sql: asyncpg.Connection[asyncpg.Record], tmp_path: Path
) -> None:
    """[A7] Hostile and valid requests, as an engineer with sessions and handoffs of every standing."""
    async with make_world(commands_per_second_user=100_000) as world:
        engineer = world.person("engineer")
        client, colleague, senior = [await world.client(who) for who in (engineer, "engineer", "senior")]
        sessions = [await open_session(client) for _ in range(3)]
        tasks = [str(uuid4()) for _ in range(2)]
        for task_id in tasks:
            await client.command("task:add", {"session_id": sessions[0], "task_id": task_id, "title": "Ping it"})
        await client.command("session:close", {"session_id": sessions[1], "resolution": "Replaced the cable"})
        handoffs = [(await hand_off(by))["id"] for by in (client, client, colleague)]
        await claim(senior, handoffs[1])
        config = tmp_path / "schemathesis.toml"
        config.write_text(
            EXISTING.format(sessions=json.dumps(sessions), handoffs=json.dumps(handoffs), tasks=json.dumps(tasks))
        )
        before = await sql.fetchval("SELECT count(*) FROM events")
        run = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", config, "run", f"{world.url}/openapi.json"),
            *("--header", f"Authorization: Bearer {world.token(engineer)}", "--checks", ",".join(CHECKS), *OPTIONS),
            cwd=tmp_path,
            stdout=PIPE,
            stderr=STDOUT,
        )
        try:
            report, _ = await run.communicate()
        finally:
            if run.returncode is None:
                run.kill()
                await run.wait()
    assert run.returncode == 0, report.decode()
    assert await sql.fetchval("SELECT count(*) FROM events") > before + 3, "next to no request was a valid one"
