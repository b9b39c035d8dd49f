"""What `POST /answer` takes: a question as its asker wrote it, and how it is to be answered."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, create_model
from pydantic_core import PydanticCustomError

from service.api.body import EngineBody, Name, deadline_field, no_nul
from service.api.inside import told
from service.api.service import Bounds
from service.prompts.answer import ELEMENTS
from service.question import AnswerRequest, Task

MAX_QUESTION: Final = 200_000
"""Longer than any question that is read: what reads it says better what is too long about it."""

MAX_OPTIONS: Final = 1_000
MAX_SIMILAR: Final = 10
MAX_WORDS: Final = 500

KNOWN_ELEMENTS: Final = tuple(sorted({name for names in ELEMENTS.values() for name in names}))
"""Of all tasks together: which task it is shows when the question is read."""


def known_element(name: str) -> str:
    """A name that no prompt has would leave out nothing, without a word."""
    if name not in KNOWN_ELEMENTS:
        known = ", ".join(KNOWN_ELEMENTS)
        raise PydanticCustomError("element", "must be one of {known}", {"known": known})
    return name


LongText = Annotated[str, Field(max_length=MAX_QUESTION), AfterValidator(no_nul)]
Element = Annotated[Name, AfterValidator(known_element)]


class QuestionType(StrEnum):
    """What kind of answer is wanted; `auto`: as the question reads."""

    AUTO = "auto"
    MULTIPLE_CHOICE = Task.MULTIPLE_CHOICE.value
    RANKING = Task.RANKING.value
    RETRIEVAL = Task.RETRIEVAL.value
    GENERATION = Task.GENERATION.value
    ENTITIES = Task.ENTITIES.value


class AnswerBody(EngineBody):
    """A question."""

    question: LongText = Field(
        description="The question, options and all, as its asker wrote it.",
        examples=["Which of these keeps rain out?\n1. sun hat\n2. waterproof jacket\n3. scarf"],
    )
    type: QuestionType = Field(
        default=QuestionType.AUTO,
        description="What kind of answer is wanted: one option, all of them in an order, some of "
        "them, words, or spans of the text; `auto`: as the question reads.",
        examples=["auto"],
    )
    options: Annotated[list[LongText], Field(max_length=MAX_OPTIONS)] | None = Field(
        default=None,
        description="The options, if they do not stand in the question; their labels are 1, 2, 3 "
        "and so on.",
        examples=[["sun hat", "waterproof jacket", "scarf"]],
    )
    k: int | None = Field(
        default=None,
        ge=1,
        le=MAX_OPTIONS,
        description="How many options, or at most how many spans, the answer names; left out: as "
        "the question says.",
        examples=[3],
    )
    similar: int | None = Field(
        default=None,
        ge=0,
        le=MAX_SIMILAR,
        description="How many of the options that are nearest in meaning the prompt points out; "
        "left out: as the service is set up.",
        examples=[3],
    )
    max_words: int | None = Field(
        default=None,
        ge=1,
        le=MAX_WORDS,
        description="The most words that a written answer has; left out: as the question says, "
        "else 30.",
        examples=[30],
    )
    without: Annotated[list[Element], Field(max_length=len(KNOWN_ELEMENTS))] = Field(
        default=[],
        description=f"Elements of the prompt to leave out: {', '.join(KNOWN_ELEMENTS)}. "
        "Those that the question's prompt does not have change nothing.",
        examples=[[KNOWN_ELEMENTS[0]]],
    )

    inside: bool = Field(
        default=False,
        description="Tell how the answer came about: what the model was asked, and when each stage "
        "began. Only where the playground is served.",
        examples=[False],
    )

    def to_domain(self, bounds: Bounds) -> AnswerRequest:
        """The request in the product's own words."""
        return AnswerRequest(
            question=self.question,
            task=None if self.type is QuestionType.AUTO else Task(self.type.value),
            options=None if self.options is None else tuple(self.options),
            k=self.k,
            cot=self.cot,
            similar=self.similar,
            prior_weight=self.prior_weight,
            max_words=self.max_words,
            without=frozenset(self.without),
            sampling=self.sampling(bounds),
            deadline_ms=self.deadline_ms,
            variant=self.variant,
            inside=told(bounds, inside=self.inside),
        )


@cache
def answer_body(bounds: Bounds) -> type[AnswerBody]:
    """The schema with this service's own bounds in it, for the parser and the API page alike."""
    deadline: Any = deadline_field(bounds)
    return create_model(
        "AnswerRequest",
        __base__=AnswerBody,
        __doc__=AnswerBody.__doc__,
        deadline_ms=(int | None, deadline),
    )
