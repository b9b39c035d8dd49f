from __future__ import annotations

import pytest
from growth import LARGE, grows_evenly
from hypothesis import given
from hypothesis import strategies as st

from service.questions.spans import LONGEST_SPAN, spans
from service.questions.words import count


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


@given(st.text(alphabet="aB1 .,'\n-(羊%é\u0947", max_size=60), st.integers(0, 60))
def test_every_span_occurs_in_the_source(source: str, most: int) -> None:
    found = spans(source, most)
    assert len(found) == len(set(found)) <= most
    for span in found:
        assert span
        assert span in source
        assert "\n" not in span
        assert count(span) <= LONGEST_SPAN
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
