"""From what a request asks to the list that is to be spelled, or to what is wrong with it.

The server's front checks with `survey`, so that the caller is told; its engine, in another process,
does the same again and makes the `assignment`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from service.domain import OnConflict
from service.engines.wire import (
    BANNED,
    CATALOGUE,
    EXCLUDE,
    INCLUDE,
    PRIOR_ROWS,
    SHARES,
    TOKENS,
    Asked,
    K,
    Labels,
)
from service.engines.wire_values import bad
from service.errors import BadCatalogue, BadInput, NotFound, UnknownCategory
from service.steering.arrays import IntArray
from service.steering.assignment import Assignment
from service.steering.conflict import plan_or_relax
from service.steering.lexicon import Frame, Lexicon
from service.steering.plan import Plan, Stock
from service.steering.quotas import MAX_SHARES


class Volume(Protocol):
    """Something that lists can be spelled from."""

    @property
    def size(self) -> int:
        """How many rows there are."""
        ...

    @property
    def lexicon(self) -> Lexicon:
        """The rows' token sequences."""
        ...

    @property
    def frame(self) -> Frame:
        """What stands around them."""
        ...

    def postings(self, category: str) -> IntArray:
        """Sorted rows of a category; UnknownCategory if there is no such category."""
        ...


class Shelf(Protocol):
    """Where versions of catalogues are found."""

    def volume(self, version: str) -> Volume:
        """One version; NotFound or BadCatalogue if it cannot be had."""
        ...


def survey(asked: Asked, shelf: Shelf) -> tuple[Volume, Plan]:
    """What the list is spelled from and under which plan; BadParameters if it cannot be."""
    volume = _volume(asked.source, shelf)
    if asked.k > len(volume.frame.labels):
        raise bad(K, f"is {asked.k}, and there are {len(volume.frame.labels)} lines to fill")
    for key, rows in ((BANNED, asked.banned), (PRIOR_ROWS, asked.prior.rows)):
        if len(rows) and rows.max() >= volume.size:
            raise bad(key, f"names row {rows.max()} of {volume.size}")
    return volume, _plan(asked, volume)


def assignment(asked: Asked, shelf: Shelf, vocabulary: int) -> Assignment:
    """The list to be spelled; BadParameters if it cannot be."""
    volume, plan = survey(asked, shelf)
    if isinstance(asked.source, Labels):
        _check_vocabulary(asked.source, vocabulary)
    return Assignment(
        lexicon=volume.lexicon,
        frame=volume.frame,
        plan=plan,
        controls=asked.controls,
        banned=asked.banned,
        prior=asked.prior,
        weight=asked.weight,
    )


@dataclass(frozen=True, slots=True)
class _LabelVolume:
    """Labels that came with the request. Their trie is made when it is asked for."""

    labels: Labels

    @property
    def size(self) -> int:
        return self.labels.size

    @property
    def lexicon(self) -> Lexicon:
        return self.labels.lexicon()

    @property
    def frame(self) -> Frame:
        return self.labels.frame

    @staticmethod
    def postings(category: str) -> IntArray:
        raise UnknownCategory(f"labels have no category {category!r}")


def _volume(source: str | Labels, shelf: Shelf) -> Volume:
    if isinstance(source, Labels):
        return _LabelVolume(source)
    try:
        return shelf.volume(source)
    except (NotFound, BadCatalogue) as error:
        raise bad(CATALOGUE, f"cannot be served: {error}") from error


def _plan(asked: Asked, volume: Volume) -> Plan:
    controls = asked.controls
    if len(controls.shares) > MAX_SHARES:
        raise bad(SHARES, f"has {len(controls.shares)} entries; at most {MAX_SHARES} are weighed")
    shared = tuple(share.category for share in controls.shares)
    named = ((INCLUDE, controls.include), (EXCLUDE, controls.exclude), (SHARES, shared))
    for key, categories in named:
        _check_categories(key, categories, volume)
    stock = Stock(volume.size, volume.postings, asked.banned)
    try:
        return plan_or_relax(stock, controls, asked.k, OnConflict.REJECT)[0]
    except BadInput as error:
        raise bad(K, f"cannot be met: {error}") from error


def _check_categories(key: str, categories: tuple[str, ...], volume: Volume) -> None:
    for category in categories:
        try:
            volume.postings(category)
        except UnknownCategory as error:
            raise bad(key, f"cannot be obeyed: {error}") from error


def _check_vocabulary(labels: Labels, vocabulary: int) -> None:
    frame = labels.frame
    around = (frame.end, *(token for label in frame.labels for token in label))
    highest = max(int(labels.tokens.max()), *around)
    if highest >= vocabulary:
        raise bad(TOKENS, f"spells with token {highest}; the model has {vocabulary}")
