from __future__ import annotations

import pytest
from growth import LARGE, grows_evenly
from hypothesis import given
from hypothesis import strategies as st

from service.questions.text.spans import LONGEST_SPAN, MOST_BYTES, MOST_BYTES_OF_ALL, apart, spans
from service.questions.text.words import count


def test_all_runs_of_words() -> None:
    assert spans("Alpin wool socks", 10) == (
        "Alpin", "wool", "socks", "Alpin wool", "wool socks", "Alpin wool socks",
    )  # fmt: skip


def test_punctuation_around_is_not_part_of_it() -> None:
    assert spans('"Soft", (and) 100% dry.', 4) == ("Soft", "and", "100%", "dry")
    assert 'Soft", (and' in spans('"Soft", (and) dry.', 10)


def test_as_long_as_the_number_allows() -> None:
    source = "a b c d e"
    assert max(map(count, spans(source, 5))) == 1
    assert max(map(count, spans(source, 8))) == 1
    assert max(map(count, spans(source, 9))) == 2
    assert spans(source, 3) == ("a", "b", "c")
    assert spans(source, 0) == ()


def test_spans_are_distinct_and_keep_their_case() -> None:
    assert spans("dry Dry dry", 3) == ("dry", "Dry")


def test_no_span_reaches_over_a_line() -> None:
    assert spans("a b\nc", 20) == ("a", "b", "c", "a b")


def test_characters_where_words_are_not_spaced() -> None:
    assert spans("羊毛袜。", 20) == ("羊", "毛", "袜", "羊毛", "毛袜", "羊毛袜")


def test_long_sources() -> None:
    source = " ".join(map(str, range(100)))
    assert max(map(count, spans(source, 10_000))) == LONGEST_SPAN


def bytes_of(text: str) -> int:
    return len(text.encode())


@pytest.mark.parametrize("sign", ["x", "ß", "羊羊", "\U0001f9e6"])
def test_a_long_word_costs_only_itself(sign: str) -> None:
    long = f"shop.example/{sign * 200}"
    found = spans(f"see {long} for wool socks", 100)
    assert not any(long in span for span in found)
    assert {"see", "for wool socks"} <= set(found)


def test_a_span_is_as_long_as_a_server_takes() -> None:
    fits, longer = "é" * (MOST_BYTES // 2), "é" * (MOST_BYTES // 2) + "e"
    assert spans(f"{fits}\n{longer}", 9) == (fits,)


def test_runs_that_are_too_long_are_left_out_and_others_are_not() -> None:
    source = " ".join([*(f"{n}{'n' * 60}" for n in range(4)), "a", "b", "c", "d", "e"])
    found = spans(source, 100)
    assert "a b c d e" in found
    assert max(map(bytes_of, found)) <= MOST_BYTES
    assert any(count(span) == 3 and "n" in span for span in found)


def test_all_spans_together_are_no_more_than_a_server_takes() -> None:
    words = [f"{n}{'é' * 90}" for n in range(400)]
    found = spans(" ".join(words), 5_000)
    assert found == tuple(words[: len(found)])
    assert MOST_BYTES_OF_ALL - MOST_BYTES < sum(map(bytes_of, found)) <= MOST_BYTES_OF_ALL


def test_of_a_length_all_are_named_or_none() -> None:
    words = [f"{n}{'e' * 90}" for n in range(300)]
    assert spans(" ".join(words), 5_000) == tuple(words)


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        (["red", "red hat", "blue"], ["red", "blue"]),
        (["red hat", "hat", "cap"], ["red hat", "cap"]),
        (["hat", "hats", "red hats"], ["hat", "red hats"]),
        (["red hat", "hat band"], ["red hat", "hat band"]),
        (["cap", "red", "cap"], ["cap", "red"]),
        (["羊毛", "毛袜", "羊毛袜", "毛"], ["羊毛", "毛袜"]),
        ([], []),
    ],
)
def test_spans_within_each_other_are_one(found: list[str], kept: list[str]) -> None:
    assert apart(iter(found)) == tuple(kept)


@given(st.lists(st.text(alphabet="ab 羊", min_size=1, max_size=5)))
def test_what_is_apart_stays_so(found: list[str]) -> None:
    kept = apart(found)
    assert apart(kept) == kept
    assert set(kept) <= set(found)
    assert kept[:1] == tuple(found[:1])


@given(st.text(alphabet="aB1 .,'\n-(羊%é\u0947", max_size=60), st.integers(0, 60))
def test_every_span_occurs_in_the_source(source: str, most: int) -> None:
    found = spans(source, most)
    assert len(found) == len(set(found)) <= most
    for span in found:
        assert span
        assert span in source
        assert "\n" not in span
        assert count(span) <= LONGEST_SPAN
        assert bytes_of(span) <= MOST_BYTES
        assert span == span.strip()


@pytest.mark.parametrize(
    "source",
    [
        "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(LARGE)),
        "羊" * LARGE,
        "a " * (LARGE // 2),
        "a\n" * (LARGE // 2),
        "(a) " * (LARGE // 4),
    ],
    ids=["ideographs", "one ideograph", "one letter", "lines", "brackets"],
)
def test_of_the_longest_sources_only_what_matters_is_read(source: str) -> None:
    assert grows_evenly(lambda size: spans(source[:size], 600))
    found = spans(source, 600)
    assert found[0] == next(word for word in (source[:1], source[1:2]) if word.isalnum())
    assert len(found) <= 600
