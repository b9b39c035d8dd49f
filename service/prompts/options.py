"""A question's options as they are shown: each on one harmless line, all of bounded size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from service.prompts.apart import told_apart
from service.prompts.fence import Room, fenced, harmless, shortened, unescaped
from service.question import Option

OPTION_LIMIT: Final = 400
OPTIONS_LIMIT: Final = 16_000
"""All options of a question together, labels included."""
SIMILAR_LIMIT: Final = 40

_LABEL: Final = 5
"""Characters of a label as it stands before an option: two hundred, a stop, a space."""


def shown_options(options: Sequence[Option], share: float = 1.0) -> str:
    """Each option on a line of its own, after its label."""
    limit = min(OPTION_LIMIT, max(1, OPTIONS_LIMIT // len(options) - _LABEL))
    room = Room.of(limit, share)
    texts = told_apart(list(map(_harmless, options)), room)
    return "Options:\n" + fenced(map(_row, options, texts))


def shown_similar(options: Sequence[Option], share: float = 1.0) -> str:
    """What a vector model found, as a hint; a reminder of each option will do."""
    room = Room.of(SIMILAR_LIMIT, share)
    texts = [shortened(_harmless(option), room) for option in options]
    if all(map(_is_label, options, texts)):
        return f"Hint: closest in meaning first: {', '.join(texts)}"
    return "Hint: options most like the question first:\n" + fenced(map(_row, options, texts))


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


def _row(option: Option, text: str) -> str:
    return text if _is_label(option, text) else f"{option.label}. {text}".rstrip()


def _is_label(option: Option, text: str) -> bool:
    """Whether it is its own label, as the numbers of a scale are."""
    return text == option.label


def _harmless(option: Option) -> str:
    return harmless(unescaped(option.text))
