"""Tables on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table


def table(header: Sequence[str], rows: Sequence[Sequence[str]], title: str | None = None) -> None:
    """Print rows under a header, the first column to the left and figures to the right."""
    drawn = Table(title=title, title_justify="left")
    for i, name in enumerate(header):
        drawn.add_column(name, justify="right" if i else "left")
    for row in rows:
        drawn.add_row(*row)
    Console(width=160).print(drawn)
