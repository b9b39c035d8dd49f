"""Building a lexicon: sort the sequences, measure what neighbours share, cut where they part."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np

from service.steering.arrays import BoolArray, IntArray
from service.steering.lexicon import LEAF, Lexicon

SAME: Final = np.iinfo(np.int32).max
"""Shared length of two neighbours that are one title."""


def build_lexicon(tokens: IntArray, offsets: IntArray) -> tuple[Lexicon, IntArray]:
    """A lexicon of sequences laid end to end, and the order that sorts them.

    `order[row]` is the place of the row's sequence in the input. Equal sequences keep the input's
    order. No sequence may be empty or a proper prefix of another.
    """
    lengths = np.diff(offsets)
    if not len(lengths) or lengths.min() == 0:
        message = "a lexicon needs at least one sequence, and none may be empty"
        raise ValueError(message)
    order = _sorted_order(tokens, offsets)
    starts = np.concatenate([[0], np.cumsum(lengths[order])])
    gather = np.repeat(offsets[:-1][order] - starts[:-1], lengths[order])
    flat = np.ascontiguousarray(tokens[gather + np.arange(len(tokens))], dtype=_narrowest(tokens))
    shared = _shared_with_previous(flat, starts)
    return Lexicon(tokens=flat, offsets=starts, **_cut(shared, flat, starts)), order


def _narrowest(tokens: IntArray) -> type[np.integer]:
    return np.uint16 if tokens.max() <= np.iinfo(np.uint16).max else np.int32


def _sorted_order(tokens: IntArray, offsets: IntArray) -> IntArray:
    """Big-endian bytes sort as their tokens do."""
    data = np.ascontiguousarray(tokens, dtype=">u4").tobytes()
    bounds = (offsets * 4).tolist()
    keys = [data[lo:hi] for lo, hi in pairwise(bounds)]
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)


def _shared_with_previous(flat: IntArray, starts: IntArray) -> IntArray:
    """How many leading tokens each row shares with the row before it; row 0 shares none."""
    lengths = np.diff(starts)
    shared = np.zeros(len(lengths), dtype=np.int32)
    rows = np.arange(1, len(lengths))
    depth = 0
    while len(rows):
        ended = (lengths[rows] == depth) | (lengths[rows - 1] == depth)
        same = ended & (lengths[rows] == lengths[rows - 1])
        if np.any(ended & ~same):
            message = "a sequence is a prefix of another: each must end with its own end token"
            raise ValueError(message)
        shared[rows[same]] = SAME
        rows = rows[~ended]
        agree = flat[starts[rows] + depth] == flat[starts[rows - 1] + depth]
        rows = rows[agree]
        depth += 1
        shared[rows] = depth
    return shared


def _cut(shared: IntArray, flat: IntArray, starts: IntArray) -> dict[str, IntArray]:
    """The trie's nodes and edges, level by level; within a level in row order."""
    whole = _Ranges(np.array([0]), np.array([len(shared)]))
    depth = whole.parting_depth(shared)
    levels: list[_Level] = []
    nodes = 0
    while np.any(depth != SAME):
        parting = depth != SAME
        level = _Level.of(whole.only(parting), depth[parting], shared)
        levels.append(level)
        nodes += len(level.depth)
        whole, depth = level.children, level.children.parting_depth(shared)
        level.token = flat[starts[whole.lo] + np.repeat(level.depth, level.counts)]
        level.node = np.where(depth != SAME, nodes + np.cumsum(depth != SAME) - 1, LEAF)
    return _joined(levels)


@dataclass(frozen=True, slots=True)
class _Ranges:
    lo: IntArray
    hi: IntArray

    def only(self, mask: BoolArray) -> _Ranges:
        return _Ranges(self.lo[mask], self.hi[mask])

    def parting_depth(self, shared: IntArray) -> IntArray:
        """For each range, the depth at which its rows part; SAME if they never do."""
        bounds = np.stack([self.lo + 1, self.hi], axis=1).ravel()
        least = np.minimum.reduceat(np.append(shared, SAME), bounds)[::2]
        return np.where(self.hi - self.lo > 1, least, SAME)


@dataclass(slots=True)
class _Level:
    """The nodes of one level: ranges that part at `depth`, and what they part into."""

    ranges: _Ranges
    depth: IntArray
    counts: IntArray
    children: _Ranges
    token: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    node: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @classmethod
    def of(cls, ranges: _Ranges, depth: IntArray, shared: IntArray) -> _Level:
        lengths = ranges.hi - ranges.lo
        firsts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        rows = np.arange(lengths.sum()) + np.repeat(ranges.lo - firsts, lengths)
        opens = shared[rows] == np.repeat(depth, lengths)
        opens[firsts] = True
        counts = np.add.reduceat(opens.astype(np.int64), firsts)
        lo = rows[opens]
        hi = np.append(lo[1:], 0)
        hi[np.cumsum(counts) - 1] = ranges.hi
        return cls(ranges, depth, counts, _Ranges(lo, hi))


def _joined(levels: list[_Level]) -> dict[str, IntArray]:
    def joined(parts: list[IntArray]) -> IntArray:
        return np.concatenate([np.zeros(0, dtype=np.int64), *parts]).astype(np.int32)

    counts = joined([level.counts for level in levels])
    return {
        "node_lo": joined([level.ranges.lo for level in levels]),
        "node_hi": joined([level.ranges.hi for level in levels]),
        "node_depth": joined([level.depth for level in levels]),
        "node_edges": np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        "edge_token": joined([level.token for level in levels]),
        "edge_lo": joined([level.children.lo for level in levels]),
        "edge_node": joined([level.node for level in levels]),
    }
