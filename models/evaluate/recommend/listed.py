"""What came of one request under one row: the lines of a list, or why there is none."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Listed:
    """A list as it came out."""

    ids: tuple[str | None, ...] = ()
    """The item of each line; None for a line that names none."""
    seconds: float = 0.0
    failure: str | None = None
    weight: float | None = None
    """What the prior weighed against the model, where both had a say."""
    chosen: str | None = None
    """The strategy, where it was left to the service."""


class ListedForm:
    """Lists, as a ledger writes and reads them."""

    def plain(self, listed: Listed) -> dict[str, Any]:
        """Its fields, fit for JSON."""
        return asdict(listed)

    def read(self, fields: dict[str, Any]) -> Listed:
        """The list that the fields make."""
        return Listed(**fields | {"ids": tuple(fields["ids"])})

    def stands(self, listed: Listed) -> bool:
        """A failure is worth another try."""
        return listed.failure is None
