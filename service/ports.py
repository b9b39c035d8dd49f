"""The Protocols between the parts. Only `wiring` knows which concrete part stands behind each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol, TypeAlias, runtime_checkable

from limits import RateLimitItem

from service.domain import (
    DEFAULT_VARIANT,
    ControlOutcome,
    Event,
    Exposure,
    Feedback,
    Item,
    Origin,
    Path,
    Prompt,
    Sampling,
    Strategy,
    Supplement,
    User,
)
from service.errors import EngineError
from service.question import AnswerPath, Task
from service.steering.arrays import BoolArray, FloatArray, IntArray
from service.steering.assignment import Assignment
from service.steering.labels import LabelLexicon
from service.steering.lexicon import Frame, Lexicon
from service.steering.wanted import Wanted

FEW: Final = 10_000
"""Rows that retrievers score every one, and the pipeline on the spot; more are looked up."""


class Catalogue(Protocol):
    """All items at one version. Rows are in lexicon order."""

    @property
    def version(self) -> str:
        """Name of this immutable version."""
        ...

    @property
    def size(self) -> int:
        """How many items there are."""
        ...

    @property
    def categories(self) -> Sequence[str]:
        """Every category name, sorted."""
        ...

    @property
    def lexicon(self) -> Lexicon:
        """The token sequences of all titles."""
        ...

    @property
    def frame(self) -> Frame:
        """What stands around the titles of a list."""
        ...

    @property
    def meetings(self) -> IntArray:
        """How often each row was interacted with."""
        ...

    @property
    def popularity(self) -> FloatArray:
        """Log-probability of each row by how often it was interacted with."""
        ...

    @property
    def popular_rows(self) -> IntArray:
        """All rows, the most popular first."""
        ...

    @property
    def embeddings(self) -> FloatArray | None:
        """One unit vector a row, memory-mapped; None if it was built without similarity."""
        ...

    def postings(self, category: str) -> IntArray:
        """Sorted rows of a category; UnknownCategory if there is no such category."""
        ...

    def rows(self, ids: Sequence[str]) -> IntArray:
        """The row of each id, -1 where the id is unknown."""
        ...

    def item(self, row: int) -> Item:
        """The item at a row."""
        ...

    def spelling(self, row: int) -> str:
        """The title as the lexicon spells it: the title itself unless it is very long."""
        ...

    def titles(self, rows: IntArray) -> Sequence[str]:
        """The titles of many rows, for whoever goes through them."""
        ...

    def spellings(self, rows: IntArray) -> Sequence[str]:
        """How the lexicon spells the titles of many rows."""
        ...


@dataclass(frozen=True, slots=True)
class RetrievalQuery:
    """What the retrievers know of a request: rows of the history (oldest first) and words."""

    history: IntArray
    words: str


class Opinion(Protocol):
    """What one retriever thinks of the rows, for one query. Used in one thread."""

    def best(self, allowed: BoolArray, limit: int) -> IntArray:
        """At most `limit` of the allowed rows, those it likes best, the best first."""
        ...

    def of(self, rows: IntArray) -> FloatArray:
        """Its score of each row, in its own unit; NaN for one that it knows nothing of."""
        ...


@runtime_checkable
class Pronounced(Protocol):
    """An opinion that can tell what is meant from what is only nearer than the rest."""

    def crowd(self) -> float:
        """The score that many rows come to in any case; it may take as long as to find the best."""
        ...


@runtime_checkable
class Learnt(Protocol):
    """An opinion by what was learnt, which may be learnt anew while the service runs."""

    @property
    def version(self) -> str | None:
        """Of what was learnt; None where it says nothing."""
        ...


class Retriever(Protocol):
    """Thinks something of rows, by what is known of a request."""

    @property
    def name(self) -> str:
        """How settings, metrics and receipts call it."""
        ...

    def knows(self, query: RetrievalQuery) -> bool:
        """Whether it has anything to say about this query; returns at once."""
        ...

    def opinion(self, query: RetrievalQuery) -> Opinion:
        """What it thinks; asked only what it knows of. Safe to call from several threads."""
        ...


class Encoder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def name(self) -> str:
        """Which model, as written in the manifest."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """One float32 unit vector a text."""
        ...


@dataclass(frozen=True, slots=True)
class Spelled:
    """One row of a list, and its line as it was written, for the validator to read by itself.

    No line: the engine did not spell the title but chose the row by a label.
    """

    row: int
    line: str | None


Tell: TypeAlias = Callable[[Spelled], None]
"""Hears of each line of a list, in order, the moment it is complete. Called on the event loop."""


@dataclass(frozen=True, slots=True)
class Decoding:
    """What a decode made and what it took.

    `lines` are those that were told, in the same order. `stopped` says what ended it before the
    list was complete, `fault` what was wrong if it was not the deadline. Seconds are the engine's
    own, waiting not counted: up to the first choice, and in all.
    """

    lines: tuple[Spelled, ...]
    tokens: int
    passes: int
    stopped: str | None = None
    seconds_to_first: float | None = None
    seconds: float = 0.0
    fault: EngineError | None = None
    forwarded: int | None = None
    """Tokens that went through the model, the prompt's among them; None where a server knows."""
    prompt: int | None = None
    """Tokens of the prompt; None where a server does not say."""
    forced: int = 0
    """Of the tokens, how many the model had no choice about."""
    wanted: Mapping[Wanted, int] = field(default_factory=dict)
    """How often the model wanted what, where it had a choice; empty where that is not known."""

    @property
    def rows(self) -> tuple[int, ...]:
        """The rows of the list."""
        return tuple(line.row for line in self.lines)


