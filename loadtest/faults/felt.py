"""By what a fault is known to have been one: what can be seen of it, and not where all is well."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from loadtest.faults.figures import Figures

Felt: TypeAlias = Callable[[Figures, Sequence[str]], int]
"""From the figures of a phase and what its witness saw to how much there is of it."""


def by_witness(_: Figures, seen: Sequence[str]) -> int:
    """Who asked while it lasted had to do without, or was on the road as it was cut."""
    return len(seen)


def by_silence(figures: Figures, _: Sequence[str]) -> int:
    """Requests without an answer, whether or not that had to be."""
    return figures.cut_off + figures.unanswered


def by_versions(figures: Figures, _: Sequence[str]) -> int:
    """Further catalogues that lists are of, by their receipts."""
    return max(0, len(figures.catalogues) - 1)


def by_in_flight(figures: Figures, _: Sequence[str]) -> int:
    """Requests that were under way as it began."""
    return figures.in_flight
