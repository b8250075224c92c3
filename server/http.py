"""The HTTP door: the same commands by the same table, health, contracts, and the sockets' way in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from ipaddress import ip_address
from uuid import uuid4

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware
from pydantic import IPvAnyNetwork, ValidationError

from handlers import ADMINISTRATION, COMMANDS
from handlers.command import Caller, Command, Payload
from handlers.dispatch import Dispatch, fields_of, invalid, not_json, validated
from handlers.wire import dumps, loads
from server import console, handoff_csv
from server.auth import Doorkeeper, SignIn
from server.config import Settings
from server.contracts import SignInBody, asyncapi, openapi
from server.delivery import Delivery
from server.gateway import Gateway
from server.limits import BODY_WITHIN, Buckets, Pace, slow_down
from server.origins import origin_allowed
from server.telemetry import Telemetry
from store.db import Database
from store.errors import Refusal

log = structlog.get_logger()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class HttpDoor:
    def __init__(
        self,
        settings: Settings,
        db: Database,
        dispatch: Dispatch,
        delivery: Delivery,
        gateway: Gateway,
        doorkeeper: Doorkeeper,
        sign_in: SignIn | None,
        pace: Pace,
        telemetry: Telemetry,
    ) -> None:
        self._settings = settings
        self._db = db
        self._dispatch = dispatch
        self._delivery = delivery
        self._gateway = gateway
        self._doorkeeper = doorkeeper
        self._sign_in = sign_in
        self._telemetry = telemetry
        self._pace = pace
        per_minute = settings.sign_ins_per_minute_address
        self._sign_ins = Buckets(per_minute / 60, burst=per_minute)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        for command in (*COMMANDS.values(), *ADMINISTRATION.values()):
            if command.http is not None:
                router.add_route(command.http.method, command.http.path, self._serve(command))
        router.add_get("/api/handoffs/{handoff_id}/log.csv", self._handoff_csv)
        router.add_post("/api/auth/token", self._token)
        for method in ("GET", "POST", "OPTIONS"):
            router.add_route(method, "/socket.io/", self._engine)
        router.add_get("/healthz", _healthz)
        router.add_get("/readyz", self._readyz)
        router.add_get("/metrics", self._metrics)
        for path in _documents():
            router.add_get(path, self._document)
        console.add_routes(router)

    # Commands

    async def _caller(self, request: web.Request) -> Caller:
        if self._gateway.drained:
            raise Refusal("unavailable", "This replica is going away. Try again.")
        token = await self._doorkeeper.admit(_bearer(request), remembered=True)
        if wait := self._pace.take(token.who):
            raise slow_down(wait)
        return Caller(token.who, self._db, abilities=self._settings.abilities)

    def _serve(self, command: Command) -> Handler:
        async def serve(request: web.Request) -> web.StreamResponse:
            caller = await self._caller(request)
            answer = await self._dispatch.shielded(command.name, await _payload(command, request), caller)
            if isinstance(answer, Refusal):
                raise answer
            status = command.http.status if command.http is not None else 200
            return web.Response(text=answer, status=status, content_type="application/json")

        return serve

    async def _handoff_csv(self, request: web.Request) -> web.StreamResponse:
        """All that `handoff:log` answers, page by page, or its refusal."""
        caller, asked = await self._caller(request), {**request.match_info, "after": 0}
        table = [handoff_csv.header()]
        while asked["after"] is not None:
            answer = await self._dispatch.shielded("handoff:log", asked, caller)
            if isinstance(answer, Refusal):
                raise answer
            page = loads(str(answer))
            table.append(handoff_csv.lines(page["events"]))
            asked["after"] = page["next"]
        as_file = f'attachment; filename="handoff-{asked["handoff_id"]}.csv"'
        headers = {"Content-Disposition": as_file}
        return web.Response(text="".join(table), content_type="text/csv", headers=headers)

    async def _token(self, request: web.Request) -> web.StreamResponse:
        if self._sign_in is None:
            raise Refusal("not_found", "An identity provider issues the tokens.")
        if wait := self._sign_ins[client_address(request, self._settings.trusted_proxies)].take():
            raise slow_down(wait)
        body = validated(SignInBody, await _json(request))
        if not isinstance(body, SignInBody):
            raise TypeError
        token, expires_at, who = await self._sign_in(body.email, body.password)
        user = {"id": who.user_id, "name": who.name, "role": who.role}
        account = {"id": who.account_id, "name": who.account_name}
        answer = {"token": token, "expires_at": expires_at, "user": user, "account": account}
        return web.Response(text=dumps(answer), content_type="application/json", headers={"Cache-Control": "no-store"})

    # Sockets

    async def _engine(self, request: web.Request) -> web.StreamResponse:
        origins = request.headers.getall("Origin", [])
        if not origin_allowed(origins, request.host, self._settings.allowed_origins):
            return _engine_refusal(403, "This origin is not allowed")
        transport = request.query.get("transport", "polling")
        if transport not in self._settings.transports or "j" in request.query:
            return _engine_refusal(400, "Transport unknown")
        if self._gateway.draining and "sid" not in request.query:
            return _engine_refusal(503, "This replica is going away")
        return await self._gateway.handle(request)

    # Health and contracts

    async def _readyz(self, _: web.Request) -> web.StreamResponse:
        """May traffic come here? A deaf replica says so, and may: it delivers from the log."""
        reasons = []
        if self._gateway.draining:
            reasons.append("draining")
        if not await self._db.answers():
            reasons.append("database unreachable")
        status = "unready" if reasons else "ready"
        if not self._delivery.hearing:
            status = "unready" if reasons else "degraded"
            reasons.append("deaf")
        return web.json_response(
            {"status": status, "reasons": reasons, "replica": self._settings.replica},
            status=503 if status == "unready" else 200,
        )

    async def _metrics(self, _: web.Request) -> web.StreamResponse:
        return web.Response(
            body=self._telemetry.exposition(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        )

    async def _document(self, request: web.Request) -> web.StreamResponse:
        return web.Response(text=_documents()[request.path], content_type="application/json")


@cache
def _documents() -> Mapping[str, str]:
    """The contracts by their paths, made once: they are the same for every server of a process."""
    return {"/openapi.json": dumps(openapi()), "/asyncapi.json": dumps(asyncapi())}


async def _healthz(_: web.Request) -> web.StreamResponse:
    return web.json_response({"status": "ok"})


def _bearer(request: web.Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


async def _payload(command: Command, request: web.Request) -> object:
    """The command's payload: a GET's query or a POST's body, and the fields named in the path."""
    if request.method == "GET":
        return _from_query(command.payload, {**request.query, **request.match_info}, request)
    body = await _json(request)
    if not isinstance(body, dict):
        return body
    for name, value in request.match_info.items():
        if body.setdefault(name, value) != value:
            raise invalid([{"loc": [name], "msg": "Differs from the one in the path", "type": "mismatch"}])
    return body


