"""The validator of answers: what goes out is read against the question, and nothing is trusted."""

from __future__ import annotations

from service.question import Answered, Question, Task
from service.questions.text.words import count


def violations(answered: Answered) -> dict[str, int]:
    """What an answer breaks of what its question asks, by kind; nothing if it is well-formed."""
    question = answered.question
    if question.options:
        found = _of_labels(question, answered)
    elif question.extracts:
        found = _of_spans(question, answered)
    else:
        found = {"words": max(0, count(answered.text) - question.max_words)}
        found |= {"empty": int(count(answered.text) == 0)}
    return {kind: many for kind, many in found.items() if many}


def _of_labels(question: Question, answered: Answered) -> dict[str, int]:
    labels = answered.text.split(",")
    known = {option.label for option in question.options}
    wanted = len(question.options) if question.task is Task.RANKING else question.choose
    return {
        "nonexistent": sum(label not in known for label in labels),
        "repeat": len(labels) - len(set(labels)),
        "count": abs(len(labels) - wanted),
    }


def _of_spans(question: Question, answered: Answered) -> dict[str, int]:
    return {
        "nonexistent": sum(span not in question.source for span in answered.spans),
        "repeat": len(answered.spans) - len(set(answered.spans)),
        "count": max(0, len(answered.spans) - question.choose, 1 - len(answered.spans)),
        "text": int(answered.text != ", ".join(answered.spans)),
    }
