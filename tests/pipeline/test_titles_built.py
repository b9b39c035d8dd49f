"""Titles of a catalogue as it is built and mapped: written by heart, they are found again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from bookcase import bare, books, readings, source, tools

from service.catalog.artifact import LoadedCatalogue, load
from service.catalog.build import build
from service.pipeline.titles import AT_ONCE, MOST_ALIKE, Titles

LONG = " ".join(f"word{n}" for n in range(200))


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> LoadedCatalogue:
    folder = tmp_path_factory.mktemp("titles")
    build(source(folder, books(), readings()), folder / "out", tools(similar=False))
    return load(folder / "out")


def built(folder: Path, *titles: str) -> LoadedCatalogue:
    build(bare(*titles), folder, tools(similar=False))
    return load(folder)


def test_titles_of_many_rows_are_those_of_each(catalogue: LoadedCatalogue) -> None:
    rows = catalogue.popular_rows
    each = rows.tolist()
    assert list(catalogue.titles(rows)) == [catalogue.item(row).title for row in each]
    assert list(catalogue.spellings(rows)) == [catalogue.spelling(row) for row in each]
    assert list(catalogue.titles(rows[:0])) == list(catalogue.spellings(rows[:0])) == []


def test_each_is_found_by_its_title_the_most_popular_first(catalogue: LoadedCatalogue) -> None:
    titles = Titles.of(catalogue)
    order = {row: place for place, row in enumerate(catalogue.popular_rows.tolist())}
    for row in range(catalogue.size):
        title = catalogue.item(row).title
        alike = [other for other in range(catalogue.size) if catalogue.item(other).title == title]
        assert titles.named([title.upper()]) == [min(alike, key=order.__getitem__)]
        assert sorted(titles.named([title] * len(alike))) == alike
    assert titles.named(["No such book", "Part 2", ""]) == [None, None, None]


def test_a_very_long_title_is_found_by_either_form(tmp_path: Path) -> None:
    catalogue = built(tmp_path, LONG, "Short", f"{LONG} again (2001)")
    titles = Titles.of(catalogue)
    for row in range(catalogue.size):
        assert titles.named([catalogue.item(row).title]) == [row]
        assert titles.named([catalogue.spelling(row)]) == [row]
    assert any(catalogue.spelling(row) != catalogue.item(row).title for row in range(3))
    assert catalogue.item(titles.named([f"{LONG} again"])[0] or 0).title.endswith("(2001)")


def test_a_catalogue_of_several_readings_is_read_whole(tmp_path: Path) -> None:
    others = AT_ONCE + 500
    names = [f"Item {n}" for n in range(others)] + ["Same Name"] * (MOST_ALIKE + 200)
    catalogue = built(tmp_path, *names)
    titles = Titles.of(catalogue)
    asked = [f"item {n}" for n in (0, 5, others - 1)]
    found = [catalogue.item(row).title.lower() for row in titles.named(asked) if row is not None]
    assert found == asked
    many = titles.named(["Same Name"] * (MOST_ALIKE + 1))
    assert len(set(many)) == MOST_ALIKE
    assert np.isin(many, catalogue.popular_rows).all()
