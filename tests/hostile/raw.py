"""Sockets by hand: a conversation of bytes with a server, and what came of it in a row's words."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import io
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp

from tests.hostile.row import TEXT, Forged, Poll, Request, Row, Socket, frame, upgrade

STATUS = {
    "invalid_payload": 422,
    "unknown_command": 404,
    "unauthorized": 401,
    "token_expired": 401,
    "role_required": 403,
    "self_claim": 403,
    "not_found": 404,
    "already_claimed": 409,
    "not_owner": 409,
    "claim_ended": 409,
    "closed": 409,
    "active_handoff": 409,
    "id_conflict": 409,
    "rate_limited": 429,
    "too_large": 413,
    "unavailable": 503,
    "internal": 500,
}
"""A3."""

CONNECT_CODES = {"unauthorized", "token_expired", "unavailable", "overloaded"}
"""T4."""

PATIENCE = 15.0
"""How long a row may go without an answer before that counts as silence, in seconds."""

LAST = 424242
"""The id of the command behind a row's own: its ack says that all before it was answered (A4), and how."""

_ACK_WANTED = re.compile(r"42(?:0-|/[^,]*,)?(\d{1,100})\[")
_NAME = re.compile(r"\$([a-z_]+)")

Value = Callable[[str], str | None]
"""What a `$name` stands for; None where it is no name but text."""


class Closed(Exception):  # noqa: N818  # an outcome
    """The server ended the connection; `code` is its WebSocket close code, if it said one."""

    def __init__(self, code: int | None = None) -> None:
        self.code = code
        super().__init__("closed" if code is None else f"closed {code}")


def filled(text: str, value: Value) -> str:
    def one(match: re.Match[str]) -> str:
        found = value(match[1])
        return match[0] if found is None else found

    return _NAME.sub(one, text)


def _filled(body: bytes, value: Value) -> bytes:
    return filled(body.decode("utf-8", "surrogateescape"), value).encode("utf-8", "surrogateescape")


