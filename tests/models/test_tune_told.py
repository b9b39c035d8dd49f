"""What `listwright tune` tells of what it found."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from typer.testing import CliRunner

from models.tune.__main__ import app, show, show_unmeasured
from service.domain import Strategy
from service.tuning import Blend, Measured, Situation, Tuning

MODEL = "an-organisation/A-Model-[Instruct]-of-4B-parameters"


def measured(*, history: bool, words: bool) -> Measured:
    return Measured(
        *(MODEL, Strategy.GENERATE, history, words, 30.0, 0.1234, 100),
        above=0.01,
        error=0.001,
    )


def tuning(*every: Measured) -> Tuning:
    return Tuning({Situation("none"): Blend({"popularity": 1.0})}, every)


def console() -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    return Console(file=file, width=80, force_terminal=False), file


def test_all_of_the_table_can_be_read_at_80_columns() -> None:
    to, file = console()
    show(to, tuning(measured(history=True, words=False), measured(history=False, words=True)))
    said = file.getvalue()
    assert "…" not in said
    assert MODEL in said
    for cell in ("generate", "history", "0.1234", "0.1134", "better", "yes"):
        assert cell in said, cell
    # Cells that were broken over lines would make more rows than there are.
    assert said.count("generate") == len([at for at in said.splitlines() if "│ 30" in at]) == 2


def test_what_is_not_measured_is_told_with_the_reason() -> None:
    to, file = console()
    show_unmeasured(to, tuning(measured(history=True, words=False)), 12)
    said = " ".join(file.getvalue().split())
    assert "30 users that can be asked about, of 12 in all" in said
    lacking = ("with a history, with words", "without a history, without words")
    assert f"users {'; '.join(lacking)}; without a history, with words." in said
    assert " with a history, without words" not in said


def test_nothing_is_told_where_all_is_measured() -> None:
    to, file = console()
    every = [measured(history=h, words=w) for h in (True, False) for w in (True, False)]
    show_unmeasured(to, tuning(*every), 100)
    assert not file.getvalue()


@pytest.mark.parametrize("users", ["1", "29"])
def test_too_few_users_are_refused_before_anything_is_read(users: str) -> None:
    done = CliRunner().invoke(app, ["--catalogue", "nowhere", "--users", users])
    assert done.exit_code == 1
    said = " ".join(done.output.split())
    assert f"Lists for {users} users tell nothing: it takes 30." in said
    assert "Hint: Name 30 or more with --users" in said
