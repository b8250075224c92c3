"""`resolutionflow load`: the scenarios as commands."""

from __future__ import annotations

import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn
from urllib.parse import urlsplit

import typer
from rich.console import Console

from loadtest.conductor import Broken, Conductor
from loadtest.people import MIN_SECRET_BYTES, People
from loadtest.report import Kind, Report, Thresholds
from loadtest.scenarios.claims import Claims
from loadtest.scenarios.fanout import Fanout
from loadtest.scenarios.join import Join
from loadtest.scenarios.reconnect import Reconnect
from loadtest.scenarios.slow import Slow
from loadtest.scenarios.soak import Soak
from loadtest.stage import Run, Scenario

FAILED, USAGE, BROKEN = 1, 2, 3
"""Exit codes: counts or a threshold did not hold; bad options; the run could not be carried through."""
LONGEST = 24 * 3600.0

load = typer.Typer(
    help="Load on a running server, over the wire only. Exit code 1 if an event was lost, doubled or out of order, a "
    "claim won twice, or a threshold not kept; 3 if the run could not be carried through.",
    no_args_is_help=True,
)

Url = Annotated[list[str], typer.Option("--url", help="A server's address; several for several replicas.")]
Secret = Annotated[
    str, typer.Option(envvar="RF_JWT_SECRET", help="The server's; tokens of made-up users are signed with it.")
]
Workers = Annotated[int, typer.Option(min=1, max=64, help="Processes.")]
P99 = Annotated[
    float | None, typer.Option(min=0, help="Fail if the latency named above has a larger p99.", show_default=False)
]
MinRate = Annotated[
    float | None, typer.Option(min=0, help="Fail if the rate named above is less, a second.", show_default=False)
]
JsonFile = Annotated[Path | None, typer.Option("--json", dir_okay=False, help="Figures as JSON.", show_default=False)]
Page = Annotated[Path | None, typer.Option("--html", dir_okay=False, help="A page with plots.", show_default=False)]
Bound = Annotated[
    float, typer.Option(min=1, max=LONGEST, help="Seconds after which it gives up, with a report so far.")
]
Seconds = Annotated[float, typer.Option(min=0.5, max=LONGEST, help="Of the measured part.")]
Size = Annotated[int, typer.Option(min=1, max=30_000, help="Characters of a message.")]
Rate = Annotated[float, typer.Option(min=0, max=100_000, help="Messages a second.")]
Seed = Annotated[str | None, typer.Option(help="Names the made-up accounts and users alone; absent: new ones.")]


@load.command()
def fanout(
    url: Url,
    secret: Secret,
    rooms: Annotated[int, typer.Option(min=1, max=100_000)] = 1,
    members: Annotated[int, typer.Option(min=1, max=100_000, help="Of each room.")] = 200,
    in_flight: Annotated[int, typer.Option(min=1, max=1_000, help="Events of each room under way.")] = 1,
    rate: Annotated[float, typer.Option(min=0, help="Events a second instead, in all rooms together.")] = 0,
    seconds: Seconds = 10,
    size: Size = 60,
    workers: Workers = 2,
    p99_ms: P99 = None,
    min_rate: MinRate = None,
    json: JsonFile = None,
    html: Page = None,
    bound: Bound = 600,
    seed: Seed = None,
) -> None:
    """Events to every socket of one big room, or of many small ones.

    --p99-ms is of an event's sending to each socket, --min-rate of deliveries.
    """
    if in_flight > members and not rate:
        _refuse("--in-flight", f"a room of {members} has no more than {members} senders")
    scenario = Fanout(rooms, members, in_flight, seconds, rate, size)
    _play(Kind("fanout"), scenario, url, secret, workers, Thresholds(p99_ms, min_rate), json, html, bound, seed)


