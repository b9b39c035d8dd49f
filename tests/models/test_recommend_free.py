from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from toyshop import SpellingEngine, ToyCatalogue, toy_items

from models.evaluate.recommend.free import Titles, lines_of, plain, written
from service.domain import Item, RecommendRequest
from service.errors import PromptTooLong
from service.ports import Page, Written


def test_numbered_lines_are_the_list() -> None:
    text = "Sure! Here they are:\n\n1. Red Mug\n2) *Blue Lamp*\n 3: “Grey Sock”\nEnjoy!"
    assert lines_of(text) == ["Red Mug", "Blue Lamp", "Grey Sock"]


def test_without_numbers_every_line_counts() -> None:
    assert lines_of("- Red Mug\n\n• Blue Lamp\nGrey Sock") == ["Red Mug", "Blue Lamp", "Grey Sock"]
    assert lines_of(" \n\n") == []


def test_titles_that_begin_with_a_number_are_left_whole() -> None:
    assert lines_of("1. 12 Angry Men\n2. 2001: A Space Odyssey") == [
        "12 Angry Men",
        "2001: A Space Odyssey",
    ]


def test_what_a_line_names() -> None:
    catalogue = ToyCatalogue([Item("a", "Amélie (2001)"), Item("b", "Red Mug"), Item("c", "Up")])
    titles = Titles.of(catalogue)
    named = titles.named(["amelie 2001", "RED  MUG!", "Blue Mug", "", "Red Mug"])
    ids = [None if row is None else catalogue.item(row).id for row in named]
    assert ids == ["a", "b", None, None, "b"]


def test_items_that_share_a_title_are_named_one_after_another() -> None:
    catalogue = ToyCatalogue([Item("a", "Twin"), Item("b", "Twin"), Item("c", "Other")])
    popular = [row for row in catalogue.popular_rows.tolist() if catalogue.item(row).id != "c"]
    assert Titles.of(catalogue).named(["Twin", "Twin", "Twin"]) == [*popular, popular[0]]


@given(st.text())
def test_any_text_has_lines_that_can_be_looked_up(text: str) -> None:
    titles = Titles.of(ToyCatalogue(toy_items()))
    assert len(titles.named(lines_of(text))) == len(lines_of(text))


@given(st.lists(st.sampled_from([item.title for item in toy_items()]), max_size=12))
def test_a_list_as_the_prompt_wants_it_is_read_as_it_is(chosen: list[str]) -> None:
    catalogue = ToyCatalogue(toy_items())
    text = "\n".join(f"{n}. {title}" for n, title in enumerate(chosen, start=1))
    named = Titles.of(catalogue).named(lines_of(text))
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
