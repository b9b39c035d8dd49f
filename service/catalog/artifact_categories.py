"""Category postings, and what to suggest when a name is not among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from heapq import nlargest
from pathlib import Path
from typing import Final

import numpy as np

from service.catalog.artifact_files import map_array, map_json, save_array, save_json
from service.domain import Item
from service.errors import UnknownCategory
from service.steering.arrays import IntArray

NAMES_FILE: Final = "categories.json"
OFFSETS_FILE: Final = "postings/offsets.npy"
ROWS_FILE: Final = "postings/rows.npy"

SUGGESTED: Final = 3
_COMPARED: Final = 200  # names compared closely; a rougher measure picks them
_UNLIKE: Final = 0.3  # of 1: so much is alike between names that have nothing to do with each other
_READ: Final = 100  # characters of a wrong name that are looked at


@dataclass(frozen=True, slots=True, eq=False)
class Postings:
    """The rows of each category; names are sorted, and a name's place is its code."""

    names: tuple[str, ...]
    offsets: IntArray
    rows: IntArray
    code_of: Mapping[str, int]

    @classmethod
    def mapped(cls, folder: Path) -> Postings:
        """The postings saved in a folder."""
        names = tuple(map_json(folder / NAMES_FILE))
        offsets, rows = map_array(folder / OFFSETS_FILE), map_array(folder / ROWS_FILE)
        return cls(names, offsets, rows, {name: code for code, name in enumerate(names)})

    def of(self, category: str) -> IntArray:
        """Sorted rows of a category; UnknownCategory names the nearest if there is none."""
        code = self.code_of.get(category)
        if code is None:
            raise UnknownCategory(
                f"there is no category {category[:_READ]!r}",
                hint=self._hint(category),
            )
        return self.rows[self.offsets[code] : self.offsets[code + 1]]

    def _hint(self, category: str) -> str:
        if not self.names:
            return "This catalogue has no categories."
        near = nearest(category, self.names)
        return _suggestion(near) if near else "None is like it; GET /catalogue names them all."

    def counts(self) -> dict[str, int]:
        """How many items each category has."""
        return dict(zip(self.names, np.diff(self.offsets).tolist(), strict=True))


def save_postings(folder: Path, items: Sequence[Item]) -> dict[str, int]:
    """Write what a loaded `Postings` maps, for items by row; gives the code of each name."""
    names = sorted({category for item in items for category in item.categories})
    code_of = {name: code for code, name in enumerate(names)}
    codes = np.array([code_of[name] for item in items for name in item.categories], dtype=np.int32)
    rows = np.repeat(np.arange(len(items)), [len(item.categories) for item in items])
    by_code = np.argsort(codes, kind="stable")
    counts = np.bincount(codes, minlength=len(names))
    save_json(folder / NAMES_FILE, names)
    save_array(folder / OFFSETS_FILE, np.concatenate([[0], np.cumsum(counts)]))
    save_array(folder / ROWS_FILE, rows[by_code].astype(np.int32))
    return code_of


def nearest(name: str, names: Sequence[str]) -> list[str]:
    """The names most like a wrong one, if any is, the likest first; case does not matter."""
    wrong = name[:_READ].casefold()
    pairs = _pairs(wrong)
    rough = nlargest(_COMPARED, names, key=lambda other: _overlap(pairs, other.casefold()))
    matcher = SequenceMatcher(b=wrong, autojunk=False)

    def likeness(other: str) -> float:
        matcher.set_seq1(other.casefold()[:_READ])
        return matcher.ratio()

    likest = nlargest(SUGGESTED, rough, key=likeness)
    return likest if likest and likeness(likest[0]) > _UNLIKE else []


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(max(1, len(text) - 1))}


def _overlap(pairs: set[str], other: str) -> float:
    others = _pairs(other)
    return len(pairs & others) / len(pairs | others)


def _suggestion(names: Sequence[str]) -> str:
    *others, last = [f'"{name}"' for name in names]
    return f"Did you mean {', '.join(others)} or {last}?" if others else f"Did you mean {last}?"
