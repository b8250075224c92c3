"""The command line: resolutionflow serve | demo | migrate | seed | token | disable | revoke | epoch | schema | load."""

from __future__ import annotations

import asyncio
import errno
import json
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar
from uuid import UUID

import typer
from pydantic import ValidationError

from handlers.assistant import AssistantNotInstalled
from loadtest.command import load
from server import contracts, demo
from server.app import database_url as database_address
from server.app import open_database, running
from server.auth import Tokens
from server.config import Settings, UnusableSecret
from server.demo_story import DEMO_PASSWORD, PEOPLE, TENANTS
from server.engine import UnknownLibrary
from server.garbage import settled
from server.telemetry import configure_logging
from store import accounts, events
from store.embedded import drop_database, embedded_postgres, is_made
from store.errors import DatabaseUnreachable, Refusal
from store.migrate import migrate as run_migrations
from store.models import Principal, Role

T = TypeVar("T")

app = typer.Typer(
    name="resolutionflow",
    help="Real-time escalation server. Settings come from the environment (RF_*); options win over it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(load, name="load")


class Exit:
    """Exit codes."""

    USAGE = 2
    DATABASE = 3
    PORT = 4
    NOT_FOUND = 5


class RoleName(StrEnum):
    VIEWER = "viewer"
    ENGINEER = "engineer"
    SENIOR = "senior"
    ADMIN = "admin"


class Contract(StrEnum):
    OPENAPI = "openapi"
    ASYNCAPI = "asyncapi"


Host = Annotated[str | None, typer.Option(help="Address to listen on (RF_HOST, 127.0.0.1).", show_default=False)]
Port = Annotated[int | None, typer.Option(help="Port, 0 for a free one (RF_PORT, 8000).", show_default=False)]
DataDir = Annotated[
    Path | None,
    typer.Option(help="Folder of the embedded PostgreSQL and of the secret (RF_DATA_DIR).", show_default=False),
]
DatabaseUrl = Annotated[
    str | None, typer.Option(help="PostgreSQL address; absent: an embedded one (RF_DATABASE_URL).", show_default=False)
]


@app.command()
def serve(
    host: Host = None,
    port: Port = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    env: Annotated[str | None, typer.Option(help="development or production (RF_ENV).", show_default=False)] = None,
) -> None:
    """Serve until SIGTERM or Ctrl-C, then send the clients away and stop."""
    settings = _settings(host=host, port=port, data_dir=data_dir, database_url=database_url, env=env)
    configure_logging(pretty=sys.stderr.isatty())

    async def serving(stop: asyncio.Event) -> None:
        async with open_database(settings) as db, running(settings, db) as server, settled():
            where = "" if settings.database_url else f" on an embedded PostgreSQL in {settings.data_dir}"
            _say(f"ResolutionFlow at {server.url}{where}")
            await stop.wait()
            _say("Stopping.")

    _run_until_stopped(serving)


@app.command(name="demo")
def run_demo(
    port: Port = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="The demo's data goes into demo/ of this folder (RF_DATA_DIR).", show_default=False),
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Throw the demo's data away first.")] = False,
) -> None:
    """Serve the demo, two companies with nine people, on an embedded PostgreSQL of its own."""
    settings = _settings(port=port, data_dir=data_dir)
    _refuse_in_production(settings)
    settings = settings.model_copy(update={"database_url": None, "data_dir": settings.data_dir / "demo"})
    configure_logging(pretty=sys.stderr.isatty())

    async def serving(stop: asyncio.Event) -> None:
        if reset:
            async with embedded_postgres(settings.data_dir) as url:
                if not await drop_database(url):
                    _fail("A demo is running on this data. Stop it first, then --reset.", Exit.DATABASE)
        async with open_database(settings) as db:
            if await demo.fill(db):
                _say("The demo accounts were filled.")
            async with running(settings, db) as server, settled():
                _say(_invitation(server.url, settings.data_dir))
                await stop.wait()
                _say("Stopping.")

    _run_until_stopped(serving)


