"""Reading takes as many steps as a text is long, whatever it is made of.

Whoever could send a short text that takes long would take the time of all others.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

import pytest
from asking import asked

from service.errors import UnreadableQuestion

ASKED = "Which pen is best?\n"
LINES = 400


def steps(text: str) -> int:
    """How often something is called until the text is read, or known to be unreadable."""
    count = 0

    def called(_frame: FrameType, event: str, _of: Any) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(called)
    try:
        with suppress(UnreadableQuestion):
            asked(text)
    finally:
        sys.setprofile(None)
    return count


def twice(numbers: range) -> range:
    """As many again, from the same end."""
    return range(2 * numbers.start, 2 * numbers.stop, numbers.step)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(lambda at: f"{at}. pen", id="numbers"),
        pytest.param(lambda at: f"{at}. Which pen?", id="numbers that ask"),
        pytest.param(lambda at: f"{at}.\n", id="numbers of nothing"),
        pytest.param(lambda at: f"{2 * at}) pen", id="every other"),
        pytest.param(lambda at: f"{at % 2 + 1}. pen", id="twos"),
        pytest.param(lambda at: f"{at % 7}. pen{chr(10) * (at % 3)}", id="sevens"),
        pytest.param(lambda at: "1. pen", id="the same"),
        pytest.param(lambda at: f"{' ' * (at % 30)}{at}. pen", id="steps"),
        pytest.param(lambda at: f"Option {at}: pen", id="words"),
        pytest.param(lambda at: "(a) pen (b) ink", id="inline"),
        pytest.param(lambda at: "- pen", id="bullets"),
        pytest.param(lambda at: "Options:\n1. pen\n2. ink", id="headed"),
    ],
)
def test_twice_the_lines_are_twice_the_steps(line: Callable[[int], str]) -> None:
    for numbers in (range(LINES), range(LINES, 0, -1)):
        few, many = (
            steps(ASKED + "\n".join(map(line, each))) for each in (numbers, twice(numbers))
        )
        assert many < 2.5 * few