def forged(token: Forged, value: Value, secret: str) -> str:
    """A JSON web token of exactly these texts, whether they are JSON or not."""
    key, digest = {
        "HS256": (secret, hashlib.sha256),
        "HS384": (secret, hashlib.sha384),
        "HS512": (secret, hashlib.sha512),
        "HS256 by another": (secret[::-1], hashlib.sha256),
        "with the header's key": ("", hashlib.sha256),
        "not": ("", None),
    }[token.signed]
    parts = [filled(text, value).encode("utf-8", "surrogateescape") for text in (token.header, token.claims)]
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = b"" if digest is None else hmac.new(key.encode(), signed, digest).digest()
    return (signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


@asynccontextmanager
async def dialled(host: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A TCP connection that is gone afterwards."""
    name, _, port = host.rpartition(":")
    reader, writer = await asyncio.open_connection(name, int(port), limit=1 << 22)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


class Wire:
    """A WebSocket behind its handshake."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    @asynccontextmanager
    async def opened(cls, host: str) -> AsyncIterator[Wire]:
        async with dialled(host) as (reader, writer):
            writer.write(filled(upgrade().head, {"host": host}.get).encode())
            answer = await reader.readuntil(b"\r\n\r\n")
            if not answer.startswith(b"HTTP/1.1 101 "):
                raise Closed
            wire = cls(reader, writer)
            await wire.text()  # Engine.IO's own greeting
            yield wire

    def send(self, *packets: str, data: bytes = b"", ends: bool = False) -> None:
        self._writer.write(b"".join(frame(TEXT, packet.encode("utf-8")) for packet in packets) + data)
        if ends:
            self._writer.write_eof()

    async def greet(self, packet: str) -> None:
        """CONNECT, and wait for both answers."""
        self.send(packet)
        await self.text()
        await self.text()

    async def text(self) -> str:
        """The next text frame; pings and pongs are passed over. Raises `Closed`."""
        try:
            while True:
                first, second = await self._reader.readexactly(2)
                length = second & 0x7F
                if length > 125:  # RFC 6455, 5.2
                    length = int.from_bytes(await self._reader.readexactly(2 if length == 126 else 8), "big")
                payload = await self._reader.readexactly(length)
                if first & 15 == TEXT:
                    return payload.decode()
                if first & 15 == 8:
                    raise Closed(int.from_bytes(payload[:2], "big") or None)
        except (asyncio.IncompleteReadError, ConnectionError):
            raise Closed from None


async def answer_to(row: Row, host: str, value: Value, secret: str) -> str:
    """What comes of a row, in the words of its expectation. Silence is an outcome, too."""
    value = _with_token(row.send.token, _remembered(value), secret)
    try:
        async with asyncio.timeout(PATIENCE):
            if isinstance(row.send, Request):
                return await _over_http(row.send, host, value)
            if isinstance(row.send, Poll):
                return await _polled(row.send, host, value)
            return await _on_socket(row, row.send, host, value)
    except TimeoutError:
        return "silence"


def _remembered(value: Value) -> Value:
    """`$fresh` is one new id for the whole row."""
    fresh = value("new")
    return lambda name: fresh if name == "fresh" else value(name)


def _with_token(token: Forged | None, value: Value, secret: str) -> Value:
    if token is None:
        return value
    jwt = forged(token, value, secret)
    return lambda name: jwt if name == "jwt" else value(name)


# WebSockets


async def _on_socket(row: Row, send: Socket, host: str, value: Value) -> str:
    packets = [filled(packet, value) for packet in send.packets]
    closes = row.expect.startswith("closed") or row.expect.endswith(" closed")
    outcome = _Outcome(row.echo, [int(ack[1]) for packet in packets if (ack := _ACK_WANTED.match(packet))])
    async with Wire.opened(host) as wire:
        try:
            if send.greeting:
                await wire.greet(filled(send.greeting, value))
            # Whoever is to be cut sends no more: a byte that nobody reads would take the close code away.
            wire.send(*packets, data=send.data, ends=send.ends)
            if not closes:
                wire.send(f'42{LAST}["me:get",{{}}]')
            while outcome.takes(await wire.text()):
                pass
        except Closed as closed:
            outcome.said.append(str(closed))
    return outcome.read()


async def _polled(send: Poll, host: str, value: Value) -> str:
    """A connection over long-polling. Its end shows in the next request, which is answered with 400."""
    address, outcome = f"http://{host}/socket.io/?EIO=4&transport=polling", _Outcome(None, [])
    async with aiohttp.ClientSession() as http:

        async def get(url: str) -> list[str]:
            async with http.get(url) as answer:
                if answer.status != 200:
                    raise Closed
                return (await answer.text()).split("\x1e")

        async def post(body: bytes, headers: tuple[tuple[str, str], ...] = ()) -> int:
            try:
                async with http.post(url, data=io.BytesIO(body), headers=headers) as answer:
                    return answer.status
            except aiohttp.ClientConnectionError:
                return 0

        url = f"{address}&sid={json.loads((await get(address))[0][1:])['sid']}"
        if send.greeting:
            await post(filled(send.greeting, value).encode())
            greeted = await get(url)
            assert len(greeted) == 2, greeted
        status = await post(_filled(send.body, value), send.headers)
        outcome.said += [str(status)] if status != 200 else []
        try:
            await post(f'42{LAST}["me:get",{{}}]'.encode())
            answered = False
            while not answered:
                for text in await get(url):
                    answered = answered or not outcome.takes(text)
            await post(b"1")  # or the server would wait for the next poll
        except Closed as closed:
            outcome.said.append(str(closed))
    return outcome.read()


class _Outcome:
    """Reads what the server sends, packet by packet."""

    def __init__(self, echo: tuple[str, str] | None, wanted: list[int]) -> None:
        self.said: list[str] = []
        self._echo = echo
        self._wanted = wanted

    def takes(self, text: str) -> bool:
        """False for the ack of the last command."""
        if text.startswith("44"):
            self.said.append(_refused(text))
        elif text.startswith("43"):
            number, outcome = acked(text, self._echo)
            if number == LAST:
                return False
            self.said.append(outcome if number in self._wanted or not self._wanted else f"{outcome} to {number}")
        elif text.startswith('42["hello",'):
            if not self.said or self.said[-1] != "connected":
                self.said.append("hello without CONNECT")
        elif text.startswith("40"):
            self.said.append("connected")
        elif text != "1" and not text.startswith("42["):
            self.said.append(f"unknown {text[:40]!r}")
        return True

    def read(self) -> str:
        return ", ".join(self.said) or "alive"


def _refused(text: str) -> str:
    """A CONNECT_ERROR as T4 has it."""
    body = re.fullmatch(r"44(?:/[^,]*,)?(\{.*\})", text, re.DOTALL)
    match json.loads(body[1]) if body else None:
        case {"message": str(message), "data": {"code": str(code), "status": int(status)}} if (
            message and code in CONNECT_CODES
        ):
            return f"refused {code}" if status == STATUS.get(code, 503) else f"refused {code} as {status}"
    return f"broken refusal {text[:80]!r}"


def acked(text: str, echo: tuple[str, str] | None = None) -> tuple[int | None, str]:
    """An ACK packet's number, and its outcome by A1 to A3."""
    packet = re.fullmatch(r"43(\d+)(\[.*\])", text, re.DOTALL)
    match json.loads(packet[2]) if packet else None:
        case [{"ok": True, "data": dict(data), **others}] if packet and not others:
            return int(packet[1]), "ok" if echo is None else _echoed(data, *echo)
        case [{"ok": False, "error": dict(error), **others}] if packet and not others:
            whole = set(error) == {"code", "status", "message", "retryable", "details"}
            return int(packet[1]), _told(error, error.get("status") if whole else None)
    return None, f"broken ack {text!r:.80}"


def _echoed(data: dict[str, Any], path: str, text: str) -> str:
    found: Any = data
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    elsewhere = path.split(".", maxsplit=1)[0] not in data  # the ack of another command of the row
    return "ok" if elsewhere or found == text else f"changed into {found!r:.80}"


def _told(error: dict[str, Any], status: object) -> str:
    """A refusal: its code and, where the payload is at fault, the first field named."""
    code, details = error.get("code"), error.get("details")
    if STATUS.get(str(code)) != status or not error.get("message"):
        return f"broken refusal {error!r:.200}"
    if code != "invalid_payload":
        return str(code)
    match details:
        case {"fields": [{"loc": list(loc), "msg": str(), "type": str()}, *_] as fields} if len(fields) <= 20:
            return f"invalid_payload {loc[0]}" if loc else "invalid_payload"
    return f"broken fields {details!r:.200}"


# HTTP


async def _over_http(send: Request, host: str, value: Value) -> str:
    body = _filled(send.body, value)
    head = filled(send.head.replace("$length", str(len(body))), value)
    async with dialled(host) as (reader, writer):
        try:
            writer.write(head.encode("utf-8", "surrogateescape") + body)
            if send.ends:
                writer.write_eof()
            return await _response(reader, bodiless=send.head.startswith("HEAD "))
        except (asyncio.IncompleteReadError, ConnectionError):
            return "closed"


async def _response(reader: asyncio.StreamReader, *, bodiless: bool) -> str:
    """The status, and the code of a problem. Interim answers are passed over."""
    while True:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status = int(head.split(" ", 2)[1])
        if status == 101 or status >= 200:  # RFC 9110, 15
            break
    if bodiless or "content-type: application/problem+json" not in head:
        return str(status)
    length = re.search(r"content-length: (\d+)", head)
    body = json.loads(await reader.readexactly(int(length[1]))) if length else {}
    whole = body.get("status") == status and isinstance(body.get("title"), str) and isinstance(body.get("type"), str)
    # A method that is not served is told as such to HTTP, and as `unknown_command` to programs.
    told = _told(body, (STATUS["unknown_command"] if status == 405 else status) if whole else None)
    return f"{status} {told}"
