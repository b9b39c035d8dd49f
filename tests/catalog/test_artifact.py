from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from bookcase import BookTokenizer, bare, books, readings, source, tools

from service.catalog.artifact import LoadedCatalogue, load
from service.catalog.artifact_categories import nearest
from service.catalog.build import build
from service.catalog.manifest import EncoderEntry
from service.domain import Item
from service.errors import UnknownCategory
from service.ports import Catalogue


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out")
    build(source(folder, books(), readings()), folder / "built", tools())
    return folder / "built"


@pytest.fixture(scope="module")
def catalogue(out: Path) -> LoadedCatalogue:
    return load(out)


def found(catalogue: LoadedCatalogue, text: str, limit: int = 1000) -> list[str]:
    return [catalogue.item(row).title for row in catalogue.search(text, limit).tolist()]


def test_it_is_a_catalogue(catalogue: LoadedCatalogue) -> None:
    as_port: Catalogue = catalogue
    assert as_port.size == 120


def test_the_current_one_and_the_named_one_are_the_same(
    out: Path, catalogue: LoadedCatalogue
) -> None:
    assert load(out / catalogue.version).version == catalogue.version
    assert load(out, verify=False).version == catalogue.version
    assert load(out, tokenizer=BookTokenizer()).version == catalogue.version


def test_what_is_mapped_cannot_be_written(catalogue: LoadedCatalogue) -> None:
    arrays = [
        catalogue.postings("Moss"),
        catalogue.popular_rows,
        catalogue.popularity,
        catalogue.embeddings,
        *catalogue.lexicon.arrays().values(),
    ]
    for array in arrays:
        assert type(array) is np.ndarray
        assert not array.flags.writeable


class TestUnknownCategory:
    def test_names_the_three_nearest(self, catalogue: LoadedCatalogue) -> None:
        with pytest.raises(UnknownCategory, match="no category 'Leters'") as refused:
            catalogue.postings("Leters")
        assert refused.value.hint.startswith('Did you mean "Letters", "')
        assert refused.value.hint.count('"') == 6

    @pytest.mark.parametrize("name", ["moss", "MOSS", " Moss"])
    def test_matches_exactly_but_suggests_whatever_the_case(
        self, catalogue: LoadedCatalogue, name: str
    ) -> None:
        with pytest.raises(UnknownCategory) as refused:
            catalogue.postings(name)
        assert refused.value.hint.startswith('Did you mean "Moss",')

    def test_has_nothing_to_suggest_where_there_are_none(self, tmp_path: Path) -> None:
        build(bare("One"), tmp_path, tools())
        with pytest.raises(UnknownCategory) as refused:
            load(tmp_path).postings("Any")
        assert refused.value.hint == "This catalogue has no categories."

    @pytest.mark.parametrize(
        ("names", "hint"),
        [(["One"], 'Did you mean "One"?'), (["One", "Two"], 'Did you mean "One" or "Two"?')],
    )
    def test_suggests_what_there_is(self, tmp_path: Path, names: list[str], hint: str) -> None:
        item = Item("1", "A book", tuple(names))
        build(source(tmp_path, [item]), tmp_path / "out", tools())
        with pytest.raises(UnknownCategory) as refused:
            load(tmp_path / "out").postings("Onee")
        assert refused.value.hint == hint

    @pytest.mark.parametrize("name", ["\U0001f600", ".*", "", "9999"])
    def test_suggests_nothing_that_is_nothing_like_it(
        self, catalogue: LoadedCatalogue, name: str
    ) -> None:
        with pytest.raises(UnknownCategory) as refused:
            catalogue.postings(name)
        assert refused.value.hint == "None is like it; GET /catalogue names them all."

    def test_of_any_length_is_answered_soon(self) -> None:
        names = [f"Category number {n}" for n in range(5000)]
        began = time.perf_counter()
        assert nearest("category NUMBER 4321", names)[0] == "Category number 4321"
        nearest("x" * 100_000, names)
        nearest("", names)
        assert time.perf_counter() - began < 5


class TestSearch:
    def test_is_blind_to_case(self, catalogue: LoadedCatalogue) -> None:
        titles = found(catalogue, "wHALES")
        assert titles
        assert sorted(titles) == sorted(b.title for b in books() if "Whales" in b.title)

    def test_finds_parts_of_words_in_any_order(self, catalogue: LoadedCatalogue) -> None:
        titles = found(catalogue, "train secr")
        assert set(titles) == {
            b.title for b in books() if "Train" in b.title and "Secret" in b.title
        }

    def test_puts_the_most_popular_first(self, catalogue: LoadedCatalogue) -> None:
        rows = catalogue.search("the", 1000)
        scores = catalogue.popularity[rows].tolist()
        assert scores == sorted(scores, reverse=True)
        assert catalogue.search("the", 3).tolist() == rows[:3].tolist()

    def test_of_nothing_is_the_most_popular(self, catalogue: LoadedCatalogue) -> None:
        assert catalogue.search(" \n", 5).tolist() == catalogue.popular_rows[:5].tolist()

    @pytest.mark.parametrize("text", ["zzz", "moss zzz", "x" * 100_000, "a" * 300, "\ud800zz"])
    def test_finds_nothing_where_there_is_nothing(
        self, catalogue: LoadedCatalogue, text: str
    ) -> None:
        assert found(catalogue, text) == []

    @pytest.mark.parametrize("text", [".*", "W.ales", "(", "[a-z]+", "\\", "Moss|Bread", "^All"])
    def test_takes_no_character_for_a_pattern(self, catalogue: LoadedCatalogue, text: str) -> None:
        assert found(catalogue, text) == []

    @pytest.mark.parametrize(
        ("text", "title"),
        [
            ("c++ (2nd", "C++ (2nd Edition) [paper]"),
            ("[paper]", "C++ (2nd Edition) [paper]"),
            ("ÉTÉ", "L'été à Nîmes"),
            ("nîm", "L'été à Nîmes"),
            ("ni\u0302mes", "L'été à Nîmes"),
            ("Q&amp;A", "Q&A"),
            ("كتاب", "كتاب الأغاني"),
            ("🙂", "Smile 🙂"),
        ],
    )
    def test_reads_words_as_titles_are_read(
        self, wild: LoadedCatalogue, text: str, title: str
    ) -> None:
        assert found(wild, text) == [title]

    @pytest.fixture(scope="class")
    @staticmethod
    def wild(tmp_path_factory: pytest.TempPathFactory) -> LoadedCatalogue:
        folder = tmp_path_factory.mktemp("wild")
        titles = ["C++ (2nd Edition) [paper]", "L'été à Nîmes", "Q&A", "كتاب الأغاني", "Smile 🙂"]
        build(bare(*titles), folder, tools())
        return load(folder)


def test_the_summary_says_what_there_is(catalogue: LoadedCatalogue) -> None:
    summary = catalogue.summary()
    assert summary.version == catalogue.version
    assert (summary.counts.items, summary.counts.users, summary.counts.events) == (120, 30, 480)
    assert sum(summary.categories.values()) == sum(len(book.categories) for book in books())
    assert summary.categories["Moss"] == len(catalogue.postings("Moss"))
    assert summary.tokenizer.sha256 == BookTokenizer().sha256
    assert summary.encoder == EncoderEntry("hashes", 16)
    assert datetime.fromisoformat(summary.built_at) <= datetime.now(UTC)
