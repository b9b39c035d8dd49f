"""The named alternative: for each request a trie of dicts over the titles its controls allow.

It obeys like the speller, slot by slot through the same `Progress`, and pays for it by building:
at the start, and again whenever a share opens or closes a class of items.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from service.steering.arrays import IntArray
from service.steering.lexicon import Lexicon
from service.steering.plan import Plan
from service.steering.progress import Progress

Node = dict[int, Any]
ROWS = -1
"""Key of the rows that end at a node; no token is negative."""


def spell_naively(lexicon: Lexicon, plan: Plan, dice: np.random.Generator) -> tuple[list[int], int]:
    """A random list, and how many tokens it took."""
    progress = Progress(plan)
    trie, built_for, tokens = {}, b"", 0
    while not progress.complete:
        if progress.open.tobytes() != built_for:
            built_for = progress.open.tobytes()
            trie = _trie(lexicon, np.setdiff1d(np.flatnonzero(progress.allowed()), progress.rows))
        row, spelled = _walk(trie, dice)
        _remove(trie, lexicon.sequence(row).tolist(), row)
        progress.take(row)
        tokens += spelled
    return progress.rows, tokens


def _trie(lexicon: Lexicon, rows: IntArray) -> Node:
    root: Node = {}
    for row in rows.tolist():
        node = root
        for token in lexicon.sequence(row).tolist():
            node = node.setdefault(token, {})
        node.setdefault(ROWS, []).append(row)
    return root


def _walk(node: Node, dice: np.random.Generator) -> tuple[int, int]:
    tokens = 0
    while ROWS not in node:
        allowed = list(node)
        node = node[allowed[int(dice.integers(len(allowed)))]]
        tokens += 1
    return int(node[ROWS][0]), tokens


def _remove(trie: Node, sequence: list[int], row: int) -> None:
    path = [trie]
    for token in sequence:
        path.append(path[-1][token])
    path[-1][ROWS].remove(row)
    if path[-1][ROWS]:
        return
    del path[-1][ROWS]
    for node, token in zip(reversed(path[:-1]), reversed(sequence), strict=True):
        if node[token]:
            return
        del node[token]
