"""Titles that read alike: the one that is written is meant, and who is doubtful is believed."""

from __future__ import annotations

from itertools import permutations

import pytest
from toyshop import ToyCatalogue

from service.domain import Item
from service.pipeline.titles import AT_ONCE, REST, Naming, Titles

ALIKE = [
    ("C", "C#", "C++"),
    ("iPhone 12", "iPhone 12+"),
    ("かき", "がき"),
    ("Mug", "MUG", "mug"),
    ("Résumé", "Resume"),
]


def found(titles: Titles, line: str) -> str | None:
    (row,) = titles.named([line])
    return None if row is None else titles.catalogue.item(row).title


@pytest.mark.parametrize("alike", ALIKE, ids=str)
def test_each_is_found_by_itself_whichever_is_popular(alike: tuple[str, ...]) -> None:
    for order in permutations(alike):
        titles = Titles.of(ToyCatalogue([Item(title, title) for title in order]))
        assert [found(titles, title) for title in alike] == list(alike)
        assert [found(titles, f"  {title} - fine") for title in alike] == list(alike)


@pytest.mark.parametrize("order", list(permutations(["C", "C#", "Other"])), ids=str)
def test_what_differs_by_case_alone_is_nearer_than_what_differs_by_signs(
    order: tuple[str, ...],
) -> None:
    titles = Titles.of(ToyCatalogue([Item(title, title) for title in order]))
    assert [found(titles, line) for line in ("c", "c#", "OTHER!")] == ["C", "C#", "Other"]


def test_one_that_only_reads_alike_is_meant_where_none_is_written_so() -> None:
    titles = Titles.of(ToyCatalogue([Item("a", "C#"), Item("b", "Other")]))
    assert found(titles, "C") == "C#"


def test_one_that_reads_alike_is_not_taken_for_a_repeat() -> None:
    titles = Titles.of(ToyCatalogue([Item("a", "C"), Item("b", "C#")]))
    one, other = titles.named(["C", "C"])
    assert one == other


@pytest.mark.parametrize(
    "order", list(permutations(["Phone 12 (64 GB)", "Phone 12+ (64 GB)"])), ids=str
)
def test_without_the_last_parenthesis_the_one_that_is_written_is_meant(
    order: tuple[str, ...],
) -> None:
    titles = Titles.of(ToyCatalogue([Item(title, title) for title in order]))
    assert found(titles, "Phone 12") == "Phone 12 (64 GB)"
    assert found(titles, "phone 12+") == "Phone 12+ (64 GB)"
    assert found(titles, "Phone 12!") is None


def test_a_title_composed_otherwise_is_the_same() -> None:
    titles = Titles.of(
        ToyCatalogue([Item("a", "Cafe\N{COMBINING ACUTE ACCENT}"), Item("b", "Cafe")])
    )
    (row,) = titles.named(["Caf\N{LATIN SMALL LETTER E WITH ACUTE}"])
    assert row is not None
    assert titles.catalogue.item(row).id == "a"


class Later(ToyCatalogue):
    version = "later"


async def test_each_catalogue_has_its_own_titles() -> None:
    naming = Naming()
    first, later = ToyCatalogue([Item("a", "Old")]), Later([Item("b", "New")])
    assert found(await naming.titles(first), "Old") == "Old"
    assert found(await naming.titles(later), "New") == "New"
    assert found(await naming.titles(first), "New") is None


async def test_beside_an_event_loop_it_rests_after_each_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rests: list[float] = []
    monkeypatch.setattr("service.pipeline.titles.sleep", rests.append)
    catalogue = ToyCatalogue([Item(str(n), f"Item {n}") for n in range(2 * AT_ONCE + 1)])
    await Naming().titles(catalogue)
    assert rests == [REST] * 3
