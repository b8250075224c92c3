"""The language model behind deadlines and a circuit breaker, or nothing in its place."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, Literal

import structlog

from handlers.drafts import Draft

if TYPE_CHECKING:
    from handlers.language_model import LanguageModel

Result = Literal["ok", "timeout", "malformed", "unreachable", "refused", "not_tried"]
"""Of one call: `refused` is an answer that says no for good, `not_tried` one that the circuit breaker held back."""

log = structlog.get_logger()

MAX_ANSWER: Final = 8_000
"""Characters: not every server keeps to a number of tokens."""
FAILURES: Final = 5
OPEN_FOR: Final = 60.0


class AssistantNotInstalled(Exception):  # noqa: N818  # a setting that cannot be followed
    """A language model is configured, and what it takes to ask it is not installed."""


class ModelFailed(Exception):  # noqa: N818  # as foreseen as a refusal
    """The model gave nothing to use."""

    def __init__(self, result: Result) -> None:
        self.result: Result = result
        self.may_pass = result in ("timeout", "unreachable", "not_tried")
        """Whether the same may work later."""
        super().__init__(result)


class Breaker:
    """After `FAILURES` in a row nothing is tried for `OPEN_FOR` seconds; then one attempt decides for all."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures = 0
        self._closed_at = 0.0
        self._is_trying = False

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Raises `ModelFailed` where nothing may be tried. What else is raised within but that is no failure."""
        is_trial = self._failures >= FAILURES
        if is_trial and (self._is_trying or self._clock() < self._closed_at):
            raise ModelFailed("not_tried")
        self._is_trying = is_trial
        try:
            yield
        except ModelFailed:
            self._failures += 1
            self._closed_at = self._clock() + OPEN_FOR
            raise
        else:
            self._failures = 0
        finally:
            self._is_trying = self._is_trying and not is_trial


class Assistant:
    """Asks the model, or says that none is configured. `observe` is told the result of each call."""

    def __init__(
        self,
        model: LanguageModel | None,
        *,
        draft_within: float,
        answer_within: float,
        observe: Callable[[Result], None],
        clock: Callable[[], float],
    ) -> None:
        self._model = model
        self._draft_within = draft_within
        self._answer_within = answer_within
        self._observe = observe
        self._breaker = Breaker(clock)

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        base_url: str | None = None,
        name: str | None = None,
        api_key: str | None = None,
        *,
        draft_within: float = 10.0,
        answer_within: float = 30.0,
        observe: Callable[[Result], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> AsyncIterator[Assistant]:
        """Without an address or a name there is no model. Times are in seconds, the second try included.

        Raises:
            AssistantNotInstalled: there is one, and the extra `ai` is missing.
        """
        told = {"draft_within": draft_within, "answer_within": answer_within}
        if base_url is None or name is None:
            yield cls(None, **told, observe=observe, clock=clock)
            return
        if find_spec("pydantic_ai") is None or find_spec("openai") is None:
            raise AssistantNotInstalled(
                "RF_LLM_BASE_URL and RF_LLM_MODEL are set, but the language model's client is not installed: "
                "pip install 'resolutionflow[ai]', or unset them."
            )
        from handlers.language_model import LanguageModel  # noqa: PLC0415  # a second to import, for those who use it

        async with LanguageModel.open(base_url, name, api_key) as model:
            yield cls(model, **told, observe=observe, clock=clock)

    @property
    def is_configured(self) -> bool:
        return self._model is not None

    async def draft(self, material: str) -> Draft:
        """Raises `ModelFailed`."""
        with self._attempt():
            async with asyncio.timeout(self._draft_within):
                return await self._configured.draft(material)

    async def answer(self, material: str, tell: Callable[[str], Awaitable[None]]) -> str:
        """The whole answer, cut off soon after `MAX_ANSWER`. `tell` is given all that has come, whenever there is more.

        Raises:
            ModelFailed: what was told so far is no answer.
        """
        with self._attempt():
            async with asyncio.timeout(self._answer_within):
                return await self._configured.answer(material, tell)

    @property
    def _configured(self) -> LanguageModel:
        if self._model is None:
            raise LookupError("no language model is configured")
        return self._model

    @contextmanager
    def _attempt(self) -> Iterator[None]:
        try:
            with self._breaker.attempt():
                try:
                    yield
                except TimeoutError:
                    raise ModelFailed("timeout") from None
        except ModelFailed as failure:
            log.warning("language model failed", result=failure.result)
            self._observe(failure.result)
            raise
        self._observe("ok")
