"""The table in words: whole in Markdown, in parts on a terminal, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from models.evaluate.compare.columns import REFERENCES, Board, Column
from models.evaluate.compare.findings import Measured
from models.evaluate.sheets import Sheet, draw, in_markdown

BEST: Final = " *"
ALIKE: Final = " ="
CHOSEN: Final = " ^"
NOTES: Final = {
    "*": "the best of the column, several where they are the same",
    "=": "not told from it: 95% of bootstrap draws of the difference, on the same users or"
    " questions, hold 0; with few of them that says little. It is tested for recommendation,"
    " obedience and questions",
    "^": "lists are neither spelled nor weighed with the prior: the server holds no speller, so the"
    " model chose by number among the candidates that the retrievers like best, which its prompt"
    " shows. Constrained and with prior are the same there",
    "tokens/s decoded": "by the seconds after each first choice, as the engine counts: tokens"
    " that the speller forces are among them, also the few before that choice",
    "s to read a prompt": "until the first choice. Every road sends the same prompts: a vLLM that"
    " is started here keeps none of them, a model in this process only the beginning that all have"
    " in common, and what an endpoint keeps is its own affair: it may look faster than it is",
    "MB of memory": "how it was measured is told by model",
    "general ability": "of models in folders, which the harness loads by itself: of no others",
    "SASRec": "of no model: what lists are held against",
}


@dataclass(frozen=True, slots=True)
class Report:
    """All that is told."""

    board: Board
    models: Sequence[Measured]
    measured: Mapping[str, str]


def show(console: Console, report: Report) -> None:
    """Print the table, part by part, since no terminal is wide enough for all of it."""
    parts = [_sheet(report.board, group, group) for group in _groups(report.board)]
    draw(console, [*parts, *_told(report)])


def markdown(report: Report) -> str:
    """The table as one, and what it rests on."""
    return in_markdown([_sheet(report.board, "Models compared"), *_told(report)])


def as_json(report: Report) -> str:
    """All figures."""
    told = {
        "measured": dict(report.measured),
        "models": {each.candidate.name: _model(each) for each in report.models},
        "columns": [_column(column) for column in report.board.columns],
        "failures": dict(report.board.failures),
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def write(report: Report, *, markdown_to: Path | None, json_to: Path | None) -> None:
    """Write the files that are named: each whole, or not at all."""
    # With torch, which nobody should wait for who only asks for help.
    from models.steps.state import write_bytes  # noqa: PLC0415

    for path, text in ((markdown_to, markdown), (json_to, as_json)):
        if path:
            write_bytes(path, text(report).encode("utf-8", "replace"))


def _groups(board: Board) -> list[str]:
    return list(dict.fromkeys(column.group for column in board.columns))


def _sheet(board: Board, title: str, group: str | None = None) -> Sheet:
    """The columns of a group, or all; rows with nothing in them are left out."""
    columns = [column for column in board.columns if group in {None, column.group}]
    rows = ((_row(board, row), *(_cell(column, row) for column in columns)) for row in board.rows)
    if group is not None:
        rows = (row for row in rows if any(row[1:]))
    return Sheet(title, ("model", *(column.title for column in columns)), tuple(rows))


def _row(board: Board, row: str) -> str:
    return row + CHOSEN if row in board.chosen else row


def _cell(column: Column, row: str) -> str:
    if row not in column.cells:
        return ""
    value, best = column.cells[row].value, column.best
    if best is None or row in REFERENCES:
        return column.show(value)
    same = value == column.cells[best].value
    mark = BEST if same else ALIKE if row in (column.alike or ()) else ""
    return column.show(value) + mark


def _told(report: Report) -> Iterator[Sheet]:
    """Intervals, the models, failures, and what the marks mean."""
    ranged = [column for column in report.board.columns if column.alike is not None]
    if ranged:
        board = report.board
        cells = (
            (_row(board, row), *(_interval(column, row) for column in ranged)) for row in board.rows
        )
        header = ("model", *(column.title for column in ranged))
        yield Sheet("95% of bootstrap draws", header, tuple(row for row in cells if any(row[1:])))
    yield Sheet("Models", ("model", "where", "memory", "failed"), tuple(map(_line, report.models)))
    if report.board.failures:
        told = tuple((why, str(many)) for why, many in report.board.failures.items())
        yield Sheet("Failures", ("what", "times"), told)
    if report.measured:
        yield Sheet("Measured", ("what", "value"), tuple(report.measured.items()))
    yield Sheet("Marks and figures", ("what", "meaning"), _notes(report.board))


def _notes(board: Board) -> tuple[tuple[str, str], ...]:
    there = {column.title for column in board.columns} | (REFERENCES & {*board.rows})
    there |= {column.group for column in board.columns} | {BEST.strip(), ALIKE.strip()}
    there |= {CHOSEN.strip()} if board.chosen else set()
    return tuple(note for note in NOTES.items() if note[0] in there)


def _interval(column: Column, row: str) -> str:
    of = column.cells.get(row)
    return "" if of is None else f"{column.show(of.low)} to {column.show(of.high)}"


def _line(each: Measured) -> tuple[str, str, str, str]:
    before = each.room.before
    had = "" if before is None else f"; {before / 1e6:.0f} MB before it was loaded"
    return each.candidate.name, each.candidate.where, each.room.how + had, each.failure or ""


def _model(each: Measured) -> dict[str, Any]:
    return {
        "where": each.candidate.where,
        "failure": each.failure,
        "context": each.context,
        "candidates shown": each.labels,
        "room": asdict(each.room),
        "speeds": {row: speed.plain() for row, speed in each.speeds.items()},
    }


def _column(column: Column) -> dict[str, Any]:
    return {
        "title": column.title,
        "group": column.group,
        "better": {1: "more", -1: "less", 0: None}[column.better],
        "best": column.best,
        "not told from the best": None if column.alike is None else sorted(column.alike),
        "rows": {row: asdict(of) for row, of in column.cells.items()},
    }
