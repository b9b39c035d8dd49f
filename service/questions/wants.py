"""What an asker says about the answer: how many options, in what order, or a text."""

from __future__ import annotations

from dataclasses import dataclass

from service.questions.extracts.extraction import asks_for_pieces_below
from service.questions.layout.stem import Stem
from service.questions.orders.choosing import asks_for_choice, counts, orders_number, picks
from service.questions.orders.instructions import asks_for_own_words, asks_for_text, speaks_of_form
from service.questions.orders.likely import likely_counts
from service.questions.orders.ranges import count_range
from service.questions.orders.ranks import asks_for_order, orders_ranking
from service.questions.orders.several import asks_for_all_that_apply, asks_for_several


@dataclass(frozen=True, slots=True)
class Wants:
    """What the asker says about the answer."""

    count: int | None = None
    """How many options, if a number is said; the larger of two."""
    fewest: int | None = None
    """How few; the same number unless two are said."""
    outright: bool = True
    """Whether the number is ordered, and does not just stand there: "the top 3 sellers"."""
    exact: bool = False
    """Whether it is ordered outright: "three numbers", "exactly two", "between 2 and 3"."""
    several: bool = False
    """Whether more than one, by number or without."""
    all_that_apply: bool = False
    """Whether it is said outright that there may be more than one."""
    order: bool = False
    ranks_all: bool = False
    """Whether putting them in an order is what is to be done, and not just spoken of."""
    choice: bool = False
    picks: bool = False
    """Whether a choice is ordered, so that there have to be options."""
    writes: bool = False
    """Whether words of one's own are asked for."""
    composes: bool = False
    """Whether these are plainly a text, so that they cannot be a label or a number."""

    @property
    def chooses(self) -> bool:
        """Whether anything is to be chosen or put in an order."""
        return self.choice or self.order or self.several

    @property
    def writing(self) -> bool:
        """Whether words of one's own are asked for, and nothing is to be chosen."""
        return self.writes and not self.choice

    @property
    def composing(self) -> bool:
        """Whether a text is asked for so plainly that no option can be the answer."""
        return self.composes and not self.chooses


def wants(stem: Stem) -> Wants:
    """What the asker says outside of all texts and quotes."""
    orders = stem.orders
    low, high = count_range(orders) or (None, None)
    said = counts(orders)
    likely = () if said or high else likely_counts(orders)
    count = high or next(iter((*said, *likely)), None)
    every = asks_for_all_that_apply(orders)
    return Wants(
        count=count,
        fewest=low or count,
        outright=not likely,
        exact=high is not None or orders_number(orders),
        several=every or (asks_for_several(orders) if count is None else count > 1),
        all_that_apply=every,
        order=asks_for_order(orders),
        ranks_all=orders_ranking(orders),
        choice=asks_for_choice(orders),
        picks=picks(orders),
        writes=any(map(asks_for_own_words, orders)) or asks_for_pieces_below(stem),
        composes=any(asks_for_text(order) and not speaks_of_form(order) for order in orders),
    )
