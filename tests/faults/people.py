"""Somebody who works through anything: resumes by R5 and R6, sends again by A5, and records all that came."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.faults.records import Data, Entry, Heard, Joined, Life, Recording, Sent
from tests.faults.sockets import Lost, Socket

ANSWER = 10.0
BACKOFF = 0.5


@dataclass
class Followed:
    """A room, how it is asked for and how far it is known."""

    kind: str
    key: Data
    name: str = ""
    seq: int | None = None
    epoch: str = ""
    joining: bool = False


class Person:
    """One user, connected as long as `run` runs."""

    def __init__(
        self,
        recording: Recording,
        token: str,
        dial: Callable[[Person], Socket],
        next_url: Callable[[], str],
        share: Callable[[Entry], Entry] = lambda entry: entry,
    ) -> None:
        self.recording = recording
        self.signals: dict[tuple[str, str], tuple[Data, float]] = {}
        """The newest of each name and room, and when it came."""
        self.rooms: list[Followed] = []
        self.ready = asyncio.Event()
        """While it is connected and in all its rooms."""
        self.may_connect = asyncio.Event()
        """Cleared from outside: not to come back for now."""
        self.may_connect.set()
        self.came_back = asyncio.Event()
        """Set whenever it becomes ready; whoever waits for it clears it before."""
        self.url = ""
        self.socket: Socket
        self.next_url = next_url
        self._token, self._dial, self._share = token, dial, share
        self._by_name: dict[str, Followed] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def follow(self, kind: str, **key: str) -> Followed:
        """A room that it is in from the next connection on."""
        room = Followed(kind, key)
        self.rooms.append(room)
        return room

    def hang_up(self) -> None:
        """Lose the connection; it comes back by itself."""
        self.ready.clear()
        self._background(self.socket.close())

    def fall_asleep(self) -> None:
        """Lose the connection and stay away until `may_connect` is set."""
        self.may_connect.clear()
        self.hang_up()

    def joins(self, since: int) -> list[Joined]:
        """The answers to the joins of its lives from this one on."""
        return [came for life in self.recording.lives[since:] for came in life.came if isinstance(came, Joined)]

    async def run(self) -> None:
        """Connect, and whenever that ends connect again, to the next address."""
        pause = 0.05
        while True:
            await self.may_connect.wait()
            self.url = self.next_url()
            self.socket = self._dial(self)
            self.recording.lives.append(Life(self.url))
            try:
                await self.socket.open(self.url, self._token)
                for room in self.rooms:
                    await self._join(room)
                pause = 0.05
                self.ready.set()
                self.came_back.set()
                await self.socket.lost.wait()
            except (Lost, TimeoutError):
                pass
            finally:
                self.ready.clear()
                await self.socket.close()
            await asyncio.sleep(random.uniform(pause / 2, pause))
            pause = min(pause * 2, BACKOFF)

    async def do(self, name: str, **payload: Any) -> Sent:
        """The command, sent again with the same ids until it is answered for good."""
        sent = Sent(name, payload)
        self.recording.sent.append(sent)
        while sent.answer is None:
            await self.ready.wait()
            sent.tries += 1
            try:
                ack = await self.socket.call(name, payload, ANSWER)
            except (Lost, TimeoutError):
                await asyncio.sleep(0.02)
                continue
            if ack["ok"] or not ack["error"]["retryable"]:
                sent.answer = ack
            else:
                await asyncio.sleep(ack["error"]["details"].get("retry_after_ms", 200) / 1000)
        return sent

    async def _join(self, room: Followed) -> None:
        """Raises Lost, TimeoutError: then the next connection does it."""
        after: Data = {} if room.seq is None else {"after": room.seq, "epoch": room.epoch}
        payload = {**room.key, **after}
        room.joining = True
        while True:
            ack = await self.socket.call(
                f"{room.kind}:join", payload, ANSWER, lambda ack, when: self._joined(room, after, ack, when)
            )
            if ack["ok"]:
                return
            if not ack["error"]["retryable"]:
                raise AssertionError(ack)
            await asyncio.sleep(0.1)

    def _joined(self, room: Followed, after: Data, ack: Data, when: float) -> None:
        if not ack["ok"]:
            return
        told = ack["data"]
        events = tuple(self._share(Entry.parse(raw)) for raw in told.get("events") or ())
        handoffs = tuple(one["id"] for one in (told.get("snapshot") or {}).get("handoffs", ()))
        joined = Joined(
            told["room"],
            told["epoch"],
            told["seq"],
            after.get("after"),
            told["recovered"],
            events,
            handoffs,
            when,
            same_epoch=after.get("epoch") == told["epoch"],
        )
        self.recording.lives[-1].came.append(joined)
        room.name, room.seq, room.epoch, room.joining = joined.room, joined.seq, joined.epoch, False
        self._by_name[room.name] = room

    def heard(self, name: str, data: Data, when: float) -> None:
        """R6: one further on is taken, an older one dropped, and on a gap the room is joined again."""
        if "seq" not in data:
            self.signals[name, data.get("room", "")] = data, when
            if name == "server:draining":
                self.ready.clear()
            return
        event = self._share(Entry.parse(data))
        self.recording.lives[-1].came.append(Heard(event, when))
        room = self._by_name.get(event.room)
        if room is None or room.seq is None or room.joining:
            return
        if event.seq == room.seq + 1:
            room.seq = event.seq
        elif event.seq > room.seq:
            self._background(self._again(room))

    async def _again(self, room: Followed) -> None:
        try:
            await self._join(room)
        except (Lost, TimeoutError):
            await self.socket.close()

    def _background(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
