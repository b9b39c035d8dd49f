"""Questions with their answers, in the fields of ECInstruct, as the service would be asked them.

A row is read as a request to `/answer` is, and its prompt is the one that is served; its answer
becomes what the service expects there: the label of an option, labels in an order, lines of
spans, or the text itself. A row whose answer names more options than the question seemed to ask
for is read again with that said outright.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from models.sft.data.choices import Reading
from models.sft.data.example import Example, is_text
from models.sft.data.general import NO_ANSWER, NO_QUESTION, NO_TEXT
from models.sft.data.labelled import Given, given, places_of
from models.sft.data.lists import Made
from models.sft.data.records import Row
from models.steps.telling import Moment, Telling, silently
from service.errors import UnreadableQuestion
from service.prompts.answer import answer_prompt
from service.prompts.entities import LAST_LINE
from service.question import DEFAULT_WORDS, AnswerRequest, Question, Task
from service.questions.read import read
from service.questions.text.words import count

UNREADABLE: Final = "the question cannot be read"
NO_OPTION: Final = "the answer names no option, or one twice"
NOT_THERE: Final = "the answer does not stand in the text it is to be taken from"
OF_THE_TEST: Final = "the row is of the test"

SHOWN: Final = 10
"""Rows that are told of one by one."""

_PARTS: Final = {"train": "train", "training": "train"} | dict.fromkeys(
    ("val", "valid", "validation", "dev"), "validation"
)


@dataclass(frozen=True, slots=True)
class Questions:
    """The rows of a file, by part."""

    train: tuple[tuple[str, Made], ...]
    validation: tuple[tuple[str, Made], ...]
    problems: list[str] = field(default_factory=list)
    """The first rows that could not be used, and why."""


def questions_of(rows: Sequence[Row], choices: Reading, telling: Telling = silently) -> Questions:
    """The examples of all rows, and what became of the others."""
    found = Questions((), ())
    parts: dict[str, list[tuple[str, Made]]] = {"train": [], "validation": []}
    dice = np.random.default_rng(choices.seed)
    # Thrown for every row, so that one row's part does not hang on those before it.
    for number, (row, thrown) in enumerate(zip(rows, dice.random(len(rows)), strict=True), start=1):
        telling(Moment("read", number, len(rows)))
        drawn = "validation" if thrown < choices.validation else "train"
        named = str(row.get("split") or drawn).strip().lower()
        made = example(row) if named in _PARTS else OF_THE_TEST
        if isinstance(made, str) and made != OF_THE_TEST and len(found.problems) < SHOWN:
            found.problems.append(f"row {number}: {made}")
        parts[_PARTS.get(named, "train")].append((_label(row), _short(made)))
    return replace(found, train=tuple(parts["train"]), validation=tuple(parts["validation"]))


def example(row: Row) -> Made:
    """The example of a row, or why there is none."""
    text = "\n".join(filter(None, (_text(row.get("instruction")), _text(row.get("input")))))
    answer = row.get("output")
    if not text:
        return NO_QUESTION
    if not _text(answer):
        return NO_ANSWER
    if not is_text(text + _text(answer) + _text(row.get("options")) + _label(row)):
        return NO_TEXT
    try:
        options = given(row.get("options"))
        request = AnswerRequest(text, options=None if options is None else options.texts)
        return _answered(request, options, answer, _label(row))
    except UnreadableQuestion as error:
        return f"{UNREADABLE}: {error.message}"
    except ValueError as error:
        return f"{UNREADABLE}: {error}"


def _answered(request: AnswerRequest, options: Given | None, answer: Any, label: str) -> Made:
    question = read(request)
    if question.options:
        return _of_options(request, question, options, answer, label)
    if question.extracts:
        return _of_spans(request, question, answer, label)
    text = _text(answer)
    if count(text) > question.max_words:
        # The prompt says how long an answer may be, and must not say less than this one is.
        question = read(replace(request, max_words=max(count(text), DEFAULT_WORDS)))
    return Example(label, answer_prompt(question), text, label=label)


def _of_options(
    request: AnswerRequest, question: Question, options: Given | None, answer: Any, label: str
) -> Made:
    texts = [option.text for option in question.options]
    labels = [option.label for option in question.options]
    places = places_of(answer, texts, options.marks if options else labels, labels)
    if not places:
        return NO_OPTION
    if len(places) != question.choose:
        question = read(_outright(request, len(places), len(texts)))
    named = ",".join(labels[place] for place in places)
    return Example(label, answer_prompt(question), named, label=label)


def _outright(request: AnswerRequest, named: int, options: int) -> AnswerRequest:
    """The request with the task that an answer of so many options is of."""
    if named == 1:
        return replace(request, task=Task.MULTIPLE_CHOICE)
    if named == options:
        return replace(request, task=Task.RANKING)
    return replace(request, task=Task.RETRIEVAL, k=named)


def _of_spans(request: AnswerRequest, question: Question, answer: Any, label: str) -> Made:
    spans = list(dict.fromkeys(_spans(answer, question.source)))
    if not spans:
        return NOT_THERE
    if len(spans) > question.choose:
        question = read(replace(request, task=Task.ENTITIES, k=len(spans)))
    lines = spans if question.choose == 1 else [*spans, LAST_LINE]
    return Example(label, answer_prompt(question), "\n".join(lines), label=label)


def _spans(answer: Any, source: str) -> Iterator[str]:
    """The spans that an answer names; none at all if one is not in the source."""
    text = _text(answer)
    parts = [str(one).strip() for one in answer] if isinstance(answer, list) else [text]
    if not isinstance(answer, list) and text not in source:
        parts = [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]
    if all(part in source for part in parts):
        yield from parts


def _label(row: Row) -> str:
    return _text(row.get("task")) or "question"


def _short(made: Made) -> Made:
    """Reasons without what is special about one row, to be counted."""
    return made.split(":")[0] if isinstance(made, str) else made


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, dict):
        return "\n".join(f"{name}: {one}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else json.dumps(value)
