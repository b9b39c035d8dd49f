"""Feasibility is exact: compared with every count vector there is."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.steering import quotas
from service.steering.quotas import Need, feasible, open_classes


def reachable(slots: int, available: tuple[int, ...]) -> set[tuple[int, ...]]:
    """Every (total, count per category) that the available items can add up to."""
    shares = len(available).bit_length() - 1
    found = {(0,) * (shares + 1)}
    for index, count in enumerate(available):
        step = (1, *(index >> j & 1 for j in range(shares)))
        found = {
            tuple(have + taken * one for have, one in zip(state, step, strict=True))
            for state in found
            for taken in range(min(count, slots - state[0]) + 1)
        }
    return found


def truly_feasible(need: Need, available: tuple[int, ...]) -> bool:
    return any(
        total == need.slots
        and all(
            low <= count <= high
            for low, count, high in zip(need.lower, counts, need.upper, strict=True)
        )
        for total, *counts in reachable(need.slots, available)
    )


@st.composite
def needs(draw: st.DrawFn) -> tuple[Need, tuple[int, ...]]:
    shares = draw(st.integers(0, 4))
    slots = draw(st.integers(0, 6 if shares < 4 else 4))
    count = st.integers(0, 3) if draw(st.booleans()) else st.sampled_from([0, 0, 0, 1, 2, 9])
    available = draw(st.tuples(*[count] * (1 << shares)))
    lower = draw(st.tuples(*[st.integers(0, slots)] * shares))
    slack = draw(st.tuples(*[st.sampled_from([0, 0, 0, 1, 2, -1])] * shares))
    return Need(slots, lower, tuple(lo + s for lo, s in zip(lower, slack, strict=True))), available


def fractions_would_do(need: Need, available: tuple[int, ...]) -> bool:
    return bool((quotas._leeway(*quotas._equations(need, available)) >= 0).all())


PAIRS_ONLY = tuple(9 if index.bit_count() == 2 else 0 for index in range(8))


@settings(max_examples=400)
@given(needs())
@example((Need(2, (1, 1, 1), (1, 1, 1)), (9, *PAIRS_ONLY[1:])))
def test_feasible_is_exact(case: tuple[Need, tuple[int, ...]]) -> None:
    need, available = case
    assert feasible(need, available) == truly_feasible(need, available)


@settings(max_examples=150)
@given(needs())
def test_a_class_is_open_iff_the_rest_can_be_finished(case: tuple[Need, tuple[int, ...]]) -> None:
    need, available = case
    expected = []
    for index, count in enumerate(available):
        rest = tuple(n - (i == index) for i, n in enumerate(available))
        possible = need.slots > 0 and count > 0
        expected.append(possible and truly_feasible(need.after(index), rest))
    assert open_classes(need, available).tolist() == expected


@given(needs())
def test_some_class_is_open_iff_the_plan_is_feasible(case: tuple[Need, tuple[int, ...]]) -> None:
    need, available = case
    if need.slots:
        assert open_classes(need, available).any() == feasible(need, available)


def test_parity_is_seen_where_fractions_would_do() -> None:
    """Half an item of each pair and half an item of none: no whole items do that."""
    need, available = Need(2, (1, 1, 1), (1, 1, 1)), (9, *PAIRS_ONLY[1:])
    assert fractions_would_do(need, available)
    assert not feasible(need, available)
    assert feasible(Need(2, (1, 1, 0), (1, 1, 2)), available)


@given(st.integers(0, 255), st.integers(0, 7))
def test_whole_items_count_where_neither_fractions_nor_residues_tell(sides: int, pair: int) -> None:
    """Two slots and each of four categories once: a class and all that it lacks, or nothing."""
    missing = {index if sides >> index & 1 else 15 - index for index in range(8)}
    available = [0 if index in missing else 2 for index in range(16)]
    need = Need(2, (1,) * 4, (1,) * 4)
    assert not feasible(need, tuple(available))
    available[pair], available[15 - pair] = 1, 1
    assert feasible(need, tuple(available))


@pytest.mark.parametrize(
    ("need", "available"),
    [
        (Need(3, (1, 1, 2, 1), (2, 1, 2, 1)), {1: 1, 2: 2, 5: 3, 8: 1, 9: 3, 11: 2, 15: 1}),
        (Need(4, (1, 1, 3, 2), (1, 1, 3, 2)), {0: 4, 3: 1, 4: 1, 7: 2, 9: 4, 12: 1, 14: 1}),
    ],
)
def test_what_only_whole_numbers_can_refuse(need: Need, available: dict[int, int]) -> None:
    counts = tuple(available.get(index, 0) for index in range(16))
    assert fractions_would_do(need, counts)
    assert not feasible(need, counts)
    assert not truly_feasible(need, counts)


def test_pairs_alone_cannot_give_three_categories_one_item_each() -> None:
    assert not any(feasible(Need(n, (1, 1, 1), (1, 1, 1)), PAIRS_ONLY) for n in range(5))


@pytest.mark.parametrize("shares", [1, 2, 3, 4])
def test_an_empty_box_is_infeasible(shares: int) -> None:
    plenty = (50,) * (1 << shares)
    need = Need(5, (3,) * shares, (2,) * shares)
    assert not feasible(need, plenty)
    assert not open_classes(need, plenty).any()


def test_no_slot_left_is_feasible_only_if_nothing_is_missing() -> None:
    assert feasible(Need(0, (0,), (0,)), (3, 3))
    assert not feasible(Need(0, (1,), (1,)), (3, 3))
    assert not open_classes(Need(0, (0,), (0,)), (3, 3)).any()


def test_without_shares_only_the_number_of_items_counts() -> None:
    assert feasible(Need(3, (), ()), (3,))
    assert not feasible(Need(4, (), ()), (3,))


def test_the_answer_cannot_be_changed_by_who_asked() -> None:
    """It is cached, so it is read-only."""
    mask = open_classes(Need(1, (0,), (1,)), (3, 3))
    with pytest.raises(ValueError, match="read-only"):
        mask[0] = False


EVEN_CLASSES = (0, 3, 5, 6, 9, 10, 12, 15)
TRIPLES = (0, 7, 11, 13, 14, 15)


@pytest.mark.parametrize(
    ("classes", "wanted", "possible"),
    [
        (EVEN_CLASSES, (51, 50, 50, 50), False),
        (EVEN_CLASSES, (26, 25, 25, 25), False),
        (EVEN_CLASSES, (31, 30, 40, 50), False),
        (EVEN_CLASSES, (30, 30, 40, 50), True),
        (TRIPLES, (50, 50, 50, 51), True),
        (range(16), (51, 50, 50, 50), True),
    ],
)
def test_a_hundred_slots_and_odd_wishes_are_decided_quickly(
    classes: tuple[int, ...], wanted: tuple[int, ...], possible: bool
) -> None:
    """Items that come in even classes alone can never fill an odd number of places."""
    available = tuple(100 if index in classes else 0 for index in range(16))
    quotas._feasible.cache_clear()
    before = process_time()
    assert feasible(Need(100, wanted, wanted), available) == possible
    assert process_time() - before < 2


@settings(max_examples=60)
@given(
    st.tuples(*[st.integers(0, 100)] * 4),
    st.tuples(*[st.sampled_from([0, 0, 1, 2, 5, 30, 100])] * 16),
)
def test_a_hundred_slots_are_decided_quickly(
    wanted: tuple[int, ...], available: tuple[int, ...]
) -> None:
    before = process_time()
    open_classes(Need(100, wanted, wanted), available)
    assert process_time() - before < 5
