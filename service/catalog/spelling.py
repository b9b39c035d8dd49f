"""How each title is spelled: as it stands, or, where it is very long, by a short form of its own.

Titles are taken in slices, so that the tokens of long ones are let go of early. What cannot be
spelled as it stands gets a name that no other title has: cut and, if need be, numbered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from service.catalog.clean import clean_title, neutralise
from service.catalog.spelling_cut import ELLIPSIS, cut_to
from service.errors import BadCatalogue
from service.steering.arrays import BoolArray, IntArray
from service.steering.lexicon import Frame

SLICE: Final = 16_384

LEFT_OUT: Final = -1

NUMBERING: Final = 12
"""Tokens kept free for a number such as " (1234567)"."""


class Spells(Protocol):
    """What a catalogue needs of the engine's tokenizer."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def sha256(self) -> str:
        """Its identity: artifacts of different tokenizers do not fit each other."""
        ...

    @property
    def specials(self) -> Mapping[str, int]:
        """Its special tokens, which no title may contain or be spelled with."""
        ...

    def spell(self, titles: Sequence[str]) -> tuple[IntArray, IntArray]:
        """The token sequences of titles, each with its line's end, end to end; their offsets."""
        ...

    def frame(self, lines: int) -> Frame:
        """What stands around the titles of a list of up to so many lines."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Spelled:
    """A spelling for each title, and the tokens of all, end to end."""

    spellings: Sequence[str]
    renamed: int
    tokens: IntArray
    offsets: IntArray


def spell_titles(
    titles: Sequence[str],
    tokenizer: Spells,
    limit: int,
    progress: Callable[[int], None] = lambda _: None,
) -> Spelled:
    """Spell titles in at most `limit` tokens each; `progress` hears how many are done."""
    pool = _Pool(tokenizer)
    spellings: list[str] = []
    place_of = np.empty(len(titles), dtype=np.int64)
    for start in range(0, len(titles), SLICE):
        part = titles[start : start + SLICE]
        texts = [neutralise(clean_title(title), tuple(tokenizer.specials)) for title in part]
        untouched = np.array([a == b for a, b in zip(texts, part, strict=True)], dtype=bool)
        place_of[start : start + len(part)] = pool.add(texts, limit, untouched)
        spellings.extend(texts)
        progress(len(spellings))
    pending = np.flatnonzero(place_of == LEFT_OUT).tolist()
    if pending:
        names = _names(titles, spellings, pending, tokenizer, limit)
        places = dict(zip(names, pool.add(list(names.values())).tolist(), strict=True))
        for place in pending:
            place_of[place] = places[titles[place]]
            spellings[place] = names[titles[place]]
    return Spelled(spellings, len(pending), *pool.laid_out(place_of))


def _names(
    titles: Sequence[str],
    texts: Sequence[str],
    pending: Sequence[int],
    tokenizer: Spells,
    limit: int,
) -> dict[str, str]:
    """A spelling, unlike all others, for each title that is not spelled as it stands."""
    by_title = {titles[place]: texts[place] for place in pending}
    skipped = set(pending)
    taken = {text for place, text in enumerate(texts) if place not in skipped}
    # In the order of the titles: where the items stood in the input must not matter.
    order = sorted(by_title)
    wanted: list[str] = []
    for start in range(0, len(order), SLICE):
        part = [by_title[title] for title in order[start : start + SLICE]]
        wanted.extend(_within(part, tokenizer, limit - NUMBERING))
    return dict(zip(order, _numbered(wanted, taken), strict=True))


def _within(texts: Sequence[str], tokenizer: Spells, budget: int) -> list[str]:
    """The texts, those cut that take more tokens than the budget; none is empty."""

    def count(some: Sequence[str]) -> IntArray:
        counts: IntArray = np.diff(tokenizer.spell(some)[1])
        return counts

    long = np.flatnonzero(count(texts) > budget).tolist()
    short = [text or ELLIPSIS for text in texts]
    for place, cut in zip(long, cut_to([texts[at] for at in long], count, budget), strict=True):
        short[place] = cut
    return short


def _numbered(wanted: Sequence[str], taken: set[str]) -> list[str]:
    """The texts in order, each with the first number that makes it unlike those taken."""
    numbers: dict[str, int] = {}
    names: list[str] = []
    for text in wanted:
        number, name = numbers.get(text, 1), text
        while name in taken:
            number += 1
            name = f"{text} ({number})"
        numbers[text] = number
        taken.add(name)
        names.append(name)
    return names


class _Pool:
    """Token sequences kept so far, each with a place."""

    def __init__(self, tokenizer: Spells) -> None:
        self._tokenizer = tokenizer
        self._specials = np.array(sorted(tokenizer.specials.values()), dtype=np.int64)
        self._tokens: list[IntArray] = []
        self._lengths: list[IntArray] = []
        self._size = 0

    def add(
        self, texts: Sequence[str], limit: int | None = None, wanted: BoolArray | None = None
    ) -> IntArray:
        """The place of each text; LEFT_OUT where it is unwanted or longer than the limit."""
        tokens, offsets = self._tokenizer.spell(texts)
        self._check(tokens)
        lengths = np.diff(offsets)
        kept = np.ones(len(texts), dtype=bool) if wanted is None else wanted
        if limit is not None:
            kept = kept & (lengths <= limit)
        self._tokens.append(tokens[np.repeat(kept, lengths)])
        self._lengths.append(lengths[kept])
        places = np.where(kept, self._size + np.cumsum(kept) - 1, LEFT_OUT)
        self._size += int(kept.sum())
        return places

    def laid_out(self, places: IntArray) -> tuple[IntArray, IntArray]:
        """The sequences at some places, end to end, and their offsets."""
        tokens, lengths = np.concatenate(self._tokens), np.concatenate(self._lengths)
        starts = np.cumsum(lengths) - lengths
        offsets = np.concatenate([[0], np.cumsum(lengths[places])])
        shift = np.repeat(starts[places] - offsets[:-1], lengths[places])
        return tokens[shift + np.arange(offsets[-1])], offsets

    def _check(self, tokens: IntArray) -> None:
        found = np.isin(tokens, self._specials)
        if found.any():
            special = int(tokens[found][0])
            names = [name for name, token in self._tokenizer.specials.items() if token == special]
            raise BadCatalogue(
                f"the tokenizer {self._tokenizer.name} spells titles with its special token"
                f" {names[0]!r}: they could end a list or open a turn"
            )
