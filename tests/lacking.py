"""What a machine may lack: said in the run's last lines, and an error where everything is required (as in CI)."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

REQUIRED = os.environ.get("RF_REQUIRE_ALL") == "1"


def lacking(what: str) -> NoReturn:
    """Skip the test, or fail it where RF_REQUIRE_ALL=1."""
    if REQUIRED:
        pytest.fail(f"{what}, and RF_REQUIRE_ALL=1")
    pytest.skip(what)