@app.command()
def migrate(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Bring the database's schema to this release's version."""
    settings = _settings(data_dir=data_dir, database_url=database_url)

    async def migrating() -> None:
        async with database_address(settings) as url:
            before, after = await run_migrations(url)
        _say(
            f"The schema is at {after}."
            if before == after
            else f"The schema went from {before or 'nothing'} to {after}."
        )

    _run(migrating())


@app.command()
def seed(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Fill the demo accounts into a database. Not in production."""
    settings = _settings(data_dir=data_dir, database_url=database_url)
    _refuse_in_production(settings)

    async def seeding() -> None:
        async with open_database(settings) as db:
            filled = await demo.fill(db)
        _say("The demo accounts were filled." if filled else "The demo accounts are there already.")

    _run(seeding())


@app.command()
def token(
    user: Annotated[str | None, typer.Option(help="E-mail address of a local user.", show_default=False)] = None,
    sub: Annotated[UUID | None, typer.Option(help="User id.", show_default=False)] = None,
    account: Annotated[UUID | None, typer.Option(help="Account id.", show_default=False)] = None,
    role: Annotated[RoleName | None, typer.Option(help="Role in the account.", show_default=False)] = None,
    name: Annotated[str, typer.Option(help="Name, with --sub.")] = "Somebody",
    account_name: Annotated[str, typer.Option(help="Account's name, with --sub.")] = "Some account",
    ttl: Annotated[int, typer.Option(min=1, help="Seconds until it expires.")] = 3600,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Print a token: of a local user, or of anyone by --sub, --account and --role."""
    settings = _settings(data_dir=data_dir, database_url=database_url)
    is_local = user is not None and (sub, account, role) == (None, None, None)
    if is_local:
        _refuse_where_nothing_is(settings)
    tokens = Tokens(settings)
    if not tokens.issues:
        _fail("RF_JWT_JWKS_URL is set: the identity provider issues the tokens.", Exit.USAGE)
    if user is not None and is_local:
        who = _run(_local_user(settings, user))
    elif user is None and sub is not None and account is not None and role is not None:
        as_role: Role = role.value
        who = Principal(account, account_name, sub, name, as_role)
    else:
        _fail("Give either --user, or --sub with --account and --role.", Exit.USAGE)
    typer.echo(tokens.issue(who, timedelta(seconds=ttl))[0])


async def _local_user(settings: Settings, email: str) -> Principal:
    async with open_database(settings) as db:
        found = await accounts.by_email(db, email)
    if found is None:
        _fail(f"No local user has the address {email}.", Exit.NOT_FOUND)
    return found.principal


@app.command()
def disable(
    user: Annotated[str, typer.Option(help="E-mail address of a local user.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Take a local user's access away; open connections end within two seconds."""
    settings = _settings(data_dir=data_dir, database_url=database_url)
    _refuse_where_nothing_is(settings)

    async def disabling() -> None:
        async with open_database(settings) as db:
            if not await accounts.disable(db, user):
                _fail(f"No enabled local user has the address {user}.", Exit.NOT_FOUND)
        _say(f"{user} has no access any more.")

    _run(disabling())


@app.command()
def revoke(
    user: Annotated[str | None, typer.Option(help="E-mail address of a local user.", show_default=False)] = None,
    sub: Annotated[UUID | None, typer.Option(help="User id.", show_default=False)] = None,
    account: Annotated[UUID | None, typer.Option(help="Account id.", show_default=False)] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Refuse all tokens a user was issued until now; open connections end within two seconds."""
    settings = _settings(data_dir=data_dir, database_url=database_url)
    if (user is None) == (sub is None) or (sub is None) != (account is None):
        _fail("Give either --user, or --sub with --account.", Exit.USAGE)
    _refuse_where_nothing_is(settings)

    async def revoking() -> None:
        async with open_database(settings) as db:
            found = await accounts.by_email(db, user) if user is not None else None
            try:
                if found is not None:
                    await accounts.revoke(db, found.principal.account_id, found.principal.user_id)
                elif sub is not None and account is not None:
                    await accounts.revoke(db, account, sub)
                else:
                    _fail(f"No local user has the address {user}.", Exit.NOT_FOUND)
            except Refusal:
                _fail("There is no such user in that account.", Exit.NOT_FOUND)
        _say("All tokens issued until now are refused.")

    _run(revoking())


@app.command()
def epoch(
    bump: Annotated[bool, typer.Option("--bump", help="Begin a new life of the log, after a restore.")] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Show the name of the log's present life, or begin a new one: then every client reloads instead of resuming."""
    settings = _settings(data_dir=data_dir, database_url=database_url)
    _refuse_where_nothing_is(settings)

    async def showing() -> None:
        async with open_database(settings) as db:
            typer.echo(str(await (events.bump_epoch(db) if bump else events.epoch(db))))

    _run(showing())


@app.command()
def schema(contract: Contract) -> None:
    """Print the contract of the HTTP door (openapi) or of the sockets (asyncapi) as JSON."""
    document = contracts.openapi() if contract is Contract.OPENAPI else contracts.asyncapi()
    typer.echo(json.dumps(document, indent=2))


def main() -> None:
    """The entry point `resolutionflow`."""
    app()


def _settings(**options: Any) -> Settings:  # noqa: ANN401  # pydantic checks them
    try:
        return Settings(**{name: value for name, value in options.items() if value is not None})
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            sentence = problem["msg"].removeprefix("Value error, ")
            typer.echo(f"RF_{str(problem['loc'][0]).upper()}: {sentence}" if problem["loc"] else sentence, err=True)
        raise typer.Exit(Exit.USAGE) from None


def _refuse_in_production(settings: Settings) -> None:
    if settings.env == "production":
        _fail("The demo accounts have a public password; they are not for RF_ENV=production.", Exit.USAGE)


def _refuse_where_nothing_is(settings: Settings) -> None:
    """Who asks about what is there would otherwise make a PostgreSQL, and be told that it is empty."""
    if settings.database_url is None and not is_made(settings.data_dir):
        _fail(
            f"There is no database in {settings.data_dir}. Name the server's folder with --data-dir "
            "(`make demo` prints its own), or its --database-url.",
            Exit.DATABASE,
        )


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end; known failures become one line on standard error and an exit code."""
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(work)
    except (AssistantNotInstalled, UnknownLibrary, UnusableSecret) as error:
        _fail(str(error), Exit.USAGE)
    except DatabaseUnreachable as error:
        _fail(f"The database is not reachable: {error}", Exit.DATABASE)
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
            _fail(f"Cannot listen: {error.strerror}. Another --port may do.", Exit.PORT)
        raise


def _run_until_stopped(serving: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    async def supervised() -> None:
        stop = asyncio.Event()
        task = asyncio.ensure_future(serving(stop))

        def on_signal() -> None:
            # Before it listens there is nobody to send away. A second signal changes nothing: the drain is bounded.
            stop.set()
            # A statement of background work may lose its connection now, and nobody is left to be told.
            loop.set_exception_handler(lambda _loop, _context: None)

        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, on_signal)
        await task

    _run(supervised())


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415  # not on every platform
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def _invitation(url: str, folder: Path) -> str:
    lines = [
        f"ResolutionFlow demo at {url}",
        f"Its data is in {folder}",
        "",
        "Sign in with any of these; the password is " + DEMO_PASSWORD,
    ]
    lines += [f"  {p.email:<52} {p.role:<9} {TENANTS[p.tenant]}" for p in PEOPLE.values()]
    lines += ["", f'A token:   curl -s {url}/api/auth/token -d \'{{"email": "engineer@resolutionflow.example.com",']
    lines[-1] += f' "password": "{DEMO_PASSWORD}"}}\''
    return "\n".join([*lines, "Ctrl-C stops it."])


def _say(text: str) -> None:
    typer.echo(text)
    sys.stdout.flush()


def _fail(text: str, code: int) -> NoReturn:
    typer.echo(text, err=True)
    raise typer.Exit(code)


if __name__ == "__main__":
    main()
