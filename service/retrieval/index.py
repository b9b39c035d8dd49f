"""Nearest rows by cosine, among the allowed ones.

Up to EXACT_ROWS the index is flat and the answer exact. Above, IVF-PQ proposes candidates from
about 70 bytes a row, memory-mapped, and the stored vectors re-rank them exactly: HNSW would hold
every vector a second time and takes minutes to build. A narrow filter is scored straight from
the vectors, since cells near the query may hold few of its rows.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Final

import faiss
import numpy as np

from service.errors import DamagedArtifact
from service.retrieval.scores import best_first
from service.steering.arrays import BoolArray, FloatArray, IntArray

EXACT_ROWS: Final = 100_000
FEW_ROWS: Final = 20_000
FEW_SHARE: Final = 0.02

_untyped: Any = faiss
"""faiss's stubs do not know the keyword arguments and arrays that its Python layer accepts."""

_CODE_BYTES: Final = 48
_TRAINING_ROWS_PER_CELL: Final = 48  # faiss warns below 39
_PROBES: Final = 256
_RERANKED: Final = 1000
_CHUNK: Final = 8192
_SPARE: Final = 16
_ROUNDING: Final = 1e-6  # faiss and numpy add up in different orders


def build_index(vectors: FloatArray) -> faiss.Index:
    """An index over unit vectors, one a row."""
    size, dimension = vectors.shape
    index: Any = faiss.IndexFlatIP(dimension) if size <= EXACT_ROWS else _trained(vectors)
    built: faiss.Index = index
    for start in range(0, size, _CHUNK):
        index.add(_float32(vectors[start : start + _CHUNK]))
    return built


def save_index(index: faiss.Index, path: Path) -> None:
    """Write the index to a file."""
    faiss.write_index(index, str(path))


def load_index(path: Path) -> faiss.Index:
    """Read an index, memory-mapped, so that processes share it."""
    try:
        # IFC maps flat indexes, the older flag maps the lists of IVF; faiss refuses both at once.
        index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        if isinstance(index, faiss.IndexIVF):
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP)
    except RuntimeError as error:  # faiss has no error of its own
        reason = str(error).rsplit(": ", 1)[-1]
        raise DamagedArtifact(f"The index {path} cannot be read ({reason}).") from error
    return index


def search(
    index: faiss.Index, vectors: FloatArray, query: FloatArray, allowed: BoolArray, limit: int
) -> tuple[IntArray, FloatArray]:
    """The nearest allowed rows and their cosines, best first, equal ones by row."""
    query = _float32(query)
    count = int(np.count_nonzero(allowed))
    limit = min(limit, count)
    if limit <= 0:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
    if isinstance(index, faiss.IndexFlat):
        candidates = _flat_candidates(index, query, allowed, count, limit)
    elif count < max(FEW_ROWS, FEW_SHARE * len(allowed)):
        candidates = None
    else:
        candidates = _cell_candidates(index, query, allowed, count, limit)
    rows = np.flatnonzero(allowed) if candidates is None else candidates
    return best_first(rows, cosines(vectors, rows, query), limit)


def cosines(vectors: FloatArray, rows: IntArray, query: FloatArray) -> FloatArray:
    """The cosine of each row with the query, the same for a row whatever rows stand beside it."""
    found = np.empty(len(rows), dtype=np.float32)
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        # vecdot, not a matrix product: that one rounds by position, and equal titles would differ.
        found[start : start + _CHUNK] = np.vecdot(_float32(vectors[part]), query)
    return found


def _flat_candidates(
    index: Any, query: FloatArray, allowed: BoolArray, count: int, limit: int
) -> IntArray | None:
    """A set that holds the answer, or None when too many rows tie for the last place."""
    wanted = min(limit + _SPARE, count)
    parameters = _untyped.SearchParameters(sel=_selector(allowed)) if count < len(allowed) else None
    (scores,), (rows,) = index.search(query[np.newaxis], wanted, params=parameters)
    if wanted < count and scores[limit - 1] - scores[-1] <= _ROUNDING:
        return None
    found: IntArray = rows
    return found


def _cell_candidates(
    index: Any, query: FloatArray, allowed: BoolArray, count: int, limit: int
) -> IntArray | None:
    """Good candidates, or None when the cells probed hold too few allowed rows."""
    # A filter thins every cell out: look into as many more as it takes away.
    probes = min(index.nlist, math.ceil(_PROBES * len(allowed) / count))
    parameters = _untyped.SearchParametersIVF(sel=_selector(allowed), nprobe=probes)
    wanted = min(max(_RERANKED, 10 * limit), count)
    _, (rows,) = index.search(query[np.newaxis], wanted, params=parameters)
    found: IntArray = rows[rows >= 0]
    return found if len(found) >= limit else None


def _selector(allowed: BoolArray) -> Any:
    return _untyped.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))


def _trained(vectors: FloatArray) -> Any:
    size, dimension = vectors.shape
    cells = 2 ** round(math.log2(4 * math.sqrt(size)))
    codes = math.gcd(dimension, _CODE_BYTES)
    # np: no polysemous codes, which take most of the training and are not used here.
    recipe = f"IVF{cells},PQ{codes}x8np"
    index: Any = faiss.index_factory(dimension, recipe, faiss.METRIC_INNER_PRODUCT)
    index.cp.niter = index.pq.cp.niter = 10
    index.pq.cp.max_points_per_centroid = 64  # enough for codes that are re-ranked
    sample = min(size, cells * _TRAINING_ROWS_PER_CELL)
    rows = np.sort(np.random.default_rng(0).choice(size, sample, replace=False))
    index.train(_float32(vectors[rows]))
    return index


def _float32(values: FloatArray) -> FloatArray:
    return np.ascontiguousarray(values, dtype=np.float32)
