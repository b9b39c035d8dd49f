"""Labels in other marks: keycaps, table rows, `<br>1. hat`, `(1)hat(2)cap`, `Product A: hat`.

They are written as usual ones are.
"""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from itertools import pairwise
from typing import Final

_PAIR: Final = 2
_FEWEST_INLINE: Final = 3
_NAME: Final = r"(?:\d{1,3}|[A-Za-z])"
_KEYCAP: Final = re.compile("(\\d)\ufe0f?\u20e3|\U0001f51f")
_BREAK: Final = re.compile(
    rf"[ \t]{{0,4}}<br ?/?>[ \t]{{0,4}}(?=[(\[]?{_NAME}[.)\]:]|(?:answer|output) ?:)", re.IGNORECASE
)
_ROW: Final = re.compile(
    rf"^[ \t]{{0,8}}\|[ \t]{{0,8}}(?P<name>{_NAME})[.)]?[ \t]{{0,8}}\|(?P<text>[^\n]*?)\|?$",
    re.MULTILINE,
)
_BRACKETED: Final = re.compile(r"[(（\[【](?P<name>\d{1,3}|[A-Za-z])[)）\]】]")
_LABELLED: Final = re.compile(rf"\s{{0,40}}{_NAME}[.)\]:、]")
_NAMED: Final = re.compile(
    rf"^(?P<indent>[ \t]{{0,40}})(?P<word>[^\W\d_]{{2,20}}) (?=(?P<name>{_NAME})[ \t]?[.):：])",
    re.MULTILINE,
)
# What is counted so is no list to choose from.
_COUNTED_WORDS: Final = """
    step rule example day schritt regel beispiel tag étape règle exemple paso regla ejemplo
"""
_COUNTED: Final = frozenset(_COUNTED_WORDS.split())


def plain_marks(text: str) -> str:
    """The text with such labels as they are usually written."""
    text = _BREAK.sub("\n", _KEYCAP.sub(_keycap, text))
    if sum(1 for _ in _ROW.finditer(text)) >= _PAIR:
        text = _ROW.sub(lambda row: f"{row['name']}. {row['text'].strip()}", text)
    return "\n".join(map(_spaced, text.split("\n")))


def _keycap(match: re.Match[str]) -> str:
    return f"{match[1] or 10}. "


def _spaced(line: str) -> str:
    """A line with a blank before each label in brackets, if they count (1), (2), (3)."""
    if _LABELLED.match(line):
        return line
    places: list[int] = []
    value = None
    for match in _BRACKETED.finditer(line):
        found = _value(match["name"])
        if value is None and (found > 1 or not _may_begin(line[: match.start()])):
            continue
        if value is None or found == value + 1:
            places.append(match.start())
            value = found
    begun = bool(places) and not line[: places[0]].strip()
    if len(places) < (_PAIR if begun or _asks(line, places) else _FEWEST_INLINE):
        return line
    cuts = [0, *places[1:], len(line)]
    return " ".join(line[at:end].rstrip() for at, end in pairwise(cuts))


def _asks(line: str, places: list[int]) -> bool:
    return bool(places) and line[: places[0]].rstrip().endswith(("?", "？", "：", ":"))


def _may_begin(before: str) -> bool:
    return not before or before[-1].isspace() or before[-1] in "?？。:：!！"


def _value(name: str) -> int:
    name = unicodedata.normalize("NFKC", name).casefold()
    return int(name) if name.isdecimal() else ord(name) - ord("a") + 1


def counting_words(text: str) -> frozenset[str]:
    """Words that stand before a row of labels: "Product A: hat", "Product B: cap"."""
    values = defaultdict(list)
    for match in _NAMED.finditer(text):
        values[match["word"].casefold()].append(_value(match["name"]))
    return frozenset(word for word, found in values.items() if _is_row(found))


def without_words(text: str) -> str:
    """The labels of such rows without those words, unless what they count is no choice."""
    words = counting_words(text) - _COUNTED
    return _NAMED.sub(
        lambda match: match["indent"] if match["word"].casefold() in words else match.group(), text
    )


def _is_row(values: list[int]) -> bool:
    row = values[0] in {0, 1} and values == list(range(values[0], values[0] + len(values)))
    return row and len(values) >= _PAIR
