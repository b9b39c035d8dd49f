"""What is known of a user and of what they want, as the lines every list's prompt has in common.

The model need not be told what the plan enforces anyway; it is told so that what it likes and what
it may spell lie close together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from service.domain import Controls, Intent, Op
from service.prompts.dense import spared
from service.prompts.fence import Room, fenced, line, quoted
from service.prompts.thought import LETTERS_A_WORD, LIST_WORDS, shown_thought

HISTORY_SHOWN: Final = 20
TITLE_LIMIT: Final = 120
WORDS_LIMIT: Final = 500
WORDS_BYTES: Final = 2 * WORDS_LIMIT
CATEGORY_LIMIT: Final = 60
CATEGORIES_SHOWN: Final = 8
NOTES_ROOM: Final = Room.of(LIST_WORDS * LETTERS_A_WORD)

BOUNDS: Final = {Op.AT_MOST: "at most", Op.AT_LEAST: "at least", Op.ABOUT: "about"}


def task(intent: Intent, k: int) -> str:
    """What is asked for, in one line."""
    text, query = _said(intent.text), _said(intent.query)
    if query:
        aim = "that match the search"
    elif text or intent.controls != Controls():
        aim = "that fit what the user wants now"
    else:
        aim = "that the user is likely to choose next"
    amount = f"a list of {k} different items" if k > 1 else "1 item"
    return f"Recommend {amount} {aim}."


def wishes(history: Sequence[str], intent: Intent) -> Iterator[str]:
    """The history (titles, oldest first), the words and the controls."""
    text, query = _said(intent.text), _said(intent.query)
    yield _history(history)
    if text:
        yield f"Wants: {quoted(text)}"
    if query:
        yield f"Search: {quoted(query)}"
    yield from _controls(intent.controls)


def notes(thought: str) -> Iterator[str]:
    """What a small model thinks of the user, if it was asked and said something."""
    return shown_thought(thought, "Notes on the user, may be wrong", NOTES_ROOM)


def shown_titles(titles: Sequence[str]) -> list[str]:
    """Titles as single harmless lines."""
    return [_shown_title(title) for title in titles]


@lru_cache(16_384)
def _shown_title(title: str) -> str:
    """The same titles are shown to many."""
    return line(title, TITLE_LIMIT)


def _said(words: str) -> str:
    """What of a wish is shown: its words, as far as they cost no more than long plain ones."""
    return spared(line(words, WORDS_LIMIT), WORDS_BYTES)


def _history(titles: Sequence[str]) -> str:
    shown = [title for title in shown_titles(titles[-HISTORY_SHOWN:]) if title]
    if not shown:
        return "History: none"
    return "History, oldest first:\n" + fenced(shown)


def _controls(controls: Controls) -> Iterator[str]:
    if controls.include:
        yield f"Only from: {_names(controls.include)}"
    if controls.exclude:
        yield f"Nothing from: {_names(controls.exclude)}"
    for share in controls.shares:
        bound = f"{BOUNDS[share.op]} {share.percent}"
        yield f"Of the list, {bound} from: {_names((share.category,))}"


def _names(categories: tuple[str, ...]) -> str:
    return ", ".join(quoted(line(name, CATEGORY_LIMIT)) for name in categories[:CATEGORIES_SHOWN])
