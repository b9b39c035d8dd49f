"""A list, its receipt or an error, printed from the JSON of an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

Json = Mapping[str, Any]


def show_answer(console: Console, answer: Json, milliseconds: float) -> None:
    """A list with its receipt, or an error."""
    if "error" in answer:
        _show_error(console, answer["error"])
        return
    # Text, not str: a title may look like the console's own markup.
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("#", justify="right", style="dim")
    for name, share in (("title", 3), ("categories", 2), ("why", 3)):
        table.add_column(name, ratio=share, overflow="fold")
    for number, item in enumerate(answer["items"], start=1):
        categories, why = ", ".join(item["categories"]), item.get("reason", item["source"])
        table.add_row(str(number), *map(Text, (item["title"], categories, why)))
    console.print(table)
    for added in answer["supplements"]:
        said = added["text"] if added["used"] else f"not used: {added['why']}"
        console.print(Text.assemble((f"{added['kind']:<9}", "bold"), said))
    console.print(Text.assemble(("receipt  ", "bold"), " · ".join(_receipt(answer["receipt"]))))
    console.print(Text.assemble(("made by  ", "bold"), _maker(answer["receipt"], milliseconds)))


def _show_error(console: Console, error: Json) -> None:
    console.print(Text.assemble((f"{error['code']}  ", "bold yellow"), error["message"]))
    if error["hint"]:
        console.print(Text.assemble(("hint  ", "bold"), error["hint"]))


def _receipt(receipt: Json) -> Iterator[str]:
    yield f"{_mark(receipt['exists'] == receipt['k'])} {receipt['exists']} of {receipt['k']} exist"
    yield f"{_mark(not receipt['repeats'])} {receipt['repeats']} repeats"
    known = receipt["history"]["used"]
    yield f"{_mark(not receipt['in_history'])} {receipt['in_history']} of {known} in the history"
    for control in receipt["controls"]:
        asked = f" {control['op']} {100 * control['share']:g}%" if "op" in control else ""
        name = f"{control['kind']} {control['category']}{asked}"
        yield f"{_mark(control['holds'])} {name}: {control['got']} (wants {control['want']})"
    for control in receipt["relaxed"]:
        yield f"relaxed {control['kind']} {control['category']}: {control['got']}"


def _maker(receipt: Json, milliseconds: float) -> str:
    model = f" ({receipt['model']})" if receipt["model"] else ""
    repaired = f", {receipt['repaired']} repaired" if receipt["repaired"] else ""
    made = f"{receipt['path']}, {receipt['strategy']}{model}{repaired}"
    return f"{made} in {milliseconds:,.0f} ms; {receipt['why']}"


def _mark(holds: object) -> str:
    return "✓" if holds else "✗"
