"""A language model that says what the test has written down for it, behind OpenAI's chat completions."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, Final, NoReturn

from aiohttp import web


class Hangs:
    """The model takes the request and never says anything."""

    async def forever(self) -> NoReturn:
        await asyncio.get_running_loop().create_future()
        raise AssertionError


class Babbles:
    """The model says one word again and again and never ends."""


PAUSE: Final = "<pause>"
"""A word that is not said: what follows it comes once the model may go on."""
Line = str | Callable[[dict[str, Any]], str]
"""What the model says, or what it makes of the material it was given."""
Scripted = Line | Hangs | Babbles | int


@dataclass
class ModelServer:
    """`script` holds the answers to come; the last one is repeated. `requests` are those that came, whole."""

    script: deque[Scripted] = field(default_factory=deque)
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: set[str] = field(default_factory=set)
    """Names of those that came, in small letters."""
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    holds: asyncio.Event | None = None
    """What it waits for before it says anything."""
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    """What it waits for at a `PAUSE`."""
    url: str = ""

    def says(self, *lines: Scripted) -> None:
        """One line for each request; a number is the HTTP status of a refusal."""
        self.script = deque(lines)

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator[ModelServer]:
        made = cls()
        app = web.Application()
        app.router.add_post("/v1/chat/completions", made._complete)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        try:
            yield made
        finally:
            await runner.cleanup()

    @property
    def heard(self) -> str:
        """All that was ever sent to the model."""
        return json.dumps(self.requests, ensure_ascii=False)

    def material(self, number: int = -1) -> dict[str, Any]:
        """What the request gave the model to read."""
        return material_of(self.requests[number])

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.requests.append(body)
        self.headers |= {name.lower() for name in request.headers}
        self.asked.set()
        line = self.script.popleft() if len(self.script) > 1 else self.script[0]
        if self.holds is not None:
            await self.holds.wait()
        if isinstance(line, Hangs):
            await line.forever()
        if isinstance(line, int):
            return web.json_response({"error": {"message": "scripted", "type": "scripted"}}, status=line)
        if isinstance(line, Babbles):
            return await self._stream(request, repeat("word"))
        text = line if isinstance(line, str) else line(material_of(body))
        return await self._stream(request, text.split(" ")) if body.get("stream") else web.json_response(whole(text))

    async def _stream(self, request: web.Request, words: Iterable[str]) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for word in words:
            if word == PAUSE:
                await self.goes_on.wait()
                continue
            await response.write(_chunk({"content": f"{word} "}))
        await response.write(_chunk({}, "stop"))
        await response.write(b"data: [DONE]\n\n")
        return response


def material_of(body: dict[str, Any]) -> dict[str, Any]:
    """The JSON object that the first of the user's messages is."""
    said = next(message["content"] for message in body["messages"] if message["role"] == "user")
    found: dict[str, Any] = json.loads(said)
    return found


def whole(text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {
        "id": "scripted",
        "object": "chat.completion",
        "created": 1,
        "model": "scripted",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }


def _chunk(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    body = {"id": "scripted", "object": "chat.completion.chunk", "created": 1, "model": "scripted", "choices": [choice]}
    return f"data: {json.dumps(body)}\n\n".encode()


def draft(
    *,
    headline: Any = None,
    facts: Sequence[Any] = (),
    hypotheses: Sequence[Any] = (),
    checks: Sequence[Any] = (),
    prose: dict[str, Any] | None = None,
    **told: Any,
) -> str:
    """A draft as the model would write it; what is not given says nothing."""
    nothing = {"text": "", "evidence": []}
    return json.dumps(
        {
            "headline": headline or nothing,
            "symptom": None,
            "impact": None,
            "since": None,
            "facts": list(facts),
            "hypotheses": list(hypotheses),
            "stuck": None,
            "next_checks": list(checks),
            "prose": {"situation": nothing, "background": nothing, "assessment": nothing} | (prose or {}),
        }
        | told
    )


def cited(text: str, *evidence: str) -> dict[str, Any]:
    return {"text": text, "evidence": list(evidence)}


def label(material: dict[str, Any], words: str) -> str:
    """The id of the evidence that holds the words."""
    found: str = next(piece["id"] for piece in material["evidence"] if words in piece["text"])
    return found
