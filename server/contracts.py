"""The contracts: OpenAPI of the HTTP door and AsyncAPI of the Socket.IO door, made from the table and the models.

They are the same for the same release, whatever the settings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any, Literal

from pydantic import BaseModel, StringConstraints
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from handlers import ADMINISTRATION, COMMANDS
from handlers.command import ANYONE, Command, Payload, Route
from handlers.events import EVENTS
from handlers.refusals import ALWAYS, OVER_HTTP, PROBLEMS, REFUSALS, Refused, accepted
from handlers.signals import SIGNALS, Connect, ConnectRefused
from handlers.views import SignedIn, View
from store.errors import STATUS, Code

Node = dict[str, Any]
"""A part of a JSON document."""

SCHEMA = "#/components/schemas/{model}"
JSON, PROBLEM, TEXT, CSV = "application/json", "application/problem+json", "text/plain", "text/csv"


class SignInBody(Payload):
    email: Annotated[str, StringConstraints(min_length=3, max_length=320, pattern=r"^[^\x00]+$")]
    password: Annotated[str, StringConstraints(min_length=1, max_length=1024)]


class Health(View):
    status: Literal["ok"]


class Readiness(View):
    """Whether traffic may come to this replica, and why not."""

    status: Literal["ready", "degraded", "unready"]
    reasons: tuple[str, ...]
    replica: str


def openapi() -> dict[str, object]:
    """OpenAPI 3.1 of all that the HTTP door serves, but for the sockets' way in."""
    commands = (*COMMANDS.values(), *ADMINISTRATION.values())
    served = [(command, command.http) for command in commands if command.http is not None]
    problems = _Problems()
    paths: Node = {}
    for command, route in served:
        paths.setdefault(route.path, {})[route.method.lower()] = {
            "operationId": command.name.replace(":", "_"),
            "tags": [_noun(command)],
            **_described(command),
            **_input(command.payload, route),
            "responses": {
                str(route.status): _response("The answer", JSON, _ref(command.answers)),
                **problems.responses({*_codes(command), *OVER_HTTP}),
            },
        }
    paths["/api/handoffs/{handoff_id}/log.csv"] = _as_a_table(paths["/api/handoffs/{handoff_id}/log"])
    paths |= _without_a_token(problems)
    bodies = [(command.payload, route) for command, route in served if route.method != "GET"]
    schemas = _schemas(
        [SignInBody, *(model for model, _ in bodies)],
        [SignedIn, Health, Readiness, *(command.answers for command, _ in served), *problems.models()],
    )
    for model, route in bodies:
        _leave_out(_fields_in(route.path), schemas[model.__name__])
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ResolutionFlow over HTTP",
            "version": _release(),
            "description": "The commands of the Socket.IO door, each with the same effect, answer and refusals.",
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": problems.components(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _input(payload: type[Payload], route: Route) -> Node:
    """Where each field of the payload stands in the request."""
    schema = payload.model_json_schema(schema_generator=_Schema)
    in_path = _fields_in(route.path)
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": schema["properties"][name]} for name in in_path
    ]
    if route.method == "GET":
        parameters += [
            {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": _given(field)}
            for name, field in schema["properties"].items()
            if name not in in_path
        ]
        return {"parameters": parameters}
    return {"parameters": parameters, "requestBody": {"required": True, "content": {JSON: {"schema": _ref(payload)}}}}


def _fields_in(path: str) -> list[str]:
    return re.findall(r"{(\w+)}", path)


def _given(field: Node) -> Node:
    """The field's schema where null is told by leaving it out."""
    kinds = [kind for kind in field.get("anyOf", ()) if kind != {"type": "null"}]
    if not kinds:
        return field
    return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}


def _leave_out(fields: list[str], schema: Node) -> None:
    for field in fields:
        del schema["properties"][field]
    schema["required"] = [name for name in schema["required"] if name not in fields]


def _as_a_table(log: Node) -> Node:
    """The operation that answers all pages of the log as lines."""
    get = log["get"]
    answers = get["responses"] | {"200": _response("The table", CSV, {"type": "string"})}
    parameters = [parameter for parameter in get["parameters"] if parameter["in"] == "path"]
    return {
        "get": get | {"operationId": f"{get['operationId']}_as_a_table", "parameters": parameters, "responses": answers}
    }


