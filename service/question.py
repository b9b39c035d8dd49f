"""The words of `POST /answer` as frozen data: no I/O, no numpy, no framework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from service.domain import DEFAULT_VARIANT, Cot, Inside, Sampling, Supplement

DEFAULT_WORDS: Final = 30
"""How long a written answer may be when nobody says so."""


class Task(StrEnum):
    """What kind of answer a question wants."""

    MULTIPLE_CHOICE = "multiple_choice"
    RANKING = "ranking"
    RETRIEVAL = "retrieval"
    GENERATION = "generation"
    ENTITIES = "entities"


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers there are to choose from, under the label that the asker gave it."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it was read."""

    task: Task
    stem: str
    """What is asked, without the options and without what only opens the answer (`Output:`)."""
    options: tuple[Option, ...] = ()
    choose: int = 0
    """How many options the answer names; of entities how many there may be; 0 for free text."""
    focus: str = ""
    """The stem's main body: what the options are compared with."""
    ends: tuple[str, str] | None = None
    """What the first and the last option of a scale stand for."""
    source: str = ""
    """The text that the answer's words must be taken from; empty where they may be any."""
    target: str = ""
    """What is looked for in the source: a type of entity, an aspect."""
    max_words: int = DEFAULT_WORDS
    notes: tuple[str, ...] = ()
    """What the asker should know about how the question was read."""

    @property
    def extracts(self) -> bool:
        """Whether the answer consists of spans of the source."""
        return bool(self.source)


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """One question to the pipeline, already typed and bounded by the API."""

    question: str
    task: Task | None = None
    options: tuple[str, ...] | None = None
    k: int | None = None
    cot: Cot = Cot.AUTO
    similar: int | None = None
    """How many of the most similar options the prompt shows; None: as the task does best."""
    prior_weight: float | None = None
    max_words: int | None = None
    without: frozenset[str] = frozenset()
    """Elements of the prompt that are left out."""
    sampling: Sampling = field(default_factory=Sampling)
    deadline_ms: int | None = None
    variant: str | None = None
    inside: bool = False
    """Whether to tell how the answer came about."""


class AnswerPath(StrEnum):
    """Which road made the answer."""

    LLM = "llm"
    SIMILAR = "similar"
    ONLY = "only"
    """There was one answer that could be given."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer, how the question was read, and what each stage cost in milliseconds."""

    request_id: str
    question: Question
    labels: tuple[str, ...]
    """Labels of the options named, in order; none for text."""
    spans: tuple[str, ...]
    """Spans of the source, in order."""
    text: str
    """The bare form that a scorer reads: "2", "3,1,2", or the words themselves."""
    path: AnswerPath
    degraded: bool
    why: str
    completed: int
    """How many of the labels the model did not name, and similarity added."""
    supplements: tuple[Supplement, ...]
    model: str | None
    prompt: str | None
    prior_weight: float
    """How much similarity weighed against the model; 0 where the model was not steered."""
    variant: str = DEFAULT_VARIANT
    timings: Mapping[str, float] = field(default_factory=dict)
    inside: Inside | None = None
    """Where the request asks for it."""
