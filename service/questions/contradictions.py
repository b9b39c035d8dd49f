"""A type that the question contradicts: refused, unless `k` says outright what is meant.

What the question merely does not say is no contradiction. Where options came beside the text, the
type counts and the text is about something: what it seems to ask for is only noted, as is a number
that only may say how many ("the top 3"). A multiple choice is refused for a number only where that
many are ordered ("output three numbers", "exactly two"): a number may be part of a thing's name.
"""

from __future__ import annotations

from collections.abc import Iterator

from service.errors import UnreadableQuestion
from service.question import AnswerRequest, Task
from service.questions.wants import Wants

_ONLY_ONE = "or send k = 1 if one option is wanted all the same."


def check_task(request: AnswerRequest, options: int, wants: Wants) -> tuple[str, ...]:
    """Refuse what the named task and the question cannot both mean; or say it in a note."""
    if request.task is None:
        return ()
    check_number(request.task, request.k, options)
    found = None if request.k else next(_contradictions(request.task, options, wants), None)
    if found is None:
        return ()
    asked, hint = found
    counted = asked.endswith(("option", "options"))
    bare = not wants.outright or (request.task is Task.MULTIPLE_CHOICE and not wants.exact)
    if request.options is not None or (counted and bare):
        return (f"The text seems to ask for {asked}; the type {request.task} was followed.",)
    raise UnreadableQuestion(
        f"The task is {request.task}, but the question asks for {asked}.", hint=hint
    )


def check_number(task: Task | None, k: int | None, options: int) -> None:
    """A multiple choice names one option, and a ranking all of them."""
    if k is None:
        return
    if task is Task.MULTIPLE_CHOICE and k != 1:
        raise UnreadableQuestion(
            f"A multiple choice names one option, but k is {k}.",
            hint='Leave k out, or ask for the type "retrieval".',
        )
    if task is Task.RANKING and k != options:
        raise UnreadableQuestion(
            f"A ranking names all {options} options, but k is {k}.",
            hint='Leave k out, or ask for the type "retrieval" to name only some.',
        )


def _contradictions(task: Task, options: int, wants: Wants) -> Iterator[tuple[str, str]]:
    """What is asked for instead, and the way out."""
    if wants.composing:
        hint = 'Ask for the type "generation", or say what is to be chosen.'
        yield "a text to be written", hint
    if task is Task.MULTIPLE_CHOICE:
        yield from _of_one(wants)
    if task is Task.RANKING and not wants.order:
        yield from _of_ranking(options, wants)
    if task is Task.RETRIEVAL and wants.count is None and wants.ranks_all:
        hint = 'Ask for the type "ranking", or send k to name only the best.'
        yield "a ranking", hint


def _of_one(wants: Wants) -> Iterator[tuple[str, str]]:
    if wants.ranks_all:
        yield "a ranking", f'Ask for the type "ranking", {_ONLY_ONE}'
    if wants.fewest is not None and wants.fewest > 1:
        yield f"{wants.count} options", f'Ask for the type "retrieval", {_ONLY_ONE}'
    if wants.all_that_apply:
        yield "all options that apply", f'Ask for the type "retrieval", {_ONLY_ONE}'


def _of_ranking(options: int, wants: Wants) -> Iterator[tuple[str, str]]:
    hint = f"or send k = {options} if all are to be ranked all the same."
    if wants.count is not None and wants.count < options:
        some = "1 option" if wants.count == 1 else f"{wants.count} options"
        kind = "multiple_choice" if wants.count == 1 else "retrieval"
        yield some, f'Ask for the type "{kind}", {hint}'
    if wants.all_that_apply:
        yield "all options that apply", f'Ask for the type "retrieval", {hint}'
