"""The rewards of the slides: of each line of a list, and of the list as a whole.

    score of line i    -1 if it is illegal, +1 if it is the target, else 1 / log2(rank + 3)
    reward of line i   0.5 * score + 0.5 * control score of the line
    score* of line i   -1 if it is illegal, else score / log2(i + 2)
    reward of a list   0.5 * sum of all score* + 0.5 * control score of the list

    control score of a list, `in` and `out` being how many of its items have the category or not:
        no control           the sum of all score*
        include              1 / log2((k - in) + 2)
        exclude              1 / log2((k - out) + 2)
        share <= m           1 / log2(max(in - k*m, 0) + 2)
        share >= m           1 / log2(max(k*m - in, 0) + 2)
        share ~ m            1 / log2(|in - k*m| + 2)

What the slides leave open, and how it is read here:

- Places and ranks count from 0. Of places only that makes sense, since log2(0 + 2) = 1 leaves the
  first line whole; and with + 3 the best item that is not the target then has 0.63, below the
  target's 1.
- The rank is SASRec's among all rows that are not in the history, whatever the controls say. What
  SASRec does not know stands behind all that it knows.
- The control score of a line is not given. Without controls it is the line's score, as the list's
  is the sum of them. Else it is +1 if the line keeps its control, or lets the list still keep it,
  and -1 if not: an item inside the category while there is room for one more, one outside while
  enough lines are left for those that must be inside. Include and exclude are the extremes of that.
  An illegal line has -1; the place it took is lost to the category.
- `in` and `out` count legal lines only: the same item ten times is not ten items of a category.
- A line that lacks is one that does not exist: a list is filled up to k with illegal lines.
  Otherwise saying nothing would be worth more than a line with a mistake, and be soon learnt.
- The evaluator's reading passes over what stands among and after numbered lines. Here each such
  line counts as one that names nothing, beyond the list as it was filled up: it stands in for none
  that lacks, or rambling would cost nothing while a list is short. Where no lines are numbered
  every line is one of the list, and takes a place in it. What stands before a list is free.
- A title that several items share means one that is not listed yet, then one outside the history,
  then the target: the text is as right as it can be.
- Of several controls in one request the control scores are averaged.
- A share is read as the decimal that it was written as, as the plan reads it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias

from models.sft.data.example import Wanted
from service.domain import Controls, Item, Op, Share
from service.pipeline.validate import LineVerdict, judge_lines
from service.steering.plan import quota

ILLEGAL: Final = -1.0
TARGET: Final = 1.0
KEPT: Final = 1.0
BROKEN: Final = -1.0
HALF: Final = 0.5

Rank: TypeAlias = Callable[[Item], int]
"""The place of an item in the ranking for one user, from 0."""


@dataclass(frozen=True, slots=True)
class Rewards:
    """What a list is worth."""

    lines: tuple[float, ...]
    """Of each line that is there, be it of the list or not, then of each that lacks."""
    whole: float
    """Of the list."""
    legal: int
    """How many of the lines are legal."""

    @property
    def total(self) -> float:
        """All of it."""
        return sum(self.lines) + self.whole


@dataclass(frozen=True, slots=True)
class Rule:
    """A control, as a bound on how many items of a list have one of some categories."""

    categories: tuple[str, ...]
    low: int
    high: int
    off: Callable[[int, int], float]
    """How far a list is from it, by how many of its legal items are inside and outside."""

    def has(self, line: LineVerdict) -> bool:
        """Whether a line is a legal item inside."""
        inside = line.item is not None and not set(self.categories).isdisjoint(line.item.categories)
        return line.legal and inside


def rewards(items: Sequence[Item | None], wanted: Wanted, rank: Rank, outside: int = 0) -> Rewards:
    """What a list is worth, and so many lines outside it; None is a line that names no item."""
    lacking = max(wanted.k - len(items), 0)
    filled = [*items, *[None] * (outside + lacking)]
    lines = judge_lines(filled, wanted.k, frozenset(wanted.history))
    scores = [_score(line, wanted.target, rank) for line in lines]
    rules = rules_of(wanted.intent.controls, wanted.k)
    return Rewards(
        lines=tuple(_of_lines(lines, scores, rules, wanted.k)),
        whole=_of_list(lines, scores, rules),
        legal=sum(line.legal for line in lines),
    )


def rules_of(controls: Controls, k: int) -> list[Rule]:
    """All that a list of k must keep, in the order listed."""
    included = [Rule(controls.include, k, k, lambda inside, _out: k - inside)]
    excluded = [Rule((one,), 0, 0, lambda _in, outside: k - outside) for one in controls.exclude]
    shares = [_share(share, k) for share in controls.shares]
    return [*(included if controls.include else ()), *excluded, *shares]


def _share(share: Share, k: int) -> Rule:
    bound = float(Fraction(str(share.share)) * k)
    off: dict[Op, Callable[[int, int], float]] = {
        Op.AT_MOST: lambda inside, _out: max(inside - bound, 0.0),
        Op.AT_LEAST: lambda inside, _out: max(bound - inside, 0.0),
        Op.ABOUT: lambda inside, _out: abs(inside - bound),
    }
    return Rule((share.category,), *quota(share, k), off[share.op])


def _score(line: LineVerdict, target: str, rank: Rank) -> float:
    if line.item is None or not line.legal:
        return ILLEGAL
    return TARGET if line.item.id == target else 1 / math.log2(rank(line.item) + 3)


def _of_lines(
    lines: Sequence[LineVerdict], scores: Sequence[float], rules: Sequence[Rule], k: int
) -> list[float]:
    if not rules:
        return list(scores)
    kept = [_kept(lines, rule, k) for rule in rules]
    controls = [_mean(of_line) for of_line in zip(*kept, strict=True)]
    return [HALF * score + HALF * control for score, control in zip(scores, controls, strict=True)]


def _kept(lines: Sequence[LineVerdict], rule: Rule, k: int) -> list[float]:
    """The control score of each line."""
    found: list[float] = []
    inside = outside = 0
    for line in lines:
        has = rule.has(line)
        inside, outside = inside + has, outside + (not has)
        room = inside <= rule.high if has else outside <= k - rule.low
        found.append(KEPT if line.legal and room else BROKEN)
    return found


def _of_list(lines: Sequence[LineVerdict], scores: Sequence[float], rules: Sequence[Rule]) -> float:
    discounted = sum(
        score / math.log2(place + 2) if line.legal else ILLEGAL
        for place, (line, score) in enumerate(zip(lines, scores, strict=True))
    )
    if not rules:
        return discounted
    control = _mean([_control_score(lines, rule) for rule in rules])
    return HALF * discounted + HALF * control


def _control_score(lines: Sequence[LineVerdict], rule: Rule) -> float:
    inside = sum(rule.has(line) for line in lines)
    outside = sum(line.legal for line in lines) - inside
    return 1 / math.log2(rule.off(inside, outside) + 2)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
