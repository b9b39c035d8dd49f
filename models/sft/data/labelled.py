"""Answers that name options: as files write them, and as the service expects them."""

from __future__ import annotations

import ast
import json
import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

_MARKED: Final = re.compile(r"\s*\(?([A-Za-z]|\d{1,3})\s*[).:]\s*(\S.*)", re.DOTALL)
_BETWEEN: Final = re.compile(r"[,;>\n]")
_AROUND: Final = string.whitespace + ".()[]\"'`:"


@dataclass(frozen=True, slots=True)
class Given:
    """Options beside a question: their texts, and the marks that stood before them."""

    texts: tuple[str, ...]
    marks: tuple[str, ...]
    """`A`, `B` and so on where none stood there."""


def given(options: Any) -> Given | None:
    """The options of a row: a list, or a string that holds one or has one a line; None if none.

    ValueError if it is something else.
    """
    if options is None or options in ("", []):
        return None
    texts = _listed(options)
    found = [_MARKED.fullmatch(text) for text in texts]
    marked = [(one[1], one[2].strip()) for one in found if one]
    if len(marked) == len(texts) and len({mark for mark, _ in marked}) == len(texts):
        return Given(tuple(text for _, text in marked), tuple(mark for mark, _ in marked))
    return Given(tuple(texts), tuple(string.ascii_uppercase[: len(texts)]))


def places_of(answer: Any, texts: Sequence[str], *marks: Sequence[str]) -> tuple[int, ...]:
    """The places of the options that an answer names, in its order; none if it names another.

    By its text, or by one of the `marks` that may stand for it.
    """
    known = _known(texts, marks)
    whole = answer if isinstance(answer, list) else [answer]
    if (found := _places(map(str, whole), known)) is None:
        parts = (part for one in whole for part in _BETWEEN.split(str(one)))
        found = _places((part for part in parts if part.strip(_AROUND)), known)
    return () if found is None or len(set(found)) < len(found) else tuple(found)


def _known(texts: Sequence[str], marks: Sequence[Sequence[str]]) -> dict[str, int]:
    """What stands for which option. A text goes before a mark, and one mark before the next."""
    known = dict[str, int]()
    for place, text in enumerate(texts):
        known.setdefault(_key(text), place)
    for of in marks:
        for place, mark in enumerate(of[: len(texts)]):
            known.setdefault(_key(mark), place)
            known.setdefault(_key(f"{mark}: {texts[place]}"), place)
    return known


def _places(values: Iterator[str], known: dict[str, int]) -> list[int] | None:
    found = []
    for value in values:
        place = known.get(_key(value))
        if place is None:
            # "B: its text", with whatever stands between them.
            match = _MARKED.fullmatch(value)
            place = known.get(_key(f"{match[1]}: {match[2]}")) if match else None
        if place is None:
            return None
        found.append(place)
    return found


def _key(text: str) -> str:
    return " ".join(text.casefold().split()).strip(_AROUND)


def _listed(options: Any) -> list[str]:
    if isinstance(options, str):
        options = _parsed(options.strip())
    if not isinstance(options, list) or not all(isinstance(one, str | int) for one in options):
        raise ValueError("the options are no list of texts")
    return [str(one).strip() for one in options]


def _parsed(text: str) -> Any:
    """A list in a string: as JSON, as Python writes it, or a line each."""
    if not text.startswith("["):
        return [line for line in text.splitlines() if line.strip()]
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError) as error:
        raise ValueError("the options are no list of texts") from error