class Deadline(Protocol):
    """When a request must be answered."""

    def remaining(self) -> float:
        """Seconds left; not below zero."""
        ...


def _unheard(_line: Spelled) -> None:
    """For whoever waits for the whole list."""


@dataclass(frozen=True, slots=True)
class Job:
    """One list to be made, as an engine is asked for it."""

    prompt: Prompt
    assignment: Assignment
    deadline: Deadline
    sampling: Sampling = field(default_factory=Sampling)
    tell: Tell = _unheard


def _never(_text: str) -> bool:
    """For whoever waits until the model has ended its text."""
    return False


@dataclass(frozen=True, slots=True)
class Page:
    """A text to be written, as a writer is asked for it."""

    prompt: Prompt
    tokens: int
    """The most it may have."""
    deadline: Deadline
    sampling: Sampling = field(default_factory=Sampling)
    enough: Callable[[str], bool] = _never
    """Asked of the text so far, now and then: whether what may still come is not needed."""
    patient: bool = False
    """Whether all else goes before it, where the engine has it in its hands what goes first."""


@dataclass(frozen=True, slots=True)
class Written:
    """A text, and what it took; `stopped` says what ended it before the model did, if it did."""

    text: str
    tokens: int
    passes: int
    stopped: str | None = None
    seconds_to_first: float | None = None
    seconds: float = 0.0
    forwarded: int | None = None
    """Tokens that went through the model, the prompt's among them; None where a server knows."""
    prompt: int | None = None
    """Tokens of the prompt; None where a server does not say."""


@dataclass(frozen=True, slots=True)
class Slate:
    """Candidates that a prompt shows under marks of one token each, to be weighed in one pass."""

    prompt: Prompt
    marks: tuple[str, ...]
    """In the order shown; as the engine's `marks` gave them."""
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a model says of the marks of a slate, and what it took.

    `scores` are log-probabilities over the marks alone, in their order. Seconds are the engine's
    own, waiting not counted.
    """

    scores: FloatArray
    tokens: int = 1
    passes: int = 1
    seconds: float = 0.0
    forwarded: int | None = None
    """Tokens that went through the model, the prompt's among them; None where a server knows."""
    prompt: int | None = None
    """Tokens of the prompt; None where a server does not say."""


