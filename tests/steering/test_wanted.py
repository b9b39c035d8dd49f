"""What a model wanted, told by the speller, against plain Python that reads all titles."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from steering_world import END, LABEL, LINE_END, World, lexicon_of, worlds

from service.domain import Controls
from service.steering.lexicon import Frame
from service.steering.plan import Closing, Stock, compile_plan
from service.steering.speller import Speller
from service.steering.wanted import Wanted, Wishes, wanted

ANY_TOKEN = (*range(6), LABEL, END, 70_000)
NONE = np.zeros(0, dtype=np.int64)
NEVER_CLOSED = Closing()


def expected(world: World, rows: list[int], line: tuple[int, ...], token: int) -> Wanted:
    """The same by looking at every title."""
    if token == END:
        return Wanted.FORM
    begun = (*line, token)
    below = [row for row, title in enumerate(world.titles) if title[: len(begun)] == begun]
    if world.takeable(rows) & set(below):
        return Wanted.AGREED
    if not below:
        return Wanted.NONEXISTENT
    why = Counter(reason(world, rows, row) for row in below)
    order = (Wanted.REPEAT, Wanted.IN_HISTORY, Wanted.CONTROL)
    return max(order, key=lambda each: why[each])


def reason(world: World, rows: list[int], row: int) -> Wanted:
    if row in rows:
        return Wanted.REPEAT
    return Wanted.IN_HISTORY if row in world.banned else Wanted.CONTROL


def walk(world: World, dice: np.random.Generator) -> Counter[Wanted]:
    """One list by chance, every token judged at every choice; what they were judged to be."""
    plan = compile_plan(world.stock, world.controls, world.k)
    speller = Speller(world.lexicon, world.frame, plan)
    said: list[int] = []
    seen: Counter[Wanted] = Counter()
    while not speller.done:
        if (choices := speller.choices) is None:
            token = int(speller.forced[0])
        else:
            token = int(dice.choice(choices.tokens))
            line = begun(said)
            for liked in ANY_TOKEN:
                found = wanted(speller, world.stock.banned, liked)
                assert found is expected(world, speller.rows, line, liked), (line, liked)
                assert (found is Wanted.AGREED) == (liked in choices.tokens)
                seen[found] += 1
        speller.push(token)
        said.append(token)
    return seen


def begun(said: list[int]) -> tuple[int, ...]:
    """The title that is being spelled: what stands after the last label, which is two tokens."""
    start = max(place for place, token in enumerate(said) if token == LABEL) + 2
    return tuple(said[start:])


@st.composite
def remembered(draw: st.DrawFn) -> World:
    """A world with room, and more of a history than most: of whole branches of titles."""
    world = draw(worlds(most=16))
    dice = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    beginnings = {title[: dice.integers(1, 3)] for title in world.titles if dice.random() < 0.2}
    past = {
        row for row, title in enumerate(world.titles) for n in (1, 2) if title[:n] in beginnings
    }
    return replace(world, banned=world.banned | past)


def test_every_token_at_every_choice_of_any_list() -> None:
    seen: Counter[Wanted] = Counter()

    @settings(max_examples=400)
    @given(remembered(), st.integers(0, 2**32 - 1))
    def holds(world: World, seed: int) -> None:
        assume(world.valid)
        seen.update(walk(world, np.random.default_rng(seed)))

    holds()
    assert all(seen[each] > 20 for each in Wanted), "it came upon whatever may be wanted"


TITLES = [(1, 1, 0), (1, 2, 0), (1, 3, 0), (2, 1, 0), (3, 1, 0), (4, 1, 0)]


def spelled(closing: Closing = NEVER_CLOSED, banned: tuple[int, ...] = ()) -> Speller:
    """Six titles, three of which begin alike, and a list of two of them at most."""
    stock = Stock(len(TITLES), {}.__getitem__, np.array(banned, dtype=np.int64))
    plan = replace(compile_plan(stock, Controls(), 2), closing=closing)
    frame = Frame(tuple((LABEL, line + 1) for line in range(2)), END)
    return Speller(lexicon_of(TITLES)[0], frame, plan)


def say(speller: Speller, *tokens: int) -> None:
    for token in tokens:
        speller.push(token)


def test_what_ends_a_list_too_early_is_a_matter_of_form_and_later_is_not() -> None:
    speller = spelled(Closing((5,), after=1))
    say(speller, LABEL, 1)
    assert wanted(speller, NONE, 4) is Wanted.FORM
    say(speller, 2, 1, LINE_END, LABEL, 2)
    assert wanted(speller, NONE, 4) is Wanted.AGREED


def test_a_closing_row_of_the_history_is_of_the_history() -> None:
    speller = spelled(Closing((5,), after=1), banned=(5,))
    say(speller, LABEL, 1)
    assert wanted(speller, np.array([5]), 4) is Wanted.IN_HISTORY


@pytest.mark.parametrize(
    ("banned", "why"), [((0, 1), Wanted.IN_HISTORY), ((0,), Wanted.CONTROL)], ids=str
)
def test_of_several_reasons_that_of_most_rows_is_told(banned: tuple[int, ...], why: Wanted) -> None:
    """The rest of the three rows stands for whatever the plan says beside the history."""
    speller = spelled(banned=(0, 1, 2))
    say(speller, LABEL, 1)
    assert wanted(speller, np.array(banned), 1) is why


def test_wishes_are_counted_at_choices_alone() -> None:
    speller = spelled()
    wishes = Wishes(speller, NONE)
    wishes.note(9)
    say(speller, LABEL)
    wishes.note(9)
    say(speller, 1)
    assert not wishes.counts
    wishes.note(9)
    wishes.note(2)
    say(speller, 2, 1, LINE_END, LABEL, 2)
    wishes.note(2)
    wishes.note(END)
    assert wishes.counts == {
        Wanted.NONEXISTENT: 1,
        Wanted.AGREED: 1,
        Wanted.REPEAT: 1,
        Wanted.FORM: 1,
    }
