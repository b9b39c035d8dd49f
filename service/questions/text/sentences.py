"""Where sentences end: not after "Dr.", not inside "3.5", not after "No. 4"."""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from service.questions.text.quotes import quotes

_MARKS: Final = re.compile(r"[.!?…。！？｡؟।۔]+[\"'”’»」』）)\]*]*")
_FULL: Final = frozenset("。！？｡؟।۔")
_SHORT: Final = """
    dr mr mrs ms prof st sr sra mme mlle no nr nº núm art fig vol vs approx ca incl inkl bzw ggf
    evtl max min z.b e.g i.e u.a d.h p.ex p.ej ad.es
"""
_ABBREVIATIONS: Final = frozenset(_SHORT.split())
_LONGEST_ABBREVIATION: Final = 8
_ORDINAL_DIGITS: Final = 2


def ends(text: str) -> Iterator[int]:
    """The offsets just behind every sentence, its closing quotes included."""
    for match in _MARKS.finditer(text):
        if _ends_sentence(text, match):
            yield match.end()


def split(text: str) -> list[str]:
    """The sentences of each line; what is quoted is never split."""
    sentences: list[str] = []
    for line in text.split("\n"):
        at = 0
        inside = _Inside(line)
        for end in ends(line):
            if not inside(end):
                sentences.append(line[at:end].strip())
                at = end
        sentences.append(line[at:].strip())
    return [sentence for sentence in sentences if sentence]


class _Inside:
    """Whether growing offsets of a line lie within a quoted string."""

    def __init__(self, line: str) -> None:
        self._quotes = iter(quotes(line))
        self._quote = next(self._quotes, None)

    def __call__(self, at: int) -> bool:
        while self._quote is not None and self._quote.end <= at:
            self._quote = next(self._quotes, None)
        return self._quote is not None and self._quote.start < at


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    if not _FULL.isdisjoint(match.group()):
        return True
    rest = text[match.end() : match.end() + 2]
    if rest and not rest[0].isspace():
        return False
    word = _word_before(text, match.start())
    if match.group() == "." and (word.casefold() in _ABBREVIATIONS):
        return False
    if not rest:
        return True
    if rest[1:].islower():
        return False
    return not (match.group() == "." and _may_go_on(word))


def _word_before(text: str, at: int) -> str:
    window = text[max(0, at - _LONGEST_ABBREVIATION) : at]
    return re.split(r"[\s(\[\"'“‘]", window)[-1]


def _may_go_on(word: str) -> bool:
    """An initial, letters with dots between them, or a number that may be an ordinal."""
    short_number = word.isdigit() and len(word) <= _ORDINAL_DIGITS
    dotted = all(len(part) <= 1 for part in word.split("."))
    return short_number or (dotted and word[:1].isalpha())
