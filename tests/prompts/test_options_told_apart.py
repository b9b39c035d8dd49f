from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.prompts.apart import told_apart
from service.prompts.fence import CUT, Room, harmless
from service.prompts.options import shown_options
from service.question import Option

SHARES = (1.0, 0.5, 0.25)


def rows(texts: list[str], share: float = 1.0) -> list[str]:
    """What is shown of each text, under labels that count."""
    options = [Option(str(n), text) for n, text in enumerate(texts)]
    lines = shown_options(options, share).split("\n")[2:-1]
    shown = [line.partition(". ") for line in lines]
    assert [label for label, _, _ in shown] == [str(n) for n in range(len(texts))]
    return [text for _, _, text in shown]


FAMILIES = {
    "a common beginning": "Quilbrook Outdoor Folding Camp Chair With Cup Holder, Model {}",
    "no spaces": "quilbrookoutdoorfoldingcampchair{}withcupholderandcarrybag",
    "beginning and end": "Quilbrook Outdoor Folding Camp Chair {} With Cup Holder and Carry Bag",
    "Chinese": "户外便携折叠露营椅带杯架和收纳袋加厚款{}适合钓鱼野餐沙滩花园阳台",
    "emoji": "🏕🪑🏞🏕🪑🏞🏕🪑🏞🏕🪑🏞{}🏕🪑🏞🏕🪑🏞🏕🪑🏞🏕🪑🏞",
}


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
@pytest.mark.parametrize("share", SHARES)
def test_five_hundred_titles_that_differ_in_a_number_stay_apart(family: str, share: float) -> None:
    shown = rows([family.format(n) for n in range(100, 600)], share)
    assert len(set(shown)) == 500


def test_what_all_begin_with_is_left_out_where_there_is_little_room() -> None:
    texts = [f"Quilbrook Camp Chair for Garden and Beach, {n} legs, green" for n in range(500)]
    assert rows(texts)[7] == "7 legs, green"


def test_what_all_begin_with_stays_where_there_is_room() -> None:
    texts = ["Quilbrook chair " + "x" * 4_000, "Quilbrook table"]
    assert rows(texts)[0].startswith("Quilbrook chair xxx")
    assert rows(texts)[1] == "Quilbrook table"


def test_options_that_have_room_are_shown_as_they_are() -> None:
    texts = [f"Quilbrook chair number {n}" for n in range(50)]
    assert rows(texts) == texts


def test_of_a_long_option_both_ends_are_shown() -> None:
    [shown] = rows(["A kettle of steel " + "x" * 4_000 + " for six cups"])
    assert shown.startswith("A kettle of steel x")
    assert CUT in shown
    assert shown.endswith("x for six cups")


def test_where_titles_differ_in_the_middle_the_word_is_shown_from_its_beginning() -> None:
    texts = [f"Kettle of steel {'x' * 300} blue-{size} {'y' * 300} cups" for size in "SL"]
    small, large, other = (text.partition(CUT) for text in rows([*texts, "A bicycle bell"]))
    assert (small[0][:17], small[2][:8]) == ("Kettle of steel x", "blue-S y")
    assert (large[0][:17], large[2][:8]) == ("Kettle of steel x", "blue-L y")
    assert other[0] == "A bicycle bell"


def test_a_text_that_all_others_begin_with_keeps_its_last_word() -> None:
    texts = ["Steel tea kettle", *(f"Steel tea kettle {n} " + "x" * 90 for n in range(499))]
    shown = rows(texts)
    assert shown[0] == "kettle"
    assert len(set(shown)) == 500


@pytest.mark.parametrize("share", SHARES)
def test_equal_texts_are_shown_alike(share: float) -> None:
    assert len(set(rows(["the same thing " * 40] * 500, share))) == 1


TEXTS = st.lists(
    st.text(max_size=30) | st.text(alphabet="ab 🏕折", min_size=1, max_size=60), min_size=1
).map(lambda texts: [harmless(text) for text in texts])
ROOMS = st.builds(Room, st.integers(1, 50), st.integers(3, 100))


@given(TEXTS, ROOMS)
def test_every_text_shows_something_and_keeps_to_its_room(texts: list[str], room: Room) -> None:
    shown = told_apart(texts, room)
    assert [bool(text) for text in shown] == [bool(text) for text in texts]
    assert all(len(text) == 1 or room.holds(text) for text in shown)
    assert all(set(part) <= set(whole + CUT) for part, whole in zip(shown, texts, strict=True))


@given(st.lists(st.text(alphabet="abc", min_size=3, max_size=9), unique=True, min_size=2), TEXTS)
def test_texts_with_one_word_of_their_own_stay_apart(words: list[str], around: list[str]) -> None:
    before, after = around[0][:80], around[-1][:80]
    texts = [harmless(f"{before} {word}. {after}") for word in words]
    assert len(set(told_apart(texts, Room(29, 58)))) == len(words)