def _without_a_token(problems: _Problems) -> Node:
    def get(name: str, media: str, schema: Node, **more: Node) -> Node:
        responses = {"200": _response("The answer", media, schema), **more}
        return {"get": {"operationId": name, "tags": ["operation"], "security": [], "responses": responses}}

    unready = _response("No traffic may come here", JSON, _ref(Readiness))
    return {
        "/api/auth/token": {
            "post": {
                "operationId": "sign_in",
                "tags": ["auth"],
                "summary": "E-mail and password into a token, where no identity provider issues them",
                "security": [],
                "requestBody": {"required": True, "content": {JSON: {"schema": _ref(SignInBody)}}},
                "responses": {
                    "200": _response("The token", JSON, _ref(SignedIn)),
                    **problems.responses({*ALWAYS, "unauthorized", "not_found"}),
                },
            }
        },
        "/healthz": get("alive", JSON, _ref(Health)),
        "/readyz": get("ready", JSON, _ref(Readiness), **{"503": unready}),
        "/metrics": get("metrics", TEXT, {"type": "string"}),
        "/openapi.json": get("openapi", JSON, {"type": "object"}),
        "/asyncapi.json": get("asyncapi", JSON, {"type": "object"}),
    }


class _Problems:
    """The refusals that operations name, as responses shared by those which refuse with the same codes."""

    def __init__(self) -> None:
        self._named: dict[str, list[Code]] = {}

    def responses(self, codes: Iterable[Code]) -> Node:
        """By status."""
        by_status: dict[int, list[Code]] = {}
        for code in sorted(codes):
            by_status.setdefault(STATUS[code], []).append(code)
        named = {status: (".".join(codes), codes) for status, codes in sorted(by_status.items())}
        self._named |= dict(named.values())
        return {str(status): {"$ref": f"#/components/responses/{name}"} for status, (name, _) in named.items()}

    def models(self) -> list[type[BaseModel]]:
        return [PROBLEMS[code] for code in sorted({code for codes in self._named.values() for code in codes})]

    def components(self) -> Node:
        return {name: self._component(codes) for name, codes in sorted(self._named.items())}

    def _component(self, codes: list[Code]) -> Node:
        refs = [_ref(PROBLEMS[code]) for code in codes]
        response = _response(", ".join(codes), PROBLEM, refs[0] if len(refs) == 1 else {"oneOf": refs})
        if STATUS[codes[0]] == STATUS["unauthorized"]:
            response["headers"] = {"WWW-Authenticate": {"required": True, "schema": {"const": "Bearer"}}}
        if "rate_limited" in codes:
            seconds = {"type": "integer", "minimum": 1}
            response["headers"] = {"Retry-After": {"required": True, "schema": seconds}}
        return response


def _response(description: str, media: str, schema: Node) -> Node:
    return {"description": description, "content": {media: {"schema": schema}}}


