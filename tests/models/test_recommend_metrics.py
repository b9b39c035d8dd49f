from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evaluate.bootstrap import DRAWS, sums
from models.evaluate.recommend.figures import figures
from models.evaluate.recommend.listed import Listed
from models.evaluate.recommend.metrics import Fraction, Marks, counts, cutoffs, marks
from models.evaluate.recommend.tally import Tally
from models.evaluate.recommend.tasks import Posed, Task
from service.domain import Controls, Intent, Item, Op, RecommendRequest, Share

ITEMS = {
    f"i{n}": Item(f"i{n}", f"Title {n}", ("even" if n % 2 == 0 else "odd",)) for n in range(30)
}
FREELY = Controls()
FAILED = Listed(failure="the engine is down")


def posed(
    task: Task = Task.SEQUENTIAL,
    controls: Controls = FREELY,
    k: int = 4,
    history: Sequence[str] = ("i20",),
    target: str = "i3",
) -> Posed:
    request = RecommendRequest(k=k, history=tuple(history), intent=Intent(controls=controls))
    return Posed(task, "u", request, target, rare=False)


def marked(posed_: Posed, listed: Listed) -> dict[str, tuple[float, float]]:
    """What one list adds to both sides of each metric."""
    tally = Tally(1)
    tally.take(0, counts(posed_, listed, ITEMS.__getitem__), listed)
    found = marks(posed_.task, posed_.request.k, tally.counts)
    return {name: (float(of.over[0]), float(of.under[0])) for name, of in found.items()}


def read(posed_: Posed, ids: Sequence[str | None]) -> dict[str, float]:
    found = marked(posed_, Listed(tuple(ids)))
    return {name: over / under if under else math.nan for name, (over, under) in found.items()}


class TestByHand:
    def test_the_target_in_third_place(self) -> None:
        got = read(posed(), ["i1", "i2", "i3", "i4"])
        assert (got["HR@1"], got["HR@4"]) == (0, 1)
        assert got["NDCG@4"] == pytest.approx(1 / math.log2(4))
        assert (got["CorrectCount"], got["RepeatItem"], got["NonExist"]) == (1, 0, 0)

    def test_several_cutoffs_as_far_as_lists_are_long(self) -> None:
        assert cutoffs(10) == (1, 5, 10)
        assert cutoffs(4) == (1, 4)
        assert cutoffs(1) == (1,)
        assert cutoffs(20) == (1, 5, 10, 20)

    def test_a_hit_beyond_the_list_is_none(self) -> None:
        got = read(posed(k=2), ["i1", "i2", "i3"])
        assert (got["HR@2"], got["NDCG@2"], got["CorrectCount"]) == (0, 0, 0)

    def test_lines_that_repeat_do_not_exist_or_are_of_the_history(self) -> None:
        got = read(posed(history=("i9",)), ["i1", "i1", None, "i9"])
        assert (got["RepeatItem"], got["NonExist"], got["InHistory"]) == (0.25, 0.25, 0.25)
        assert got["CorrectCount"] == 1

    def test_lines_within_a_category(self) -> None:
        include = posed(Task.INCLUDE, Controls(include=("odd",)))
        assert read(include, ["i1", "i3", "i2", None])["TCP@4"] == 0.5
        exclude = posed(Task.EXCLUDE, Controls(exclude=("odd",)))
        assert read(exclude, ["i1", "i3", "i2", None])["TCP@4"] == 0.25

    @pytest.mark.parametrize(
        ("op", "share", "odd", "exact", "nearly"),
        [
            (Op.AT_MOST, 0.3, 1, 1, 1),  # floor(1.2) = 1
            (Op.AT_MOST, 0.3, 2, 0, 1),
            (Op.AT_MOST, 0.3, 3, 0, 0),
            (Op.AT_LEAST, 0.3, 2, 1, 1),  # ceil(1.2) = 2
            (Op.AT_LEAST, 0.3, 1, 0, 1),
            (Op.AT_LEAST, 0.3, 0, 0, 0),
            (Op.ABOUT, 0.3, 1, 1, 1),  # round(1.2) = 1
            (Op.ABOUT, 0.3, 2, 0, 1),
            (Op.ABOUT, 0.3, 3, 0, 0),
            (Op.ABOUT, 0.6, 2, 1, 1),  # round(2.4) = 2
        ],
    )
    def test_shares(self, op: Op, share: float, odd: int, exact: float, nearly: float) -> None:
        asked = posed(
            {Op.AT_MOST: Task.AT_MOST, Op.AT_LEAST: Task.AT_LEAST}.get(op, Task.ABOUT),
            Controls(shares=(Share("odd", op, share),)),
        )
        ids = [f"i{2 * n + 1}" for n in range(odd)] + [f"i{2 * n}" for n in range(4 - odd)]
        got = read(asked, ids)
        assert (got["CPA"], got["CPA within 1"]) == (exact, nearly)

    def test_half_an_item_is_rounded_up(self) -> None:
        asked = posed(Task.ABOUT, Controls(shares=(Share("odd", Op.ABOUT, 0.5),)), k=5)
        assert read(asked, ["i1", "i3", "i5", "i0", "i2"])["CPA"] == 1

    @pytest.mark.parametrize("ids", [[], ["i0"], ["i0", "i2", "i4", "i6", "i8"]])
    def test_a_list_of_another_length_keeps_no_share(self, ids: list[str]) -> None:
        asked = posed(Task.AT_MOST, Controls(shares=(Share("odd", Op.AT_MOST, 0.5),)))
        got = read(asked, ids)
        assert (got["CPA"], got["CPA within 1"]) == (0, 0)

    @pytest.mark.parametrize("op", list(Op))
    @pytest.mark.parametrize(
        "ids",
        [
            [None, None, None, None],  # names nothing, so it has nothing of any category
            ["i1", "i0", "i2", None],
            ["i1", "i0", "i2", "i2"],
        ],
    )
    def test_invented_and_repeated_lines_keep_no_share(self, op: Op, ids: list[str | None]) -> None:
        tasks = {Op.AT_MOST: Task.AT_MOST, Op.AT_LEAST: Task.AT_LEAST, Op.ABOUT: Task.ABOUT}
        asked = posed(tasks[op], Controls(shares=(Share("odd", op, 0.25),)))
        assert read(asked, ["i1", "i0", "i2", "i4"])["CPA"] == 1
        got = read(asked, ids)
        assert (got["CPA"], got["CPA within 1"]) == (0, 0)

    def test_what_a_list_lacks_is_not_in_the_category(self) -> None:
        include = posed(Task.INCLUDE, Controls(include=("odd",)))
        assert read(include, ["i1"])["TCP@4"] == 0.25
        assert read(include, ["i1", "i3", "i5", "i7", "i0", "i2"])["TCP@4"] == 1
        exclude = posed(Task.EXCLUDE, Controls(exclude=("odd",)))
        assert read(exclude, ["i2", "i4"])["TCP@4"] == 0.5
        for asked in (include, exclude):
            assert marked(asked, FAILED)["TCP@4"] == (0, 4)

    def test_no_list_is_no_hit_and_has_no_lines(self) -> None:
        found = marked(posed(), FAILED)
        assert found["HR@4"] == found["NDCG@4"] == found["CorrectCount"] == (0, 1)
        assert found["RepeatItem"] == found["NonExist"] == (0, 0)