@load.command()
def claims(
    url: Url,
    secret: Secret,
    rounds: Annotated[int, typer.Option(min=1, max=100_000, help="Handoffs of each account.")] = 50,
    claimants: Annotated[int, typer.Option(min=1, max=10_000, help="Seniors of each account, all at once.")] = 50,
    accounts: Annotated[int, typer.Option(min=1, max=10_000)] = 1,
    workers: Workers = 2,
    p99_ms: P99 = None,
    min_rate: MinRate = None,
    json: JsonFile = None,
    html: Page = None,
    bound: Bound = 600,
    seed: Seed = None,
) -> None:
    """Race storms: every handoff is claimed by all seniors at once, exactly one wins, all are told.

    --p99-ms is of a claim to its answer, --min-rate of claims answered.
    """
    kind = Kind("claims", latency="claim to its answer", rate="claims answered")
    scenario = Claims(rounds, claimants, accounts)
    _play(kind, scenario, url, secret, workers, Thresholds(p99_ms, min_rate), json, html, bound, seed)


@load.command()
def join(
    url: Url,
    secret: Secret,
    clients: Annotated[int, typer.Option(min=1, max=100_000)] = 500,
    messages: Annotated[int, typer.Option(min=0, max=10_000, help="In the room before.")] = 200,
    rate: Rate = 10,
    size: Size = 200,
    workers: Workers = 2,
    p99_ms: P99 = None,
    min_rate: MinRate = None,
    json: JsonFile = None,
    html: Page = None,
    bound: Bound = 600,
    seed: Seed = None,
) -> None:
    """A storm of joins of one room that is being written to.

    --p99-ms is of a join to its answer, --min-rate of joins.
    """
    kind = Kind("join", latency="join to its answer", rate="joined")
    scenario = Join(clients, messages, rate, size)
    _play(kind, scenario, url, secret, workers, Thresholds(p99_ms, min_rate), json, html, bound, seed)


@load.command()
def reconnect(
    url: Url,
    secret: Secret,
    clients: Annotated[int, typer.Option(min=1, max=100_000)] = 500,
    rooms: Annotated[int, typer.Option(min=1, max=10_000)] = 5,
    rate: Rate = 20,
    away: Annotated[float, typer.Option(min=0, max=3600, help="Seconds before they come back.")] = 1,
    size: Size = 200,
    workers: Workers = 2,
    p99_ms: P99 = None,
    min_rate: MinRate = None,
    json: JsonFile = None,
    html: Page = None,
    bound: Bound = 600,
    seed: Seed = None,
) -> None:
    """All lose their connection at once, come back and resume; no event may be lost.

    --p99-ms is of a connection's loss (--away included) to its being resumed, --min-rate of resumed clients.
    """
    kind = Kind("reconnect", latency="lost to resumed", rate="resumed clients")
    scenario = Reconnect(clients, rooms, rate, away, size)
    _play(kind, scenario, url, secret, workers, Thresholds(p99_ms, min_rate), json, html, bound, seed)


@load.command()
def slow(
    url: Url,
    secret: Secret,
    members: Annotated[int, typer.Option(min=2, max=100_000)] = 200,
    stopped: Annotated[int, typer.Option(min=1, max=100_000, help="Of them, those who stop reading.")] = 10,
    rate: Rate = 25,
    size: Size = 16_000,
    seconds: Annotated[float, typer.Option(min=0.5, max=3600, help="Before they stop.")] = 5,
    patience: Annotated[float, typer.Option(min=1, max=3600, help="Fail if one is not cut within seconds.")] = 60,
    workers: Workers = 2,
    p99_ms: P99 = None,
    min_rate: MinRate = None,
    json: JsonFile = None,
    html: Page = None,
    bound: Bound = 600,
    seed: Seed = None,
) -> None:
    """Sockets that stop reading are cut, and the others do not notice.

    --p99-ms is of an event's sending to each socket while some read nothing, --min-rate of deliveries, all the time.
    """
    if stopped >= members:
        _refuse("--stopped", f"of {members} members at least one has to read")
    if not rate:
        _refuse("--rate", "without events nobody can be slow")
    kind = Kind("slow", latency="some read nothing", never=("slow sockets never cut",))
    scenario = Slow(members, stopped, rate, size, seconds, patience)
    _play(kind, scenario, url, secret, workers, Thresholds(p99_ms, min_rate), json, html, bound, seed)


