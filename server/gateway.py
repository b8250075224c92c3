"""The Socket.IO door: connect, commands, disconnect, drain. The only importer of socketio."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import Counter
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import socketio
import structlog
from aiohttp import web
from socketio import packet

from handlers.ahead import ReadAhead
from handlers.command import Caller
from handlers.dispatch import Dispatch, not_json
from handlers.wire import dumps, error_body, loads
from server.auth import Doorkeeper, Token
from server.config import Settings
from server.connection import Connection
from server.delivery import Delivery
from server.limits import Pace, slow_down
from server.presence import Presence
from server.telemetry import Telemetry
from server.transport import EngineServer, Outgoing
from store import accounts
from store.db import Database
from store.errors import Refusal
from store.models import Json, Principal

PROTOCOL = 1

log = structlog.get_logger()

_ACK_ID = re.compile(r"2(\d{1,15})(?=\[)")


class _Manager(socketio.AsyncManager):  # type: ignore[misc]  # socketio has no types
    """Knows who is connected. Rooms are `Delivery`'s, so a client leaves without a search through all of them."""

    def basic_disconnect(self, sid: str, namespace: str, **_: object) -> None:
        for room in (None, sid):
            self.basic_leave_room(sid, namespace, room)
        for pending in (self.pending_connect, self.pending_disconnect):
            if sid in pending.get(namespace, ()):
                pending[namespace].remove(sid)
                if not pending[namespace]:
                    del pending[namespace]


class _Packet(packet.Packet):  # type: ignore[misc]
    """Strict JSON, and only here: the library's own switch for the codec would change every client of the process."""

    uses_binary_events = False
    json = SimpleNamespace(dumps=lambda value, **_: dumps(value), loads=loads)


