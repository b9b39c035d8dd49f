"""Words: how many a text has, and a text cut cleanly to so many.

Where a script puts no spaces between words, each ideograph and each kana counts as one. Korean
has spaces, so there a word is what stands between them.
"""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from service.questions.text.sentences import ends
from service.questions.text.unwrap import unwrapped

UNSPACED: Final = (
    "\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\U00020000-\U0003134f"
)
_UNITS: Final = re.compile(f"[{UNSPACED}]|[^\\s{UNSPACED}]+")
_LONGEST: Final = 80
"""Characters of a word; what is longer is none, but a model that runs in circles."""
_CLAUSES: Final = re.compile(r"[,;:](?=\s)|\s[–—-](?=\s)|[、，；：]")
_DANGLING: Final = " \t\n,;:–—-、，；："


def word_places(text: str) -> Iterator[tuple[int, int]]:
    """Where each word begins and ends; punctuation that stands alone is none."""
    for match in _UNITS.finditer(text):
        if any(map(str.isalnum, match.group())):
            yield match.span()


def count(text: str) -> int:
    """How many words a text has."""
    return sum(1 for _ in word_places(text))


def enough(text: str, most: int) -> bool:
    """Whether a text still being written already has more words than are wanted."""
    return _end(unwrapped(text), most) is not None


def trimmed(text: str, most: int, *, broken_off: bool = False) -> str:
    """The answer in at most so many words, ending cleanly.

    It ends after the last sentence that fits; if not even one does, before the last mark between
    clauses that leaves at least half of the words; else at the limit. A text that fits is kept
    whole, for a title or a phrase needs no full stop; unless the writer was broken off in it.
    """
    text = unwrapped(text)
    end = _end(text, most)
    if end is None and not broken_off:
        return text.rstrip(_DANGLING)
    kept = text[:end].rstrip()
    sentence = max((end for end in _endings(text) if end <= len(kept)), default=0)
    if sentence:
        return kept[:sentence].rstrip(_DANGLING)
    return kept[: _last_clause(kept)].rstrip(_DANGLING)


def _end(text: str, most: int) -> int | None:
    """Where it should end: at a word too many or too long to be one, or at a line said again."""
    again = _said_again(text)
    for number, (start, end) in enumerate(word_places(text)):
        if number == most or end - start > _LONGEST or start == again:
            return start
    return None


def _said_again(text: str) -> int | None:
    """Where the first line begins that stands there already: a small model runs in circles."""
    said: set[str] = set()
    at = 0
    # Of the last line nobody knows yet how it goes on.
    for line in text.split("\n")[:-1]:
        told = line.strip().casefold()
        if told in said:
            return next((at + start for start, _ in word_places(line)), None)
        if count(told):
            said.add(told)
        at += len(line) + 1
    return None


def _endings(text: str) -> Iterator[int]:
    """Behind sentences, and behind lines that do not announce what follows."""
    yield from ends(text)
    for match in re.finditer(r"\n+", text):
        before = text[max(0, match.start() - 8) : match.start()].rstrip(" \t")
        if before and before[-1] not in _DANGLING:
            yield match.start()


def _last_clause(kept: str) -> int:
    marks = [match.start() for match in _CLAUSES.finditer(kept)]
    if marks and count(kept[: marks[-1]]) * 2 >= count(kept):
        return marks[-1]
    return len(kept)
