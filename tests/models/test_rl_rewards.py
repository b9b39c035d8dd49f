"""Rewards against a direct transcription of the formulas, and lists worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import mean

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.rl.rewards import rewards, rules_of
from models.sft.data.example import Wanted
from service.domain import Controls, Intent, Item, Op, Share

CATEGORIES = ("Red", "Blue", "Mug")
SHELF = [
    Item(f"i{n}", f"Item {n}", tuple(name for bit, name in enumerate(CATEGORIES) if n >> bit & 1))
    for n in range(8)
]
RANKS = {item.id: rank for rank, item in enumerate(SHELF)}


def rank(item: Item) -> int:
    return RANKS[item.id]


def wanted(k: int, controls: Controls | None = None, history: Sequence[str] = ()) -> Wanted:
    return Wanted(k, tuple(history), "i7", Intent(controls=controls or Controls()))


# The formulas once more, with loops and nothing of the code that is tested.


def transcribed_scores(items: Sequence[Item | None], asked: Wanted) -> list[float]:
    scores = []
    for i in range(max(len(items), asked.k)):
        item = items[i] if i < len(items) else None
        before = [other.id for other in items[:i] if other is not None]
        if item is None or item.id in before or item.id in asked.history or i >= asked.k:
            scores.append(-1.0)
        elif item.id == asked.target:
            scores.append(1.0)
        else:
            scores.append(1 / math.log2(RANKS[item.id] + 3))
    return scores


def transcribed_list(items: Sequence[Item | None], asked: Wanted, of: Controls) -> float:
    scores = transcribed_scores(items, asked)
    total = 0.0
    for i, score in enumerate(scores):
        total += -1 if score == -1 else score / math.log2(i + 2)
    k = asked.k
    legal = [item for item, score in zip(items, scores, strict=False) if item and score != -1]
    controls = []
    if of.include:
        count_in = sum(bool(set(item.categories) & set(of.include)) for item in legal)
        controls.append(1 / math.log2((k - count_in) + 2))
    for category in of.exclude:
        count_out = sum(category not in item.categories for item in legal)
        controls.append(1 / math.log2((k - count_out) + 2))
    for share in of.shares:
        count_in = sum(share.category in item.categories for item in legal)
        m = share.share
        off = {
            "<=": max(count_in - k * m, 0),
            ">=": max(k * m - count_in, 0),
            "~": abs(count_in - k * m),
        }[share.op.value]
        controls.append(1 / math.log2(off + 2))
    control = sum(controls) / len(controls) if controls else total
    return 0.5 * total + 0.5 * control


lists = st.lists(st.one_of(st.none(), st.sampled_from(SHELF)), max_size=9)
sizes = st.integers(1, 6)
shares = st.builds(
    Share,
    category=st.sampled_from(CATEGORIES),
    op=st.sampled_from(list(Op)),
    # Fractions that floats have exactly: how shares are read is another matter.
    share=st.sampled_from([0.125, 0.25, 0.5, 0.75]),
)
single = st.one_of(
    st.just(Controls()),
    st.builds(Controls, include=st.sampled_from([("Red",), ("Blue",), ("Red", "Mug")])),
    st.builds(Controls, exclude=st.sampled_from([("Red",), ("Mug",)])),
    st.builds(Controls, shares=st.tuples(shares)),
)
several = st.builds(
    Controls,
    include=st.sampled_from([(), ("Red",), ("Red", "Mug")]),
    exclude=st.lists(st.sampled_from(CATEGORIES), max_size=2, unique=True).map(tuple),
    shares=st.lists(shares, max_size=2).map(tuple),
)
pasts = st.lists(st.sampled_from([item.id for item in SHELF]), max_size=4, unique=True)


def each_alone(controls: Controls) -> list[Controls]:
    """One control at a time, in the order listed."""
    included = [Controls(include=controls.include)] if controls.include else []
    excluded = [Controls(exclude=(category,)) for category in controls.exclude]
    return [*included, *excluded, *(Controls(shares=(share,)) for share in controls.shares)]


class TestAgainstTheFormulas:
    @given(lists, sizes, several, pasts)
    def test_the_list(
        self, items: list[Item | None], k: int, controls: Controls, past: list[str]
    ) -> None:
        asked = wanted(k, controls, past)
        assert rewards(items, asked, rank).whole == pytest.approx(
            transcribed_list(items, asked, controls)
        )

    @given(lists, sizes, pasts)
    def test_lines_without_controls_are_their_scores(
        self, items: list[Item | None], k: int, past: list[str]
    ) -> None:
        asked = wanted(k, history=past)
        assert rewards(items, asked, rank).lines == pytest.approx(transcribed_scores(items, asked))

    @given(lists, sizes, single, pasts)
    def test_lines_under_controls_are_half_their_score_and_half_a_sign(
        self, items: list[Item | None], k: int, controls: Controls, past: list[str]
    ) -> None:
        asked = wanted(k, controls, past)
        if controls == Controls():
            return
        scores = transcribed_scores(items, asked)
        for score, line in zip(scores, rewards(items, asked, rank).lines, strict=True):
            control = 2 * (line - 0.5 * score)
            assert control == pytest.approx(-1) or (score > 0 and control == pytest.approx(1))

    @given(lists, sizes, several, pasts)
    def test_several_controls_are_the_mean(
        self, items: list[Item | None], k: int, controls: Controls, past: list[str]
    ) -> None:
        parts = each_alone(controls)
        assume(len(parts) > 1)
        assert len(rules_of(controls, k)) == len(parts)
        found = rewards(items, wanted(k, controls, past), rank)
        alone = [rewards(items, wanted(k, part, past), rank) for part in parts]
        assert found.whole == pytest.approx(mean([one.whole for one in alone]))
        lines = zip(*(one.lines for one in alone), strict=True)
        assert found.lines == pytest.approx([mean(of_line) for of_line in lines])

    @given(lists, sizes, several, pasts, st.integers(0, 3))
    def test_a_line_outside_the_list_costs_the_same_however_short_the_list(
        self, items: list[Item | None], k: int, controls: Controls, past: list[str], outside: int
    ) -> None:
        asked = wanted(k, controls, past)
        fewer, more = (rewards(items, asked, rank, outside + n) for n in range(2))
        # -1 by itself, and -1 of the list, of which a control leaves half.
        assert more.total == pytest.approx(fewer.total - (1.5 if each_alone(controls) else 2))
        assert len(more.lines) == max(len(items), k) + outside + 1

    @given(lists, sizes, several, pasts)
    def test_a_list_that_stops_early_is_worth_no_more_than_with_illegal_lines(
        self, items: list[Item | None], k: int, controls: Controls, past: list[str]
    ) -> None:
        asked = wanted(k, controls, past)
        short = items[: k - 1]
        filled = [*short, *[None] * (k - len(short))]
        assert rewards(short, asked, rank).total == rewards(filled, asked, rank).total


RED, BLUE, BOTH = SHELF[1], SHELF[2], SHELF[3]
PLAIN, TARGET = SHELF[0], SHELF[7]


class TestByHand:
    def test_a_good_list_without_controls(self) -> None:
        # Ranks 0 and 1: 1/log2(3) = 0.63093, 1/log2(4) = 0.5; then the target, 1.
        found = rewards([PLAIN, RED, TARGET], wanted(3), rank)
        assert found.lines == pytest.approx((0.63093, 0.5, 1.0), abs=1e-5)
        # 0.63093/log2(2) + 0.5/log2(3) + 1/log2(4) = 0.63093 + 0.31546 + 0.5; both halves alike.
        assert found.whole == pytest.approx(1.44639, abs=1e-5)
        assert found.legal == 3
        assert found.total == pytest.approx(3.57732, abs=1e-5)

    def test_every_way_to_be_illegal(self) -> None:
        # k = 4: it is there (0.5), nothing, the history's, the same again, one line too many.
        found = rewards([RED, None, BLUE, RED, PLAIN], wanted(4, history=["i2"]), rank)
        assert found.lines == pytest.approx((0.5, -1, -1, -1, -1))
        # 0.5/log2(2) - 4, undiscounted.
        assert found.whole == pytest.approx(-3.5)
        assert found.legal == 1

    def test_the_target_twice_is_a_hit_once(self) -> None:
        assert rewards([TARGET, TARGET], wanted(2), rank).lines == (1.0, -1.0)

    def test_saying_nothing(self) -> None:
        found = rewards([], wanted(3), rank)
        assert found.lines == (-1.0, -1.0, -1.0)
        assert found.whole == -3.0

    def test_include(self) -> None:
        # RED obeys: 0.5*0.5 + 0.5 = 0.75. PLAIN does not: 0.5*0.63093 - 0.5 = -0.18454.
        found = rewards([RED, PLAIN], wanted(2, Controls(include=("Red",))), rank)
        assert found.lines == pytest.approx((0.75, -0.18454), abs=1e-5)
        # 0.5*(0.5 + 0.63093/log2(3)) + 0.5/log2((2-1)+2) = 0.44903 + 0.31546
        assert found.whole == pytest.approx(0.76450, abs=1e-5)

    def test_exclude(self) -> None:
        found = rewards([RED, PLAIN], wanted(2, Controls(exclude=("Red",))), rank)
        # 0.5*0.5 - 0.5 = -0.25; 0.5*0.63093 + 0.5 = 0.81546. One is out: the list as above.
        assert found.lines == pytest.approx((-0.25, 0.81546), abs=1e-5)
        assert found.whole == pytest.approx(0.76450, abs=1e-5)

    @pytest.mark.parametrize(
        ("op", "off"),
        [
            # Two of three in a category of which half are wanted, k*m = 1.5.
            (Op.AT_MOST, 0.5),
            (Op.AT_LEAST, 0.0),
            (Op.ABOUT, 0.5),
        ],
    )
    def test_shares(self, op: Op, off: float) -> None:
        controls = Controls(shares=(Share("Red", op, 0.5),))
        found = rewards([RED, BOTH, PLAIN], wanted(3, controls), rank)
        # Ranks 1, 3, 0: 0.5 + 0.38685/1.58496 + 0.63093/2 = 1.05954
        assert found.whole == pytest.approx(0.52977 + 0.5 / math.log2(off + 2), abs=1e-5)

    def test_a_line_of_a_share_is_good_as_long_as_the_share_can_be_kept(self) -> None:
        def signs(op: Op, share: float, items: Sequence[Item | None]) -> list[int]:
            asked = wanted(4, Controls(shares=(Share("Red", op, share),)))
            found = rewards(items, asked, rank)
            scores = transcribed_scores(items, asked)
            return [
                round(2 * line - score) for line, score in zip(found.lines, scores, strict=True)
            ]

        red, red2, plain, blue = RED, BOTH, PLAIN, BLUE
        # At most one of four: the second red is one too many, what follows is not.
        assert signs(Op.AT_MOST, 0.25, [red, red2, plain, blue]) == [1, -1, 1, 1]
        # At least three of four: one other has room, the second has not.
        assert signs(Op.AT_LEAST, 0.75, [plain, red, blue, red2]) == [1, 1, -1, 1]
        # About two of four: two of each have room.
        assert signs(Op.ABOUT, 0.5, [red, plain, red2, SHELF[5]]) == [1, 1, 1, -1]
        # A line that names nothing took the place of an item inside.
        assert signs(Op.AT_LEAST, 0.75, [None, plain, red, red2]) == [-1, -1, 1, 1]

    def test_a_share_is_read_as_it_was_written(self) -> None:
        # As a binary fraction 0.29 * 100 is 28.999999999999996.
        (rule,) = rules_of(Controls(shares=(Share("Red", Op.ABOUT, 0.29),)), 100)
        assert rule.off(29, 0) == 0.0
