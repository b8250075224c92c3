"""People at work, and a model that says what it is told to say."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from store.db import Database
from tests.assistant.desk import Desk
from tests.assistant.model_server import ModelServer


@pytest.fixture
async def desk(db: Database) -> Desk:
    return await Desk.open(db)


@pytest.fixture
async def model() -> AsyncIterator[ModelServer]:
    async with ModelServer.open() as server:
        yield server
