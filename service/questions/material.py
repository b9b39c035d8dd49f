"""What a request holds: the stem, the options wherever they stand, and what the asker wants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from service.errors import UnreadableQuestion
from service.question import AnswerRequest, Option, Task
from service.questions.bounds import checked_options, checked_text, given_options
from service.questions.choosing import asks_for_choice, asks_for_several, counts
from service.questions.instructions import asks_to_write
from service.questions.lists import Found, find_list, names
from service.questions.ranks import asks_for_order
from service.questions.stem import Stem, read_stem

_CHOICES: Final = frozenset({Task.MULTIPLE_CHOICE, Task.RANKING, Task.RETRIEVAL})
_TEXTS: Final = frozenset({Task.GENERATION, Task.ENTITIES})


@dataclass(frozen=True, slots=True)
class Wants:
    """What the asker says about the answer."""

    count: int | None
    """How many options, if a number is said."""
    several: bool
    """Whether more than one, by number or without."""
    order: bool
    choice: bool
    writing: bool
    """Whether words of one's own are asked for, and nothing is to be chosen."""


@dataclass(frozen=True, slots=True)
class Material:
    """A request's text, taken apart."""

    stem: Stem
    """With a list left in it that was not read as options."""
    options: tuple[Option, ...]
    wants: Wants
    notes: tuple[str, ...] = ()


def material(request: AnswerRequest) -> Material:
    """The request's text, taken apart."""
    text = checked_text(request.question)
    options = None if request.options is None else given_options(request.options)
    found = find_list(text)
    if options is not None:
        note = "The numbered list in the text is no list of options: options came beside it."
        listed = found is not None and not found.alone
        return _made(text, options, (note,) if listed else ())
    if found is not None and request.task not in _TEXTS:
        asked = "\n".join(filter(None, (found.before, found.after)))
        inside = _made(asked, found.options, _notes(found))
        if request.task in _CHOICES or _is_options(found, inside.wants):
            checked_options(found.options)
            return inside
    return _made(text, (), _left(found))


def _made(text: str, options: tuple[Option, ...], notes: tuple[str, ...]) -> Material:
    stem = read_stem(text)
    if not stem.text:
        raise UnreadableQuestion(
            "There is nothing that is asked, only " + ("options." if options else "labels."),
            hint="Say before or behind the options what is to be found out.",
        )
    return Material(stem, options, wants(stem), notes)


def wants(stem: Stem) -> Wants:
    """What the asker says outside of all texts and quotes."""
    found = counts(stem.orders)
    choice = asks_for_choice(stem.orders)
    return Wants(
        count=found[0] if found else None,
        several=asks_for_several(stem.orders) or bool(found and found[0] > 1),
        order=asks_for_order(stem.orders),
        choice=choice,
        writing=not choice and any(map(asks_to_write, stem.orders)),
    )


def _is_options(found: Found, wanted: Wants) -> bool:
    """Whether a list is one of options, when nobody says that there are any."""
    chosen = wanted.choice or wanted.order or wanted.several
    if found.alone or found.headed_otherwise:
        return chosen
    return not wanted.writing or wanted.order or wanted.several


def _notes(found: Found) -> tuple[str, ...]:
    if found.lists <= 1:
        return ()
    read = f"the one numbered {names(found.options)} was read as the options."
    return (f"The text has {found.lists} numbered lists; {read}",)


def _left(found: Found | None) -> tuple[str, ...]:
    if found is None or found.alone:
        return ()
    return (f"The list numbered {names(found.options)} was read as part of the text.",)
