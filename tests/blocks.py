"""The blocks of code in the pages, with the marks by which a page says how they are run.

A comment right before a block is its mark: `<!-- not run: REASON -->`, or `<!-- serves -->` for one
that goes on until it is ended. A `text` or `json` block right after a block that is run is what
comes out of it; `...` stands for anything. Every other block of bash or Python is run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from ground import REPOSITORY

PAGES = [
    REPOSITORY / "README.md",
    *sorted((REPOSITORY / "docs").glob("*.md")),
    *sorted((REPOSITORY / "deploy").rglob("*.md")),
]
"""All pages that show commands."""

# Those of a list's entry stand as far in as its text.
BLOCK = re.compile(
    r"(?:^ *<!-- (?P<mark>[^\n]*) -->\n)?"
    r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$"
    r"(?:\n+^```(?P<kind>text|json)\n(?P<shown>.*?)^```$)?",
    re.DOTALL | re.MULTILINE,
)
CODE = ("bash", "python")
COMMAND = re.compile(
    r"^(?:\$ )?(?:[A-Z_]+=\S* )*(?:\S*/)?"
    r"(?:make|listwright|curl|python3?|pip|docker|kubectl|vllm|\w+\.sh) ",
    re.MULTILINE,
)
"""A line that somebody is to type."""
NOT_RUN = "not run: "
SERVES = "serves"


@dataclass(frozen=True)
class Block:
    """A block, and what the page shows to come out of it."""

    page: Path
    line: int
    language: str
    text: str
    mark: str
    kind: str
    shown: str

    @property
    def why_not(self) -> str | None:
        """Why it is not run; None if it is."""
        return self.mark.removeprefix(NOT_RUN) if self.mark.startswith(NOT_RUN) else None

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks_of(page: Path) -> list[Block]:
    """All of a page, from top to bottom; an output is no block of its own."""
    text = page.read_text("utf-8")
    return [
        Block(
            page,
            text.count("\n", 0, found.start("text")),
            found["language"],
            dedent(found["text"]),
            found["mark"] or "",
            found["kind"] or "",
            found["shown"] or "",
        )
        for found in BLOCK.finditer(text)
    ]


def run_of(pages: Iterable[Path]) -> list[Block]:
    """All that is run of pages: what does not say that it is not."""
    return [
        block
        for page in pages
        for block in blocks_of(page)
        if block.language in CODE and block.why_not is None
    ]


def unmarked_commands(page: Path) -> list[Block]:
    """Blocks that hold what somebody is to type, and do not say in which language."""
    return [
        block
        for block in blocks_of(page)
        if block.language not in CODE and COMMAND.search(block.text)
    ]


def differs(block: Block, output: str) -> str:
    """What of the shown output did not come; empty if all of it did."""
    if block.kind == "text":
        pattern = ".*".join(map(re.escape, block.shown.strip().split("...")))
        return "" if re.search(pattern, output, re.DOTALL) else f"{block.shown!r} in {output!r}"
    if block.kind == "json":
        return lacks(json.loads(block.shown), json.loads(output))
    return ""


def lacks(shown: Any, came: Any, place: str = "it") -> str:
    """What of the shown value did not come; the first of a list that was shown is looked for."""
    if shown == "...":
        return ""
    if isinstance(shown, dict) and isinstance(came, dict):
        told = (
            lacks(value, came[name], f"{place}.{name}") if name in came else f"{place}.{name}"
            for name, value in shown.items()
        )
        return next(filter(None, told), "")
    if isinstance(shown, list) and isinstance(came, list):
        missed = [all(lacks(value, each) for each in came) for value in shown]
        return f"{place}: {came}" if any(missed) else ""
    return "" if shown == came else f"{place}: {came!r} for {shown!r}"