class Writer(Protocol):
    """Decodes free text."""

    @property
    def model(self) -> str:
        """Which model, as written in the receipt."""
        ...

    async def write(self, page: Page) -> Written:
        """Write a text, or as much of it as the deadline allows; EngineError without a word.

        Whoever cancels this call cancels the decode, wherever it runs.
        """
        ...


class Engine(Writer, Protocol):
    """Decodes a list under a speller, and free text."""

    @property
    def labels(self) -> int:
        """How many candidates a prompt must number for it; 0 where titles are spelled."""
        ...

    async def spell(self, job: Job) -> Decoding:
        """Spell a list, or as much of it as the deadline allows; EngineError if it cannot.

        Whoever cancels this call cancels the decode, wherever it runs.
        """
        ...

    def spelling(self, labels: Sequence[str], *, lines: int, separator: str) -> LabelLexicon:
        """The tokens that spell some labels, each ended by the separator."""
        ...

    def marks(self, most: int) -> tuple[str, ...]:
        """At most so many short labels, each a token of its own at the start of an answer.

        Always the same ones: the fewer are those that more begin with. None where it cannot
        weigh candidates.
        """
        ...

    async def weigh(self, slate: Slate) -> Weighed:
        """How likely each mark is to be the answer; EngineError if that cannot be had.

        Whoever cancels this call cancels the reading, wherever it runs.
        """
        ...

    def ahead(self) -> float:
        """How many lists a new one would have to wait for."""
        ...

    async def trouble(self) -> str | None:
        """Why a list would not be made as configured now; None when it would."""
        ...

    async def close(self) -> None:
        """Finish what is running and let go of the model."""
        ...


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of events that were handed in."""

    new: int = 0
    known: int = 0
    """Had come before, under the same id."""
    late: int = 0
    """Are older than all that a full history still holds."""

    def __add__(self, other: Recorded) -> Recorded:
        return Recorded(self.new + other.new, self.known + other.known, self.late + other.late)


class HistoryStore(Protocol):
    """What users have met. A history follows from its events alone, however they came in."""

    async def history(self, user: User) -> tuple[str, ...]:
        """Item ids, oldest first; empty for a user nobody has seen; StoreUnavailable."""
        ...

    async def record(self, events: Sequence[Event]) -> Recorded:
        """Remember events; once this returns they are kept. StoreUnavailable: send them again."""
        ...

    async def forget(self, user: User) -> None:
        """Remove all that came in of a user; StoreUnavailable."""
        ...

    async def trouble(self) -> str | None:
        """Why histories cannot be read or would not last; None where all is well."""
        ...


class ExposureStore(Protocol):
    """Which lists were handed out under which request, and what became of their items."""

    async def expose(self, tenant: str, request_id: str, exposure: Exposure) -> None:
        """Remember a list for a while; StoreUnavailable."""
        ...

    async def exposed(self, tenant: str, request_id: str) -> tuple[Exposure, ...]:
        """The lists of a request that are remembered, the latest first; StoreUnavailable."""
        ...

    async def learn(
        self, tenant: str, request_id: str, feedback: Sequence[Feedback]
    ) -> tuple[Feedback, ...] | None:
        """Remember feedback with the list; those that are new. None: there is no such request.

        Only what was said while one of the remembered lists was the latest is known.
        StoreUnavailable: send it again.
        """
        ...


class Cache(Protocol):
    """What was computed once, by a digest of what it was computed from."""

    async def get(self, key: str) -> str | None:
        """What is kept under a key; StoreUnavailable."""
        ...

    async def put(self, key: str, value: str, seconds: float | None = None) -> None:
        """Keep a value while there is room, for so long at most; StoreUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """A version of the catalogue, and when its turn began, in milliseconds since 1970."""

    version: str
    at: int


