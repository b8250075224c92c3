"""`make faults`: hurts three replicas under load in every way there is, and says whether a promise broke."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from rich.console import Console

from tests.faults.faults import FAULTS
from tests.faults.suite import run, run_soak, table


def main() -> int:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("fault", nargs="*", help=f"some of: {', '.join(FAULTS)}; all unless named")
    parser.add_argument("--short", action="store_true", help="short outages and 20 clients, for CI")
    parser.add_argument("--soak", type=float, metavar="SECONDS", help="instead: faults drawn by lot for so long")
    parser.add_argument("--plot", type=Path, default=Path("soak.html"), metavar="FILE", help="of the soak")
    chosen = parser.parse_args()
    if unknown := set(chosen.fault) - set(FAULTS):
        parser.error(f"no such fault: {', '.join(sorted(unknown))}")
    if chosen.soak:
        rows = [asyncio.run(run_soak(chosen.soak, chosen.plot))]
    else:
        rows = asyncio.run(run(chosen.fault, short=chosen.short))
    console = Console(width=None if sys.stdout.isatty() else 240)
    console.print(table(rows), highlight=False)
    for row in rows:
        for problem in row.verdict.problems:
            console.print(f"{row.fault}: {problem}", highlight=False, markup=False)
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