def asyncapi() -> dict[str, object]:
    """AsyncAPI 3.0 of the Socket.IO door as the server sees it: commands are received, events and signals sent."""
    acks = {command.answers: accepted(command.answers) for command in COMMANDS.values()}
    messages = {
        "connect": _message("connect", Connect),
        "connect.refused": _message("connect_error", ConnectRefused),
        "ack.refused": _message("ack", Refused),
        **{_ack(model): _message("ack", acks[model]) for model in acks},
        **{_key("command", command.name): _message(command.name, command.payload) for command in COMMANDS.values()},
        **{_key("event", name): _message(name, model) for name, model in EVENTS.items()},
        **{_key("signal", name): _message(name, model) for name, model in SIGNALS.items()},
    }
    operations = {
        "connect": {**_operation("receive", "connect"), "reply": _reply("connect.refused")},
        **{
            _key("command", command.name): {
                **_operation("receive", _key("command", command.name)),
                **_described(command),
                "tags": [{"name": _noun(command)}],
                "reply": _reply(_ack(command.answers), "ack.refused"),
                "x-refusals": list(_codes(command)),
            }
            for command in COMMANDS.values()
        },
        **{key: _operation("send", key) for key in messages if key.startswith(("event.", "signal."))},
    }
    schemas = _schemas(
        [Connect, *(command.payload for command in COMMANDS.values())],
        [ConnectRefused, Refused, *acks.values(), *EVENTS.values(), *SIGNALS.values()],
    )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "ResolutionFlow over Socket.IO",
            "version": _release(),
            "description": "Socket.IO protocol 5, Engine.IO 4. A command is an EVENT with one object and an ack id; "
            "its answer the ACK with one object. Events and signals come as EVENTs without an ack id.",
        },
        "defaultContentType": JSON,
        "servers": {
            "replica": {
                "host": "{host}",
                "protocol": "ws",
                "pathname": "/socket.io/",
                "variables": {"host": {"default": "127.0.0.1:8000"}},
            }
        },
        "channels": {
            "root": {
                "address": "/",
                "title": "The namespace",
                "messages": {key: {"$ref": f"#/components/messages/{key}"} for key in messages},
                "bindings": {"ws": {"method": "GET", "query": _QUERY, "bindingVersion": "0.1.0"}},
            }
        },
        "operations": operations,
        "components": {"messages": messages, "schemas": _without_discriminators(schemas)},
    }


_QUERY: Node = {
    "type": "object",
    "required": ["EIO", "transport"],
    "properties": {"EIO": {"const": "4"}, "transport": {"const": "websocket"}},
}


def _key(kind: str, name: str) -> str:
    return f"{kind}.{name.replace(':', '.')}"


def _ack(answers: type[BaseModel]) -> str:
    return f"ack.{answers.__name__}"


def _message(name: str, payload: type[BaseModel]) -> Node:
    return {"name": name, "payload": _ref(payload)}


def _operation(action: Literal["receive", "send"], message: str) -> Node:
    return {"action": action, "channel": {"$ref": "#/channels/root"}, "messages": [_of_channel(message)]}


def _reply(*messages: str) -> Node:
    return {"channel": {"$ref": "#/channels/root"}, "messages": [_of_channel(message) for message in messages]}


def _of_channel(message: str) -> Node:
    return {"$ref": f"#/channels/root/messages/{message}"}


def _without_discriminators(schemas: Node) -> Node:
    """AsyncAPI's discriminator is another: it names schemas, not values."""

    def without(node: Any) -> Any:  # noqa: ANN401  # JSON
        if isinstance(node, list):
            return [without(item) for item in node]
        if isinstance(node, dict):
            mapped = isinstance(node.get("discriminator"), dict) and "mapping" in node["discriminator"]
            return {key: without(value) for key, value in node.items() if not (mapped and key == "discriminator")}
        return node

    return {name: without(schema) for name, schema in schemas.items()}


# Of both


class _Schema(GenerateJsonSchema):
    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002
        return False


def _schemas(read: Iterable[type[BaseModel]], written: Iterable[type[BaseModel]]) -> Node:
    """The schemas of these models, of which the server reads some, and of what they are made of, by name."""
    modes: Mapping[type[BaseModel], JsonSchemaMode] = {
        **dict.fromkeys(read, "validation"),
        **dict.fromkeys(written, "serialization"),
    }
    _, schemas = models_json_schema(list(modes.items()), ref_template=SCHEMA, schema_generator=_Schema)
    return dict(sorted(schemas["$defs"].items()))


def _ref(model: type[BaseModel]) -> Node:
    return {"$ref": SCHEMA.format(model=model.__name__)}


def _noun(command: Command) -> str:
    return command.name.partition(":")[0]


def _described(command: Command) -> Node:
    roles = {} if command.roles == ANYONE else {"description": f"For {', '.join(sorted(command.roles))}."}
    return {"summary": command.name, **roles}


def _codes(command: Command) -> tuple[Code, ...]:
    role: tuple[Code, ...] = () if command.roles == ANYONE else ("role_required",)
    return tuple(sorted({*ALWAYS, *REFUSALS[command.name], *role}))


def _release() -> str:
    try:
        return version("resolutionflow")
    except PackageNotFoundError:
        return "0.0.0"
