"""`resolutionflow load`: each scenario once, short, on a real server; and what it refuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import psutil
import pytest
from rich.console import Console

from loadtest.conductor import Conductor
from loadtest.people import People
from loadtest.report import Kind, Report, Thresholds
from loadtest.scenarios.fanout import Fanout
from loadtest.stage import Run
from loadtest.waiting import settled
from server.auth import Tokens
from server.config import Settings
from tests.conftest import SECRET, MakeWorld, World
from tests.server.commandline import Ended, Running, gone, ran, started

SHORT = {
    "fanout": ["--members", "20", "--seconds", "0.5", "--in-flight", "3"],
    "fanout rooms": ["--rooms", "6", "--members", "3", "--seconds", "0.5"],
    "fanout rate": ["--members", "12", "--rate", "30", "--seconds", "0.5"],
    "claims": ["--rounds", "4", "--claimants", "6"],
    "claims accounts": ["--rounds", "2", "--claimants", "3", "--accounts", "4"],
    "join": ["--clients", "20", "--messages", "10"],
    "reconnect": ["--clients", "20", "--rooms", "3", "--away", "0.2"],
    "slow": ["--members", "6", "--stopped", "2", "--seconds", "0.5", "--rate", "60"],
    "soak": ["--rooms", "3", "--members", "3", "--minutes", "0.05", "--churn", "3"],
}
WORKERS = "2"


async def load(world: World, scenario: str, *options: str) -> Ended:
    return await ran("load", scenario, "--url", world.url, "--workers", WORKERS, *options, RF_JWT_SECRET=SECRET)


@pytest.mark.parametrize("name", list(SHORT))
async def test_a_scenario_runs_and_finds_nothing_wrong(make_world: MakeWorld, tmp_path: Path, name: str) -> None:
    scenario = name.partition(" ")[0]
    files = {kind: tmp_path / f"load.{kind}" for kind in ("json", "html")}
    async with make_world(outbound_bytes=64 * 1024) as world:
        options = [*SHORT[name], *(text for kind, file in files.items() for text in (f"--{kind}", str(file)))]
        ended = await load(world, scenario, *options)
    assert ended.code == 0, ended.out + ended.err
    assert "0 lost, 0 twice, 0 out of order, 0 astray" in ended.out
    report: dict[str, Any] = orjson.loads(files["json"].read_bytes())
    assert report["failures"] == []
    assert report["tally"]["delivered"] > 0
    assert report["tally"]["acked"] == report["tally"]["sent"] - report["tally"]["unanswered"]
    assert all(0 <= cores < 1.5 for cores in report["worker_cores"])
    assert all(each["p50"] <= each["p99"] <= each["max"] for each in report["latency_ms"].values() if each["n"])
    told(scenario, report)
    page = files["html"].read_text()
    assert page.startswith("<!doctype html>")
    assert "<svg" in page
    assert all(word not in page for word in ("<script", "src=", "href=")), "the page needs nothing else"


def told(scenario: str, report: dict[str, Any]) -> None:
    """What stands for this scenario."""
    counts, options = report["counts"], report["options"]
    if scenario == "fanout":
        members = options["members"]
        assert report["tally"]["delivered"] % members == 0, "each event reached all"
    if scenario == "claims":
        races = options["rounds"] * options["accounts"]
        assert (counts["races"], counts["claims won"]) == (races, races)
        assert counts["claims lost"] == races * (options["claimants"] - 1)
    if scenario == "join":
        assert counts["joined"] == options["clients"]
    if scenario == "reconnect":
        assert counts["resumed clients"] == options["clients"]
        assert report["tally"]["resumed"] > 0
    if scenario == "slow":
        assert counts["slow sockets cut"] == options["stopped"]
        assert {"all read", "some read nothing", "stopped to cut"} <= report["latency_ms"].keys()
    if scenario == "soak":
        assert "lost to resumed" in report["latency_ms"]


async def test_a_threshold_that_is_not_kept_is_an_exit_code(world: World) -> None:
    ended = await load(world, "fanout", "--members", "4", "--seconds", "0.5", "--p99-ms", "0.001")
    assert ended.code == 1
    assert "FAILED" in ended.out
    ended = await load(world, "fanout", "--members", "4", "--seconds", "0.5", "--min-rate", "1e9")
    assert ended.code == 1


async def test_pace_is_kept_to(make_world: MakeWorld) -> None:
    """[L1] Refusals to slow down are heeded: the load goes on and nothing is lost."""
    async with make_world(commands_per_second=10) as world:
        ended = await load(world, "fanout", "--members", "4", "--seconds", "2", "--in-flight", "2")
    assert ended.code == 0, ended.out
    assert "refused rate_limited" in ended.out


async def test_a_rate_that_is_not_let_through_is_an_exit_code(make_world: MakeWorld) -> None:
    """[L1] It is said what was asked, what was let through, and which limits decide that."""
    async with make_world(commands_per_second=5) as world:
        ended = await load(world, "fanout", "--members", "1", "--rate", "60", "--seconds", "0.5", "--workers", "1")
    assert ended.code == 1, ended.out
    assert "FAILED: asked 60 a second, " in ended.out
    assert "were let through" in ended.out
    assert "RF_COMMANDS_PER_SECOND" in ended.out


async def test_a_seed_may_be_used_again(world: World) -> None:
    """It names users and accounts: what a run makes is its own."""
    for _ in range(2):
        ended = await load(world, "claims", "--rounds", "2", "--claimants", "3", "--seed", "again")
        assert ended.code == 0, ended.out + ended.err


async def test_a_report_that_cannot_be_written_is_said_in_one_line(world: World) -> None:
    ended = await load(world, "fanout", "--members", "2", "--seconds", "0.5", "--json", "a" * 300 + ".json")
    assert ended.code == 3
    assert ended.err.splitlines()[-1].startswith("fanout: the report could not be written: ")
    assert "Traceback" not in ended.err


@asynccontextmanager
async def soaking(world: World, *options: str) -> AsyncIterator[Running]:
    """A run in its measured part."""
    few = ["--rooms", "2", "--members", "2", "--every", "1", "--workers", WORKERS]
    async with started("load", "soak", "--url", world.url, *few, *options, RF_JWT_SECRET=SECRET) as running:
        assert running.process.stderr is not None
        async with asyncio.timeout(60):
            while b"soaking" not in await running.process.stderr.readline():
                pass
        yield running


@pytest.mark.parametrize("press", ["Ctrl-C", "SIGTERM"])
async def test_a_run_that_is_stopped_reports_what_there_is(world: World, tmp_path: Path, press: str) -> None:
    file, page = tmp_path / "load.json", tmp_path / "load.html"
    async with soaking(world, "--json", str(file), "--html", str(page)) as running:
        if press == "Ctrl-C":
            running.press_ctrl_c()
            ended = await running.end()
        else:
            ended = await running.stop()
    assert ended.code == 3, ended.out + ended.err
    report = orjson.loads(file.read_bytes())
    assert report["incomplete"].startswith("stopped by SIG")
    assert report["tally"]["sent"] > 0
    assert "incomplete: stopped by SIG" in ended.out
    assert "incomplete: stopped by SIG" in page.read_text()
    assert "Traceback" not in ended.err


async def test_workers_end_when_nobody_conducts_them(world: World) -> None:
    async with soaking(world) as running:
        workers = psutil.Process(running.process.pid).children(recursive=True)
        assert len(workers) >= int(WORKERS)
        running.process.kill()
        assert await gone(workers)


async def test_a_server_that_dies_is_a_report_and_an_exit_code(make_world: MakeWorld) -> None:
    async with make_world() as world:
        scenario = Fanout(rooms=1, members=6, in_flight=1, seconds=100, rate=50, size=60)
        run = Run((world.url,), People(SECRET, "seed"), int(WORKERS))
        conductor = Conductor(run, scenario, 100, Console(file=StringIO()))
        playing = asyncio.create_task(asyncio.to_thread(conductor.play))
        assert await settled(lambda: bool(conductor.outcome.moments), 60)
    outcome = await asyncio.wait_for(playing, 15)
    report = Report(Kind("fanout"), {"rate": 50}, [world.url], outcome, Thresholds())
    assert outcome.incomplete
    assert not outcome.given_up, "exit code 1"
    assert "6 connections ended by themselves" in report.failures()
    assert report.latency.total > 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["fanout", "--url", "localhost:8000"], "does not begin with http://"),
        (["fanout", "--members", "2", "--in-flight", "3"], "no more than 2 senders"),
        (["fanout", "--json", "out", "--html", "./out"], "are two files"),
        (["fanout", "--workers", "0"], "greater than or equal to 1"),
        (["fanout", "--secret", "short"], "at least 32 bytes"),
        (["fanout", "--json", "/nowhere/at/all.json"], "there is no folder"),
        (["slow", "--members", "5", "--stopped", "5"], "at least one has to read"),
        (["slow", "--rate", "0"], "nobody can be slow"),
        (["chaos"], "No such command"),
    ],
)
async def test_bad_options_are_refused(options: list[str], says: str) -> None:
    address = [] if "--url" in options else ["--url", "http://127.0.0.1:1"]
    ended = await ran("load", *options, *address, RF_JWT_SECRET=SECRET, COLUMNS="200")
    assert ended.code == 2
    assert says in " ".join(ended.err.replace("│", " ").split())


async def test_nobody_there_is_said_in_one_line() -> None:
    ended = await ran("load", "fanout", "--url", "http://127.0.0.1:1", RF_JWT_SECRET=SECRET)
    assert ended.code == 3
    assert ended.err.splitlines()[-1].startswith("fanout: http://127.0.0.1:1")


async def test_the_wrong_secret_is_said_in_one_line(world: World) -> None:
    ended = await ran("load", "fanout", "--url", world.url, RF_JWT_SECRET="another secret of 32 bytes or more.")
    assert ended.code == 3
    assert "unauthorized" in ended.err.splitlines()[-1]


async def test_made_up_users_are_who_their_tokens_say() -> None:
    """[T3] The server accepts them, and the same seed names the same ones."""
    people = People(SECRET, "seed")
    token = await Tokens(Settings(jwt_secret=SECRET)).verify(people.token(3, 7, "senior"))
    assert str(token.who.account_id) == People(SECRET, "seed").account(3) != People(SECRET, "other").account(3)
    assert (token.who.role, token.who.name) == ("senior", "Load senior 7")
