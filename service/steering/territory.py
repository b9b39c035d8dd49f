"""The territory: which rows below a node the next slot may take, and how good the best one is."""

from __future__ import annotations

from typing import Final

import numpy as np

from service.steering.arrays import BoolArray, FloatArray, IntArray
from service.steering.lexicon import Lexicon
from service.steering.prior import Prior
from service.steering.progress import Progress

WIDE: Final = 512
"""Nodes with more edges than this are counted once per list and set of open classes."""


class Territory:
    """Counts and values of ranges of rows, under a plan in progress.

    Counting is by binary search in the sorted rows that the open classes allow, or in those they
    do not, whichever are fewer: a history of 500 in a million titles is 500 numbers. Rows that are
    barred, as those listed already are, are taken off afterwards.
    """

    def __init__(self, lexicon: Lexicon, progress: Progress, prior: Prior) -> None:
        self._lexicon = lexicon
        self._progress = progress
        self._prior = prior = prior.without(progress.plan.closing.rows)
        self._prior_class = progress.plan.class_of_row[prior.rows]
        self._borders: dict[bytes, _Border] = {}

    def enter_slot(self) -> None:
        """Take notice of what the next slot may take."""
        progress = self._progress
        key = progress.open.tobytes()
        if key not in self._borders:
            self._borders[key] = _Border(progress.allowed())
        self._border = self._borders[key]
        classes = progress.plan.class_of_row
        barred = np.array(progress.barred, dtype=np.int64)
        # Only those that were counted: the others are NEVER, or of a class that is not open.
        self._barred = barred[_counted(classes[barred], progress.open)]
        live = _counted(self._prior_class, progress.open)
        live[self._scored(barred)] = False
        self._rows, self._scores = self._prior.only(live)
        self._closing = sorted(filter(progress.may_take, progress.plan.closing.rows))

    def _scored(self, rows: IntArray) -> IntArray:
        """Where the prior keeps those of some rows that it scores."""
        scored = self._prior.rows
        at = np.searchsorted(scored, rows)
        at = at[at < len(scored)]
        return np.asarray(at[scored[at] == rows[: len(at)]])

    def open_edges(self, node: int) -> IntArray:
        """The edges of a node below which the slot can take a row."""
        lexicon = self._lexicon
        first, last = int(lexicon.node_edges[node]), int(lexicon.node_edges[node + 1])
        lo = lexicon.edge_lo[first:last]
        counts = self._border.counts(node, lo, int(lexicon.node_hi[node]))
        barred = self._within(self._barred, int(lo[0]), int(lexicon.node_hi[node]))
        if len(barred):
            counts = counts.copy()
            np.subtract.at(counts, np.searchsorted(lo, barred, side="right") - 1, 1)
        return first + np.flatnonzero(counts)

    def values(self, node: int, edges: IntArray) -> FloatArray:
        """For each edge, the best score among the rows below it that the slot can take."""
        lexicon = self._lexicon
        values = np.full(len(edges), self._prior.floor)
        lo, hi = int(lexicon.node_lo[node]), int(lexicon.node_hi[node])
        start, stop = np.searchsorted(self._rows, (lo, hi))
        if start < stop:
            below = np.searchsorted(lexicon.edge_lo[edges], self._rows[start:stop], side="right")
            np.maximum.at(values, below - 1, self._scores[start:stop])
        return values

    def closing(self, node: int, edges: IntArray) -> BoolArray | None:
        """Which of the edges have a row below them that the slot can take to end the list.

        None if the whole node has none.
        """
        lexicon = self._lexicon
        lo, hi = int(lexicon.node_lo[node]), int(lexicon.node_hi[node])
        below = [row for row in self._closing if lo <= row < hi]
        if not below:
            return None
        found = np.zeros(len(edges), dtype=bool)
        found[np.searchsorted(lexicon.edge_lo[edges], below, side="right") - 1] = True
        return found

    def best_row(self, lo: int, hi: int) -> int:
        """Of the rows that share one title, the best one the slot can take."""
        if hi - lo == 1:
            return lo
        scored = slice(*np.searchsorted(self._rows, (lo, hi)))
        if scored.start < scored.stop:
            # Whatever has a score stands above all that have none.
            return int(self._rows[scored][np.argmax(self._scores[scored])])
        return self._progress.first(lo, hi)

    @staticmethod
    def _within(rows: IntArray, lo: int, hi: int) -> IntArray:
        start, stop = np.searchsorted(rows, (lo, hi))
        return rows[start:stop]


def _counted(classes: IntArray, is_open: BoolArray) -> BoolArray:
    return is_open[classes] & (classes >= 0)


class _Border:
    """The sorted rows on the smaller side of what one set of open classes allows."""

    def __init__(self, allowed: BoolArray) -> None:
        self._inside = 2 * np.count_nonzero(allowed) <= len(allowed)
        self._rows = np.flatnonzero(allowed if self._inside else ~allowed)
        self._wide: dict[int, IntArray] = {}

    def counts(self, node: int, lo: IntArray, hi: int) -> IntArray:
        """How many allowed rows each child has; they begin at `lo`, and the last ends at `hi`."""
        if len(lo) <= WIDE:
            return self._count(lo, hi)
        if node not in self._wide:
            self._wide[node] = self._count(lo, hi)
        return self._wide[node]

    def _count(self, lo: IntArray, hi: int) -> IntArray:
        bounds = np.empty(len(lo) + 1, dtype=np.int64)
        bounds[:-1] = lo
        bounds[-1] = hi
        within = np.diff(np.searchsorted(self._rows, bounds))
        return within if self._inside else np.diff(bounds) - within
