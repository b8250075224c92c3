"""A worker process, `python -m loadtest.worker`: what it hears and says are pickles on its standard streams."""

from __future__ import annotations

import asyncio
import pickle
import signal
import sys
from contextlib import suppress
from typing import IO, Any

from loadtest.connection import Declined, Gone
from loadtest.stage import Failed, Run, Scenario, Stage, loop_factory, more_files


class Conductor:
    """The process that started this one."""

    def __init__(self, heard: IO[bytes], said: IO[bytes]) -> None:
        self._heard, self._said = heard, said

    def send(self, what: object) -> None:
        pickle.dump(what, self._said)
        self._said.flush()

    def recv(self) -> Any:  # noqa: ANN401
        """Raises EOFError when the conductor is gone."""
        return pickle.load(self._heard)  # noqa: S301  # from the process that started this one


async def play(run: Run, index: int, scenario: Scenario, conductor: Conductor) -> None:
    await Stage(run, index, conductor).play(scenario)


def main() -> None:
    """The whole of it, to its last word."""
    conductor = Conductor(sys.stdin.buffer, sys.stdout.buffer)
    sys.stdout = sys.stderr
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # of a whole process group: the conductor hears it too, and says `Stop`
    try:
        run, index, scenario = conductor.recv()
        more_files()
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(play(run, index, scenario, conductor))
    except (EOFError, BrokenPipeError):
        pass
    except (Gone, Declined, OSError) as error:
        with suppress(OSError):
            conductor.send(Failed(str(error) or repr(error)))
    except Exception as error:  # noqa: BLE001  # to the conductor, who says it
        with suppress(OSError):
            conductor.send(Failed(f"{type(error).__name__}: {error}"))


if __name__ == "__main__":
    main()
