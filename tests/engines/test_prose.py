"""A text as it comes: asked about when a word may have ended, and not at every piece."""

from __future__ import annotations

import pytest
from growth import grows_evenly

from service.engines.text.prose import Prose


@pytest.mark.parametrize("piece", [" soft", "soft ", ".", "\n", "東", "é", "—", ", "])
def test_a_word_may_have_ended(piece: str) -> None:
    prose = Prose(lambda _text: False)
    prose.grow("war")
    prose.grow("m2")
    assert not prose.due
    prose.grow(piece)
    assert prose.due
    assert not prose.ask()
    assert not prose.due
    assert prose.text == f"warm2{piece}"


def test_enough_is_enough_for_good() -> None:
    prose = Prose(lambda text: text == "two words")
    prose.grow("two words")
    assert prose.ask()
    prose.grow(" and more")
    assert prose.ask()
    assert prose.over


@pytest.mark.parametrize(("text", "blank"), [("", True), (" \n\t", True), (" a", False)])
def test_whether_there_is_a_word(text: str, blank: bool) -> None:
    prose = Prose(lambda _text: False)
    prose.grow(text)
    assert prose.blank is blank


@pytest.mark.parametrize("piece", ["x", " ", "xy."])
def test_each_piece_costs_no_more_than_the_first(piece: str) -> None:
    def listen(size: int) -> None:
        prose = Prose(lambda _text: False)
        for _ in range(size // len(piece)):
            prose.grow(piece)

    assert grows_evenly(listen)
