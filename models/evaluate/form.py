"""Is an answer of the form that was asked for? Read by itself, strictly, and apart from the score.

A scorer forgives what a program that reads answers would not: "2. the red one" may score, and is
not well-formed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from service.question import DEFAULT_WORDS, Question, Task
from service.questions.text.words import count


@dataclass(frozen=True, slots=True)
class Form:
    """What an answer must look like."""

    task: Task
    labels: tuple[str, ...] = ()
    """The options there are; none for text and for spans."""
    choose: int = 0
    """How many options are named, or how many spans may be."""
    max_words: int = DEFAULT_WORDS
    source: str = ""

    @classmethod
    def of(cls, question: Question) -> Form:
        """The form that a question asks for."""
        return cls(
            task=question.task,
            labels=tuple(option.label for option in question.options),
            choose=question.choose,
            max_words=question.max_words,
            source=question.source,
        )

    def meant(self, task: Task, choose: int) -> Form | None:
        """The form that was really meant, where the question's type is known.

        A question may have been misread: then an answer to what was read is no answer. None where
        options were meant and none were read, so that nothing can be right.
        """
        if task in {Task.GENERATION, Task.ENTITIES}:
            return self
        if not self.labels:
            return None
        return self if task is self.task else replace(self, task=task, choose=choose)

    @property
    def first(self) -> int:
        """The number of the first option; 1 if they are not numbered."""
        return int(self.labels[0]) if self.labels and self.labels[0].isdecimal() else 1


def well_formed(output: str, form: Form) -> bool:
    """Whether the whole output is an answer, and nothing beside it."""
    if form.labels:
        return _named(_parts(output), form)
    if form.source:
        return _quoted(output, form)
    return bool(output.strip()) and count(output) <= form.max_words


def _parts(output: str) -> list[str]:
    return [part.strip() for part in output.split(",")]


def _named(named: list[str], form: Form) -> bool:
    if form.task is Task.MULTIPLE_CHOICE:
        wanted = 1
    else:
        wanted = len(form.labels) if form.task is Task.RANKING else form.choose
    apart = len(set(named)) == len(named)
    return apart and len(named) == wanted and set(named) <= set(form.labels)


def _quoted(output: str, form: Form) -> bool:
    """At least one span, none twice, each of them verbatim in the source.

    Of a source that has commas in it a span may hold some: the whole output counts as one then.
    """
    if output.strip() and output.strip() in form.source:
        return True
    spans = _parts(output)
    few = len(spans) <= form.choose if form.choose else True
    return few and len(set(spans)) == len(spans) and all(s and s in form.source for s in spans)
