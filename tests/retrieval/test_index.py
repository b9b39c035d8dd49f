from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shelf import unit_rows

from service.errors import DamagedArtifact
from service.retrieval.index import (
    EXACT_ROWS,
    FEW_ROWS,
    build_index,
    cosines,
    load_index,
    save_index,
    search,
)
from service.steering.arrays import BoolArray, FloatArray


def brute_force(vectors: FloatArray, query: FloatArray, allowed: BoolArray, limit: int) -> list:
    rows = np.flatnonzero(allowed)
    scores = np.array([np.vecdot(vectors[row], query) for row in rows])
    return sorted(zip(-scores, rows, strict=True))[:limit]


@settings(deadline=None)
@given(
    st.integers(0, 2**32 - 1), st.integers(1, 120), st.integers(1, 120), st.floats(0, 1), st.data()
)
def test_flat_is_exact_with_ties_by_row(
    seed: int, size: int, limit: int, share: float, data: st.DataObject
) -> None:
    copies = data.draw(st.integers(1, size))  # few distinct vectors: many ties, also at the limit
    vectors = unit_rows(seed, copies, 24)[np.arange(size) % copies]
    allowed = np.random.default_rng(seed).random(size) < share
    query = unit_rows(seed + 1, 1, 24)[0]
    rows, scores = search(build_index(vectors), vectors, query, allowed, limit)
    expected = brute_force(vectors, query, allowed, limit)
    assert rows.tolist() == [row for _, row in expected]
    np.testing.assert_array_equal(scores, [-score for score, _ in expected])


def test_a_row_scores_the_same_whatever_stands_beside_it() -> None:
    vectors = unit_rows(0, 1001, 384)
    query = unit_rows(1, 1, 384)[0]
    together = cosines(vectors, np.arange(1001), query)
    alone = [cosines(vectors, np.array([row]), query)[0] for row in range(1001)]
    np.testing.assert_array_equal(together, alone)


def test_an_empty_catalogue_finds_nothing() -> None:
    vectors = np.empty((0, 8), dtype=np.float32)
    nothing = np.zeros(0, dtype=np.bool_)
    rows, scores = search(build_index(vectors), vectors, unit_rows(0, 1, 8)[0], nothing, 5)
    assert len(rows) == len(scores) == 0


MANY = EXACT_ROWS + 1000  # more than the flat index takes; few dimensions, to be built quickly


@pytest.fixture(scope="module")
def vectors() -> FloatArray:
    centres = unit_rows(0, 500, 24)
    near = centres[np.arange(MANY) % 500] + 0.5 * unit_rows(1, MANY, 24)
    return near / np.linalg.norm(near, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def path(vectors: FloatArray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("index") / "index.faiss"
    save_index(build_index(vectors), path)
    return path


@pytest.fixture(scope="module")
def index(path: Path) -> faiss.Index:
    return load_index(path)


class TestMany:
    def test_is_compressed(self, index: faiss.Index, path: Path) -> None:
        assert isinstance(index, faiss.IndexIVFPQ)
        assert index.ntotal == MANY
        assert path.stat().st_size < MANY * 40

    @pytest.mark.parametrize("share", [1.0, 0.5, 0.25])
    def test_finds_nearly_all_and_scores_them_exactly(
        self, index: faiss.Index, vectors: FloatArray, share: float
    ) -> None:
        allowed = np.random.default_rng(2).random(MANY) < share
        found = []
        for query in vectors[:10]:
            rows, scores = search(index, vectors, query, allowed, 50)
            exact = np.where(allowed, vectors @ query, -2)
            found.append(np.isin(rows, np.argsort(-exact)[:50]).mean())
            assert allowed[rows].all()
            assert len(set(rows.tolist())) == 50
            np.testing.assert_array_equal(scores, cosines(vectors, rows, query))
            assert (np.diff(scores) <= 0).all()
        assert np.mean(found) > 0.95

    def test_a_narrow_filter_is_exact_wherever_its_rows_are(
        self, index: faiss.Index, vectors: FloatArray
    ) -> None:
        query = vectors[0]
        allowed = np.zeros(MANY, dtype=np.bool_)
        allowed[np.argsort(vectors @ query)[:300]] = True  # the farthest of all
        rows, _ = search(index, vectors, query, allowed, 300)
        assert sorted(rows.tolist()) == np.flatnonzero(allowed).tolist()

    def test_far_rows_are_found_when_the_near_cells_hold_none(
        self, index: faiss.Index, vectors: FloatArray
    ) -> None:
        query = vectors[0]
        allowed = np.zeros(MANY, dtype=np.bool_)
        allowed[np.argsort(vectors @ query)[: FEW_ROWS + 1000]] = True
        rows, _ = search(index, vectors, query, allowed, 200)
        assert len(rows) == 200
        assert allowed[rows].all()

    def test_limit_beyond_the_rows_probed_finds_all(
        self, index: faiss.Index, vectors: FloatArray
    ) -> None:
        allowed = np.arange(MANY) % 4 == 0
        rows, _ = search(index, vectors, vectors[0], allowed, MANY)
        assert len(rows) == allowed.sum()


def test_a_saved_flat_index_answers_the_same(tmp_path: Path) -> None:
    vectors = unit_rows(3, 500, 32)
    built = build_index(vectors)
    save_index(built, tmp_path / "index.faiss")
    allowed = np.random.default_rng(4).random(500) < 0.5
    before, after = (
        search(index, vectors, vectors[9], allowed, 20)
        for index in (built, load_index(tmp_path / "index.faiss"))
    )
    np.testing.assert_array_equal(before[0], after[0])
    np.testing.assert_array_equal(before[1], after[1])


@pytest.mark.parametrize("content", [None, b"", b"not an index at all"])
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "index.faiss"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DamagedArtifact, match=r"index\.faiss cannot be read"):
        load_index(path)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "index.faiss"
    save_index(build_index(unit_rows(5, 100, 16)), path)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(DamagedArtifact):
        load_index(path)
