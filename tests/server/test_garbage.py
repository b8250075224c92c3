"""The collector of reference cycles while a server runs."""

from __future__ import annotations

import asyncio
import gc
import signal
import weakref
from pathlib import Path

import pytest

from server import garbage
from server.garbage import NEVER, YOUNG, settled
from tests.server.commandline import PATIENCE, started

TELLS = """
import gc, signal, sys
def tell(*_): print("collector", *gc.get_threshold(), gc.get_freeze_count() > 0, file=sys.stderr)
signal.signal(signal.SIGUSR1, tell)
"""
"""Run by Python before the server is."""


class Cycle:
    def __init__(self) -> None:
        self.itself = self


async def test_what_stands_is_left_alone_while_it_lasts_and_all_is_as_before_afterwards() -> None:
    before = gc.get_threshold()
    async with settled():
        assert (gc.isenabled(), gc.get_threshold()) == (True, (*YOUNG, NEVER))
        assert gc.get_freeze_count() > 0
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


async def test_cycle_that_lived_long_is_found_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """And by nothing else: it is in the generation that the collector leaves alone."""
    monkeypatch.setattr(garbage, "FULL", 0.05)
    gone = asyncio.Event()
    async with settled():
        cycle = Cycle()
        weakref.finalize(cycle, gone.set)
        gc.collect(0)
        gc.collect(1)
        del cycle
        async with asyncio.timeout(10):
            await gone.wait()


async def test_server_that_is_run_has_settled(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(TELLS)
    settings = {"RF_PORT": "0", "RF_DATABASE_URL": database_url, "RF_DATA_DIR": str(tmp_path)}
    async with started("serve", PYTHONPATH=str(tmp_path), **settings) as server:
        await server.url()
        server.process.send_signal(signal.SIGUSR1)
        assert server.process.stderr is not None
        async with asyncio.timeout(PATIENCE):
            while not (line := await server.process.stderr.readline()).startswith(b"collector"):
                assert line, "it ended"
    assert line.decode().split() == ["collector", *map(str, (*YOUNG, NEVER, True))]
