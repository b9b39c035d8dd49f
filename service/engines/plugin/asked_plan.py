"""From what a request asks to the plan of its list, or to what is wrong with it.

The server's front makes the `asked_plan` so that the caller is told; its engine, in another
process, does the same again and makes the `assignment`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from service.domain import Controls
from service.engines.wire.labels import LEAST, TOKENS, Labels
from service.engines.wire.parameters import (
    BANNED,
    CATALOGUE,
    CONTROLS,
    EXCLUDE,
    INCLUDE,
    PRIOR_ROWS,
    SHARES,
    Asked,
    K,
)
from service.engines.wire.values import bad
from service.errors import BadCatalogue, BadParameters, NotFound, UnknownCategory
from service.steering.arrays import IntArray
from service.steering.assignment import Assignment
from service.steering.lexicon import Frame, Lexicon, highest_token
from service.steering.plan import Closing, Plan, Stock, compile_plan
from service.steering.quotas import MAX_SHARES


class Spellable(Protocol):
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


class Versions(Protocol):
    """Where versions of catalogues are found."""

    def at_hand(self, version: str) -> Spellable | None:
        """A version that is open; None for any other. Returns at once."""
        ...

    def volume(self, version: str) -> Spellable:
        """One version, opened unless it is open; NotFound or BadCatalogue if it cannot be had."""
        ...


@dataclass(frozen=True, slots=True)
class LabelSource:
    """Labels that came with the request. Their trie is made when it is asked for."""

    labels: Labels

    @property
    def size(self) -> int:
        """How many there are."""
        return self.labels.size

    @property
    def lexicon(self) -> Lexicon:
        """The trie over them."""
        return self.labels.lexicon()

    @property
    def frame(self) -> Frame:
        """What stands around them, as it was sent."""
        return self.labels.frame

    @staticmethod
    def postings(category: str) -> IntArray:
        """There are none."""
        raise UnknownCategory(f"labels have no category {category!r}")


@contextmanager
def blamed_on_catalogue() -> Iterator[None]:
    """What keeps a version from being served is the fault of the parameter that names it."""
    try:
        yield
    except (NotFound, BadCatalogue) as error:
        raise bad(CATALOGUE, f"cannot be served: {error}") from error


def asked_plan(asked: Asked, source: Spellable) -> Plan:
    """The plan under which the list is spelled from a source; BadParameters if it cannot be."""
    if asked.k > len(source.frame.labels):
        raise bad(K, f"is {asked.k}, and there are {len(source.frame.labels)} lines to fill")
    for key, rows in ((BANNED, asked.banned), (PRIOR_ROWS, asked.prior.rows)):
        if len(rows) and rows.max() >= source.size:
            raise bad(key, f"names row {rows.max()} of {source.size}")
    return _plan(asked, source)


def assignment(asked: Asked, source: Spellable, vocabulary: int) -> Assignment:
    """The list to be spelled; BadParameters if it cannot be."""
    plan = asked_plan(asked, source)
    made = Assignment(
        lexicon=source.lexicon,
        frame=source.frame,
        plan=plan,
        controls=asked.controls,
        banned=asked.banned,
        prior=asked.prior,
        weight=asked.weight,
    )
    if not isinstance(asked.source, Labels):
        return made
    _check_labels(asked.source, vocabulary)
    return replace(made, closing=asked.source.closing, least=asked.source.least)


def _plan(asked: Asked, source: Spellable) -> Plan:
    controls = asked.controls
    if len(controls.shares) > MAX_SHARES:
        raise bad(SHARES, f"has {len(controls.shares)} entries; at most {MAX_SHARES} are weighed")
    shared = tuple(share.category for share in controls.shares)
    named = ((INCLUDE, controls.include), (EXCLUDE, controls.exclude), (SHARES, shared))
    for key, categories in named:
        _check_categories(key, categories, source)
    stock = Stock(source.size, source.postings, asked.banned)
    plan = compile_plan(stock, controls, asked.k)
    if not plan.feasible:
        raise _clash(stock, controls, asked.k)
    if isinstance(asked.source, Labels):
        return _ending(asked.source, plan)
    return plan


def _ending(labels: Labels, plan: Plan) -> Plan:
    """The plan, with the labels that end it."""
    others = np.count_nonzero(plan.allowed) - np.count_nonzero(plan.allowed[labels.closing])
    if labels.least > others:
        raise bad(LEAST, f"is {labels.least}, and {others} rows may stand before a closing one")
    return replace(plan, closing=Closing(tuple(labels.closing.tolist()), labels.least))


def _clash(stock: Stock, controls: Controls, k: int) -> BadParameters:
    """The error that names the parameters that leave no list; the last of them is at fault.

    Which of their values it is, the gateway finds out before it asks. Here everybody's requests
    wait meanwhile, so no more is tried than to do without each parameter.
    """
    clash = [key for key in CONTROLS if _only(controls, (key,)) != Controls()]
    for key in reversed(clash):
        rest = [other for other in clash if other != key]
        if not compile_plan(stock, _only(controls, rest), k).feasible:
            clash = rest
    if not clash:
        left = sum(compile_plan(stock, Controls(), k).available)
        return bad(K, f"is {k}, and {left} rows are left to be listed")
    together = f" together with {' and '.join(clash[:-1])}" if clash[1:] else ""
    return bad(clash[-1], f"leaves no list of {k}{together}")


def _only(controls: Controls, keys: Collection[str]) -> Controls:
    return Controls(
        include=controls.include if INCLUDE in keys else (),
        exclude=controls.exclude if EXCLUDE in keys else (),
        shares=controls.shares if SHARES in keys else (),
    )


def _check_categories(key: str, categories: tuple[str, ...], source: Spellable) -> None:
    for category in categories:
        try:
            source.postings(category)
        except UnknownCategory as error:
            raise bad(key, f"cannot be obeyed: {error}") from error


def _check_labels(labels: Labels, vocabulary: int) -> None:
    highest = highest_token(labels.tokens, labels.frame)
    if highest >= vocabulary:
        raise bad(TOKENS, f"spells with token {highest}; the model has {vocabulary}")
