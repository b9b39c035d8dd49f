"""Questions for the tests, made and asked in one line."""

from __future__ import annotations

from typing import Any

from service.question import AnswerRequest, Question
from service.questions.read import read


def asked(question: str, **more: Any) -> Question:
    """A question as it is read."""
    return read(AnswerRequest(question, **more))


def texts(question: Question) -> list[str]:
    """The texts of its options."""
    return [option.text for option in question.options]


def names(question: Question) -> str:
    """The labels of its options, with blanks between them."""
    return " ".join(option.label for option in question.options)
