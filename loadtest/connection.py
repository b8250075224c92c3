"""A cheap connection's commands: one call, joining, resuming."""

from __future__ import annotations

import asyncio
import errno
import os
import ssl
from time import monotonic_ns
from typing import Any, TypeVar
from urllib.parse import urlsplit

import orjson

from loadtest.ledger import Ledger, Room, Seat
from loadtest.wire import Gone, Wire

T = TypeVar("T")

__all__ = ["Connection", "Declined", "Gone", "data_of", "insist"]

TRIES = 20
NO_FILES = os.strerror(errno.EMFILE)


class Declined(Exception):  # noqa: N818
    """The server refused a command. `code` is its code."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error['code']}: {error['message']} {error['details'] or ''}".rstrip())
        self.code: str = error["code"]
        self.retryable: bool = error["retryable"]
        self.details: dict[str, Any] = error["details"] or {}


class Connection(Wire):
    """One socket of one user, on which commands are called."""

    def __init__(self, ledger: Ledger, url: str, token: str) -> None:
        super().__init__(ledger, url, token)
        self.epochs: dict[Room, str] = {}

    @classmethod
    async def open(cls, ledger: Ledger, url: str, token: str, *, within: float = 30.0) -> Connection:
        """Returns when the server has accepted CONNECT.

        Raises:
            Gone: it was refused, or there was no answer in time.
        """
        parts = urlsplit(url)
        secure = parts.scheme in ("https", "wss")
        if parts.hostname is None:
            raise Gone(f"{url}: no address")
        loop = asyncio.get_running_loop()
        made = cls(ledger, url, token)
        try:
            async with asyncio.timeout(within):
                port = parts.port or (443 if secure else 80)
                context = ssl.create_default_context() if secure else None
                await loop.create_connection(lambda: made, parts.hostname, port, ssl=context)
                await made.ready
        except TimeoutError:
            made.close()
            raise Gone(f"{url}: no answer within {within:g} s") from None
        except OSError as error:
            hint = "; raise `ulimit -n`" if NO_FILES in str(error) else ""
            raise Gone(f"{url}: {error}{hint}") from None
        return made

    async def call(self, name: str, payload: object, *, within: float = 30.0) -> dict[str, Any]:
        """The ack's `data`. Raises Declined, or Gone where no answer came."""
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.send(name, payload, lambda text: None if future.done() else future.set_result(text))
        return data_of(await self._answer(name, future, within))

    async def join(
        self, kind: str, key: dict[str, Any], *, after: Seat | None = None, epoch: str = "", within: float = 30.0
    ) -> Seat:
        """A seat in a room, counted from the join's answer on; with `after` an earlier one, resumed (R5)."""
        future: asyncio.Future[Seat] = asyncio.get_running_loop().create_future()
        resume = {} if after is None else {"after": after.at, "epoch": epoch}

        def answered(text: bytes) -> None:
            # At once: what follows in the same bytes is already of this room.
            try:
                seat = self._seated(data_of(text), after)
            except Exception as error:  # noqa: BLE001  # to whoever waits
                if not future.done():
                    future.set_exception(error)
            else:
                if not future.done():
                    future.set_result(seat)

        self.send(f"{kind}:join", {**key, **resume}, answered)
        return await self._answer(f"{kind}:join", future, within)

    def _seated(self, joined: dict[str, Any], before: Seat | None) -> Seat:
        room = self.ledger.room(joined["room"])
        self.epochs[room] = joined["epoch"]
        room.head = max(room.head, joined["seq"])
        if before is None:
            made = self.seats[room] = Seat(room, joined["seq"])
            return made
        self.seats[room] = before
        if not joined["recovered"]:
            self.ledger.tally.reset += 1
            before.at = joined["seq"]
            return before
        now = monotonic_ns()
        for event in joined["events"]:
            sighting = self.ledger.sight(event)
            self.ledger.tally.resumed += 1
            self.ledger.take(self.seats, sighting, now)
        if before.at < joined["seq"]:
            before.holes.update(range(before.at + 1, joined["seq"] + 1))
            before.at = joined["seq"]
        return before

    async def _answer(self, name: str, future: asyncio.Future[T], within: float) -> T:
        if self.lost:
            raise Gone(f"{name}: the connection is closed")
        either: list[asyncio.Future[Any]] = [future, self.ended]
        done, _ = await asyncio.wait(either, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        if future not in done:
            future.cancel()
            self.ledger.tally.unanswered += 1
            raise Gone(f"{name}: " + ("the connection ended" if self.lost else f"no ack within {within:g} s"))
        return future.result()


def data_of(text: bytes) -> dict[str, Any]:
    """The `data` of the text of an ack. Raises Declined."""
    (answer,) = orjson.loads(text)
    if not answer["ok"]:
        raise Declined(answer["error"])
    data: dict[str, Any] = answer["data"]
    return data


async def insist(connection: Connection, name: str, payload: dict[str, Any]) -> dict[str, Any]:
    """The ack's `data`, asked for again while the refusal says that this may help. Raises Declined, Gone."""
    for _ in range(TRIES):
        try:
            return await connection.call(name, payload)
        except Declined as declined:
            if not declined.retryable:
                raise
            await asyncio.sleep(declined.details.get("retry_after_ms", 200) / 1000)
    raise Gone(f"{name}: refused {TRIES} times")
