from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest
from bookcase import END, START, BookTokenizer
from hypothesis import given, settings
from hypothesis import strategies as st

from service.catalog.spelling import Spelled, spell_titles
from service.errors import BadCatalogue
from service.steering.arrays import IntArray

LIMIT = 40
TOKENIZER = BookTokenizer()
LONG = "The collected letters, diaries and household accounts of a lighthouse keeper; " * 20


def spell(titles: Sequence[str]) -> Spelled:
    return spell_titles(titles, TOKENIZER, LIMIT)


def spellings(*titles: str) -> list[str]:
    return list(spell(titles).spellings)


def lengths(spelled: Spelled) -> list[int]:
    counts: list[int] = np.diff(spelled.offsets).tolist()
    return counts


def assert_sound(titles: Sequence[str], spelled: Spelled) -> None:
    by_title = dict(zip(titles, spelled.spellings, strict=True))
    assert [by_title[title] for title in titles] == list(spelled.spellings)
    assert len(set(by_title.values())) == len(by_title)
    assert max(lengths(spelled)) <= LIMIT
    assert min(lengths(spelled)) >= 2
    assert not np.isin(spelled.tokens, list(TOKENIZER.specials.values())).any()
    for row, text in enumerate(spelled.spellings):
        tokens = spelled.tokens[spelled.offsets[row] : spelled.offsets[row + 1]]
        assert TOKENIZER.decode(tokens) == f" {text}\n"
        assert text == " ".join(text.split())


characters = st.characters(codec="utf-8")
titles_as_they_come = st.one_of(
    st.text(characters, min_size=1, max_size=30),
    st.text("ab …()2👍🏽\u200d🇩🇪\u0301\n", min_size=1, max_size=200),
    st.sampled_from([LONG, f"{LONG}2", f"{LONG} 3", LONG[:300], END, START, f"a{START}"]),
)


@given(st.lists(titles_as_they_come, min_size=1, max_size=12), st.randoms())
@settings(max_examples=150, deadline=None)
def test_any_titles_are_spelled_soundly_in_any_order(
    titles: list[str], shuffler: random.Random
) -> None:
    spelled = spell(titles)
    assert_sound(titles, spelled)
    by_title = dict(zip(titles, spelled.spellings, strict=True))
    shuffled = titles.copy()
    shuffler.shuffle(shuffled)
    assert spellings(*shuffled) == [by_title[title] for title in shuffled]


def test_what_fits_stays_as_it_is() -> None:
    titles = ["Toy Story", "Toy Story 2", "Toy Story", "漢字", "كتاب", "👩‍🚀", "“a” & <b>"]
    spelled = spell(titles)
    assert list(spelled.spellings) == titles
    assert spelled.renamed == 0


def test_what_does_not_fit_is_cut_between_words() -> None:
    assert len(TOKENIZER.spell([LONG])[0]) > 300
    (text,) = spellings(LONG)
    kept = text.removesuffix("…")
    assert LONG.startswith(f"{kept} ")
    assert len(kept) > 20


def test_thousands_that_begin_alike_are_numbered() -> None:
    titles = [f"{LONG} volume {n}" for n in range(1500)]
    spelled = spell(titles)
    assert_sound(titles, spelled)
    assert spelled.renamed == 1500
    (base,) = {text.partition(" (")[0] for text in spelled.spellings}
    numbers = {text.removeprefix(base) for text in spelled.spellings}
    assert numbers == {"", *(f" ({n})" for n in range(2, 1501))}


def test_a_number_that_a_title_has_already_is_passed_over() -> None:
    (short,) = spellings(LONG)
    given_names = [f"{LONG}1", f"{LONG}2", f"{LONG}3", short, f"{short} (3)"]
    assert spellings(*given_names) == [
        f"{short} (2)",
        f"{short} (4)",
        f"{short} (5)",
        short,
        f"{short} (3)",
    ]


def test_items_with_one_long_title_share_its_spelling() -> None:
    first, second, other = spellings(LONG, LONG, f"{LONG}!")
    assert first == second != other


@pytest.mark.parametrize(
    "unit",
    [
        "漢",
        "👍🏽",
        "🇩🇪",
        "👩\u200d🚀",
        "\u1eb9\u0304",
        "كتاب ",
        "\u0928\u093f",
        "🏴\U000e0067\U000e0062\U000e007f",
    ],
    ids=["cjk", "skin", "flag", "joined", "marks", "rtl", "vowel sign", "region"],
)
def test_what_is_seen_as_one_is_not_cut_apart(unit: str) -> None:
    (text,) = spellings(unit * 200)
    kept = text.removesuffix("…")
    assert kept
    assert kept.replace(unit.strip(), "").strip() == ""


def test_one_endless_character_is_cut_all_the_same() -> None:
    (text,) = spellings("a" + "\u0335" * 500)
    assert text.startswith("a\u0335")


@pytest.mark.parametrize("special", [END, START])
def test_special_tokens_are_not_spelled(special: str) -> None:
    titles = [f"a{special}b", special, f"{LONG}{special}"]
    spelled = spell(titles)
    assert_sound(titles, spelled)
    assert not any(special in text for text in spelled.spellings)


def test_a_special_token_of_one_character_leaves_an_ellipsis() -> None:
    tokenizer = BookTokenizer()
    tokenizer.specials = {**tokenizer.specials, "§": 1}
    spelled = spell_titles(["§", "§§", "a§b"], tokenizer, LIMIT)
    assert list(spelled.spellings) == ["…", "… (2)", "ab"]


def test_line_breaks_are_folded() -> None:
    assert spellings("one\ntwo\r\nthree\u2028four\x85five") == ["one two three four five"]


def test_a_tokenizer_that_reads_special_tokens_is_refused() -> None:
    class Gullible(BookTokenizer):
        def spell(self, titles: Sequence[str]) -> tuple[IntArray, IntArray]:
            tokens, offsets = super().spell(titles)
            return np.where(tokens == tokens[0], self.specials[START], tokens), offsets

    with pytest.raises(BadCatalogue, match=r"special token '<\|im_start\|>'"):
        spell_titles(["One"], Gullible(), LIMIT)


def test_progress_counts_titles() -> None:
    heard: list[int] = []
    spell_titles([f"Title {n}" for n in range(20_000)], TOKENIZER, LIMIT, heard.append)
    assert heard == sorted(heard)
    assert len(heard) > 1
    assert heard[-1] == 20_000
