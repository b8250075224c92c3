"""The demo as a process: it stops when told to, leaves nothing running, and begins again on its data."""

from __future__ import annotations

import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from loadtest.client import HttpDoor
from server.demo_story import DEMO_PASSWORD
from tests.server.commandline import Ended, folder, gone, postgres_in, started

EMAIL = "engineer2@resolutionflow.example.com"


def demo_in(data_dir: Path) -> tuple[str, ...]:
    return ("demo", "--port", "0", "--data-dir", str(data_dir))


async def sign_in(url: str) -> str:
    async with HttpDoor(url) as door:
        token: str = (await door.request("POST", "/api/auth/token", {"email": EMAIL, "password": DEMO_PASSWORD}))[
            "token"
        ]
    return token


async def open_session(url: str) -> str:
    """A session of this test's own in the demo."""
    session_id = str(uuid4())
    about = {"title": "Scanner offline", "client_name": "Harbor Dental", "problem": "Nobody can scan"}
    async with HttpDoor(url, await sign_in(url)) as door:
        await door.request("POST", "/api/sessions", {"session_id": session_id, **about})
    return session_id


async def has_session(url: str, session_id: str) -> bool:
    async with HttpDoor(url, await sign_in(url)) as door:
        return session_id in {session["id"] for session in (await door.request("GET", "/api/sessions"))["sessions"]}


@dataclass(frozen=True)
class Lived:
    """A folder in which a demo ran, was given a session, and was stopped with Ctrl-C."""

    data_dir: Path
    session_id: str
    ended: Ended
    left_nothing: bool


@pytest.fixture(scope="module")
async def lived() -> AsyncIterator[Lived]:
    with folder() as data_dir:
        async with started(*demo_in(data_dir)) as running:
            session_id = await open_session(await running.url())
            processes = postgres_in(data_dir)
            assert processes
            running.press_ctrl_c()
            ended = await running.end()
        yield Lived(data_dir, session_id, ended, await gone(processes) and not postgres_in(data_dir))


async def test_demo_stops_on_ctrl_c(lived: Lived) -> None:
    """[L3] With exit code 0, without a word of complaint, and PostgreSQL with it."""
    assert (lived.ended.code, lived.ended.err) == (0, "")
    assert lived.ended.out.endswith("Stopping.\n")
    assert lived.left_nothing


async def test_demo_starts_again_on_its_data_and_stops_on_sigterm(lived: Lived) -> None:
    """[L3] What was written before is there, and the demo accounts are not filled a second time."""
    begun = time.monotonic()
    async with started(*demo_in(lived.data_dir)) as running:
        url = await running.url()
        print(f"second start of the demo: {time.monotonic() - begun:.2f} s")  # noqa: T201  # a figure, not a bound
        assert await has_session(url, lived.session_id)
        processes = postgres_in(lived.data_dir)
        ended = await running.stop(signal.SIGTERM)
    assert (ended.code, ended.err) == (0, "")
    assert "filled" not in ended.out
    assert await gone(processes)
    assert not postgres_in(lived.data_dir)


async def test_demo_stops_once_when_ctrl_c_is_pressed_twice(lived: Lived) -> None:
    """[L3] The second one finds `pg_ctl` at work, which a terminal interrupts together with its parent."""
    async with started(*demo_in(lived.data_dir)) as running:
        await running.url()
        processes = postgres_in(lived.data_dir)
        running.press_ctrl_c()
        await running.runs("pg_ctl")
        running.press_ctrl_c()
        ended = await running.end()
    assert (ended.code, ended.err) == (0, "")
    assert await gone(processes)


async def test_demo_that_was_killed_starts_again_and_then_leaves_nothing(lived: Lived) -> None:
    """[L3] A PostgreSQL that outlived its demo is taken over, and stopped with the next one."""
    async with started(*demo_in(lived.data_dir)) as running:
        await running.url()
        await running.stop(signal.SIGKILL)
    async with started(*demo_in(lived.data_dir)) as running:
        assert await has_session(await running.url(), lived.session_id)
        ended = await running.stop()
    assert (ended.code, ended.err) == (0, "")
    assert await gone(postgres_in(lived.data_dir))
