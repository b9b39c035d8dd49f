from __future__ import annotations

import json

import pytest
from growth import grows_evenly
from hypothesis import given
from hypothesis import strategies as st

from service.engines.remote import numerals as numerals_module
from service.engines.remote.numerals import LONGEST_TEXT, Numerals


def read(*pieces: str) -> list[int]:
    numerals = Numerals()
    return [number for piece in pieces for number in numerals.read(piece)] + numerals.end()


@given(st.lists(st.integers(0, 999_999)), st.sampled_from([None, 1, 4]), st.data())
def test_an_array_reads_the_same_however_it_is_cut(
    numbers: list[int], indent: int | None, data: st.DataObject
) -> None:
    text = json.dumps({"numbers": numbers}, indent=indent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert read(*pieces) == numbers


@given(st.text(alphabet="0123456789 ,.[]{}-+ab\n", max_size=60), st.integers(0, 60))
def test_no_text_is_read_otherwise_for_being_cut(text: str, at: int) -> None:
    assert read(text[:at], text[at:]) == read(text)


def test_a_number_is_handed_over_once_it_cannot_go_on() -> None:
    numerals = Numerals()
    assert numerals.read('{"numbers": [1') == []
    assert numerals.read("2") == []
    assert numerals.read(",") == [12]
    assert numerals.read(" 3]") == [3]
    assert numerals.read(", 4]}") == numerals.end() == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("5, 7 and 12", [5, 7, 12]),
        ("1. 17\n2. 4\n", [17, 4]),
        ("1) 17. Red Mug\n2) 4. Blue Lamp\n", [17, 4]),
        ("\n\n- 1. 17\n- 2. \u00a04", [17, 4]),
        ("3. Green Sock\n9. Book", [3, 9]),
        ("[4, 5, 6", [4, 5, 6]),
        ("[4, 5.5, -6, +7, 1e5, 8th, x9, 10]", [4, 10]),
        ("[1] and later [2]", [1]),
        ('I pick [one] these: {"numbers": [3, 4]}', [3, 4]),
        ("[] [one, two] [ 3] [4]", [3]),
        ("5 and 6 [sic]", [5, 6]),
        ("5 and 6 [sic", [5, 6]),
        ("[[7, 8], [9]]", [7, 8]),
        ("[][][ ][5][6]", [5]),
        ("[3.., 4., 5.x, 6]", [3, 4, 6]),
        ("no number", []),
        ("", []),
    ],
)
def test_what_models_write(text: str, numbers: list[int]) -> None:
    assert read(text) == numbers


def test_endless_talk_is_not_kept() -> None:
    numerals = Numerals()
    for _ in range(100):
        numerals.read("word " * 1_000)
    assert len(numerals._rest) + len(numerals._said) <= 2 * LONGEST_TEXT
    assert numerals.read(" [3]") == [3]


def test_an_endless_word_is_not_kept() -> None:
    numerals = Numerals()
    for piece in ("[", *["x" * 1_000] * 100):
        numerals.read(piece)
    assert len(numerals._rest) + len(numerals._said) <= 2 * LONGEST_TEXT
    assert numerals.read(", 3]") == [3]


PIECES = [
    *("\n", " ", "\u00a0", "1. ", "1.\n", "1, ", "1,", "1", "1.", "(", "(1", "-", "x", "x "),
    *("[", "]", "[]", "[] ", "[1", "[x]", "1)\t", "\n1. (", "\n(1. 1"),
]


@pytest.mark.parametrize("head", ["", "1. ", "(", "[", "[1"])
@pytest.mark.parametrize("piece", PIECES)
def test_nothing_that_is_said_is_looked_at_twice(
    monkeypatch: pytest.MonkeyPatch, head: str, piece: str
) -> None:
    monkeypatch.setattr(numerals_module, "LONGEST_TEXT", 1 << 20)

    def read_all(size: int) -> None:
        read(head + piece * (size // len(piece)))

    assert grows_evenly(read_all)
