"""Tables in words, drawn on a terminal or written as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table, in words."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def draw(console: Console, sheets: Iterable[Sheet]) -> None:
    """Print tables."""
    for sheet in sheets:
        drawn = Table(title=Text(sheet.title), title_justify="left")
        for place, name in enumerate(sheet.header):
            drawn.add_column(Text(name), justify="right" if place else "left", overflow="fold")
        for row in sheet.rows:
            drawn.add_row(*map(Text, row))
        console.print(drawn)


def in_markdown(sheets: Iterable[Sheet]) -> str:
    """Tables as Markdown."""
    return "\n".join(_markdown(sheet) for sheet in sheets)


def _markdown(sheet: Sheet) -> str:
    rule = ("---", *("---:" for _ in sheet.header[1:]))
    lines = "\n".join(map(_markdown_row, (sheet.header, rule, *sheet.rows)))
    return f"**{sheet.title}**\n\n{lines}\n"


def _markdown_row(cells: Sequence[str]) -> str:
    escaped = (" ".join(cell.replace("|", "\\|").split()) for cell in cells)
    return f"| {' | '.join(escaped)} |"
