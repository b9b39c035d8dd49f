"""What a model writes that nothing holds: read as it stands, judged, and not mended."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from toyshop import DeadEngine, SpellingEngine, ToyCatalogue, ToyStore, noted, recommender

from service.catalog.clean import clean_title
from service.domain import (
    AmissKind,
    Controls,
    FreeList,
    Intent,
    Item,
    Op,
    RecommendRequest,
    Sampling,
    Share,
    Variant,
)
from service.errors import (
    ConflictingControls,
    EngineFailed,
    EngineTimeout,
    NoModel,
    StoreUnavailable,
    UnknownCategory,
    UnknownVariant,
)
from service.pipeline.freehand import LINE_TOKENS, freehand
from service.pipeline.listing import overfull
from service.pipeline.parts import Recommender
from service.pipeline.titles import Naming, Titles
from service.pipeline.validate import judge
from service.ports import Catalogue, Page, Written
from service.prompts.recommend import recommend_prompt
from service.steering.arrays import IntArray

ITEMS = [
    Item("a", "Red Mug", ("Mugs", "Red")),
    Item("b", "Blue Mug", ("Mugs", "Blue")),
    Item("c", "Red Lamp (2001)", ("Lamps", "Red")),
    Item("d", "Blue Lamp", ("Lamps", "Blue")),
    Item("e", "Grey Sock", ("Socks",)),
    Item("f", "Grey Drum", ("Drums",)),
    Item("g", "White Lamp", ("Lamps",)),
    Item("h", "Grey Lamp", ("Lamps",)),
]


class Author(SpellingEngine):
    """Writes what it is told to."""

    model = "author"

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    async def write(self, page: Page) -> Written:
        self.pages.append(page)
        await asyncio.sleep(0)
        return Written(self.text, tokens=9, passes=9)


def wrote(text: str, parts: Recommender | None = None, **asked: object) -> FreeList:
    parts = parts or recommender(items=ITEMS, engine=Author(text))
    return asyncio.run(freehand(parts, RecommendRequest(**{"k": 3, **asked}), "r1"))


def kinds(made: FreeList) -> list[list[AmissKind]]:
    return [[one.kind for one in line.amiss] for line in made.lines]


def test_a_list_without_fault_has_none() -> None:
    made = wrote("1. Red Mug\n2. blue mug\n3. Red Lamp")
    assert [line.item and line.item.id for line in made.lines] == ["a", "b", "c"]
    assert [line.text for line in made.lines] == ["Red Mug", "blue mug", "Red Lamp"]
    assert kinds(made) == [[], [], []]
    assert not made.violations
    assert (made.model, made.prompt) == ("author", recommend_prompt([], Intent(), 3).version)
    assert made.timings.keys() == {"history", "plan", "write", "read", "validate", "total"}


def test_each_fault_is_told_where_it_is() -> None:
    controls = Controls(("Mugs", "Lamps"), ("Blue",), (Share("Lamps", Op.AT_LEAST, 0.5),))
    asked = {"k": 3, "history": ("c", "zz"), "intent": Intent(controls=controls)}
    made = wrote("1. Red Mug\n2. Green Mug\n3. red mug\n", **asked)
    assert kinds(made) == [[], [AmissKind.NONEXISTENT], [AmissKind.REPEAT]]
    assert made.violations == {"nonexistent": 1, "repeat": 1, "control": 1}
    assert [outcome.holds for outcome in made.controls] == [True, True, False]
    other = wrote("1. Grey Sock\n2. Blue Lamp\n3. Red Lamp (2001)\n", **asked)
    assert kinds(other) == [[AmissKind.INCLUDE], [AmissKind.EXCLUDE], [AmissKind.IN_HISTORY]]
    assert other.violations == {"in_history": 1, "control": 2}
    assert [outcome.holds for outcome in other.controls] == [False, False, True]
    assert [line.amiss[0].message for line in (*made.lines[1:], *other.lines)] == [
        "the catalogue has no such item",
        "it stands in the list already",
        "it is not in Mugs or Lamps, as was asked",
        "it is in Blue, which is excluded",
        "it is in the history",
    ]


def test_what_comes_after_the_last_line_is_too_much_and_nothing_else() -> None:
    controls = Controls(exclude=("Blue",))
    made = wrote("1. Red Mug\n2. Red Mug\n", k=1, intent=Intent(controls=controls))
    assert kinds(made) == [[], [AmissKind.SURPLUS]]
    assert made.lines[1].amiss[0].message == "only 1 were asked for"
    assert (made.violations, made.controls[0].holds) == ({"count": 1}, True)


NAMES = [item.title for item in ITEMS] + ["Nothing", "Red", "grey  SOCK!"]


@given(
    lines=st.lists(st.sampled_from(NAMES), max_size=7),
    k=st.integers(1, 4),
    history=st.lists(st.sampled_from("abz"), max_size=2, unique=True),
)
def test_the_faults_are_those_that_the_validator_counts(
    lines: list[str], k: int, history: list[str]
) -> None:
    controls = Controls(exclude=("Red",), shares=(Share("Mugs", Op.AT_MOST, 0.5),))
    parts = recommender(items=ITEMS, engine=Author("\n".join(f"- {line}" for line in lines)))
    request = RecommendRequest(k=k, history=tuple(history), intent=Intent(controls=controls))
    try:
        made = asyncio.run(freehand(parts, request, "r1"))
    except ConflictingControls:
        return
    verdict = judge([line.item for line in made.lines[:k]], k, frozenset(history), controls)
    once = {"count": 1} if len(made.lines) != k else {}
    assert made.violations == verdict.violations | once
    assert made.controls == verdict.controls
    told = Counter(kind for line in kinds(made) for kind in line)
    assert told[AmissKind.NONEXISTENT] == verdict.violations.get("nonexistent", 0)
    assert told[AmissKind.REPEAT] == verdict.repeats
    assert told[AmissKind.IN_HISTORY] == verdict.in_history
    assert told[AmissKind.EXCLUDE] == verdict.controls[0].got
    assert told[AmissKind.SURPLUS] == max(0, len(made.lines) - k)


def test_it_is_the_prompt_that_titles_are_spelled_by() -> None:
    engine = Author("1. Red Mug")
    store = ToyStore({"ann": ("a", "gone", "b")})
    parts = recommender(items=ITEMS, engine=engine, store=store)
    parts = replace(parts, variant=Variant(role="You sell mugs."))
    intent = Intent(text="something warm", controls=Controls(exclude=("Drums",)))
    wrote("", parts, user_id="ann", intent=intent, sampling=Sampling(0.7, 5))
    (page,) = engine.pages
    titles = ["Red Mug", "Blue Mug"]
    assert page.prompt == recommend_prompt(titles, intent, 3, "You sell mugs.")
    assert page.tokens == 3 * LINE_TOKENS
    assert page.sampling == Sampling(0.7, 5)
    assert noted(parts).models == ["author"]


def test_a_variant_writes_where_it_is_named() -> None:
    plain, bold = Author("1. Red Mug"), Author("1. Blue Mug")
    parts = recommender(items=ITEMS, engine=plain)
    parts = replace(parts, others={"bold": replace(parts, engine=bold, variant=Variant("bold"))})
    assert wrote("", parts, variant="bold").text == "1. Blue Mug"
    with pytest.raises(UnknownVariant):
        wrote("", parts, variant="none")


def test_what_no_list_can_obey_is_no_task() -> None:
    engine = Author("1. Red Mug")
    parts = recommender(items=ITEMS, engine=engine)
    controls = Controls(include=("Socks",))
    with pytest.raises(ConflictingControls) as raised:
        wrote("", parts, intent=Intent(controls=controls))
    assert "relax" not in raised.value.hint
    with pytest.raises(UnknownCategory):
        wrote("", parts, intent=Intent(controls=Controls(exclude=("Hats",))))
    assert not engine.pages


def test_where_no_model_is_there_it_says_so() -> None:
    with pytest.raises(NoModel) as raised:
        wrote("", recommender(items=ITEMS))
    assert "no model" in raised.value.hint


def test_what_fails_is_not_mended() -> None:
    with pytest.raises(EngineFailed):
        wrote("", recommender(items=ITEMS, engine=DeadEngine()))
    broken = recommender(items=ITEMS, engine=Author(""), store=ToyStore(broken=True))
    with pytest.raises(StoreUnavailable):
        wrote("", broken, user_id="ann")


def test_a_text_without_lines_is_a_list_without_lines() -> None:
    made = wrote(" \n\n")
    assert made.lines == ()
    assert made.violations == {"count": 1}


@pytest.mark.parametrize(
    ("text", "k", "lines"),
    [
        ("<<\nRed Mug\nBlue Mug\n>>", 2, 2),
        ("1. Red Mug\n2. Blue Mug\n3. <<", 2, 2),
        ("<< \n- Red Mug\n- Blue Mug\n- Grey Sock\n>>", 2, 3),
        (">>", 2, 0),
        ("<<Red Mug>>\nBlue Mug", 2, 2),
    ],
)
def test_fences_of_the_prompt_are_no_lines(text: str, k: int, lines: int) -> None:
    assert len(wrote(text, k=k).lines) == lines


def test_it_ends_when_there_is_a_line_too_many() -> None:
    engine = Author("1. Red Mug")
    wrote("", recommender(items=ITEMS, engine=engine), k=4)
    (page,) = engine.pages
    assert not page.enough("1. Red Mug\n2. Blue Mug\n3. Grey Sock\n4. Grey Drum\n5. Grey La")
    assert page.enough("1. Red Mug\n2. Blue Mug\n3. Grey Sock\n4. Grey Drum\n5. Grey Lamp\n")
    assert page.patient


def test_what_it_was_ended_in_is_not_judged() -> None:
    made = wrote("1. Red Mug\n2. Blue Mug\n3. Grey Sock\n4. Grey Drum\n5. Gr", k=3)
    assert made.violations == {"count": 1}
    assert [line.text for line in made.lines][3:] == ["Grey Drum"]


@pytest.mark.parametrize(
    ("text", "k", "over"),
    [
        ("", 1, False),
        ("1. A\n2. B\n", 2, False),
        ("1. A\n2. B\n3. C", 2, False),
        ("1. A\n2. B\n3. C\n", 2, True),
        ("1. A\n\n2. B\n\n3. C\n\n", 3, False),
        ("Sure!\nHere is one:\n", 1, False),
        ("Sure!\nHere is one:\n1. A\n", 1, False),
        ("- A\n- B\n- C\n- D\n", 4, False),
        ("- A\n- B\n- C\n- D\n- E\n", 4, True),
        ("<<\nA\nB\nC\nD\n>>\n", 4, False),
        ("1. A\nB\nC\nD\nE\n", 4, False),
        ("1. A\n" + "B\n" * 17, 4, False),
        ("1. A\n" + "B\n" * 18, 4, True),
        ("A\nB\nC\nD\n1. E\n", 3, False),
        ("A\n" * 14, 4, False),
        ("A\n" * 15, 4, True),
    ],
)
def test_when_a_text_has_a_line_too_many(text: str, k: int, over: bool) -> None:
    assert overfull(text, k) is over


class CountedCatalogue(ToyCatalogue):
    read = 0

    def titles(self, rows: IntArray) -> list[str]:
        self.read += len(rows)
        return super().titles(rows)


class HeldCatalogue(CountedCatalogue):
    """Tells when its titles are read, and keeps them until it is told to let them go."""

    def __init__(self, items: list[Item]) -> None:
        super().__init__(items)
        self.begun, self.let = threading.Event(), threading.Event()

    def titles(self, rows: IntArray) -> list[str]:
        self.begun.set()
        assert self.let.wait(10)
        return super().titles(rows)


async def test_titles_are_made_ready_once() -> None:
    catalogue = CountedCatalogue(ITEMS)
    naming = Naming()
    all_of_them = await asyncio.gather(*(naming.titles(catalogue) for _ in range(4)))
    assert len({id(one) for one in all_of_them}) == 1
    assert await naming.titles(catalogue) is all_of_them[0]
    assert catalogue.read == len(ITEMS)


async def test_who_does_not_wait_for_them_leaves_them_to_the_next() -> None:
    catalogue, naming = HeldCatalogue(ITEMS), Naming()
    hasty = asyncio.create_task(naming.titles(catalogue))
    assert await asyncio.to_thread(catalogue.begun.wait, 10)
    hasty.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hasty
    patient = asyncio.create_task(naming.titles(catalogue))
    await asyncio.sleep(0)
    catalogue.let.set()
    await patient
    assert catalogue.read == len(ITEMS)


class Endless(Naming):
    async def titles(self, catalogue: Catalogue) -> Titles:
        await asyncio.sleep(60)
        raise AssertionError("nobody waits so long")


def test_titles_that_are_not_ready_in_time_are_not_waited_for() -> None:
    parts = replace(recommender(items=ITEMS, engine=Author("1. Red Mug")), naming=Endless())
    with pytest.raises(EngineTimeout, match="not ready in time"):
        wrote("", parts, deadline_ms=200)


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=12, unique=True))
def test_every_title_is_found_by_itself(titles: list[str]) -> None:
    cleaned = [title for title in map(clean_title, titles) if title]
    assume(cleaned)
    catalogue = ToyCatalogue([Item(str(n), title) for n, title in enumerate(cleaned)])
    index = Titles.of(catalogue)
    for title in cleaned:
        (row,) = index.named([title])
        assert row is not None
        assert catalogue.item(row).title == title