class CataloguePointer(Protocol):
    """Which version of the catalogue all gateways are to serve; who points last decides."""

    async def turns(self) -> tuple[Turn, ...]:
        """The one to serve, then those before it; nothing until somebody pointed. StoreUnavailable.

        Only the latest of those before are remembered.
        """
        ...

    async def begin(self, version: str) -> None:
        """Have a version served where none is pointed at; StoreUnavailable."""
        ...

    async def point(self, version: str, instead_of: str) -> None:
        """Have a version served, and what was served before remembered; StoreUnavailable."""
        ...

    async def back(self, version: str) -> None:
        """Have a version served again, and what came after it forgotten; StoreUnavailable."""
        ...


class Limits(Protocol):
    """How often somebody may ask."""

    async def refused(self, rate: RateLimitItem, whom: str) -> float:
        """0 for a request that is let in, and counts; else the seconds until another would be.

        StoreUnavailable where nobody counts.
        """
        ...


@dataclass(frozen=True, slots=True)
class Drafted:
    """How a draft fared: its lines, those of them that stand, what it held, and what it broke."""

    lines: int = 0
    stood: int = 0
    controls: tuple[ControlOutcome, ...] = ()
    violations: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListMade:
    """What an observer hears of a list; a finished one with violations is withheld."""

    path: Path
    strategy: Strategy
    degraded: bool
    repaired: int
    violations: Mapping[str, int]
    variant: str = DEFAULT_VARIANT
    origin: Origin = Origin.MADE
    seconds: float = 0.0
    """From the request on, until it was validated."""
    allowed: float | None = None
    """Seconds that it was given."""
    model: str | None = None
    prompt: str | None = None
    controls: tuple[ControlOutcome, ...] = ()
    relaxed: tuple[ControlOutcome, ...] = ()
    supplements: tuple[Supplement, ...] = ()
    drafted: Drafted = Drafted()
    """Of a list that was made for this request; nothing of one that was kept or shared."""


@dataclass(frozen=True, slots=True)
class AnswerMade:
    """What an observer hears of an answer; a finished one with violations is withheld."""

    task: Task
    path: AnswerPath
    degraded: bool
    supplements: tuple[Supplement, ...]
    violations: Mapping[str, int]
    variant: str = DEFAULT_VARIANT
    seconds: float = 0.0
    """From the request on, until it was validated."""
    allowed: float | None = None
    """Seconds that it was given."""
    model: str | None = None
    drafted: Mapping[str, int] = field(default_factory=dict)
    """Violations of the model's draft, before any repair."""


class Looked(StrEnum):
    """What came of looking something up that may have been computed before."""

    HIT = "hit"
    MISS = "miss"
    FAILED = "failed"
    """It could not be looked up, or what was found was of no use."""


class Observer(Protocol):
    """Hears what happened; metrics and logs are observers."""

    def stage(self, name: str, seconds: float) -> None:
        """A stage of the pipeline took this long."""
        ...

    def listed(self, made: ListMade) -> None:
        """A list was made, and goes out."""
        ...

    def answered(self, made: AnswerMade) -> None:
        """A question was answered, and the answer goes out."""
        ...

    def withheld(self, made: ListMade | AnswerMade) -> None:
        """It was made, broke the promise, and goes no further."""
        ...

    def decoded(self, decoding: Decoding | Written | Weighed, model: str) -> None:
        """A model decoded a list or a text, or weighed candidates."""
        ...

    def left_out(self, part: str, error: Exception) -> None:
        """A part was late or failed, and the list was made without it."""
        ...

    def looked_up(self, cache: str, outcome: Looked) -> None:
        """Something was looked for in a cache."""
        ...


class StoreObserver(Protocol):
    """Hears of what goes to a store that is another process."""

    def called(self, operation: str, seconds: float, error: Exception | None) -> None:
        """A call was answered, or failed; waiting for others to go along is part of it."""
        ...

    def travelled(self) -> None:
        """The calls of a moment went there together, in one round trip."""
        ...
