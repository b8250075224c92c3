"""The Socket.IO door: connect, commands, disconnect, drain."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Hashable, Mapping
from datetime import UTC, datetime

import structlog
from aiohttp import web

from handlers.ahead import ReadAhead
from handlers.command import Caller
from handlers.dispatch import Dispatch, not_json
from handlers.wire import dumps
from server.auth import Doorkeeper, Token
from server.config import Settings
from server.connection import Connection
from server.delivery import Delivery
from server.engine import EngineServer, check
from server.limits import Pace, slow_down
from server.origins import origin_allowed
from server.packets import Connect, Disconnect, Event, accepted, ack, read, refused, wants_ack
from server.presence import Presence
from server.roll import Roll
from server.telemetry import Telemetry
from server.transport import Outgoing, Socket, Terms
from server.turns import Turns
from store.db import Database
from store.errors import Refusal
from store.models import Json

PROTOCOL = 1
AT_ONCE = 16
"""CONNECTs looked at in one turn of the event loop."""

log = structlog.get_logger()


class Gateway:
    """All sockets of this process."""

    def __init__(
        self,
        settings: Settings,
        db: Database,
        dispatch: Dispatch,
        delivery: Delivery,
        presence: Presence,
        doorkeeper: Doorkeeper,
        pace: Pace,
        telemetry: Telemetry,
    ) -> None:
        self._settings = settings
        self._delivery = delivery
        self._presence = presence
        self._doorkeeper = doorkeeper
        self._telemetry = telemetry
        self._db = db
        self._dispatch = dispatch
        self._sockets: dict[str, Connection] = {}
        self._roll = Roll(db)
        self._pace = pace
        self._read_ahead = ReadAhead()
        self.draining = False
        self.drained = False
        self._turns = Turns(AT_ONCE)
        self._limits = {
            "payload_bytes": settings.payload_bytes,
            "commands_per_second": settings.commands_per_second,
            "commands_per_second_user": settings.commands_per_second_user,
            "commands_per_second_account": settings.commands_per_second_account,
            "connections_per_user": settings.connections_per_user,
            "rooms_per_connection": settings.rooms_per_connection,
            "outbound_bytes": settings.outbound_bytes,
        }
        self.terms = Terms(
            owner=self,
            observe_cut=lambda reason: telemetry.cut.labels(reason).inc(),
            outbound_bytes=settings.outbound_bytes,
            frame_bytes=settings.frame_bytes,
            ping_interval=settings.ping_interval,
            ping_timeout=settings.ping_timeout,
            fast=settings.fast_path,
        )
        check()
        self._engine = EngineServer(
            self.terms,
            compression=settings.compression,
            cors_allowed_origins="*",  # the origin was looked at before
            cors_credentials=False,
            logger=logging.getLogger("engineio"),
            transports=list(settings.transports),
            allow_upgrades="websocket" in settings.transports,
            http_compression=False,
            max_http_buffer_size=settings.frame_bytes,
            ping_interval=settings.ping_interval,
            ping_timeout=settings.ping_timeout,
        )

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One HTTP request of Engine.IO: a handshake, which lasts as long as its WebSocket, or a poll."""
        response: web.StreamResponse = await self._engine.handle_request(request)
        return response

    def may_enter(self, headers: Mapping[str, str]) -> bool:
        """Whether the opening of a WebSocket with these headers may be answered without `handle`."""
        settings = self._settings
        origins = [headers["origin"]] if "origin" in headers else []
        return (
            not self.draining
            and "websocket" in settings.transports
            and not (settings.compression and "sec-websocket-extensions" in headers)
            and origin_allowed(origins, headers["host"], settings.allowed_origins)
        )

    # What the transport tells

    def opened(self, socket: Socket) -> None:
        self._sockets[socket.sid] = Connection(
            socket, self._settings, self._delivery, self._presence, self._doorkeeper, self._roll, self.terms.wheel
        )

    def closing(self, sid: str) -> None:
        if (connection := self._sockets.get(sid)) is not None:
            self._delivery.fanout.flush(connection)

    def closed(self, sid: str) -> None:
        connection = self._sockets.pop(sid, None)
        if connection is None:
            return
        connection.gone()
        if connection.token is not None:
            self._roll.leave(connection, connection.who)
            self._telemetry.connections.dec()

    async def received(self, sid: str, packet: str) -> None:
        """One Socket.IO packet. The next one of this socket waits until this one was dealt with."""
        connection = self._sockets.get(sid)
        if connection is None:
            return
        try:
            async with connection.busy:
                await self._receive(connection, packet)
        except Exception:
            log.exception("packet failed")
            connection.end("internal")

    async def _receive(self, connection: Connection, data: str) -> None:
        if connection.leaving:
            return
        limit = self._settings.payload_bytes
        if len(data) * 4 > limit and len(data.encode()) > limit:  # a character has at most four bytes
            self._refuse_unread(
                connection, data, Refusal("too_large", f"At most {limit} bytes.", details={"limit": limit})
            )
            return
        try:
            packet = read(data)
        except (ValueError, RecursionError):
            self._refuse_unread(connection, data, not_json())
            return
        if isinstance(packet, Event) and connection.token is not None:
            await self._command(connection, packet)
        elif isinstance(packet, Connect) and connection.token is None:
            await self._handle_connect(connection, packet)
        elif isinstance(packet, Disconnect):
            connection.end()
        else:
            connection.end("malformed")

    def _refuse_unread(self, connection: Connection, data: str, refusal: Refusal) -> None:
        """Refuse a command that could not be read, if it is one and says where its answer goes."""
        ack_id = wants_ack(data)
        if ack_id is None or connection.token is None:
            connection.end("malformed")
        else:
            connection.write(ack(ack_id, refusal))

    # CONNECT

    async def _handle_connect(self, connection: Connection, connect: Connect) -> None:
        if connect.namespace != "/":
            connection.write(refused(Refusal("unauthorized", "There is no such namespace."), connect.namespace))
            connection.end("refused")
            return
        try:
            await self._turns.taken()
            token = await self._admit(connect.auth)
        except Refusal as refusal:
            self._refuse(connection, refusal)
        except Exception:
            log.exception("connect failed")
            self._refuse(connection, Refusal("unavailable", "Something went wrong on our side."))
        else:
            self._accept(connection, token)

    def _refuse(self, connection: Connection, refusal: Refusal) -> None:
        connection.write(refused(refusal))
        connection.end("refused")

    def _accept(self, connection: Connection, token: Token) -> None:
        if connection.closed or connection.leaving:
            return
        connection.accept(token)
        self._roll.enter(connection, token.who)
        self._telemetry.connections.inc()
        connection.write(Outgoing.joined([accepted(), self._hello(token)]))

    async def _admit(self, auth: object) -> Token:
        if self.draining:
            raise Refusal("unavailable", "This replica is going away. Connect again.")
        if len(self._sockets) > self._settings.connections:
            raise Refusal("overloaded", "This replica has as many connections as it takes.")
        token = await self._doorkeeper.admit(auth.get("token") if isinstance(auth, dict) else None)
        if self._roll.connections_of(token.who) >= self._settings.connections_per_user:
            raise Refusal("overloaded", "You have as many connections as one user may have.")
        return token

    def _hello(self, token: Token) -> Outgoing:
        who, settings = token.who, self._settings
        hello = {
            "protocol": PROTOCOL,
            "user": {"id": who.user_id, "name": who.name, "role": who.role},
            "account": {"id": who.account_id, "name": who.account_name},
            "replica": settings.replica,
            "server_time": datetime.now(UTC),
            "token_expires_at": token.expires_at,
            "limits": self._limits,
        }
        return Outgoing(f'2["hello",{dumps(hello)}]')

    # Commands

    async def _command(self, connection: Connection, event: Event) -> None:
        answer: Json | Refusal
        who = connection.who
        if wait := connection.bucket.take() or self._pace.take(who):
            answer = slow_down(wait)
        else:
            payload = event.args[0] if len(event.args) == 1 else event.args
            caller = Caller(who, self._db, connection, self._settings.abilities, self._read_ahead)
            apply = self._dispatch.shielded if connection.socket.may_be_cancelled else self._dispatch
            answer = await apply(event.name, payload, caller)
        if event.ack_id is not None:
            connection.write(ack(event.ack_id, answer))
        connection.admit()

    # Rights and the end

    async def check_access(self, rights: Hashable) -> None:
        """Give changed rights their effect. See `Roll.check_access`."""
        await self._roll.check_access(rights)

    async def drain(self, window: float) -> None:
        """Send every client away, spread over `window` seconds, each after its running command was acked."""
        self.draining = True
        connections = list(self._sockets.values())
        pause = window / len(connections) if connections else 0.0
        ends = []
        loop = asyncio.get_running_loop()
        start = loop.time()
        for number, connection in enumerate(connections):
            await asyncio.sleep(max(0.0, start + number * pause - loop.time()))
            ends.append(asyncio.create_task(self._send_away(connection, window), name="send away"))
        if ends:
            await asyncio.wait(ends)
        self.drained = True

    async def _send_away(self, connection: Connection, window: float) -> None:
        async with connection.busy:
            connection.leaving = True
            connection.emit("server:draining", {"reconnect_after_ms": int(window * 1000)})
            connection.end("draining")
