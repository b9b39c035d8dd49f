"""Numbers to Arrow and back, by the memory that both share.

Arrow's own ways import pandas where there is one: a third of a second, for which the first request
after a start would wait.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from service.steering.arrays import IntArray

Mask: TypeAlias = np.ndarray[tuple[int], np.dtype[np.bool_]]


def as_arrow(rows: IntArray) -> pa.Array:
    """Rows, as `pa.array` would give them."""
    memory = pa.py_buffer(np.ascontiguousarray(rows, dtype=np.int64))
    return pa.Array.from_buffers(pa.int64(), len(rows), [None, memory])


def as_mask(flags: pa.BooleanArray) -> Mask:
    """Flags without a null, as their `to_numpy` would give them."""
    bytes_ = pc.cast(flags, pa.uint8())
    found = np.frombuffer(bytes_.buffers()[1], np.uint8, len(bytes_), bytes_.offset)
    mask: Mask = found.view(np.bool_)
    return mask
