"""A question's options as they are shown: each on one harmless line, all of bounded size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from service.prompts.fence import fenced, line
from service.question import Option

OPTION_LIMIT: Final = 400
OPTIONS_LIMIT: Final = 16_000
"""All options of a question together."""
SIMILAR_LIMIT: Final = 80


def shown_options(options: Sequence[Option]) -> str:
    """Each option on a line of its own, after its label."""
    limit = min(OPTION_LIMIT, OPTIONS_LIMIT // len(options))
    return "Options:\n" + fenced([_shown(option, limit) for option in options])


def shown_similar(options: Sequence[Option]) -> str:
    """What a vector model found, as a hint; a reminder of each option will do."""
    shown = [_shown(option, SIMILAR_LIMIT) for option in options]
    return "Closest in meaning to the question, the closest first:\n" + fenced(shown)


def numbered(options: Sequence[Option]) -> tuple[Option, ...]:
    """The options under numbers instead of the asker's labels."""
    first = first_number(options)
    return tuple(Option(str(n), option.text) for n, option in enumerate(options, start=first))


def first_number(options: Sequence[Option]) -> int:
    """The number of the first option: the asker's own where they counted in numbers, else 1."""
    labels = [option.label for option in options]
    if not all(label.isascii() and label.isdigit() for label in labels[:1]):
        return 1
    first = int(labels[0]) if labels else 1
    counted = [str(number) for number in range(first, first + len(labels))]
    return first if labels == counted else 1


def _shown(option: Option, limit: int) -> str:
    text = line(option.text, limit)
    # The options of a scale are their own labels.
    return text if text == option.label else f"{option.label}. {text}".rstrip()
