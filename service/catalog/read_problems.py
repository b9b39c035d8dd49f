"""What is wrong with rows, gathered so that all of it can be said at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from service.errors import BadRows

KEPT: Final = 50
"""How many problems are kept word for word; the rest are counted."""

NOT_UTF8: Final = "bytes that are not UTF-8"

AS_UTF8: Final = "Save the file as UTF-8 (in Excel: as CSV UTF-8)."


class Unfit(ValueError):
    """A value or row that cannot be used; its text is the reason. Never leaves this package."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One unusable row: `line` is the physical line in a text file, the row in a Parquet file."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


@dataclass(slots=True)
class Problems:
    """The unusable rows of all input files."""

    kept: list[RowProblem] = field(default_factory=list)
    count: int = 0
    hints: list[str] = field(default_factory=list)

    def add(self, file: str, line: int, reason: str) -> None:
        """Count a problem, and keep it if it is among the first."""
        self.count += 1
        if reason.startswith(NOT_UTF8) and AS_UTF8 not in self.hints:
            # Before all others: of such a file nearly every row is bad, and none need be.
            self.hints.insert(0, AS_UTF8)
        if len(self.kept) < KEPT:
            self.kept.append(RowProblem(file, line, reason))

    def report(self) -> str:
        """The kept problems, a line each, and how many more there are."""
        more = self.count - len(self.kept)
        return "\n".join([*map(str, self.kept), *([f"... and {more} more"] if more else [])])

    def refuse(self) -> None:
        """Raise BadRows if there is any problem."""
        if self.count:
            rows = "1 bad row" if self.count == 1 else f"{self.count} bad rows"
            hint = " ".join([*self.hints, BadRows.default_hint])
            raise BadRows(f"{rows}:\n{self.report()}", hint=hint)
