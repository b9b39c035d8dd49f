"""Every token offered leads to a valid list, and every token that leads to one is offered.

The speller is walked along every branch there is and compared, token by token, with a reference
that knows all valid lists.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np
from hypothesis import assume, given, settings
from steering_world import END, World, worlds

from service.steering.plan import compile_plan
from service.steering.speller import Speller

WEIGHT = 0.7


@dataclass(frozen=True)
class Moment:
    """Where a list stands: rows listed, and the tokens of the line begun."""

    rows: tuple[int, ...]
    line: tuple[int, ...]


class Reference:
    """What may come next, from the list of all valid lists."""

    def __init__(self, world: World) -> None:
        self.world = world

    def below(self, moment: Moment) -> dict[int, list[int]]:
        """For each token that may come next in a title, the rows it may lead to."""
        found: dict[int, list[int]] = {}
        at = len(moment.line)
        for row in sorted(self.world.takeable(moment.rows)):
            if self.world.titles[row][:at] == moment.line:
                found.setdefault(self.world.titles[row][at], []).append(row)
        return found

    def after(self, moment: Moment, token: int) -> Moment:
        line = (*moment.line, token)
        if line not in self.world.titles:
            return Moment(moment.rows, line)
        same = [r for r in self.world.takeable(moment.rows) if self.world.titles[r] == line]
        best = max(same, key=lambda row: (self.world.score(row), -row))
        return Moment((*moment.rows, best), ())

    def bonus(self, below: dict[int, list[int]]) -> list[float]:
        values = [max(map(self.world.score, below[token])) for token in sorted(below)]
        return [WEIGHT * (value - max(values)) for value in values]


def expect_forced(speller: Speller, tokens: Sequence[int]) -> None:
    for token in tokens:
        assert speller.forced[0] == token
        assert speller.choices is None
        speller.push(token)


def walk(world: World, turns: Sequence[int]) -> Iterator[int]:
    """One list, taking the given turn at each choice and then the first; yields their widths."""
    reference = Reference(world)
    plan = compile_plan(world.stock, world.controls, world.k)
    speller = Speller(world.lexicon, world.frame, plan, world.prior, WEIGHT)
    moment, chosen = Moment((), ()), 0
    decided = list(speller.rows)
    for label in world.frame.labels:
        expect_forced(speller, label)
        listed = len(moment.rows)
        while len(moment.rows) == listed:
            below = reference.below(moment)
            tokens = sorted(below)
            if len(tokens) == 1:
                expect_forced(speller, tokens)
                moment = reference.after(moment, tokens[0])
                continue
            choices = speller.choices
            assert choices is not None
            assert len(speller.forced) == 0
            assert choices.tokens.tolist() == tokens
            np.testing.assert_allclose(choices.bonus, reference.bonus(below), atol=1e-12)
            assert speller.rows == decided == list(moment.rows)
            yield len(tokens)
            turn = tokens[turns[chosen] if chosen < len(turns) else 0]
            speller.push(turn)
            moment, chosen = reference.after(moment, turn), chosen + 1
            decided = list(speller.rows)
            assert decided[: len(moment.rows)] == list(moment.rows)
    assert speller.rows == decided == list(moment.rows)
    assert speller.complete
    assert not speller.done
    expect_forced(speller, [END])
    assert speller.done
    assert world.obeys(speller.rows, world.controls)


def walk_everything(world: World) -> int:
    """Every branch, like an odometer; returns how many lists there are."""
    turns: list[int] = []
    lists = 0
    while True:
        widths = list(walk(world, turns))
        lists += 1
        turns += [0] * (len(widths) - len(turns))
        while turns and turns[-1] + 1 == widths[len(turns) - 1]:
            turns.pop()
        if not turns:
            return lists
        turns[-1] += 1


@settings(max_examples=400)
@given(worlds(most=6, longest=3))
def test_offers_exactly_what_can_be_finished(world: World) -> None:
    assume(world.valid)
    if len(set(world.titles)) < len(world.titles):
        assert walk_everything(world) >= 1
    else:
        assert walk_everything(world) == len(world.valid) * factorial(world.k)


@settings(max_examples=200)
@given(worlds(most=10, longest=5))
def test_the_first_and_the_last_branch_of_longer_lists(world: World) -> None:
    assume(world.valid)
    for side in (0, -1):
        assert all(width > 1 for width in walk(world, [side] * 60))
