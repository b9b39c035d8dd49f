"""The chooser: numbers as they come in events, and the candidates they stand for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from growth import grows_evenly
from remote_world import assignment
from toyshop import ToyCatalogue, toy_items

from service.engines.remote.chooser import Chooser
from service.engines.remote.numerals import LONGEST_TEXT
from service.engines.text.prose import CUT

CATALOGUE = ToyCatalogue(toy_items())


def chooser(k: int = 3) -> Chooser:
    return Chooser(assignment(CATALOGUE, k, shown=20))


def hear(reader: Chooser, *pieces: str) -> int:
    """Have it hear and work as a reply does; how often it worked."""
    works = 0
    for piece in pieces:
        reader.hear({"delta": {"content": piece}})
        if reader.due:
            reader.work()
            works += 1
    return works


def rows(reader: Chooser) -> list[int]:
    return [line.row for line in reader.lines]


def test_a_candidate_is_chosen_once_its_number_has_ended() -> None:
    reader = chooser()
    assert hear(reader, "[", "1", "2") == 0
    assert hear(reader, ",") == 1
    assert rows(reader) == [11]
    assert hear(reader, "3") == 0
    assert hear(reader, "]") == 1
    assert rows(reader) == [11, 2]


def test_it_is_due_until_the_work_is_done() -> None:
    reader = chooser()
    for piece in ("[4,", "5"):
        reader.hear({"delta": {"content": piece}})
        assert reader.due
    reader.work()
    assert not reader.due
    assert rows(reader) == [3]
    assert reader.end(cut=False) == "the model named 2 candidates that may stand"
    assert rows(reader) == [3, 4]


def test_the_first_number_is_the_prompts() -> None:
    reader = Chooser(replace(assignment(CATALOGUE, 3, shown=20), first=0))
    hear(reader, "[20, 0, 19, 0, 7]")
    assert rows(reader) == [0, 19, 7]
    assert reader.complete


def closing(least: int) -> Chooser:
    ends = np.array([4])
    return Chooser(replace(assignment(CATALOGUE, 5, shown=20), closing=ends, least=least))


def test_a_closing_candidate_ends_the_list() -> None:
    reader = closing(2)
    hear(reader, "[5, 3, 5, 9, 5, 8]")
    assert rows(reader) == [2, 8, 4]
    assert reader.complete
    assert reader.end(cut=False) is None


def test_where_some_are_closing_the_model_may_end_the_list_of_itself() -> None:
    reader = closing(2)
    hear(reader, "[3, 9]")
    assert reader.end(cut=False) == "the model named 2 candidates that may stand"
    reader = closing(2)
    hear(reader, "[3, 9, 8]")
    assert not reader.complete
    assert reader.end(cut=False) is None
    assert reader.end(cut=True) == CUT


@pytest.mark.parametrize("event", [{}, {"delta": None}, {"delta": {"content": None}}])
def test_an_event_without_words_is_no_token(event: dict[str, object]) -> None:
    reader = chooser()
    assert reader.hear(event) == 0
    assert not reader.due


def test_what_comes_after_the_list_costs_nothing() -> None:
    reader = chooser(1)
    hear(reader, "[7, 8, 9,", *["10, "] * 50)
    assert reader.end(cut=True) is None
    assert rows(reader) == [6]


def test_a_word_without_an_end_is_worked_off_now_and_then() -> None:
    pieces = 8 * LONGEST_TEXT // 4
    assert 4 <= hear(chooser(), "[", *["abcd"] * pieces) <= 8


@pytest.mark.parametrize("piece", ["x", "1", "xx\n", "[", "[]", "1,", "(", "\n\n", " "])
def test_each_event_costs_no_more_than_the_first(piece: str) -> None:
    def listen(size: int) -> None:
        reader = chooser()
        hear(reader, "[", *[piece] * (size // len(piece)))
        reader.end(cut=True)

    assert grows_evenly(listen)
