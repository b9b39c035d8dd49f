"""Questions, and parts that answer them, for tests of what stands around `answer`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from toyshop import Noted, SpellingEngine

from service.domain import Cot, Prompt
from service.errors import EngineFailed, PromptTooLong, StoreUnavailable
from service.pipeline.answer import answer
from service.pipeline.answerer import Answerer, AnswerPolicy
from service.ports import Decoding, Engine, Job, Page, Written
from service.question import Answered, AnswerRequest
from service.steering.arrays import FloatArray
from service.store.cache import MemoryCache

CHOICE = """Which of these would go best with a fountain pen?
0. garden hose
1. bottle of ink
2. frying pan
Answer:"""

RANKING = """Rank the products by how well they fit the query 'wool socks'.
1. cotton shirt
2. thick wool socks
3. wool scarf
4. socks
You should output a permutation of 1 to 4.
Output:"""

RETRIEVAL = """A customer bought a tent. Select three products they may also buy.
1. sleeping bag
2. lawn mower
3. camping stove
4. piano
5. tent pegs
Output:"""

WRITING = "Explain the product type kettle."

ENTITIES = """Extract the phrases of the query that correspond to the entity type 'colour'.
Query: dark red wool scarf
Output:"""


class WordEncoder:
    """Texts are near each other by the words they share."""

    name = "words"
    dimension = 64

    def __init__(self) -> None:
        self.asked = 0

    def encode(self, texts: Sequence[str]) -> FloatArray:
        self.asked += 1
        vectors = np.full((len(texts), self.dimension), 1e-3, dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                vectors[row, sum(map(ord, word.strip(".,:'?"))) % self.dimension] += 1
        unit: FloatArray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


class BrokenEncoder(WordEncoder):
    def encode(self, texts: Sequence[str]) -> FloatArray:
        raise RuntimeError("no vectors today")


class SlowEncoder(WordEncoder):
    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def encode(self, texts: Sequence[str]) -> FloatArray:
        time.sleep(self.seconds)
        return super().encode(texts)


class Stopping(SpellingEngine):
    """Writes this much, and is stopped."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    async def write(self, page: Page) -> Written:
        return Written(self.text, tokens=9, passes=9, stopped="the deadline came")


class Quoting(SpellingEngine):
    """Nothing steers it; it writes a list of quotations."""

    labels = 10

    def __init__(self, *quotations: str) -> None:
        super().__init__()
        self.text = "\n".join(quotations)

    async def write(self, page: Page) -> Written:
        return Written(self.text, tokens=9, passes=9)


class Narrow(SpellingEngine):
    """Has room for so many characters of a prompt."""

    model = "narrow"

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room
        self.tried: list[int] = []

    def _fit(self, prompt: Prompt) -> None:
        self.tried.append(len(prompt.user))
        if len(prompt.user) > self.room:
            raise PromptTooLong("it does not fit")

    async def spell(self, job: Job) -> Decoding:
        self._fit(job.prompt)
        return await super().spell(job)

    async def write(self, page: Page) -> Written:
        self._fit(page.prompt)
        return await super().write(page)


class Sage:
    """A sidecar that says what it is told to, after a while."""

    model = "sage-1"

    def __init__(
        self,
        text: str = "Ink is what a pen writes with.",
        seconds: float = 0.0,
        stopped: str | None = None,
        tokens: int = 9,
    ) -> None:
        self.text = text
        self.seconds = seconds
        self.stopped = stopped
        self.tokens = tokens
        self.pages: list[Page] = []

    async def write(self, page: Page) -> Written:
        self.pages.append(page)
        await asyncio.sleep(self.seconds)
        if not self.text:
            raise EngineFailed("the sidecar is down")
        return Written(self.text, self.tokens, passes=9, stopped=self.stopped)


class NoCache:
    """A cache that is away."""

    async def get(self, key: str) -> str | None:
        raise StoreUnavailable("no cache")

    async def put(self, key: str, value: str, seconds: float | None = None) -> None:
        raise StoreUnavailable("no cache")


def answerer(engine: Engine | None = None, **parts: Any) -> Answerer:
    """An answerer over a fake engine, a fake encoder and nothing else."""
    made = Answerer(
        engine=engine or SpellingEngine(),
        sidecar=None,
        encoder=WordEncoder(),
        cache=MemoryCache(),
        observer=Noted(),
        policy=AnswerPolicy(cot=Cot.SIDECAR),
    )
    return replace(made, **parts)


def ask(parts: Answerer, question: str, **fields: Any) -> Answered:
    return asyncio.run(answer(parts, AnswerRequest(question, **fields), "r1"))
