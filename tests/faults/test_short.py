"""The short form of the suite, where it is asked for."""

from __future__ import annotations

import os

import pytest

from tests.faults.suite import run


@pytest.mark.timeout(400)
@pytest.mark.skipif(os.environ.get("RF_FAULTS") != "1", reason="takes about four minutes; RF_FAULTS=1 runs it")
async def test_faults_in_their_short_form_break_no_promise() -> None:
    """[R4] [R5] [A5] [H1] [L3] [P2] Over three replicas, whatever dies."""
    broken = {row.fault: (row.verdict.violations, row.broken) for row in await run((), short=True) if not row.holds}
    assert broken == {}
