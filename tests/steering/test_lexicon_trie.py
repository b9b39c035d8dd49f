"""A built lexicon is the trie that a plain reading of its sequences gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from steering_world import lexicon_of

from service.steering.lexicon import LEAF, Lexicon

bodies = st.lists(st.lists(st.integers(1, 3), max_size=5), min_size=1, max_size=30)


def check_node(lexicon: Lexicon, rows: list[tuple[int, ...]], node: int) -> int:
    """Compare one node and all below it; returns how many nodes that was."""
    lo, hi = int(lexicon.node_lo[node]), int(lexicon.node_hi[node])
    depth = int(lexicon.node_depth[node])
    below = rows[lo:hi]
    assert len({row[:depth] for row in below}) == 1
    edges = range(int(lexicon.node_edges[node]), int(lexicon.node_edges[node + 1]))
    tokens = [int(lexicon.edge_token[edge]) for edge in edges]
    assert tokens == sorted({row[depth] for row in below})
    assert len(tokens) > 1
    seen = 1
    for edge, token in zip(edges, tokens, strict=True):
        child = [index for index in range(lo, hi) if rows[index][depth] == token]
        assert lexicon.edge_lo[edge] == child[0]
        deeper = int(lexicon.edge_node[edge])
        if deeper == LEAF:
            assert len({rows[index] for index in child}) == 1
        else:
            assert lexicon.node_lo[deeper] == child[0]
            assert lexicon.node_hi[deeper] == child[-1] + 1
            seen += check_node(lexicon, rows, deeper)
    return seen


@settings(max_examples=300)
@given(bodies)
@example([[1]])
@example([[]])
@example([[2, 1]] * 4)
@example([[1, 2]] * 3 + [[1]] * 2)
def test_the_trie_is_the_naive_one(drawn: list[list[int]]) -> None:
    sequences = [(*body, 0) for body in drawn]
    lexicon, order = lexicon_of(sequences)
    rows = [tuple(lexicon.sequence(row).tolist()) for row in range(lexicon.size)]
    assert rows == sorted(sequences)
    assert order.tolist() == sorted(range(len(rows)), key=sequences.__getitem__)
    if len(set(rows)) == 1:
        assert lexicon.root == LEAF
        assert len(lexicon.node_lo) == 0
    else:
        assert check_node(lexicon, rows, lexicon.root) == len(lexicon.node_lo)
        assert int(lexicon.node_edges[-1]) == len(lexicon.edge_token) == len(lexicon.edge_node)


@given(bodies)
def test_arrays_there_and_back(drawn: list[list[int]]) -> None:
    lexicon, _ = lexicon_of([(*body, 0) for body in drawn])
    again = Lexicon.from_arrays(lexicon.arrays())
    assert all(np.array_equal(a, again.arrays()[name]) for name, a in lexicon.arrays().items())
    assert [again.sequence(row).tolist() for row in range(again.size)] == [
        lexicon.sequence(row).tolist() for row in range(lexicon.size)
    ]


def test_a_memory_mapped_lexicon_reads_the_same(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    sequences = [(*random.integers(1, 50, random.integers(1, 9)), 0) for _ in range(500)]
    lexicon, _ = lexicon_of(sequences)
    for name, array in lexicon.arrays().items():
        assert array.flags.c_contiguous
        np.save(tmp_path / name, array)
    mapped = {name: np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in lexicon.arrays()}
    again = Lexicon.from_arrays(mapped)
    rows = [tuple(again.sequence(row).tolist()) for row in range(again.size)]
    assert rows == sorted(tuple(map(int, sequence)) for sequence in sequences)
    assert check_node(again, rows, again.root) == len(again.node_lo)


@pytest.mark.parametrize(
    "sequences",
    [
        [(1,), (1, 2)],
        [(1, 2, 0), (1, 2, 0, 3)],
        [(1, 2), (1, 2), (1, 2, 3), (4,)],
        [(1, 2, 5), (1, 2), (1, 2, 3)],
    ],
)
def test_a_prefix_of_another_is_refused(sequences: list[tuple[int, ...]]) -> None:
    with pytest.raises(ValueError, match="prefix of another"):
        lexicon_of(sequences)


@pytest.mark.parametrize("sequences", [[], [()], [(1, 0), ()]])
def test_nothing_to_spell_is_refused(sequences: list[tuple[int, ...]]) -> None:
    with pytest.raises(ValueError, match="at least one sequence"):
        lexicon_of(sequences)


def test_tokens_beyond_sixteen_bits_keep_their_order() -> None:
    lexicon, order = lexicon_of([(128_000, 0), (256, 0), (65_536, 0), (1, 0)])
    assert order.tolist() == [3, 1, 2, 0]
    assert [int(lexicon.sequence(row)[0]) for row in range(4)] == [1, 256, 65_536, 128_000]


def test_small_vocabularies_take_two_bytes_a_token() -> None:
    assert lexicon_of([(65_535, 0)])[0].tokens.dtype == np.uint16