@load.command()
def soak(
    url: Url,
    secret: Secret,
    rooms: Annotated[int, typer.Option(min=1, max=10_000)] = 10,
    members: Annotated[int, typer.Option(min=1, max=10_000, help="Of each room.")] = 10,
    rate: Rate = 20,
    churn: Annotated[float, typer.Option(min=0, max=1_000, help="Connections lost a second.")] = 0.5,
    minutes: Annotated[float, typer.Option(min=0.01, max=LONGEST / 60)] = 10,
    size: Size = 200,
    every: Annotated[float, typer.Option(min=1, help="Seconds between two lines.")] = 30,
    workers: Workers = 2,
    p99_ms: P99 = None,
    min_rate: MinRate = None,
    json: JsonFile = None,
    html: Page = None,
    seed: Seed = None,
) -> None:
    """Messages, tasks, handoffs and clients who come and go, for long.

    --p99-ms is of a message's sending to each socket, --min-rate of deliveries.
    """
    kind = Kind("soak", never=(*Kind("").never, "clients that did not come back"))
    scenario = Soak(rooms, members, rate, churn, minutes * 60, size)
    limits, bound = Thresholds(p99_ms, min_rate), minutes * 60 + 300
    _play(kind, scenario, url, secret, workers, limits, json, html, bound, seed, every=every)


def _play(
    kind: Kind,
    scenario: Scenario,
    urls: list[str],
    secret: str,
    workers: int,
    thresholds: Thresholds,
    json: Path | None,
    page: Path | None,
    bound: float,
    seed: str | None,
    *,
    every: float = 0.0,
) -> None:
    """Run it, show what came of it, write what was asked for. Raises typer.Exit when it failed."""
    _check(urls, secret, [file for file in (json, page) if file is not None])
    console = Console(stderr=True)
    seed = seed or secrets.token_hex(4)
    run = Run(tuple(urls), People(secret, seed), workers)
    conductor = Conductor(run, scenario, bound, console, every=every)
    try:
        with _stopped_by_signals(conductor):
            outcome = conductor.play()
    except Broken as broken:
        typer.echo(f"{kind.name}: {broken}", err=True)
        raise typer.Exit(BROKEN) from None
    except KeyboardInterrupt:
        typer.echo(f"{kind.name}: stopped.", err=True)
        raise typer.Exit(BROKEN) from None
    options = asdict(scenario) | {"seed": seed}  # type: ignore[call-overload]  # each is a dataclass of its own
    report = Report(kind, options, urls, outcome, thresholds)
    report.show(Console())
    try:
        report.write(json, page)
    except OSError as error:
        typer.echo(f"{kind.name}: the report could not be written: {error}", err=True)
        raise typer.Exit(BROKEN) from None
    if outcome.given_up:
        raise typer.Exit(BROKEN)
    if report.failures():
        raise typer.Exit(FAILED)


def _check(urls: list[str], secret: str, files: list[Path]) -> None:
    """Raises typer.BadParameter."""
    for each in urls:
        parts = urlsplit(each)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            _refuse("--url", f"{each!r} does not begin with http:// or https:// and a host")
    if len(secret.encode()) < MIN_SECRET_BYTES:
        _refuse("--secret", f"a secret has at least {MIN_SECRET_BYTES} bytes")
    for file in files:
        if not file.resolve().parent.is_dir():
            _refuse("--json, --html", f"there is no folder {file.parent}")
    if len({file.resolve() for file in files}) < len(files):
        _refuse("--json, --html", "the figures and the page are two files")


@contextmanager
def _stopped_by_signals(conductor: Conductor) -> Iterator[None]:
    """The first SIGINT or SIGTERM ends the run with a report so far; the next one raises KeyboardInterrupt."""

    def hear(number: int, _: object) -> None:
        conductor.stop(f"stopped by {signal.Signals(number).name}")
        for each in before:
            signal.signal(each, signal.default_int_handler)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, hear)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _refuse(option: str, sentence: str) -> NoReturn:
    raise typer.BadParameter(sentence, param_hint=option)
