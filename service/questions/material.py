"""What a request holds: the stem, the options wherever they stand, and what the asker wants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from service.errors import UnreadableQuestion
from service.question import AnswerRequest, Option, Task
from service.questions.bounds import checked_options, checked_text, given_options
from service.questions.found import Found, names
from service.questions.lists import find_list
from service.questions.stem import Stem, read_stem
from service.questions.wants import Wants, wants

_CHOICES: Final = frozenset({Task.MULTIPLE_CHOICE, Task.RANKING, Task.RETRIEVAL})
_TEXTS: Final = frozenset({Task.GENERATION, Task.ENTITIES})


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
        listed = found is not None and found.numbered and not found.alone
        return _made(text, options, (note,) if listed else ())
    if found is not None and request.task not in _TEXTS:
        asked = "\n".join(filter(None, (found.before, found.after)))
        inside = _made(asked, found.options, _notes(found))
        if request.task in _CHOICES or _is_options(found, inside.wants):
            _check_numbering(found)
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


def _is_options(found: Found, wanted: Wants) -> bool:
    """Whether a list is one of options, when nobody says that there are any."""
    if not found.numbered:
        return wanted.chooses and not (found.headed_otherwise or wanted.writes)
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
