"""A language model behind any address that speaks OpenAI's chat completions. Imported only where one is configured."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

from openai import AsyncOpenAI
from pydantic_ai import Agent, NativeOutput
from pydantic_ai.exceptions import ModelAPIError, ModelRequestRejectedError, UnexpectedModelBehavior
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.settings import ModelSettings

from handlers.assistant import MAX_ANSWER, ModelFailed
from handlers.drafts import ANSWERING, DRAFTING, Draft

DRAFT_TOKENS: Final = 4_000
ANSWER_TOKENS: Final = 1_500


class LanguageModel:
    """One request for each call, and a second one that tells what was wrong with the first. Nothing else is retried.

    What goes wrong is a `ModelFailed`.
    """

    def __init__(self, model: OpenAIChatModel) -> None:
        self._drafting = Agent(
            model,
            output_type=NativeOutput(Draft, name="draft", strict=True),
            instructions=DRAFTING,
            retries=1,
            model_settings=ModelSettings(max_tokens=DRAFT_TOKENS),
        )
        self._answering = Agent(
            model, instructions=ANSWERING, retries=0, model_settings=ModelSettings(max_tokens=ANSWER_TOKENS)
        )

    @classmethod
    @asynccontextmanager
    async def open(cls, base_url: str, name: str, api_key: str | None) -> AsyncIterator[LanguageModel]:
        async with AsyncOpenAI(base_url=base_url, api_key=api_key or "none", max_retries=0) as client:
            client.organization = client.project = None  # which the environment may name, for somebody else
            yield cls(OpenAIChatModel(name, provider=OpenAIProvider(openai_client=client)))

    async def draft(self, material: str) -> Draft:
        with _failures():
            return (await self._drafting.run(material)).output

    async def answer(self, material: str, tell: Callable[[str], Awaitable[None]]) -> str:
        """The answer, cut off once it is longer than `MAX_ANSWER`. `tell` is given all that has come so far."""
        text = ""
        with _failures():
            async with self._answering.run_stream(material) as answering:
                async for more in answering.stream_text(delta=True, debounce_by=None):
                    text += more
                    await tell(text)
                    if len(text) > MAX_ANSWER:
                        break
        return text


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except ModelRequestRejectedError as error:
        raise ModelFailed("refused") from error
    except ModelAPIError as error:
        raise ModelFailed("unreachable") from error
    except UnexpectedModelBehavior as error:
        raise ModelFailed("malformed") from error
