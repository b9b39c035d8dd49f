"""Reading a question: raw text, or a text with options beside it, into what is asked."""

from __future__ import annotations

from service.errors import UnreadableQuestion
from service.question import AnswerRequest, Question, Task
from service.questions.choices import choice
from service.questions.material import material
from service.questions.text.bounds import LONGEST_OPTION, LONGEST_QUESTION, MOST_OPTIONS
from service.questions.texts import text_question

__all__ = ["LONGEST_OPTION", "LONGEST_QUESTION", "MOST_OPTIONS", "read"]


def read(request: AnswerRequest) -> Question:
    """The question; UnreadableQuestion says what could not be read and how to mend it.

    What the request says outright (task, options, k, max_words) counts more than what its text
    seems to say, and the two must not contradict each other.
    """
    found = material(request)
    if not (found.options or any(map(str.isalpha, request.question))):
        raise UnreadableQuestion(
            "The question has no words.", hint="Say in words what is to be answered."
        )
    if request.task not in {Task.GENERATION, Task.ENTITIES}:
        question = choice(request, found)
        if question is not None:
            return question
    return text_question(request, found)
