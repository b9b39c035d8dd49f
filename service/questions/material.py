"""What a request holds: the stem, the options wherever they stand, and what the asker wants."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from service.errors import UnreadableQuestion
from service.question import AnswerRequest, Option, Task
from service.questions.layout.stem import Stem, read_stem
from service.questions.lists.finding import find_list
from service.questions.lists.found import Found, names
from service.questions.lists.rating import is_rated
from service.questions.orders.instructions import begins_with_question
from service.questions.text.bounds import checked_options, checked_text, given_options
from service.questions.wants import Wants, wants

_PAIR: Final = 2
_SEVERAL: Final = frozenset({Task.RANKING, Task.RETRIEVAL})
_TEXTS: Final = frozenset({Task.GENERATION, Task.ENTITIES})
# Where a list is headed as a text (`Details:`), more than a question makes it one of options.
_PICKS: Final = re.compile(
    r"\b(?:select|choose|pick|which|best|number(?! of (?!the))|index|indices|label|letter|wähl\w*"
    r"|welche\w?|nummern?|choisi\w*|sélectionne\w*|quel\w*|numéros?|elige|elija|selecciona\w*|cuál\w*|números?|scegli\w*"
    r"|seleziona\w*|quale|quali|numer[oi])\b|选|選|哪|どれ|どの|番号|اختر|चुन",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Material:
    """A request's text, taken apart."""

    stem: Stem
    """With a list left in it that was not read as options."""
    options: tuple[Option, ...]
    wants: Wants
    notes: tuple[str, ...] = ()
    listed: tuple[Option, ...] = ()
    """Of a list that was left in the text."""


def material(request: AnswerRequest) -> Material:
    """The request's text, taken apart."""
    text = checked_text(request.question)
    options = None if request.options is None else given_options(request.options)
    found = find_list(text)
    if options is not None:
        note = "The numbered list in the text is no list of options: options came beside it."
        listed = found is not None and found.numbered and not found.alone
        return _made(read_stem(text), options, (note,) if listed else ())
    whole = read_stem(text)
    if found is not None and request.task not in _TEXTS:
        inside = _made(read_stem(found.before, found.after), found.options, _notes(found))
        if _is_options(request.task, found, inside, whole):
            _check_numbering(found)
            checked_options(found.options)
            return inside
    left = _made(whole, (), _left(found))
    return left if found is None or found.alone else replace(left, listed=found.options)


def _made(stem: Stem, options: tuple[Option, ...], notes: tuple[str, ...]) -> Material:
    if not stem.text:
        if sum(begins_with_question(option.text) for option in options) >= _PAIR:
            raise UnreadableQuestion(
                "The text holds several questions.", hint="Send one question at a time."
            )
        raise UnreadableQuestion(
            "There is nothing that is asked, only " + ("options." if options else "labels."),
            hint="Say before or behind the options what is to be found out.",
        )
    return Material(stem, options, wants(stem), notes)


def _is_options(task: Task | None, found: Found, inside: Material, whole: Stem) -> bool:
    """Whether a list is one of options; if nobody says so, by what is asked."""
    wanted, orders = inside.wants, inside.stem.orders
    one = task not in _SEVERAL and not (wanted.order or wanted.several)
    if one and is_rated(found, orders, whole.orders):
        return False
    return task is not None or _is_chosen_from(found, wanted, orders)


def _is_chosen_from(found: Found, wanted: Wants, orders: Sequence[str]) -> bool:
    if not found.numbered:
        return wanted.chooses and not (found.headed_otherwise or wanted.writes)
    if found.closed:
        return not wanted.composing
    if found.headed_otherwise:
        return wanted.order or wanted.several or any(map(_PICKS.search, orders))
    if found.doubtful:
        return wanted.chooses
    return not wanted.writing or wanted.order or wanted.several


def _check_numbering(found: Found) -> None:
    if found.broken:
        raise UnreadableQuestion(
            found.broken,
            hint="Number the options without gaps and indent what else is numbered, or send"
            ' them as "options".',
        )


def _notes(found: Found) -> tuple[str, ...]:
    if found.lists <= 1:
        return found.notes
    read = f"the one numbered {names(found.options)} was read as the options."
    return (f"The text has {found.lists} numbered lists; {read}", *found.notes)


def _left(found: Found | None) -> tuple[str, ...]:
    if found is None or found.alone:
        return ()
    return (f"The {found.spoken} was read as part of the text.",)