class _SocketIO(socketio.AsyncServer):  # type: ignore[misc]
    """python-socketio with every packet looked at by the gateway first."""

    gateway: Gateway

    def _engineio_server_class(self) -> type[EngineServer]:
        return EngineServer

    async def _handle_eio_connect(self, eio_sid: str, _environ: dict[str, Any]) -> None:
        await super()._handle_eio_connect(eio_sid, {})  # nobody asks for the headers later
        self.gateway.opened(eio_sid)

    async def _handle_eio_message(self, eio_sid: str, data: object) -> None:
        await self.gateway.received(eio_sid, data)

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        self.gateway.closed(eio_sid)
        await super()._handle_eio_disconnect(eio_sid, reason)


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
        self._by_user: Counter[tuple[UUID, UUID]] = Counter()
        self._pace = pace
        self._read_ahead = ReadAhead()
        self.draining = False
        self.drained = False
        self._io = _SocketIO(
            client_manager=_Manager(),
            async_mode="aiohttp",
            async_handlers=False,
            serializer=_Packet,
            namespaces=["/"],
            cors_allowed_origins="*",  # the origin was looked at before
            cors_credentials=False,
            logger=logging.getLogger("socketio"),
            engineio_logger=logging.getLogger("engineio"),
            monitor_clients=False,
            transports=list(settings.transports),
            allow_upgrades="websocket" in settings.transports,
            http_compression=False,
            max_http_buffer_size=settings.frame_bytes,
            ping_interval=settings.ping_interval,
            ping_timeout=settings.ping_timeout,
            compression=settings.compression,
            outbound_bytes=settings.outbound_bytes,
            observe_cut=lambda reason: telemetry.cut.labels(reason).inc(),
        )
        self._io.gateway = self
        self._io.on("connect", self._connect)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One HTTP request of Engine.IO: a handshake, which lasts as long as its WebSocket, or a poll."""
        response: web.StreamResponse = await self._io.eio.handle_request(request)
        return response

    # What the transport tells

    def opened(self, eio_sid: str) -> None:
        socket = self._io.eio.sockets[eio_sid]
        self._sockets[eio_sid] = Connection(socket, self._settings, self._delivery, self._presence, self._doorkeeper)

    def closed(self, eio_sid: str) -> None:
        connection = self._sockets.pop(eio_sid, None)
        if connection is None:
            return
        connection.gone()
        if connection.token is not None:
            user = _user(connection.who)
            self._by_user[user] -= 1
            if not self._by_user[user]:
                del self._by_user[user]
            self._telemetry.connections.dec()

    async def received(self, eio_sid: str, data: object) -> None:
        """One Socket.IO packet. The next one of this socket waits until this one was dealt with."""
        connection = self._sockets.get(eio_sid)
        if connection is None:
            return
        try:
            async with connection.busy:
                await self._receive(connection, eio_sid, data)
        except Exception:
            log.exception("packet failed")
            connection.cut("internal")

    async def _receive(self, connection: Connection, eio_sid: str, data: object) -> None:
        if connection.leaving:
            return
        if not isinstance(data, str):
            connection.cut("malformed")
            return
        limit = self._settings.payload_bytes
        if len(data) * 4 > limit and len(data.encode()) > limit:  # a character has at most four bytes
            self._refuse_unread(
                connection, data, Refusal("too_large", f"At most {limit} bytes.", details={"limit": limit})
            )
            return
        try:
            parsed = self._io.packet_class(encoded_packet=data)
        except (ValueError, RecursionError):
            self._refuse_unread(connection, data, not_json())
            return
        if parsed.packet_type == packet.CONNECT:
            await self._handle_connect(connection, eio_sid, parsed)
        elif parsed.packet_type == packet.EVENT and connection.token is not None and _is_event(parsed):
            await self._command(connection, parsed.id, parsed.data)
        elif parsed.packet_type == packet.DISCONNECT:
            await self._io.eio.disconnect(eio_sid)
        else:
            connection.cut("malformed")

    def _refuse_unread(self, connection: Connection, data: str, refusal: Refusal) -> None:
        """Refuse a command that could not be read, if it is one and says where its answer goes."""
        event = _ACK_ID.match(data)
        if event is None or connection.token is None:
            connection.cut("malformed")
        else:
            connection.write(_ack(int(event[1]), refusal))

    # CONNECT

    async def _handle_connect(self, connection: Connection, eio_sid: str, parsed: Any) -> None:  # noqa: ANN401
        if connection.token is not None or parsed.attachment_count:
            connection.cut("malformed")
            return
        namespace = parsed.namespace or "/"
        if namespace != "/":
            refused = {"message": "There is no such namespace.", "data": {"code": "unauthorized", "status": 401}}
            connection.write(Outgoing(f"4{namespace},{dumps(refused)}"))
            connection.end("refused")
            return
        await self._io._handle_connect(eio_sid, namespace, parsed.data)  # noqa: SLF001
        self._connected(connection)

    async def _connect(self, sid: str, _environ: object, auth: object = None) -> None:
        """python-socketio's connect handler. Raises nothing but its refusal."""
        eio_sid = self._io.manager.eio_sid_from_sid(sid, "/")
        try:
            async with asyncio.timeout(self._settings.connect_timeout):
                token = await self._admit(auth)
        except Refusal as refusal:
            raise _refused(refusal) from None
        except TimeoutError:
            raise _refused(Refusal("unavailable", "That took too long. Try again.")) from None
        except Exception:
            log.exception("connect failed")
            raise _refused(Refusal("unavailable", "Something went wrong on our side.")) from None
        connection = self._sockets.get(eio_sid)
        if connection is None:
            raise _refused(Refusal("unavailable", "The connection has ended."))
        connection.accept(token)
        self._by_user[_user(token.who)] += 1
        self._telemetry.connections.inc()

    async def _admit(self, auth: object) -> Token:
        if self.draining:
            raise Refusal("unavailable", "This replica is going away. Connect again.")
        if len(self._sockets) > self._settings.connections:
            raise Refusal("overloaded", "This replica has as many connections as it takes.")
        token = await self._doorkeeper.admit(auth.get("token") if isinstance(auth, dict) else None)
        if self._by_user[_user(token.who)] >= self._settings.connections_per_user:
            raise Refusal("overloaded", "You have as many connections as one user may have.")
        return token

    def _connected(self, connection: Connection) -> None:
        if connection.token is None:
            connection.end("refused")
            return
        who, settings = connection.who, self._settings
        connection.emit(
            "hello",
            {
                "protocol": PROTOCOL,
                "user": {"id": who.user_id, "name": who.name, "role": who.role},
                "account": {"id": who.account_id, "name": who.account_name},
                "replica": settings.replica,
                "server_time": datetime.now(UTC),
                "token_expires_at": connection.token.expires_at,
                "limits": {
                    "payload_bytes": settings.payload_bytes,
                    "commands_per_second": settings.commands_per_second,
                    "commands_per_second_user": settings.commands_per_second_user,
                    "commands_per_second_account": settings.commands_per_second_account,
                    "connections_per_user": settings.connections_per_user,
                    "rooms_per_connection": settings.rooms_per_connection,
                    "outbound_bytes": settings.outbound_bytes,
                },
            },
        )

    # Commands

    async def _command(self, connection: Connection, ack_id: int | None, event: list[Any]) -> None:
        name, *args = event
        answer: Json | Refusal
        who = connection.who
        if wait := connection.bucket.take() or self._pace.take(who):
            answer = slow_down(wait)
        else:
            payload = args[0] if len(args) == 1 else args
            caller = Caller(who, self._db, connection, self._settings.abilities, self._read_ahead)
            answer = await self._dispatch(name, payload, caller)
        if ack_id is not None:
            connection.write(_ack(ack_id, answer))
        connection.admit()

    # Rights and the end

    async def check_access(self) -> None:
        """Evict and dismiss everyone whose access was taken away, and give changed roles their effect. One query."""
        tokens = {c: c.token for c in self._sockets.values() if c.token is not None}
        if not tokens:
            return
        changed = await accounts.changed_rights(self._db, {token.who for token in tokens.values()})
        for connection, token in tokens.items():
            rights = changed.get(_user(token.who))
            if rights is not None and connection.token is token:  # one renewed meanwhile was just looked up
                connection.comply(rights)

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


def _user(who: Principal) -> tuple[UUID, UUID]:
    return who.account_id, who.user_id


def _is_event(parsed: Any) -> bool:  # noqa: ANN401
    return (
        not parsed.attachment_count
        and parsed.namespace in (None, "/")
        and isinstance(parsed.data, list)
        and len(parsed.data) > 0
        and isinstance(parsed.data[0], str)
    )


def _refused(refusal: Refusal) -> socketio.exceptions.ConnectionRefusedError:
    return socketio.exceptions.ConnectionRefusedError(refusal.message, {"code": refusal.code, "status": refusal.status})


def _ack(ack_id: int, answer: Json | Refusal) -> Outgoing:
    if isinstance(answer, Refusal):
        return Outgoing(f'3{ack_id}[{{"ok":false,"error":{dumps(error_body(answer))}}}]')
    return Outgoing(f'3{ack_id}[{{"ok":true,"data":{answer}}}]')
