"""What is too much to be read, said before any of it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from service.errors import UnreadableQuestion
from service.question import Option
from service.questions.text.tidy import is_blank, tidy

LONGEST_QUESTION: Final = 32_000
"""In characters."""
MOST_OPTIONS: Final = 500
LONGEST_OPTION: Final = 4_000
"""In characters."""

_MOST_NAMED: Final = 5


def checked_text(text: str) -> str:
    """The question, fit to be read."""
    if len(text) > LONGEST_QUESTION:
        raise UnreadableQuestion(
            f"The question has {len(text):,} characters; at most {LONGEST_QUESTION:,} are read.",
            hint="Shorten it, or cut its longest text down to what matters.",
        )
    if is_blank(text):
        raise UnreadableQuestion(
            "The question is empty.", hint='Send what is asked as "question", options and all.'
        )
    return tidy(text)


def given_options(texts: Sequence[str]) -> tuple[Option, ...]:
    """Options that came beside the question, numbered from 1."""
    if not texts:
        raise UnreadableQuestion(
            'The list "options" is empty.',
            hint='Leave "options" out, or name at least one option in it.',
        )
    _check_number(len(texts))
    for number, text in enumerate(texts, start=1):
        _check_length(str(number), text)
    options = [Option(str(number), tidy(text)) for number, text in enumerate(texts, start=1)]
    return checked_options(options)


def checked_options(options: Sequence[Option]) -> tuple[Option, ...]:
    """The options, if there are not too many, and each has a text that is not too long."""
    _check_number(len(options))
    for option in options:
        _check_length(option.label, option.text)
        if is_blank(option.text):
            raise UnreadableQuestion(
                f"Option {option.label} has no text.", hint="Give it a text, or leave it out."
            )
    return tuple(options)


def repeated(options: Sequence[Option]) -> list[str]:
    """A note for each text that several options share."""
    labels = defaultdict(list)
    for option in options:
        labels[" ".join(option.text.casefold().split())].append(option.label)
    same = [found for found in labels.values() if len(found) > 1]
    notes = [f"Options {_spoken(found)} have the same text." for found in same[:_MOST_NAMED]]
    if len(same) > _MOST_NAMED:
        notes.append(f"{len(same) - _MOST_NAMED} more texts stand there several times.")
    return notes


def _check_number(number: int) -> None:
    if number > MOST_OPTIONS:
        raise UnreadableQuestion(
            f"There are {number:,} options; at most {MOST_OPTIONS} are read.",
            hint="Ask about fewer options, or in several questions.",
        )


def _check_length(label: str, text: str) -> None:
    if len(text) > LONGEST_OPTION:
        raise UnreadableQuestion(
            f"Option {label} has {len(text):,} characters; at most {LONGEST_OPTION:,} are read.",
            hint="Shorten its text.",
        )


def _spoken(found: Sequence[str]) -> str:
    shown = found[:_MOST_NAMED]
    more = f" and {len(found) - len(shown)} more" if len(found) > len(shown) else ""
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if not more else ", ".join(shown) + more
