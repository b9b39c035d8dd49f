from __future__ import annotations

import pytest

from service.domain import Controls, Item, Op, Share
from service.pipeline.validate import judge, misread

A = Item("a", "A", ("Red", "Mug"))
B = Item("b", "B", ("Red",))
C = Item("c", "C", ("Blue",))


def test_a_good_list_has_no_violations() -> None:
    verdict = judge([A, B, C], 3, {"x"}, Controls(exclude=("Green",)))
    assert verdict.violations == {}
    assert (verdict.exists, verdict.repeats, verdict.in_history) == (3, 0, 0)


@pytest.mark.parametrize(
    ("items", "violations"),
    [
        ([A, B], {"count": 1}),
        ([A, B, C, Item("d", "D")], {"count": 1}),
        ([A, B, None], {"nonexistent": 1}),
        ([A, A, A], {"repeat": 2}),
        ([], {"count": 3}),
    ],
)
def test_each_kind_of_violation_is_counted(
    items: list[Item | None], violations: dict[str, int]
) -> None:
    assert judge(items, 3, (), Controls()).violations == violations


def test_history_is_by_id_even_where_titles_are_the_same() -> None:
    twin = Item("a2", "A")
    assert judge([A, twin], 2, {"a"}, Controls()).violations == {"in_history": 1}


@pytest.mark.parametrize(
    ("controls", "holds"),
    [
        (Controls(include=("Red",)), False),
        (Controls(include=("Red", "Blue")), True),
        (Controls(exclude=("Mug",)), False),
        (Controls(exclude=("Green",)), True),
        (Controls(shares=(Share("Red", Op.AT_MOST, 0.6),)), False),
        (Controls(shares=(Share("Red", Op.AT_MOST, 0.67),)), True),
        (Controls(shares=(Share("Red", Op.AT_LEAST, 0.67),)), False),
        (Controls(shares=(Share("Red", Op.AT_LEAST, 0.66),)), True),
        (Controls(shares=(Share("Mug", Op.ABOUT, 0.5),)), False),
        (Controls(shares=(Share("Mug", Op.ABOUT, 0.4),)), True),
    ],
)
def test_each_kind_of_control_is_judged(controls: Controls, holds: bool) -> None:
    verdict = judge([A, B, C], 3, (), controls)
    assert [outcome.holds for outcome in verdict.controls] == [holds]
    assert verdict.violations == ({} if holds else {"control": 1})


@pytest.mark.parametrize(
    ("line", "wrong"),
    [("2. B", False), ("2. X", True), ("3. B", True), ("2. B ", True), ("", True), ("B", True)],
)
def test_a_line_reads_as_its_title_in_its_place_or_not(line: str, *, wrong: bool) -> None:
    assert misread(line, 1, "B") is wrong
