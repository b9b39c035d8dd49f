"""Questions whose answer names options: one of them, some, or all in order."""

from __future__ import annotations

from dataclasses import dataclass, replace

from service.errors import UnreadableQuestion
from service.question import AnswerRequest, Option, Question, Task
from service.questions.contradictions import check_number, check_task
from service.questions.layout.focus import focus
from service.questions.lists.found import names
from service.questions.material import Material
from service.questions.orders.amounts import asks_how_many_options
from service.questions.scales.ends import ends
from service.questions.scales.scale import scale
from service.questions.text.bounds import repeated
from service.questions.wants import Wants

USUAL_CHOICES = 3
"""How many options a retrieval names when nobody says."""

_NUMBERED = 'Number the options, one a line (1. ..., 2. ...), or send them as "options".'


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The task, how many options its answer names, and what there is to say about that."""

    task: Task
    choose: int
    notes: tuple[str, ...] = ()


def choice(request: AnswerRequest, found: Material) -> Question | None:
    """The question, if its answer names options or a scale's numbers; None if it is a text."""
    if found.options:
        return _question(found, found.options, _chosen(request, len(found.options), found.wants))
    if request.task in {Task.RANKING, Task.RETRIEVAL}:
        raise _no_options(request.task)
    numbers = scale(found.stem.orders)
    if not numbers:
        if request.task is Task.MULTIPLE_CHOICE:
            raise _no_options(request.task)
        return None
    _check_k(request.k, len(numbers))
    check_number(request.task, request.k, len(numbers))
    note = f"The options are the numbers of the scale, {names(numbers)}."
    question = _question(found, numbers, _Chosen(Task.MULTIPLE_CHOICE, 1, (note,)))
    return replace(question, ends=ends(found.stem.orders, numbers))


def _question(found: Material, options: tuple[Option, ...], chosen: _Chosen) -> Question:
    alone = ("There is one option only.",) if len(options) == 1 else ()
    counted = asks_how_many_options(found.stem.orders, options)
    uncounted = ("Options are named here, and not how many there are.",) if counted else ()
    return Question(
        task=chosen.task,
        stem=found.stem.text,
        options=options,
        choose=chosen.choose,
        focus=focus(found.stem),
        notes=(*found.notes, *alone, *uncounted, *repeated(options), *chosen.notes),
    )


def _chosen(request: AnswerRequest, options: int, wants: Wants) -> _Chosen:
    _check_k(request.k, options)
    task = request.task or _task(request.k, options, wants)
    notes = check_task(request, options, wants)
    if task is Task.RANKING:
        return _Chosen(task, options, notes)
    if task is Task.MULTIPLE_CHOICE:
        return _Chosen(task, 1, notes)
    chosen = _retrieval(request.k, wants, options)
    return replace(chosen, notes=(*notes, *chosen.notes))


def _task(k: int | None, options: int, wants: Wants) -> Task:
    """What is asked when nobody names the task: all in order, several, or one."""
    count = k or wants.count
    some = count is not None and 1 < count < options
    if wants.order and not some and (k is None or k == options):
        return Task.RANKING
    if (count is not None and count > 1) or (k is None and wants.several):
        return Task.RETRIEVAL
    return Task.MULTIPLE_CHOICE


def _retrieval(k: int | None, wants: Wants, options: int) -> _Chosen:
    count = k or wants.count
    if count is None:
        choose = min(USUAL_CHOICES, options)
        note = f"The question does not say how many options to name; {choose} will be."
        return _Chosen(Task.RETRIEVAL, choose, (note,))
    if count > options:
        note = f"The question asks for {count} options and has {options}; all will be named."
        return _Chosen(Task.RETRIEVAL, options, (note,))
    if k is None and wants.fewest is not None and wants.fewest < count:
        note = f"The question asks for {wants.fewest} to {count} options; {count} will be named."
        return _Chosen(Task.RETRIEVAL, count, (note,))
    return _Chosen(Task.RETRIEVAL, count)


def _no_options(task: Task) -> UnreadableQuestion:
    return UnreadableQuestion(
        f"The task is {task}, but no options were found in the question.", hint=_NUMBERED
    )


def _check_k(k: int | None, options: int) -> None:
    if k is not None and not 1 <= k <= options:
        raise UnreadableQuestion(
            f"k is {k}, but there {'is 1 option' if options == 1 else f'are {options} options'}.",
            hint=f"Ask for 1 to {options}, or leave k out.",
        )