@given(ids=st.permutations(list(ITEMS)), k=st.integers(1, 20))
def test_bounds_and_more_lines_never_hit_less(ids: list[str], k: int) -> None:
    got = read(posed(k=k), ids[:k])
    assert all(0 <= value <= 1 for value in got.values())
    hits = [got[f"HR@{at}"] for at in cutoffs(k)]
    gains = [got[f"NDCG@{at}"] for at in cutoffs(k)]
    assert hits == sorted(hits)
    assert gains == sorted(gains)
    assert all(gain <= hit for gain, hit in zip(gains, hits, strict=True))


@given(place=st.integers(0, 8))
def test_an_earlier_place_gains_more(place: int) -> None:
    others = [f"i{n}" for n in range(10, 19)]
    later = [*others[: place + 1], "i3", *others[place + 1 :]]
    sooner = [*others[:place], "i3", *others[place:]]
    assert read(posed(k=10), sooner)["NDCG@10"] > read(posed(k=10), later)["NDCG@10"]


def test_the_perfect_list_has_it_all() -> None:
    asked = posed(Task.INCLUDE, Controls(include=("odd",)))
    got = read(asked, ["i3", "i1", "i5", "i7"])
    assert {got[f"{m}@{at}"] for m in ("HR", "NDCG") for at in (1, 4)} == {1.0}
    assert got["TCP@4"] == got["CorrectCount"] == 1
    assert got["RepeatItem"] == got["NonExist"] == got["InHistory"] == 0


def row(values: Sequence[float], under: float = 1.0) -> Marks:
    return {"HR@10": Fraction(np.array(values), np.full(len(values), under))}


class TestIntervals:
    def test_sums_of_draws(self) -> None:
        drawn = sums(np.array([[1.0, 0.0], [0.0, 2.0]]))
        assert drawn.shape == (DRAWS + 1, 2)
        assert drawn[0].tolist() == [1, 2]
        assert set(map(tuple, drawn.tolist())) == {(2, 0), (1, 2), (0, 4)}

    def test_a_row_against_itself_twice_as_good(self) -> None:
        half = [1.0, 0.0] * 50
        got = figures({"base": row(half), "same": row(half), "all": row([1.0] * 100)}, "base")
        value = got["base"]["HR@10"].value
        assert value.value == 0.5
        assert 0.35 < value.low < 0.45
        assert 0.55 < value.high < 0.65
        assert got["base"]["HR@10"].against is None
        same = got["same"]["HR@10"].against
        assert same is not None
        assert same.ratio is not None
        # The same users are drawn for both, so nothing is left to chance.
        assert (same.difference.low, same.difference.high) == (0, 0)
        assert (same.ratio.low, same.ratio.high) == (1, 1)
        better = got["all"]["HR@10"].against
        assert better is not None
        assert better.ratio is not None
        assert (better.difference.value, better.ratio.value) == (0.5, 2.0)

    def test_seeded(self) -> None:
        rows = {"base": row([1.0, 0.0, 0.0]), "other": row([0.0, 1.0, 1.0])}
        assert figures(rows, "base") == figures(rows, "base")

    def test_pooled_by_lines_not_by_lists(self) -> None:
        lines = {"NonExist": Fraction(np.array([3.0, 0.0]), np.array([3.0, 9.0]))}
        assert figures({"r": lines}, "r")["r"]["NonExist"].value.value == 0.25

    def test_nothing_to_divide_by(self) -> None:
        got = figures({"base": row([0.0] * 9), "other": row([1.0] * 9)}, "base")
        against = got["other"]["HR@10"].against
        assert against is not None
        assert against.ratio is None
        assert against.difference.value == 1
        assert figures({"r": row([0.0], under=0.0)}, "r")["r"] == {}
