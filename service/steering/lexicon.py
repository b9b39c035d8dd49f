"""The lexicon: every token sequence that may be spelled, as a trie without node objects.

Rows are sorted by their token sequence, so a trie node is a depth and a contiguous range of rows.
Only the places where sequences part are written down: *node* n covers rows `node_lo[n]` to
`node_hi[n]`, which agree in their first `node_depth[n]` tokens and part there; its children are
the *edges* `node_edges[n]` to `node_edges[n + 1]`. An edge has the token that enters it, the first
row below it, and the node at which the rows below it part again, or LEAF if they never do: then
they are one title, of one item or of several that share it.

Every sequence ends with the token that ends its line, so none is a prefix of another. All of it is
flat arrays that can be memory-mapped and shared between processes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

from service.steering.arrays import IntArray

LEAF: Final = -1
ROOT: Final = 0


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the titles: the tokens that open each line, and end-of-text."""

    labels: tuple[tuple[int, ...], ...]
    end: int


def highest_token(tokens: IntArray, frame: Frame) -> int:
    """The highest token of any list that is spelled with these in this frame."""
    around = (frame.end, *(token for label in frame.labels for token in label))
    return max(int(tokens.max()), *around)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Token sequences of all rows and the places where they part."""

    tokens: IntArray
    offsets: IntArray
    node_lo: IntArray
    node_hi: IntArray
    node_depth: IntArray
    node_edges: IntArray
    edge_token: IntArray
    edge_lo: IntArray
    edge_node: IntArray

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(self.offsets) - 1

    @property
    def root(self) -> int:
        """The node above all rows, or LEAF if they are all one title."""
        return ROOT if len(self.node_lo) else LEAF

    def sequence(self, row: int) -> IntArray:
        """The tokens that spell a row."""
        return self.tokens[int(self.offsets[row]) : int(self.offsets[row + 1])]

    def arrays(self) -> dict[str, IntArray]:
        """All arrays by name, as a file keeps them."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, IntArray]) -> Lexicon:
        """The inverse of `arrays`; works over memory-mapped ones."""
        return cls(**arrays)
