"""The line between a page and the server: what goes over it is seen, held back, or lost as in a machine asleep."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Page, WebSocketRoute


@dataclass
class Barrier:
    """Holds every frame of a command until so many of them have come, and lets all go at once."""

    command: str
    parties: int
    held: list[tuple[WebSocketRoute, str]] = field(default_factory=list)
    is_open: bool = False

    def stops(self, server: WebSocketRoute, frame: str) -> bool:
        if self.is_open or f'["{self.command}"' not in frame:
            return False
        self.held.append((server, frame))
        if len(self.held) == self.parties:
            self.is_open = True
            for line, text in self.held:
                line.send(text)
        return True


@dataclass
class Line:
    """Of one page, over all its connections."""

    barrier: Barrier | None = None
    page: Page = field(init=False)
    sent: list[str] = field(default_factory=list)
    """The names of the commands that the page sent."""
    replica: str = ""
    """Of the last `hello`."""
    lost_next: str | None = None
    """The next event of this name does not arrive."""
    holds: str | None = None
    """Events of this name wait, until `let_go`."""
    rewords: Callable[[str], str] = str
    """Each event on its way to the page."""
    _open: list[WebSocketRoute] = field(default_factory=list)
    _made: int = 0
    _dead: int = 0
    _deaf: int = 0
    _held: list[tuple[WebSocketRoute, str]] = field(default_factory=list)

    async def carry(self, page: Page) -> None:
        self.page = page
        await page.route_web_socket("**/socket.io/**", self._connected)

    def sleep(self) -> None:
        """The connection is gone and nobody is told: what either side sends is lost. The next one works."""
        self._dead = self._made

    def lose_answers(self) -> None:
        """What the page sends still arrives, and nothing comes back. The next connection works."""
        self._deaf = self._made

    def let_go(self) -> None:
        self.holds = None
        for page, frame in self._held:
            page.send(frame)

    async def cut(self) -> None:
        """The browser has no network: the connection closes, and no other can be made until `mend`."""
        await self.page.context.set_offline(True)
        for page in self._open:
            await page.close()

    async def mend(self) -> None:
        """The browser tells the page by itself."""
        await self.page.context.set_offline(False)

    def _connected(self, page: WebSocketRoute) -> None:
        self._open.append(page)
        server = page.connect_to_server()
        self._made += 1
        number = self._made

        def up(frame: str | bytes) -> None:
            text = frame if isinstance(frame, str) else ""
            name = _event(text)[0]
            if name != "":
                self.sent.append(name)
            if number > self._dead and not (self.barrier is not None and self.barrier.stops(server, text)):
                server.send(frame)

        def down(frame: str | bytes) -> None:
            name, data = _event(frame if isinstance(frame, str) else "")
            if name == "hello":
                self.replica = data["replica"]
            if name == self.lost_next:
                self.lost_next = None
            elif name != "" and name == self.holds:
                self._held.append((page, str(frame)))
            elif number > max(self._dead, self._deaf):
                page.send(frame if name == "" else self.rewords(str(frame)))

        page.on_message(up)
        server.on_message(down)


def _event(frame: str) -> tuple[str, Any]:
    """The name and the object of a Socket.IO event, whatever its number; else an empty name."""
    start = frame.find("[")
    if not frame.startswith("42") or start < 0:
        return "", None
    name, *rest = json.loads(frame[start:])
    return str(name), rest[0] if rest else None
