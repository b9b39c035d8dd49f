from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from toyshop import SpellingEngine, ToyCatalogue, toy_items

from models.evaluate.recommend.free import unread_in, written
from service.domain import Item, RecommendRequest
from service.errors import PromptTooLong
from service.pipeline.listing import lines_of
from service.pipeline.titles import Titles, plain
from service.ports import Page, Written


def test_numbered_lines_are_the_list() -> None:
    text = "Sure! Here they are:\n\n1. Red Mug\n2) *Blue Lamp*\n 3: “Grey Sock”\nEnjoy!"
    assert lines_of(text, 3) == ["Red Mug", "Blue Lamp", "Grey Sock"]


def test_without_numbers_every_line_counts() -> None:
    text = "- Red Mug\n\n• Blue Lamp\nGrey Sock"
    assert lines_of(text, 3) == ["Red Mug", "Blue Lamp", "Grey Sock"]
    assert lines_of(" \n\n", 3) == lines_of("", 1) == []


def test_titles_that_begin_with_a_number_are_left_whole() -> None:
    titles = ["12 Angry Men", "300: Rise of an Empire (2014)", "3:10 to Yuma", "1.5 Million"]
    assert lines_of("\n".join(titles), 4) == titles
    assert lines_of("\n".join(f"{n}. {one}" for n, one in enumerate(titles, 1)), 4) == titles
    for title in titles:
        assert lines_of(title, 1) == lines_of(f"1. {title}", 1) == [title]


def test_numbers_rise_from_one() -> None:
    assert lines_of("1. Red Mug\n2. Blue Lamp\n1. Grey Sock", 3) == ["Red Mug", "Blue Lamp"]
    assert lines_of("300: Rise\n1. Red Mug\n2. Blue Lamp", 3) == ["Red Mug", "Blue Lamp"]
    assert lines_of("2. Red Mug\n3. Blue Lamp", 2) == ["2. Red Mug", "3. Blue Lamp"]
    assert lines_of("1. Red Mug\nBlue Lamp", 2) == ["1. Red Mug", "Blue Lamp"]
    assert lines_of("Here:\n1. Red Mug\nEnjoy", 1) == ["Red Mug"]


def test_what_a_line_names() -> None:
    catalogue = ToyCatalogue([Item("a", "Amélie (2001)"), Item("b", "Red Mug"), Item("c", "Up")])
    titles = Titles.of(catalogue)
    named = titles.named(["amelie 2001", "RED  MUG!", "Blue Mug", "", "Red Mug"])
    ids = [None if row is None else catalogue.item(row).id for row in named]
    assert ids == ["a", "b", None, None, "b"]


def names(items: list[Item], *lines: str) -> list[str | None]:
    catalogue = ToyCatalogue(items)
    rows = Titles.of(catalogue).named(lines)
    return [None if row is None else catalogue.item(row).id for row in rows]


def test_the_last_parenthesis_may_lack_where_one_title_alone_is_meant() -> None:
    heat, saw = Item("a", "Heat (1995)"), Item("b", "Saw (2004)")
    remake = Item("c", "Saw (2010)")
    assert names([heat, saw, remake], "Heat", "Saw", "saw 2010") == ["a", None, "c"]
    assert names([heat, Item("d", "Heat")], "Heat") == ["d"]
    assert names([heat], "Heat (1996)", "Heat 2", "") == [None, None, None]
    assert names([Item("e", "(1995)")], "") == [None]
    assert names([Item("f", "Alien (Director's Cut) (1979)")], "Alien (Director's Cut)") == ["f"]


def test_a_comment_after_a_dash_is_cut_off() -> None:
    items = [Item("a", "Heat (1995)"), Item("b", "Star - Part One"), Item("c", "Spider-Man (2002)")]
    assert names(items, "Heat (1995) - a tense film", "**Heat** \u2013 tense") == ["a", "a"]
    assert names(items, "Star - Part One", "Star - Part One - a saga - really") == ["b", "b"]
    assert names(items, "Spider-Man - swings", "Spider-Boy - swings") == ["c", None]


def test_items_that_share_a_title_are_named_one_after_another() -> None:
    catalogue = ToyCatalogue([Item("a", "Twin"), Item("b", "Twin"), Item("c", "Other")])
    popular = [row for row in catalogue.popular_rows.tolist() if catalogue.item(row).id != "c"]
    assert Titles.of(catalogue).named(["Twin", "Twin", "Twin"]) == [*popular, popular[0]]


def test_of_items_that_share_a_title_some_come_first_and_some_last() -> None:
    catalogue = ToyCatalogue([Item("a", "Twin"), Item("b", "Twin"), Item("c", "Twin")])
    titles, (one, two, three) = Titles.of(catalogue), catalogue.popular_rows.tolist()
    assert titles.named(["Twin"] * 3, first=three) == [three, one, two]
    assert titles.named(["Twin"] * 3, last={one}) == [two, three, one]
    assert titles.named(["Twin"] * 3, first=two, last={one, two}) == [three, two, one]


def test_what_stands_among_and_after_numbered_lines_is_not_read() -> None:
    text = "Here:\n1. A\nindeed\n2. B\n\n1. again\nBye"
    assert [line.text for line in unread_in(text, 2)] == ["indeed", "1. again", "Bye"]
    assert unread_in("A\nB\nC", 2) == unread_in("", 1) == []


@given(st.text())
def test_any_text_has_lines_that_can_be_looked_up(text: str) -> None:
    titles = Titles.of(ToyCatalogue(toy_items()))
    assert len(titles.named(lines_of(text, 3))) == len(lines_of(text, 3))


@given(st.lists(st.sampled_from([item.title for item in toy_items()]), max_size=12))
def test_a_list_as_the_prompt_wants_it_is_read_as_it_is(chosen: list[str]) -> None:
    catalogue = ToyCatalogue(toy_items())
    text = "\n".join(f"{n}. {title}" for n, title in enumerate(chosen, start=1))
    named = Titles.of(catalogue).named(lines_of(text, len(chosen)))
    assert [catalogue.item(row).title for row in named if row is not None] == chosen


def test_signs_alone_are_still_compared() -> None:
    assert plain("!!!") != plain("???")


class Narrow(SpellingEngine):
    """Reads few characters."""

    async def write(self, page: Page) -> Written:
        if len(page.prompt.user) > 120:
            raise PromptTooLong("too long")
        return await super().write(page)


async def test_of_a_prompt_that_is_too_long_less_history_is_shown() -> None:
    engine, catalogue = Narrow(), ToyCatalogue(toy_items())
    request = RecommendRequest(k=3, history=tuple(item.id for item in toy_items()[:20]))
    assert (await written(catalogue, engine, request, 5)).text
    assert "History" in engine.pages[0].prompt.user
