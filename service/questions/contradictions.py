"""A type that the question contradicts: refused, unless `k` says outright what is meant.

What the question merely does not say is no contradiction.
"""

from __future__ import annotations

from service.errors import UnreadableQuestion
from service.question import AnswerRequest, Task
from service.questions.wants import Wants

_ONLY_ONE = "or send k = 1 if one option is wanted all the same."


def check_task(request: AnswerRequest, options: int, wants: Wants) -> None:
    """Refuse what the named task and the question cannot both mean."""
    if request.task is None:
        return
    _check_writing(request.task, wants)
    if request.task is Task.MULTIPLE_CHOICE:
        check_one(request, wants)
    if request.task is Task.RANKING:
        _check_ranking(request.k, options, wants)
    if request.task is Task.RETRIEVAL:
        _check_retrieval(request.k, wants)


def check_one(request: AnswerRequest, wants: Wants) -> None:
    """A multiple choice names one option; a `k` of 1 says so whatever the text says."""
    if request.k == 1 or request.task is None:
        return
    if request.k is not None:
        raise UnreadableQuestion(
            f"A multiple choice names one option, but k is {request.k}.",
            hint='Leave k out, or ask for the type "retrieval".',
        )
    if wants.order:
        raise _contradiction(request.task, "a ranking", f'Ask for the type "ranking", {_ONLY_ONE}')
    if wants.fewest is not None and wants.fewest > 1:
        several = f"{wants.count} options"
        raise _contradiction(request.task, several, f'Ask for the type "retrieval", {_ONLY_ONE}')
    if wants.all_that_apply:
        every = "all options that apply"
        raise _contradiction(request.task, every, f'Ask for the type "retrieval", {_ONLY_ONE}')


def _check_ranking(k: int | None, options: int, wants: Wants) -> None:
    """A ranking names every option; a `k` that counts them all says so."""
    if k is not None and k != options:
        raise UnreadableQuestion(
            f"A ranking names all {options} options, but k is {k}.",
            hint='Leave k out, or ask for the type "retrieval" to name only some.',
        )
    if k is not None or wants.order:
        return
    hint = f"or send k = {options} if all are to be ranked all the same."
    if wants.count is not None and wants.count < options:
        some = "1 option" if wants.count == 1 else f"{wants.count} options"
        kind = "multiple_choice" if wants.count == 1 else "retrieval"
        raise _contradiction(Task.RANKING, some, f'Ask for the type "{kind}", {hint}')
    if wants.all_that_apply:
        every = "all options that apply"
        raise _contradiction(Task.RANKING, every, f'Ask for the type "retrieval", {hint}')


def _check_retrieval(k: int | None, wants: Wants) -> None:
    """A retrieval names the best; how many is said by somebody who wants no ranking of all."""
    if k is None and wants.count is None and wants.ranks_all:
        hint = 'Ask for the type "ranking", or send k to name only the best.'
        raise _contradiction(Task.RETRIEVAL, "a ranking", hint)


def _check_writing(task: Task, wants: Wants) -> None:
    if wants.composing:
        hint = 'Ask for the type "generation", or say what is to be chosen.'
        raise _contradiction(task, "a text to be written", hint)


def _contradiction(task: Task, asked: str, hint: str) -> UnreadableQuestion:
    return UnreadableQuestion(f"The task is {task}, but the question asks for {asked}.", hint=hint)
