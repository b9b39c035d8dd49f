"""What `POST /answer` answers: the answer, how the question was read, and what helped."""

from __future__ import annotations

from pydantic import Field

from service.api.answer import Answer, absent
from service.api.inside import AnswerInside
from service.api.supplements import SupplementAccount
from service.question import Answered, AnswerPath, Option, Question, Task


class OptionRead(Answer):
    """One of the answers there are to choose from."""

    label: str = Field(description="As the asker numbered it.", examples=["2"])
    text: str = Field(description="What it says.", examples=["waterproof jacket"])

    @classmethod
    def of(cls, option: Option) -> OptionRead:
        """As the API shows it."""
        return cls(label=option.label, text=option.text)


class QuestionRead(Answer):
    """The question as it was read."""

    type: Task = Field(description="What kind of answer it wants.", examples=["multiple_choice"])
    stem: str = Field(
        description="What is asked, without the options.",
        examples=["Which of these keeps rain out?"],
    )
    options: list[OptionRead] = Field(
        description="What there is to choose from.",
        examples=[[{"label": "1", "text": "sun hat"}, {"label": "2", "text": "rain jacket"}]],
    )
    choose: int = Field(
        description="How many options the answer names, or at most how many spans; 0 for words.",
        examples=[1],
    )
    focus: str = Field(
        description="What the options are compared with.",
        examples=["Which of these keeps rain out?"],
    )
    source: str | None = Field(
        default=None,
        exclude_if=absent,
        description="Where the answer is taken from it: the text that it is taken from.",
        examples=["red running shoes for wide feet"],
    )
    target: str | None = Field(
        default=None,
        exclude_if=absent,
        description="What is looked for in that text.",
        examples=["product type"],
    )
    max_words: int | None = Field(
        default=None,
        exclude_if=absent,
        description="The most words that the answer has, where it is written freely.",
        examples=[30],
    )
    notes: list[str] = Field(
        description="What the asker should know about how the question was read.",
        examples=[["options 2 and 5 say the same"]],
    )

    @classmethod
    def of(cls, question: Question) -> QuestionRead:
        """As the API shows it."""
        free = not (question.options or question.extracts)
        return cls(
            type=question.task,
            stem=question.stem,
            options=[OptionRead.of(option) for option in question.options],
            choose=question.choose,
            focus=question.focus,
            source=question.source or None,
            target=question.target or None,
            max_words=question.max_words if free else None,
            notes=list(question.notes),
        )


class AnswerGiven(Answer):
    """The answer, in the one field that its type has."""

    choice: str | None = Field(
        default=None,
        exclude_if=absent,
        description="Of multiple choice: the option's label.",
        examples=["2"],
    )
    ranking: list[str] | None = Field(
        default=None,
        exclude_if=absent,
        description="Of ranking: the labels of all options, the best first.",
        examples=[["2", "3", "1"]],
    )
    selection: list[str] | None = Field(
        default=None,
        exclude_if=absent,
        description="Of retrieval: the labels of as many options as were asked for.",
        examples=[["2", "3"]],
    )
    text: str | None = Field(
        default=None,
        exclude_if=absent,
        description="Of generation: the words.",
        examples=["A waterproof jacket keeps rain out."],
    )
    entities: list[str] | None = Field(
        default=None,
        exclude_if=absent,
        description="Of entities: spans of the text, as they stand there.",
        examples=[["running shoes"]],
    )

    @classmethod
    def of(cls, made: Answered) -> AnswerGiven:
        """As the API shows it."""
        match made.question.task:
            case Task.MULTIPLE_CHOICE:
                return cls(choice=made.labels[0])
            case Task.RANKING:
                return cls(ranking=list(made.labels))
            case Task.RETRIEVAL:
                return cls(selection=list(made.labels))
            case Task.ENTITIES:
                return cls(entities=list(made.spans))
            case Task.GENERATION:
                return cls(text=made.text)


class QuestionAnswer(Answer):
    """The answer to a question."""

    request_id: str = Field(
        description="The request's `X-Request-ID`, or one made for it.", examples=["4f1c9a0be2d7"]
    )
    type: Task = Field(description="What kind of answer it is.", examples=["multiple_choice"])
    answer: AnswerGiven = Field(
        description="The answer, in exactly one field.", examples=[{"choice": "2"}]
    )
    text: str = Field(
        description="The answer in its bare form: `2`, `2,3,1`, or the words themselves.",
        examples=["2"],
    )
    read: QuestionRead = Field(
        description="The question as it was read.",
        examples=[{"type": "multiple_choice", "stem": "Which keeps rain out?", "choose": 1}],
    )
    path: AnswerPath = Field(
        description="Which road made the answer: the model, similarity alone, or there was only "
        "one that could be given.",
        examples=["llm"],
    )
    degraded: bool = Field(
        description="Whether something that should have helped was late or failed.",
        examples=[False],
    )
    why: str = Field(description="Why this path.", examples=["the engine could answer in time"])
    completed: int = Field(
        description="How many of the labels the model did not name, and similarity added; in the "
        "order given where nothing was compared.",
        examples=[0],
    )
    supplements: list[SupplementAccount] = Field(
        description="What small models had to say, used or not.",
        examples=[[{"kind": "thought", "used": False, "why": "it is off", "text": ""}]],
    )
    model: str | None = Field(
        description="Which model made the answer; null if none had to.",
        examples=["SmolLM2-135M-Instruct-int4"],
    )
    prompt: str | None = Field(
        description="Version of the prompt; null if none was used.",
        examples=["multiple_choice/3"],
    )
    prior_weight: float = Field(
        description="How much similarity weighed against the model; 0 where the model was not "
        "steered, or not asked.",
        examples=[1.0],
    )
    variant: str = Field(
        description="Which of the service's variants made the answer.", examples=["default"]
    )
    timings: dict[str, float] = Field(
        description="Milliseconds each stage took, and the total.",
        examples=[{"read": 0.4, "supplements": 4.5, "answer": 210.0, "total": 215.1}],
    )
    inside: AnswerInside | None = Field(
        default=None,
        exclude_if=absent,
        description="How the answer came about, if the request asks for it.",
        examples=[{"prompt": None, "stages": []}],
    )

    @classmethod
    def of(cls, made: Answered) -> QuestionAnswer:
        """As the API shows it."""
        return cls(
            request_id=made.request_id,
            type=made.question.task,
            answer=AnswerGiven.of(made),
            text=made.text,
            read=QuestionRead.of(made.question),
            path=made.path,
            degraded=made.degraded,
            why=made.why,
            completed=made.completed,
            supplements=[SupplementAccount.of(each) for each in made.supplements],
            model=made.model,
            prompt=made.prompt,
            prior_weight=made.prior_weight,
            variant=made.variant,
            timings=dict(made.timings),
            inside=None if made.inside is None else AnswerInside.of(made.inside),
        )
