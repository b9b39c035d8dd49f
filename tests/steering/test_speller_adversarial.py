"""Whatever the engine wants, the list is valid and obedient, or there is an explicit error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from steering_world import END, LINE_END, World, fully_scored, lexicon_of, worlds

from service.domain import Controls, OnConflict, Sampling
from service.errors import ConflictingControls, SpellingError
from service.steering.choose import choose
from service.steering.conflict import plan_or_relax
from service.steering.lexicon import Frame
from service.steering.plan import Plan, compile_plan
from service.steering.prior import Prior
from service.steering.progress import Progress
from service.steering.select import select
from service.steering.speller import Speller

VOCABULARY = 100
Engine: TypeAlias = Callable[[list[int]], np.ndarray]
"""Logits over the whole vocabulary, given the tokens so far."""


def always(value: float) -> Engine:
    return lambda _tokens: np.full(VOCABULARY, value)


def wants(token: int) -> Engine:
    logits = np.zeros(VOCABULARY)
    logits[token] = 1e6
    return lambda _tokens: logits


def noisy(seed: int) -> Engine:
    random = np.random.default_rng(seed)
    return lambda _tokens: random.standard_normal(VOCABULARY) * 20


def parrot(tokens: list[int]) -> np.ndarray:
    """Wants the first title again and again."""
    logits = np.zeros(VOCABULARY)
    logits[tokens[: len(tokens) // 2]] = 50
    return logits


def reluctant(tokens: list[int]) -> np.ndarray:
    """Gives a chance only to tokens never seen."""
    logits = np.zeros(VOCABULARY)
    logits[tokens] = -np.inf
    return logits


ENGINES: dict[str, Engine] = {
    "all minus infinity": always(-np.inf),
    "all plus infinity": always(np.inf),
    "all NaN": always(np.nan),
    "ends at once": wants(END),
    "ends the line at once": wants(LINE_END),
    "most frequent token": wants(1),
    "a token of no title": wants(VOCABULARY - 3),
    "parrot": parrot,
    "reluctant": reluctant,
    "random 1": noisy(1),
    "random 2": noisy(2),
    "upwards": lambda _tokens: np.arange(VOCABULARY, dtype=float),
    "downwards": lambda _tokens: -np.arange(VOCABULARY, dtype=float),
}
GREEDY = Sampling()


def decode(speller: Speller, engine: Engine, sampling: Sampling = GREEDY) -> list[int]:
    """What an engine does: forced tokens as they are, the others chosen from its logits."""
    dice = np.random.default_rng(sampling.seed)
    tokens: list[int] = []
    shown: list[int] = []
    while not speller.done:
        assert speller.rows[: len(shown)] == shown
        shown = list(speller.rows)
        choices = speller.choices
        if choices is None:
            token = int(speller.forced[0])
        else:
            token = choose(engine(tokens), choices, sampling, dice)
        speller.push(token)
        tokens.append(token)
    return tokens


def spell(
    world: World, plan: Plan, engine: Engine, weight: float, sampling: Sampling = GREEDY
) -> Speller:
    speller = Speller(world.lexicon, world.frame, plan, world.prior, weight)
    tokens = decode(speller, engine, sampling)
    assert tokens == world.spelled(speller.rows)
    return speller


SPEECHLESS = {"all NaN", "all plus infinity"}
"""Engines whose logits mean nothing: an error as soon as there is something to choose."""


@pytest.mark.parametrize("name", ENGINES)
@settings(max_examples=100)
@given(
    worlds(most=14, longest=6),
    st.sampled_from([0.0, 1.0, 1e9]),
    st.sampled_from(OnConflict),
    st.sampled_from([GREEDY, Sampling(temperature=1.0, seed=3), Sampling(temperature=1e-9)]),
)
def test_every_list_is_valid_and_obedient_or_an_error(
    name: str, world: World, weight: float, on_conflict: OnConflict, sampling: Sampling
) -> None:
    try:
        plan, kept, relaxed = plan_or_relax(world.stock, world.controls, world.k, on_conflict)
    except ConflictingControls:
        assert not world.valid
        return
    assert world.valid or relaxed != Controls()
    try:
        speller = spell(world, plan, ENGINES[name], weight, sampling)
    except SpellingError:
        assert name in SPEECHLESS
        return
    assert world.obeys(speller.rows, kept)


@settings(max_examples=200)
@given(worlds(most=14, longest=6), st.integers(0, 99))
def test_a_heavy_prior_spells_what_select_selects(world: World, seed: int) -> None:
    assume(world.valid)
    world = replace(world, scores=fully_scored(world, seed))
    plan = compile_plan(world.stock, world.controls, world.k)
    ranked = select(Progress(plan), world.prior)
    assert spell(world, plan, noisy(seed), 1e9).rows == ranked


@given(worlds(most=14, longest=6), st.integers(0, 99))
def test_without_weight_the_prior_is_not_heard(world: World, seed: int) -> None:
    """Only items of one title, which no engine can tell apart, go by score all the same."""
    assume(world.valid)
    assume(len(set(world.titles)) == len(world.titles))
    plan = compile_plan(world.stock, world.controls, world.k)
    upside_down = replace(world, scores={row: -score for row, score in world.scores.items()})
    heard = [spell(w, plan, noisy(seed), 0.0).rows for w in (world, upside_down)]
    assert heard[0] == heard[1]


@given(worlds(most=14, longest=6), st.integers(0, 99))
def test_no_prior_is_a_flat_prior(world: World, seed: int) -> None:
    assume(world.valid)
    plan = compile_plan(world.stock, world.controls, world.k)
    bare = Speller(world.lexicon, world.frame, plan, None, 5.0)
    flat = Speller(world.lexicon, world.frame, plan, Prior.flat(), 5.0)
    assert decode(bare, noisy(seed)) == decode(flat, noisy(seed))


State: TypeAlias = tuple[list[int], list[int] | None, list[int], bool, bool]


def state(speller: Speller) -> State:
    choices = speller.choices
    tokens = None if choices is None else choices.tokens.tolist()
    return speller.forced.tolist(), tokens, list(speller.rows), speller.complete, speller.done


@settings(max_examples=60)
@given(worlds())
def test_a_wrong_token_is_an_error_and_changes_nothing(world: World) -> None:
    assume(world.valid)
    plan = compile_plan(world.stock, world.controls, world.k)
    speller = Speller(world.lexicon, world.frame, plan)
    while True:
        before = state(speller)
        right = {before[0][0]} if before[0] else set(before[1] or ())
        for token in {-1, 10**6, *range(VOCABULARY)} - right:
            with pytest.raises(SpellingError):
                speller.push(token)
        assert state(speller) == before
        if speller.done:
            break
        speller.push(min(right))
    assert world.obeys(speller.rows, world.controls)


def one_title(copies: int, banned: frozenset[int] = frozenset(), k: int = 1) -> World:
    return World(
        titles=((1, LINE_END),) * copies,
        members={category: frozenset() for category in "abcde"},
        banned=banned,
        controls=Controls(),
        k=k,
    )


def test_items_of_one_title_are_listed_by_score() -> None:
    world = replace(one_title(4, frozenset({3}), k=3), scores={0: -3.0, 1: -1.0, 2: -2.0, 3: 0.0})
    plan = compile_plan(world.stock, world.controls, world.k)
    assert spell(world, plan, parrot, 0.0).rows == [1, 2, 0]


@pytest.mark.parametrize("copies", [1, 2, 3])
def test_a_plan_that_cannot_be_met_is_not_begun(copies: int) -> None:
    world = one_title(copies, frozenset(range(copies)))
    plan = compile_plan(world.stock, world.controls, world.k)
    with pytest.raises(SpellingError):
        Speller(world.lexicon, world.frame, plan)


@given(worlds())
def test_no_plan_that_cannot_be_met_is_begun(world: World) -> None:
    assume(not world.valid)
    plan = compile_plan(world.stock, world.controls, world.k)
    with pytest.raises(SpellingError):
        Speller(world.lexicon, world.frame, plan)


def test_a_list_longer_than_its_labels_is_not_begun() -> None:
    world = one_title(3, k=3)
    plan = compile_plan(world.stock, world.controls, 3)
    with pytest.raises(SpellingError, match="labels for 2 lines, not 3"):
        Speller(world.lexicon, Frame(((90,), (91,)), END), plan)


def test_more_titles_than_the_narrow_way_counts() -> None:
    """A root of more children than are counted afresh each time."""
    lexicon, _ = lexicon_of([(2 + token, LINE_END) for token in range(2_000)])
    world = replace(one_title(2_000, frozenset(range(0, 2_000, 7))), k=5)
    plan = compile_plan(world.stock, world.controls, world.k)
    speller = Speller(lexicon, world.frame, plan)
    listed: set[int] = set()
    for _ in range(world.k):
        for token in speller.forced.tolist():
            speller.push(token)
        choices = speller.choices
        assert choices is not None
        allowed = set(range(2_000)) - set(world.banned) - listed
        assert set(choices.tokens.tolist()) == {row + 2 for row in allowed}
        speller.push(int(choices.tokens[len(listed)]))
        listed = set(speller.rows)
    assert speller.complete
