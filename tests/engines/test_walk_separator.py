"""Lines of what is spelled, whatever ends them and however it comes cut into events."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toyshop import SpellingEngine

from service.domain import Controls
from service.engines.remote.walk import Unsteered, Walk
from service.steering.assignment import Assignment
from service.steering.plan import Stock, compile_plan
from service.steering.wanted import Wishes

LABELS = ["3", "12", "1", "a;b", ";"]
NONE = np.zeros(0, dtype=np.int64)


def assignment(separator: str, closing: list[int] | None = None) -> Assignment:
    spelled = SpellingEngine().spelling(LABELS, lines=5, separator=separator)
    plan = compile_plan(Stock(5, {}.__getitem__, NONE), Controls(), 5)
    rows = spelled.row[closing or []]
    return Assignment(
        spelled.lexicon, spelled.frame, plan, separator=separator, closing=rows.astype(int)
    )


def walk_of(asked: Assignment, separator: str) -> Walk:
    speller = asked.speller()
    return Walk(speller, separator, Wishes(speller, NONE))


def heard(walk: Walk, text: str, cuts: list[int]) -> list[int]:
    """How many lines there were after each event."""
    counts = []
    for start, stop in zip([0, *cuts], [*cuts, len(text)], strict=True):
        piece = text[start:stop]
        walk.hear({"text": piece, "token_ids": [*map(ord, piece)]})
        if walk.due:
            walk.work()
        counts.append(len(walk.lines))
    return counts


@given(st.sampled_from(["; ", "\n", ", and "]), st.permutations(LABELS), st.data())
def test_a_line_is_told_by_the_event_that_ends_it(
    separator: str, labels: list[str], data: st.DataObject
) -> None:
    text = "".join(label + separator for label in labels)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=9)))
    walk = walk_of(assignment(separator), separator)
    counts = heard(walk, text, cuts)
    ended = [text[:stop].count(separator) for stop in [*cuts, len(text)]]
    assert counts == ended
    assert [line.line for line in walk.lines] == labels
    assert walk.complete
    assert walk.end(cut=False) is None


def test_a_closing_label_completes_the_walk() -> None:
    walk = walk_of(assignment(",", [1]), ",")
    assert heard(walk, "3,12,", [2]) == [1, 2]
    assert walk.complete
    assert walk.end(cut=False) is None
    walk.hear({"text": "1,", "token_ids": [*map(ord, "1,")]})
    with pytest.raises(Unsteered):
        walk.work()