def _from_query(model: type[Payload], fields: dict[str, str], request: web.Request) -> Payload:
    if len(request.query) != len(set(request.query)):
        raise invalid([{"loc": [], "msg": "A parameter was given twice", "type": "repeated"}])
    try:
        return model.model_validate_strings(fields)
    except ValidationError as error:
        raise invalid(fields_of(error)) from None


async def _json(request: web.Request) -> object:
    """The request's JSON; an empty body is an empty object. One that does not arrive in time was cut."""
    try:
        async with asyncio.timeout(BODY_WITHIN):
            body = await request.read()
        return loads(body) if body.strip() else {}
    except (ValueError, TimeoutError, web.RequestPayloadError):
        raise not_json() from None


def client_address(request: web.Request, trusted: tuple[IPvAnyNetwork, ...]) -> str:
    """The address of whoever asks: the peer's, or what the last proxy says where the peer is a trusted one."""
    peer = request.remote or ""
    told = request.headers.getall("X-Forwarded-For", [])
    try:
        if told and any(ip_address(peer) in network for network in trusted):
            return str(ip_address(told[-1].rpartition(",")[2].strip()))
    except ValueError:
        pass  # it says no address
    return peer


def _engine_refusal(status: int, message: str) -> web.Response:
    code = {400: 0, 403: 4, 503: 4}[status]
    return web.json_response({"code": code, "message": message}, status=status)


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals and accidents as RFC 9457 problems."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return problem(refusal)
    except web.HTTPRequestEntityTooLarge:
        return problem(Refusal("too_large", "The body is too large."))
    except web.HTTPNotFound:
        return problem(Refusal("not_found"))
    except web.HTTPMethodNotAllowed as error:
        refused = problem(Refusal("unknown_command", "This path does not take that method."), status=405)
        refused.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
        return refused
    except web.HTTPException:
        raise
    except ConnectionError:
        raise
    except Exception:
        error_id = uuid4().hex
        log.exception("request failed", path=request.path, error_id=error_id)
        return problem(Refusal("internal", "Something went wrong on our side.", details={"error_id": error_id}))


def problem(refusal: Refusal, *, status: int | None = None) -> web.Response:
    status = status or refusal.status
    body = {
        "type": f"urn:resolutionflow:error:{refusal.code}",
        "title": refusal.message,
        "status": status,
        "code": refusal.code,
        "message": refusal.message,
        "retryable": refusal.retryable,
        "details": refusal.details,
    }
    response = web.Response(text=dumps(body), status=status, content_type="application/problem+json")
    if refusal.code in ("unauthorized", "token_expired"):
        response.headers["WWW-Authenticate"] = "Bearer"
    if refusal.code == "rate_limited" and isinstance(refusal.details, dict):
        response.headers["Retry-After"] = str(-(-int(refusal.details["retry_after_ms"]) // 1000))
    return response


def cross_origin(allowed: tuple[str, ...]) -> Middleware:
    """Lets pages of the allowed origins read the HTTP door's answers, and no others."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if origin not in allowed:
            return await handler(request)
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            response: web.StreamResponse = web.Response(status=204)
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, PATCH"
            response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
            response.headers["Access-Control-Max-Age"] = "600"
        else:
            response = await handler(request)
        if not response.prepared:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Vary"] = "Origin"
        return response

    return middleware
