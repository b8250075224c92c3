"""`resolutionflow load`: each scenario once, short, on a real server; and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from loadtest.people import People
from server.auth import Tokens
from server.config import Settings
from tests.conftest import SECRET, MakeWorld, World
from tests.server.commandline import Ended, ran

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
    assert "0 lost, 0 twice, 0 out of order" in ended.out
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


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["fanout", "--url", "localhost:8000"], "does not begin with http://"),
        (["fanout", "--members", "2", "--in-flight", "3"], "no more than 2 senders"),
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
