"""What is written freely: nothing doubtful is held against it, and titles are made meanwhile."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toyshop import SpellingEngine, ToyCatalogue, noted, recommender

from service.domain import AmissKind, Controls, FreeList, Intent, Item, Op, RecommendRequest, Share
from service.errors import ConflictingControls, EngineFailed
from service.pipeline.freehand import freehand
from service.pipeline.listing import finished_in, lines_of
from service.pipeline.parts import Recommender
from service.ports import Page, Written
from service.prompts.recommend import VERSION
from service.steering.arrays import IntArray

CUT = "it was cut short"

ITEMS = [
    Item("m1", "Mug", ("Mugs",)),
    Item("m2", "Mug", ("Mugs", "Kids")),
    Item("m3", "Blue Mug", ("Mugs",)),
    Item("p", "iPhone 12", ("Phones",)),
    Item("q", "iPhone 12+", ("Phones",)),
    Item("l", "Lamp", ("Lamps",)),
]


class Author(SpellingEngine):
    """Writes what it is told to, as far as it is let."""

    model = "author"

    def __init__(self, text: str, stopped: str | None = None) -> None:
        super().__init__()
        self.text = text
        self.stopped = stopped

    async def write(self, page: Page) -> Written:
        self.pages.append(page)
        return Written(self.text, tokens=9, passes=9, stopped=self.stopped)


def wrote(text: str, stopped: str | None = None, **asked: object) -> FreeList:
    parts = recommender(items=ITEMS, engine=Author(text, stopped))
    return asyncio.run(freehand(parts, RecommendRequest(**{"k": 3, **asked}), "r1"))


def ids(made: FreeList) -> list[str | None]:
    return [None if line.item is None else line.item.id for line in made.lines]


def test_a_title_that_only_reads_like_one_of_the_history_is_not_in_it() -> None:
    made = wrote("1. iPhone 12", k=1, history=("q",))
    assert (ids(made), made.violations) == (["p"], {})


@pytest.mark.parametrize("met", ["m1", "m2"])
def test_of_a_shared_title_the_one_that_was_not_met_is_meant(met: str) -> None:
    made = wrote("1. Mug", k=1, history=(met,))
    assert ids(made) == [{"m1": "m2", "m2": "m1"}[met]]
    assert not made.violations


def test_of_a_shared_title_the_one_that_may_be_listed_is_meant() -> None:
    for controls in (Controls(exclude=("Kids",)), Controls(include=("Kids", "Lamps"))):
        made = wrote("1. Mug", k=1, intent=Intent(controls=controls))
        assert ids(made) == ["m1" if controls.exclude else "m2"]
        assert not made.violations


def test_where_neither_may_be_listed_it_is_told() -> None:
    made = wrote("1. Mug", k=1, history=("m1", "m2"))
    assert made.violations == {"in_history": 1}


def test_the_line_that_was_cut_is_not_judged_nor_are_those_that_lack() -> None:
    made = wrote("1. Blue Mug\n2. Lamp\n3. Blue Mu", CUT, k=5)
    assert (ids(made), made.violations, made.stopped) == (["m3", "l"], {}, CUT)
    assert made.text.endswith("Blue Mu")


def test_the_same_text_where_the_model_ended_it_is_judged_whole() -> None:
    made = wrote("1. Blue Mug\n2. Lamp\n3. Blue Mu", k=5)
    assert made.violations == {"count": 1, "nonexistent": 1}
    assert made.stopped is None


def test_what_was_ended_before_the_cut_is_held_against_it() -> None:
    made = wrote("1. Blue Mug\n2. Blue Mug\n3. Nothing\n4. Lamp\n", CUT, k=3)
    assert made.violations == {"count": 1, "nonexistent": 1, "repeat": 1}
    assert [one.kind for one in made.lines[3].amiss] == [AmissKind.SURPLUS]


@pytest.mark.parametrize(
    ("share", "broken"),
    [
        (Share("Phones", Op.AT_LEAST, 0.5), 0),
        (Share("Phones", Op.AT_LEAST, 0.75), 1),
        (Share("Mugs", Op.AT_MOST, 0.0), 1),
        (Share("Mugs", Op.ABOUT, 0.5), 0),
        (Share("Mugs", Op.ABOUT, 0.0), 1),
    ],
    ids=str,
)
def test_a_share_is_broken_where_no_line_that_lacks_could_mend_it(
    share: Share, broken: int
) -> None:
    controls = Controls(shares=(share,))
    items = [*ITEMS, Item("r", "Radio", ("Phones",))]
    parts = recommender(items=items, engine=Author("1. Blue Mug\n2. Lamp\n3. iPho", CUT))
    request = RecommendRequest(k=4, intent=Intent(controls=controls))
    made = asyncio.run(freehand(parts, request, "r1"))
    assert made.violations == ({"control": 1} if broken else {})


@pytest.mark.parametrize(
    ("text", "k", "lines"),
    [
        ("1. A\n2", 3, ["A"]),
        ("1. A\n2. B", 3, ["A"]),
        ("1. A\n2. B\n", 3, ["A", "B"]),
        ("1. A\r\n2. B\r\n", 3, ["A", "B"]),
        ("- A\n- B\n- C", 3, ["A", "B"]),
        ("Here:\n\n1. A\n2. B\n3", 3, ["A", "B"]),
        ("1. A", 1, []),
        ("A\n  ", 1, ["A"]),
        ("", 2, []),
    ],
)
def test_the_lines_that_were_ended(text: str, k: int, lines: list[str]) -> None:
    assert [line.text for line in finished_in(text, k)] == lines


@given(st.lists(st.sampled_from(["Mug", "Lamp", "12 Angry Men"]), min_size=2), st.text())
def test_a_cut_takes_nothing_from_the_lines_before(titles: list[str], cut: str) -> None:
    whole = "".join(f"{n}. {title}\n" for n, title in enumerate(titles, 1))
    before = lines_of(whole, len(titles))
    rest = "".join(cut.split())
    assert [line.text for line in finished_in(whole + rest, len(titles))][: len(titles)] == before
    assert len(finished_in(whole + rest, len(titles))) == len(titles)


class ReadCatalogue(ToyCatalogue):
    """Tells when its titles are read, and lets nobody have them before it is told to."""

    def __init__(self) -> None:
        super().__init__(ITEMS)
        self.begun, self.let = threading.Event(), threading.Event()
        self.let.set()

    def titles(self, rows: IntArray) -> list[str]:
        self.begun.set()
        assert self.let.wait(10)
        return super().titles(rows)


class Patient(Author):
    """Writes when the titles are being read, and not before."""

    def __init__(self, catalogue: ReadCatalogue, error: Exception | None = None) -> None:
        super().__init__("1. Lamp")
        self.catalogue = catalogue
        self.error = error

    async def write(self, page: Page) -> Written:
        assert await asyncio.to_thread(self.catalogue.begun.wait, 10)
        if self.error is not None:
            raise self.error
        return await super().write(page)


def reading(catalogue: ReadCatalogue, engine: Author) -> Recommender:
    return replace(recommender(items=ITEMS, engine=engine), catalogue=catalogue)


async def test_titles_are_made_ready_while_the_model_writes() -> None:
    catalogue = ReadCatalogue()
    parts = reading(catalogue, Patient(catalogue))
    made = await freehand(parts, RecommendRequest(k=1), "r1")
    assert ids(made) == ["l"]
    assert noted(parts).models == ["author"]


async def test_where_the_writing_fails_titles_are_left_to_the_next() -> None:
    catalogue = ReadCatalogue()
    catalogue.let.clear()
    parts = reading(catalogue, Patient(catalogue, EngineFailed("no")))
    with pytest.raises(EngineFailed):
        await freehand(parts, RecommendRequest(k=1), "r1")
    catalogue.let.set()
    again = replace(parts, engine=Author("1. Lamp"))
    assert ids(await freehand(again, RecommendRequest(k=1), "r2")) == ["l"]


async def test_more_than_there_is_needs_no_control_to_go() -> None:
    parts = recommender(items=ITEMS, engine=Author(""))
    with pytest.raises(ConflictingControls) as raised:
        await freehand(parts, RecommendRequest(k=len(ITEMS) + 1), "r1")
    assert raised.value.hint == "Lower k: no control has to be relaxed for that."


class Numbering(Author):
    labels = 12


async def test_who_chooses_by_numbers_is_asked_for_titles() -> None:
    engine = Numbering("1. Lamp")
    parts = recommender(items=ITEMS, engine=engine)
    made = await freehand(parts, RecommendRequest(k=1), "r1")
    (page,) = engine.pages
    assert made.prompt == page.prompt.version == VERSION
