"""Figures with their intervals, and how rows compare, on the same draws of users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from models.evaluate.bootstrap import EDGES, Estimate, Floats, sums
from models.evaluate.recommend.metrics import Marks


@dataclass(frozen=True, slots=True)
class Against:
    """How a row compares with the one that all are compared with, on the same users."""

    difference: Estimate
    ratio: Estimate | None
    """None where the other has too little to divide by."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One metric of one row."""

    value: Estimate
    against: Against | None = None


Figures: TypeAlias = Mapping[str, Figure]
"""By metric; one that no list says anything of is left out."""


def figures(rows: Mapping[str, Marks], baseline: str) -> dict[str, Figures]:
    """The figures of each row, over the same cases in the same order."""
    drawn = {name: _drawn(marks) for name, marks in rows.items()}
    base = drawn.get(baseline)
    return {
        name: _figures(by_metric, None if name == baseline else base)
        for name, by_metric in drawn.items()
    }


def _drawn(marks: Marks) -> dict[str, Floats]:
    """By metric, its value in every draw; NaN where a draw has nothing to divide by."""
    over = [mark.over for mark in marks.values()]
    under = [mark.under for mark in marks.values()]
    both = sums(np.stack([*over, *under], axis=1))
    values = _divided(both[:, : len(marks)], both[:, len(marks) :])
    return {name: values[:, place] for place, name in enumerate(marks)}


def _figures(drawn: Mapping[str, Floats], base: Mapping[str, Floats] | None) -> Figures:
    found = {}
    for name, values in drawn.items():
        value = _estimate(values)
        if value is not None:
            found[name] = Figure(value, None if base is None else _against(values, base[name]))
    return found


def _against(values: Floats, base: Floats) -> Against | None:
    difference = _estimate(values - base)
    if difference is None:
        return None
    # A draw without a hit to divide by counts as an endless ratio: the limits tell whether it did.
    ratio = np.where(base == 0, np.inf, _divided(values, base))
    return Against(difference, _estimate(ratio))


def _divided(over: Floats, under: Floats) -> Floats:
    missing = np.full(over.shape, np.nan)
    return np.asarray(np.divide(over, under, out=missing, where=under != 0), dtype=np.float64)


def _estimate(draws: Floats) -> Estimate | None:
    """The figure, which stands first, and its interval; None if they are no numbers."""
    there = draws[~np.isnan(draws)]
    if np.isnan(draws[0]) or len(there) == 1:
        return None
    # Between the nearest draws, since some ratios have no end.
    low, high = np.percentile(there[1:], EDGES, method="nearest")
    found = (float(draws[0]), float(low), float(high))
    return Estimate(*found) if np.isfinite(found).all() else None
