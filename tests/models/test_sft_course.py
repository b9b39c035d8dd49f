from __future__ import annotations

import math

import pytest

from models.sft.course import Course
from service.errors import BadInput


def judged(course: Course, *figures: float) -> list[bool]:
    """A judgement after every step."""
    found = []
    for figure in figures:
        course.learnt(1.0, 0.5, 10)
        found.append(course.judged({course.best_by: figure}))
    return found


class TestCourse:
    def test_keeps_the_smallest_loss(self) -> None:
        course = Course()
        assert judged(course, 3.0, 2.0, 2.0, 2.5) == [True, True, False, False]
        assert course.best == 2
        assert course.figures()["best"] == {"loss": 2.0}
        assert course.figures()["final"] == {"loss": 2.5}

    def test_keeps_the_largest_of_other_figures(self) -> None:
        course = Course("sequential free NDCG@10")
        assert judged(course, 0.1, 0.3, 0.2) == [True, True, False]

    @pytest.mark.parametrize(
        "name",
        ["free NonExist", "free RepeatItem", "free InHistory", "sequential free failed"],
    )
    def test_keeps_the_smallest_of_faults(self, name: str) -> None:
        assert judged(Course(name), 0.3, 0.1, 0.2) == [True, True, False]

    def test_keeps_the_largest_of_what_has_a_fault_in_its_form(self) -> None:
        assert judged(Course("free CorrectCount"), 0.1, 0.3, 0.2) == [True, True, False]

    def test_ends_when_patience_does(self) -> None:
        course = Course(patience=2)
        judged(course, 2.0, 3.0)
        assert not course.over
        judged(course, 2.5)
        assert course.over
        assert course.figures()["ended_by"] == "patience"

    @pytest.mark.parametrize(("loss", "norm"), [(math.nan, 1.0), (math.inf, 1.0), (1.0, math.nan)])
    def test_that_diverged_is_told(self, loss: float, norm: float) -> None:
        course = Course()
        with pytest.raises(BadInput, match="diverged in step 1"):
            course.learnt(loss, norm, 1)
        assert course.step == 0

    def test_whose_figure_nothing_gives_is_told(self) -> None:
        with pytest.raises(BadInput, match="NDCG@10"):
            Course("NDCG@10").judged({"loss": 1.0})

    def test_whose_validation_diverged_is_told(self) -> None:
        with pytest.raises(BadInput, match="diverged"):
            Course().judged({"loss": math.nan})

    def test_comes_back(self) -> None:
        course = Course(patience=5)
        judged(course, 2.0, 1.0)
        assert Course(**course.state()) == course
