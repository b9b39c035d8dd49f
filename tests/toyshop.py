"""A catalogue in memory, with a real lexicon over characters, and engines that misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from service.domain import Item, Prompt, Recommendation, RecommendRequest, User
from service.engines.text.lines import Lines
from service.engines.text.marks import normalised
from service.engines.text.prose import CUT
from service.errors import (
    EngineError,
    EngineFailed,
    EngineTimeout,
    PromptTooLong,
    StoreUnavailable,
    UnknownCategory,
)
from service.pipeline.parts import Policy, Recommender
from service.pipeline.recommend import recommend
from service.ports import (
    AnswerMade,
    Decoding,
    Job,
    ListMade,
    Looked,
    Page,
    RetrievalQuery,
    Slate,
    Spelled,
    Weighed,
    Written,
)
from service.steering.arrays import BoolArray, FloatArray, IntArray
from service.steering.labels import LabelLexicon, label_lexicon, unspelled
from service.steering.lexicon import Frame
from service.steering.lexicon_build import build_lexicon
from service.steering.speller import Speller

END = 3
CONTEXT = 20_000
"""Characters of a prompt that the engines here read."""
NEWLINE = ord("\n")
WORDS = ("a", "warm", "gift", "with", "much", "to", "like", "Größe", "it.", "too.")
MARKS = tuple(chr(65 + n) for n in range(26)) + tuple(f"{chr(65 + n)}Z" for n in range(26))
ENDS = 0.3
"""How likely a sentence is the last one."""


class Tokenizer(Protocol):
    def spell(self, titles: Sequence[str]) -> tuple[IntArray, IntArray]: ...

    def frame(self, lines: int) -> Frame: ...


class Characters:
    """Every character is its own token."""

    def spell(self, titles: Sequence[str]) -> tuple[IntArray, IntArray]:
        spelled = [[*map(ord, f" {title}"), NEWLINE] for title in titles]
        offsets = np.cumsum([0, *map(len, spelled)])
        return np.array([token for line in spelled for token in line]), offsets

    def frame(self, lines: int) -> Frame:
        return Frame(tuple(tuple(map(ord, f"{i + 1}.")) for i in range(lines)), END)


class ToyCatalogue:
    """Items in lexicon order, as the real artifact keeps them."""

    version = "toy"
    embeddings = None

    def __init__(self, items: Sequence[Item], tokenizer: Tokenizer | None = None) -> None:
        tokenizer = tokenizer or Characters()
        self.lexicon, order = build_lexicon(*tokenizer.spell([item.title for item in items]))
        self.frame = tokenizer.frame(100)
        self.items = [items[i] for i in order]
        self.size = len(items)
        self.categories = sorted({c for item in items for c in item.categories})
        counts = np.arange(1, self.size + 1, dtype=float)
        self.popularity = np.log(counts / counts.sum())
        self.meetings = counts.astype(np.int32)
        self.popular_rows = np.argsort(-counts)

    def postings(self, category: str) -> IntArray:
        rows = [i for i, item in enumerate(self.items) if category in item.categories]
        if not rows:
            message = f"there is no category {category!r}"
            raise UnknownCategory(message)
        return np.array(rows)

    def rows(self, ids: Sequence[str]) -> IntArray:
        known = {item.id: row for row, item in enumerate(self.items)}
        return np.array([known.get(item_id, -1) for item_id in ids], dtype=np.int64)

    def item(self, row: int) -> Item:
        return self.items[row]

    def spelling(self, row: int) -> str:
        return self.items[row].title

    def titles(self, rows: IntArray) -> list[str]:
        return [self.items[row].title for row in rows.tolist()]

    def spellings(self, rows: IntArray) -> list[str]:
        return [self.spelling(row) for row in rows.tolist()]


def toy_items(count: int = 40) -> list[Item]:
    colours = ["Red", "Blue", "Green", "Grey"]
    things = ["Mug", "Lamp", "Sock", "Book", "Drum"]
    return [
        Item(
            id=f"i{n}",
            title=f"{colours[n % 4]} {things[n % 5]} {n // 20}",
            categories=(colours[n % 4], things[n % 5], *(["Rare"] if n % 13 == 0 else [])),
        )
        for n in range(count)
    ]


class Noted:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.made: list[ListMade] = []
        self.held_back: list[ListMade | AnswerMade] = []
        self.missed: list[str] = []
        self.answers: list[AnswerMade] = []
        self.decodings: list[Decoding | Weighed | Written] = []
        self.models: list[str] = []
        self.looked: list[tuple[str, str]] = []

    def stage(self, name: str, seconds: float) -> None:
        assert seconds >= 0
        self.stages.append(name)

    def listed(self, made: ListMade) -> None:
        self.made.append(made)

    def answered(self, made: AnswerMade) -> None:
        self.answers.append(made)

    def withheld(self, made: ListMade | AnswerMade) -> None:
        self.held_back.append(made)

    def decoded(self, decoding: Decoding | Weighed | Written, model: str) -> None:
        self.decodings.append(decoding)
        self.models.append(model)

    def left_out(self, part: str, error: Exception) -> None:
        self.missed.append(f"{part}: {type(error).__name__}")

    def looked_up(self, cache: str, outcome: Looked) -> None:
        self.looked.append((cache, outcome.value))


@dataclass
class ToyStore:
    histories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    broken: bool = False

    async def history(self, user: User) -> tuple[str, ...]:
        if self.broken:
            message = "the store is down"
            raise StoreUnavailable(message)
        return self.histories.get(user.id, ())


class ToyRetriever:
    """Likes the rows nearest to the last one of the history."""

    def __init__(self, name: str = "similarity", *, error: Exception | None = None) -> None:
        self.name = name
        self._error = error

    def knows(self, query: RetrievalQuery) -> bool:
        return len(query.history) > 0

    def opinion(self, query: RetrievalQuery) -> ToyOpinion:
        if self._error is not None:
            raise self._error
        return ToyOpinion(int(query.history[-1]))


@dataclass(frozen=True)
class ToyOpinion:
    last: int

    def best(self, allowed: BoolArray, limit: int) -> IntArray:
        rows = np.flatnonzero(allowed)
        return rows[np.argsort(np.abs(rows - self.last), kind="stable")[:limit]]

    def of(self, rows: IntArray) -> FloatArray:
        return -np.abs(rows - self.last).astype(float)


class LoudRetriever:
    """Hears words, and one row stands out by them."""

    name = "search"

    def __init__(self, row: int) -> None:
        self.row = row

    def knows(self, query: RetrievalQuery) -> bool:
        return bool(query.words)

    def opinion(self, query: RetrievalQuery) -> LoudOpinion:
        return LoudOpinion(self.row)


class LoudOpinion(ToyOpinion):
    def crowd(self) -> float:
        return -1.0


def push_forced(speller: Speller) -> list[int]:
    forced: list[int] = speller.forced.tolist()
    for token in forced:
        speller.push(token)
    return forced


class SpellingEngine:
    """Spells with random logits under the speller; stops after `most` items, like a deadline."""

    model = "random"
    waiting = 0.0
    labels = 0

    def __init__(self, seed: int = 0, most: int | None = None) -> None:
        self._seed = seed
        self._most = most
        self.closed = False
        self.prompts: list[Prompt] = []
        self.pages: list[Page] = []

    async def spell(self, job: Job) -> Decoding:
        self.prompts.append(job.prompt)
        if self.closed or len(job.prompt.user) > CONTEXT:
            message = "closed, or the prompt does not fit"
            raise EngineFailed(message)
        speller = job.assignment.speller()
        self._rng = np.random.default_rng((self._seed, job.sampling.seed))
        lines = Lines(job.tell, job.assignment.separator)
        tokens: list[int] = []
        while True:
            tokens += push_forced(speller)
            lines.update(speller.rows[: self._most], "".join(map(chr, tokens)))
            await asyncio.sleep(0)
            if speller.complete or len(lines.told) == self._most or not job.deadline.remaining():
                break
            choices = speller.choices
            assert choices is not None
            logits = choices.scores(self._rng.normal(size=len(choices.tokens)))
            tokens.append(int(choices.tokens[np.argmax(logits)]))
            speller.push(tokens[-1])
        whole = speller.complete and len(lines.told) == len(speller.rows)
        return Decoding(
            lines=tuple(lines.told),
            tokens=len(tokens),
            passes=len(tokens),
            stopped=None if whole else "the deadline came",
        )

    async def write(self, page: Page) -> Written:
        """Random words, another text for each prompt and seed."""
        self.pages.append(page)
        if self.closed or len(page.prompt.user) > CONTEXT:
            message = "closed, or the prompt does not fit"
            raise EngineFailed(message)
        dice = np.random.default_rng((self._seed, page.sampling.seed, len(page.prompt.user)))
        words: list[str] = []
        while len(words) < page.tokens and page.deadline.remaining():
            words.append(str(dice.choice(WORDS)))
            await asyncio.sleep(0)
            if words[-1].endswith(".") and dice.random() < ENDS:
                return Written(" ".join(words), tokens=len(words), passes=len(words))
            if page.enough(" ".join(words)):
                return Written(" ".join(words), tokens=len(words), passes=len(words))
        if not words:
            message = "the deadline came before the first word"
            raise EngineTimeout(message)
        stopped = CUT if page.deadline.remaining() else "the deadline came"
        return Written(" ".join(words), len(words), len(words), stopped)

    def spelling(self, labels: Sequence[str], *, lines: int, separator: str) -> LabelLexicon:
        sequences = [[*map(ord, label + separator)] for label in labels]
        return label_lexicon(sequences, lines=lines, end=END, separator=separator)

    def marks(self, most: int) -> tuple[str, ...]:
        marks = MARKS[:most]
        return marks if len(marks) > 1 else ()

    async def weigh(self, slate: Slate) -> Weighed:
        """Random weights, others for each prompt."""
        self.prompts.append(slate.prompt)
        if self.closed:
            raise EngineFailed("closed")
        if len(slate.prompt.user) > CONTEXT:
            raise PromptTooLong("the prompt does not fit")
        if len(set(slate.marks)) < len(slate.marks) or not set(slate.marks) <= set(MARKS):
            raise EngineFailed("the marks are not one token each")
        await asyncio.sleep(0)
        if not slate.deadline.remaining():
            raise EngineTimeout("the deadline came before the prompt was read")
        dice = np.random.default_rng([self._seed, *slate.prompt.user.encode()])
        return Weighed(normalised(dice.normal(size=len(slate.marks))), seconds=0.01)

    def ahead(self) -> float:
        return self.waiting

    async def trouble(self) -> str | None:
        return "closed" if self.closed else None

    async def close(self) -> None:
        self.closed = True


class LyingEngine(SpellingEngine):
    """Tells whatever rows it is told to, plan or no plan; then raises `error`, if there is one.

    With a `fault` it hands in what that has cut short.
    """

    model = "liar"

    def __init__(
        self,
        rows: Callable[[Speller], Sequence[int]],
        spell_row: Callable[[int], str | None] | None = None,
        error: Exception | None = None,
        fault: EngineError | None = None,
    ) -> None:
        super().__init__()
        titles = [item.title for item in ToyCatalogue(toy_items()).items]
        self._lie = rows
        self._error = error
        self._fault = fault
        self.spell_row = spell_row or (lambda row: titles[row] if 0 <= row < len(titles) else "")

    async def spell(self, job: Job) -> Decoding:
        said = []
        for place, row in enumerate(self._lie(job.assignment.speller())):
            title = self.spell_row(row)
            said.append(Spelled(row, None if title is None else f"{place + 1}. {title}"))
            job.tell(said[-1])
        if self._error is not None:
            raise self._error
        if self._fault is not None:
            return Decoding(tuple(said), 0, 0, self._fault.message, 0.1, 30.0, self._fault)
        return Decoding(tuple(said), tokens=0, passes=0)


class NumberEngine(SpellingEngine):
    """Cannot be steered: answers the numbers that the prompt shows, whichever it likes."""

    model = "numbers"
    labels = 12

    def __init__(self, numbers: Callable[[int], Sequence[int]]) -> None:
        super().__init__()
        self._numbers = numbers
        self.shown: list[int] = []

    def spelling(self, labels: Sequence[str], *, lines: int, separator: str) -> LabelLexicon:
        return unspelled(len(labels), lines=lines, separator=separator)

    async def spell(self, job: Job) -> Decoding:
        self.prompts.append(job.prompt)
        self.shown = job.assignment.shown.tolist()
        rows = dict(enumerate(self.shown, start=job.assignment.first))
        named = self._numbers(len(self.shown))
        said = tuple(Spelled(rows[number], None) for number in named if number in rows)
        for line in said:
            job.tell(line)
        return Decoding(said, tokens=0, passes=0)


class WeighingEngine(SpellingEngine):
    """Gives the candidates whatever weights it is told to; generates nothing."""

    model = "scales"

    def __init__(self, weights: Callable[[int], Sequence[float]], most: int = 50) -> None:
        super().__init__()
        self._weights = weights
        self._many = most
        self.slates: list[Slate] = []

    def marks(self, most: int) -> tuple[str, ...]:
        return MARKS[: min(most, self._many)]

    async def weigh(self, slate: Slate) -> Weighed:
        self.slates.append(slate)
        return Weighed(np.array(self._weights(len(slate.marks)), dtype=np.float64))

    async def spell(self, job: Job) -> Decoding:
        raise EngineFailed("it only weighs")


class DeadEngine(SpellingEngine):
    model = "dead"

    async def weigh(self, slate: Slate) -> Weighed:
        message = "connection refused"
        raise EngineFailed(message)

    async def write(self, page: Page) -> Written:
        message = "connection refused"
        raise EngineFailed(message)

    async def spell(self, job: Job) -> Decoding:
        message = "connection refused"
        raise EngineFailed(message)


def recommender(
    *,
    items: Sequence[Item] | None = None,
    engine: SpellingEngine | None = None,
    retrievers: Sequence[ToyRetriever] = (),
    store: ToyStore | None = None,
    policy: Policy | None = None,
) -> Recommender:
    return Recommender(
        catalogue=ToyCatalogue(items or toy_items()),
        retrievers=tuple(retrievers),
        engine=engine,
        store=store or ToyStore(),
        observer=Noted(),
        policy=policy or Policy(),
    )


def recommended(parts: Recommender, **fields: Any) -> Recommendation:
    """A list of five, or as the fields of the request say."""
    return asyncio.run(recommend(parts, RecommendRequest(**{"k": 5, **fields}), "r1"))


def ids(answer: Recommendation) -> list[str]:
    return [line.item.id for line in answer.items]


def noted(parts: Recommender) -> Noted:
    assert isinstance(parts.observer, Noted)
    return parts.observer
