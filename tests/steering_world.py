"""Random small catalogues and what a list may be in them, in plain Python.

Nothing here uses the code under test except to build its inputs: validity is decided by looking at
every list there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import cached_property
from itertools import combinations

import numpy as np
from hypothesis import strategies as st

from service.domain import Controls, Op, Share
from service.errors import UnknownCategory
from service.steering.lexicon import Frame, Lexicon
from service.steering.lexicon_build import build_lexicon
from service.steering.plan import Stock
from service.steering.prior import FLOOR_BELOW, Prior

CATEGORIES = "abcde"
LINE_END = 0
LABEL = 90
END = 99
ROUNDING = {Op.AT_MOST: ROUND_FLOOR, Op.AT_LEAST: ROUND_CEILING, Op.ABOUT: ROUND_HALF_UP}


def lexicon_of(sequences: Sequence[Sequence[int]]) -> tuple[Lexicon, np.ndarray]:
    offsets = np.cumsum([0, *(len(sequence) for sequence in sequences)])
    return build_lexicon(np.array([t for sequence in sequences for t in sequence]), offsets)


def bounds(share: Share, k: int) -> tuple[int, int]:
    wanted = Decimal(str(share.share)) * k
    count = int(wanted.to_integral_value(ROUNDING[share.op]))
    return {Op.AT_MOST: (0, count), Op.AT_LEAST: (count, k), Op.ABOUT: (count, count)}[share.op]


@dataclass(frozen=True)
class World:
    """A catalogue, a history and a request."""

    titles: tuple[tuple[int, ...], ...]
    """Sorted, so that a title's place is its row."""
    members: dict[str, frozenset[int]]
    banned: frozenset[int]
    controls: Controls
    k: int
    scores: dict[int, float] = field(default_factory=dict)

    @property
    def lexicon(self) -> Lexicon:
        return lexicon_of(self.titles)[0]

    @property
    def frame(self) -> Frame:
        return Frame(tuple((LABEL, line + 1) for line in range(self.k)), END)

    @property
    def stock(self) -> Stock:
        return Stock(len(self.titles), self.postings, np.array(sorted(self.banned), dtype=np.int64))

    @property
    def prior(self) -> Prior:
        rows = np.array(list(self.scores), dtype=np.int64)
        return Prior.over(rows, np.array(list(self.scores.values()), dtype=float))

    def postings(self, category: str) -> np.ndarray:
        if category not in self.members:
            raise UnknownCategory(category)
        return np.array(sorted(self.members[category]), dtype=np.int64)

    def score(self, row: int) -> float:
        return self.scores.get(row, min(self.scores.values(), default=FLOOR_BELOW) - FLOOR_BELOW)

    def passes(self, row: int, controls: Controls) -> bool:
        def has(category: str) -> bool:
            return row in self.members[category]

        included = not controls.include or any(has(category) for category in controls.include)
        return included and not any(has(category) for category in controls.exclude)

    def obeys(self, rows: Iterable[int], controls: Controls) -> bool:
        """Whether these rows, as a whole list, are valid and obedient."""
        rows = list(rows)
        for share in controls.shares:
            low, high = bounds(share, self.k)
            if not low <= len(self.members[share.category].intersection(rows)) <= high:
                return False
        return (
            len(rows) == len(set(rows)) == self.k
            and self.banned.isdisjoint(rows)
            and all(0 <= row < len(self.titles) for row in rows)
            and all(self.passes(row, controls) for row in rows)
        )

    def lists(self, controls: Controls) -> list[frozenset[int]]:
        """Every list there is, order aside."""
        rows = [r for r in range(len(self.titles)) if r not in self.banned]
        rows = [row for row in rows if self.passes(row, controls)]
        return [frozenset(c) for c in combinations(rows, self.k) if self.obeys(c, controls)]

    @cached_property
    def valid(self) -> list[frozenset[int]]:
        """Every list that obeys the request's own controls."""
        return self.lists(self.controls)

    def takeable(self, rows: Sequence[int]) -> set[int]:
        """The rows that can follow these and still end in a valid list."""
        done = frozenset(rows)
        return {row for whole in self.valid if done <= whole for row in whole - done}

    def spelled(self, rows: Sequence[int]) -> list[int]:
        """All tokens of a list of these rows."""
        lines = zip(self.frame.labels, rows, strict=True)
        return [t for label, row in lines for t in (*label, *self.titles[row])] + [END]


@st.composite
def worlds(draw: st.DrawFn, *, most: int = 8, longest: int = 4) -> World:
    """Small worlds: few tokens, so titles share prefixes and are sometimes the same.

    Hypothesis chooses the sizes, and shrinks them; the rest is dice, which spread further than
    its drawing of collections does.
    """
    size = draw(st.integers(1, most) | st.integers(most // 2, most))
    k = draw(st.integers(1, min(longest, size)) | st.just(min(longest, size)))
    dice = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    density = dice.uniform(0.2, 0.9)
    members = {category: some(dice, size, density) for category in CATEGORIES}
    example = frozenset(dice.choice(size, k, replace=False).tolist())
    return World(
        titles=roll_titles(dice, size, draw(st.integers(1, 4))),
        members=members,
        banned=some(dice, size, dice.choice([0.0, 0.1, 0.3])),
        controls=Controls(
            include=roll_categories(dice, dice.choice([0.0, 0.0, 0.4])),
            exclude=roll_categories(dice, dice.choice([0.0, 0.0, 0.1, 0.3])),
            shares=tuple(roll_share(dice, members, example) for _ in range(draw(share_counts))),
        ),
        k=k,
        scores=roll_scores(dice, some(dice, size, dice.choice([0.0, 0.5, 1.0]))),
    )


share_counts = st.integers(0, 4)


def some(dice: np.random.Generator, size: int, density: float) -> frozenset[int]:
    """Each row with the same chance."""
    return frozenset(np.flatnonzero(dice.random(size) < density).tolist())


def roll_titles(dice: np.random.Generator, size: int, tokens: int) -> tuple[tuple[int, ...], ...]:
    """Sorted token sequences over a few tokens."""
    bodies = [dice.integers(1, tokens + 1, dice.integers(1, 5)).tolist() for _ in range(size)]
    return tuple(sorted((*body, LINE_END) for body in bodies))


def roll_categories(dice: np.random.Generator, chance: float) -> tuple[str, ...]:
    return tuple(category for category in CATEGORIES if dice.random() < chance)


def roll_share(
    dice: np.random.Generator, members: dict[str, frozenset[int]], example: frozenset[int]
) -> Share:
    """Mostly a share that the example list meets, so that several can hold together."""
    category, op = str(dice.choice(list(CATEGORIES))), Op(dice.choice(list(Op)))
    if dice.random() < 0.25:
        return Share(category, op, float(dice.choice([0, 0.1, 0.25, 0.3, 0.5, 0.7, 1])))
    return Share(category, op, round(len(members[category] & example) / len(example), 4))


def roll_scores(dice: np.random.Generator, rows: frozenset[int]) -> dict[int, float]:
    """A distinct log-probability for each of some rows."""
    ranks = dice.permutation(len(rows)).tolist()
    return {row: -1.5 * rank for row, rank in zip(sorted(rows), ranks, strict=True)}


def fully_scored(world: World, seed: int) -> dict[int, float]:
    """A distinct score for every row."""
    ranks = np.random.default_rng(seed).permutation(len(world.titles))
    return {row: -float(rank) for row, rank in enumerate(ranks)}
