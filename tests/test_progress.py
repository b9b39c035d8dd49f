"""Progress of long work, in a terminal and elsewhere."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.text import Text

from service.cli.progress import progress

HEIGHT = 6


@pytest.fixture
def terminal() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=80, height=HEIGHT)


@pytest.fixture
def pipe() -> Console:
    return Console(file=io.StringIO(), force_terminal=False, width=80)


def said(console: Console) -> list[str]:
    """Its lines as a person reads them, bars as often as they were drawn."""
    assert isinstance(console.file, io.StringIO)
    lines = Text.from_ansi(console.file.getvalue().replace("\r", "\n")).plain.splitlines()
    return [line.rstrip() for line in lines if line.strip()]


def ended(console: Console, stage: str) -> int:
    """How many lines say that a stage is complete."""
    return sum(line.startswith(f"{stage}  2 of 2  0:00:0") for line in said(console))


class TestBars:
    def test_the_stage_that_runs_is_seen_after_many(self, terminal: Console) -> None:
        stages = [f"list {at}" for at in range(3 * HEIGHT)]
        with progress(terminal) as report:
            for stage in stages:
                report(stage, 0, 2)
                report(stage, 2, 2)
            report("the last [one]", 1, 2)
        lines = said(terminal)
        assert "the last [one]" in lines[-1]
        assert "1/2" in lines[-1]
        assert all(ended(terminal, stage) == 1 for stage in stages)

    def test_stages_that_go_on_side_by_side_stay(self, terminal: Console) -> None:
        with progress(terminal) as report:
            report("one", 1, 2)
            report("two", 1, 2)
            report("one", 2, 2)
            report("three", 1, 2)
        last = said(terminal)[-2:]
        assert [line.split()[0] for line in last] == ["two", "three"]
        assert ended(terminal, "one") == 1

    def test_one_that_begins_anew_is_told_again(self, terminal: Console) -> None:
        with progress(terminal) as report:
            for other in ("a", "b"):
                report("lists", 0, 2)
                report("lists", 2, 2)
                report(other, 0, 2)
                # Whoever reports the end once more has begun nothing.
                report("lists", 2, 2)
            report("lists", 1, 2)
            report("lists", 2, 2)
            report("lists", 1, 2)
        assert ended(terminal, "lists") == 3
        assert "1/2" in said(terminal)[-1]

    def test_one_whose_total_grows_is_told_when_it_is_over(self, terminal: Console) -> None:
        with progress(terminal) as report:
            for rows in (1, 2):
                report("reading", rows, rows)
            report("writing", 0, 2)
        assert ended(terminal, "reading") == 1
        assert not any("1 of 1" in line for line in said(terminal))


def test_lines_tell_a_stage_that_begins_anew(pipe: Console) -> None:
    with progress(pipe) as report:
        for _ in range(2):
            for done in (0, 1, 2, 2):
                report("lists", done, 2)
    assert said(pipe) == ["lists: 0 of 2", "lists: 2 of 2"] * 2
